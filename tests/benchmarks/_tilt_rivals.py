"""The filters that ours is compared with: each takes a whole trial and returns the up vector after every sample.

All of them use accelerometer and gyroscope in floats, causally, and see the data before the chip's rounding.
"""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from _chip import STANDARD_GRAVITY_M_S2
from _tilt_file import Trial
from numpy.typing import NDArray

from unslouch.errors import UnslouchError

Vectors = NDArray[np.float64]
"""Of shape (n, 3)."""

LIBRARIES = ("vqf", "ahrs", "imufusion")

MADGWICK_BETA = 0.033  # the library's own, Madgwick's for 6 axes
MAHONY_KP, MAHONY_KI = 0.4, 0.002  # about the best for BROAD; with the library's own 1 and 0.3 the error is thrice that
IMUFUSION_GAIN = 0.5
IMUFUSION_REJECTION_DEG = 90
IMUFUSION_TIMEOUT_S = 5  # 0 would switch rejection off
LOW_PASS_HZ = 1


def check_libraries() -> None:
    """Raises UnslouchError where a rival isn't installed."""
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        raise UnslouchError(
            f"What ours is judged against is missing here: {', '.join(missing)}; `make setup` installs it into .venv, "
            "`pip install --group benchmark` (pip 25.1 or newer) elsewhere."
        )


def vqf(trial: Trial) -> Vectors:
    """VQF, online, with its own parameters (Laidig & Seel, Information Fusion 91, 2023)."""
    from vqf import VQF

    return _up(VQF(1 / trial.rate_hz).updateBatch(*_contiguous(trial))["quat6D"])


def basicvqf(trial: Trial) -> Vectors:
    """VQF without its bias estimation and rest detection."""
    from vqf import BasicVQF

    return _up(BasicVQF(1 / trial.rate_hz).updateBatch(*_contiguous(trial))["quat6D"])


def madgwick(trial: Trial) -> Vectors:
    """The gradient descent of Madgwick, Harrison & Vaidyanathan (ICORR 2011), as `ahrs` has it."""
    from ahrs.filters import Madgwick

    return _up(Madgwick(gyr=trial.gyr, acc=trial.acc, frequency=trial.rate_hz, gain_imu=MADGWICK_BETA).Q)


def mahony(trial: Trial) -> Vectors:
    """The filter of Mahony, Hamel & Pflimlin (IEEE TAC 53(5), 2008), as `ahrs` has it."""
    from ahrs.filters import Mahony

    return _up(Mahony(gyr=trial.gyr, acc=trial.acc, frequency=trial.rate_hz, k_P=MAHONY_KP, k_I=MAHONY_KI).Q)


def imufusion(trial: Trial) -> Vectors:
    """The revised filter of Madgwick's thesis (chapter 7, 2014) with bias from rest, as xio's Fusion has it."""
    from imufusion import Ahrs, AhrsSettings, Bias, BiasSettings

    bias, ahrs = Bias(), Ahrs()
    bias.set_settings(BiasSettings(sample_rate=trial.rate_hz))
    ahrs.set_settings(
        AhrsSettings(
            sample_rate=trial.rate_hz,
            gain=IMUFUSION_GAIN,
            acceleration_rejection=IMUFUSION_REJECTION_DEG,
            rejection_timeout=IMUFUSION_TIMEOUT_S,
        )
    )
    up = np.empty_like(trial.acc)
    rows = zip(np.degrees(trial.gyr), trial.acc / STANDARD_GRAVITY_M_S2, strict=True)
    for i, (rate_dps, acceleration_g) in enumerate(rows):
        ahrs.update_no_magnetometer(bias.update(rate_dps), acceleration_g)
        up[i] = ahrs.get_gravity()
    return up


def accelerometer(trial: Trial) -> Vectors:
    """The accelerometer alone, through a first-order low-pass."""
    share = 1 - np.exp(-2 * np.pi * LOW_PASS_HZ / trial.rate_hz)
    up = np.empty_like(trial.acc)
    smooth = trial.acc[0].copy()
    for i, acceleration in enumerate(trial.acc):
        smooth += share * (acceleration - smooth)
        up[i] = smooth
    return up


RIVALS: dict[str, Callable[[Trial], Vectors]] = {
    "vqf": vqf,
    "basicvqf": basicvqf,
    "madgwick": madgwick,
    "mahony": mahony,
    "imufusion": imufusion,
    "accelerometer": accelerometer,
}


def _contiguous(trial: Trial) -> tuple[Vectors, Vectors]:
    """Return the arguments of vqf: rate and acceleration, in C order."""
    return np.ascontiguousarray(trial.gyr), np.ascontiguousarray(trial.acc)


def _up(quaternions: NDArray[np.float64]) -> Vectors:
    """The earth's z axis in the sensor's axes, from quaternions (w, x, y, z) that turn the sensor's to the earth's."""
    w, x, y, z = quaternions.T
    return np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z], axis=1)
