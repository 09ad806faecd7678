"""Starting workers, of which a newer one of the same group replaces the one before."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.dom import DOMNode
from textual.worker import Worker


def run_latest(
    node: DOMNode, function: Callable[..., Coroutine[Any, Any, None]], *arguments: object, group: str
) -> None:
    """Call a coroutine function in a worker; a worker of the group that still runs is cancelled.

    The coroutine is made when the worker begins, so one that is replaced before that leaves none behind.
    """
    work: Callable[[], Coroutine[None, None, None]] = partial(function, *arguments)
    _: Worker[None] = node.run_worker(work, group=group, exclusive=True)
