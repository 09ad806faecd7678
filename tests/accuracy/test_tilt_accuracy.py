"""The firmware's gravity filter beats the best of others by a quarter, in integers, on any interpreter."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from accuracy.benchmark import BENCHMARKS, assert_refused, report_of, run, run_python
from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch.errors import ExitCode

SCRIPT = "tilt_accuracy.py"
RIVALS = ["vqf", "basicvqf", "madgwick", "mahony", "imufusion", "accelerometer"]
ERRORS = ["all", "slow", "fast", "disturbed", "worst", "p95"]
WITHOUT_VQF = """
import runpy, sys
sys.modules["vqf"] = None  # as if it weren't installed
sys.path.insert(0, sys.argv.pop(1))
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""

Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def rivals() -> None:
    missing = [name for name in ("vqf", "ahrs", "imufusion") if find_spec(name) is None]
    require(f"{', '.join(missing)} not here: `make setup` installs what ours is judged against" if missing else None)


@pytest.fixture(scope="module")
def broad(rivals: None) -> Path:
    """Recordings: BROAD (Laidig, Caruso, Cereatti, Seel, Data 2021, 6(7):72), CC BY 4.0."""
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / "broad_95hz.npz"
    require(None if path.exists() else f"the recordings aren't here: {path} doesn't exist")
    return path


@pytest.fixture(scope="module")
def plain(broad: Path) -> dict[str, dict]:
    return report_of(SCRIPT, broad)


@pytest.fixture(scope="module")
def biased(broad: Path) -> dict[str, dict]:
    return report_of(SCRIPT, broad, "--bias")


@pytest.mark.soak
@pytest.mark.slow
def test_rivals_reach_their_known_accuracy(plain: dict[str, dict]) -> None:
    known = {"vqf": (1.2, 0.5), "basicvqf": (1.5, 1.05), "madgwick": (2.1, 1.0), "mahony": (2.6, 1.0)}
    for name, (over_all, slow) in known.items():
        assert plain[name]["all"] == pytest.approx(over_all, abs=0.15), name
        assert plain[name]["slow"] == pytest.approx(slow, abs=0.15), name


@pytest.mark.soak
@pytest.mark.slow
def test_the_error_over_all_trials_is_a_quarter_below_vqf(plain: dict[str, dict]) -> None:
    assert plain["unslouch"]["all"] <= 0.75 * plain["vqf"]["all"]


@pytest.mark.soak
@pytest.mark.slow
def test_the_error_over_slow_trials_is_no_larger_than_vqf_has(plain: dict[str, dict]) -> None:
    assert plain["unslouch"]["slow"] <= plain["vqf"]["slow"]


@pytest.mark.soak
@pytest.mark.slow
def test_no_trial_is_off_by_more_than_2_5_degrees(plain: dict[str, dict]) -> None:
    assert plain["unslouch"]["worst"] <= 2.5


@pytest.mark.soak
@pytest.mark.slow
def test_with_a_poorer_sensor_the_error_is_a_quarter_below_vqf_too(biased: dict[str, dict]) -> None:
    assert biased["unslouch"]["all"] <= 0.75 * biased["vqf"]["all"]


def test_all_interpreters_agree_to_the_last_bit(broad: Path, tmp_path: Path) -> None:
    require(MICROPYTHON_I386.missing())
    with np.load(broad) as recordings:
        one = only(dict(recordings), "21")
    np.savez(tmp_path / "one.npz", **one)
    reports = [
        report_of(SCRIPT, tmp_path / "one.npz", "--rate", 95, "--interpreter", interpreter)["unslouch"]
        for interpreter in ("cpython", "micropython")
    ]
    for report in reports:
        assert report["fast"] == report["all"] == report["worst"] > 0
        assert {MICROPYTHON_I386.name, "cpython"} <= set(report.pop("ns_per_sample"))
    assert reports[0] == reports[1]


@pytest.mark.parametrize("bias_dps", [(0, 0, 0), (1, -0.7, 0.5)])
def test_two_seconds_after_power_on_at_rest_the_angle_is_within_half_a_degree(
    broad: Path, tmp_path: Path, bias_dps: tuple[float, float, float]
) -> None:
    with np.load(broad) as recordings:
        begins = only(dict(recordings), "01", "09", "29", "31")  # those whose reference is valid from the beginning
    rate_hz = float(begins["fs"])
    at_rest = np.zeros(round(5 * rate_hz), np.uint8)
    at_rest[round(2 * rate_hz) :] = 1
    for key in ("01", "09", "29", "31"):
        begins[f"n_{key}"] = np.array(len(at_rest))
        begins[f"move_{key}"] = np.packbits(at_rest)
        bias = np.rint(np.radians(bias_dps) / float(begins["gyr_lsb_rad_s"])).astype(np.int16)
        begins[f"gyr_{key}"] = begins[f"gyr_{key}"] + bias
    np.savez(tmp_path / "begins.npz", **begins)
    assert report_of(SCRIPT, tmp_path / "begins.npz")["unslouch"]["worst"] <= 0.5


def only(arrays: Arrays, *keys: str) -> Arrays:
    """The file with these trials alone."""
    trials = [trial for trial in json.loads(str(arrays["meta"])) if trial["key"] in keys]
    assert len(trials) == len(keys)
    return arrays | {"meta": np.array(json.dumps(trials))}


