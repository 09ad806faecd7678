"""What deciding at 10 to 13 Hz changes, against deciding at every sample: `python tests/benchmarks/decision_rate.py`.

Both pipelines get the same samples of the recordings of people, with the same settings, once for each alert mode. For
each file: slouches and alerts of the former and of today's, how many of each have a counterpart within a quarter of a
second, and how far apart those are at most; changes of state likewise, where a state lasts at least that long; the
share of the time in which both show the same state; and by how much epochs differ.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import _everywhere  # noqa: F401 - it makes every_sample known
import numpy as np
from _activity_files import load_walk, load_work
from _chip import STANDARD_GRAVITY_M_S2, as_delivered, measured
from _npz import read_npz
from _posture_file import UPRIGHT, load
from _recordings import run_on_folder
from _tilt_file import load as load_tilt
from numpy.typing import NDArray

from every_sample.pipeline import EverySamplePipeline
from unslouch_device.boards.xiao_esp32s3 import FORWARD, SPARE
from unslouch_device.contract.records import EPOCH_COARSE, EPOCH_MS, TILT_UNKNOWN, EpochRecord
from unslouch_device.contract.settings import (
    ALERT_GAP_S,
    ALERT_MODE,
    BUDGET_MODE,
    DEFAULTS,
    DELAY_MODE,
    DELAY_S,
    HOURLY_CAP,
)
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.sense.axes import axes
from unslouch_device.sense.pipeline import ALERTED, CONFIRMED, CORRECTED, ENDED, MISSED, Pipeline

SITTING, WALK, WORK = "sitting_T4_50hz.npz", "upperback_walk_100hz.npz", "chest_work_52hz.npz"
REPETITIONS, MOVED = "trunk_reps_50hz.npz", "broad_95hz.npz"
NEAR_S = 0.25
DELAY_TRIED_S = 7  # no multiple of an epoch
HAPPENED = {"confirmed": CONFIRMED, "ended": ENDED, "alerts": ALERTED, "corrected": CORRECTED, "missed": MISSED}


@dataclass(frozen=True)
class Stretch:
    """Samples of one wearer: counts of shape (samples, 6), acceleration in 2**-13 g, and what counts as upright."""

    rate_hz: float
    counts: NDArray[np.int32]
    up: tuple[float, float, float]


@dataclass
class Lived:
    """What a pipeline made of a stretch: the state of each sample, times in s by what happened, and epochs."""

    states: NDArray[np.uint8]
    times_s: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in HAPPENED})
    epochs: list[EpochRecord] = field(default_factory=list)


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="default: the recordings of people")
    parser.add_argument("--only", choices=tuple(LOADERS), help="one of the files")
    parser.add_argument("--delay", type=int, default=DELAY_TRIED_S, metavar="S", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON object, by file")
    options = parser.parse_args()
    chosen = {options.only: LOADERS[options.only]} if options.only else LOADERS
    assessments = {name: partial(_compare, loader, options.delay) for name, loader in chosen.items()}
    return run_on_folder(options, assessments, _print)


# ---- recordings ----


def _sitting(path: Path) -> Iterator[Stretch]:
    """Each person's trials, one after another; the first upright one calibrates."""
    recordings = load(path)
    for subject in sorted({trial.subject for trial in recordings.trials}):
        theirs = [trial for trial in recordings.trials if trial.subject == subject]
        upright = next((trial for trial in theirs if trial.label == UPRIGHT), None)
        if upright is not None:
            session = np.concatenate([trial.counts for trial in theirs])
            yield Stretch(recordings.rate_hz, session, _mean(upright.counts))


def _walk(path: Path) -> Iterator[Stretch]:
    for mean_of in (1, 2):
        walk = load_walk(path, mean_of)
        yield Stretch(walk.rate_hz, walk.counts, _mean(walk.counts[walk.labels == "sitting"]))


def _work(path: Path) -> Iterator[Stretch]:
    """Without a gyroscope: it reads zeros."""
    for each in load_work(path):
        counts = np.hstack([each.counts, np.zeros_like(each.counts)])
        yield Stretch(each.rate_hz, counts, _mean(each.counts[each.labels == "at computer"]))


