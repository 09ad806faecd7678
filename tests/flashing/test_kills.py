"""An installation that is cut off at any point leaves a board that starts, and a second one finishes it."""

import shutil
from pathlib import Path

import pytest

from unslouch.errors import NoSensor
from unslouch.flashing import talk
from unslouch.flashing.install import install
from unslouch.flashing.prompt import Prompt
from unslouch.flashing.timing import Timing

from .bench import Board, NativeBoard
from .conftest import NEWER, OURS, Messages, options, watched_commands

WRITES = ("put(", "copy(", "replace(")

TIMING = Timing(restart_s=5.0)  # a board that was cut off never answers


def cut_off(board: Board, firmware: Path, command: int, inside_bytes: int) -> None:
    """Install, cutting power and cable at a command, or some bytes into it."""

    def cut(number: int, prompt: Prompt) -> None:
        if number == command and inside_bytes:
            board.cut_in(inside_bytes)
        elif number == command:
            board.unplug()

    board.plug_in()
    with watched_commands(cut), pytest.raises(NoSensor, match=r"check the cable|no sensor answers"):
        install(options(board, firmware, timing=TIMING), Messages())
    board.unplug()


def check_it_recovers(board: Board, firmware: Path, before: dict[str, str]) -> None:
    """The old version or, once all is there, the new one starts; installing again finishes."""
    main = board.files().get("/main.py")
    assert main == before.get("/main.py", main)
    board.plug_in()
    assert talk.wait_for_app(board.port).firmware_version in (OURS, NEWER)
    info = install(options(board, firmware, timing=TIMING), Messages())
    board.unplug()
    assert info is not None
    assert info.firmware_version == NEWER
    after = board.files()
    assert after["/a.pack"] == before["/a.pack"]
    assert all(path in after for path in before)


@pytest.mark.soak
def test_wherever_an_update_is_cut_off_the_old_version_starts_and_another_attempt_finishes(
    board: NativeBoard, installed: Path, newer: Path
) -> None:
    shutil.copy(installed, board.image)
    before = board.files()
    board.plug_in()
    with watched_commands(lambda number, prompt: None) as commands:
        install(options(board, newer, timing=TIMING), Messages())
    board.unplug()
    for command, inside_bytes in worth_cutting(commands):
        shutil.copy(installed, board.image)
        cut_off(board, newer, command, inside_bytes)
        check_it_recovers(board, newer, before)


def worth_cutting(commands: list[str]) -> list[tuple[int, int]]:
    """Before the first command of each kind; within each that writes, but of those that send bytes only three."""
    writing = [number for number, code in enumerate(commands) if code.startswith(WRITES)]
    sending = [number for number in writing if commands[number].startswith("put(")]
    assert len(sending) > 10
    kinds: dict[str, int] = {}
    for number, code in enumerate(commands):
        if number not in writing:
            kinds.setdefault(code.partition("(")[0], number)
    amid = set(sending[1:-1]) - {sending[len(sending) // 2]}
    return [(number, 0) for number in kinds.values()] + [(number, 20) for number in writing if number not in amid]


@pytest.mark.soak
@pytest.mark.slow
def test_a_first_installation_that_is_cut_off_is_finished_by_another(board: Board, messages: Messages) -> None:
    def cut(number: int, prompt: Prompt) -> None:
        if number == 40:
            board.cut_in(300)

    board.plug_in()
    with watched_commands(cut), pytest.raises(NoSensor, match="check the cable and repeat"):
        install(options(board, timing=TIMING), messages)
    board.unplug()
    assert "/slot" not in board.files()
    board.plug_in()
    again = Messages()
    info = install(options(board, timing=TIMING), again)
    assert info is not None
    assert info.firmware_version == OURS
    assert again.progressed[0][0] > 5000  # it went on where it was cut off
