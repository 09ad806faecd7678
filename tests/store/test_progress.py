"""The wearer's progress with each exercise is kept, and a database of schema 3 gets its table."""

import sqlite3
from pathlib import Path

import pytest

from unslouch.store import ExerciseProgress, Store, schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posture.db"


def test_step_and_pain_of_an_exercise_are_kept_apart(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.progress.set_step("bird-dog", 1)
        store.progress.leave_out("bird-dog", 5_000)
        store.progress.leave_out("cat-cow", 6_000)
        store.progress.set_step("bird-dog", 0)
    with Store.open(path, simulated=False, readonly=True) as store:
        assert store.progress.all() == {
            "bird-dog": ExerciseProgress("bird-dog", 0, 5_000),
            "cat-cow": ExerciseProgress("cat-cow", None, 6_000),
        }
        assert store.progress.left_out() == {"bird-dog", "cat-cow"}


def test_an_exercise_that_hurt_is_offered_again_when_the_wearer_says_so(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.progress.set_step("bird-dog", 1)
        store.progress.leave_out("bird-dog", 5_000)
        assert store.progress.allow("bird-dog")
        assert not store.progress.allow("bird-dog")
        assert not store.progress.allow("chin-tuck")
        assert store.progress.all() == {"bird-dog": ExerciseProgress("bird-dog", 1, None)}


def test_deleting_everything_deletes_the_progress(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.progress.leave_out("bird-dog", 5_000)
        store.delete_everything(0, 10_000)
        assert store.progress.all() == {}


def test_a_database_of_schema_3_gets_the_table_and_keeps_its_sessions(path: Path) -> None:
    old = sqlite3.connect(path, isolation_level=None)
    for statement in (statement for statements in schema.MIGRATIONS[:3] for statement in statements):
        old.execute(statement)
    old.execute("INSERT INTO exercise_session VALUES ('1f', 1000, 2000, 'bird-dog', 8, 1)")
    old.execute(f"PRAGMA application_id = {schema.WEARER_ID}")
    old.execute("PRAGMA user_version = 3")
    old.close()
    with Store.open(path, simulated=False) as store:
        assert store.progress.all() == {}
        store.progress.set_step("bird-dog", 1)
        assert [session.repetitions for session in store.words.sessions(0, 3000)] == [8]
