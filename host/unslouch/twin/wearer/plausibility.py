"""Plausibility: whether a recording's numbers can be what its file says they are, before they are replayed.

A file states its units and its rate, which may be wrong. Physics tests them: gravity reads 1 g, and it turns in
the sensor's axes as the gyroscope turns. A recording with too little motion for the test is accepted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy import float64
from numpy.typing import NDArray

Motion = NDArray[float64]
"""Shape (samples, 3)."""

STANDARD_GRAVITY: Final = 9.80665
"""m/s² in 1 g (CGPM 1901)."""
GRAVITY_TOLERANCE: Final = 1.25
"""The factor by which a sensor may misread gravity: sensors worn over clothes have been seen to read 1.09 g."""
CLIPPED_SHARE: Final = 0.05
"""More samples than that at one extreme value are at the end of the range …"""
CLIPPED_FROM: Final = {"acc": 1.5, "gyr": 100.0}
"""… if that is beyond what a resting wearer reaches, in g and °/s."""
SMOOTHED_S: Final = 0.3
TURN_S: Final = 1.0
LEAST_TURNS: Final = 20
FIRM_CORRELATION: Final = 0.85
"""
Between how gravity turned and how it should have by the gyroscope. People who sit still reach 0.88 to 0.98 (21 of 23 in
the IMU Sitting Postures Dataset, Ali et al. 2026), with a ratio of 1.02 to 1.25.
"""
RATIO_TOLERANCE: Final = 1.5
UNIT_TOLERANCE: Final = 2.0


def implausible(trials: Sequence[tuple[Motion, Motion]], rate_hz: float) -> str | None:
    """Return what can't be right about (acceleration [g], angular rate [°/s]) trials and what to do, None if nothing.

    The text is a sentence or two that begin with the name of an array of the file.
    """
    acc, gyr = (np.concatenate(parts) for parts in zip(*trials, strict=True))
    checks: list[Callable[[], str | None]] = [
        lambda: _constant("acc", acc) or _constant("gyr", gyr),
        lambda: _gravity(acc),
        lambda: _clipped("acc", acc, "g") or _clipped("gyr", gyr, "°/s"),
        lambda: _turning(trials, rate_hz),
    ]
    return next((text for check in checks if (text := check())), None)


def _constant(name: str, values: Motion) -> str | None:
    if np.ptp(values, axis=0).any():
        return None
    return f"{name} never changes, and so it was not measured by a moving sensor. Choose a recording that has it."


def _gravity(acc: Motion) -> str | None:
    read_g = float(np.median(np.linalg.norm(acc, axis=1)))
    if _near(read_g, 1, GRAVITY_TOLERANCE):
        return None
    reading = f"acc reads {read_g:.3g} g where gravity should read 1 g"
    if _near(read_g, STANDARD_GRAVITY, GRAVITY_TOLERANCE):
        return f"{reading}: it holds m/s². Divide acc_lsb_g by {STANDARD_GRAVITY}."
    if _near(read_g, 1000, GRAVITY_TOLERANCE):
        return f"{reading}: it holds thousandths of g. Divide acc_lsb_g by 1000."
    if read_g < 0.5:
        return f"{reading}: gravity was removed from it, or acc_lsb_g is too small. Use what the sensor measured, in g."
    return f"{reading}: acc_lsb_g is wrong. Give the g that one step of acc means."


def _clipped(name: str, values: Motion, unit: str) -> str | None:
    for axis in np.abs(values).T:
        most = float(axis.max())
        share = float(np.mean(axis == most))
        if share > CLIPPED_SHARE and most > CLIPPED_FROM[name]:
            return (
                f"{name} is at {most:.4g} {unit} in {share:.0%} of the samples, which is the end of its range. "
                "Choose a recording with a wider range."
            )
    return None


def _turning(trials: Sequence[tuple[Motion, Motion]], rate_hz: float) -> str | None:
    turns = [_turns(acc, gyr, rate_hz) for acc, gyr in trials]
    measured, predicted = (np.concatenate(parts) for parts in zip(*turns, strict=True))
    power = float((measured**2).sum() * (predicted**2).sum())
    if len(measured) < LEAST_TURNS or power == 0:
        return None
    product = float((measured * predicted).sum())
    correlation = product / math.sqrt(power)
    if correlation < -FIRM_CORRELATION:
        return (
            "gyr turns against gravity in acc: the axes of one have the wrong sign or order. Give both in the same "
            "right-handed axes."
        )
    ratio = product / float((predicted**2).sum())
    if correlation < FIRM_CORRELATION or _near(ratio, 1, RATIO_TOLERANCE):
        return None
    reading = f"gyr turns {_times(ratio)} than gravity in acc"
    if _near(ratio, math.degrees(1), UNIT_TOLERANCE):
        return f"{reading}: it holds rad/s. Multiply gyr_lsb_dps by {math.degrees(1):.4f}."
    return (
        f"{reading}: fs or gyr_lsb_dps is wrong. If it was recorded at about {rate_hz / ratio:.3g} Hz, set fs to that; "
        f"otherwise multiply gyr_lsb_dps by {ratio:.3g}."
    )


def _times(ratio: float) -> str:
    return f"{ratio:.2g} times slower" if ratio > 1 else f"{1 / ratio:.2g} times faster"


def _near(value: float, target: float, factor: float) -> bool:
    return target / factor <= value <= target * factor


def _turns(acc: Motion, gyr: Motion, rate_hz: float) -> tuple[Motion, Motion]:
    """Return how the up direction changed within each TURN_S of a trial: as acc has it, and as gyr predicts it.

    In the sensor's axes a fixed direction u changes by u × ω per second. Both are freed of their median, which takes
    the gyroscope's bias out.
    """
    width = max(1, round(SMOOTHED_S * rate_hz))
    length = max(1, round(TURN_S * rate_hz))
    if len(acc) < width + length + 1:
        return np.empty((0, 3)), np.empty((0, 3))
    up = _smoothed(acc, width)
    up /= np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-9)
    change = np.cross(up, np.radians(_smoothed(gyr, width))) / rate_hz
    integral = np.vstack([np.zeros((1, 3)), np.cumsum(change, axis=0)])
    first = np.arange(0, len(up) - length, max(1, length // 2))
    measured = up[first + length] - up[first]
    predicted = integral[first + length] - integral[first]
    return measured - np.median(measured, axis=0), predicted - np.median(predicted, axis=0)


def _smoothed(values: Motion, width: int) -> Motion:
    sums = np.vstack([np.zeros((1, 3)), np.cumsum(values, axis=0)])
    smoothed: Motion = (sums[width:] - sums[:-width]) / width
    return smoothed
