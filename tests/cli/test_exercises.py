"""`unslouch exercises` works without a sensor."""

import json
from pathlib import Path

import pytest

from unslouch.cli.main import main
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.errors import ExitCode
from unslouch.safety import clinician_first


def test_the_list_is_filtered_by_place_and_equipment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", "--place", "desk", "--needs", "none", "--json"]) == ExitCode.OK
    ids = [exercise["id"] for exercise in json.loads(capsys.readouterr().out)]
    assert ids == ["chin-tuck", "blade-squeeze", "rib-lift", "pelvic-tilt", "spine-wave", "posture-change"]


def test_a_condition_leaves_exercises_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", "--without", "osteoporosis,wrist-or-knee", "--json"]) == ExitCode.OK
    ids = {exercise["id"] for exercise in json.loads(capsys.readouterr().out)}
    assert not ids & {"cat-cow", "spine-wave", "bird-dog"}


@pytest.mark.parametrize("exercise", builtin_catalogue().exercises, ids=lambda exercise: exercise.id)
def test_each_can_be_shown(exercise: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", "show", exercise.id]) == ExitCode.OK  # type: ignore[attr-defined]
    out = capsys.readouterr().out
    assert exercise.name in out  # type: ignore[attr-defined]
    assert out.count(clinician_first()) == 1
    assert "\u28ff" >= max(out) > "\u2800", "no picture"
    assert all(len(line) <= 80 for line in out.splitlines() if line.startswith("\u2800"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "chin-tucks"], "did you mean chin-tuck?"),
        (["--place", "dsk"], "did you mean desk?"),
        (["--place", "desk,home"], "one place only, not at desk,home. Use desk, office, home."),
        (["--needs", "wal"], "did you mean wall?"),
        (["--without", "sholder"], "did you mean shoulder?"),
    ],
)
def test_a_mistyped_word_is_answered_with_the_likeliest(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exercises", *arguments]) == ExitCode.BAD_INPUT
    assert words in capsys.readouterr().err


def test_a_problem_in_the_wearers_file_goes_to_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "unslouch").mkdir()
    (tmp_path / "unslouch" / "exercises.toml").write_text("[exercise.x]\n")
    assert main(["exercises", "--json"]) == ExitCode.OK
    captured = capsys.readouterr()
    assert "exercises.toml:1: exercise.x: name is missing" in captured.err
    assert json.loads(captured.out)
