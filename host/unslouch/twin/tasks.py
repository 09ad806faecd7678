"""Tasks: ending several background tasks without losing what one of them raised."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

log = logging.getLogger(__name__)


async def end_tasks(tasks: Iterable[asyncio.Task[object]]) -> None:
    """Cancel the tasks that still run, wait for their end, and log what they raise on the way.

    What a task has raised before is its owner's to retrieve; asyncio logs it otherwise.
    """
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("A task of the simulated sensor failed", exc_info=result)
