"""The store keeps every page once, byte for byte, and finds it again."""

import random
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journals import JournalBuilder, working_day
from unslouch.errors import NoData, StoreError
from unslouch.store import PageConflict, Sensor, Store, StoredEvent, default_path, schema
from unslouch_device.contract import records, states
from unslouch_device.contract.pages import PageError, unpack_page

UTC_MS = 1_740_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "posture.db"


def some_pages(journal: int = 1, epochs: int = 100) -> list[bytes]:
    return JournalBuilder(journal).start_boot().clock(UTC_MS).epochs(states.UPRIGHT, epochs).pages()


def test_pages_come_back_byte_for_byte_by_journal_and_sequence(path: Path) -> None:
    pages = some_pages(7) + some_pages(2)
    with Store.open(path, simulated=False) as store:
        assert store.add_pages(reversed(pages)) == 204
        assert store.pages() == some_pages(2) + some_pages(7)
        assert store.pages(7, since_sequence=20) == some_pages(7)[1:]
        assert store.journals() == [2, 7]
        assert store.records() == 204


def test_a_page_that_is_already_stored_counts_as_nothing_new(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages()[:3])
        assert store.add_pages(some_pages()) == 102 - 3 * 17
        assert store.add_pages(some_pages() * 2) == 0


def test_the_cursor_follows_pages_and_gaps_and_survives_reopening(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        assert store.cursor(1) == 0
        store.add_gap(1, 0, 50)
        assert store.cursor(1) == 50
        store.add_pages(JournalBuilder(1, first_sequence=50).start_boot().epochs(states.UPRIGHT, 9).pages())
    with Store.open(path, simulated=False) as store:
        assert store.cursor(1) == 60
        store.add_gap(1, 60, 70)
        store.add_gap(1, 60, 90)
        store.add_gap(1, 60, 80)
        assert store.cursor(1) == 90
        assert store.gaps(1) == [(0, 50), (60, 90)]
        assert store.cursor(2) == 0


def test_a_sensor_is_known_by_its_journal(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_sensor(Sensor(1, "0011", "XIAO", "0.1.0"))
        store.add_sensor(Sensor(1, "0011", "XIAO", "0.2.0"))
        store.add_sensor(Sensor(2, "0011", "XIAO", "0.2.0"))
        assert store.sensors() == [Sensor(1, "0011", "XIAO", "0.2.0"), Sensor(2, "0011", "XIAO", "0.2.0")]


@pytest.mark.parametrize("at", [0, 2, 9, 30, -1])
def test_a_damaged_page_is_refused_with_its_whole_batch(path: Path, at: int) -> None:
    pages = some_pages()
    damaged = bytearray(pages[1])
    damaged[at] ^= 0x10
    with Store.open(path, simulated=False) as store:
        with pytest.raises(PageError):
            store.add_pages([pages[0], bytes(damaged)])
        assert store.records() == 0
        assert store.add_pages(pages) == 102


def test_other_records_under_stored_sequences_are_refused(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
        for first in (0, 5, 17, 16, 95):
            liar = JournalBuilder(1, first_sequence=first).start_boot().epochs(states.LYING, 16).pages()
            with pytest.raises(PageConflict, match="00000001"):
                store.add_pages(liar)
        assert store.pages() == some_pages()


def test_pages_that_overlap_within_a_batch_are_refused(path: Path) -> None:
    liar = JournalBuilder(1, first_sequence=10).start_boot().epochs(states.LYING, 3).pages()
    with Store.open(path, simulated=False) as store:
        with pytest.raises(PageConflict):
            store.add_pages(some_pages() + liar)
        assert store.records() == 0


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 9))
def test_the_order_and_repetition_of_batches_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory, shuffler: random.Random, size: int
) -> None:
    pages = some_pages(epochs=60) + some_pages(9, epochs=60)
    sent = pages + shuffler.sample(pages, 3)
    shuffler.shuffle(sent)
    with Store.open(tmp_path_factory.mktemp("store") / "a.db", simulated=False) as store:
        new = [store.add_pages(sent[start : start + size]) for start in range(0, len(sent), size)]
        assert sum(new) == store.records() == 124
        assert store.pages() == some_pages(1, 60) + some_pages(9, 60)


