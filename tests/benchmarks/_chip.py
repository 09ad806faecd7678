"""A recorded motion as the sensor's own chip would have measured it."""

import numpy as np
from numpy.typing import NDArray

from unslouch_device.parts.lsm6dsox import Lsm6dsox

STANDARD_GRAVITY_M_S2 = 9.80665
COUNTS_PER_G = 8192
"""Of acceleration as the firmware takes it. The chip counts half as many, so that ±8 g fit 16 bits."""
_LIMIT = 32767


def measured(acc_g: NDArray[np.floating], gyr_dps: NDArray[np.floating]) -> NDArray[np.int32]:
    """Return ax, ay, az in 2**-13 g and gx, gy, gz in counts, rounded, and cut where the chip saturates.

    Shapes (..., 3) and (..., 3) make one of (..., 6).
    """
    acc = np.clip(np.rint(acc_g * (COUNTS_PER_G // 2)), -_LIMIT, _LIMIT) * 2
    gyr = np.clip(np.rint(gyr_dps / Lsm6dsox.gyro_dps_per_count), -_LIMIT, _LIMIT)
    return np.concatenate([acc, gyr], axis=-1).astype(np.int32)


def as_delivered(counts: NDArray[np.int32]) -> NDArray[np.int16]:
    """Return counts of shape (..., 6) as the chip's driver leaves them: accelerations in 2**-12 g."""
    return np.concatenate([counts[..., :3] >> 1, counts[..., 3:]], axis=-1).astype("<i2")
