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
LAG_S = 40
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
class WorkRecording:
    """One person's samples at an even rate: counts of shape (samples, 3) in 2**-13 g, and a label each.

    inner: whether the sample is at least LAG_S from where a label changes. Labels were set by hand, in blocks, and
    follow what people did by up to that.
    """

    person: int
    rate_hz: float
    counts: NDArray[np.int32]
    labels: NDArray[np.str_]
    inner: NDArray[np.bool_]


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


def load_work(path: Path) -> list[WorkRecording]:
    """Read chest_work_52hz.npz; raises BadInput where it isn't that."""
    arrays = _npz(path, ("fs", "acc_lsb_g", "label_names"))
    persons = sorted(int(name[4:]) for name in arrays if name.startswith("acc_") and name[4:].isdigit())
    _npz(path, tuple(f"label_{person}" for person in persons))
    if not persons:
        raise BadInput(f"{path} is no such recording: it holds nobody's acceleration.")
    rate_hz, names = float(arrays["fs"]), arrays["label_names"]
    recordings = []
    for person in persons:
        acc_g, labels = arrays[f"acc_{person}"] * float(arrays["acc_lsb_g"]), arrays[f"label_{person}"]
        if acc_g.shape != (len(labels), 3) or not len(labels) or not set(np.unique(labels)) <= set(range(len(names))):
            raise BadInput(f"{path}: person {person} must have three accelerations and one known label per sample.")
        inner = np.ones(len(labels), dtype=bool)
        for change in (0, *(np.flatnonzero(np.diff(labels)) + 1), len(labels)):
            inner[max(0, change - round(LAG_S * rate_hz)) : change + round(LAG_S * rate_hz)] = False
        counts = measured(acc_g, np.zeros_like(acc_g))[:, :3]
        recordings.append(WorkRecording(person, rate_hz, counts, names[labels], inner))
    return recordings


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
