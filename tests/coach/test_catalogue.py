"""The catalogue holds all that the articles say, and keeps to the rules that they set."""

import re
from pathlib import Path

import pytest

from unslouch.coach.catalogue import (
    BRIEF_CHARACTERS,
    OURS,
    Amount,
    Condition,
    Cue,
    Equipment,
    Exercise,
    Kind,
    Place,
    Sensing,
    Step,
)
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.session_model import Done
from unslouch.coach.session_sensing import sensing_note
from unslouch.coach.session_texts import done_text

CATALOGUE = builtin_catalogue()
EXERCISES = CATALOGUE.exercises
FACTS = Path(__file__).resolve().parents[3] / "shared" / "exercises.md"

every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)


@every_exercise
def test_an_exercise_has_instructions_form_cues_steps_and_sources(exercise: Exercise) -> None:
    assert all(sentence.endswith((".", "!")) for sentence in (*exercise.how, *exercise.form, *exercise.mistakes))
    assert exercise.form
    assert exercise.mistakes
    assert exercise.cues
    assert exercise.sources
    assert all(step.length_s > 0 for step in exercise.steps)
    assert len(CATALOGUE.titles(exercise.sources)) == len({source[0] for source in exercise.sources})


@every_exercise
def test_no_exercise_promises_a_cure(exercise: Exercise) -> None:
    text = " ".join((exercise.name, *exercise.how, *exercise.form)).lower()
    assert not any(word in text for word in ("cure", "treat", "heal", "prevent"))


@every_exercise
def test_a_step_says_whose_dose_it_is(exercise: Exercise) -> None:
    for step in exercise.steps:
        is_ours = step.source == OURS
        assert ("our dose" in step.dose) >= is_ours
        assert is_ours or step.source in {source[0] for source in exercise.sources}


@every_exercise
def test_a_later_step_is_no_easier(exercise: Exercise) -> None:
    lengths = [step.length_s for step in exercise.steps]
    assert lengths == sorted(lengths)


def test_ids_and_names_differ() -> None:
    assert len({exercise.id for exercise in EXERCISES}) == len(EXERCISES)
    assert len({exercise.name for exercise in EXERCISES}) == len(EXERCISES)


@pytest.mark.parametrize("cue", Cue)
def test_every_cue_has_at_least_two_exercises_at_the_desk(cue: Cue) -> None:
    at_desk = CATALOGUE.suitable(Place.DESK, equipment=())
    assert sum(cue in exercise.cues for exercise in at_desk) >= 2


def test_what_the_dashboard_suggests_fits_the_smallest_card() -> None:
    assert all(len(exercise.brief) <= BRIEF_CHARACTERS for exercise in CATALOGUE.suitable(Place.DESK, equipment=()))


def test_the_five_of_the_series_build_on_each_other() -> None:
    series = {exercise.series_step: exercise.id for exercise in EXERCISES if exercise.series_step}
    assert series == {1: "chin-tuck", 2: "blade-squeeze", 3: "rib-lift", 4: "pelvic-tilt", 5: "spine-wave"}


def test_osteoporosis_leaves_out_flexion_and_foam_rolling_and_keeps_the_set() -> None:
    allowed = {exercise.id for exercise in CATALOGUE.suitable(conditions=[Condition.OSTEOPOROSIS])}
    assert not allowed & {"cat-cow", "childs-pose", "spine-wave", "thoracic-extension-roll"}
    described = {exercise.id for exercise in EXERCISES if exercise.osteoporosis_set}
    assert described == {"supine-bridge", "bird-dog", "prone-back-extension", "prone-arm-lift", "wall-slide"}
    assert described <= allowed


def test_what_presses_on_the_upper_back_is_done_without_the_sensor() -> None:
    off = {exercise.id for exercise in EXERCISES if exercise.sensing is Sensing.OFF}
    supine = {exercise.id for exercise in EXERCISES if exercise.positions[0] == "supine"}
    assert off == supine | {"thoracic-extension-roll", "wall-angel", "pec-ball-release"}


def test_the_sensor_sees_what_the_articles_movements_allow() -> None:
    assert {e.id for e in EXERCISES if e.sensing is Sensing.TILT} == {
        "cat-cow", "spine-wave", "prone-back-extension", "childs-pose",
    }  # fmt: skip
    assert all((e.signature is not None) == (e.sensing is Sensing.TILT) for e in EXERCISES)
    assert {e.id for e in EXERCISES if e.sensing is Sensing.STILLNESS} == {"bird-dog", "prone-arm-lift"}


def test_a_couple_of_abdominal_exercises_are_there() -> None:
    assert sum(exercise.abdominal for exercise in EXERCISES) == 2


def test_the_ball_comes_before_the_wall() -> None:
    stretch = CATALOGUE.find("pec-stretch")
    assert stretch is not None
    assert stretch.after == "pec-ball-release"
    assert {step.source for step in stretch.steps} == {"B", "C"}


