"""A recorded wearer replays a subject's trials in order, and says clearly what is wrong with a file."""

import random
import re
from pathlib import Path

import numpy as np
import pytest

from unslouch.cli.main import main
from unslouch.errors import BadInput, ExitCode
from unslouch.twin.wearer.plausibility import implausible
from unslouch.twin.wearer.recording import RecordedWearer
from unslouch.twin.wearer.scripted import ScriptedWearer

LABELS = np.array(["", "backward_bending", "upright", "slouching"])


def recording(**changes):
    """Three trials of subject 4, stored out of order, and one of subject 7.

    In sample k of trial t the gyroscope reads -(100 t + k), and the accelerometer 5000 more than 100 t + k.
    """
    trial = np.array([2, 1, 3, 1])
    counts = (100 * trial[:, None] + np.arange(50))[:, :, None] * np.ones((1, 1, 3))
    return {
        "acc": (5000 + counts).astype(np.int16),
        "gyr": (-counts).astype(np.int16),
        "n": np.array([50, 50, 20, 50]),
        "label": np.array([2, 3, 2, 3], dtype=np.int8),
        "subject": np.array([4, 4, 4, 7], dtype=np.int8),
        "trial": trial.astype(np.int8),
        "fs": np.array(50.0),
        "acc_lsb_g": np.array(0.00011),
        "gyr_lsb_dps": np.array(0.1),
        "label_names": LABELS,
    } | changes


@pytest.fixture
def write(tmp_path):
    def write_file(**changes):
        path = tmp_path / "sitting.npz"
        np.savez(path, **{k: v for k, v in recording(**changes).items() if v is not None})
        return path

    return write_file


def test_trials_follow_each_other_in_the_order_they_were_recorded(write):
    wearer = RecordedWearer(write(), 4)
    assert [trial.label for trial in wearer.trials] == ["slouching", "upright", "upright"]
    assert [trial.start_s for trial in wearer.trials] == [0.0, 1.0, 2.0]
    assert wearer.duration_s == 2.4
    assert wearer.upright_at_s == 1.0


def test_at_its_own_rate_the_recording_comes_back_as_it_is(write):
    motion = RecordedWearer(write(), 4).sample(0, 120, 50.0)
    counts = np.concatenate([100 + np.arange(50), 200 + np.arange(50), 300 + np.arange(20)])
    assert motion[:, :3] == pytest.approx(np.tile((5000 + counts[:, None]) * 0.00011, 3))
    assert motion[:, 3:] == pytest.approx(np.tile(counts[:, None] * -0.1, 3))


def test_other_rates_are_interpolated_whatever_the_slicing(write):
    wearer = RecordedWearer(write(), 4)
    whole = wearer.sample(0, 260, 104.0)
    assert whole[:100, 0] == pytest.approx((5100 + np.arange(100) * 50 / 104) * 0.00011)
    assert np.array_equal(whole, np.concatenate([wearer.sample(0, 7, 104.0), wearer.sample(7, 253, 104.0)]))


def test_after_the_last_trial_the_sensor_lies_still(write):
    after = RecordedWearer(write(), 4).sample(120, 500, 50.0)
    assert np.all(after[:, :3] == pytest.approx(5319 * 0.00011))
    assert np.all(after[:, 3:] == 0)


def test_there_is_no_power_at_the_port_and_a_healthy_cell(write):
    wearer = RecordedWearer(write(), 4)
    assert not wearer.usb_present(1.0)
    assert 3500 < wearer.battery_mV(1.0) < 4200
    assert 20 < wearer.temperature_degC(1.0) < 40


def test_an_unknown_subject_is_answered_with_those_there_are(write):
    with pytest.raises(BadInput, match=r"no subject 5; it has: 4, 7\.") as caught:
        RecordedWearer(write(), 5)
    assert caught.value.exit_code is ExitCode.BAD_INPUT


def test_the_subject_may_be_left_out_where_there_is_only_one(write):
    assert RecordedWearer(write(subject=np.array([6, 6, 6, 6]))).subject == 6
    with pytest.raises(BadInput, match=r"one of them with --subject: 4, 7\."):
        RecordedWearer(write())


def test_without_an_upright_trial_there_is_nothing_to_calibrate_from(write):
    wearer = RecordedWearer(write(), 7)
    with pytest.raises(BadInput, match=r"no trial with the label upright .* --uncalibrated"):
        _ = wearer.upright_at_s


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"no recording .*absent\.npz: give the file"):
        RecordedWearer(tmp_path / "absent.npz", 1)


def test_a_directory_is_not_a_recording(tmp_path):
    with pytest.raises(BadInput, match="can't be read"):
        RecordedWearer(tmp_path, 1)


