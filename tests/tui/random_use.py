"""Random use of the dashboard: keys, mouse, sizes, stops, a terminal that doesn't read, and links that break.

    python tests/tui/random_use.py [--minutes 30] [--seed N]

It fails if the dashboard ends, writes a crash log, no longer answers a key, or can't be left within END_S.
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
from pathlib import Path

import psutil

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from link.fake_board import FakeBoard
from tui.terminal import Terminal, in_terminal
from unslouch.errors import ExitCode
from unslouch_device.contract import states

END_S = 30.0
WATCHED = Path(__file__).parent / "watched.py"
STATE = "state.txt"
"""The file to which a stuck dashboard writes where it is."""
ANSWERS_WITHIN_S = 60.0
MOST_AT_ONCE = 25
"""So many things are done at most before the user waits until the dashboard has handled them: a slow machine would
otherwise have minutes of keys to handle at the end."""
BUSY_CPU_S = 30.0
"""What it computes at most until it waits for something."""
IDLE_LOOKS, LOOK_EVERY_S = 3, 0.01
SIZES = ((40, 12), (60, 20), (80, 24), (100, 30), (120, 40), (200, 60), (240, 70), (20, 5))
LETTERS = "abcdefghijklmnoprstuvwxyzEFGNTUXY0123456789+-[],.<>?/ "
"""All but q, which leaves the dashboard."""
NAMED = (
    "\x1b",
    "\r",
    "\t",
    "\x1b[Z",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x10",
    "\x0f",
    "\x7f",
)
"""Esc, Enter, Tab, Shift+Tab, arrows, Page Up and Down, Ctrl+P, Ctrl+O, Backspace."""
FOCUS = ("\x1b[O", "\x1b[I")
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
            await until_idle(self._process, self, self._folder)
            self._wait_at = len(self.done) + self._random.randint(1, MOST_AT_ONCE)
        acts: dict[Callable[[], Awaitable[None]], int] = {
            self._press: 60,
            self._point: 25,
            self._resize: 6,
            self._focus: 3,
            self._stop: 2,
            self._stall: 2,
            self._cut: 3,
            self._record: 4,
        }
        (chosen,) = self._random.choices(list(acts), list(acts.values()))
        await chosen()
        await asyncio.sleep(self._random.random() * 0.06)

    def _type(self, keys: str) -> None:
        self.done.append(repr(keys))
        with suppress(BlockingIOError):  # it was stopped for a while, and has not read yet
            self._terminal.type(keys)

    async def _press(self) -> None:
        self._type(self._random.choice(NAMED) if self._random.random() < 0.4 else self._random.choice(LETTERS))

    async def _point(self) -> None:
        """Click, scroll or move somewhere (xterm's SGR mode)."""
        x, y = self._random.randint(1, self._size[0]), self._random.randint(1, self._size[1])
        button = self._random.choice((0, 0, 0, 2, 35, 64, 65))
        self._type(f"\x1b[<{button};{x};{y}M" + (f"\x1b[<{button};{x};{y}m" if button < 3 else ""))

    async def _resize(self) -> None:
        self._size = self._random.choice(SIZES)
        self.done.append(f"{self._size[0]}x{self._size[1]}")
        self._terminal.resize(*self._size)

    async def _focus(self) -> None:
        self._type(self._random.choice(FOCUS))

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

    async def _record(self) -> None:
        self.done.append("recorded")
        self._board.builder.epochs(self._random.choice(STATES), self._random.randint(1, 40))


async def until_idle(process: asyncio.subprocess.Process, user: "RandomUser", folder: Path) -> None:
    """Wait until the main thread of a dashboard waits for something, several times in a row.

    Raises AssertionError if it computes for BUSY_CPU_S, however long others keep it from that.
    """
    looked = psutil.Process(process.pid)
    idle = 0
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        begun_s = sum(looked.cpu_times()[:2])
        while idle < IDLE_LOOKS:
            await asyncio.sleep(LOOK_EVERY_S)
            if sum(looked.cpu_times()[:2]) - begun_s > BUSY_CPU_S:
                raise AssertionError(
                    f"It is always busy after {user.done[-40:]}: {await describe_state(folder, process)}"
                )
            idle = idle + 1 if looked.status() != psutil.STATUS_RUNNING else 0


async def use_at_random(seconds: float, seed: int, folder: Path) -> int:
    """Use a dashboard for some time and leave it; return how many things were done. Raises AssertionError if it fails.

    The user may leave it by the command palette; then the next dashboard is used.
    """
    environment = {
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder),
    }
    board = FakeBoard(hours=2)
    until_s, done = time.monotonic() + seconds, 0
    async with board.on_tcp() as sensor:
        command = (sys.executable, str(WATCHED), str(folder / STATE), "--sensor", sensor, "--db", str(folder / "db"))
        while time.monotonic() < until_s:
            async with in_terminal(*command, environment=environment, folder=folder) as (terminal, process):
                await terminal.until("battery")
                user = RandomUser(terminal, process, board, seed + done, folder)
                while time.monotonic() < until_s and process.returncode is None:
                    await user.act()
                    assert_no_crash(folder, user)
                if process.returncode is None:
                    await leave(terminal, process, user, folder)
                assert_no_crash(folder, user)
                assert process.returncode == ExitCode.OK, await describe_end(terminal, process, user)
                done += len(user.done)
    return done


def assert_no_crash(folder: Path, user: RandomUser) -> None:
    crashes = list((folder / "state").rglob("crash-*"))
    assert not crashes, f"{crashes[0].read_text()}\nafter {user.done[-30:]}"


async def describe_end(terminal: Terminal, process: asyncio.subprocess.Process, user: RandomUser) -> str:
    """Return how a dashboard that has failed ended, and the last that it wrote."""
    terminal.read()
    await asyncio.sleep(1)
    written = terminal.raw[-3000:].decode(errors="replace").replace("\r", "")
    return f"It ended with {process.returncode} after {user.done[-30:]}:\n{terminal.text}\n{written}"


async def leave(terminal: Terminal, process: asyncio.subprocess.Process, user: RandomUser, folder: Path) -> None:
    """Close every dialog, see that keys are answered, and quit."""
    terminal.resize(200, 50)
    terminal.type("\x1b[I")
    await until_idle(process, user, folder)
    try:
        await close_everything(terminal, user)
    except TimeoutError:
        stacks = await describe_state(folder, process)
        raise AssertionError(
            f"No key is answered in time after {user.done[-40:]}:\n{terminal.text}\n{stacks}"
        ) from None
    terminal.type("q")
    async with asyncio.timeout(END_S):
        assert await process.wait() == ExitCode.OK


async def describe_state(folder: Path, process: asyncio.subprocess.Process) -> str:
    """Return what a stuck dashboard uses of a core, and where its threads and tasks are, twice."""
    used = psutil.Process(process.pid)
    used.cpu_percent()
    for _ in range(2):
        process.send_signal(signal.SIGUSR2)
        await asyncio.sleep(2)
    state = (folder / STATE).read_text() if (folder / STATE).exists() else "It doesn't even handle a signal."
    return f"It uses {used.cpu_percent():.0f} % of a core.\n{state}"


async def close_everything(terminal: Terminal, user: RandomUser) -> None:
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
            raise AssertionError(f"No key is answered after {user.done[-40:]}:\n{terminal.text}")
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
        done = asyncio.run(use_at_random(60 * args.minutes, seed, Path(folder)))
    print(f"passed: {done} things done in {args.minutes:g} min")


if __name__ == "__main__":
    main()
