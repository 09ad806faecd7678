"""Files of trials with a reference for where up is (.npz, the format of broad_95hz.npz), in SI units."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from _npz import read_npz
from numpy.typing import NDArray

from unslouch.errors import BadInput

SCALES = ("fs", "gyr_lsb_rad_s", "acc_lsb_m_s2", "up_lsb")
VECTORS = ("gyr", "acc", "up")
MASKS = ("valid", "move")

GYRO_BIAS_RAD_S = np.radians((1.0, -0.7, 0.5))
ACCELEROMETER_BIAS_M_S2 = np.array((0.15, -0.1, 0.2))


@dataclass(frozen=True)
class Trial:
    """One trial, n samples.

    `acc` [m/s²], `gyr` [rad/s] and `up` (the reference, in the sensor's axes) are float64 of shape (n, 3); `scored`,
    bool of shape (n,), is where the reference is valid and the sensor moves.
    """

    name: str
    rate_hz: float
    acc: NDArray[np.float64]
    gyr: NDArray[np.float64]
    up: NDArray[np.float64]
    scored: NDArray[np.bool_]

    def is_a(self, kind: str) -> bool:
        """Whether the trial is slow, fast or disturbed: a word of its name, as "undisturbed" is another one.

        BROAD's undisturbed trials are slow, medium or fast; its disturbed ones (tapping, vibration, magnets, real
        surroundings) have no speed in their names. A name without any of these words counts among all trials only.
        """
        return kind in self.name.lower().split("_")

    def averaged_in_pairs(self) -> "Trial":
        """Half the rate: each pair's mean acceleration and rate, judged against the reference at its later sample."""
        return self.averaged(2)

    def averaged(self, number: int) -> "Trial":
        """The same at a fraction of the rate: means of so many samples, judged at the last of them.

        Raises BadInput where none of those last samples is scored.
        """
        n = len(self.acc) // number * number
        acc, gyr = (values[:n].reshape(-1, number, 3).mean(axis=1) for values in (self.acc, self.gyr))
        last = slice(number - 1, n, number)
        if not self.scored[last].any():
            raise BadInput(
                f"Trial {self.name} has no sample to score at {self.rate_hz / number:.1f} Hz; take a higher rate."
            )
        return replace(
            self, rate_hz=self.rate_hz / number, acc=acc, gyr=gyr, up=self.up[last], scored=self.scored[last]
        )

    def from_motion(self) -> "Trial":
        """The same without the rest at its beginning, as if the sensor had been switched on in motion."""
        begin = int(np.argmax(self.scored))
        return replace(self, acc=self.acc[begin:], gyr=self.gyr[begin:], up=self.up[begin:], scored=self.scored[begin:])

    def biased(self) -> "Trial":
        """The same as a poorer sensor would have measured it."""
        return replace(self, acc=self.acc + ACCELEROMETER_BIAS_M_S2, gyr=self.gyr + GYRO_BIAS_RAD_S)


def load(path: Path) -> list[Trial]:
    """Read a file of the format of broad_95hz.npz; raises BadInput with one sentence where it isn't one."""
    arrays = read_npz(path)
    if missing := [name for name in (*SCALES, "meta") if name not in arrays]:
        raise BadInput(f"{path} is not a file of trials with a reference: it lacks the arrays {', '.join(missing)}.")
    for name in SCALES:
        if not _is_number(arrays[name]) or arrays[name] <= 0:
            raise BadInput(f"{path}: {name} must be one number above zero.")
    return [_trial(path, arrays, key, name) for key, name in _names(path, arrays["meta"])]


def _names(path: Path, meta: NDArray) -> list[tuple[str, str]]:
    """Return key and name of each trial."""
    try:
        named = [(trial["key"], trial["name"]) for trial in json.loads(str(meta))]
    except (ValueError, TypeError, KeyError):
        named = []
    if not named or not all(isinstance(text, str) for pair in named for text in pair):
        raise BadInput(f"{path}: meta must be a JSON list that gives key and name of each trial.")
    return named


def _trial(path: Path, arrays: dict[str, NDArray], key: str, name: str) -> Trial:
    if missing := [each for what in (*VECTORS, *MASKS, "n") if (each := f"{what}_{key}") not in arrays]:
        raise BadInput(f"{path}: trial {name} lacks the arrays {', '.join(missing)}.")
    if not _is_number(arrays[f"n_{key}"]) or arrays[f"n_{key}"] < 2:
        raise BadInput(f"{path}: n_{key} must be how many samples trial {name} has.")
    n = int(arrays[f"n_{key}"])
    vectors = {}
    for what, scale in zip(VECTORS, SCALES[1:], strict=True):
        found = arrays[f"{what}_{key}"]
        if found.ndim != 2 or found.shape[1] != 3 or len(found) < n or not _is_finite(found):
            raise BadInput(f"{path}: {what}_{key} must hold three finite numbers for each of {n} samples.")
        vectors[what] = found[:n] * float(arrays[scale])
    for what in MASKS:
        found = arrays[f"{what}_{key}"]
        if found.ndim != 1 or found.dtype != np.uint8 or 8 * len(found) < n:
            raise BadInput(f"{path}: {what}_{key} must hold a bit for each of {n} samples, packed into bytes.")
    valid, move = (np.unpackbits(arrays[f"{what}_{key}"])[:n].astype(bool) for what in MASKS)
    if not (valid & move)[1::2].any():
        raise BadInput(f"{path}: trial {name} has no sample to score, none that is both valid and moving.")
    return Trial(name=name, rate_hz=float(arrays["fs"]), scored=valid & move, **vectors)


def _is_finite(array: NDArray) -> bool:
    return array.dtype.kind in "iuf" and bool(np.isfinite(array).all())


def _is_number(array: NDArray) -> bool:
    return array.size == 1 and _is_finite(array)
