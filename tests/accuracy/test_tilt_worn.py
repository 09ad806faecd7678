"""On people the firmware's tilt is plain gravity's while they sit still, and VQF's while they walk."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from accuracy.benchmark import assert_refused, report_of, run
from requirement import require

SCRIPT = "tilt_worn.py"
WALK, SITTING = "upperback_walk_100hz.npz", "sitting_T4_50hz.npz"


@pytest.fixture
def vqf() -> None:
    require(None if find_spec("vqf") else "vqf isn't here: `make setup` installs what ours is judged against")


@pytest.mark.parametrize("rate", ["50 Hz", "100 Hz"])
def test_sitting_still_is_plain_gravity_within_a_third_of_a_degree(vqf: None, shared_data: Path, rate: str) -> None:
    # Recording: qmt example data (Bo Yang, TU Berlin), MIT.
    found = report_of(SCRIPT, shared_data)[WALK][rate]["sitting still"]
    assert found["s"] > 15
    assert found["gravity"] <= 0.3


@pytest.mark.parametrize("rate", ["50 Hz", "100 Hz"])
def test_walking_is_within_a_degree_of_vqf_where_plain_gravity_is_not(vqf: None, shared_data: Path, rate: str) -> None:
    found = report_of(SCRIPT, shared_data)[WALK][rate]["walking"]
    assert found["s"] > 42
    assert found["vqf"] <= 1.0
    assert found["gravity"] > 2


def test_the_same_holds_for_twenty_three_people_in_six_postures(vqf: None, shared_data: Path) -> None:
    # Recordings: IMU Sitting Postures Dataset (Ali, Elsayed, Emad, Mohamed, Shehata, Rehan 2026), CC BY 4.0.
    report = report_of(SCRIPT, shared_data)[SITTING]
    still = report["still"]
    assert still["gravity"] <= 0.3
    assert still["gravity"] < still["vqf_gravity"]
    assert still["share"] > 0.7, "still must not mean a chosen few"
    assert still["trials"] == 412
    assert report["left out"]["trials"] == 2


def test_what_counts_as_still_is_decided_by_gravity_alone(vqf: None, tmp_path: Path) -> None:
    rate_hz, lsb_g, lsb_dps = 50, 1 / 4096, 0.061
    t_s = np.arange(30 * rate_hz) / rate_hz
    angle = np.radians(5) * np.sin(2 * np.pi * 0.2 * (t_s - 15)) * (t_s >= 15)  # 15 s still, then rocking
    acc = np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=1) / lsb_g
    gyr = np.outer(np.degrees(np.gradient(angle, t_s)), (0, -1, 0)) / lsb_dps
    glitch = gyr.copy()
    glitch[100] = 1500 / lsb_dps  # one reading of what nobody's back can do
    arrays = {
        "acc": np.rint([acc, acc]).astype(np.int16),
        "gyr": np.rint([gyr, glitch]).astype(np.int16),
        "n": np.array([len(t_s)] * 2),
        "label": np.array([0, 0]),
        "subject": np.array([1, 1]),
        "trial": np.array([1, 2]),
        "fs": np.array(float(rate_hz)),
        "acc_lsb_g": np.array(lsb_g),
        "gyr_lsb_dps": np.array(lsb_dps),
        "label_names": np.array(["upright"]),
    }
    np.savez(tmp_path / SITTING, **arrays)
    report = report_of(SCRIPT, tmp_path)[SITTING]
    assert report["left out"]["trials"] == 1
    assert report["all"]["share"] == 1
    assert report["still"]["share"] == pytest.approx(12 / 29, abs=0.03)  # 15 s, less the ends of both windows
    assert report["still"]["gravity"] < 0.05 < report["all"]["gravity"]


def test_a_folder_without_recordings_gets_one_sentence(tmp_path: Path) -> None:
    assert_refused(run(SCRIPT, tmp_path), str(tmp_path))


@pytest.mark.parametrize("name", [WALK, SITTING])
@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut short"])
def test_a_damaged_file_gets_one_sentence(vqf: None, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert_refused(run(SCRIPT, tmp_path), name)
