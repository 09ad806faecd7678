"""The docs name what the code has, no more and no less."""

import importlib
import re
from pathlib import Path

import pytest

from unslouch.cli.parsing import parser
from unslouch.errors import ExitCode

ROOT = Path(__file__).parents[2]


def table_rows(document: str) -> list[list[str]]:
    """The cells of every table row, as plain text."""
    text = (ROOT / document).read_text(encoding="utf-8").replace("\\|", "¦")
    rows = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    return [[cell.strip().strip("`").replace("¦", "|") for cell in row.split("|")] for row in rows]


def test_every_exit_code_is_documented_as_it_is() -> None:
    documented = {int(row[0]): row[1] for row in table_rows("docs/cli.md") if row[0].isdigit()}
    assert documented == {int(code): code.name for code in ExitCode}


def test_every_command_is_documented() -> None:
    named = {row[0].split()[1] for row in table_rows("docs/cli.md") if row[0].startswith("unslouch ")}
    actions = [action for action in parser()._actions if action.metavar == "COMMAND"]
    assert named == set(actions[0].choices or ())


def test_the_tables_of_the_log_equal_what_the_code_generates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    writer = importlib.import_module("log_tables")
    text = (ROOT / "docs/log.md").read_text(encoding="utf-8")
    assert writer.written(text) == text  # if not: run docs/log_tables.py, and read what the text around it says
    assert [name for _, name, _ in writer.BLOCK.findall(text)] == list(writer.BLOCKS)


PAGES = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "hardware").rglob("*.md"))
    if "generated" not in path.parts
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_that_are_there(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
        assert (page.parent / link).exists(), link


def test_pictures_have_texts_and_lead_to_files_that_fetch_nothing() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "howto").glob("*.md")]
    seen = set()
    for page in pages:
        for text, file in re.findall(r"!\[(.*?)\]\((?!http)(.+?)\)", page.read_text(encoding="utf-8"), re.DOTALL):
            path = page.parent / file
            assert len(text) > 10, f"{page.name}: {file}"
            assert path.is_file(), f"{page.name}: {file}"
            seen.add(path.resolve())
    for path in (ROOT / "docs" / "screens").glob("*.svg"):
        addresses = set(re.findall(r"https?://[^\"' )]+", path.read_text(encoding="utf-8")))
        assert addresses == {"http://www.w3.org/2000/svg"}, path.name
    assert len(seen) > 5


def test_every_package_that_is_needed_has_its_notice() -> None:
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "requirements/run.txt").read_text(encoding="utf-8"), re.MULTILINE)
    named = [row[0] for row in table_rows("THIRD_PARTY.md")][2:]
    assert named == list(dict.fromkeys(pinned))  # if not: run docs/third_party.py
    assert all(row[1] and row[2] for row in table_rows("THIRD_PARTY.md"))
