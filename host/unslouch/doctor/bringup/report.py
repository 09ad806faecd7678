"""The report of a bring-up: a Markdown file that is written after each item, and read again to go on another day."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from unslouch.files import replace_file

from .items import Item


class Verdict(StrEnum):
    """How an item ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Answer:
    """What was seen of an item."""

    item_id: str
    verdict: Verdict
    when: str
    """Local date and time, to the minute."""
    note: str = ""


_ROW = re.compile(r"^\| \d+ \| ([\w-]+) \| (passed|failed|skipped) \| ([^|]*) \| (.*) \|$", re.MULTILINE)


def read_answers(path: Path) -> dict[str, Answer]:
    """Return the answers of an earlier report by the item's id; empty if there is none."""
    if not path.exists():
        return {}
    rows = _ROW.findall(path.read_text(encoding="utf-8"))
    return {
        id: Answer(id, Verdict(verdict), when, note.strip().replace("\\|", "|")) for id, verdict, when, note in rows
    }


def write_report(path: Path, head: str, items: list[Item], answers: dict[str, Answer]) -> None:
    """Write the report; head says which board, firmware and computer."""
    rows = ["| # | item | verdict | when | note |", "|---|---|---|---|---|"]
    for item in items:
        answer = answers.get(item.id)
        if answer is None:
            rows.append(f"| {item.number} | {item.id} | open |  |  |")
        else:
            note = answer.note.replace("|", "\\|")
            rows.append(f"| {item.number} | {item.id} | {answer.verdict} | {answer.when} | {note} |")
    failed = [item for item in items if item.id in answers and answers[item.id].verdict is Verdict.FAILED]
    todo = "".join(f"- {item.id}: {item.otherwise}\n" for item in failed)
    text = f"# Bring-up\n\n{head}\n\n" + "\n".join(rows) + "\n"
    replace_file(path, (text + (f"\n## What to change\n\n{todo}" if todo else "")).encode(), 0o644)
