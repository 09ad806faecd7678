"""The wearer's words are stored under stable names, read by time, changed and deleted."""

from pathlib import Path

import pytest

from unslouch.errors import BadInput
from unslouch.store import AlertMark, ExerciseSession, MomentNote, Store
from unslouch.store.words import MOST_CHARACTERS, WRONG_ALARM

HOUR_MS = 3_600_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posture.db"


def test_words_are_read_by_time_after_the_database_is_opened_again(path: Path) -> None:
    mark = AlertMark(7, 12, HOUR_MS, WRONG_ALARM)
    with Store.open(path, simulated=False) as store:
        store.words.mark_alert(mark)
        note = store.words.add_note(2 * HOUR_MS, "new chair · 新しい椅子")
        session = store.words.add_session(
            "chin_tuck", 3 * HOUR_MS, 3 * HOUR_MS + 60_000, repetitions=8, is_complete=True
        )
    with Store.open(path, simulated=False, readonly=True) as store:
        assert store.words.alert_marks(HOUR_MS, HOUR_MS + 1) == [mark]
        assert store.words.notes(0, 4 * HOUR_MS) == [note]
        assert store.words.sessions(3 * HOUR_MS, 4 * HOUR_MS) == [session]
        assert (
            store.words.alert_marks(0, HOUR_MS)
            == store.words.notes(0, HOUR_MS)
            == store.words.sessions(0, HOUR_MS)
            == []
        )


def test_words_are_changed_and_deleted_by_their_names(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.words.mark_alert(AlertMark(7, 12, 5, WRONG_ALARM))
        note = store.words.add_note(5, "before")
        session = store.words.add_session("chin_tuck", 5, 9, repetitions=None, is_complete=False)
        store.words.change_note(note._replace(text="after", utc_ms=6))
        assert store.words.notes(0, 10) == [MomentNote(note.note_id, 6, "after")]
        assert store.words.delete_note(note.note_id)
        assert not store.words.delete_note(note.note_id)
        assert store.words.delete_session(session.session_id)
        assert not store.words.delete_session(session.session_id)
        assert store.words.unmark_alert(7, 12)
        assert not store.words.unmark_alert(7, 12)
        assert store.words.alert_marks(0, 10) == store.words.notes(0, 10) == store.words.sessions(0, 10) == []


def test_no_byte_of_a_note_is_left_that_was_deleted_or_changed(path: Path) -> None:
    with Store.open(path, simulated=False) as recorder, Store.open(path, simulated=False) as store:
        assert recorder.records() == 0
        first, second = (store.words.add_note(HOUR_MS, f"a secret of mine, number {number}") for number in (1, 2))
        assert any(b"a secret of mine" in file.read_bytes() for file in path.parent.iterdir())
        store.words.delete_note(first.note_id)
        store.words.change_note(second._replace(text="nothing special"))
        assert not any(b"a secret of mine" in file.read_bytes() for file in path.parent.iterdir())


def test_adding_the_same_words_again_changes_nothing(path: Path) -> None:
    words = [
        AlertMark(7, 12, 5, WRONG_ALARM),
        MomentNote("n", 5, "text"),
        ExerciseSession("s", 1, 2, "chin_tuck", None, is_complete=True),
    ]
    with Store.open(path, simulated=False) as store:
        assert store.revisions().words == 0
        assert store.words.add(words) == 3
        revision = store.revisions().words
        assert revision > 0
        assert store.words.add(words) == 0
        assert store.revisions().words == revision
        assert store.words.add([MomentNote("n", 5, "other")]) == 1
        assert store.revisions().words > revision


@pytest.mark.parametrize(
    "word",
    [
        AlertMark(7, 12, 5, "nonsense"),
        MomentNote("n", 5, " \n"),
        MomentNote("n", 5, "x" * (MOST_CHARACTERS + 1)),
        ExerciseSession("s", 2, 1, "chin_tuck", None, is_complete=True),
    ],
)
def test_words_that_can_not_be_stored_are_refused_and_none_of_their_batch_is_stored(
    path: Path, word: AlertMark | MomentNote | ExerciseSession
) -> None:
    with Store.open(path, simulated=False) as store:
        with pytest.raises(BadInput):
            store.words.add([MomentNote("good", 5, "text"), word])
        assert store.words.notes(0, 10) == []
