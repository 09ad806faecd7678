"""What is deleted is gone from every file of the database, stays gone, and leaves everything else as it was."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from journals import JournalBuilder
from unslouch.errors import StoreError
from unslouch.store import AlertMark, Deletion, SequenceRange, Store
from unslouch.store.deletion import is_erasing, without
from unslouch.store.pages import page_row
from unslouch.store.words import WRONG_ALARM
from unslouch_device.contract import records, states
from unslouch_device.contract.pages import unpack_page

MARCH_14_MS = 1_741_910_400_000
SECRET_CDEG = 0x2E5A
"""A tilt whose bytes stand nowhere else in the database."""
SECRET = SECRET_CDEG.to_bytes(2, "little") * 2
JOURNAL = 0xA11CE
FOREVER_MS = MARCH_14_MS + 366 * 86_400_000


def secret_epochs(builder: JournalBuilder, count: int) -> JournalBuilder:
    """Add epochs whose two tilts are the secret."""
    record = bytearray(records.RECORD_BYTES)
    seconds = [SECRET_CDEG] * 5
    records.pack_epoch_into(record, states.UPRIGHT, states.ACTIVITY_STILL, 0, SECRET_CDEG, SECRET_CDEG, seconds, 0)
    assert SECRET in record
    for _ in range(count):
        builder._append(bytes(record))
        builder._epochs_in_page += 1
        builder.uptime_ms += records.EPOCH_MS
    return builder


def journal() -> JournalBuilder:
    """A hundred plain epochs, three hundred secret ones, and a hundred plain ones; the middle page has both kinds."""
    builder = JournalBuilder(JOURNAL).start_boot().clock(MARCH_14_MS).epochs(states.UPRIGHT, 100)
    return secret_epochs(builder, 300).epochs(states.LEANING, 100)


SECRET_RANGE = SequenceRange(JOURNAL, 102, 402)
DELETION = Deletion([SECRET_RANGE], MARCH_14_MS + 500_000, MARCH_14_MS + 2_000_000)


def occurrences(path: Path, secret: bytes = SECRET) -> dict[str, int]:
    """How often the secret stands in each file that belongs to a database."""
    return {file.name: file.read_bytes().count(secret) for file in path.parent.glob(path.name + "*")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that holds journal() and words with the secret."""
    path = tmp_path / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(journal().pages())
    return path


def test_no_byte_of_deleted_records_is_left_in_any_file_while_the_database_is_open(path: Path) -> None:
    with Store.open(path, simulated=False) as recorder, Store.open(path, simulated=False) as store:
        recorder.add_pages(JournalBuilder(1).start_boot().clock(MARCH_14_MS).epochs(states.UPRIGHT, 20).pages())
        assert sum(occurrences(path).values()) >= 300
        assert store.delete(DELETION) == 300
        store.erase()
        assert sum(occurrences(path).values()) == 0
        assert recorder.cursor(JOURNAL) == 502


