"""The twin's time: an asyncio event loop whose clock is the world's, at any pace.

The clock moves from one timer to the next, and waits between them if it is ahead of its pace. On a computer that can't
keep up the world runs slower, and no sample is lost.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import time
from collections.abc import Mapping
from typing import Any


class WorldClock:
    """Seconds since the world began, at `speed` world seconds per real second; math.inf is as fast as it goes."""

    def __init__(self, speed: float, start_s: float = 0.0) -> None:
        self.now_s = start_s
        self.set_speed(speed)

    def set_speed(self, speed: float) -> None:
        """Change the pace from now on."""
        self.speed = speed
        self._pace_from_s = self.now_s
        self._real_from_s = time.monotonic()

    def real_wait_s(self, target_s: float) -> float:
        """How long to wait until the world may be at target_s; 0 if it is late."""
        if math.isinf(self.speed):
            return 0.0
        due_s = self._real_from_s + (target_s - self._pace_from_s) / self.speed
        return max(0.0, due_s - time.monotonic())

    def advance(self, target_s: float, *, interrupted: bool) -> None:
        """Move to target_s, or, if I/O interrupted the wait for it, to the time that the pace has reached."""
        if interrupted:
            if math.isinf(self.speed):
                return
            reached_s = self._pace_from_s + (time.monotonic() - self._real_from_s) * self.speed
            target_s = min(target_s, max(self.now_s, reached_s))
        self.now_s = target_s

    def let_pass(self, duration_s: float) -> None:
        """Move the clock on by a duration in which nothing else runs."""
        target_s = self.now_s + duration_s
        time.sleep(self.real_wait_s(target_s))
        self.now_s = target_s

    def now_us(self) -> int:
        """The world's time in µs."""
        return round(self.now_s * 1e6)


class _PacedSelector(selectors.BaseSelector):
    """Waits for I/O in real time while the world's clock moves."""

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return self._real.select(None)
        target_s = self._clock.now_s + max(0.0, timeout)
        ready = self._real.select(self._clock.real_wait_s(target_s) if timeout > 0 else 0)
        self._clock.advance(target_s, interrupted=bool(ready))
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class WorldLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is the world's: sleeping an hour takes an hour of the world."""

    def __init__(self, clock: WorldClock) -> None:
        self._world = clock
        super().__init__(_PacedSelector(clock))

    def time(self) -> float:
        return self._world.now_s