def _repetitions(path: Path) -> Iterator[Stretch]:
    """Trunk tilt from optical markers, as a sensor that is tilted so would measure it, with 15 s of quiet around it."""
    arrays = read_npz(path)
    rate_hz = float(arrays["fs"])
    for name in sorted(name for name in arrays if name.startswith("theta_")):
        angles = [arrays[part + name[5:]] * float(arrays["lsb_deg"]) for part in ("theta", "phi")]
        theta, phi = (np.radians(np.pad(angle, round(15 * rate_hz), mode="edge")) for angle in angles)
        acc = np.stack([np.cos(phi) * np.cos(theta), np.sin(phi), np.cos(phi) * np.sin(theta)], axis=1)
        rates = np.degrees(np.stack([np.gradient(phi), np.gradient(theta), np.zeros_like(phi)], axis=1)) * rate_hz
        yield Stretch(rate_hz, measured(acc, rates), (1.0, 0.0, 0.0))


def _moved(path: Path) -> Iterator[Stretch]:
    """Hand motion, as recorded and averaged in pairs to near the firmware's own rate; the rest before it calibrates."""
    for trial in load_tilt(path):
        for each in (trial, trial.averaged_in_pairs()):
            counts = measured(each.acc / STANDARD_GRAVITY_M_S2, np.degrees(each.gyr))
            yield Stretch(each.rate_hz, counts, _mean(counts[: round(each.rate_hz)]))


def _mean(counts: NDArray[np.int32]) -> tuple[float, float, float]:
    x, y, z = counts[:, :3].mean(axis=0).tolist()
    return x, y, z


LOADERS = {SITTING: _sitting, WALK: _walk, WORK: _work, REPETITIONS: _repetitions, MOVED: _moved}

# ---- pipelines ----


def former(stretch: Stretch, settings: dict[int, int]) -> Lived:
    """Live through a stretch deciding at every sample."""
    pipeline = EverySamplePipeline(stretch.rate_hz, Lsm6dsox.gyro_dps_per_count, settings)
    pipeline.calibrate(*axes(stretch.up, FORWARD, SPARE))
    lived = Lived(np.zeros(len(stretch.counts), np.uint8))
    for i, sample in enumerate(stretch.counts.tolist()):
        second = _second(i, stretch.rate_hz, pipeline.epoch, lived)
        lived.states[i] = pipeline.step(second, *sample)
        _note(lived, pipeline.happened, (i + 1) / stretch.rate_hz)
    return lived


