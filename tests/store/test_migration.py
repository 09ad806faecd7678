"""A database of schema 1 is migrated, or read as it is where it can't be; an older recorder may go on writing it."""

import shutil
import sqlite3
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from baseline.make_baseline import wearer_pages
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.store import Store, schema
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


def test_a_recorder_of_the_older_release_that_still_runs_keeps_everything_in_line(tmp_path: Path, anew: Path) -> None:
    path = tmp_path / "old.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        Store.open(path, simulated=False).close()
    recorder = sqlite3.connect(path, isolation_level=None)
    rows = [page_row(page) for page in wearer_pages()]

    def store_as_schema_1(some: slice) -> None:
        recorder.executemany("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows[some])

    store_as_schema_1(slice(0, 8))
    with Store.open(path, simulated=False, readonly=True) as reader:
        history = History(reader, ZoneInfo("Europe/Berlin"))
        assert len(history.day(DAYS[2]).epochs) == 0
        store_as_schema_1(slice(8, None))
        assert len(history.day(DAYS[2]).epochs) == 30
        assert derived(path) == derived(anew)
    recorder.close()
