"""The error of the firmware's up vector against the reference, beside other filters on the same recordings."""

import argparse
import sys
from pathlib import Path

import numpy as np
from _everywhere import CPYTHON, Interpreter
from _recordings import Report, micropython_here, run_on_file
from _tilt_file import Trial, load
from _tilt_ours import estimates, ns_per_sample
from _tilt_rivals import RIVALS, check_libraries
from numpy.typing import NDArray

RECORDINGS = "broad_95hz.npz"
SOURCE = "BROAD (Laidig, Caruso, Cereatti, Seel, Data 2021, 6(7):72), CC BY 4.0"
OURS = "unslouch"
KINDS = ("slow", "fast", "disturbed")
MEAN_OF = {95: 1, 48: 2, 32: 3}
"""Recorded samples that make one, by the rate in Hz."""
LEGEND = """\
degrees between estimated and true up while the sensor moves: RMS over each trial, then the mean over the trials of a
kind; worst: the trial with the largest RMS; p95: the 95th percentile of each trial, then the mean over all trials"""


def main() -> int:
    """Run the benchmark and return the exit code."""
    options = _options()
    trials: list[Trial] = []

    def assess_file(path: Path) -> Report:
        trials.extend(_prepared(path, options.rate, options.bias, options.from_motion))
        check_libraries()
        interpreter = CPYTHON if options.interpreter == "cpython" else micropython_here()
        print(_heading(path, trials, options.bias, interpreter), file=sys.stderr)
        return assess(trials, interpreter)

    return run_on_file(options, RECORDINGS, SOURCE, assess_file, lambda report: _print(report, trials))


def assess(trials: list[Trial], interpreter: Interpreter) -> dict[str, dict]:
    """Return by filter its errors in degrees; a kind of which there is no trial has None. Ours has its cost besides."""
    ours = _summary(trials, estimates(trials, interpreter))
    report: dict[str, dict] = {OURS: {**ours, "ns_per_sample": ns_per_sample(trials)}}
    for name, rival in RIVALS.items():
        report[name] = _summary(trials, [rival(trial) for trial in trials])
    return report


def _prepared(path: Path, rate_hz: int, biased: bool, from_motion: bool) -> list[Trial]:
    trials = [trial.averaged(MEAN_OF[rate_hz]) for trial in load(path)]
    if from_motion:
        trials = [trial.from_motion() for trial in trials]
    return [trial.biased() for trial in trials] if biased else trials


def _summary(trials: list[Trial], ups: list[NDArray]) -> dict[str, float | None]:
    errors = [errors_deg(trial, up) for trial, up in zip(trials, ups, strict=True)]
    rms_deg = [rms(error) for error in errors]
    by_kind = {
        kind: _mean([rms for trial, rms in zip(trials, rms_deg, strict=True) if trial.is_a(kind)]) for kind in KINDS
    }
    return {
        "all": _mean(rms_deg),
        **by_kind,
        "worst": max(rms_deg),
        "p95": _mean([float(np.percentile(error, 95)) for error in errors]),
    }


def errors_deg(trial: Trial, up: NDArray) -> NDArray[np.float64]:
    """The angle between estimate and reference, of the samples that count; 90° for an estimate of no direction."""
    estimate, reference = up[trial.scored].astype(float), trial.up[trial.scored]
    across = np.linalg.norm(np.cross(estimate, reference), axis=1)
    along = np.sum(estimate * reference, axis=1)
    return np.degrees(np.where((across == 0) & (along == 0), np.pi / 2, np.arctan2(across, along)))


def rms(values: NDArray[np.float64]) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(values**2)))


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _heading(path: Path, trials: list[Trial], biased: bool, interpreter: Interpreter) -> str:
    count = f"{len(trials)} trials" if len(trials) > 1 else "1 trial"
    data = "biased data" if biased else "data as recorded"
    return f"{path.name}: {count} at {trials[0].rate_hz:.1f} Hz, {data}, ours under {interpreter.name}"


def _print(report: dict[str, dict], trials: list[Trial]) -> None:
    columns = ("all", *KINDS, "worst", "p95")
    counts = {"all": len(trials)} | {kind: sum(trial.is_a(kind) for trial in trials) for kind in KINDS}
    heads = [f"{column} ({counts[column]})" if column in counts else column for column in columns]
    print(f"{'':<14}" + "".join(f"{head:>15}" for head in heads))
    for name, found in report.items():
        print(f"{name:<14}" + "".join(f"{_shown(found[column]):>15}" for column in columns))
    print(LEGEND)
    costs = report[OURS]["ns_per_sample"].items()
    print("ours takes, per sample: " + ", ".join(f"{ns} ns under {name}" for name, ns in costs))


def _shown(error_deg: float | None) -> str:
    return "-" if error_deg is None else f"{error_deg:.2f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", help=f"default: {RECORDINGS} among the recordings")
    parser.add_argument(
        "--rate",
        type=int,
        choices=sorted(MEAN_OF),
        default=48,
        help="95: each sample as recorded; 48: averaged in pairs, close to the sensor's rate; 32: averaged in threes "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--bias", action="store_true", help="give every filter data that are off by (1, -0.7, 0.5) °/s and 0.27 m/s²"
    )
    parser.add_argument("--from-motion", action="store_true", help="leave out the rest at the beginning of each trial")
    parser.add_argument(
        "--interpreter",
        choices=("cpython", "micropython"),
        default="cpython",
        help="what runs our filter (default: %(default)s; micropython is the one here most like the board's)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, by filter")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
