"""Recordings with labelled activity, as the firmware reads its chip: 2**-13 g up to ±8 g, and counts of rate."""

import csv
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _chip import STANDARD_GRAVITY_M_S2, measured
from _npz import read_npz
from numpy.typing import NDArray

from unslouch.errors import BadInput

WALK_SPANS_S = {"standing": [(40, 44)], "sitting": [(52, 79)], "walking": [(95, 115), (116, 138.5)]}
STERNUM_LABELS = {1: "bed", 2: "chair", 3: "lying", 4: "on foot"}
STERNUM_COLUMNS = ("rec", "t_s", "acc_frontal_g", "acc_vertical_g", "acc_lateral_g", "label")


@dataclass(frozen=True)
class Walk:
    """Samples at an even rate: times, counts of shape (samples, 6), and a label each ("" where there is none)."""

    rate_hz: float
    t_s: NDArray[np.float64]
    counts: NDArray[np.int32]
    labels: NDArray[np.str_]


@dataclass(frozen=True)
class SternumRecording:
    """Readings at irregular times: accelerations in g (vertical, lateral, frontal) and a label each."""

    name: str
    t_s: NDArray[np.float64]
    acc_g: NDArray[np.float64]
    labels: NDArray[np.str_]


def load_walk(path: Path, mean_of: int = 1) -> Walk:
    """Read upperback_walk_100hz.npz; each sample is the mean of so many. Raises BadInput where it isn't that."""
    arrays = _npz(path, ("t", "fs", "acc_upper_back", "gyr_upper_back"))
    count = len(arrays["t"]) // mean_of
    acc_g, gyr_dps = (
        values[: count * mean_of].reshape(count, mean_of, 3).mean(axis=1)
        for values in (arrays["acc_upper_back"] / STANDARD_GRAVITY_M_S2, np.degrees(arrays["gyr_upper_back"]))
    )
    t_s = arrays["t"][mean_of - 1 :: mean_of][:count].astype(np.float64)
    labels = np.full(count, "", dtype="U8")
    for label, spans in WALK_SPANS_S.items():
        for begin_s, end_s in spans:
            labels[(t_s >= begin_s) & (t_s < end_s)] = label
    return Walk(float(arrays["fs"]) / mean_of, t_s, measured(acc_g, gyr_dps), labels)


def load_sternum(path: Path) -> list[SternumRecording]:
    """Read sternum_lying.csv.gz; raises BadInput where it isn't that."""
    try:
        with gzip.open(path, "rt", newline="") as file:
            rows = [tuple(float(row[name]) for name in STERNUM_COLUMNS) for row in csv.DictReader(file)]
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}; check the path.") from None
    except KeyError as error:
        raise BadInput(f"{path} is no such recording: it lacks the column {error.args[0]}.") from None
    except (OSError, EOFError, ValueError, TypeError, zlib.error):
        raise BadInput(f"{path} is no readable .csv.gz file of numbers; it may be damaged or something else.") from None
    if not rows:
        raise BadInput(f"{path} holds no readings.")
    table = np.array(rows)
    if not np.isfinite(table).all() or not set(table[:, 5]) <= set(STERNUM_LABELS):
        raise BadInput(f"{path}: every number must be finite, and label one of 1 to 4.")
    found = []
    for rec in np.unique(table[:, 0]):
        part = table[table[:, 0] == rec]
        part = part[np.argsort(part[:, 1], kind="stable")]
        labels = np.array([STERNUM_LABELS[int(label)] for label in part[:, 5]])
        found.append(SternumRecording(f"{rec:g}", part[:, 1], part[:, [3, 4, 2]], labels))
    return found


def _npz(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    arrays = read_npz(path)
    if missing := [name for name in names if name not in arrays]:
        raise BadInput(f"{path} is no such recording: it lacks the arrays {', '.join(missing)}.")
    return arrays