def present(stretch: Stretch, settings: dict[int, int]) -> Lived:
    """Live through a stretch as the firmware does."""
    pipeline = Pipeline(stretch.rate_hz, Lsm6dsox.gyro_dps_per_count, settings)
    pipeline.calibrate(*axes(stretch.up, FORWARD, SPARE))
    lived = Lived(np.zeros(len(stretch.counts), np.uint8))
    samples = as_delivered(stretch.counts).ravel().tolist()
    at, end = 0, len(stretch.counts)
    while at < end:
        run = min(pipeline.wanted, end - at)
        pipeline.take(samples, at, run)
        lived.states[at : at + run] = pipeline.posture.state
        at += run
        if not pipeline.wanted:
            lived.states[at - 1] = pipeline.decide(
                _second(max(0, at - 1 - pipeline.per_decision // 2), stretch.rate_hz, pipeline.epoch, lived)
            )
            _note(lived, pipeline.happened, at / stretch.rate_hz)
    return lived


def _second(index: int, rate_hz: float, epoch, lived: Lived) -> int:
    """Return the second of its epoch in which a sample lies, after closing the epoch before if it is over."""
    number, ms = divmod(round(index * 1000 / rate_hz), EPOCH_MS)
    if number > len(lived.epochs):
        epoch.pack(True)
        lived.epochs.append(EpochRecord(bytes(epoch.record)))
    return ms // 1000


def _note(lived: Lived, happened: int, at_s: float) -> None:
    if happened:
        for name, bit in HAPPENED.items():
            if happened & bit:
                lived.times_s[name].append(at_s)


# ---- comparison ----


def _compare(loader: Callable[[Path], Iterator[Stretch]], delay_s: int, path: Path) -> dict:
    """Return how far the two agree over a file, by alert mode."""
    stretches = list(loader(path))
    report = {}
    for name, mode in (("delay", DELAY_MODE), ("budget", BUDGET_MODE)):
        # as many alerts as can be, to compare them
        settings = {**DEFAULTS, ALERT_MODE: mode, DELAY_S: delay_s, ALERT_GAP_S: 30, HOURLY_CAP: 20}
        report[name] = agreement(
            [(each.rate_hz, former(each, settings), present(each, settings)) for each in stretches]
        )
    return report


def agreement(lived: list[tuple[float, Lived, Lived]]) -> dict:
    """Return how far what the former and the present pipeline made of some stretches agree; each with its rate."""
    report: dict = {"minutes": round(sum(len(old.states) / rate_hz for rate_hz, old, _ in lived) / 60, 1)}
    for name in HAPPENED:
        report[name] = _matched([(old.times_s[name], new.times_s[name]) for _, old, new in lived])
    report["changes"] = _changes(lived)
    same = sum(int((old.states == new.states).sum()) for _, old, new in lived)
    report["same_state"] = round(same / sum(len(old.states) for _, old, _ in lived), 5)
    report["epochs"] = _epochs([pair for _, old, new in lived for pair in zip(old.epochs, new.epochs)])  # noqa: B905
    return report


def _changes(lived: list[tuple[float, Lived, Lived]]) -> dict[str, float]:
    """Match the changes to states that last NEAR_S or more with any change to the same state, either way round."""
    found = {"before": 0, "now": 0, "matched": 0, "unmatched_now": 0, "worst_s": 0.0}
    for rate_hz, old, new in lived:
        for name, one, other in (("before", old, new), ("now", new, old)):
            starts = _starts_s(other, rate_hz, 0)
            for state, time_s in _starts_s(one, rate_hz, NEAR_S):
                apart_s = min((abs(start - time_s) for same, start in starts if same == state), default=math.inf)
                near = apart_s <= NEAR_S + 1e-9
                found[name] += 1
                if near:
                    found["worst_s"] = round(max(found["worst_s"], apart_s), 3)
                if name == "before":
                    found["matched"] += near
                else:
                    found["unmatched_now"] += not near
    return found


def _starts_s(lived: Lived, rate_hz: float, least_s: float) -> list[tuple[int, float]]:
    """Return the states that lasted so long, and when each began."""
    begins = np.flatnonzero(np.diff(lived.states.astype(np.int16))) + 1
    lasted = np.diff(np.append(begins, len(lived.states))) >= least_s * rate_hz
    return [(int(lived.states[begin]), (begin + 1) / rate_hz) for begin in begins[lasted].tolist()]


def _matched(pairs: list[tuple[list[float], list[float]]]) -> dict[str, float]:
    """Pair each time of the first list with the nearest of the second that is near, in order; count those left over."""
    matched, old_count, new_count, worst_s = 0, 0, 0, 0.0
    for old, new in pairs:
        old_count += len(old)
        new_count += len(new)
        left = list(new)
        for time in old:
            nearest = min(left, key=lambda other: abs(other - time), default=None)
            if nearest is not None and abs(nearest - time) <= NEAR_S + 1e-9:
                left.remove(nearest)
                matched += 1
                worst_s = max(worst_s, abs(nearest - time))
    return {"before": old_count, "now": new_count, "matched": matched, "worst_s": round(worst_s, 3)}


def _epochs(pairs: list[tuple[EpochRecord, EpochRecord]]) -> dict[str, float]:
    judged = [(old, new) for old, new in pairs if old.forward_cdeg != TILT_UNKNOWN]
    forward = [abs(old.forward_cdeg - new.forward_cdeg) for old, new in judged]
    seconds = [abs(a - b) for old, new in judged for a, b in zip(old.second_cdeg, new.second_cdeg, strict=True)]
    speed = [abs(old.speed_cdeg_s - new.speed_cdeg_s) for old, new in judged]
    return {
        "epochs": len(pairs),
        "same_state": round(sum(old.state == new.state for old, new in pairs) / len(pairs), 4),
        "same_activity": round(sum(old.activity == new.activity for old, new in pairs) / len(pairs), 4),
        "same_flags": round(sum(not (old.flags ^ new.flags) & ~EPOCH_COARSE for old, new in pairs) / len(pairs), 4),
        "forward_mean_cdeg": round(float(np.mean(forward)), 2),
        "forward_p99_cdeg": round(float(np.percentile(forward, 99)), 1),
        "second_mean_cdeg": round(float(np.mean(seconds)), 2),
        "second_p99_cdeg": round(float(np.percentile(seconds, 99)), 1),
        "speed_mean_cdeg_s": round(float(np.mean(speed)), 2),
        "speed_p99_cdeg_s": round(float(np.percentile(speed, 99)), 1),
    }


def _print(report: dict[str, dict]) -> None:
    for name, modes in report.items():
        for mode, found in modes.items():
            print(f"{name}, {mode} mode: {found['minutes']} min, the same state for {found['same_state']:.2%} of it")
            for what in (*HAPPENED, "changes"):
                each = found[what]
                print(
                    f"  {what:<10}{each['before']:>6} before{each['now']:>6} now{each['matched']:>6} within {NEAR_S} s"
                    f"   at most {each['worst_s']:.3f} s apart"
                )
            print("  " + ", ".join(f"{key} {value}" for key, value in found["epochs"].items()))


if __name__ == "__main__":
    sys.exit(main())
