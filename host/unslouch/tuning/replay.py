"""Replay: what the firmware's detector makes of a series under given settings.

The detector is the board's own code (`unslouch_device.sense.detector`). It counts time in samples, so it runs at one
sample a second as it does at a hundred. Most of a day it is at rest and the wearer below the threshold; then it says
itself that such samples change nothing, and the replay skips them.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from unslouch_device.contract.settings import TRACKING_ONLY
from unslouch_device.contract.states import LEANING, LYING, SLOUCHING
from unslouch_device.sense.alert import ALERTED
from unslouch_device.sense.detector import CONFIRMED, ENDED, Detector
from unslouch_device.sense.posture import RISEN_COS

from .series import INERT, ON_CHARGER, POSTURE, WALKING, WITHOUT_CALIBRATION, Series

RATE_HZ = 1
SAMPLES_PER_LOOK = 3600
"""How many samples are replayed before it is asked again whether anybody still wants the result."""
_BUSY = (LYING, SLOUCHING, LEANING)
"""In these states the detector is never at rest."""


class Slouch(NamedTuple):
    """A confirmed slouch: samples from its crossing of the threshold to its end."""

    start: int
    end: int


@dataclass
class Replay:
    """What happened: sample numbers of alerts, and the slouches."""

    alerts: list[int] = field(default_factory=list)
    slouches: list[Slouch] = field(default_factory=list)


class _Tilt:
    """The tilt of the current sample."""

    forward_cdeg = 0
    lateral_cdeg = 0


class ReplayCancelled(Exception):
    """Nobody wants the result any more."""


def replay(
    series: Series,
    settings: Mapping[int, int],
    *,
    skip_dull: bool = True,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Replay:
    """Return what the detector makes of a series, as if alerts had been on all the time.

    settings: all of them, by id. The wearer's snoozes are kept. skip_dull: leave out samples that change nothing; the
    result is the same. Raises ReplayCancelled soon after is_cancelled() has become true.
    """
    tilt = _Tilt()
    detector = Detector(RATE_HZ, tilt, {**settings, TRACKING_ONLY: 0})
    run = _Run(series, detector, tilt, skip_dull)
    for piece in series.pieces:
        if piece.gap_s is not None:
            run.break_off(piece.start, piece.gap_s)
        detector.stand_at(piece.standing_cdeg)
        detector.alerter.snooze(piece.snooze_s)
        for start in range(piece.start, piece.end, SAMPLES_PER_LOOK):
            if is_cancelled():
                raise ReplayCancelled
            run.play(start, min(start + SAMPLES_PER_LOOK, piece.end))
    run.break_off(len(series), 0)
    return run.replay


class _Run:
    """One pass of a detector over a series."""

    def __init__(self, series: Series, detector: Detector, tilt: _Tilt, skip_dull: bool) -> None:
        self.replay = Replay()
        self._series = series
        self._detector = detector
        self._tilt = tilt
        self._skip_dull = skip_dull
        self._slouch_start: int | None = None
        self._busy_from: dict[int, list[int]] = {}

    def break_off(self, at: int, gap_s: int) -> None:
        """End what is under way before the sample at an index, which comes after a gap."""
        self._detector.skip(gap_s)
        self._end_slouch(at)

    def play(self, start: int, end: int) -> None:
        """Feed the detector with the samples [start, end) of one piece."""
        series, tilt, detector = self._series, self._tilt, self._detector
        forward_cdeg, lateral_cdeg, uprightness, kind = (
            series.forward_cdeg,
            series.lateral_cdeg,
            series.uprightness,
            series.kind,
        )
        update, follow = detector.posture.update, detector.follow
        at = self._after_dull(start, end)
        while at < end:
            what = kind[at]
            tilt.forward_cdeg = forward_cdeg[at]
            tilt.lateral_cdeg = lateral_cdeg[at]
            state = update(
                tilt.forward_cdeg,
                uprightness[at],
                what != WITHOUT_CALIBRATION,
                what == ON_CHARGER,
                what == INERT,
                what == WALKING,
            )
            follow(state)
            if detector.happened:
                self._record(at, detector.happened)
            at += 1
            if state not in _BUSY:
                at = self._after_dull(at, end)

    def _after_dull(self, at: int, end: int) -> int:
        """Skip the samples from an index on that change nothing, and return the index of the next."""
        detector = self._detector
        if not self._skip_dull or not detector.at_rest:
            return at
        busy = self._busy(detector.dull_cdeg)
        found = bisect_left(busy, at)
        following = min(end, busy[found]) if found < len(busy) else end
        detector.alerter.skip(following - at)
        return following

    def _busy(self, dull_cdeg: int) -> list[int]:
        """Return the indices of the samples that a detector at rest may not skip."""
        if dull_cdeg not in self._busy_from:
            series = self._series
            kind = np.frombuffer(series.kind, np.uint8)
            above = np.frombuffer(series.forward_cdeg, np.int32) > dull_cdeg
            far_from_upright = np.frombuffer(series.uprightness, np.int16) < RISEN_COS
            self._busy_from[dull_cdeg] = np.flatnonzero(above & (kind == POSTURE) | far_from_upright).tolist()
        return self._busy_from[dull_cdeg]

    def _record(self, at: int, happened: int) -> None:
        if happened & ALERTED:
            self.replay.alerts.append(at)
        if happened & ENDED:
            self._end_slouch(at)
        if happened & CONFIRMED:
            self._slouch_start = at - self._detector.posture.slouch.since_onset

    def _end_slouch(self, at: int) -> None:
        if self._slouch_start is not None:
            self.replay.slouches.append(Slouch(self._slouch_start, at))
            self._slouch_start = None
