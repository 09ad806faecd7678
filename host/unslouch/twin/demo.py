"""Demo: a simulated sensor with a database in which its wearer has lived for three weeks.

Each demo that runs at the same time is a sensor and a wearer of its own, with a database of its own: the first has
`simulated.db`, the second `simulated-2.db`, and so on. A demo that starts after another has ended takes its place and
its wearer, who has lived on meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from unslouch.errors import BadInput, StoreError
from unslouch.files import make_folder
from unslouch.store import Sensor, default_path
from unslouch.store.identity import identify

from .child import COMMAND, simulated_sensor
from .firmware import unique_id

MOST_AT_ONCE = 10
BOARD = "XIAO ESP32-S3"
LOCK_SUFFIX = ".demo-lock"


@dataclass(frozen=True)
class Demo:
    """A demo that runs."""

    address: str
    """Of its sensor."""
    database: Path
    number: int
    """How many demos were running before it."""

    @property
    def notice(self) -> str:
        """A sentence for the user if its days are not in the usual database, else empty."""
        if not self.number:
            return ""
        return f"Another demo is running; this one is another wearer, with the database {self.database}."


@dataclass
class DemoPast:
    """The database of a demo's wearer, as long as the demo has it."""

    database: Path
    number: int
    """How many demos were running before it."""
    _filling: Future[None] | None = None

    async def fill(self) -> None:
        """Store what the database does not have yet of the three weeks until now.

        A caller that is cancelled waits no longer, but the thread goes on.
        """
        self._filling = _in_thread(lambda: _fill(self.database, self.number))
        await asyncio.wrap_future(self._filling)

    def call_once_filled(self, function: Callable[[], None]) -> None:
        """Call a function as soon as nothing is being stored: at once, or in the thread that stores."""
        if self._filling is None:
            function()
        else:
            self._filling.add_done_callback(lambda _: function())


@asynccontextmanager
async def demo_past(database: Path | None = None) -> AsyncIterator[DemoPast]:
    """Give a demo a database with the weeks before it; nobody else has it within the context.

    database: None for the default one. Raises StoreError, and BadInput if too many demos run.
    """
    first = database or default_path(simulated=True)
    number, lock = _take_place(first)
    past = DemoPast(_database(first, number), number)
    try:
        await past.fill()
        yield past
    finally:
        past.call_once_filled(lock.release)  # the next demo there would store another past meanwhile


@asynccontextmanager
async def running_demo(database: Path | None = None, command: tuple[str, ...] = COMMAND) -> AsyncIterator[Demo]:
    """Start a simulated sensor, and give its database the weeks before it; both are the context's.

    database: None for the default one. Raises NoSensor, StoreError, and BadInput if too many demos run.
    """
    async with (
        demo_past(database) as past,  # most of it while nothing waits for it
        simulated_sensor(("--number", str(past.number)), command) as address,
    ):
        await past.fill()
        yield Demo(address, past.database, past.number)


def _take_place(first: Path) -> tuple[int, FileLock]:
    """Return the number of the first demo that isn't running on a database, and its lock."""
    if first.is_dir():
        identify(first, simulated=True)  # raises, with what to do instead
    try:
        make_folder(first.parent)
        for number in range(MOST_AT_ONCE):
            lock = FileLock(_database(first, number).with_suffix(LOCK_SUFFIX), thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            return number, lock
    except OSError as error:
        raise StoreError(f"The folder {first.parent} can't hold the demo's database ({error.strerror}).") from error
    raise BadInput(f"{MOST_AT_ONCE} demos are running on {first}: end one of them first.")


def _database(first: Path, number: int) -> Path:
    return first if not number else first.with_name(f"{first.stem}-{number + 1}{first.suffix}")


def _fill(path: Path, number: int) -> None:
    from unslouch_device import VERSION

    from .past.fill import fill_past

    sensor = Sensor(0, unique_id(number).hex(), BOARD, ".".join(map(str, VERSION)))
    fill_past(path, sensor, time.time_ns() // 1_000_000, number)


def _in_thread(function: Callable[[], None]) -> Future[None]:
    """Call a function in a thread that does not keep the process from ending."""
    future: Future[None] = Future()

    def call() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            function()
            future.set_result(None)
        except BaseException as error:  # noqa: BLE001 - the caller gets it
            future.set_exception(error)

    threading.Thread(target=call, name="demo's past", daemon=True).start()
    return future
