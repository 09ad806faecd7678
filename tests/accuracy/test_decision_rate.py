"""On recordings of people the firmware decides what it would if it decided at every sample."""

from pathlib import Path
from typing import Any

import pytest

from accuracy.benchmark import report_of
from requirement import require

SCRIPT = "decision_rate.py"
SITTING, WALK, WORK = "sitting_T4_50hz.npz", "upperback_walk_100hz.npz", "chest_work_52hz.npz"
REPETITIONS = "trunk_reps_50hz.npz"
WHAT_HAPPENS = ("confirmed", "ended", "alerts", "corrected", "missed")


def report_on(name: str, shared_data: Path, *options: object) -> dict[str, Any]:
    """What the benchmark prints about one file, by alert mode."""
    require(None if (shared_data / name).exists() else f"the recording {name} isn't in {shared_data}")
    report: dict[str, Any] = report_of(SCRIPT, shared_data, "--only", name, *options)[name]
    return report


def assert_alike(found: dict[str, Any]) -> None:
    """Check that each slouch, alert and change of state has its counterpart near it."""
    for what in (*WHAT_HAPPENS, "changes"):
        assert found[what]["before"] == found[what]["now"] == found[what]["matched"], what
        assert found[what]["worst_s"] <= 0.1, what


def test_a_walk_with_rests_has_the_same_states(shared_data: Path) -> None:
    # Recording: qmt example data (Bo Yang, TU Berlin), MIT.
    for found in report_on(WALK, shared_data).values():
        assert found["changes"]["before"] > 10
        assert_alike(found)
        assert found["same_state"] >= 0.995
        assert found["epochs"]["same_state"] == found["epochs"]["same_activity"] == 1
        assert found["epochs"]["forward_p99_cdeg"] <= 15
        assert found["epochs"]["speed_p99_cdeg_s"] <= 50  # of some 3000


@pytest.mark.soak
def test_people_who_sit_and_slouch_get_the_same_slouches_and_alerts(shared_data: Path) -> None:
    # Recordings: IMU Sitting Postures Dataset (Ali, Elsayed, Emad, Mohamed, Shehata, Rehan 2026), CC BY 4.0.
    report = report_on(SITTING, shared_data)
    assert report["delay"]["confirmed"]["before"] > 20
    assert report["delay"]["alerts"]["before"] > 50
    for found in report.values():
        assert_alike(found)
        assert found["same_state"] >= 0.999
        assert found["epochs"]["same_state"] >= 0.998
        assert found["epochs"]["same_flags"] == 1
        assert found["epochs"]["forward_mean_cdeg"] <= 1
        assert found["epochs"]["second_p99_cdeg"] <= 30


@pytest.mark.soak
def test_among_repetitions_only_a_touch_of_the_threshold_can_go_unseen(shared_data: Path) -> None:
    # UI-PRMD (Vakanski, Jun, Paul, Baker, Data 2018, 3(1):2), ODC PDDL 1.0: tilt from optical markers, repetitions cut
    # out and joined, so that it can be above the threshold for less than the tenth of a second of a decision.
    for found in report_on(REPETITIONS, shared_data, "--delay", 7).values():
        for what in WHAT_HAPPENS:
            assert found[what]["before"] == found[what]["now"], what
            assert found[what]["matched"] >= 0.95 * found[what]["before"], what
        assert found["epochs"]["forward_mean_cdeg"] <= 3
        assert found["epochs"]["second_p99_cdeg"] <= 80  # of movements that reach 100 °/s


@pytest.mark.soak
def test_at_work_a_slouch_can_only_be_missed_if_it_ends_as_its_delay_does(shared_data: Path) -> None:
    # Recordings: UCI 287 (Casale, Pujol, Radeva 2012), CC BY 4.0. One of 16 slouches ends as its
    # delay does.
    for found in report_on(WORK, shared_data).values():
        for what in (*WHAT_HAPPENS, "changes"):
            assert found[what]["matched"] >= found[what]["before"] - 2, what
            assert found[what]["matched"] >= found[what]["now"] - 1, what
        assert found["same_state"] >= 0.999
        assert found["epochs"]["same_state"] >= 0.999
        assert found["epochs"]["forward_mean_cdeg"] <= 1
