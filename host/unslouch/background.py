"""Background tasks whose exceptions are not lost."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

_running: set[asyncio.Task[Any]] = set()  # the event loop itself keeps weak references only


def start_in_background(
    work: Coroutine[Any, Any, T], name: str, on_error: Callable[[Exception], None] | None = None
) -> asyncio.Task[T]:
    """Run a coroutine as a task, for work whose result nobody awaits; call it in a running event loop.

    What the work raises is logged with its traceback under `name` at once, and given to on_error, through which it can
    end what depends on the work.
    """
    task = asyncio.get_running_loop().create_task(work, name=name)
    _running.add(task)

    def ended(task: asyncio.Task[T]) -> None:
        _running.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("%s failed", name, exc_info=error)
        if on_error is not None and isinstance(error, Exception):
            on_error(error)

    task.add_done_callback(ended)
    return task
