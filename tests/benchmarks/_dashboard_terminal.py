"""Python in a terminal of its own: how long it takes, and what it uses of the processor until then."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZE, LARGE = (120, 40), (200, 60)
APPS = Path(__file__).with_name("_dashboard_apps.py")


@dataclass(frozen=True)
class Taken:
    """What a program has taken, by the clock and of the processor."""

    wall_s: float
    cpu_s: float


def in_terminal(arguments: Sequence[str], until: bytes | None = None, size: tuple[int, int] = SIZE) -> Taken:
    """Run Python in a terminal until a text shows, which `q` then ends, or without a text to its end."""
    import pty
    from fcntl import ioctl
    from struct import pack
    from termios import TIOCSWINSZ

    begun_s = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        ioctl(0, TIOCSWINSZ, pack("HHHH", size[1], size[0], 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execve(sys.executable, [sys.executable, *arguments], environment)
    shown, taken = b"", None
    while data := _read(terminal):
        shown = shown[-100_000:] + data
        if taken is None and until is not None and until in shown:
            taken = Taken(time.perf_counter() - begun_s, _used_s(child))
            os.write(terminal, b"q")
    _, status, usage = os.wait4(child, 0)
    os.close(terminal)
    if status or (until is not None and taken is None):
        raise SystemExit(f"It failed, or did not show {until!r}: {shown[-2000:].decode(errors='replace')}")
    return taken or Taken(time.perf_counter() - begun_s, usage.ru_utime + usage.ru_stime)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the child has closed it
        return b""


def _used_s(process: int) -> float:
    """Return the processor time of a running process; elsewhere than under Linux it can't be told apart, and is NaN."""
    threads = Path(f"/proc/{process}/task")
    if not threads.exists():
        return float("nan")
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads.iterdir()) / 1e9


def result_of(app: str, *arguments: str, size: tuple[int, int] = SIZE) -> Any:
    """Run one of the apps in a terminal and return what it has measured of itself."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        in_terminal([str(APPS), app, str(result), *arguments], size=size)
        return json.loads(result.read_text())
