"""Stillness: whether a wearer keeps as still as the sensor wants for a calibration, seen in live samples."""

from collections import deque
from enum import Enum

from unslouch.link.model import LiveSample
from unslouch_device.contract import states

WINDOW_MS = 1000
WANDER_DEG = 1.75
"""The sensor begins its measurement again beyond this distance from the mean (sense.calibration.STILL_WANDER)."""


class Stillness(Enum):
    """What the last second shows."""

    UNKNOWN = "unknown"
    STILL = "still"
    MOVING = "moving"


class StillnessMeter:
    """Takes live samples, any number of them a second."""

    def __init__(self) -> None:
        self._samples: deque[LiveSample] = deque()

    def observe(self, live: LiveSample | None) -> None:
        """Take the newest sample; None where there is none, which begins anew."""
        if live is None or (self._samples and live.uptime_ms < self._samples[-1].uptime_ms):
            self._samples.clear()
        if live is not None:
            self._samples.append(live)
            while self._samples[0].uptime_ms < live.uptime_ms - WINDOW_MS:
                self._samples.popleft()

    @property
    def stillness(self) -> Stillness:
        """Whether the wearer has been still for the last second; without a calibration the sensor's activity says."""
        if not self._samples or self._samples[-1].activity == states.ACTIVITY_UNKNOWN:
            return Stillness.UNKNOWN
        if self._samples[-1].activity == states.ACTIVITY_MOVING or self._wander_deg > WANDER_DEG:
            return Stillness.MOVING
        return Stillness.STILL

    @property
    def _wander_deg(self) -> float:
        """How far the tilt of the last second strays from its mean."""
        axes = (
            [each.forward_deg or 0.0 for each in self._samples],
            [each.lateral_deg or 0.0 for each in self._samples],
        )
        return max(abs(tilt - sum(axis) / len(axis)) for axis in axes for tilt in axis)
