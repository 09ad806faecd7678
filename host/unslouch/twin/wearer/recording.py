"""A recorded wearer: one subject's session from a file of posture trials, replayed as motion."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from unslouch.errors import BadInput

from .plausibility import implausible

_ARRAYS: Final = ("acc", "gyr", "n", "label", "subject", "trial", "fs", "acc_lsb_g", "gyr_lsb_dps", "label_names")
_UNREADABLE: Final = (ValueError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What numpy and zipfile raise over damaged files; RuntimeError where the damage looks like an unknown format."""
MIN_RATE_HZ: Final = 1.0
MAX_RATE_HZ: Final = 10_000.0
"""What motion of a body is recorded at; beyond it, fs is a mistake."""
INSTEAD: Final = (
    "give the file of a recording (docs/recordings.md), or leave --wearer out for the built-in wearer, whose day "
    "--seed chooses"
)
BATTERY_MV: Final = 3900
SKIN_DEGC: Final = 31.0


@dataclass(frozen=True)
class Trial:
    """One instructed posture, at its place in the session."""

    label: str
    start_s: float
    duration_s: float


class RecordedWearer:
    """All trials of a subject in the order they were recorded; a MotionSource.

    docs/recordings.md has the format of the file. After the last trial the sensor lies still.
    """

    def __init__(self, path: Path | str, subject: int | None = None) -> None:
        """The subject may be left out where the file has only one.

        Raises BadInput if the file can't be read, isn't of that form, lacks the subject, or holds what can't be right.
        """
        self.path = Path(path)
        arrays = _load(self.path)
        _check_shapes(self.path, arrays)
        self.subject = _subject_of(self.path, arrays, subject)
        order = _trials_of(arrays, self.subject)
        lengths = [int(n) for n in arrays["n"][order]]
        self.rate_hz = float(arrays["fs"])
        acc_g = _trials(arrays["acc"], order, lengths, float(arrays["acc_lsb_g"]))
        gyro_dps = _trials(arrays["gyr"], order, lengths, float(arrays["gyr_lsb_dps"]))
        if fault := implausible(list(zip(acc_g, gyro_dps, strict=True)), self.rate_hz):
            raise BadInput(f"{self.path}: {fault}")
        self._motion: NDArray[float64] = np.hstack([np.concatenate(acc_g), np.concatenate(gyro_dps)])
        self.duration_s = len(self._motion) / self.rate_hz
        starts = np.concatenate([[0], np.cumsum(lengths)])
        self.trials = [
            Trial(str(arrays["label_names"][arrays["label"][row]]), float(start / self.rate_hz), length / self.rate_hz)
            for row, start, length in zip(order, starts, lengths, strict=False)
        ]

    @property
    def upright_at_s(self) -> float:
        """Start of the first upright trial. Raises BadInput if there is none."""
        for trial in self.trials:
            if trial.label == "upright":
                return trial.start_s
        raise BadInput(
            f"Subject {self.subject} of {self.path} has no trial with the label upright to calibrate from; choose "
            "another subject, label a trial so, or leave the sensor uncalibrated with --uncalibrated."
        )

    def sample(self, first: int, count: int, rate_hz: float) -> NDArray[float64]:
        """Linear interpolation between the recorded samples; see MotionSource.sample."""
        position = np.arange(first, first + count) * (self.rate_hz / rate_hz)
        last = len(self._motion) - 1
        before = np.minimum(position.astype(np.int64), last)
        after = np.minimum(before + 1, last)
        share = (position - before)[:, None]
        motion: NDArray[float64] = self._motion[before]
        motion += (self._motion[after] - motion) * np.minimum(share, 1.0)
        motion[position > last, 3:] = 0.0
        return motion

    def usb_present(self, t_s: float) -> bool:
        return False

    def battery_mV(self, t_s: float) -> int:
        return BATTERY_MV

    def temperature_degC(self, t_s: float) -> float:
        return SKIN_DEGC


