"""The metrics of recordings of people are those of independent readers: a slow one of ours, and ActiMotus."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.epoch_days import by_hand, observed, tilts
from analysis.slow_metrics import tilt_metrics
from requirement import require
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.registry import METRICS_BY_NAME

STANDING_AT_0 = [by_hand(0.0)]
FORWARD = 2  # axis of the sitting recordings: X up, Y left, Z out of the back


def measured(name: str, day: Observations) -> Any:
    return METRICS_BY_NAME[name].measure(day)


def repetitions(folder: Path) -> Iterator[tuple[dict[str, Any], Observations]]:
    """Trunk tilt from optical markers: UI-PRMD (Vakanski, Jun, Paul, Baker, Data 2018, 3(1):2), ODC PDDL 1.0."""
    with np.load(folder / "trunk_reps_50hz.npz", allow_pickle=False) as file:
        rate = int(file["fs"])
        for entry in json.loads(str(file["meta"])):
            tilt_deg = file[f"theta_{entry['key']}"] * float(file["lsb_deg"])
            whole_s = len(tilt_deg) // rate
            yield entry, observed(tilts(list(tilt_deg[: whole_s * rate].reshape(whole_s, rate).mean(1))), STANDING_AT_0)


def sitting(folder: Path) -> Iterator[tuple[Observations, dict[int, list[float]]]]:
    """Each person's session, and the medians of its trials by posture.

    IMU Sitting Postures Dataset (Ali, Elsayed, Emad, Mohamed, Shehata, Rehan 2026), CC BY 4.0.
    """
    with np.load(folder / "sitting_T4_50hz.npz", allow_pickle=False) as file:
        acc, lengths, labels, subjects = file["acc"], file["n"], file["label"], file["subject"]
        names = [str(name).split("_", 1)[-1] for name in file["label_names"]]
    for subject in np.unique(subjects):
        trials = np.flatnonzero(subjects == subject)
        angles = []
        for trial in trials:
            whole_s = int(lengths[trial]) // 50
            mean = acc[trial, : whole_s * 50].astype(float).reshape(whole_s, 50, 3).mean(axis=1)
            angles.append(np.degrees(np.arctan2(mean[:, FORWARD], mean[:, 0])))
        first_upright = next(at for at, trial in enumerate(trials) if "upright" in names[labels[trial]])
        zero_deg = np.median(angles[first_upright])
        sign = 1.0
        slouches = [np.median(a) for a, trial in zip(angles, trials, strict=True) if "slouch" in names[labels[trial]]]
        if np.median(slouches) < zero_deg:
            sign = -1.0
        by_posture: dict[str, list[float]] = {}
        for angle, trial in zip(angles, trials, strict=True):
            by_posture.setdefault(names[labels[trial]], []).append(float(np.median(sign * (angle - zero_deg))))
        yield observed(tilts(list(sign * (np.concatenate(angles) - zero_deg))), STANDING_AT_0), by_posture


@pytest.fixture
def days_of_people(shared_data: Path) -> list[Observations]:
    return [*(day for _, day in repetitions(shared_data)), *(day for day, _ in sitting(shared_data))]


def test_they_are_those_of_the_second_implementation(days_of_people: list[Observations]) -> None:
    for day in days_of_people:
        for name, expected in tilt_metrics(day.epochs, day.calibrations).items():
            found = measured(name, day)
            assert found == (pytest.approx(expected, abs=1e-9) if isinstance(expected, float) else expected), name


def test_bending_is_that_of_actimotus(days_of_people: list[Observations]) -> None:
    require(
        None if find_spec("actimotus") else "acti-motus isn't here: `make setup` installs what ours is compared with"
    )
    import pandas
    from actimotus.exposures import Exposures

    reader = Exposures()
    compared_s = 0
    for day in days_of_people:
        tilt_cdeg = day.seconds.forward_cdeg
        table = pandas.DataFrame(
            {"activity": "stand", "trunk_direction": np.sign(tilt_cdeg), "trunk_inclination": np.abs(tilt_cdeg) / 100}
        )
        at_60 = int((tilt_cdeg == 6000).sum())
        from_30_to_60, above_60 = (int(reader.get_bending(table, *edges).sum()) for edges in ((30, 60), (60, 180)))
        # There both edges belong to a class; here only the lower one does.
        assert (measured("above_30", day) - measured("above_60", day)) * 60 == pytest.approx(from_30_to_60 - at_60)
        assert measured("above_60", day) * 60 == pytest.approx(above_60)
        compared_s += from_30_to_60 + above_60
    assert compared_s > 500


def test_movements_of_the_arms_and_legs_are_no_bends(shared_data: Path) -> None:
    bends: dict[str, int] = {}
    for entry, day in repetitions(shared_data):
        bends[entry["movement"]] = bends.get(entry["movement"], 0) + measured("bends", day)
    for movement, count in bends.items():
        assert (count > 5) == (movement in ("deep squat", "side lunge", "sit to stand")), movement


def test_people_who_slouch_are_24_degrees_forward_and_change_posture_with_each_trial(shared_data: Path) -> None:
    # The set's own figures for plain gravity: slouching 24.0 ± 6.1°, upright again −0.3 ± 4.7°.
    days = list(sitting(shared_data))
    slouching = [
        tilt for _, postures in days for name, trials in postures.items() if "slouch" in name for tilt in trials
    ]
    assert np.mean(slouching) == pytest.approx(24.0, abs=1.0)
    for day, _ in days:
        # Six postures one after the other, three trials each.
        assert 3 <= measured("posture_changes", day) <= 17
        assert measured("tilt_p90", day) > 12
