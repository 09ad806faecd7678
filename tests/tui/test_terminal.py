"""The dashboard on a real terminal: one that stops reading, goes away, is suspended, or shows ASCII alone."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("termios")

from link.fake_board import FakeBoard
from tui.terminal import WAIT_S, Terminal, in_terminal
from unslouch.errors import ExitCode
from unslouch.store import Store
from unslouch_device.contract import messages, states

END_S = 10
"""How long an end may take; it takes about a second."""
OPEN_AND_CLOSE_HELP = "??"
ENOUGH_TO_FILL_EVERY_BUFFER = 12
"""How often help has to be opened and closed until a terminal that doesn't read takes no more."""


CONTINUED_AT_ITS_END = """\
import os, signal
from textual.app import App
from unslouch.tui.terminal.posix_driver import PosixDriver

class Driver(PosixDriver):
    is_continued = False

    def stop_application_mode(self):
        super().stop_application_mode()
        if not self.is_continued:
            self.is_continued = True
            os.kill(os.getpid(), signal.SIGCONT)

class Ending(App):
    def on_mount(self):
        self.set_timer(0.1, self.exit)

app = Ending(driver_class=Driver)
app.run()
takes = "takes" if app._driver._draws else "leaves"
print(takes, "the terminal,", "ignores" if signal.getsignal(signal.SIGWINCH) is signal.SIG_DFL else "hears", "its size")
"""
"""An app that is continued when it has just given the terminal back, and has not ended yet."""


@dataclass
class Scene:
    """A dashboard in a terminal, on a fake board."""

    terminal: Terminal
    dashboard: asyncio.subprocess.Process
    board: FakeBoard
    sensor: str
    database: Path

    async def snooze(self) -> None:
        """Press s and wait until the board is asked: the dashboard answers keys."""
        asked = self.board.requests.count(messages.SNOOZE)
        self.terminal.type("s")
        await until(lambda: self.board.requests.count(messages.SNOOZE) > asked)

    async def stall(self) -> None:
        """Stop reading, and make the dashboard draw more than the system keeps."""
        self.terminal.stall()
        for _ in range(ENOUGH_TO_FILL_EVERY_BUFFER):
            self.terminal.type(OPEN_AND_CLOSE_HELP)
            await self.snooze()

    async def end(self) -> int:
        """Wait until the dashboard has ended."""
        async with asyncio.timeout(END_S):
            return await self.dashboard.wait()

    @property
    def stored_pages(self) -> list[bytes]:
        if not self.database.exists():
            return []
        with Store.open(self.database, simulated=None, readonly=True) as store:
            return store.pages()


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def dashboard(
    folder: Path, nohup: bool = False, environment: Mapping[str, str] | None = None, redirections: str = ""
) -> AsyncIterator[Scene]:
    board, database = FakeBoard(), folder / "posture.db"
    async with board.on_pty(folder / "port") as sensor:
        command = [sys.executable, "-m", "unslouch", "--sensor", sensor, "--db", str(database)]
        if redirections:
            command = ["sh", "-c", f'exec "$@" {redirections}', "sh", *command]
        async with in_terminal(*command, nohup=nohup, environment=environment) as (terminal, process):
            await terminal.until("LEANING")
            yield Scene(terminal, process, board, sensor, database)


