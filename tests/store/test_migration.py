"""An older database is migrated, or read as it is where it can't be; an older recorder may go on writing it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from baseline.make_baseline import wearer_pages
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.errors import StoreError
from unslouch.store import Store, schema
from unslouch.store.copies import migration_copies, migration_copy
from unslouch.store.pages import page_row

BASELINE = Path(__file__).resolve().parents[1] / "baseline" / "schema_1" / "wearer.db"
DAYS = (date(2025, 3, 14), date(2025, 3, 16), date(2025, 3, 30))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of schema 1 that holds wearer_pages()."""
    return Path(shutil.copy(BASELINE, tmp_path / "old.db"))


@pytest.fixture
def anew(tmp_path: Path) -> Path:
    """A database of the newest schema with the same pages."""
    path = tmp_path / "anew.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(wearer_pages())
    return path


def derived(path: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The rows of the tables that are drawn from the pages, without the number of the change."""
    connection = sqlite3.connect(path)
    boots = [row[:-1] for row in connection.execute("SELECT * FROM boot ORDER BY journal, boot")]
    events = connection.execute("SELECT * FROM event ORDER BY journal, sequence").fetchall()
    connection.close()
    return boots, events


def days(store: Store) -> list[Day]:
    return [History(store, ZoneInfo("Europe/Berlin")).day(wanted) for wanted in DAYS]


def results(read: list[Day]) -> list[object]:
    return [
        (day.summary, day.spans, day.events, day.calibrations, day.delays, day.caveats, day.epochs.utc_ms.tolist())
        for day in read
    ]


def test_an_older_database_is_copied_before_it_is_migrated(old: Path) -> None:
    before = sqlite3.connect(old)
    tables = dump(before)
    before.close()
    Store.open(old, simulated=False).close()
    copy = migration_copy(old, 1)
    assert migration_copies(old) == [copy]
    assert copy.stat().st_mode & 0o777 == 0o600
    after = sqlite3.connect(copy)
    assert dump(after) == tables
    assert after.execute("PRAGMA user_version").fetchone() == (1,)
    after.close()


def test_a_damaged_older_database_is_neither_migrated_nor_copied(old: Path) -> None:
    data = bytearray(old.read_bytes())
    at = data.index(wearer_pages()[3])
    data[at - at % 4096 : at - at % 4096 + 40] = bytes(40)
    old.write_bytes(data)
    with pytest.raises(StoreError, match=r"is damaged .* `unslouch restore`"):
        Store.open(old, simulated=False)
    assert old.read_bytes() == bytes(data)
    assert migration_copies(old) == []


def dump(connection: sqlite3.Connection) -> list[str]:
    """Everything that a database holds, as statements."""
    return list(connection.iterdump())


KILLED = """
import os, signal, sys
from pathlib import Path
from unslouch.store import schema, Store
statements, last = 0, int(sys.argv[2])
migrate = schema.migrate

def count(statement):
    global statements
    statements += 1
    if statements == last:
        os.kill(os.getpid(), signal.SIGKILL)

def counted(connection, simulated):
    connection.set_trace_callback(count)
    migrate(connection, simulated)
    connection.set_trace_callback(None)

import unslouch.store.connection
unslouch.store.connection.migrate = counted
Store.open(Path(sys.argv[1]), simulated=False).close()
print(statements)
"""


def killed_at(path: Path, statement: int) -> "subprocess.CompletedProcess[str]":
    """Migrate in another process, which is killed before that statement of the migration runs; 0 is never."""
    command = [sys.executable, "-c", KILLED, str(path), str(statement)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
def test_a_killed_migration_leaves_the_old_database_and_the_next_start_migrates_it(old: Path, anew: Path) -> None:
    original = old.read_bytes()
    statements = int(killed_at(old, 0).stdout)
    for statement in (2, statements // 2, statements):
        for file in old.parent.glob("old*"):
            file.unlink()
        old.write_bytes(original)
        assert killed_at(old, statement).returncode == -signal.SIGKILL
        connection = sqlite3.connect(old)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        connection.close()
        Store.open(old, simulated=False).close()
        assert derived(old) == derived(anew)


def test_a_migrated_database_is_like_one_that_was_filled_anew(old: Path, anew: Path) -> None:
    Store.open(old, simulated=False).close()
    assert derived(old) == derived(anew)
    assert len(derived(old)[1]) > 10


@pytest.mark.parametrize("obstacle", ["read-only", "locked"])
def test_an_old_database_that_can_not_be_migrated_is_read_as_it_is(
    old: Path, anew: Path, monkeypatch: pytest.MonkeyPatch, obstacle: str
) -> None:
    before = old.read_bytes()
    holder = sqlite3.connect(old, isolation_level=None)
    if obstacle == "locked":
        holder.execute("BEGIN IMMEDIATE")
    else:
        monkeypatch.setattr("unslouch.store.connection.is_writable", lambda path: False)
    with (
        Store.open(old, simulated=None, readonly=True, busy_timeout_s=0.01) as store,
        Store.open(anew, simulated=None, readonly=True) as filled,
    ):
        assert results(days(store)) == results(days(filled))
        assert store.records() == filled.records()
        history = History(store, ZoneInfo("Europe/Berlin"))
        assert list(history.summaries(DAYS[0], DAYS[0]).values()) == [history.day(DAYS[0]).summary]
    holder.close()
    assert old.read_bytes() == before


@pytest.mark.parametrize("version", range(1, len(schema.MIGRATIONS)))
def test_a_recorder_of_an_older_release_that_still_runs_keeps_everything_in_line(
    tmp_path: Path, anew: Path, version: int
) -> None:
    path = tmp_path / "old.db"
    recorder = sqlite3.connect(path, isolation_level=None)
    recorder.execute("PRAGMA journal_mode = WAL")
    for statement in (statement for statements in schema.MIGRATIONS[:version] for statement in statements):
        recorder.execute(statement)
    recorder.execute(f"PRAGMA application_id = {schema.WEARER_ID}")
    recorder.execute(f"PRAGMA user_version = {version}")
    rows = [page_row(page) for page in wearer_pages()]

    def store_as_before(some: slice) -> None:
        recorder.executemany("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows[some])

    store_as_before(slice(0, 8))
    with Store.open(path, simulated=False, readonly=True) as reader:
        history = History(reader, ZoneInfo("Europe/Berlin"))
        assert len(history.day(DAYS[2]).epochs) == 0
        store_as_before(slice(8, None))
        assert len(history.day(DAYS[2]).epochs) == 30
        assert derived(path) == derived(anew)
    recorder.close()
