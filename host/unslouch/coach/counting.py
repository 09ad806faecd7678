"""Counts the repetitions of an exercise and measures its holds, from time and tilt alone.

A repetition is a movement away from the pose and back again: after a low-pass at 2 Hz, the tilt rises by at least
`at_least_deg` and falls by as much, and by `RETURN_SHARE` of what it rose. Turning points need no fixed zero, so a slow
drift doesn't matter. A repetition counts only if it is at least `LEAST_SHARE` as large as the wearer's median one so
far, so a half one doesn't. Nothing counts before the wearer has kept the start pose for `SETTLE_S`, and who leaves it
for another pose has to settle again: getting ready is no repetition.

All the numbers are ours. `tests/coach/test_counting.py` checks them on synthetic movements and on recordings of people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import exp, pi
from statistics import median

LOW_PASS_HZ = 2.0
SETTLE_S = 2.0
SETTLE_WITHIN_DEG = 3.0
"""The start pose is kept when the tilt stays within a range of this size for SETTLE_S."""
LEAST_SHARE = 0.6
"""Of the wearer's median repetition: a smaller one is a half one."""
RETURN_SHARE = 0.5
"""Of the way out: a repetition ends when so much of it was taken back."""
START_MARGIN_DEG = 10.0
"""A repetition may begin so far outside the range of the start pose."""
HOLD_SHARE = 0.9
"""A hold lasts while the tilt is beyond this share of the way to its plateau."""
STILL_WITHIN_DEG = 2.0
"""A pose is still when the tilt stays within a range of this size for STILL_S."""
STILL_S = 0.5
MAX_GAP_S = 2.0
"""After a longer time without samples the counter waits for the start pose again."""


class Axis(StrEnum):
    """The tilt that shows an exercise."""

    FORWARD = "forward"
    LATERAL = "lateral"


@dataclass(frozen=True)
class Signature:
    """What a repetition looks like to the sensor."""

    axis: Axis
    at_least_deg: float
    """The smallest movement that counts."""
    direction: int = 1
    """1: towards larger angles first, -1: towards smaller ones."""
    start_deg: tuple[float, float] | None = None
    """The range of the tilt in the start pose, None for any."""
    recording: str = ""
    """The recording of people that backs the count; without one it is experimental."""
    shortest_s: float = 0.4
    longest_s: float = 150.0


@dataclass(frozen=True)
class Repetition:
    """One repetition: when it began, turned and ended (s), its size (°) and how long the far end was held (s)."""

    start_s: float
    turn_s: float
    end_s: float
    size_deg: float
    hold_s: float


