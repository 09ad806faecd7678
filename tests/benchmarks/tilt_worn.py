"""The firmware's up vector beside plain gravity in people who sit still, and beside VQF's while they walk.

No recording of a worn sensor has a reference of its own. At rest the accelerometer is one: plain gravity is the
direction of the acceleration averaged over 1 s, half of it to come. While people move it is none, not even in the mean
(VQF's distance from it is shown beside ours), so what counts is where they sit still: where plain gravity, over the 5 s
around a sample, strays from its mean direction by no more than 0.25° (standard deviation). That says nothing of any
filter. While walking the reference is VQF, with its own parameters; standing and sitting are given as well.

Both filters read the chip's counts. The half second at either end of a recording, where the average is short of
samples, is left out, and so are trials in which the gyroscope reads more than 500 °/s: nobody sits like that (in
sitting_T4_50hz.npz two trials do for one sample each, at 1521 °/s; all others stay below 64 °/s).
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from _activity_files import WALK_SPANS_S, load_walk
from _chip import COUNTS_PER_G, STANDARD_GRAVITY_M_S2
from _everywhere import CPYTHON
from _posture_file import load as load_sitting
from _recordings import run_on_folder
from _tilt_file import Trial
from _tilt_ours import estimates
from _tilt_rivals import check_libraries, vqf
from activity import SITTING, SOURCES, WALK
from numpy.typing import NDArray
from tilt_accuracy import errors_deg, rms

from unslouch.errors import BadInput
from unslouch_device.parts.lsm6dsox import Lsm6dsox

AVERAGED_S = 1.0
STILL_S = 5.0
STILL_DEG = 0.25
IMPOSSIBLE_RAD_S = np.radians(500)
GOALS = {"sitting still": "≤ 0.3 from gravity", "walking": "≤ 1.0 from VQF", "still": "≤ 0.3 from gravity"}


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help=f"where {WALK} and {SITTING} are")
    parser.add_argument("--json", action="store_true", help="print one JSON object, by file")
    return run_on_folder(parser.parse_args(), {WALK: walking, SITTING: sitting}, _print)


def walking(path: Path) -> dict[str, dict]:
    """Return by rate and label: seconds, and RMS distances in degrees between ours, VQF and plain gravity."""
    report: dict[str, dict] = {}
    check_libraries()
    for mean_of in (2, 1):
        walk = load_walk(path, mean_of)
        trial = as_trial("walk", walk.rate_hz, walk.counts)
        ours, rival = estimates([trial], CPYTHON)[0], vqf(trial)
        standing, sitting, on_foot = (trial.scored & (walk.labels == label) for label in WALK_SPANS_S)
        spans = {
            "standing": standing,
            "sitting": sitting,
            "sitting still": sitting & is_still(trial),
            "walking": on_foot,
        }
        if not all(span.any() for span in spans.values()):
            raise BadInput(f"{path} has no sample at the labelled times, or nobody sits still; choose another file.")
        report[f"{walk.rate_hz:g} Hz"] = {
            label: {"s": round(float(span.sum()) / walk.rate_hz, 1), **_distances(trial, span, ours, rival)}
            for label, span in spans.items()
        }
    return report


def sitting(path: Path) -> dict[str, dict]:
    """Return for all of the time and for stillness: trials, its share of the time, and errors in degrees.

    gravity, vqf_gravity: RMS distance of ours and VQF from plain gravity over all samples; median_trial, p95_trial and
    worst_trial: of ours over each trial, where at least a second of it counts.
    """
    recordings = load_sitting(path)
    trials = [as_trial(each.label, recordings.rate_hz, each.counts) for each in recordings.trials]
    check_libraries()
    possible = [trial for trial in trials if np.abs(trial.gyr).max() <= IMPOSSIBLE_RAD_S]
    if not possible:
        raise BadInput(f"{path} has no trial in which somebody sits; choose another file.")
    ups = estimates(possible, CPYTHON)
    rivals = [vqf(trial) for trial in possible]
    samples = sum(int(trial.scored.sum()) for trial in possible)
    report: dict[str, dict] = {"left out": {"trials": len(trials) - len(possible)}}
    for name in ("all", "still"):
        judged = [t if name == "all" else replace(t, scored=is_still(t)) for t in possible]
        ours = [errors_deg(trial, up) for trial, up in zip(judged, ups, strict=True)]
        theirs = [errors_deg(trial, up) for trial, up in zip(judged, rivals, strict=True)]
        by_trial = [rms(errors) for errors in ours if len(errors) >= recordings.rate_hz]
        if not by_trial:
            raise BadInput(f"{path}: nobody sits still for a second; choose another file.")
        report[name] = {
            "trials": len(by_trial),
            "share": round(sum(map(len, ours)) / samples, 4),
            "gravity": round(rms(np.concatenate(ours)), 4),
            "vqf_gravity": round(rms(np.concatenate(theirs)), 4),
            "median_trial": round(float(np.median(by_trial)), 4),
            "p95_trial": round(float(np.percentile(by_trial, 95)), 4),
            "worst_trial": round(max(by_trial), 4),
        }
    return report


def as_trial(name: str, rate_hz: float, counts: NDArray[np.int32]) -> Trial:
    """A recording in counts, shape (n, 6), as a trial whose reference is plain gravity."""
    acc = counts[:, :3] / COUNTS_PER_G * STANDARD_GRAVITY_M_S2
    gyr = np.radians(counts[:, 3:] * Lsm6dsox.gyro_dps_per_count)
    half = round(AVERAGED_S * rate_hz / 2)
    scored = np.zeros(len(acc), bool)
    scored[half : len(acc) - half] = True
    return Trial(name, rate_hz, acc, gyr, up=_averaged(acc, half), scored=scored)


def is_still(trial: Trial) -> NDArray[np.bool_]:
    """Where the wearer sits still, of the samples that count."""
    directions = trial.up / np.linalg.norm(trial.up, axis=1, keepdims=True)
    mean = _averaged(directions, round(STILL_S * trial.rate_hz / 2))
    deviation = np.degrees(np.sqrt(np.maximum(0, 1 - np.sum(mean**2, axis=1))))
    return trial.scored & (deviation <= STILL_DEG)


def _averaged(vectors: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """The mean of each vector and up to `half` on either side of it."""
    sums = np.concatenate([np.zeros((1, 3)), np.cumsum(vectors, axis=0)])
    at = np.arange(len(vectors))
    begin, end = np.maximum(at - half, 0), np.minimum(at + half + 1, len(vectors))
    return (sums[end] - sums[begin]) / (end - begin)[:, np.newaxis]


def _distances(trial: Trial, span: NDArray[np.bool_], ours: NDArray, rival: NDArray) -> dict[str, float]:
    on_gravity, on_rival = replace(trial, scored=span), replace(trial, scored=span, up=rival)
    return {
        "gravity": round(rms(errors_deg(on_gravity, ours)), 4),
        "vqf_gravity": round(rms(errors_deg(on_gravity, rival)), 4),
        "vqf": round(rms(errors_deg(on_rival, ours)), 4),
    }


def _print(report: dict[str, dict]) -> None:
    print("degrees, root of the mean square")
    if WALK in report:
        print(f"{WALK}: {SOURCES[WALK]}")
        print(f"  {'':<8}{'':<15}{'time':>8}{'ours–gravity':>14}{'VQF–gravity':>13}{'ours–VQF':>10}   goal")
        for rate, by_label in report[WALK].items():
            for label, found in by_label.items():
                print(
                    f"  {rate:<8}{label:<15}{found['s']:>6.1f} s{found['gravity']:>14.2f}{found['vqf_gravity']:>13.2f}"
                    f"{found['vqf']:>10.2f}   {GOALS.get(label, '')}"
                )
    if SITTING in report:
        print(f"{SITTING}: {SOURCES[SITTING]}")
        print(
            f"  {'':<8}{'trials':>7}{'of the time':>13}{'ours–gravity':>14}{'VQF–gravity':>13}"
            f"{'median trial':>14}{'p95':>7}{'worst':>7}   goal"
        )
        for name in ("all", "still"):
            found = report[SITTING][name]
            print(
                f"  {name:<8}{found['trials']:>7}{found['share']:>13.1%}{found['gravity']:>14.2f}"
                f"{found['vqf_gravity']:>13.2f}{found['median_trial']:>14.2f}{found['p95_trial']:>7.2f}"
                f"{found['worst_trial']:>7.2f}   {GOALS.get(name, '')}"
            )
        print(
            f"  trials left out for a gyroscope that reads more than 500 °/s: {report[SITTING]['left out']['trials']}"
        )


if __name__ == "__main__":
    sys.exit(main())
