"""`unslouch coach` and `unslouch programme` work without a sensor, and without anything recorded."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.recorded import Morning
from coach.situations import CATALOGUE, at
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.store import Answer, Store

AT_DESK = ["--timezone", "Europe/Berlin", "--place", "desk", "--needs", "none", "--minutes", "2"]
Run = Callable[..., str]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A Monday of 50 minutes at 20° forward from 08:00, whose wearer has done the first step."""
    path = tmp_path / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(Morning().sit(15, 20).sit(15, 27).sit(20, 20).pages())
        start_ms = at("07:30")
        store.words.add_session("chin-tuck", start_ms, start_ms + 80_000, repetitions=None, is_complete=True)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str, code: ExitCode = ExitCode.OK) -> str:
        assert main(list(arguments)) == code
        captured = capsys.readouterr()
        return captured.out if code is ExitCode.OK else captured.err

    return run


def test_without_anything_recorded_it_says_so(run: Run) -> None:
    out = run("coach", *AT_DESK)
    assert "Nothing is recorded of this day" in out
    assert "asks for no exercise" in out


def test_it_suggests_with_reasons_how_and_the_words_on_pain(run: Run, db: Path) -> None:
    out = run("coach", "--db", str(db), "--at", "2026-03-02T08:50", *AT_DESK)
    assert "Monday 02 March 2026, 08:50. At the desk, nothing at hand, 2 min." in out
    assert "50 of 50 measured min in the last hour leaning forward, today mostly at 20–30° forward — shoulder" in out
    assert "1. Sit tall with your arms beside you." in out
    assert "clinician" in out


def test_explain_prints_every_exercise_with_what_each_rule_contributes(run: Run, db: Path) -> None:
    out = run("coach", "--explain", "--db", str(db), "--at", "2026-03-02T08:50", *AT_DESK)
    assert all(exercise.id in out for exercise in CATALOGUE.exercises)
    assert "+30 leaning-forward (50 of 50 measured min in the last hour leaning forward)" in out
    assert "place: not at this place (desk)" in out
    assert "series-order: comes after" in out


def test_the_same_as_json_adds_up(run: Run, db: Path) -> None:
    said = json.loads(run("coach", "--json", "--db", str(db), "--at", "2026-03-02T08:50", *AT_DESK))
    assert said["suggestion"]["exercise"] == "blade-squeeze"
    assert said["holds"] == []
    for ranked in said["ranking"]:
        assert ranked["points"] == sum(rule["points"] for rule in ranked["rules"])
    listed = {one["exercise"] for one in (*said["ranking"], *said["excluded"])}
    assert listed == {exercise.id for exercise in CATALOGUE.exercises}


def test_what_holds_it_back_is_named_with_its_end(run: Run, db: Path) -> None:
    with Store.open(db, simulated=False) as store:
        store.coach_answers.add(at("08:40"), Answer.PAUSED, until_utc_ms=at("09:40"))
    out = run("coach", "--db", str(db), "--at", "2026-03-02T08:50", *AT_DESK)
    assert "It would be: 50 of" in out
    assert "You have paused suggestions; suggestions come back at 09:40." in out


def test_a_condition_and_the_gentle_set_leave_exercises_out(run: Run) -> None:
    out = run("coach", "--explain", "--gentle", "--place", "home", "--needs", "floor,wall", "--without", "shoulder")
    assert "gentle-set-leaves-out: end-range flexion" in out
    assert "condition: not with shoulder" in out


def test_a_time_that_is_none_is_answered_with_how_to_write_one(run: Run) -> None:
    assert "use 14:05 for today" in run("coach", "--at", "noon", code=ExitCode.BAD_INPUT)


def test_the_trial_is_agreed_to_and_ended_and_can_not_tell_yet(run: Run, db: Path) -> None:
    assert "The trial is off" in run("coach", "--trial", "--db", str(db))
    run("coach", "--trial", "on", "--db", str(db))
    with Store.open(db, simulated=False) as store:
        store.coach_answers.add(at("08:10"), Answer.TOSS_WAIT, until_utc_ms=at("08:40"))
    out = run("coach", "--trial", "--db", str(db), "--timezone", "Europe/Berlin")
    assert "The trial is on" in out
    assert "1 tosses, 0 of them" in out
    assert out.count("can't tell yet (1 of 40 half hours).") == 2
    run("coach", "--trial", "off", "--db", str(db))
    said = json.loads(run("coach", "--trial", "--json", "--db", str(db)))
    assert said["on"] is False
    assert said["half_hours"] == 1


def test_a_programme_without_a_database_begins_on_day_one(run: Run) -> None:
    out = run("programme", *AT_DESK)
    assert "Day 1 of 42, week 1." in out
    assert "chin-tuck" in out
    assert "clinician" in out


@pytest.mark.parametrize("minutes", ["2", "5", "15"])
def test_a_programme_fits_the_minutes(run: Run, minutes: str) -> None:
    options = ["--place", "home", "--needs", "floor,wall,pillow,chair", "--minutes", minutes]
    plan = json.loads(run("programme", "--json", *options))
    assert plan["exercises"]
    assert plan["length_s"] <= int(minutes) * 60


def test_a_programme_says_how_the_weeks_went(run: Run, db: Path) -> None:
    plan = json.loads(run("programme", "--json", "--db", str(db), *AT_DESK))
    assert plan["day"] == 2
    assert plan["weeks"][0]["strength_days"] in (0, 1)


def test_nothing_that_fits_is_said_with_what_to_do(run: Run) -> None:
    out = run("programme", "--place", "desk", "--needs", "none", "--minutes", "1", "--without", "dizziness")
    assert "Day 1" in out