@pytest.mark.parametrize("contents", [b"", b"not numbers\n", b"PK\x03\x04 torn off", b"\x80\x04pickled"])
def test_a_file_of_something_else_is_refused(tmp_path, contents):
    path = tmp_path / "other.npz"
    path.write_bytes(contents)
    with pytest.raises(BadInput, match=r"is no \.npz file"):
        RecordedWearer(path, 1)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused_or_still_right(write, seed):
    path = write()
    data = bytearray(path.read_bytes())
    draw = random.Random(seed)
    if seed % 4 == 0:
        del data[draw.randrange(len(data)) :]
    for _ in range(draw.choice((1, 10, 100))):
        data[draw.randrange(len(data))] = draw.randrange(256)
    path.write_bytes(data)
    refusal = None
    try:
        assert len(RecordedWearer(path, 4).trials) == 3
    except BadInput as error:
        refusal = str(error)
    assert refusal is None or str(path) in refusal


def test_a_bare_array_is_refused(tmp_path):
    path = tmp_path / "array.npy"
    np.save(path, np.zeros(3))
    with pytest.raises(BadInput, match="one bare array"):
        RecordedWearer(path, 1)


def test_pickled_objects_are_never_loaded(write):
    with pytest.raises(BadInput, match=r"is no \.npz file"):
        RecordedWearer(write(label_names=np.array([{"a": 1}], dtype=object)), 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gyr": None, "fs": None}, "lacks the arrays gyr, fs"),
        ({"acc": np.zeros((4, 50), np.int16)}, "shape"),
        ({"gyr": np.zeros((4, 49, 3), np.int16)}, "shape"),
        ({"acc": np.full((4, 50, 3), "x")}, "acc must hold numbers"),
        ({"n": np.array([50, 50])}, "n must hold one whole number"),
        ({"n": np.array([50, 51, 20, 50])}, "n must lie between"),
        ({"trial": np.array([1.5, 1, 1, 1])}, "trial must hold one whole number"),
        ({"fs": np.array(0.0)}, "fs must be one positive number"),
        ({"fs": np.array(np.nan)}, "fs must be one positive number"),
        ({"fs": np.array(1e9)}, "fs must lie between 1 and 10000 Hz"),
        ({"fs": np.array(1e-9)}, "fs must lie between 1 and 10000 Hz"),
        ({"acc": np.full((4, 50, 3), np.nan)}, "acc must hold numbers, all of them finite"),
        ({"gyr": np.full((4, 50, 3), np.inf)}, "gyr must hold numbers, all of them finite"),
        ({"acc_lsb_g": np.array([1.0])}, "acc_lsb_g must be one positive number"),
        ({"label": np.array([2, 9, 2, 3])}, "label must index"),
        ({"label_names": np.arange(4)}, "label_names must be"),
    ],
)
def test_a_recording_of_the_wrong_form_says_what_is_wrong(write, changes, message):
    with pytest.raises(BadInput, match=message):
        RecordedWearer(write(**changes), 4)


def test_a_recording_without_trials_is_refused(write):
    nobody = {k: v[:0] for k, v in recording().items() if np.ndim(v) and k != "label_names"}
    with pytest.raises(BadInput, match="holds no trials"):
        RecordedWearer(write(**nobody), 1)


def test_real_recordings_replay_with_gravity_and_its_slouches(shared_data):
    """IMU Sitting Postures Dataset (Ali et al. 2026), CC BY 4.0."""
    path = shared_data / "sitting_T4_50hz.npz"
    wearer = RecordedWearer(path, 1)
    assert wearer.duration_s == pytest.approx(540, abs=1)
    motion = wearer.sample(0, int(wearer.duration_s * 52), 52.0)
    assert np.median(np.linalg.norm(motion[:, :3], axis=1)) == pytest.approx(1.0, abs=0.05)
    forward_deg = {}
    for trial in wearer.trials:
        x, _, z = motion[int(trial.start_s * 52) : int((trial.start_s + trial.duration_s) * 52), :3].mean(axis=0)
        forward_deg.setdefault(trial.label, []).append(np.degrees(np.arctan2(z, x)))
    assert np.mean(forward_deg["slouching"]) - np.mean(forward_deg["upright"]) > 12


def worn(**changes):
    """Four half minutes of a scripted wearer at 50 Hz, of whom the first sits upright."""
    motion = ScriptedWearer(3, 1).sample(0, 6000, 50.0).reshape(4, 1500, 6)
    return {
        "acc": motion[:, :, :3],
        "gyr": motion[:, :, 3:],
        "n": np.full(4, 1500),
        "label": np.array([2, 3, 3, 2]),
        "subject": np.ones(4, np.int8),
        "trial": np.arange(4),
        "fs": np.array(50.0),
        "acc_lsb_g": np.array(1.0),
        "gyr_lsb_dps": np.array(1.0),
        "label_names": LABELS,
    } | changes


def test_a_plausible_recording_is_accepted(write):
    assert RecordedWearer(write(**worn())).duration_s == 120