def test_no_byte_of_a_deleted_note_is_left(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.words.add_note(MARCH_14_MS + 600_000, "a secret of mine")
        kept = store.words.add_note(MARCH_14_MS, "nothing special")
        assert sum(occurrences(path, b"a secret of mine").values()) > 0
        store.delete(DELETION)
        store.erase()
        assert store.words.notes(0, FOREVER_MS) == [kept]
    assert sum(occurrences(path, b"a secret of mine").values()) == 0


def test_everything_else_stays_and_the_pages_at_the_edges_are_cut(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        events = store.clocks(JOURNAL, 1)
        store.delete(DELETION)
        sequences = [sequence for page in store.pages() for sequence in range(*page_row(page)[1:3])]
        assert sequences == [*range(102), *range(402, 502)]
        assert store.records() == 202
        assert store.clocks(JOURNAL, 1) == events
        assert store.cursor(JOURNAL) == 502
        assert store.deleted_ranges() == [SECRET_RANGE]
        assert store.deleted_times(0, FOREVER_MS) == [DELETION[1:3]]


@pytest.mark.parametrize("batch", [1, 1000])
def test_a_sensor_that_sends_deleted_records_again_brings_nothing_back(path: Path, batch: int) -> None:
    with Store.open(path, simulated=False) as store:
        store.delete(DELETION)
        before = store.pages()
        pages = journal().pages()
        for first in range(0, len(pages), batch):
            assert store.add_pages(pages[first : first + batch]) == 0
        assert store.pages() == before


def test_a_recorder_of_an_older_release_brings_nothing_back(path: Path) -> None:
    recorder = sqlite3.connect(path, isolation_level=None)
    with Store.open(path, simulated=False) as store:
        store.delete(DELETION)
        before = store.pages()
        inside = [row for row in map(page_row, journal().pages()) if 110 < row.first_sequence < 380]
        recorder.executemany("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", inside)
        assert store.pages() == before
    recorder.close()


def test_new_records_follow_deleted_ones(path: Path) -> None:
    builder = journal()
    old = len(builder.pages())
    with Store.open(path, simulated=False) as store:
        store.delete(Deletion([SequenceRange(JOURNAL, 0, 502)], MARCH_14_MS, FOREVER_MS))
        assert store.pages() == []
        assert store.cursor(JOURNAL) == 502
        assert store.add_pages(builder.epochs(states.LYING, 40).pages()[old:]) == 40
        assert store.cursor(JOURNAL) == 542


def test_words_and_marks_of_the_deleted_time_are_deleted_too(path: Path) -> None:
    inside_ms, outside_ms = MARCH_14_MS + 600_000, MARCH_14_MS + 3_000_000
    with Store.open(path, simulated=False) as store:
        store.words.mark_alert(AlertMark(JOURNAL, 200, outside_ms, WRONG_ALARM))  # of a deleted record
        store.words.mark_alert(AlertMark(JOURNAL, 450, outside_ms, WRONG_ALARM))
        store.words.add_session("chin_tuck", inside_ms, inside_ms, repetitions=1, is_complete=True)
        kept = store.words.add_session("chin_tuck", outside_ms, outside_ms, repetitions=1, is_complete=True)
        store.delete(DELETION)
        assert [mark.sequence for mark in store.words.alert_marks(0, FOREVER_MS)] == [450]
        assert store.words.sessions(0, FOREVER_MS) == [kept]


def test_deleting_everything_keeps_the_cursor_and_nothing_else(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_gap(JOURNAL, 502, 600)
        store.words.add_note(MARCH_14_MS, "a secret of mine")
        assert store.delete_everything(MARCH_14_MS, FOREVER_MS) == 502
        store.erase()
        assert (store.pages(), store.boots(), store.sensors(), store.gaps(JOURNAL)) == ([], [], [], [])
        assert store.words.notes(0, FOREVER_MS) == []
        assert store.cursor(JOURNAL) == 600
        assert store.add_pages(journal().pages()) == 0
    left = [row for table in ("page", "event", "boot", "summary") for row in rows_of(path, table)]
    assert left == []
    assert sum(occurrences(path).values()) + sum(occurrences(path, b"a secret of mine").values()) == 0


def rows_of(path: Path, table: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    connection.close()
    return rows


def test_a_reader_that_holds_the_old_state_delays_the_erasure_to_the_next_start(path: Path) -> None:
    with (
        Store.open(path, simulated=None, readonly=True) as reader,
        Store.open(path, simulated=False, busy_timeout_s=0.01) as store,
        reader.snapshot(),
    ):
        assert reader.records() == 502
        store.delete(DELETION)
        with pytest.raises(StoreError, match="another program is reading"):
            store.erase()
        assert store.records() == 202
    Store.open(path, simulated=False).close()
    assert sum(occurrences(path).values()) == 0


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    sys.path.insert(0, sys.argv[2])
    from pathlib import Path
    from store.test_deletion import DELETION
    from unslouch.store import Store
    statements, last = 0, int(sys.argv[3])

    def count(statement):
        global statements
        statements += 1
        if statements == last:
            os.kill(os.getpid(), signal.SIGKILL)

    store = Store.open(Path(sys.argv[1]), simulated=False)
    store._connection.set_trace_callback(count)
    store.delete(DELETION)
    store.erase()
    store._connection.set_trace_callback(None)
    print(statements)
    """
)


def killed_at(path: Path, statement: int) -> subprocess.CompletedProcess[str]:
    """Delete in another process, which is killed before that statement runs; 0 is never."""
    tests = str(Path(__file__).resolve().parents[1])
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(path), tests, str(statement)], capture_output=True, text=True, timeout=120
    )


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_killed_deletion_leaves_the_old_or_the_new_state_and_the_next_start_erases(
    path: Path, tmp_path: Path
) -> None:
    original = path.read_bytes()
    statements = int(killed_at(path, 0).stdout)
    states_found = set()
    for statement in {2, statements // 2, *range(statements - 5, statements + 1)}:
        for file in tmp_path.glob("posture.db*"):
            file.unlink()
        path.write_bytes(original)
        assert killed_at(path, statement).returncode == -signal.SIGKILL
        with Store.open(path, simulated=False) as store:
            count = store.records()
            states_found.add(count)
            assert count in (502, 202)
            assert len(store.deleted_ranges()) == (count == 202)
            assert not is_erasing(store._connection)
        if count == 202:
            assert sum(occurrences(path).values()) == 0
    assert states_found == {502, 202}


def test_a_cut_page_keeps_the_times_and_the_bytes_of_what_stays() -> None:
    builder = JournalBuilder(JOURNAL).start_boot().clock(MARCH_14_MS).epochs(states.UPRIGHT, 5)
    builder.event(records.BUZZED).epochs(states.LEANING, 9)
    (page,) = builder.pages()
    whole = unpack_page(page)
    first, second = map(unpack_page, without(page, [(3, 6)]))
    assert (first.first_sequence, first.next_sequence, first.base_uptime_ms) == (0, 3, 0)
    assert (second.first_sequence, second.next_sequence, second.base_uptime_ms) == (6, 17, 20_000)
    assert first.records == whole.records[: 3 * 12]
    assert second.records == whole.records[6 * 12 :]
    assert without(page, [(0, 17)]) == []
    assert without(page, [(17, 30)]) == [page]