def test_equipment_at_hand_includes_one_of_each_alternatives() -> None:
    stretch = CATALOGUE.find("lat-stretch")
    assert stretch is not None
    assert stretch.can_be_done(Place.HOME, [Equipment.CHAIR])
    assert stretch.can_be_done(Place.HOME, [Equipment.BALL])
    assert not stretch.can_be_done(Place.HOME, [Equipment.WALL])
    assert not stretch.can_be_done(Place.DESK, None)


def test_a_dose_reads_as_a_phrase() -> None:
    step = Step(
        "", "B", Amount(2, 3, "B"), Amount(10, 12, "B"), Amount(2, 2, "B"), Amount(60, 60, OURS), each_side=True
    )
    assert step.dose == "hold 2–3 s, 2 sets of 10–12 on each side, 60 s rest between sets (partly our dose)"
    assert step.length_s == 2 * 2 * 10 * (2 + 4) + 60
    assert Step("", OURS, duration_s=Amount(60, 120, OURS)).dose == "1–2 minutes (our dose)"


def rows_of_the_facts() -> list[list[str]]:
    lines = FACTS.read_text(encoding="utf-8").splitlines() if FACTS.is_file() else []
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] not in ("id", "---")]


@pytest.mark.parametrize("row", rows_of_the_facts(), ids=lambda row: row[0])
def test_a_row_of_the_facts_is_in_the_catalogue(row: list[str]) -> None:
    """Each row has id, exercise, kind, position, needs, dose and sources; doses are compared by their numbers."""
    exercise = CATALOGUE.find(row[0])
    assert exercise is not None
    assert {str(kind) for kind in exercise.kinds} == set(row[2].split(", "))
    assert [str(position) for position in exercise.positions[:1]] == re.split(r"[/,]| \(", row[3])[:1]
    needed = {"firm chair": "chair"}.get(row[4], row[4])
    words = sorted(word for word in re.split(r", | or ", needed) if word != "–")
    if row[4] == "foam roll":  # which lies on the floor
        words = ["floor", *words]
    assert sorted(str(one) for alternatives in exercise.needs for one in alternatives) == words
    sources = re.findall(r"[A-E]\d?", row[6])
    assert list(exercise.sources) == sources
    given = [step.dose for step in exercise.steps if "ours" not in row[5] and step.source != OURS]
    numbers = {number for dose in given for number in re.findall(r"\d+", dose.replace("minute", "min"))}
    assert set(re.findall(r"\d+", row[5])) <= numbers


def test_the_facts_have_no_row_less_than_the_catalogue() -> None:
    if not FACTS.is_file():
        pytest.skip(f"the facts about exercises aren't here: {FACTS} doesn't exist")
    assert {row[0] for row in rows_of_the_facts()} == {exercise.id for exercise in EXERCISES}


@pytest.mark.parametrize(
    ("tip", "words"),
    [
        ("skill", "skill"),
        ("balance", "tight and weak"),
        ("look-down", "phone, driving, washing dishes, walking, lifting children"),
        ("sleep", "sleep"),
        ("abdominals", "abdominal"),
        ("face-down", "against gravity"),
        ("six-weeks", "six weeks"),
        ("osteoporosis", "physiotherapist"),
        ("extension-and-yoga", "13 studies"),
        ("band", "never in the biceps"),
        ("alignment", "hips and lower back"),
        ("form-ends-the-set", "3 or 15"),
        ("form-first", "Light dumbbells"),
        ("how-often", "every second day"),
    ],
)
def test_a_tip_names_its_source(tip: str, words: str) -> None:
    found = next(one for one in CATALOGUE.tips if one.id == tip)
    assert words in found.text
    assert CATALOGUE.titles(found.sources)


def test_stretches_are_held_as_long_as_their_source_says() -> None:
    for exercise in EXERCISES:
        if Kind.STRETCH in exercise.kinds and "B" in exercise.sources:
            hold = exercise.steps[-1].hold_s
            assert hold is not None
            assert (hold.least, hold.most, hold.source) == (20, 30, "B")


def test_whatever_the_sensor_counts_or_measures_without_a_recording_of_people_is_called_experimental() -> None:
    for exercise in builtin_catalogue().exercises:
        uses_sensor = exercise.sensing in (Sensing.TILT, Sensing.STILLNESS)
        is_backed = exercise.signature is not None and bool(exercise.signature.recording)
        assert exercise.is_experimental == (uses_sensor and not is_backed)
        assert ("experimental" in sensing_note(exercise, "")) == exercise.is_experimental
        done = Done(exercise, 0.0, 75.0, 8, is_complete=True)
        assert done_text(done) == f"{exercise.name}: 1 min 15 s, 8 repetitions counted" + (
            " (experimental)" if exercise.is_experimental else ""
        )