ACC, GYR = worn()["acc"], worn()["gyr"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"acc": ACC * 9.80665}, r"acc reads 9\.8\d? g .* it holds m/s²\. Divide acc_lsb_g by 9\.80665\."),
        ({"acc_lsb_g": np.array(1000.0)}, r"acc reads 1e\+03 g .* thousandths of g\. Divide acc_lsb_g by 1000\."),
        ({"acc_lsb_g": np.array(4.0)}, r"acc reads 4 g .* acc_lsb_g is wrong\."),
        ({"acc": ACC - ACC.mean(axis=1, keepdims=True)}, r"acc reads .* gravity was removed from it"),
        ({"acc": np.full((4, 1500, 3), 0.57)}, r"acc never changes"),
        ({"gyr": np.zeros((4, 1500, 3))}, r"gyr never changes"),
        (
            {"gyr": np.radians(GYR)},
            r"gyr turns [56]\d times slower .* holds rad/s\. Multiply gyr_lsb_dps by 57\.2958",
        ),
        (
            {"fs": np.array(100.0)},
            r"gyr turns [\d.]+ times slower .* recorded at about (4|5)\d[\d.]* Hz, set fs",
        ),
        (
            {"fs": np.array(25.0)},
            r"gyr turns [\d.]+ times faster .* recorded at about (4|5)\d[\d.]* Hz, set fs",
        ),
        ({"gyr": -GYR}, r"gyr turns against gravity in acc"),
    ],
)
def test_a_recording_that_can_not_be_right_is_refused_with_what_to_do(write, changes, sentence):
    path = write(**worn(**changes))
    with pytest.raises(BadInput, match=f"^{re.escape(str(path))}: {sentence}") as caught:
        RecordedWearer(path)
    assert caught.value.exit_code is ExitCode.BAD_INPUT


def test_a_clipped_gyroscope_is_refused(write):
    gyr = worn()["gyr"]
    gyr[1, :400, 1] = 250.0
    with pytest.raises(BadInput, match=r"gyr is at 250 °/s in 7% of the samples, which is the end of its range\."):
        RecordedWearer(write(**worn(gyr=gyr)))


def test_without_motion_the_rate_can_not_be_checked_and_is_accepted(write):
    draw = np.random.default_rng(1)
    rest = np.array([1.0, 0, 0, 0, 0, 0]) + draw.normal(0, 0.01, (4, 1500, 6))
    assert RecordedWearer(write(**worn(acc=rest[:, :, :3], gyr=rest[:, :, 3:], fs=np.array(200.0)))).rate_hz == 200


@pytest.mark.parametrize("arguments", [["--speed", "50"], ["--speed", "50", "--interpreter", "micropython"]])
def test_simulate_ends_with_9_over_a_recording_without_an_upright_trial(write, capsys, arguments):
    path = write(**worn(label=np.array([3, 3, 3, 3])))
    assert main(["simulate", "--socket", "--wearer", str(path), *arguments]) == ExitCode.BAD_INPUT == 9
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no trial with the label upright" in printed.err
    assert "--uncalibrated" in printed.err


def test_the_format_is_in_the_help_and_in_the_docs(capsys):
    assert main(["simulate", "--help"]) == ExitCode.OK
    page = (Path(__file__).parents[2] / "docs" / "recordings.md").read_text(encoding="utf-8")
    shown = capsys.readouterr().out
    for array in worn():
        assert f"`{array}`" in page
        assert array in shown
    assert "docs/recordings.md" in shown


def test_real_recordings_are_plausible_and_their_alterations_are_not(shared_data):
    """IMU Sitting Postures Dataset (Ali et al. 2026), CC BY 4.0; 50 Hz."""
    with np.load(shared_data / "sitting_T4_50hz.npz") as file:
        arrays = dict(file)
    refused = dict.fromkeys(("m/s²", "rad/s", "fs"), 0)
    subjects = [int(subject) for subject in np.unique(arrays["subject"])]
    for subject in subjects:
        rows = np.flatnonzero(arrays["subject"] == subject)
        acc = [arrays["acc"][row, : arrays["n"][row]] * float(arrays["acc_lsb_g"]) for row in rows]
        gyr = [arrays["gyr"][row, : arrays["n"][row]] * float(arrays["gyr_lsb_dps"]) for row in rows]
        assert implausible(list(zip(acc, gyr, strict=True)), 50.0) is None
        altered = {
            "m/s²": (implausible([(a * 9.81, g) for a, g in zip(acc, gyr, strict=True)], 50.0), "holds m/s²"),
            "rad/s": (implausible([(a, np.radians(g)) for a, g in zip(acc, gyr, strict=True)], 50.0), "holds rad/s"),
            "fs": (implausible(list(zip(acc, gyr, strict=True)), 100.0), "fs or gyr_lsb_dps is wrong"),
        }
        for what, (sentence, expected) in altered.items():
            refused[what] += expected in (sentence or "")
    assert refused["m/s²"] == len(subjects)
    assert refused["rad/s"] >= 0.8 * len(subjects)  # some sit too still to tell
    assert refused["fs"] >= 0.8 * len(subjects)