@pytest.fixture
def arrays() -> Arrays:
    """Two made-up trials of 12 s: 5 s at rest, then the sensor swings by ±20°, the second time thrice as often."""
    rate_hz, gyr_lsb, acc_lsb, up_lsb = 95.24, 1e-4, 1e-3, 1 / 32000
    t_s = np.arange(round(12 * rate_hz)) / rate_hz
    move = t_s >= 5
    found = {
        "fs": np.array(rate_hz),
        "gyr_lsb_rad_s": np.array(gyr_lsb),
        "acc_lsb_m_s2": np.array(acc_lsb),
        "up_lsb": np.array(up_lsb),
        "meta": np.array(json.dumps([{"key": "1", "name": "a_slow_swing"}, {"key": "2", "name": "undisturbed_fast"}])),
    }
    for key, swings_hz in (("1", 0.1), ("2", 0.3)):
        angle = np.where(move, np.radians(20) * np.sin(2 * np.pi * swings_hz * (t_s - 5)), 0)
        rate = np.gradient(angle, t_s)
        up = np.stack([np.zeros_like(angle), np.sin(angle), np.cos(angle)], axis=1)  # turning about the x axis
        found |= {
            f"n_{key}": np.array(len(t_s)),
            f"gyr_{key}": np.rint(np.outer(rate, (1, 0, 0)) / gyr_lsb).astype(np.int16),
            f"acc_{key}": np.rint(up * 9.81 / acc_lsb).astype(np.int16),
            f"up_{key}": np.rint(up / up_lsb).astype(np.int16),
            f"valid_{key}": np.packbits(np.ones(len(t_s), np.uint8)),
            f"move_{key}": np.packbits(move),
        }
    return found


@pytest.fixture
def file(tmp_path: Path, arrays: Arrays) -> Path:
    np.savez(tmp_path / "trials.npz", **arrays)
    return tmp_path / "trials.npz"


@pytest.mark.parametrize("rate", [48, 95])
def test_any_file_of_the_format_is_scored_for_every_filter(rivals: None, file: Path, rate: int) -> None:
    report = report_of(SCRIPT, file, "--rate", rate)
    assert list(report) == ["unslouch", *RIVALS]
    for name, found in report.items():
        assert [key for key in found if key != "ns_per_sample"] == ERRORS
        assert found["disturbed"] is None, "undisturbed is another word"
        assert found["all"] == pytest.approx((found["slow"] + found["fast"]) / 2)
        assert found["worst"] == max(found["slow"], found["fast"])
        if name == "accelerometer":  # lags by 0.16 s at up to 38°/s
            assert 1 < found["slow"] < 2
            assert 3 < found["fast"] < 6
        else:
            assert found["worst"] < 1, name


def test_bias_is_given_to_every_filter(rivals: None, file: Path) -> None:
    plain, biased = report_of(SCRIPT, file), report_of(SCRIPT, file, "--bias")
    for name in plain:
        assert biased[name]["slow"] > plain[name]["slow"] + 0.2, name


def test_the_printed_table_names_every_filter_and_our_cost(rivals: None, file: Path) -> None:
    done = run(SCRIPT, file)
    assert done.returncode == 0, done.stderr
    rows = [line.split()[0] for line in done.stdout.splitlines()[1:8]]
    assert rows == ["unslouch", *RIVALS]
    assert "ns under cpython" in done.stdout


def test_a_missing_rival_is_named_with_what_to_install(file: Path) -> None:
    done = run_python("-c", WITHOUT_VQF, BENCHMARKS, BENCHMARKS / SCRIPT, file)
    assert done.returncode == ExitCode.FAILED
    assert "vqf" in done.stderr
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("up_lsb", None, "lacks the arrays up_lsb"),
        ("meta", None, "lacks the arrays meta"),
        ("meta", np.array("no JSON"), "meta must"),
        ("meta", np.array("[]"), "meta must"),
        ("acc_2", None, "trial undisturbed_fast lacks the arrays acc_2"),
        ("gyr_1", np.zeros((1143, 2), np.int16), "gyr_1 must"),
        ("up_1", np.zeros((10, 3), np.int16), "up_1 must"),
        ("n_1", np.array(-3), "n_1 must"),
        ("move_1", np.zeros(4, np.uint8), "move_1 must"),
        ("move_1", np.zeros(143, np.uint8), "no sample to score"),
        ("fs", np.array(0.0), "fs must"),
        ("acc_lsb_m_s2", np.array(np.nan), "acc_lsb_m_s2 must"),
    ],
)
def test_a_file_of_another_form_gets_one_sentence(
    tmp_path: Path, arrays: Arrays, name: str, value: np.ndarray | None, said: str
) -> None:
    if value is None:
        del arrays[name]
    else:
        arrays[name] = value
    np.savez(tmp_path / "other.npz", **arrays)
    assert_refused(run(SCRIPT, tmp_path / "other.npz"), said)


def test_a_rate_beyond_the_filter_gets_one_sentence(rivals: None, tmp_path: Path, arrays: Arrays) -> None:
    np.savez(tmp_path / "other.npz", **arrays | {"fs": np.array(1.0)})
    assert_refused(run(SCRIPT, tmp_path / "other.npz"), "Hz")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_archive_gets_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "it.npz").write_bytes(content)
    assert_refused(run(SCRIPT, tmp_path / "it.npz"), "it.npz")


def test_a_folder_and_a_missing_file_get_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.npz"):
        assert_refused(run(SCRIPT, path), str(path))
