"""Every item of hardware/bring-up.md says what to do, what to see and what to change, and what it names exists."""

import re
from pathlib import Path

from unslouch.cli.parsing import parser
from unslouch_device.boards import xiao_esp32s3

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "hardware" / "bring-up.md").read_text(encoding="utf-8")
ITEMS = {part.partition("\n")[0]: part for part in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]}
SOURCES = [path for folder in ("firmware", "host", "hardware") for path in (ROOT / folder).rglob("*.py")]


def test_every_item_has_a_name_and_its_three_parts() -> None:
    assert len(ITEMS) >= 20
    for name, item in ITEMS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        parts = re.findall(r"^- \*\*(\w+):\*\* ", item, re.MULTILINE)
        assert [part for part in parts if part != "Run"] == ["Do", "See", "Else"], name


def test_files_that_it_names_exist() -> None:
    names = re.findall(r"`([\w/.-]+(?:\.py|/))`", TEXT)
    assert len(names) > 20
    for name in names:
        at_root = (ROOT / name).exists()
        assert at_root or any(path.as_posix().endswith("/" + name) for path in SOURCES), name


def test_constants_that_it_names_exist() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    for name in re.findall(r"`([A-Z][A-Z0-9]*_\w+|FORWARD|SPARE|WORDS)`", TEXT):
        assert hasattr(xiao_esp32s3, name) or re.search(rf"^{name}\b", code, re.MULTILINE), name


def test_commands_that_it_names_exist() -> None:
    help_text = parser().format_help()
    for command in set(re.findall(r"`unslouch (\w+)", TEXT)):
        assert command in help_text, command
