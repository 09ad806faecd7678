"""A board on a bench, and firmware of two versions to put on it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch.flashing.compile import firmware_folder
from unslouch.flashing.install import Reporter
from unslouch_device import VERSION

from .bench import NativeBoard

VERSION_LINE = f"VERSION = {VERSION}"


class Told(Reporter):
    """Keeps what an installation tells."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.progressed: list[tuple[int, int]] = []
        super().__init__(self.lines.append, lambda done, total: self.progressed.append((done, total)))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[NativeBoard]:
    require(MICROPYTHON_I386.missing())
    made = NativeBoard(tmp_path)
    yield made
    made.unplug()


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firmware, as a version 9.8.7."""
    return changed_firmware(tmp_path_factory.mktemp("newer"), {"__init__.py": (VERSION_LINE, "VERSION = (9, 8, 7)")})


@pytest.fixture(scope="session")
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version 9.9.9 that can't start."""
    changes = {
        "__init__.py": (VERSION_LINE, "VERSION = (9, 9, 9)"),
        "start.py": ("    app = App(", "    raise ValueError('no good')\n    app = App("),
    }
    return changed_firmware(tmp_path_factory.mktemp("crashing"), changes)


def changed_firmware(folder: Path, changes: dict[str, tuple[str, str]]) -> Path:
    """Copy the firmware with a text in some files replaced by another."""
    copy = folder / "unslouch_device"
    shutil.copytree(firmware_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (old, new) in changes.items():
        text = (copy / name).read_text()
        assert old in text
        (copy / name).write_text(text.replace(old, new))
    return copy
