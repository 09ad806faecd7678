"""How the firmware judges people at work, with the decision before beside it, and how its limits were chosen.

There is no gyroscope in these recordings. "zeros" gives the firmware none, as it is: who sits still for two minutes is
then off the body, and has to be restless for 5 s to count again. "of a body" gives it a rate that varies as a living
back's does. The latter is the harder test, since whoever sits still can't be off the body.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from _activity_before import ActivityBefore
from _activity_files import WorkRecording, load_work
from numpy.typing import NDArray

from single import SingleActivity
from unslouch_device.contract.states import ACTIVITY_MOVING
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.sense.activity import ONE_G

DECISIONS = {"before": ActivityBefore, "now": SingleActivity}
UNREST = {"zeros": 0, "of a body": 10_000}
COMPUTER, WALKING, TALKING = "at computer", "walking", "talking while standing"
LABELS = (COMPUTER, WALKING, TALKING, "standing", "stairs", "walking and talking", "stand up, walk, stairs")
CHOICES_MG = tuple(product((40, 45, 50, 55, 60, 70), (20, 25, 30, 35)))
"""Limits to start and to end moving."""
ALLOWED = 0.9 * 0.02 / 0.028
"""Of the time moving at the computer before: the goal for all 15 people of the set over what was measured on them, less
a tenth, since people differ."""


@dataclass(frozen=True)
class Judged:
    """One person: shape (samples, 2), moving and walking, and the variation in mg at the end of each half second."""

    verdicts: NDArray[np.bool_]
    variation_mg: NDArray[np.float64]


def work(path: Path) -> dict[str, Any]:
    """Return shares of samples that are moving and walking, by decision, gyroscope and label; and the choice."""
    recordings = load_work(path)
    report: dict[str, Any] = {"persons": [each.person for each in recordings]}
    judged: dict[tuple[str, str], list[Judged]] = {}
    for decision, gyro in product(DECISIONS, UNREST):
        judged[decision, gyro] = [_judge(each, DECISIONS[decision], UNREST[gyro]) for each in recordings]
        report[f"{decision}, {gyro}"] = _shares(recordings, judged[decision, gyro])
    report["choice"] = _cross_validated(recordings, judged["before", "of a body"], judged["now", "of a body"])
    return report


def _judge(recording: WorkRecording, decision: type[ActivityBefore | SingleActivity], unrest: int) -> Judged:
    activity = decision(recording.rate_hz, Lsm6dsox.gyro_dps_per_count)
    update, half = activity.update, round(recording.rate_hz / 2)
    verdicts = np.empty((len(recording.counts), 2), dtype=bool)
    variation = []
    for i, (ax, ay, az) in enumerate(recording.counts.tolist(), 1):
        update(ax, ay, az, unrest)
        moving = activity.kind == ACTIVITY_MOVING
        verdicts[i - 1] = moving, moving and activity.walking
        if not i % half:
            variation.append(activity.variation)
    return Judged(verdicts, np.array(variation) * 1000 / (4 * ONE_G))


def _shares(recordings: list[WorkRecording], judged: list[Judged]) -> dict[str, dict[str, float]]:
    shares = {}
    for label in LABELS:
        chosen = [each.labels == label for each in recordings]
        by_person = [who.verdicts[of_it].mean(axis=0) for who, of_it in zip(judged, chosen, strict=True) if of_it.any()]
        if not by_person:
            continue
        everybody = np.concatenate([who.verdicts[of_it] for who, of_it in zip(judged, chosen, strict=True)])
        within = [of_it & each.inner for of_it, each in zip(chosen, recordings, strict=True)]
        inner = np.concatenate([who.verdicts[of_it] for who, of_it in zip(judged, within, strict=True)])
        moving, walking = everybody.mean(axis=0).round(4).tolist()
        shares[label] = {
            "samples": len(everybody),
            "moving": moving,
            "walking": walking,
            "least_moving": round(float(min(by_person, key=lambda share: share[0])[0]), 4),
            "most_moving": round(float(max(by_person, key=lambda share: share[0])[0]), 4),
        }
        if len(inner):
            shares[label]["inner_moving"], shares[label]["inner_walking"] = inner.mean(axis=0).round(4).tolist()
    return shares


# ---- cross-validation over people ----


def _cross_validated(recordings: list[WorkRecording], before: list[Judged], now: list[Judged]) -> dict[str, Any]:
    """Choose limits on all people but one, and judge that one by them; each in turn.

    The choice: the most walking recognized as moving, where the time moving at the computer is at most ALLOWED times
    what it was before.
    """
    former = np.array([_counts(each, who.verdicts[:, 0]) for each, who in zip(recordings, before, strict=True)])
    tried = np.array(
        [
            [_counts(each, _hysteresis(who.variation_mg, *limits, each)) for limits in CHOICES_MG]
            for each, who in zip(recordings, now, strict=True)
        ]
    )
    chosen, held_out = [], np.zeros(4)
    for person in range(len(recordings)):
        others = np.arange(len(recordings)) != person
        chosen.append(_best(tried[others].sum(axis=0), former[others].sum(axis=0)))
        held_out += tried[person, chosen[-1]]
    return {
        "by_person": [list(CHOICES_MG[best]) for best in chosen],
        "on_all": list(CHOICES_MG[_best(tried.sum(axis=0), former.sum(axis=0))]),
        "held_out": {
            COMPUTER: round(float(held_out[0] / held_out[1]), 4),
            WALKING: round(float(held_out[2] / held_out[3]), 4),
        },
    }


def _hysteresis(variation_mg: NDArray[np.float64], starts: int, ends: int, each: WorkRecording) -> NDArray[np.bool_]:
    """Return for each sample whether it is moving, to half a second."""
    above = np.where(variation_mg > starts, 1, np.where(variation_mg < ends, 0, -1))
    latest = np.maximum.accumulate(np.where(above >= 0, np.arange(len(above)), 0))
    moving = np.repeat(above[latest] == 1, round(each.rate_hz / 2))
    return np.pad(moving, (0, len(each.counts) - len(moving)), mode="edge")


def _counts(recording: WorkRecording, moving: NDArray[np.bool_]) -> list[int]:
    """Return at the computer and walking: samples moving, and samples."""
    by_label = (recording.labels == label for label in (COMPUTER, WALKING))
    return [int(number) for of_it in by_label for number in (moving[of_it].sum(), of_it.sum())]


def _best(tried: NDArray[np.int64], former: NDArray[np.int64]) -> int:
    """Return which of the choices is best, from _counts() of each and of before."""
    allowed = tried[:, 0] / tried[:, 1] <= ALLOWED * former[0] / former[1]
    return int(np.argmax(np.where(allowed, tried[:, 2] / tried[:, 3], -1)))