class RepetitionCounter:
    """Takes samples of a guided exercise and counts what it sees.

    `repetitions` holds those that count, `half` how many were too small beside the others. `is_armed` says whether the
    start pose was kept.
    """

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.repetitions: list[Repetition] = []
        self.half = 0
        self.is_armed = False
        self._samples: list[tuple[float, float]] = []  # time and low-passed tilt, since the last turn towards the pose
        self._stages: tuple[float, float] | None = None
        self._near: tuple[float, float] | None = None  # the last turning point at the pose's end: time, tilt
        self._far: tuple[float, float] | None = None
        low, high = sorted(signature.direction * edge for edge in signature.start_deg or (-360.0, 360.0))
        self._start = low, high

    @property
    def count(self) -> int:
        """The number of repetitions so far."""
        return len(self.repetitions)

    @property
    def start_deg(self) -> float | None:
        """The tilt that the current repetition began from, None before the start pose was kept."""
        return None if self._near is None else self.signature.direction * self._near[1]

    @property
    def needed_deg(self) -> float:
        """How far the tilt must go from there for the repetition to count."""
        sizes = [past.size_deg for past in self.repetitions]
        return max(self.signature.at_least_deg, LEAST_SHARE * median(sizes) if sizes else 0.0)

    @property
    def held_s(self) -> float:
        """For how long (s) the far end of the current repetition has been held until now."""
        if self._far is None or self._near is None:
            return 0.0
        return _held_s(self._samples, self._near[1])

    def wait_for_pose(self) -> None:
        """Count nothing until the start pose was kept again; the repetitions so far stay."""
        self.is_armed = False
        self._samples, self._stages, self._near, self._far = [], None, None, None

    def observe(self, now_s: float, forward_deg: float, lateral_deg: float) -> Repetition | None:
        """Take a sample, in the order of time, and return the repetition that it completes, if any."""
        signature = self.signature
        raw = signature.direction * (forward_deg if signature.axis is Axis.FORWARD else lateral_deg)
        if self._samples and not 0 < now_s - self._samples[-1][0] <= MAX_GAP_S:
            self.wait_for_pose()
        tilt = self._filtered(now_s, raw)
        self._samples.append((now_s, tilt))
        if not self.is_armed:
            self._wait_for_pose(now_s)
            return None
        return self._follow(now_s, tilt)

    def _filtered(self, now_s: float, raw: float) -> float:
        """Return the tilt after two low-passes of first order."""
        if self._stages is None:
            self._stages = raw, raw
            return raw
        share = 1 - exp(-2 * pi * LOW_PASS_HZ * (now_s - self._samples[-1][0]))
        first = self._stages[0] + share * (raw - self._stages[0])
        second = self._stages[1] + share * (first - self._stages[1])
        self._stages = first, second
        return second

    def _wait_for_pose(self, now_s: float) -> None:
        while now_s - self._samples[0][0] > SETTLE_S:
            if now_s - self._samples[1][0] < SETTLE_S:
                break
            self._samples.pop(0)
        tilts = [tilt for _, tilt in self._samples]
        kept_s = now_s - self._samples[0][0]
        is_still = kept_s >= SETTLE_S and max(tilts) - min(tilts) <= SETTLE_WITHIN_DEG
        if is_still and self._start[0] <= tilts[-1] <= self._start[1]:
            self.is_armed = True
            self._near = self._samples[-1]
            self._samples = self._samples[-1:]

    def _follow(self, now_s: float, tilt: float) -> Repetition | None:
        """Find turning points: first away from the pose, then back."""
        assert self._near is not None
        least_deg = self.signature.at_least_deg
        if self._far is None:
            if tilt <= self._near[1]:
                self._near = now_s, tilt
                self._samples = [(now_s, tilt)]
                if tilt < self._start[0] - START_MARGIN_DEG:
                    self.wait_for_pose()
            elif tilt >= self._near[1] + least_deg:
                self._far = now_s, tilt
            return None
        if tilt >= self._far[1]:
            self._far = now_s, tilt
            return None
        if tilt > self._far[1] - max(least_deg, RETURN_SHARE * (self._far[1] - self._near[1])):
            return None
        repetition = self._completed(now_s)
        self._near, self._far = (now_s, tilt), None
        self._samples = [(now_s, tilt)]
        return repetition

    def _completed(self, now_s: float) -> Repetition | None:
        assert self._near is not None
        assert self._far is not None
        size_deg = self._far[1] - self._near[1]
        length_s = now_s - self._near[0]
        if not self.signature.shortest_s <= length_s <= self.signature.longest_s:
            return None
        if self.repetitions and size_deg < LEAST_SHARE * median(past.size_deg for past in self.repetitions):
            self.half += 1
            return None
        hold_s = _held_s(self._samples, self._near[1])
        repetition = Repetition(self._near[0], self._far[0], now_s, size_deg, hold_s)
        self.repetitions.append(repetition)
        return repetition


def _held_s(samples: list[tuple[float, float]], from_deg: float) -> float:
    """Return for how long (s) a movement stayed near its plateau, the median of its upper quarter."""
    most = max(tilt for _, tilt in samples) - from_deg
    plateau = median(tilt - from_deg for _, tilt in samples if tilt - from_deg >= 0.75 * most)
    level = from_deg + HOLD_SHARE * plateau
    beyond = [time_s for time_s, tilt in samples if tilt >= level]
    return beyond[-1] - beyond[0] if beyond else 0.0


@dataclass(frozen=True)
class Hold:
    """A time in which the pose was still (s)."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


def still_holds(samples: Iterable[tuple[float, float, float]], shortest_s: float = 1.0) -> list[Hold]:
    """Return the times in which both tilts were still, from (time s, forward °, lateral °) in the order of time.

    For exercises whose stillness shows and not their movement, such as the bird dog.
    """
    window: list[tuple[float, float, float]] = []
    still: list[tuple[float, float]] = []
    for sample in samples:
        if window and not 0 < sample[0] - window[-1][0] <= MAX_GAP_S:
            window = []
        window.append(sample)
        while len(window) > 2 and sample[0] - window[1][0] >= STILL_S:
            window.pop(0)
        spreads = [max(one[axis] for one in window) - min(one[axis] for one in window) for axis in (1, 2)]
        if sample[0] - window[0][0] >= STILL_S and max(spreads) <= STILL_WITHIN_DEG:
            still.append((window[0][0], sample[0]))
    return [hold for hold in _merged(still) if hold.length_s >= shortest_s]


def _merged(spans: list[tuple[float, float]]) -> list[Hold]:
    """Return overlapping spans as one each."""
    if not spans:
        return []
    breaks = [index for index, (one, other) in enumerate(pairwise(spans), 1) if other[0] > one[1]]
    edges = [0, *breaks, len(spans)]
    return [Hold(spans[first][0], spans[last - 1][1]) for first, last in pairwise(edges)]
