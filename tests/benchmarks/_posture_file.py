"""Files of labelled posture trials (.npz), as counts of the chip that the firmware reads."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _chip import measured
from _npz import read_npz
from numpy.typing import NDArray

from unslouch.errors import BadInput

ARRAYS = ("acc", "gyr", "n", "label", "subject", "trial", "fs", "acc_lsb_g", "gyr_lsb_dps", "label_names")
PER_TRIAL = ("n", "label", "subject", "trial")
SCALARS = ("fs", "acc_lsb_g", "gyr_lsb_dps")
UPRIGHT = "upright"


@dataclass(frozen=True)
class Trial:
    """One trial: `counts` holds ax, ay, az, gx, gy, gz of each sample, int32 of shape (samples, 6)."""

    subject: int
    order: int
    label: str
    counts: NDArray[np.int32]


@dataclass(frozen=True)
class PostureFile:
    """All trials of a file, by subject and in the order they were recorded."""

    rate_hz: float
    label_names: list[str]
    trials: list[Trial]


def load(path: Path) -> PostureFile:
    """Read a file of the format of sitting_T4_50hz.npz; raises BadInput with one sentence where it isn't one."""
    arrays = _read(path)
    _check(path, arrays)
    counts = measured(arrays["acc"] * float(arrays["acc_lsb_g"]), arrays["gyr"] * float(arrays["gyr_lsb_dps"]))
    names = [str(name) for name in arrays["label_names"]]
    rows = zip(*(arrays[name].tolist() for name in PER_TRIAL), counts, strict=True)
    trials = [Trial(subject, order, names[label], row[:n]) for n, label, subject, order, row in rows]
    trials.sort(key=lambda trial: (trial.subject, trial.order))
    return PostureFile(float(arrays["fs"]), names, trials)


def _read(path: Path) -> dict[str, NDArray]:
    arrays = read_npz(path)
    if missing := [name for name in ARRAYS if name not in arrays]:
        raise BadInput(f"{path} is not a file of posture trials: it lacks the arrays {', '.join(missing)}.")
    return arrays


def _check(path: Path, arrays: dict[str, NDArray]) -> None:
    acc, gyr = arrays["acc"], arrays["gyr"]
    if acc.ndim != 3 or acc.shape[2] != 3 or gyr.shape != acc.shape:
        raise BadInput(
            f"{path}: acc and gyr must both have the shape (trials, samples, 3), but have {acc.shape} and {gyr.shape}."
        )
    for name in PER_TRIAL:
        if arrays[name].shape != acc.shape[:1] or arrays[name].dtype.kind not in "iu":
            raise BadInput(f"{path}: {name} must hold one whole number for each of the {len(acc)} trials.")
    for name in ("acc", "gyr", *SCALARS):
        if arrays[name].dtype.kind not in "iuf" or not np.isfinite(arrays[name]).all():
            raise BadInput(f"{path}: {name} must hold finite numbers.")
    for name in SCALARS:
        if arrays[name].size != 1 or arrays[name] <= 0:
            raise BadInput(f"{path}: {name} must be one number above zero.")
    if arrays["label_names"].ndim != 1 or arrays["label_names"].dtype.kind not in "US":
        raise BadInput(f"{path}: label_names must be a list of names.")
    if not len(acc) or not 0 < arrays["n"].min() <= arrays["n"].max() <= acc.shape[1]:
        raise BadInput(f"{path}: n must be between 1 and the {acc.shape[1]} samples that a trial has.")
    if not 0 <= arrays["label"].min() <= arrays["label"].max() < len(arrays["label_names"]):
        raise BadInput(f"{path}: label must index the {len(arrays['label_names'])} label_names.")
