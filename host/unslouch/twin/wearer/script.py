"""The scripted day of a simulated wearer: what they do when, drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a segment shows."""

    UPRIGHT = "upright"
    SLOUCH = "slouch"
    GLANCE = "phone glance"
    FIDGET = "fidget"
    STAND_UP = "stand up"
    WALK = "walk"
    SIT_DOWN = "sit down"
    LIE_DOWN = "lie down"
    OFF_BODY = "off body"
    CHARGING = "charging"


@dataclass(frozen=True)
class Segment:
    """One thing done. The pose is reached `transition_s` after the start and held until the end."""

    kind: Kind
    start_s: float
    duration_s: float
    transition_s: float
    forward_deg: float
    """Forward tilt against sitting upright."""
    lateral_deg: float = 0.0
    """Lean to the right."""

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s

    @property
    def worn(self) -> bool:
        return self.kind not in (Kind.OFF_BODY, Kind.CHARGING)

    def __str__(self) -> str:
        hours, rest = divmod(round(self.start_s), 3600)
        return (
            f"{hours:02}:{rest // 60:02}:{rest % 60:02}  {self.kind:<12} {self.duration_s:6.0f} s"
            f"  forward {self.forward_deg:+4.0f}°  right {self.lateral_deg:+4.0f}°"
        )


OPENING_UPRIGHT_S = 10.0
OPENING_SLUMP_S = 8.0
OPENING_SLUMP_DEG = 24.0
OPENING_END_S = 75.0
"""The first minute is the same for every seed: upright, then from 10 s a slump that passes 12° at 14 s."""

WAKING_DAY_S = 16 * 3600.0
"""What is longer than this ends with a night on the charger."""

_OCCASIONS: tuple[tuple[float, Kind, tuple[float, float]], ...] = (
    (0.42, Kind.LIE_DOWN, (600.0, 600.0)),
    (0.60, Kind.OFF_BODY, (1200.0, 2400.0)),
    (0.80, Kind.CHARGING, (900.0, 1800.0)),
)
"""When in the day (as a share of it), what, and for how long (least and most seconds)."""


@dataclass(frozen=True)
class Habits:
    """How a wearer spends a day; the defaults are those of a day at a desk."""

    slumps: float = 0.45
    """The share of slumps in what interrupts sitting upright."""
    glances: float = 0.25
    """The share of glances at a phone; what remains are changes of pose."""
    reclines: float = 0.0
    """The share of changes of pose that lean back for some minutes."""
    sitting_min: tuple[float, float] = (20.0, 55.0)
    """From one break to the next."""
    walk_s: tuple[float, float] = (90.0, 480.0)
    """The length of the walk in a break."""
    has_opening: bool = True
    """Whether the day begins with the minute that is the same for every seed."""
    has_occasions: bool = True
    """Whether the wearer lies down, takes the sensor off and charges it once each."""


def write_day(seed: int, hours: float, habits: Habits | None = None) -> list[Segment]:
    """The segments of a day, without gaps, from 0 to the end; the same for the same arguments."""
    return _DayWriter(random.Random(seed), hours * 3600.0, habits or Habits()).write()


