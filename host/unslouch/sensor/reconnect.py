"""Reconnecting: how long to wait before the next try, and when a resting sensor advertises next."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

WINDOW_S = 15.0
"""The length of a window, a late beginning included: the clock of a resting board is some per cent wrong."""
EARLY_S = 1.0
FORESEEN_WINDOWS = 7
"""After as many windows without a link, the error of the board's clock is larger than a window."""
GAP_S = 3.0
"""Between two tries while it is sought; every window is longer."""
SEEK_S = 3600.0
"""For how long it is sought like that, since it may stay out of reach for days."""


class Backoff:
    """Delays between attempts, doubled each time up to a cap, with jitter so that two hosts don't keep colliding."""

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
    """How a session tries to link a sensor again."""

    BACKING_OFF = auto()
    """It may come back at any time: delays grow up to a cap."""
    SEEKING = auto()
    """Its windows are unknown: the host listens most of the time."""
    TO_WINDOW = auto()
    """The host waits until just before the sensor's next window."""
    IN_WINDOW = auto()
    """The window should be open: the host tries again and again."""


@dataclass(frozen=True)
class Pause:
    """A delay until the next try, and why it is that long."""

    pace: Pace
    delay_s: float
    to_window_s: float | None
    """Time until the sensor's next window opens; None if it has none."""


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
        """Take note of a link to a sensor whose windows open each period_s; 0: it always advertises."""
        self.hurry()
        self._period_s = period_s

    def lost(self, now_s: float) -> None:
        """Take note of the end of the link, from which the sensor counts its windows."""
        self._lost_at_s = self._sought_from_s = now_s

    def hurry(self) -> None:
        """Begin again with the shortest delay, and with the hour of seeking."""
        self._backoff.reset()
        self._sought_from_s = None

    def to_window_s(self, now_s: float) -> float:
        """Return the time until the next window opens, of a sensor that has windows."""
        return self._period_s - (now_s - self._lost_at_s) % self._period_s

    def until_window_s(self, now_s: float) -> float:
        """Return how long to wait for the next window, of a sensor that is to be linked only then."""
        return max(0.0, self.to_window_s(now_s) - EARLY_S)

    def next(self, now_s: float, over_air: bool) -> Pause:
        """Return how long to wait before the next try; over_air: whether it may come over the air."""
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
        if delay_s < to_window_s - EARLY_S:  # a press of its button opens a window, as well
            return Pause(Pace.BACKING_OFF, delay_s, to_window_s)
        return Pause(Pace.TO_WINDOW, self.until_window_s(now_s), to_window_s)
