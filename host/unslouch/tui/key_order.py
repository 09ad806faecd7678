"""Keys in the order in which they are typed: each goes to the screen that the keys before it have opened.

Textual hands a key to what has the focus when the key comes. A key that is typed quickly after one that opens a screen
would then go to the screen before, or to one whose parts or data aren't there yet. Here a key waits until the one
before it is handled, and until the screen on top is ready for it. Where nothing is under way it doesn't wait.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

from textual.app import App
from textual.dom import DOMNode
from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.widget import Widget

from .workers import run_beside

WAIT_AT_MOST_S = 20.0
"""How long a key waits at most for the key before it, and then for the screen. What takes longer is stuck."""
MOST_ROUNDS = 10
"""How often the focus may change while one key is handled."""

Typed = Key | Paste


@runtime_checkable
class NotAlwaysReady(Protocol):
    """A screen that some keys make no sense for until it has read or searched something."""

    def is_ready_for(self, key: str) -> bool:
        """Return whether a key can be handled now."""

    async def until_ready_for(self, key: str) -> None:
        """Wait until it can be."""


class KeyOrder:
    """Takes each key in the app's message pump, and calls `handle` there once the key's turn has come."""

    def __init__(self, app: App[Any], handle: Callable[[Typed], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._waiting: deque[Typed] = deque()
        self._is_busy = False
        """Whether a key is being handled or waits."""
        self._target: DOMNode | None = None
        """What had the focus when the last key was handled."""

    async def take(self, event: Typed) -> None:
        """Handle a key now, or after those before it."""
        if self._is_busy or not self._is_ready_for(event):
            self._waiting.append(event)
        else:
            await self._hand_on(event)
        if not self._is_busy:
            self._is_busy = True
            run_beside(self._app, self._work, group="keys")

    async def _work(self) -> None:
        try:
            await self._until_handled()
            while self._waiting:
                await self._until_ready_for(self._waiting[0])
                self._app.call_later(self._hand_on, self._waiting.popleft())
                await self._until_handled()
        finally:
            self._is_busy = False

    async def _hand_on(self, event: Typed) -> None:
        self._target = self._focused
        await self._handle(event)

    @property
    def _focused(self) -> Widget:
        screen = self._app.screen
        return screen.focused or screen

    def _is_ready_for(self, event: Typed) -> bool:
        screen = self._app.screen
        key = event.key if isinstance(event, Key) else ""
        return screen.is_mounted and not (isinstance(screen, NotAlwaysReady) and not screen.is_ready_for(key))

    async def _until_ready_for(self, event: Typed) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_AT_MOST_S):
                while not self._is_ready_for(event):
                    screen = self._app.screen
                    if isinstance(screen, NotAlwaysReady) and screen.is_mounted:
                        await screen.until_ready_for(event.key if isinstance(event, Key) else "")
                    await _handled_by([screen, self._app])

    async def _until_handled(self) -> None:
        """Wait until what the last key led to is done, wherever it has moved the focus to."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_AT_MOST_S):
                await _handled_by([self._app])  # the key may be in its queue yet
                target = self._target
                for _ in range(MOST_ROUNDS):
                    await _handled_by(self._path(target or self._focused))
                    if target is self._focused:
                        return
                    target = self._focused

    def _path(self, target: DOMNode) -> Iterable[MessagePump]:
        """Return the nodes by which a key, and what a widget says because of it, reaches the app: in a dialog, all."""
        screen = target.screen if target.is_attached else None
        inner = list(screen.walk_children()) if screen is not None and screen.is_modal else []
        return [*inner, *(node for node in target.ancestors_with_self if node is not self._app), self._app]


async def _handled_by(nodes: Iterable[MessagePump]) -> None:
    """Wait until each node in turn has handled the messages that it has by then, or has ended."""
    for node in nodes:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if node.call_later(_resolve, done):
            ended = [] if node._task is None else [node._task]
            await asyncio.wait([done, *ended], return_when=asyncio.FIRST_COMPLETED)


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