class _DayWriter:
    def __init__(self, draw: random.Random, length_s: float, habits: Habits) -> None:
        self._draw = draw
        self._length_s = length_s
        self._habits = habits
        self._segments: list[Segment] = []
        self._now_s = 0.0

    def write(self) -> list[Segment]:
        habits = self._habits
        if habits.has_opening:
            self._add(Kind.UPRIGHT, OPENING_UPRIGHT_S, 0.0, 0.0)
            self._add(Kind.SLOUCH, OPENING_END_S - OPENING_UPRIGHT_S, OPENING_SLUMP_S, OPENING_SLUMP_DEG)
        self._add(Kind.UPRIGHT, 75.0, 1.6, 0.0)
        awake_s = min(self._length_s, WAKING_DAY_S)
        occasions = [(share * awake_s, kind, length) for share, kind, length in _OCCASIONS if habits.has_occasions]
        least_min, most_min = habits.sitting_min
        while self._now_s < awake_s:
            until_s = self._now_s + self._draw.uniform(least_min * 60.0, most_min * 60.0)
            if occasions:
                until_s = min(until_s, occasions[0][0])
            self._sit(min(until_s, awake_s))
            if occasions and self._now_s >= occasions[0][0]:
                _, kind, (least_s, most_s) = occasions.pop(0)
                self._occasion(kind, min(self._draw.uniform(least_s, most_s), 0.06 * awake_s))
            elif self._now_s < awake_s:
                self._break()
        if self._length_s > awake_s:
            self._add(Kind.CHARGING, self._length_s - self._now_s, 6.0, 84.0, 4.0)
        return self._trimmed()

    def _sit(self, until_s: float) -> None:
        """Desk work: upright stretches with slumps, glances at a phone and changes of pose between them."""
        draw, habits = self._draw, self._habits
        while self._now_s < until_s:
            roll = draw.random()
            if roll < habits.slumps:
                self._slump()
            elif roll < habits.slumps + habits.glances:
                length_s = draw.uniform(5.0, 20.0)
                self._add(Kind.GLANCE, length_s, min(1.2, length_s / 4), draw.uniform(20.0, 30.0), draw.gauss(0.0, 2.0))
            elif roll > 1.0 - habits.reclines * (1.0 - habits.slumps - habits.glances):
                self._add(Kind.FIDGET, draw.uniform(60.0, 420.0), draw.uniform(2.0, 5.0), draw.uniform(-24.0, -16.0))
            else:
                aside_deg = draw.choice((-1.0, 1.0)) * draw.uniform(2.0, 6.0)
                length_s, moving_s = draw.uniform(4.0, 12.0), draw.uniform(0.8, 2.0)
                self._add(Kind.FIDGET, length_s, moving_s, draw.uniform(-4.0, 6.0), aside_deg)
            self._sit_upright(draw.uniform(45.0, 330.0))

    def _slump(self) -> None:
        """Slow, over 20 s to some minutes; the sitting up after it is abrupt or gradual (see _sit_upright)."""
        draw = self._draw
        sinking_s = draw.choice((draw.uniform(20.0, 60.0), draw.uniform(60.0, 240.0)))
        held_s = min(draw.expovariate(1 / 120.0) + 15.0, 600.0)
        self._add(Kind.SLOUCH, sinking_s + held_s, sinking_s, draw.uniform(18.0, 35.0), draw.gauss(0.0, 2.5))

    def _sit_upright(self, length_s: float) -> None:
        draw = self._draw
        correcting_s = draw.choice((draw.uniform(0.8, 1.5), draw.uniform(2.5, 6.0)))
        forward_deg = max(-3.5, min(3.5, draw.gauss(0.0, 1.5)))
        self._add(Kind.UPRIGHT, length_s, correcting_s, forward_deg, max(-2.5, min(2.5, draw.gauss(0.0, 1.0))))

    def _break(self) -> None:
        self._add(Kind.STAND_UP, 3.0, 2.6, 3.0)
        self._add(Kind.WALK, self._draw.uniform(*self._habits.walk_s), 1.5, self._draw.uniform(1.0, 5.0))
        self._add(Kind.SIT_DOWN, 3.0, 2.6, 1.0)
        self._sit_upright(self._draw.uniform(60.0, 240.0))

    def _occasion(self, kind: Kind, length_s: float) -> None:
        draw = self._draw
        self._add(Kind.STAND_UP, 3.0, 2.6, 3.0)
        self._add(Kind.WALK, draw.uniform(20.0, 60.0), 1.5, 2.0)
        if kind is Kind.LIE_DOWN:
            angle_deg = draw.uniform(75.0, 85.0)
            self._add(kind, length_s, 5.0, *draw.choice(((-angle_deg, 3.0), (5.0, angle_deg), (5.0, -angle_deg))))
        else:  # laid down on its back or its edge
            pose = draw.choice(((84.0, 4.0), (-88.0, -6.0), (10.0, 79.0)))
            self._add(kind, length_s, 6.0, *pose)
        self._add(Kind.WALK, draw.uniform(30.0, 90.0), 4.0, 2.0)
        self._add(Kind.SIT_DOWN, 3.0, 2.6, 1.0)
        self._sit_upright(draw.uniform(60.0, 240.0))

    def _add(
        self, kind: Kind, duration_s: float, transition_s: float, forward_deg: float, lateral_deg: float = 0.0
    ) -> None:
        self._segments.append(Segment(kind, self._now_s, duration_s, transition_s, forward_deg, lateral_deg))
        self._now_s += duration_s

    def _trimmed(self) -> list[Segment]:
        """Cuts the day at its length."""
        kept = [segment for segment in self._segments if segment.start_s < self._length_s]
        last = kept[-1]
        duration_s = self._length_s - last.start_s
        kept[-1] = Segment(
            last.kind, last.start_s, duration_s, min(last.transition_s, duration_s), last.forward_deg, last.lateral_deg
        )
        return kept