def _load(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with path.open("rb") as file:  # np.load leaves a file of its own open when what it finds is no archive
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise BadInput(f"{path} holds one bare array, and a recording is a .npz file of several: {INSTEAD}.")
            with archive:
                missing = [name for name in _ARRAYS if name not in archive.files]
                if missing:
                    raise BadInput(
                        f"{path} is no posture recording, since it lacks the arrays {', '.join(missing)}: {INSTEAD}."
                    )
                return {name: archive[name] for name in _ARRAYS}
    except FileNotFoundError:
        raise BadInput(f"There is no recording {path}: {INSTEAD}.") from None
    except OSError as error:
        raise BadInput(
            f"The recording {path} can't be read ({(error.strerror or str(error)).lower()}): {INSTEAD}."
        ) from None
    except _UNREADABLE:
        raise BadInput(f"{path} is no .npz file of numbers, or is damaged: {INSTEAD}.") from None


def _check_shapes(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    acc, trials = arrays["acc"], arrays["acc"].shape[:1]
    if acc.ndim != 3 or acc.shape[2] != 3 or arrays["gyr"].shape != acc.shape:
        raise BadInput(
            f"{path}: acc and gyr must both have the shape (trials, samples, 3), "
            f"but have {acc.shape} and {arrays['gyr'].shape}."
        )
    for name in ("n", "label", "subject", "trial"):
        if arrays[name].shape != trials or arrays[name].dtype.kind not in "iu":
            raise BadInput(f"{path}: {name} must hold one whole number for each of the {trials[0]} trials.")
    for name in ("acc", "gyr"):
        if arrays[name].dtype.kind not in "iuf" or not np.isfinite(arrays[name]).all():
            raise BadInput(f"{path}: {name} must hold numbers, all of them finite.")
    for name in ("fs", "acc_lsb_g", "gyr_lsb_dps"):
        if arrays[name].shape != () or arrays[name].dtype.kind not in "iuf" or not 0 < float(arrays[name]) < np.inf:
            raise BadInput(f"{path}: {name} must be one positive number.")
    if not MIN_RATE_HZ <= float(arrays["fs"]) <= MAX_RATE_HZ:
        raise BadInput(f"{path}: fs must lie between {MIN_RATE_HZ:g} and {MAX_RATE_HZ:g} Hz, but is {arrays['fs']:g}.")
    if trials[0] and (arrays["n"].min() < 1 or arrays["n"].max() > acc.shape[1]):
        raise BadInput(f"{path}: n must lie between 1 and the {acc.shape[1]} samples of a trial.")
    names = arrays["label_names"]
    if names.ndim != 1 or names.dtype.kind != "U":
        raise BadInput(f"{path}: label_names must be a list of names.")
    if trials[0] and not 0 <= arrays["label"].min() <= arrays["label"].max() < len(names):
        raise BadInput(f"{path}: label must index the {len(names)} label_names.")


def _subject_of(path: Path, arrays: dict[str, NDArray[np.generic]], subject: int | None) -> int:
    subjects = [int(number) for number in np.unique(arrays["subject"])]
    if not subjects:
        raise BadInput(f"{path} holds no trials: {INSTEAD}.")
    there = ", ".join(map(str, subjects))
    if subject is None:
        if len(subjects) > 1:
            raise BadInput(f"{path} holds several subjects; choose one of them with --subject: {there}.")
        return subjects[0]
    if subject not in subjects:
        raise BadInput(f"{path} has no subject {subject}; it has: {there}.")
    return subject


def _trials_of(arrays: dict[str, NDArray[np.generic]], subject: int) -> NDArray[np.int64]:
    """Rows of the subject's trials in their order."""
    rows = np.flatnonzero(arrays["subject"] == subject)
    return rows[np.argsort(arrays["trial"][rows], kind="stable")]


def _trials(
    data: NDArray[np.generic], order: NDArray[np.int64], lengths: list[int], scale: float
) -> list[NDArray[float64]]:
    return [data[row, :length].astype(float64) * scale for row, length in zip(order, lengths, strict=True)]
