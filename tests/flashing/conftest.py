"""A board on a bench, and two versions of the firmware to install."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch.flashing import install as installing
from unslouch.flashing import over_link
from unslouch.flashing.compile import firmware_folder
from unslouch.flashing.install import Options, Reporter, firmware_version, install
from unslouch.flashing.prompt import Prompt
from unslouch.flashing.shrink.program import shrunk
from unslouch_device import VERSION

from .bench import Board, NativeBoard

BOARD = "xiao_esp32s3"
OURS = firmware_version(firmware_folder())
NEWER = "9.8.7"
VERSION_LINE = f"VERSION = {VERSION}"


@pytest.fixture(scope="session", autouse=True)
def shrink_once() -> Iterator[None]:
    """Make the same small program once only: each takes a second or two."""
    made: dict[tuple[object, ...], dict[str, str]] = {}

    def shrunk_once(texts: dict[str, str], firmware: Path, sensors: Sequence[str] = ()) -> dict[str, str]:
        key = (tuple(sorted(texts.items())), tuple(sensors))
        if key not in made:
            made[key] = shrunk(texts, firmware, sensors)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        for module in (installing, over_link):
            patch.setattr(module, "shrunk", shrunk_once)
        yield


class Messages(Reporter):
    """Keeps the sentences of an installation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.progressed: list[tuple[int, int]] = []
        super().__init__(self.lines.append, lambda done, total: self.progressed.append((done, total)))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def messages() -> Messages:
    return Messages()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[NativeBoard]:
    require(MICROPYTHON_I386.missing())
    made = NativeBoard(tmp_path)
    yield made
    made.unplug()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flash of a board that our firmware has been installed on and has begun a journal on."""
    require(MICROPYTHON_I386.missing())
    board = NativeBoard(tmp_path_factory.mktemp("installed"))
    board.plug_in()
    try:
        info = install(options(board), Messages())
    finally:
        board.unplug()
    assert info is not None
    assert info.firmware_version == OURS
    return board.image


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firmware, as a version 9.8.7."""
    return changed_firmware(tmp_path_factory.mktemp("newer"), {"__init__.py": (VERSION_LINE, "VERSION = (9, 8, 7)")})


@pytest.fixture(scope="session")
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version 9.9.9 that can't start."""
    changes = {
        "__init__.py": (VERSION_LINE, "VERSION = (9, 9, 9)"),
        "start.py": ("        app = App(", "        raise ValueError('no good')\n        app = App("),
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


def options(board: Board, firmware: Path | None = None, **others: object) -> Options:
    return Options(port=board.port, board=BOARD, firmware=firmware, **others)


@contextmanager
def watched_commands(act: Callable[[int, Prompt], None]) -> Iterator[list[str]]:
    """Call act(number, prompt) before each command that goes to the board's prompt; give their code."""
    codes: list[str] = []
    run = Prompt.run

    def counted(prompt: Prompt, code: str) -> str:
        codes.append(code)
        act(len(codes) - 1, prompt)
        return run(prompt, code)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prompt, "run", counted)
        patch.setattr(installing, "CHUNK_BYTES", 700)
        yield codes
