"""Detect: what the firmware's own detector makes of a worn time, at one sample a second, and how the wearer answers.

The detector says itself when it is at rest; then samples of sitting upright change nothing and are skipped, as most of
a day is.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract import records, states
from unslouch_device.contract.settings import DEFAULTS, DELAY_MODE
from unslouch_device.sense.alert import ALERTED, CORRECTED, DELAY_ADAPTED, MISSED
from unslouch_device.sense.detector import CONFIRMED, ENDED, Detector
from unslouch_device.sense.posture import RISEN_COS

UNIT = 1 << 14
"""Of the cosine that the detector takes."""
_BUSY = (states.LYING, states.SLOUCHING, states.LEANING, states.RECLINED)
"""In these states the detector is never at rest."""
SITS_UP_WITHIN_S = (3, 20)
"""How long after an alert the wearer sits up, if at all; well below the 30 s that count as corrected."""
UPRIGHT_CDEG = 100
"""The mean tilt after sitting up."""


class SecondEvent(NamedTuple):
    """An event of the journal, at a second of a worn time."""

    second: int
    code: int
    fields: tuple[int, ...]


@dataclass
class Worn:
    """A worn time, second by second; tilts in cdeg."""

    forward_cdeg: NDArray[np.int32]
    lateral_cdeg: NDArray[np.int32]
    is_walking: NDArray[np.bool_]
    pose_ends: NDArray[np.int32]
    """For each second the one at which the wearer takes the next pose by themselves."""

    def __len__(self) -> int:
        return len(self.forward_cdeg)


class _Tilt:
    """The tilt of the current sample."""

    forward_cdeg = 0
    lateral_cdeg = 0


class Replayer:
    """Runs one worn time after the other through one detector."""

    def __init__(self) -> None:
        self._tilt = _Tilt()
        self._detector = Detector(1, self._tilt, DEFAULTS)
        self._alerted_at = 0
        self._onset = 0
        self._alerts = 0

    def rest(self, seconds: int) -> None:
        """Let time pass off the body."""
        self._detector.skip(seconds)

    def replay(
        self, worn: Worn, start_uptime_ms: int, draw: random.Random, answers: float, *, skips: bool = True
    ) -> tuple[NDArray[np.uint8], list[SecondEvent]]:
        """Return the state of each second and the events; an answered alert changes worn.forward_cdeg.

        start_uptime_ms: uptime of the first second. answers: the share of alerts after which the wearer sits up.
        skips: leave out samples that change nothing; the result is the same.
        """
        detector, tilt = self._detector, self._tilt
        state = np.where(worn.is_walking, states.MOVING, states.UPRIGHT).astype(np.uint8)
        busy = self._busy(worn) if skips else list(range(len(worn)))
        forward_cdeg, lateral_cdeg = worn.forward_cdeg.tolist(), worn.lateral_cdeg.tolist()
        uprightness = _uprightness(worn).tolist()
        is_walking = worn.is_walking.tolist()
        events: list[SecondEvent] = []
        update, follow = detector.posture.update, detector.follow
        at = 0
        while at < len(worn):
            if detector.at_rest:
                following = busy[found] if (found := bisect_left(busy, at)) < len(busy) else len(worn)
                if following > at:
                    detector.alerter.skip(following - at)
                    at = following
                    continue
            while at < len(worn):
                tilt.forward_cdeg, tilt.lateral_cdeg = forward_cdeg[at], lateral_cdeg[at]
                now = update(tilt.forward_cdeg, uprightness[at], True, False, False, is_walking[at])
                follow(now)
                state[at] = now
                if detector.happened:
                    events += self._events(at, start_uptime_ms)
                    if detector.happened & ALERTED and draw.random() < answers:
                        self._sit_up(worn, at + draw.randint(*SITS_UP_WITHIN_S), draw)
                        end = int(worn.pose_ends[at])
                        forward_cdeg[at:end] = worn.forward_cdeg[at:end].tolist()
                at += 1
                if now not in _BUSY and detector.at_rest:
                    break
        detector.posture.interrupt()
        return state, events

    def take_off(self, at: int, start_uptime_ms: int) -> list[SecondEvent]:
        """Return the events of a worn time that ends at a second: a slouch under way ends there."""
        self._tilt.forward_cdeg = 0
        state = self._detector.posture.update(0, UNIT, True, False, False, True)
        self._detector.follow(state)
        return self._events(at, start_uptime_ms) if self._detector.happened else []

    def _busy(self, worn: Worn) -> list[int]:
        """Return the seconds that a detector at rest may not skip."""
        dull_cdeg = self._detector.dull_cdeg
        sits = ~worn.is_walking & (np.abs(worn.forward_cdeg) > dull_cdeg)
        far_from_upright = _uprightness(worn) < RISEN_COS
        return np.flatnonzero(sits | far_from_upright).tolist()

    @staticmethod
    def _sit_up(worn: Worn, at: int, draw: random.Random) -> None:
        """Let the wearer sit up at a second and stay so until the next pose."""
        end = int(worn.pose_ends[min(at, len(worn) - 1)])
        rest = end - at
        if rest <= 0:
            return
        sway = worn.forward_cdeg[at:end] - worn.forward_cdeg[at:end].mean()
        worn.forward_cdeg[at:end] = UPRIGHT_CDEG + draw.randint(-150, 150) + np.clip(sway, -150, 150).astype(np.int32)

    def _events(self, at: int, start_uptime_ms: int) -> list[SecondEvent]:
        """Return what the journal says of the sample just taken, at a second of the worn time."""
        detector = self._detector
        happened, slouch, alerter = detector.happened, detector.posture.slouch, detector.alerter
        now_ms = start_uptime_ms + at * 1000
        events: list[SecondEvent] = []

        def add(code: int, *fields: int) -> None:
            events.append(SecondEvent(at, code, fields))

        if happened & CONFIRMED:
            self._alerts = 0
            self._onset = max(start_uptime_ms, now_ms - slouch.since_onset * 1000)
            add(records.SLOUCH_STARTED, self._onset & 0xFFFFFFFF, self._tilt.forward_cdeg)
        if happened & ALERTED:
            self._alerted_at = now_ms
            self._alerts += 1
            add(records.ALERT, self._tilt.forward_cdeg, alerter.given, DELAY_MODE)
        if happened & CORRECTED:
            add(records.CORRECTED, now_ms - self._alerted_at)
        if happened & MISSED:
            add(records.ALERT_MISSED, alerter.missed_number, alerter.missed_why)
        if happened & ENDED:
            add(
                records.SLOUCH_ENDED,
                slouch.peak_cdeg,
                slouch.mean_cdeg,
                min(0xFFFF, (now_ms - self._onset) // 1000),
                self._alerts,
            )
        if happened & DELAY_ADAPTED:
            add(records.DELAY_ADAPTED, alerter.delay_s, alerter.adapted_why)
        return events


def _uprightness(worn: Worn) -> NDArray[np.int32]:
    """Return the cosine of the angle between trunk and upright, in 2**-14."""
    forward, lateral = np.radians(worn.forward_cdeg / 100), np.radians(worn.lateral_cdeg / 100)
    cosine: NDArray[np.int32] = np.floor(UNIT * np.cos(forward) * np.cos(lateral)).astype(np.int32)
    return cosine
