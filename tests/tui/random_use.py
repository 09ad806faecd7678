"""Random use of the dashboard: keys, mouse, sizes, stops, a terminal that doesn't read, and links that break.

    python tests/tui/random_use.py [--minutes 30] [--seed N]

It fails if the dashboard ends, writes a crash log, no longer answers a key, or can't be left within END_S. Then it says
the seed, which has the same done again, the last things that were done, and the traceback or where the dashboard is
stuck. Neither the settings nor the boards and radios of this computer are touched.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from link.fake_board import FakeBoard
from lively_days import lively_days
from tui.terminal import Terminal, in_terminal
from unslouch.errors import ExitCode
from unslouch.store import Store
from unslouch_device.contract import states

END_S = 30.0
WATCHED = Path(__file__).parent / "watched.py"
STATE = "state.txt"
"""The file to which a stuck dashboard writes where it is."""
ANSWERS_WITHIN_S = 60.0
MOST_AT_ONCE = 25
"""So many things are done at most before the user waits until the dashboard has handled them: a slow machine would
otherwise have minutes of keys to handle at the end."""
PAST_DAYS = 9
LAST_THINGS = 30
"""So many of the things that were done are named where it fails."""
BUSY_CPU_S = 30.0
"""What it computes at most until it waits for something."""
IDLE_LOOKS, LOOK_EVERY_S = 3, 0.01
SIZES = ((40, 12), (60, 20), (80, 24), (100, 30), (120, 40), (200, 60), (240, 70), (20, 5))
LETTERS = "abcdefghijklmnoprstuvwxyzEFGNTUXY0123456789+-[],.<>?/ "
"""All but q, which leaves the dashboard."""
NAMED = {
    "Esc": "\x1b",
    "Enter": "\r",
    "Tab": "\t",
    "Shift+Tab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "Shift+right": "\x1b[1;2C",
    "Shift+left": "\x1b[1;2D",
    "Page Up": "\x1b[5~",
    "Page Down": "\x1b[6~",
    "Home": "\x1b[H",
    "End": "\x1b[F",
    "Delete": "\x1b[3~",
    "Backspace": "\x7f",
    "Ctrl+P": "\x10",
    "Ctrl+O": "\x0f",
    "Ctrl+T": "\x14",
    "Ctrl+S": "\x13",
}
CTRL_C = "\x03"
PASTED = ("yesterday", "2026-03-01 to 2026-03-07", "upright 70, break 90", "a line\nand another\n", "ü☕\x07 " * 40)
FOCUS = {"focus lost": "\x1b[O", "focus gained": "\x1b[I"}
BUTTONS = {"clicked": 0, "clicked right": 2, "moved to": 35, "scrolled up": 64, "scrolled down": 65}
BUTTON_WEIGHTS = (6, 2, 2, 2, 2)
STATES = (states.UPRIGHT, states.LEANING, states.SLOUCHING, states.MOVING, states.OFF_BODY)


class RandomUser:
    """Does one thing after another; `done` lists them, to repeat what led to a failure."""

    def __init__(
        self, terminal: Terminal, process: asyncio.subprocess.Process, board: FakeBoard, seed: int, folder: Path
    ) -> None:
        self._terminal = terminal
        self._process = process
        self._board = board
        self._folder = folder
        self._random = random.Random(seed)
        self._size = SIZES[2]
        self.done: list[str] = []
        self._wait_at = MOST_AT_ONCE

    async def act(self) -> None:
        """Do something, and leave it some time to take effect."""
        if len(self.done) >= self._wait_at:
            await until_idle(self._process, self._folder)
            self._wait_at = len(self.done) + self._random.randint(1, MOST_AT_ONCE)
        acts: dict[Callable[[], Awaitable[None]], int] = {
            self._press: 60,
            self._point: 22,
            self._click_twice: 3,
            self._drag: 4,
            self._paste: 1,
            self._resize: 6,
            self._focus: 3,
            self._stop: 2,
            self._stall: 2,
            self._cut: 3,
            self._hush: 2,
            self._record: 4,
        }
        (chosen,) = self._random.choices(list(acts), list(acts.values()))
        await chosen()
        await asyncio.sleep(self._random.random() * 0.06)

    def _type(self, what: str, keys: str) -> None:
        self.done.append(what)
        with suppress(BlockingIOError):  # it was stopped for a while, and has not read yet
            self._terminal.type(keys)

    async def _press(self) -> None:
        if self._random.random() < 0.45:
            name = self._random.choice(list(NAMED))
            self._type(name, NAMED[name])
        else:
            letter = self._random.choice(LETTERS)
            self._type(letter, letter)

    def _place(self) -> tuple[int, int]:
        return self._random.randint(1, self._size[0]), self._random.randint(1, self._size[1])

    async def _point(self) -> None:
        """Click, scroll or move somewhere (xterm's SGR mode)."""
        x, y = self._place()
        (how,) = self._random.choices(list(BUTTONS), BUTTON_WEIGHTS)
        button = BUTTONS[how]
        self._type(f"{how} {x},{y}", _press_button(button, x, y) + (_release(button, x, y) if button < 3 else ""))

    async def _click_twice(self) -> None:
        x, y = self._place()
        self._type(f"clicked twice {x},{y}", (_press_button(0, x, y) + _release(0, x, y)) * 2)

    async def _drag(self) -> None:
        """Drag the mouse, which moves a slider or selects text, and sometimes copy."""
        (x, y), (to_x, to_y) = self._place(), self._place()
        dragged = "".join(_press_button(32, (x + to_x) // 2 + step, to_y) for step in range(3))
        keys = _press_button(0, x, y) + dragged + _press_button(32, to_x, to_y) + _release(0, to_x, to_y)
        self._type(f"dragged {x},{y} to {to_x},{to_y}", keys)
        if self._random.random() < 0.1:  # it leaves the dashboard where nothing is selected
            self._type("Ctrl+C", CTRL_C)

    async def _paste(self) -> None:
        text = self._random.choice(PASTED)
        self._type(f"pasted {text[:20]!r}", f"\x1b[200~{text}\x1b[201~")

    async def _resize(self) -> None:
        self._size = self._random.choice(SIZES)
        self.done.append(f"{self._size[0]}x{self._size[1]}")
        self._terminal.resize(*self._size)

    async def _focus(self) -> None:
        name = self._random.choice(list(FOCUS))
        self._type(name, FOCUS[name])

    async def _stop(self) -> None:
        self.done.append("stopped")
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(self._random.random() * 0.5)
            self._process.send_signal(signal.SIGCONT)

    async def _stall(self) -> None:
        self.done.append("stalled")
        self._terminal.stall()
        await asyncio.sleep(self._random.random())
        self._terminal.read()

    async def _cut(self) -> None:
        self.done.append("link cut")
        self._board.unplug()

    async def _hush(self) -> None:
        """Let the board answer nothing from now on, or let it answer again."""
        self._board.silent = not self._board.silent
        self.done.append("board silent" if self._board.silent else "board answers")

    async def _record(self) -> None:
        self.done.append("recorded")
        self._board.builder.epochs(self._random.choice(STATES), self._random.randint(1, 40))


def _press_button(button: int, x: int, y: int) -> str:
    return f"\x1b[<{button};{x};{y}M"


def _release(button: int, x: int, y: int) -> str:
    return f"\x1b[<{button};{x};{y}m"


async def until_idle(process: asyncio.subprocess.Process, folder: Path) -> None:
    """Wait until the main thread of a dashboard waits for something, several times in a row, or has ended.

    Raises AssertionError if it computes for BUSY_CPU_S, however long others keep it from that.
    """
    idle = 0
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        looked = psutil.Process(process.pid)
        begun_s = sum(looked.cpu_times()[:2])
        while idle < IDLE_LOOKS:
            await asyncio.sleep(LOOK_EVERY_S)
            if sum(looked.cpu_times()[:2]) - begun_s > BUSY_CPU_S:
                raise AssertionError(f"It is always busy: {await describe_state(folder, process)}")
            idle = idle + 1 if looked.status() != psutil.STATUS_RUNNING else 0


def environment_of(folder: Path) -> dict[str, str]:
    """Return what keeps a dashboard to a folder: else random keys would change this computer's settings."""
    return {
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder),
        "UNSLOUCH_CONFIG": "",
        "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder / 'no-bus'}",
        "PYTHONWARNINGS": "error::RuntimeWarning",  # a coroutine that nobody awaits counts as a crash
    }


def record_past(database: Path) -> None:
    """Store some days before today, so that every table has rows."""
    first = datetime.now(UTC).date() - timedelta(days=PAST_DAYS)
    with Store.open(database, simulated=True) as store:
        store.add_pages(lively_days(first, PAST_DAYS, hours=3).pages())


async def use_at_random(seconds: float, seed: int, folder: Path) -> int:
    """Use a dashboard for some time and leave it; return how many things were done. Raises AssertionError if it fails.

    The user may leave it by the command palette or with Ctrl+C; then the next dashboard is used.
    """
    board = FakeBoard(hours=2)
    record_past(folder / "db")
    until_s, done = time.monotonic() + seconds, 0
    async with board.on_tcp() as sensor:
        command = (sys.executable, str(WATCHED), str(folder / STATE), "--sensor", sensor, "--db", str(folder / "db"))
        while time.monotonic() < until_s:
            board.silent = False
            async with in_terminal(*command, environment=environment_of(folder), folder=folder) as (terminal, process):
                await terminal.until("battery")
                user = RandomUser(terminal, process, board, seed + done, folder)
                try:
                    await use_one(user, terminal, process, until_s, folder)
                except Exception as error:
                    raise AssertionError(describe_failure(error, user, seed, done)) from error
                done += len(user.done)
    return done


async def use_one(
    user: RandomUser, terminal: Terminal, process: asyncio.subprocess.Process, until_s: float, folder: Path
) -> None:
    """Use one dashboard until a time, or until the user leaves it; raises if it fails."""
    while time.monotonic() < until_s and process.returncode is None:
        await user.act()
        assert_no_crash(folder)
    if process.returncode is None:
        await leave(terminal, process, folder)
    assert_no_crash(folder)
    assert process.returncode == ExitCode.OK, await describe_end(terminal, process)


def describe_failure(error: Exception, user: RandomUser, seed: int, done_before: int) -> str:
    """Return what went wrong, after what, and how to have the same done again."""
    in_earlier = f", after {done_before} in earlier dashboards" if done_before else ""
    return (
        f"Random use failed with seed {seed}: {len(user.done)} things were done{in_earlier}.\n"
        f"To do the same again: python tests/tui/random_use.py --seed {seed}\n"
        f"The last things: {' | '.join(user.done[-LAST_THINGS:])}\n"
        f"{type(error).__name__}: {error}"
    )


def assert_no_crash(folder: Path) -> None:
    crashes = list((folder / "state").rglob("crash-*"))
    assert not crashes, crashes[0].read_text()


async def describe_end(terminal: Terminal, process: asyncio.subprocess.Process) -> str:
    """Return how a dashboard that has failed ended, and the last that it wrote."""
    terminal.read()
    await asyncio.sleep(1)
    written = terminal.raw[-3000:].decode(errors="replace").replace("\r", "")
    return f"It ended with {process.returncode}:\n{terminal.text}\n{written}"


async def leave(terminal: Terminal, process: asyncio.subprocess.Process, folder: Path) -> None:
    """Close every dialog, see that keys are answered, and quit; nothing of that if the user has just left it."""
    terminal.resize(200, 50)
    terminal.type("\x1b[I")
    await until_idle(process, folder)
    closing, ended = asyncio.create_task(close_everything(terminal)), asyncio.create_task(process.wait())
    try:
        await asyncio.wait((closing, ended), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return
        await closing
        terminal.type("q")
        async with asyncio.timeout(END_S):
            await asyncio.shield(ended)
    except TimeoutError:
        state = await describe_state(folder, process)
        what = "No key is answered in time" if closing.exception() else "It doesn't end"
        raise AssertionError(f"{what}:\n{terminal.text}\n{state}") from None
    finally:
        closing.cancel()
        ended.cancel()


async def describe_state(folder: Path, process: asyncio.subprocess.Process) -> str:
    """Return what a stuck dashboard uses of a core, and where its threads and tasks are, twice."""
    try:
        used = psutil.Process(process.pid)
    except psutil.NoSuchProcess:
        return "It has ended."
    used.cpu_percent()
    for _ in range(2):
        process.send_signal(signal.SIGUSR2)
        await asyncio.sleep(2)
    state = (folder / STATE).read_text() if (folder / STATE).exists() else "It doesn't even handle a signal."
    return f"It uses {used.cpu_percent():.0f} % of a core.\n{state}"


async def close_everything(terminal: Terminal) -> None:
    """Press Esc until Live shows, then open and close the help; raises TimeoutError."""
    async with asyncio.timeout(ANSWERS_WITHIN_S):
        for _ in range(40):
            terminal.type("\x1b")
            await asyncio.sleep(0.3)
            terminal.type("1")
            with suppress(AssertionError):
                await terminal.until(lambda text: "Forward tilt" in text and "? Help" in text, 2)
                break
        else:
            raise TimeoutError
        terminal.type("?")
        await terminal.until("Esc closes")
        terminal.type("\x1b")
        await terminal.until(lambda text: "Esc closes" not in text)


def main() -> None:
    parser = argparse.ArgumentParser(description="Use the dashboard at random.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=None)
    args = parser.parse_args()
    seed = random.randrange(1 << 30) if args.seed is None else args.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = asyncio.run(use_at_random(60 * args.minutes, seed, Path(folder)))
        except AssertionError as error:
            sys.exit(str(error))
    print(f"passed: {done} things done in {args.minutes:g} min")


if __name__ == "__main__":
    main()
