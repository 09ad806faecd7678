"""The journal writer: stores fetched pages on a thread of its own, and repeats what fails for a while."""

import asyncio
import errno
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from unslouch.errors import StoreError
from unslouch.link.model import SensorInfo
from unslouch.store import Sensor, Store, default_path

from .reconnect import Backoff

log = logging.getLogger(__name__)

T = TypeVar("T")

# Faults that may pass: another program writes, the disk is full or fails. https://www.sqlite.org/rescode.html
_MAY_PASS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


class JournalWriter:
    """A PageWriter into the database at a path, or into the default one for the kind of sensor.

    A fault that may pass is given to on_fault, and the work is repeated until it succeeds; then on_fault gets None. Any
    other fault is raised. Nothing is lost in between: the sensor keeps the records from the cursor on.
    """

    def __init__(
        self, path: Path | None, on_fault: Callable[[StoreError | None], None], backoff: Callable[[], Backoff] = Backoff
    ) -> None:
        self.path: Path | None = path
        """The database in use; None before the first sensor has said whether it is simulated."""
        self.records_added = 0
        self.gaps_added = 0
        self.fault: StoreError | None = None
        """The fault of the last attempt to read or write; None if it succeeded."""
        self._fixed_path = path
        self._on_fault = on_fault
        self._backoff = backoff
        self._store: Store | None = None
        self._simulated = False
        self._has_reported_fault = False
        self._thread: ThreadPoolExecutor | None = None

    async def cursor(self, info: SensorInfo) -> int:
        def begin() -> int:
            store = self._opened(info.simulated)
            store.add_sensor(Sensor(info.journal, info.device_id, info.board, info.firmware_version))
            return store.cursor(info.journal)

        return await self._until_done(begin)

    async def add_pages(self, info: SensorInfo, pages: list[bytes]) -> None:
        self.records_added += await self._until_done(lambda: self._opened(info.simulated).add_pages(pages))

    async def add_gap(self, info: SensorInfo, first: int, following: int) -> None:
        await self._until_done(lambda: self._opened(info.simulated).add_gap(info.journal, first, following))
        self.gaps_added += 1

    async def close(self) -> None:
        """Finish the work that has begun, and close the database."""
        thread, self._thread = self._thread, None
        if thread is None:
            return

        def end() -> None:
            thread.submit(self._close_store)
            thread.shutdown(wait=True)

        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, end))

    def _opened(self, simulated: bool) -> Store:
        if self._store is not None and self._simulated != simulated:
            self._close_store()
        if self._store is None:
            self.path = self._fixed_path or default_path(simulated)
            _check_kind(self.path, simulated)
            self._store = Store.open(self.path, simulated=simulated)
            self._simulated = simulated
        return self._store

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    async def _until_done(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="unslouch store")

        def tried() -> T:
            # On the thread and not where it is awaited: work that is cancelled there still ends here.
            try:
                result = work()
            except StoreError as error:
                self.fault = error
                raise
            self.fault = None
            return result

        backoff = self._backoff()
        while True:
            try:
                result = await asyncio.get_running_loop().run_in_executor(self._thread, tried)
            except StoreError as error:
                if not _may_pass(error):
                    raise
                log.log(logging.DEBUG if backoff.failures else logging.WARNING, "%s", error)
                delay_s = backoff.next_s()
                self._has_reported_fault = True
                self._on_fault(error)
                await asyncio.sleep(delay_s)
            else:
                if self._has_reported_fault:
                    self._has_reported_fault = False
                    self._on_fault(None)
                return result


def _check_kind(path: Path, simulated: bool) -> None:
    """Refuse the default database of the other kind of sensor, even where that file does not exist yet."""
    if path.resolve() == default_path(not simulated).resolve():
        existing, coming = ("wearer's own", "a simulated") if simulated else ("simulated sensors'", "a wearer's")
        raise StoreError(f"{path} is the {existing} database: {coming} sensor needs another one; choose it with --db.")


def _may_pass(error: StoreError) -> bool:
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _MAY_PASS
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
