"""Judges tilt that was measured for the doctor: of a sensor that lies still, and of a wearer who leans as asked."""

import math
from collections.abc import Iterator, Sequence
from statistics import fmean, pstdev

from .finding import Finding, Good, Result

STILL_DEG = 0.3
"""Standard deviation of the tilt of a sensor that lies still, at most: three times what the recordings show (ours)."""
LEAN_DEG = 10.0
"""A lean as it is asked for is at least so far."""


def check_noise(forward_deg: Sequence[float], lateral_deg: Sequence[float]) -> Iterator[Result]:
    """Judge some seconds of a sensor that lies still; angles may be those of any calibration."""
    if len(forward_deg) < 2:
        yield Finding("imu-silent", "No tilt came within the time.")
        return
    spread_deg = math.hypot(pstdev(forward_deg), pstdev(lateral_deg))
    if spread_deg > STILL_DEG:
        yield Finding(
            "noise", f"The tilt moves by {spread_deg:.2f}° (standard deviation); {STILL_DEG}° are usual at most."
        )
    else:
        yield Good(f"Lying still, the tilt moves by {spread_deg:.2f}° (standard deviation).")


def check_lean(before_deg: Sequence[float], leaning_deg: Sequence[float], direction: str) -> Iterator[Result]:
    """Judge a lean forward or to the right, against the seconds before it; angles are those of that direction."""
    if not before_deg or not leaning_deg:
        yield Finding("imu-silent", "No tilt came within the time.")
        return
    change_deg = fmean(leaning_deg) - fmean(before_deg)
    if change_deg < LEAN_DEG:
        yield Finding(
            "axes",
            f"Leaning {direction} changed the tilt by {change_deg:+.0f}°; at least +{LEAN_DEG:.0f}° were expected.",
        )
    else:
        yield Good(f"Leaning {direction} raises the tilt by {change_deg:.0f}°.")
