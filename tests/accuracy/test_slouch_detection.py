"""The firmware's pipeline finds slouching in recordings of people, under both kinds of interpreter alike."""

from pathlib import Path

import numpy as np
import pytest

from accuracy.benchmark import assert_refused, report_of, run
from interpreters import MICROPYTHON_I386
from requirement import require

SCRIPT = "slouch_detection.py"


@pytest.mark.soak
def test_slouching_is_flagged_and_upright_is_not_in_both_interpreters_alike(shared_data: Path) -> None:
    # Recordings: IMU Sitting Postures Dataset (Ali, Elsayed, Emad, Mohamed, Shehata, Rehan 2026), CC BY 4.0.
    require(MICROPYTHON_I386.missing())
    recordings = shared_data / "sitting_T4_50hz.npz"
    report = report_of(SCRIPT, recordings, "--delay", 10)
    assert report["slouching"]["flagged"] >= 0.97
    assert report["upright"]["flagged"] <= 0.01
    assert report["slouching"]["time_to_alert_s"] == pytest.approx(10, abs=0.5)
    assert abs(report["slouching"]["forward_deg"]["mean"] - report["slouching"]["gravity_deg"]["mean"]) < 0.5
    assert report_of(SCRIPT, recordings, "--delay", 10, "--interpreter", "micropython") == report


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    """A made-up subject who sits upright twice and slouches by 30° once, for 16 s each, at 50 Hz."""
    samples, lsb_g = 800, 1 / 4096
    acc = np.zeros((3, samples, 3), np.int16)
    for trial, tilt_deg in enumerate((3, 33, 4)):
        tilt = np.radians(tilt_deg)
        acc[trial] = np.rint([np.cos(tilt) / lsb_g, 0, np.sin(tilt) / lsb_g])
    return {
        "acc": acc,
        "gyr": np.zeros_like(acc),
        "n": np.array([samples, samples - 20, samples]),
        "label": np.array([0, 1, 0]),
        "subject": np.array([7, 7, 7]),
        "trial": np.array([2, 1, 3]),
        "fs": np.array(50.0),
        "acc_lsb_g": np.array(lsb_g),
        "gyr_lsb_dps": np.array(0.0610),
        "label_names": np.array(["upright", "slouching"]),
    }


@pytest.fixture
def file(tmp_path: Path, arrays: dict[str, np.ndarray]) -> Path:
    np.savez(tmp_path / "trials.npz", **arrays)
    return tmp_path / "trials.npz"


def test_any_file_of_the_format_is_assessed_by_its_own_labels(file: Path) -> None:
    report = report_of(SCRIPT, file)
    assert list(report) == ["upright", "slouching"]
    assert (report["upright"]["trials"], report["upright"]["flagged"]) == (1, 0)
    assert (report["slouching"]["trials"], report["slouching"]["flagged"]) == (1, 1)
    assert report["slouching"]["forward_deg"]["mean"] == pytest.approx(30, abs=0.2)
    assert report["slouching"]["gravity_deg"]["mean"] == pytest.approx(30, abs=0.2)
    assert report["slouching"]["time_to_alert_s"] == pytest.approx(10, abs=0.1)


def test_threshold_and_delay_are_taken(file: Path) -> None:
    assert report_of(SCRIPT, file, "--threshold", 35)["slouching"]["flagged"] == 0
    assert report_of(SCRIPT, file, "--delay", 20)["slouching"]["flagged"] == 0
    assert report_of(SCRIPT, file, "--delay", 5)["slouching"]["time_to_alert_s"] == pytest.approx(5, abs=0.1)


def test_the_printed_table_names_every_label(file: Path) -> None:
    done = run(SCRIPT, file)
    assert done.returncode == 0
    assert "slouching" in done.stdout
    assert "100.0%" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("acc", None, "lacks the arrays acc"),
        ("gyr", np.zeros((3, 800, 2), np.int16), "shape"),
        ("n", np.array([800, 801, 800]), "n must"),
        ("label", np.array([0, 2, 0]), "label must"),
        ("label", np.array([1, 1, 1]), "upright"),
        ("fs", np.array(-50.0), "fs must"),
        ("fs", np.array(5.0), "5 Hz"),
        ("acc_lsb_g", np.array(np.nan), "finite"),
        ("subject", np.array([1, 2]), "subject must"),
        ("label_names", np.array([1, 2]), "label_names must"),
    ],
)
def test_a_file_of_another_form_gets_one_sentence(
    tmp_path: Path, arrays: dict[str, np.ndarray], name: str, value: np.ndarray | None, said: str
) -> None:
    if value is None:
        del arrays[name]
    else:
        arrays[name] = value
    np.savez(tmp_path / "other.npz", **arrays)
    assert_refused(run(SCRIPT, tmp_path / "other.npz"), said)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_archive_gets_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "it.npz").write_bytes(content)
    assert_refused(run(SCRIPT, tmp_path / "it.npz"), "it.npz")


def test_a_bare_array_a_folder_and_a_missing_file_get_one_sentence(tmp_path: Path) -> None:
    np.save(tmp_path / "bare.npy", np.zeros(3))
    for path in (tmp_path / "bare.npy", tmp_path, tmp_path / "missing.npz"):
        assert_refused(run(SCRIPT, path), str(path))
