"""The firmware tells moving, walking and lying from sitting in recordings of people, as well as it is meant to."""

from pathlib import Path

import pytest

from accuracy.benchmark import assert_refused, report_of, run

SCRIPT = "activity.py"
WALK, STERNUM, SITTING = "upperback_walk_100hz.npz", "sternum_lying.csv.gz", "sitting_T4_50hz.npz"


@pytest.mark.soak
@pytest.mark.parametrize("rate", ["100 Hz", "50 Hz"])
def test_walking_is_moving_and_most_of_it_is_a_walkers_pace(shared_data: Path, rate: str) -> None:
    # Recording: qmt example data (Bo Yang, TU Berlin), MIT.
    found = report_of(SCRIPT, shared_data)[WALK][rate]
    assert found["walking"]["moving"] >= 0.97
    assert found["walking"]["walking"] >= 0.9
    for label in ("sitting", "standing"):
        assert found[label]["moving"] <= 0.01
        assert found[label]["walking"] == 0


@pytest.mark.soak
def test_lying_differs_from_sitting_on_a_chair(shared_data: Path) -> None:
    # Recordings: UCI 427, Shinmoto Torres et al. 2013.
    found = report_of(SCRIPT, shared_data)[STERNUM]["nominal"]
    assert found["lying"]["recordings"] == 44
    assert found["lying"]["judged"] > 0.3 * found["lying"]["readings"]
    assert found["lying"]["state"] >= 0.98
    assert found["chair"]["state"] <= 0.02
    assert found["lying"]["beyond_60"] >= 0.97  # the seconds in which people lay down included
    assert found["chair"]["beyond_60"] <= 0.02


def test_no_seated_person_counts_as_moving_walking_or_off_body(shared_data: Path) -> None:
    # Recordings: IMU Sitting Postures Dataset (Ali, Elsayed, Emad, Mohamed, Shehata, Rehan 2026), CC BY 4.0.
    found = report_of(SCRIPT, shared_data)[SITTING]["all"]
    assert found["minutes"] > 100
    assert found["moving_minutes"] == found["moving_s"] == found["walking_s"] == found["inert_s"] == 0
    assert found["longest_stillness_s"] < 40  # off body takes 120 s, and 40 s where the sensor cools


def test_a_folder_without_recordings_gets_one_sentence(tmp_path: Path) -> None:
    assert_refused(run(SCRIPT, tmp_path), str(tmp_path))


@pytest.mark.parametrize("name", [WALK, STERNUM, SITTING])
@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00cut", b"PK\x03\x04 cut short"])
def test_a_damaged_file_gets_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert_refused(run(SCRIPT, tmp_path), name)
