"""What the coach suggested and what the wearer answered is stored, read by time, and deleted with its day."""

import sqlite3
from pathlib import Path

import pytest

from unslouch.errors import BadInput
from unslouch.store import Answer, CoachAnswer, Deletion, Store, schema

HOUR_MS = 3_600_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posture.db"


def test_answers_are_read_by_time_in_the_order_in_which_they_were_given(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        given = [
            store.coach_answers.add(5, Answer.SUGGESTED, "chin-tuck"),
            store.coach_answers.add(5, Answer.LATER, "chin-tuck", until_utc_ms=HOUR_MS),
            store.coach_answers.add(9, Answer.STEP, "chin-tuck", step=2),
            store.coach_answers.add(9, Answer.TRIAL_ON),
        ]
    with Store.open(path, simulated=False, readonly=True) as store:
        assert store.coach_answers.between(0, 10) == given
        assert store.coach_answers.between(6, 9) == []


def test_an_answer_is_stored_once(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        answer = store.coach_answers.add(5, Answer.SUGGESTED, "chin-tuck")
        store.coach_answers.add_all([answer])
        assert store.coach_answers.between(0, 10) == [answer]


@pytest.mark.parametrize(
    "answer",
    [
        CoachAnswer("a", 5, Answer.HURT),
        CoachAnswer("a", 5, Answer.LATER, "chin-tuck"),
        CoachAnswer("a", 5, Answer.NOT_TODAY, "chin-tuck", until_utc_ms=4),
        CoachAnswer("a", 5, Answer.PAUSED),
        CoachAnswer("a", 5, Answer.STEP, "chin-tuck"),
        CoachAnswer("a", 5, Answer.STEP, "chin-tuck", step=-1),
    ],
    ids=str,
)
def test_an_answer_without_what_it_needs_is_refused_with_its_batch(path: Path, answer: CoachAnswer) -> None:
    with Store.open(path, simulated=False) as store:
        with pytest.raises(BadInput):
            store.coach_answers.add_all([CoachAnswer("good", 5, Answer.TRIAL_ON), answer])
        assert store.coach_answers.between(0, 10) == []


def test_an_answer_that_a_later_release_added_is_left_out(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        known = store.coach_answers.add(5, Answer.TRIAL_ON)
        with sqlite3.connect(path) as connection:
            connection.execute("INSERT INTO coach_answer (answer_id, utc_ms, answer) VALUES ('x', 5, 'sang')")
        connection.close()
        assert store.coach_answers.between(0, 10) == [known]


def test_a_deleted_day_takes_its_answers_with_it_but_not_that_an_exercise_hurts(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        answers = store.coach_answers
        answers.add(10, Answer.HURT, "cat-cow")
        answers.add(11, Answer.HURT, "bird-dog")
        answers.add(12, Answer.NO_LONGER_HURTS, "bird-dog")
        answers.add(13, Answer.TRIAL_ON)
        answers.add(14, Answer.TRIAL_OFF)
        answers.add(15, Answer.SUGGESTED, "chin-tuck")
        after = answers.add(30, Answer.SUGGESTED, "chin-tuck")
        store.delete(Deletion((), 10, 20))
        left = [(answer.utc_ms, answer.answer, answer.exercise) for answer in answers.between(0, 20)]
        assert left == [
            (9, Answer.HURT, "cat-cow"),
            (9, Answer.NO_LONGER_HURTS, "bird-dog"),
            (9, Answer.TRIAL_OFF, None),
        ]
        assert answers.between(20, 40) == [after]
        store.delete_everything(None, None)
        assert answers.between(0, 40) == []


def test_a_database_of_schema_3_gets_the_table(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (statement for statements in schema.MIGRATIONS[:3] for statement in statements):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {schema.WEARER_ID}")
    connection.execute("PRAGMA user_version = 3")
    connection.execute("INSERT INTO moment_note VALUES ('n', 5, 'new chair')")
    connection.close()
    with Store.open(path, simulated=False) as store:
        assert [note.text for note in store.words.notes(0, 10)] == ["new chair"]
        assert store.coach_answers.between(0, 10) == []
        store.coach_answers.add(5, Answer.TRIAL_ON)
    assert path.with_name("posture.schema-3.db").exists()
