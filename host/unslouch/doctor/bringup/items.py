"""The items of hardware/bring-up.md, which the wheel carries beside this module."""

import re
from dataclasses import dataclass
from pathlib import Path

PACKAGED = Path(__file__).with_name("bring-up.md")
IN_CHECKOUT = Path(__file__).parents[4] / "hardware" / "bring-up.md"
_PART = re.compile(r"^- \*\*(\w+):\*\* (.*?)(?=^- \*\*|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Item:
    """One check."""

    number: int
    """From 1 on, in the file's order."""
    id: str
    section: str
    do: str
    see: str
    otherwise: str
    """What to change if it isn't seen."""
    commands: tuple[str, ...]
    """The commands that show it, without `unslouch`; each once, in the order in which they are named."""


def read_items(path: Path | None = None) -> list[Item]:
    """Return the items in order; raises ValueError if one lacks a part."""
    path = path or (PACKAGED if PACKAGED.exists() else IN_CHECKOUT)
    items: list[Item] = []
    for section in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        for text in re.split(r"^### ", body, flags=re.MULTILINE)[1:]:
            items.append(_item(len(items) + 1, title, text))
    return items


def _item(number: int, section: str, text: str) -> Item:
    id, _, body = text.partition("\n")
    parts = {name: " ".join(words.split()) for name, words in _PART.findall(body)}
    try:
        do, see, otherwise = parts["Do"], parts["See"], parts["Else"]
    except KeyError as error:
        raise ValueError(f"The bring-up item {id} has no part {error}.") from error
    shown = re.findall(r"`unslouch( [^`]*)?`", f"{parts.get('Run', '')} {do} {see}")
    return Item(number, id, section, do, see, otherwise, tuple(dict.fromkeys(command.strip() for command in shown)))
