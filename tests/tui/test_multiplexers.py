"""tmux, GNU screen and the Linux console: the dashboard starts, shows the state, and leaves a clean screen."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("termios")

from link.fake_board import FakeBoard
from requirement import require
from tui.terminal import WAIT_S, Terminal, in_terminal

SHELL = ("sh", "-i")
PROMPT = "shell> "
NO_MOUSE = (b"\x1b[?1000l", b"\x1b[?1002l", b"\x1b[?1003l")
MOUSE = (b"\x1b[?1000h", b"\x1b[?1002h", b"\x1b[?1003h")
TRUE_COLOURS, MANY_COLOURS = b"38;2;", b"38;5;"


@asynccontextmanager
async def shell(folder: Path, *command: str, environment: Mapping[str, str]) -> AsyncIterator[tuple[Terminal, str]]:
    """Open a shell within a program, and give its terminal and the command that starts the dashboard."""
    board = FakeBoard()
    own = {"HOME": str(folder), "XDG_STATE_HOME": str(folder), "PS1": PROMPT, "ENV": "", "LC_ALL": "C.UTF-8"}
    async with (
        board.on_pty(folder / "port") as sensor,
        in_terminal(*command, *SHELL, columns=100, rows=30, environment={**own, **environment}) as (terminal, process),
    ):
        await terminal.until(PROMPT)
        yield terminal, f"{sys.executable} -m unslouch --sensor {sensor} --db {folder / 'posture.db'}"
        terminal.type("exit\r")
        async with asyncio.timeout(WAIT_S):
            await process.wait()


def has_prompt(text: str) -> bool:
    """Whether the shell waits for a command: the line of the last command goes on after the prompt."""
    return any(line.rstrip().endswith(PROMPT.strip()) for line in text.splitlines())


async def use(terminal: Terminal, dashboard: str) -> None:
    """Start the dashboard, see the state, leave it, and see that the shell can be used as before."""
    terminal.type(f"{dashboard}\r")
    await terminal.until(lambda text: "LEANING" in text and "battery" in text and "Quit" in text)
    terminal.type("?")
    await terminal.until("Esc closes")
    terminal.type("?")
    await terminal.until(lambda text: "Esc closes" not in text)
    terminal.type("q")
    await terminal.until(has_prompt)  # what is typed before that, the dashboard may still take with it
    assert "LEANING" not in terminal.text
    assert "Quit" not in terminal.text
    assert not terminal.screen.cursor.hidden
    terminal.type("echo $((40 + 2)) $?\r")
    await terminal.until("42 0")
    await terminal.until("echo $((40 + 2)) $?")
    for on, off in zip(MOUSE, NO_MOUSE, strict=True):
        assert terminal.raw.rfind(on) <= terminal.raw.rfind(off), f"{on!r} was never taken back"


def need(program: str) -> None:
    require(None if shutil.which(program) else f"{program} is not installed")


async def test_in_tmux(tmp_path: Path) -> None:
    need("tmux")
    command = ("tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null", "new-session")
    async with shell(tmp_path, *command, environment={}) as (terminal, dashboard):
        await use(terminal, dashboard)


async def test_in_gnu_screen_which_has_no_second_screen_unless_told_to(tmp_path: Path) -> None:
    need("screen")
    sockets = tmp_path / "sockets"
    sockets.mkdir(mode=0o700)
    command = ("screen", "-U", "-c", "/dev/null")
    async with shell(tmp_path, *command, environment={"SCREENDIR": str(sockets)}) as (terminal, dashboard):
        await use(terminal, dashboard)


async def test_on_the_linux_console_which_has_few_colours_and_characters(tmp_path: Path) -> None:
    environment = {"TERM": "linux", "COLORTERM": ""}
    async with shell(tmp_path, environment=environment) as (terminal, dashboard):
        await use(terminal, dashboard)
        assert TRUE_COLOURS not in terminal.raw
        assert MANY_COLOURS not in terminal.raw
        assert terminal.raw.isascii()
