"""Reconnecting: how long to wait before a link is tried again, and when a sensor that rests can be heard next."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

WINDOW_S = 15.0
"""How long a window may last, a late beginning included: the clocks of resting boards run some per cent wrong."""
EARLY_S = 1.0
FORESEEN_WINDOWS = 7
"""After so many it is anybody's guess when the next one is."""
GAP_S = 3.0
"""Between two tries while it is sought: no window is as short."""
SEEK_S = 3600.0
"""For how long it is sought like that; it may be away for days."""


class Backoff:
    """Delays between attempts: doubling, capped, and spread out so that two hosts don't keep colliding."""

    def __init__(
        self, first_s: float = 0.5, most_s: float = 15.0, uniform: Callable[[], float] = random.random
    ) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._uniform = uniform
        self.failures = 0

    def next_s(self) -> float:
        """Return the next delay, between half and all of first_s · 2^failures, at most most_s."""
        whole_s = min(self._most_s, self._first_s * 2.0 ** min(self.failures, 30))
        self.failures += 1
        return whole_s * (0.5 + 0.5 * self._uniform())

    def shortest_s(self) -> float:
        """Return the first delay again, without counting a failure."""
        return self._first_s * (0.5 + 0.5 * self._uniform())

    def reset(self) -> None:
        """Begin again with the shortest delay."""
        self.failures = 0


class Pace(Enum):
    """How a session goes about linking a sensor again."""

    BACKING_OFF = auto()
    """Whenever it may come back: delays that grow up to a cap."""
    SEEKING = auto()
    """Its windows are not known: it is listened for most of the time."""
    TO_WINDOW = auto()
    """Until just before the sensor's next window."""
    IN_WINDOW = auto()
    """The window should be open: one try after the other."""


@dataclass(frozen=True)
class Pause:
    """A delay until the next try, and why it is that long."""

    pace: Pace
    delay_s: float
    to_window_s: float | None
    """How long until the sensor's next window opens; None where it has none."""


class Reconnect:
    """Plans the tries after a link was lost. Times are of the event loop's clock."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff
        self._period_s = 0
        self._lost_at_s = 0.0
        self._sought_from_s: float | None = None

    @property
    def failures(self) -> int:
        """How many tries have failed in a row."""
        return self._backoff.failures

    def linked(self, period_s: int) -> None:
        """A link is up and good, to a sensor that advertises in windows of a period; 0: always."""
        self.hurry()
        self._period_s = period_s

    def lost(self, now_s: float) -> None:
        """That link has ended, from which on the sensor counts its windows."""
        self._lost_at_s = self._sought_from_s = now_s

    def hurry(self) -> None:
        """Begin again with the shortest delays."""
        self._backoff.reset()
        self._sought_from_s = None

    def to_window_s(self, now_s: float) -> float:
        """Return how long until the next window opens; only for a sensor that has any."""
        return self._period_s - (now_s - self._lost_at_s) % self._period_s

    def until_window_s(self, now_s: float) -> float:
        """Return how long to leave a sensor alone that is wanted in its next window only."""
        return max(0.0, self.to_window_s(now_s) - EARLY_S)

    def next(self, now_s: float, over_air: bool) -> Pause:
        """Return how long to wait before the next try; over_air: whether the sensor is waited for over the air."""
        if self._sought_from_s is None:
            self._sought_from_s = now_s
        delay_s = self._backoff.next_s()
        if over_air and now_s - self._lost_at_s < self._period_s * (FORESEEN_WINDOWS + 0.5):
            return self._around_window(now_s, delay_s)
        if over_air and now_s - self._sought_from_s < SEEK_S:
            return Pause(Pace.SEEKING, min(delay_s, GAP_S), None)
        return Pause(Pace.BACKING_OFF, delay_s, None)

    def _around_window(self, now_s: float, delay_s: float) -> Pause:
        to_window_s = self.to_window_s(now_s)
        since_s = self._period_s - to_window_s
        if now_s - self._lost_at_s >= self._period_s and since_s < WINDOW_S:
            return Pause(Pace.IN_WINDOW, min(delay_s, self._backoff.shortest_s()), to_window_s)
        if delay_s < to_window_s - EARLY_S:  # a press of its button opens a window, too
            return Pause(Pace.BACKING_OFF, delay_s, to_window_s)
        return Pause(Pace.TO_WINDOW, self.until_window_s(now_s), to_window_s)