def test_the_columns_of_a_page_agree_with_its_bytes(path: Path) -> None:
    journal = working_day(JournalBuilder(3).start_boot().clock(UTC_MS), hours=8)
    with Store.open(path, simulated=False) as store:
        store.add_pages(journal.pages())
        (boot,) = store.boots()
        assert (boot.journal, boot.boot, boot.first_sequence, boot.last_uptime_ms) == (3, 1, 0, journal.uptime_ms)
        assert (boot.records, boot.clocks, boot.setups) == (journal.sequence, 1, 0)
        assert (boot.earliest_clock, boot.latest_clock) == (f"{UTC_MS:012X}", f"{UTC_MS:012X}")
        begins = [unpack_page(page).base_uptime_ms for page in store.pages()]
        assert store.page_uptimes(3, 1, 0, journal.uptime_ms) == begins
        assert store.count_pages(3, 1, begins[2], begins[4]) == 3


def test_pages_about_an_uptime_begin_with_the_last_earlier_epoch_and_end_with_the_next(
    path: Path,
) -> None:
    journal = JournalBuilder(3).start_boot().epochs(states.UPRIGHT, 60).off_body(9_000_000)
    middle_ms = journal.uptime_ms - 4_000_000
    pages = journal.epochs(states.UPRIGHT, 50).slouch().flush().epochs(states.UPRIGHT, 60).pages()
    with Store.open(path, simulated=False) as store:
        store.add_pages(pages)
        around = store.pages_between(3, 1, *store.page_window(3, 1, middle_ms, middle_ms + 1000))
    assert 2 < len(around) < len(pages) - 4
    assert around == [page for page in pages if page in around]


def test_events_on_the_setup_are_found_by_their_subject_and_up_to_a_sequence(path: Path) -> None:
    def journal(number: int) -> JournalBuilder:
        builder = JournalBuilder(number).start_boot().calibrate(700).epochs(states.UPRIGHT, 40).calibrate(701)
        return builder.event(records.STANDING_ZERO, 700, 1, 2).calibrate(700).event(records.DELAY_ADAPTED, 40, 1)

    def sequences(events: list[StoredEvent]) -> list[tuple[int, int]]:
        return [(event.journal, event.sequence) for event in events]

    with Store.open(path, simulated=False) as store:
        store.add_pages(journal(3).pages() + journal(9).pages())
        calibration = (700).to_bytes(2, "little")
        assert sequences(store.setups(3, records.CALIBRATED, 99)) == [(3, 1), (3, 42), (3, 44)]
        assert sequences(store.setups(3, records.CALIBRATED, 42)) == [(3, 1), (3, 42)]
        assert sequences(store.last_setup(9, records.CALIBRATED, calibration, 99)) == [(9, 44)]
        assert sequences(store.last_setup(9, records.CALIBRATED, calibration, 43)) == [(9, 1)]
        assert sequences(store.last_setup(9, records.STANDING_ZERO, calibration, 43)) == [(9, 43)]
        assert sequences(store.last_setup(9, records.DELAY_ADAPTED, b"", 99)) == [(9, 45)]
        assert store.last_setup(9, records.DELAY_ADAPTED, b"", 44) == store.setups(4, records.CALIBRATED, 99) == []


@pytest.mark.parametrize("utc_ms", [0, 1_577_836_799_999, 253_402_128_000_000, (1 << 48) - 1])
def test_a_clock_that_can_not_be_right_is_stored_and_counts_for_no_boot(path: Path, utc_ms: int) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(JournalBuilder(1).start_boot().clock(utc_ms).pages())
        (boot,) = store.boots()
        assert (boot.clocks, boot.earliest_clock, boot.latest_clock) == (0, None, None)
        assert len(store.clocks(1, 1)) == 1


