"""Transports over blocking calls, which run on two threads: one reads, one writes."""

import asyncio
import threading
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .transport import ByteTransport, LinkLost

T = TypeVar("T")


class ThreadedTransport(ByteTransport):
    """Runs the blocking calls of a subclass on threads of its own.

    A call must return or raise after about a second at most, so that closing never hangs.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.closing = threading.Event()
        self._threads: ThreadPoolExecutor | None = None
        self._write_lock = asyncio.Lock()

    @abstractmethod
    def open_blocking(self) -> None:
        """Open it; raises LinkUnavailable or SensorBusy."""

    @abstractmethod
    def read_blocking(self) -> bytes:
        """Return the bytes that came, or none after some time; raises LinkLost."""

    @abstractmethod
    def write_blocking(self, data: bytes) -> None:
        """Send all of data; raises LinkLost."""

    @abstractmethod
    def wake(self) -> None:
        """End a read that is in progress sooner, if possible. Called from another thread."""

    @abstractmethod
    def close_blocking(self) -> None:
        """Close; called when no other call is in progress, and also if open_blocking() failed or never ran."""

    async def open(self) -> None:
        self._threads = ThreadPoolExecutor(2, thread_name_prefix=f"unslouch {self.name}")
        await self._run(self.open_blocking)

    async def read(self) -> bytes:
        return await self._run(self._read_some)

    def _read_some(self) -> bytes:
        while not self.closing.is_set():
            data = self.read_blocking()
            if data:
                return data
        raise LinkLost(f"The link to {self.name} is closed.")

    async def write(self, data: bytes) -> None:
        async with self._write_lock:
            await self._run(lambda: self.write_blocking(data))

    async def _run(self, call: Callable[[], T]) -> T:
        if self._threads is None or self.closing.is_set():
            raise LinkLost(f"The link to {self.name} is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def close(self) -> None:
        self.closing.set()
        threads, self._threads = self._threads, None
        if threads is None:
            return
        self.wake()

        def end() -> None:
            threads.shutdown(wait=True)
            self.close_blocking()

        # Shielded: a second cancellation must not leave the port open.
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, end))
