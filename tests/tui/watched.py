"""The command line for random use: without this computer's ports, and with a way to ask where a stuck process is.

SIGUSR2 appends threads and tasks to a file.

python watched.py FILE [ARGUMENT ...]
"""

import asyncio
import faulthandler
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from serial.tools import list_ports

WAITING = ("MessagePump._get_message", "Timer._run\n")
"""Where textual's tasks wait for a message or for a time: nothing is stuck there."""


def describe_task(task: "asyncio.Task[Any]") -> Iterator[str]:
    """Yield one line for each coroutine that a task has entered, the innermost last."""
    yield f"{task.get_name()}:"
    coroutine: Any = task.get_coro()
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is None:
            yield f"  {coroutine!r}"
            return
        yield f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}"
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)


def write_state(path: str) -> None:
    """Append where all threads and tasks are."""
    with Path(path).open("a", encoding="utf-8") as file:
        faulthandler.dump_traceback(file)
        for task in asyncio.all_tasks():
            described = "\n".join(describe_task(task))
            if not any(waiting in described for waiting in WAITING):
                file.write(described + "\n")


def main() -> None:
    path = sys.argv.pop(1)

    def handle(_number: int, _frame: FrameType | None) -> None:
        write_state(path)

    signal.signal(signal.SIGUSR2, handle)
    list_ports.comports = lambda include_links=False: []  # random keys could put firmware on a board that is plugged in
    from unslouch.cli.main import entry

    sys.exit(entry())


if __name__ == "__main__":
    main()