def test_only_boots_of_which_pages_came_are_new_to_a_reader(path: Path) -> None:
    first, second = some_pages(1), some_pages(2)
    with Store.open(path, simulated=False) as writer, Store.open(path, simulated=None, readonly=True) as reader:
        writer.add_pages(first[:3])
        before = reader.revisions().pages
        writer.add_pages(first[:3])
        assert reader.revisions().pages == before
        writer.add_pages(second[:1])
        assert [boot.journal for boot in reader.boots(before)] == [2]
        assert [boot.journal for boot in reader.boots()] == [1, 2]


def test_the_files_and_their_new_folder_are_private(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
        names = sorted(file.name for file in path.parent.iterdir())
        assert names == ["posture.db", "posture.db-shm", "posture.db-wal"]
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_simulated_sensors_have_a_separate_database(tmp_path: Path) -> None:
    assert default_path(simulated=True).name == "simulated.db"
    assert default_path(simulated=False).name == "posture.db"
    for kind in (False, True):
        path = tmp_path / f"{kind}.db"
        Store.open(path, simulated=kind).close()
        with pytest.raises(StoreError, match="simulated"):
            Store.open(path, simulated=not kind)
        with Store.open(path, simulated=None) as store:
            assert store.simulated is kind


def test_reading_a_missing_database_raises_no_data_and_creates_nothing(path: Path) -> None:
    with pytest.raises(NoData, match=r"posture\.db"):
        Store.open(path, simulated=None, readonly=True)
    assert not path.exists()


def test_a_reader_sees_new_pages_but_not_inside_a_snapshot(path: Path) -> None:
    with Store.open(path, simulated=False) as writer, Store.open(path, simulated=None, readonly=True) as reader:
        writer.add_pages(some_pages()[:2])
        with reader.snapshot():
            assert reader.records() == 34
            writer.add_pages(some_pages())
            assert reader.records() == 34
        assert reader.records() == 102
        with pytest.raises(StoreError, match="read-only"):
            reader.add_pages(some_pages(9))


@pytest.mark.parametrize("readonly", [False, True])
def test_an_older_schema_is_migrated_with_all_it_holds(
    path: Path, monkeypatch: pytest.MonkeyPatch, readonly: bool
) -> None:
    with Store.open(path, simulated=True) as store:
        store.add_pages(some_pages())
    added = (
        "ALTER TABLE sensor ADD COLUMN nickname TEXT NOT NULL DEFAULT ''",
        "UPDATE page SET holds = holds | 2",
    )
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, added))
    with Store.open(path, simulated=True, readonly=readonly) as store:
        assert store.pages() == some_pages()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
        assert connection.execute("SELECT nickname FROM sensor").fetchall() == []
        assert connection.execute("SELECT min(holds & 2) FROM page").fetchone() == (2,)
    connection.close()


def test_a_migration_that_fails_leaves_the_older_database_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("DELETE FROM page", "SELECT * FROM nowhere")))
        with pytest.raises(StoreError, match="nowhere"):
            Store.open(path, simulated=False)
    with Store.open(path, simulated=False) as store:
        assert store.pages() == some_pages()


KILLED = """
import sys
from pathlib import Path
from journals import JournalBuilder
from unslouch.store import Store
from unslouch_device.contract import states
store = Store.open(Path(sys.argv[1]), simulated=False)
journal = JournalBuilder(1).start_boot()
stored = 0
while True:
    pages = journal.epochs(states.UPRIGHT, 50).pages()
    store.add_pages(pages[stored:])
    stored = len(pages)
    print(journal.sequence, flush=True)
"""


def test_pages_stored_before_a_kill_are_there_after_it(path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(path)]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        reported = [int(process.stdout.readline()) for _ in range(20)][-1]
        process.send_signal(signal.SIGKILL)
    with Store.open(path, simulated=False) as store:
        assert store.cursor(1) == store.records() >= reported


def test_a_day_of_16_hours_takes_at_most_500_kb(path: Path) -> None:
    days = 3
    journal = JournalBuilder(1).start_boot().clock(1_741_932_000_000)
    for _ in range(days):
        working_day(journal, hours=16)
    with Store.open(path, simulated=False) as store:
        store.add_pages(journal.pages())
    assert path.stat().st_size <= days * 500_000
