"""A thread for what would make the dashboard wait, such as reading the database from a slow drive."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class BackgroundThread:
    """Calls functions one after another, always in the same thread.

    While a function blocks, the process can end all the same, which it can't with asyncio.to_thread. So a function may
    be cut off at any point.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def call(self, function: Callable[[], T]) -> T:
        """Call a function in the thread, return what it returns and raise what it raises.

        A caller that is cancelled waits no longer, but the thread goes on.
        """
        return await asyncio.wrap_future(self.post(function))

    def post(self, function: Callable[[], T]) -> "Future[T]":
        """Call a function in the thread soon; what it raises is in the future that this returns."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        future: Future[T] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - the caller gets it
                future.set_exception(error)

        self._jobs.put(job)
        return future

    def close(self) -> None:
        """Let the thread end once it has called all that it was given; a later call starts another one."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread = None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
