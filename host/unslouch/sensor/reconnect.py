"""Reconnecting: how long to wait before the next try, when a resting sensor advertises next, or why it doesn't."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from unslouch_device.contract.gatt import FIRST_GAP_S, next_gap_s
from unslouch_device.contract.settings import DEFAULTS, RANGES, WINDOW_MIN

from .deep_sleep import DeepSleep, ExpectedSleep

WINDOW_S = 15.0
"""The length of a window, a late beginning included: the clock of a resting board is some per cent wrong."""
EARLY_S = 1.0
FORESEEN_S = 1350.0
"""After so long without a link, the error of the board's clock is larger than a window: it is sought all the time."""
GAP_S = 3.0
"""Between two tries while it is sought; every window is longer."""
SEEK_S = 3600.0
"""For how long it is sought like that, and its windows are counted: it may stay out of reach for days."""


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
    ASLEEP = auto()
    """It sleeps deeply until somebody ends that: the host tries all the time, seldom enough for a whole night."""


@dataclass(frozen=True)
class Pause:
    """A delay until the next try, and why it is that long."""

    pace: Pace
    delay_s: float
    to_window_s: float | None
    """Time until the sensor's next window opens; None if it has none."""
    deep_sleep: DeepSleep | None = None
    """Why the sensor isn't heard, as far as it is known."""


class Reconnect:
    """Plans the tries after a link was lost. Times are of the event loop's clock."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff
        self._gap_s = 0
        self._most_gap_min = DEFAULTS[WINDOW_MIN]
        self._expected: ExpectedSleep | None = None
        self._lost_at_s = 0.0
        self._sought_from_s: float | None = None

    @property
    def failures(self) -> int:
        """How many tries have failed in a row."""
        return self._backoff.failures

    def linked(self, gap_s: int) -> None:
        """Take note of a link to a sensor whose next window opens gap_s after the link's end; 0: it has none."""
        self.hurry()
        self._gap_s = gap_s
        self._expected = None

    def left(self, *, was_watched: bool, most_gap_min: int | None, expected: ExpectedSleep | None) -> None:
        """Take note of how a link was left.

        was_watched: somebody watched over it, so that the next windows come sooner. most_gap_min: the sensor's setting
        window-gap; None for a sensor that has none. expected: the deep sleep that the sensor announced.
        """
        if was_watched:
            self._gap_s = min(self._gap_s, FIRST_GAP_S)
        self._most_gap_min = max(RANGES[WINDOW_MIN][0], DEFAULTS[WINDOW_MIN] if most_gap_min is None else most_gap_min)
        self._expected = expected

    def lost(self, now_s: float) -> None:
        """Take note of the end of the link, from which the sensor counts its windows."""
        self._lost_at_s = self._sought_from_s = now_s

    def hurry(self) -> None:
        """Begin again with the shortest delay, and with the hour of seeking."""
        self._backoff.reset()
        self._sought_from_s = None

    def _window(self, now_s: float) -> tuple[float, float]:
        """Return the time since the last window opened, infinite if none has, and until the next one does."""
        if not self._gap_s:
            return math.inf, math.inf
        since_s, gap_s, elapsed_s = math.inf, self._gap_s, now_s - self._lost_at_s
        while elapsed_s >= gap_s:
            since_s = elapsed_s = elapsed_s - gap_s
            gap_s = next_gap_s(gap_s, self._most_gap_min)
        return since_s, gap_s - elapsed_s

    def to_window_s(self, now_s: float) -> float:
        """Return the time until the next window opens, of a sensor that has windows."""
        return self._window(now_s)[1]

    def until_window_s(self, now_s: float) -> float:
        """Return how long to wait for the next window, of a sensor that is to be linked only then."""
        return max(0.0, self.to_window_s(now_s) - EARLY_S)

    @property
    def missed_after_s(self) -> float:
        """How long after the end of a link a sensor that isn't heard has missed a window."""
        return self._gap_s + WINDOW_S

    def deep_sleep(self, now_s: float, over_air: bool) -> DeepSleep | None:
        """Return the deep sleep that the sensor announced, once it has begun or a window was missed; else None."""
        expected = self._expected
        has_missed = over_air and now_s - self._lost_at_s >= self.missed_after_s
        return expected.deep_sleep if expected is not None and (expected.has_begun or has_missed) else None

    def next(self, now_s: float, over_air: bool) -> Pause:
        """Return how long to wait before the next try; over_air: whether it may come over the air."""
        if self._sought_from_s is None:
            self._sought_from_s = now_s
        delay_s = self._backoff.next_s()
        deep_sleep = self.deep_sleep(now_s, over_air)
        if deep_sleep is None:
            return self._next_of_awake(now_s, delay_s, over_air, self._sought_from_s)
        if deep_sleep.is_certain:
            return Pause(Pace.ASLEEP, delay_s, None, deep_sleep)
        pause = self._next_of_awake(now_s, delay_s, over_air, self._sought_from_s)
        return replace(pause, to_window_s=None, deep_sleep=deep_sleep)

    def _next_of_awake(self, now_s: float, delay_s: float, over_air: bool, sought_from_s: float) -> Pause:
        elapsed_s, first_s, to_window_s = now_s - self._lost_at_s, self.missed_after_s, None
        if over_air and self._gap_s and elapsed_s < max(SEEK_S, first_s):
            since_s, to_window_s = self._window(now_s)
            if elapsed_s < max(FORESEEN_S, first_s):
                return self._around_window(since_s, to_window_s, delay_s)
        if over_air and now_s - sought_from_s < SEEK_S:
            return Pause(Pace.SEEKING, min(delay_s, GAP_S), to_window_s)
        return Pause(Pace.BACKING_OFF, delay_s, to_window_s)

    def _around_window(self, since_s: float, to_window_s: float, delay_s: float) -> Pause:
        if since_s < WINDOW_S:
            return Pause(Pace.IN_WINDOW, min(delay_s, self._backoff.shortest_s()), to_window_s)
        if delay_s < to_window_s - EARLY_S:  # a press of its button opens a window, as well
            return Pause(Pace.BACKING_OFF, delay_s, to_window_s)
        return Pause(Pace.TO_WINDOW, max(0.0, to_window_s - EARLY_S), to_window_s)
