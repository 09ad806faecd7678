"""Starting workers: each makes its coroutine when it begins, so one that is cancelled earlier leaves none behind."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.dom import DOMNode
from textual.worker import Worker


def run_beside(
    node: DOMNode, function: Callable[..., Coroutine[Any, Any, None]], *arguments: object, group: str
) -> Worker[None]:
    """Call a coroutine function in a worker, beside those of the group that still run."""
    work: Callable[[], Coroutine[None, None, None]] = partial(function, *arguments)
    return node.run_worker(work, group=group)


def run_latest(
    node: DOMNode, function: Callable[..., Coroutine[Any, Any, None]], *arguments: object, group: str
) -> None:
    """Call a coroutine function in a worker; a worker of the group that still runs is cancelled."""
    work: Callable[[], Coroutine[None, None, None]] = partial(function, *arguments)
    _: Worker[None] = node.run_worker(work, group=group, exclusive=True)
