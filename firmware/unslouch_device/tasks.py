"""The tasks of the app: those that run until the end, and short ones; the first that fails ends the app."""

import asyncio

from .contract.records import TASK_ERRAND


class Tasks:
    """Runs coroutine functions beside one another, and keeps the exception of one that fails."""

    def __init__(self, crashes, supervisor) -> None:
        self._crashes = crashes
        self.beat = supervisor.beat  # which a task calls with its number, to show life
        self._stopped = asyncio.Event()
        self._tasks: list = []
        self._errands: list = []  # short tasks: patterns, calibrations
        self._failure: "Exception | None" = None

    def start(self, job, task: int):
        """Let a task run until the end, and return it. job: a coroutine function. task: its number in the contract."""
        self._tasks = [other for other in self._tasks if not other.done()]
        self._tasks.append(asyncio.create_task(self._guard(task, job)))
        return self._tasks[-1]

    def send_off(self, errand, *arguments) -> None:
        """Let a short task run: the coroutine function errand, called with the arguments."""
        self._errands.append(asyncio.create_task(self._run(errand, *arguments)))

    def busy(self) -> bool:
        """Return whether a short task is under way."""
        return any(not task.done() for task in self._errands)

    def stop(self) -> None:
        """End wait()."""
        self._stopped.set()

    async def wait(self) -> None:
        """Wait for stop(), or raise what a task has raised."""
        await self._stopped.wait()
        if self._failure is not None:
            raise self._failure

    def keep(self, error: Exception, task: int) -> None:
        """Keep an exception that ends the app, unless a task has raised one before: that is the cause, and kept."""
        if self._failure is None:
            self._crashes.keep(error, task)

    def end_all(self) -> None:
        """End all tasks."""
        for task in self._tasks + self._errands:
            task.cancel()

    async def _run(self, errand, *arguments) -> None:
        """Run a short task, and keep nothing of it: what it has loaded on demand would stay in memory."""
        await self._guard(TASK_ERRAND, errand, *arguments)
        self._errands.remove(asyncio.current_task())

    async def _guard(self, task: int, job, *arguments) -> None:
        try:
            await job(*arguments)
        except Exception as error:  # noqa: BLE001 - a task's edge: whatever it is, it must be reported
            self._failure = error
            self.stop()  # even where there is no memory left to keep it
            self._crashes.keep(error, task)
