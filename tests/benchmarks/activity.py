"""How well the firmware distinguishes moving, walking and lying from sitting, in recordings of people.

The firmware's own filter, activity and lying decide; only the feeding is this benchmark's.

Walking: every sample between the times that the data's authors give counts.

Work: every sample counts by its label, of all people together; "inner" ones are 40 s or more from where a label
changes. Labels follow what people did by that much: who is "walking" may still stand, who is "at computer" still walk.
The decision that came before is judged in the same run. See _activity_work.py for what stands for the gyroscope, and
for how the limits were chosen.

Lying: the recorder answered irregularly (a passive tag, median 0.13 s), so readings are joined by straight lines and
sampled at the chip's rate; gaps of more than 5 s are left out, as the sensor leaves out time without samples. There is
no gyroscope: zeros. Its accelerometer reads 1.04 to 1.10 g at rest; all is divided by the file's median of |a|. Upright
is the sensor's vertical axis, since a quarter of the recordings have no seated second to calibrate on, and the others
sit reclined by some 30°; what calibrating on the first 3 s of sitting would give is shown beside it. "Beyond 60°" is
the angle alone, for every reading. "State" is the firmware's lying, which wants a minute of that (bending is no
lying), judged on all readings but the first 65 s of each stretch of lying: the minute, and 5 s for getting there.

Sitting: each person's trials in one go, as a session; a moving minute has 30 s of moving or more.

No data stands behind: off body (its table shows only that nobody who sits is taken for a thing, and how still people
got), the fall of temperature that makes it sooner, charging, cycling, running, vehicles, and walking with a stick.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _activity_before import ActivityBefore
from _activity_files import SternumRecording, Walk, load_sternum, load_walk
from _activity_work import LABELS, UNREST, work
from _chip import measured
from _posture_file import load as load_sitting
from _recordings import run_on_folder
from numpy.typing import NDArray

from single import SingleActivity, SingleFilter
from unslouch.errors import BadInput
from unslouch_device.contract.states import ACTIVITY_INERT, ACTIVITY_MOVING
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.sense.activity import OFF_BODY_STILL_S
from unslouch_device.sense.axes import axes
from unslouch_device.sense.posture import Lying
from unslouch_device.sense.tilt import UNIT, Tilt

WALK, STERNUM, SITTING = "upperback_walk_100hz.npz", "sternum_lying.csv.gz", "sitting_T4_50hz.npz"
WORK = "chest_work_52hz.npz"
SOURCES = {
    WALK: "qmt example data (Bo Yang, TU Berlin), MIT; one person",
    STERNUM: "UCI 427 (Shinmoto Torres et al. 2013); adults aged 66 to 86, on the sternum",
    SITTING: "IMU Sitting Postures Dataset (Ali, Elsayed, Emad, Mohamed, Shehata, Rehan 2026), CC BY 4.0; 23 adults",
    WORK: "UCI 287 (Casale, Pujol, Radeva 2012), CC BY 4.0; on the chest over clothes",
}
NO_DATA = "no data: off body, cooling, charging, cycling, running, vehicles, walking aids; temperatures are reasoned"
GAP_S = 5.0
LYING_JUDGED_AFTER_S = 65
CALIBRATING_S = 3.0
NOMINAL_UP = (1, 0, 0)
FORWARD, SPARE = (0, 0, -1), (1, 0, 0)
MOVING_MINUTE_S = 30


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help=f"where {WALK}, {WORK}, {STERNUM} and {SITTING} are")
    parser.add_argument("--only", choices=sorted(SOURCES), help="read this file alone")
    parser.add_argument("--json", action="store_true", help="print one JSON object, by file")
    options = parser.parse_args()
    assessments = {WALK: walking, WORK: work, STERNUM: lying, SITTING: sitting}
    if options.only:
        assessments = {options.only: assessments[options.only]}
    return run_on_folder(options, assessments, _print)


# ---- walking ----


def walking(path: Path) -> dict[str, dict]:
    """Return by rate and label: samples, and the shares of them that are moving and walking, now and before."""
    report = {}
    for mean_of in (1, 2):
        walk = load_walk(path, mean_of)
        if not any(walk.labels != ""):
            raise BadInput(f"{path} has no sample at the labelled times; choose another file.")
        report[f"{walk.rate_hz:g} Hz"] = _walk_shares(walk)
    return report


def _walk_shares(walk: Walk) -> dict[str, dict]:
    gravity = SingleFilter(walk.rate_hz, Lsm6dsox.gyro_dps_per_count)
    activity, before = (
        decide(walk.rate_hz, Lsm6dsox.gyro_dps_per_count) for decide in (SingleActivity, ActivityBefore)
    )
    verdicts = np.empty((len(walk.counts), 4), dtype=bool)
    for i, (ax, ay, az, gx, gy, gz) in enumerate(walk.counts.tolist()):
        gravity.update(ax, ay, az, gx, gy, gz)
        for decision in (activity, before):
            decision.update(ax, ay, az, gravity.unrest)
        verdicts[i] = (
            activity.kind == ACTIVITY_MOVING,
            activity.walking,
            before.kind == ACTIVITY_MOVING,
            before.walking,
        )
    shares = {}
    for label in dict.fromkeys(walk.labels.tolist()):
        if label:
            chosen = verdicts[walk.labels == label]
            found = chosen.mean(axis=0).round(4).tolist()
            names = ("moving", "walking", "moving_before", "walking_before")
            shares[label] = {"samples": len(chosen), **dict(zip(names, found, strict=True))}
    return shares


# ---- lying ----


@dataclass(frozen=True)
class _Fed:
    """What the firmware made of each reading: beyond 60°, lying; and for how long it has had its label, as fed."""

    labels: NDArray[np.str_]
    beyond: NDArray[np.bool_]
    lying: NDArray[np.bool_]
    labelled_s: NDArray[np.float64]


def lying(path: Path) -> dict[str, dict]:
    """Return by calibration and label: readings, and the shares of them beyond 60° and in the state lying."""
    recordings = load_sternum(path)
    at_rest_g = float(np.median(np.linalg.norm(np.vstack([each.acc_g for each in recordings]), axis=1)))
    nominal = [_feed(each, at_rest_g, NOMINAL_UP) for each in recordings]
    seated = [_feed(each, at_rest_g, up) for each in recordings if (up := _seated_up(each)) is not None]
    return {"nominal": _lying_shares(nominal), "seated": _lying_shares(seated), "scale": {"at_rest_g": at_rest_g}}


def _seated_up(recording: SternumRecording) -> tuple[float, ...] | None:
    """Mean of the first 3 s on the chair, or else on the bed; None where the wearer never sat for so long."""
    for label in ("chair", "bed"):
        sat = np.flatnonzero(recording.labels == label)
        for stretch in np.split(sat, np.flatnonzero(np.diff(sat) > 1) + 1):
            t_s = recording.t_s[stretch]
            if len(t_s) and t_s[-1] - t_s[0] >= CALIBRATING_S:
                return tuple(recording.acc_g[stretch[t_s < t_s[0] + CALIBRATING_S]].mean(axis=0).tolist())
    return None


def _feed(recording: SternumRecording, at_rest_g: float, up: tuple[float, ...]) -> _Fed:
    rate_hz = Lsm6dsox.rate_hz
    gravity, tilt = SingleFilter(rate_hz, Lsm6dsox.gyro_dps_per_count), Tilt()
    lying = Lying(rate_hz)
    tilt.calibrate(*axes(up, FORWARD, SPARE))
    t_s, acc_g = recording.t_s, recording.acc_g / at_rest_g
    number = len(t_s)
    fed = _Fed(recording.labels, np.zeros(number, bool), np.zeros(number, bool), np.zeros(number))
    for i in range(number):
        if i and t_s[i] - t_s[i - 1] <= GAP_S:
            steps = np.arange(np.floor(t_s[i - 1] * rate_hz) + 1, np.floor(t_s[i] * rate_hz) + 1) / rate_hz
            samples = [np.interp(steps, t_s[i - 1 : i + 1], acc_g[i - 1 : i + 1, axis]) for axis in range(3)]
        else:
            gravity.restart()
            samples = [acc_g[i : i + 1, axis] for axis in range(3)]
        still = np.stack(samples, axis=1)
        for ax, ay, az, *no_rate in measured(still, np.zeros_like(still)).tolist():
            gravity.update(ax, ay, az, *no_rate)
            tilt.update(gravity.x, gravity.y, gravity.z)
            lying.update(tilt.uprightness)
        fed.beyond[i] = tilt.uprightness < UNIT // 2
        fed.lying[i] = lying.now
        if i and fed.labels[i] == fed.labels[i - 1]:
            fed.labelled_s[i] = fed.labelled_s[i - 1] + len(samples[0]) / rate_hz
    return fed


def _lying_shares(recordings: list[_Fed]) -> dict[str, dict]:
    labels = np.concatenate([each.labels for each in recordings])
    beyond = np.concatenate([each.beyond for each in recordings])
    state = np.concatenate([each.lying for each in recordings])
    labelled_s = np.concatenate([each.labelled_s for each in recordings])
    shares = {}
    for label in ("lying", "chair", "bed", "on foot"):
        of_it = labels == label
        judged = of_it & (labelled_s >= LYING_JUDGED_AFTER_S) if label == "lying" else of_it
        shares[label] = {
            "recordings": sum(label in each.labels for each in recordings),
            "readings": int(of_it.sum()),
            "beyond_60": _share(beyond[of_it]),
            "judged": int(judged.sum()),
            "state": _share(state[judged]),
        }
    return shares


def _share(verdicts: NDArray[np.bool_]) -> float | None:
    return round(float(verdicts.mean()), 4) if len(verdicts) else None


# ---- sitting ----


def sitting(path: Path) -> dict[str, dict]:
    """Return under "all": persons, minutes, how many of them moving, seconds moving, and how still people got."""
    recordings = load_sitting(path)
    moving_minutes = moving = walking = inert = samples = longest = moving_before = 0
    minute = round(60 * recordings.rate_hz)
    subjects = sorted({trial.subject for trial in recordings.trials})
    for subject in subjects:
        gravity = SingleFilter(recordings.rate_hz, Lsm6dsox.gyro_dps_per_count)
        activity, before = (
            decide(recordings.rate_hz, Lsm6dsox.gyro_dps_per_count) for decide in (SingleActivity, ActivityBefore)
        )
        session = np.concatenate([trial.counts for trial in recordings.trials if trial.subject == subject])
        in_minute = 0
        for i, (ax, ay, az, gx, gy, gz) in enumerate(session.tolist()):
            gravity.update(ax, ay, az, gx, gy, gz)
            activity.update(ax, ay, az, gravity.unrest)
            before.update(ax, ay, az, gravity.unrest)
            moves = activity.kind == ACTIVITY_MOVING
            moving_before += before.kind == ACTIVITY_MOVING
            moving += moves
            in_minute += moves
            walking += activity.walking
            inert += activity.kind == ACTIVITY_INERT
            longest = max(longest, activity.inert_samples)
            if i % minute == minute - 1 or i == len(session) - 1:
                moving_minutes += in_minute >= MOVING_MINUTE_S * recordings.rate_hz
                in_minute = 0
        samples += len(session)
    return {
        "all": {
            "persons": len(subjects),
            "minutes": round(samples / minute, 1),
            "moving_minutes": moving_minutes,
            "moving_s": round(moving / recordings.rate_hz, 1),
            "moving_before_s": round(moving_before / recordings.rate_hz, 1),
            "walking_s": round(walking / recordings.rate_hz, 1),
            "inert_s": round(inert / recordings.rate_hz, 1),
            "longest_stillness_s": round(longest / recordings.rate_hz, 1),
        }
    }


# ---- the printed tables ----


def _print(report: dict[str, dict]) -> None:
    if WALK in report:
        print(f"{WALK}: {SOURCES[WALK]}")
        print(f"  {'':<10}{'label':<10}{'samples':>9}{'moving':>9}{'before':>9}{'walking':>9}{'before':>9}   goal")
        goals = {"walking": "moving ≥ 97 %", "sitting": "moving ≤ 1 %"}
        for rate, by_label in report[WALK].items():
            for label, found in by_label.items():
                print(
                    f"  {rate:<10}{label:<10}{found['samples']:>9}{found['moving']:>9.1%}{found['moving_before']:>9.1%}"
                    f"{found['walking']:>9.1%}{found['walking_before']:>9.1%}   {goals.get(label, '')}"
                )
    if WORK in report:
        _print_work(report[WORK])
    if STERNUM in report:
        print(f"{STERNUM}: {SOURCES[STERNUM]}")
        print(f"  at rest |a| reads {report[STERNUM]['scale']['at_rest_g']:.3f} g; all is divided by that")
        print(f"  {'upright':<10}{'label':<10}{'files':>6}{'readings':>10}{'> 60°':>8}{'judged':>9}{'lying':>8}   goal")
        goals = {"lying": "lying ≥ 98 %", "chair": "lying ≤ 2 %"}
        for upright in ("nominal", "seated"):
            for label, found in report[STERNUM][upright].items():
                print(
                    f"  {upright:<10}{label:<10}{found['recordings']:>6}{found['readings']:>10}"
                    f"{_shown(found['beyond_60']):>8}{found['judged']:>9}{_shown(found['state']):>8}"
                    f"   {goals.get(label, '') if upright == 'nominal' else ''}"
                )
    if SITTING in report:
        found = report[SITTING]["all"]
        print(f"{SITTING}: {SOURCES[SITTING]}")
        print(f"  of {found['minutes']} minutes moving: {found['moving_minutes']}   goal: 0")
        print(f"  seconds moving {found['moving_s']}, walking {found['walking_s']}, off body {found['inert_s']}")
        print(f"  seconds moving as decided before: {found['moving_before_s']}")
        print(f"  longest stillness {found['longest_stillness_s']} s; {OFF_BODY_STILL_S} s make it off body")
    print(NO_DATA)


def _print_work(report: dict) -> None:
    goals = {"at computer": "moving ≤ 2 %", "walking": "moving ≥ 95 %, walking ≥ 88 %"}
    print(f"{WORK}: {SOURCES[WORK]}; {len(report['persons'])} people")
    for gyro in UNREST:
        print(f"  gyroscope: {gyro}")
        print(f"    {'':<24}{'moving':>9}{'before':>9}{'by person':>16}{'inner':>9}", end="")
        print(f"{'walking':>9}{'before':>9}{'inner':>9}")
        now, before = report[f"now, {gyro}"], report[f"before, {gyro}"]
        for label in LABELS:
            if label in now:
                found = now[label]
                print(
                    f"    {label:<24}{found['moving']:>9.1%}{before[label]['moving']:>9.1%}"
                    f"{found['least_moving']:>8.1%}-{found['most_moving']:.1%}{_shown(found.get('inner_moving')):>9}"
                    f"{found['walking']:>9.1%}{before[label]['walking']:>9.1%}"
                    f"{_shown(found.get('inner_walking')):>9}   {goals.get(label, '')}"
                )
    choice = report["choice"]
    held = ", ".join(f"{label} {share:.1%} moving" for label, share in choice["held_out"].items())
    print(f"  chosen without each person (mg to start and to end): {choice['by_person']}; on all: {choice['on_all']}")
    print(f"  of the people left out: {held}")


def _shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


if __name__ == "__main__":
    sys.exit(main())
