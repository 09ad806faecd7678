"""Chooses the gravity filter's two free parameters by leave-one-out cross-validation over trials.

Each trial is scored with the parameters that do best on all the others, so no trial has a say in its own. Both the data
as recorded and those of a poorer sensor count. Everything else in the filter follows from its derivation.
"""

import argparse
import sys
from itertools import product
from pathlib import Path

import numpy as np
from _recordings import FOLDER, failed
from _tilt_file import Trial, load
from _tilt_ours import counts_of
from numpy.typing import NDArray
from tilt_accuracy import RECORDINGS, SOURCE, errors_deg, rms

from single import SingleFilter
from unslouch.errors import ExitCode, UnslouchError
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.sense import gravity

TIME_CONSTANTS_S = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0)
MOTION_GAINS_HZ = (0.0, 0.01, 0.03)


def main() -> int:
    """Run the choice and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", help=f"default: {RECORDINGS} among the recordings")
    chosen = parser.parse_args().file
    path = chosen or FOLDER / RECORDINGS
    if chosen is None and not path.exists():
        print(f"skipped: the recordings aren't here ({path}); name a file to use another", file=sys.stderr)
        return ExitCode.OK
    try:
        trials = [trial.averaged_in_pairs() for trial in load(path)]
    except UnslouchError as error:
        return failed(error)
    if len(trials) < 2:
        print("Leaving one trial out takes at least two; name a file with more.", file=sys.stderr)
        return ExitCode.BAD_INPUT
    _print(trials, *_scored(trials))
    if path.name == RECORDINGS:
        print(f"recordings: {SOURCE}")
    return ExitCode.OK


def _scored(trials: list[Trial]) -> tuple[list[tuple[float, float]], NDArray[np.float64]]:
    """Return the pairs of parameters, and RMS errors of shape (pairs, 2: as recorded and biased, trials)."""
    pairs = list(product(TIME_CONSTANTS_S, MOTION_GAINS_HZ))
    kept = gravity.TIME_CONSTANT_S, gravity.MOTION_GAIN_HZ
    found = []
    try:
        for gravity.TIME_CONSTANT_S, gravity.MOTION_GAIN_HZ in pairs:
            data = (trials, [trial.biased() for trial in trials])
            found.append([[rms(errors_deg(trial, _ups(trial))) for trial in each] for each in data])
    finally:
        gravity.TIME_CONSTANT_S, gravity.MOTION_GAIN_HZ = kept
    return pairs, np.array(found)


def _ups(trial: Trial) -> NDArray[np.int64]:
    """The filter's up vector after each sample, with the parameters it has just now."""
    estimate = SingleFilter(trial.rate_hz, Lsm6dsox.gyro_dps_per_count)
    ups = []
    for counts in counts_of(trial).tolist():
        estimate.update(*counts)
        ups.append((estimate.x, estimate.y, estimate.z))
    return np.array(ups)


def _print(trials: list[Trial], pairs: list[tuple[float, float]], found_deg: NDArray[np.float64]) -> None:
    print(f"{'τ':>6}{'motion gain':>14}{'as recorded':>14}{'biased':>10}")
    for (time_constant_s, gain_hz), both in zip(pairs, found_deg.mean(axis=2), strict=True):
        print(f"{time_constant_s:>4} s{gain_hz:>11} Hz{both[0]:>13.3f}°{both[1]:>9.3f}°")
    chosen = []
    for left_out in range(len(trials)):
        others = np.delete(found_deg, left_out, axis=2).mean(axis=(1, 2))
        chosen.append(int(np.argmin(others)))
    for pair in sorted(set(chosen)):
        print(
            f"{chosen.count(pair)} of {len(trials)} times the others chose τ = {pairs[pair][0]} s, {pairs[pair][1]} Hz"
        )
    unseen = found_deg[chosen, :, range(len(trials))].mean(axis=0)
    best = found_deg.mean(axis=2)[int(np.argmin(found_deg.mean(axis=(1, 2))))]
    print(f"error on trials that had no say: {unseen[0]:.3f}° as recorded, {unseen[1]:.3f}° biased")
    print(f"the best pair for all of them:   {best[0]:.3f}° as recorded, {best[1]:.3f}° biased")
    used = pairs.index((float(gravity.TIME_CONSTANT_S), gravity.MOTION_GAIN_HZ))
    mean = found_deg[used].mean(axis=1)
    print(f"the firmware's ({gravity.TIME_CONSTANT_S} s, {gravity.MOTION_GAIN_HZ} Hz): {mean[0]:.3f}°, {mean[1]:.3f}°")


if __name__ == "__main__":
    sys.exit(main())