async def test_a_terminal_that_stops_reading_stops_neither_keys_nor_storing_nor_sharing(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as scene:
        await scene.stall()
        scene.board.builder.epochs(states.SLOUCHING, 100)
        await until(lambda: scene.stored_pages == scene.board.pages)
        status = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "unslouch", "status", "--sensor", scene.sensor, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(WAIT_S):
            printed, _ = await status.communicate()
        assert status.returncode == ExitCode.OK
        assert b"fake board" in printed or b"80 %" in printed


async def test_a_terminal_that_reads_again_is_painted_as_a_whole(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as scene:
        await scene.stall()
        scene.terminal.clear()
        scene.terminal.read()
        await scene.terminal.until(is_whole)


@pytest.mark.parametrize(
    ("ending", "stalled"),
    [(signal.SIGTERM, True), (signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGHUP, False)],
    ids=["SIGTERM while stalled", "SIGTERM", "SIGINT", "SIGHUP"],
)
async def test_a_signal_ends_it_with_everything_stored_and_the_terminal_given_back(
    tmp_path: Path, ending: signal.Signals, stalled: bool
) -> None:
    async with dashboard(tmp_path) as scene:
        if stalled:
            await scene.stall()
        scene.board.builder.epochs(states.SLOUCHING, 100)
        scene.dashboard.send_signal(ending)
        await scene.end()
        assert scene.stored_pages == scene.board.pages
        assert scene.terminal.echoes
        scene.terminal.read()
        await scene.terminal.until(lambda _: b"\x1b[?1049l" in scene.terminal.raw)


async def test_sighup_is_left_ignored_where_it_was(tmp_path: Path) -> None:
    async with dashboard(tmp_path, nohup=True) as scene:
        scene.dashboard.send_signal(signal.SIGHUP)
        await scene.snooze()
        assert scene.dashboard.returncode is None


@pytest.mark.parametrize("nohup", [False, True], ids=["plain", "nohup"])
async def test_a_terminal_that_goes_away_ends_it_with_everything_stored(tmp_path: Path, nohup: bool) -> None:
    async with dashboard(tmp_path, nohup=nohup) as scene:
        scene.board.builder.epochs(states.SLOUCHING, 100)
        scene.terminal.hang_up()
        code = await scene.end()
        assert scene.stored_pages == scene.board.pages
        assert code == ExitCode.OUTPUT or not nohup, "SIGHUP may come first, and ends it as SIGTERM does"


async def test_ctrl_z_suspends_it_and_fg_paints_everything(tmp_path: Path) -> None:
    board = FakeBoard()
    async with (
        board.on_pty(tmp_path / "port") as sensor,
        in_terminal("sh", "-i", environment={"PS1": "shell> ", "ENV": ""}) as (terminal, shell),
    ):
        await terminal.until("shell>")
        terminal.type(f"{sys.executable} -m unslouch --sensor {sensor} --db {tmp_path / 'posture.db'}\r")
        await terminal.until(is_whole)
        terminal.clear()
        terminal.type("\x1a")
        await terminal.until("shell>")
        assert terminal.echoes
        terminal.clear()
        terminal.type("bg\r")
        await terminal.until("shell>")
        assert not is_whole(terminal.text)
        terminal.clear()
        terminal.type("fg\r")
        await terminal.until(is_whole)
        terminal.type("q")
        await terminal.until("shell>")
        terminal.clear()
        terminal.type("echo code $?; exit\r")
        await terminal.until("code 0")
        async with asyncio.timeout(END_S):
            await shell.wait()


async def test_a_stop_that_nothing_announced_is_recovered_from(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as scene:
        scene.dashboard.send_signal(signal.SIGSTOP)
        scene.terminal.clear()
        scene.dashboard.send_signal(signal.SIGCONT)
        await scene.terminal.until(is_whole)
        await scene.snooze()


async def test_ctrl_z_does_nothing_where_no_shell_could_continue_it(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as scene:
        scene.terminal.type("\x1a")
        await scene.snooze()
        await scene.terminal.until(is_whole)


@pytest.mark.parametrize(
    "environment", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "cp437"}, {"PYTHONIOENCODING": "latin-1:strict"}]
)
async def test_another_encoding_gets_ascii_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    async with dashboard(tmp_path, environment=environment) as scene:
        await scene.terminal.until("+- Posture -")
        scene.terminal.type("?")
        await scene.terminal.until("@ upright")
        scene.terminal.type("?q")
        assert await scene.end() == ExitCode.OK
        assert scene.terminal.raw.isascii()


async def test_typing_what_is_no_utf8_does_no_harm(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as scene:
        scene.terminal.type_bytes(b"\xfc\xff")
        await scene.snooze()


def is_whole(text: str) -> bool:
    """Whether the screen shows the dashboard from its first to its last line."""
    lines = text.split("\n")
    framed = sum(line.startswith(("╭", "│", "╰")) for line in lines)
    return "1 Live" in lines[0] and "● live" in lines[1] and "q Quit" in lines[-1] and framed == len(lines) - 4


@pytest.mark.parametrize("where", ["log", "&-"])
async def test_stderr_may_go_elsewhere_while_the_dashboard_draws(tmp_path: Path, where: str) -> None:
    log = tmp_path / "log"
    async with dashboard(tmp_path, redirections="2>&-" if where == "&-" else f"2>{log}") as scene:
        await scene.snooze()
        scene.terminal.type("q")
        assert await scene.end() == ExitCode.OK
        assert scene.terminal.echoes
    assert where == "&-" or log.read_bytes() == b""


@pytest.mark.parametrize("redirection", ["</dev/null", ">/dev/null"])
async def test_without_a_terminal_to_read_from_and_draw_on_there_is_no_dashboard(
    tmp_path: Path, redirection: str
) -> None:
    command = ("sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "unslouch", "--demo")
    async with in_terminal(*command, columns=160) as (terminal, process):
        await terminal.until("The dashboard needs a terminal as stdin and stdout; `unslouch watch` prints")
        assert await asyncio.wait_for(process.wait(), WAIT_S) == ExitCode.USAGE


async def test_a_dashboard_that_is_continued_while_it_ends_does_not_take_the_terminal_again() -> None:
    async with in_terminal(sys.executable, "-c", CONTINUED_AT_ITS_END) as (terminal, process):
        await terminal.until("its size")
        assert "leaves the terminal, ignores its size" in terminal.text
        async with asyncio.timeout(END_S):
            assert await process.wait() == 0
