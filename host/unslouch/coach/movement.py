"""Movement: what the wearer's body does from sample to sample, as the coach's moment reads it."""

from collections import deque
from enum import Enum

from unslouch_device.contract import states

SEATED_STATES = frozenset({states.SLOUCHING, states.LEANING, states.RECLINED, states.UPRIGHT})
"""Worn, calibrated, neither lying nor walking."""
MAX_SILENCE_MS = 10_000
"""After a longer time without samples it isn't known whether posture changed, so stillness starts again."""


class Body(Enum):
    """What the body does at a moment."""

    HOLDS = "holds"
    """It keeps a posture, as in typing or reading."""
    SHIFTED = "shifted"
    """It has just changed posture by 5° or more."""
    WALKS = "walks"
    RESTS = "rests"
    """It lies, or the sensor is off the body or charging."""
    UNKNOWN = "unknown"


class MovementWatch:
    """Tells what the body does, and since when it keeps its posture.

    A posture is held when the mean tilts of five consecutive seconds are within 2.5° of their median. It has changed
    when the median of a held posture differs by 5° or more, forward or sideways, from the one held before. All three
    numbers are ours. Times are in ms of one clock that may be set.
    """

    HELD_S = 5
    WITHIN_DEG = 2.5
    CHANGE_DEG = 5.0

    def __init__(self) -> None:
        self.since_ms = 0
        """Since when the posture has been kept, or watched."""
        self._now_ms: int | None = None
        self._restart(0)

    def _restart(self, now_ms: int) -> None:
        self.since_ms = now_ms
        self._held: tuple[float, float] | None = None
        self._seconds: deque[tuple[float, float]] = deque(maxlen=self.HELD_S)
        self._second: int | None = None
        self._sums = [0.0, 0.0, 0.0]  # of forward tilts, of lateral tilts, and their number

    def observe(self, now_ms: int, state: int, forward_deg: float | None, lateral_deg: float | None) -> Body:
        """Take a sample and return what the body does."""
        if self._now_ms is None or not 0 <= now_ms - self._now_ms <= MAX_SILENCE_MS:
            self._restart(now_ms)
        self._now_ms = now_ms
        if state in SEATED_STATES and forward_deg is not None and lateral_deg is not None:
            return Body.SHIFTED if self._has_shifted(now_ms, forward_deg, lateral_deg) else Body.HOLDS
        self._restart(now_ms)
        if state == states.MOVING:
            return Body.WALKS
        return Body.RESTS if state in (states.LYING, states.OFF_BODY, states.CHARGING) else Body.UNKNOWN

    def held_min(self, now_ms: int) -> float:
        """Return for how many minutes the posture has been kept, as far as it was watched."""
        return max(0, now_ms - self.since_ms) / 60_000

    def _has_shifted(self, now_ms: int, forward_deg: float, lateral_deg: float) -> bool:
        has_shifted = False
        second = now_ms // 1000
        if self._second is not None and second != self._second:
            forward_sum, lateral_sum, count = self._sums
            self._seconds.append((forward_sum / count, lateral_sum / count))
            self._sums = [0.0, 0.0, 0.0]
            has_shifted = self._check_for_change(now_ms)
        self._second = second
        self._sums[0] += forward_deg
        self._sums[1] += lateral_deg
        self._sums[2] += 1
        return has_shifted

    def _check_for_change(self, now_ms: int) -> bool:
        if len(self._seconds) < self.HELD_S:
            return False
        forward_deg = sorted(second[0] for second in self._seconds)[self.HELD_S // 2]
        lateral_deg = sorted(second[1] for second in self._seconds)[self.HELD_S // 2]
        for second in self._seconds:
            if max(abs(second[0] - forward_deg), abs(second[1] - lateral_deg)) > self.WITHIN_DEG:
                return False
        if self._held is None:
            self._held = forward_deg, lateral_deg
            return False
        if max(abs(forward_deg - self._held[0]), abs(lateral_deg - self._held[1])) < self.CHANGE_DEG:
            return False
        self._held = forward_deg, lateral_deg
        self.since_ms = now_ms
        return True
