"""A history reads one day or many of a database, however much else it holds, and sees what is stored meanwhile."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journals import JournalBuilder
from long_history import BEGIN_HOUR, JOURNAL, fill, nth_day
from unslouch.analysis.history import History
from unslouch.analysis.model import Epochs
from unslouch.store import Store
from unslouch_device.contract import records, states

BERLIN = ZoneInfo("Europe/Berlin")
MARCH_14 = date(2025, 3, 14)
HOUR_MS = 3_600_000
FIRST = date(2020, 1, 2)
TEN_YEARS = 3653


def utc_ms(hour: int = 0, day: int = 14, month: int = 3) -> int:
    return int(datetime(2025, month, day, tzinfo=UTC).timestamp() * 1000) + hour * HOUR_MS


def started(hour: int = 8, journal: int = 1, day: int = 14) -> JournalBuilder:
    """A journal whose boot and first clock are at this hour UTC of a day in March."""
    return JournalBuilder(journal).start_boot().clock(utc_ms(hour, day))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "a.db", simulated=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def ten_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten years of days, each with a boot of its own, 15 min of wear and a night on the charger."""
    path = tmp_path_factory.mktemp("ten_years") / "a.db"
    fill(path, FIRST, TEN_YEARS, hours=0.2)
    return path


class Work:
    """What a database was asked for: statements, pages of journals, and steps of SQLite's machine in thousands."""

    def __init__(self, store: Store) -> None:
        self.statements = 0
        self.pages = 0
        self.thousand_steps = 0
        self._connection = store._connection
        pages_between = store.pages_between

        def counted(*window: int) -> list[bytes]:
            pages = pages_between(*window)
            self.pages += len(pages)
            return pages

        store.pages_between = counted  # type: ignore[method-assign]

    def __enter__(self) -> "Work":
        self._connection.set_trace_callback(lambda _: self._add("statements"))
        self._connection.set_progress_handler(lambda: self._add("thousand_steps"), 1000)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.set_trace_callback(None)
        self._connection.set_progress_handler(None, 0)

    def _add(self, name: str) -> int:
        setattr(self, name, getattr(self, name) + 1)
        return 0


def work_for_a_day(path: Path, wanted: date) -> Work:
    with Store.open(path, simulated=False, readonly=True) as store:
        history = History(store, BERLIN)
        history.current_date(0)
        history.day(wanted - timedelta(days=400))
        with Work(store) as work:
            assert len(history.day(wanted).epochs) > 100
    return work


def test_a_day_costs_the_database_the_same_with_ten_years_stored_as_with_its_neighbours_alone(
    ten_years: Path, tmp_path: Path
) -> None:
    wanted = nth_day(FIRST, 2000)
    fill(tmp_path / "alone.db", wanted - timedelta(days=1), 3, hours=0.2)
    alone, among_many = work_for_a_day(tmp_path / "alone.db", wanted), work_for_a_day(ten_years, wanted)
    with Store.open(ten_years, simulated=False) as store:
        day_pages = store.boots()[0].records // 10
    assert among_many.pages == alone.pages < day_pages
    # The clocks of a boot and its neighbours are asked for once.
    assert among_many.statements <= alone.statements + 5 < 50
    assert among_many.thousand_steps <= alone.thousand_steps + 1


def test_a_day_of_ten_years_is_the_same_as_alone(ten_years: Path, tmp_path: Path) -> None:
    wanted = nth_day(FIRST, 2000)
    fill(tmp_path / "alone.db", wanted - timedelta(days=1), 3, hours=0.2)
    days = []
    for path in (ten_years, tmp_path / "alone.db"):
        with Store.open(path, simulated=False, readonly=True) as store:
            days.append(History(store, BERLIN).day(wanted))
    assert days[0].summary == days[1].summary
    assert days[0].spans == days[1].spans
    assert [made.calibration_id for made in days[0].calibrations] == [2001]
    assert days[0].calibrations[0].made_utc_ms == int(
        datetime(wanted.year, wanted.month, wanted.day, BEGIN_HOUR, tzinfo=UTC).timestamp() * 1000
    )


def test_an_unchanged_index_costs_one_query_and_new_pages_one_more(ten_years: Path) -> None:
    with Store.open(ten_years, simulated=False) as store:
        history = History(store, UTC)
        history.day(nth_day(FIRST, 10))
        with Work(store) as work:
            history._index.refresh()
        assert work.statements == 1
        with Work(store) as work:
            history.nearest_days(date(2031, 1, 1))
        assert work.statements < 20


def test_the_nearest_days_of_ten_years_are_found(ten_years: Path) -> None:
    with Store.open(ten_years, simulated=False) as store:
        history = History(store, UTC)
        assert history.nearest_days(nth_day(FIRST, 700)) == [nth_day(FIRST, 699), nth_day(FIRST, 701)]
        assert history.nearest_days(FIRST - timedelta(days=90)) == [FIRST]
        # The last day's night on the charger ends on the day after it.
        assert history.nearest_days(nth_day(FIRST, TEN_YEARS + 90)) == [nth_day(FIRST, TEN_YEARS - 1)]


def test_an_index_that_is_kept_sees_what_another_process_stores(store: Store) -> None:
    with Store.open(store.path, simulated=None, readonly=True) as reader:
        history = History(reader, UTC)
        assert len(history.day(MARCH_14).epochs) == 0
        journal = started().epochs(states.UPRIGHT, 12)
        store.add_pages(journal.pages())
        assert len(history.day(MARCH_14).epochs) == 12
        store.add_pages(journal.epochs(states.UPRIGHT, 30).start_boot().epochs(states.LYING, 5).pages())
        store.add_pages(started(9, journal=2).epochs(states.UPRIGHT, 4).pages())
        assert len(history.day(MARCH_14).epochs) == 51
        store.add_pages(journal.clock(utc_ms(20)).pages())
        fresh = History(reader, UTC).day(MARCH_14)
        assert np.array_equal(history.day(MARCH_14).epochs.utc_ms, fresh.epochs.utc_ms)
        assert history.day(MARCH_14).spans == fresh.spans


def test_days_are_local_ones_and_follow_each_other(store: Store) -> None:
    store.add_pages(started(22).epochs(states.UPRIGHT, 720 * 30).pages())
    days = list(History(store, BERLIN).days(MARCH_14, date(2025, 3, 17)))
    assert [day.day.day for day in days] == [14, 15, 16, 17]
    assert [len(day.epochs) for day in days] == [720, 720 * 24, 720 * 5, 0]
    assert [len(day.epochs) for day in History(store, UTC).days(MARCH_14, date(2025, 3, 16))] == [1440, 17280, 2880]


def same_columns(one: Epochs, other: Epochs) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        and getattr(one, name).dtype == getattr(other, name).dtype
        for name in Epochs.__dataclass_fields__
    )


def by_name(parts: list[Epochs]) -> Epochs:
    """All epochs of the parts in order of (journal, boot, uptime)."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Epochs.__dataclass_fields__}
    order = np.lexsort((columns["sequence"], columns["uptime_ms"], columns["boot"], columns["journal"]))
    return Epochs(**{name: column[order] for name, column in columns.items()})


STEPS: list[Any] = [
    lambda journal, n: journal.epochs(n % 10, n % 300),
    lambda journal, n: journal.off_body(n * 40_000, noticed_after_ms=n * 3000),
    lambda journal, n: journal.epochs(states.UPRIGHT, n).charging(n * 60_000),
    lambda journal, n: journal.wait(n * 60_000),
    lambda journal, n: journal.start_boot(),
    lambda journal, n: journal.clock(utc_ms(0) + journal.uptime_ms + n * 1000),
    lambda journal, n: journal.lose(n),
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(1, 900)), max_size=25), st.integers(1, 40))
def test_the_epochs_of_a_range_are_those_of_its_days(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[int, int]], pages_at_once: int
) -> None:
    journal = started(2)
    for step, n in script:
        STEPS[step](journal, n)
    first, last = MARCH_14 - timedelta(days=1), MARCH_14 + timedelta(days=3)
    with (
        Store.open(tmp_path_factory.mktemp("range") / "a.db", simulated=False) as store,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("unslouch.analysis.history._PAGES_AT_ONCE", pages_at_once)
        store.add_pages(journal.pages() + started(9, journal=7).epochs(states.UPRIGHT, 500).pages())
        history = History(store, BERLIN)
        day_by_day = by_name([day.epochs for day in history.days(first, last)])
        assert same_columns(history.epochs(first, last), day_by_day)


def test_the_epochs_of_years_are_one_table(ten_years: Path) -> None:
    with Store.open(ten_years, simulated=False, readonly=True) as store:
        history = History(store, BERLIN)
        epochs = history.epochs(nth_day(FIRST, 100), nth_day(FIRST, 464))
        assert len(epochs) == 365 * len(history.day(nth_day(FIRST, 100)).epochs)
        assert (np.diff(epochs.utc_ms) > 0).all()
        assert np.unique(epochs.journal).tolist() == [JOURNAL]


def test_today_is_the_wall_clocks_day_but_the_last_record_of_a_simulated_sensor(tmp_path: Path) -> None:
    for simulated, expected in ((False, date(2025, 5, 1)), (True, MARCH_14)):
        with Store.open(tmp_path / f"{simulated}.db", simulated=simulated) as store:
            history = History(store, UTC)
            assert history.current_date(utc_ms(12, day=1, month=5)) == date(2025, 5, 1)
            store.add_pages(started().epochs(states.UPRIGHT, 12).pages())
            assert history.today(utc_ms(12, day=1, month=5)).day == expected


def test_the_nearest_days_are_local_ones(store: Store) -> None:
    history = History(store, UTC)
    assert history.nearest_days(MARCH_14) == []
    store.add_pages(started(23).epochs(states.UPRIGHT, 12).wait(72 * HOUR_MS).epochs(states.UPRIGHT, 1).pages())
    assert history.nearest_days(date(2025, 3, 16)) == [MARCH_14, date(2025, 3, 17)]
    assert History(store, BERLIN).nearest_days(date(2025, 3, 16)) == [date(2025, 3, 15), date(2025, 3, 18)]
    assert history.nearest_days(date(2025, 3, 20)) == [date(2025, 3, 17)]
    assert history.nearest_days(date(2025, 3, 1)) == [MARCH_14]


def test_a_dashboard_that_stays_open_follows_the_machines_zone(
    store: Store, monkeypatch: pytest.MonkeyPatch, machine_zone: Any
) -> None:
    store.add_pages(started(23).epochs(states.UPRIGHT, 12).pages())
    history = History(store)
    machine_zone("UTC")
    assert history.today(utc_ms(23)).day == MARCH_14
    assert len(history.day(MARCH_14).epochs) == 12
    machine_zone("Asia/Tokyo")
    assert history.today(utc_ms(23)).day == date(2025, 3, 15)
    assert len(history.day(MARCH_14).epochs) == 0
    assert len(history.day(date(2025, 3, 15)).epochs) == 12


CLOCKS = [0, 86_400_000, 1_577_836_800_000, 4_294_967_295_000, 4_400_000_000_000, 253_402_300_799_000, 2**48 - 1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(CLOCKS) | st.integers(0, 2**48 - 1), st.sampled_from([0, 60_000, 2**46, 2**47])),
        min_size=1,
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_no_clock_and_no_uptime_keeps_a_day_from_being_read(
    tmp_path_factory: pytest.TempPathFactory, clocks: list[tuple[int, int]], shuffler: random.Random
) -> None:
    journal = started().epochs(states.UPRIGHT, 12)
    for said_ms, wait_ms in clocks:
        if shuffler.random() < 0.5:
            journal.start_boot()
        journal.flush().uptime_ms = min(journal.uptime_ms + wait_ms, 2**48 - 10**9)
        journal.clock(said_ms).calibrate(2).event(records.DELAY_ADAPTED, 40, 1).epochs(states.UPRIGHT, 20)
    with Store.open(tmp_path_factory.mktemp("clocks") / "a.db", simulated=True) as store:
        store.add_pages(journal.pages())
        history = History(store, BERLIN)
        for wanted in (
            MARCH_14,
            history.current_date(utc_ms(12)),
            date(1971, 1, 1),
            date(2106, 2, 7),
            date(9990, 12, 31),
        ):
            day = history.day(wanted)
            assert sum(span.end_utc_ms - span.start_utc_ms for span in day.spans) >= 0
            assert history.summaries(wanted, wanted) == {wanted: day.summary}
        history.nearest_days(MARCH_14)
        history.epochs(date(1971, 1, 1), date(9990, 12, 31))


@pytest.mark.parametrize(("said_ms", "when"), [(0, "before 2020"), (2**48 - 1, "after the year 9999")])
def test_a_clock_that_can_not_be_right_is_reported_in_a_sentence(store: Store, said_ms: int, when: str) -> None:
    store.add_pages(started().epochs(states.UPRIGHT, 12).clock(said_ms).epochs(states.UPRIGHT, 12).pages())
    day = History(store, UTC).day(MARCH_14)
    (caveat,) = [caveat for caveat in day.caveats if "not used" in caveat]
    assert caveat == f"At 08:01 a computer's clock stood at a date {when}: it was not used, so set that clock right."
    assert len(day.epochs) == 24


def test_a_contradiction_of_17_hours_is_in_the_bound_of_every_epoch_and_in_a_sentence(store: Store) -> None:
    journal = started().flush()
    store.add_pages(journal.epochs(states.UPRIGHT, 12).clock(utc_ms(25)).epochs(states.UPRIGHT, 12).pages())
    epochs = History(store, UTC).epochs(MARCH_14, date(2025, 3, 15))
    assert len(epochs) == 24
    assert (epochs.utc_error_ms >= 17 * HOUR_MS - 60_000).all()
    sentences = " ".join(History(store, UTC).day(MARCH_14).caveats)
    assert "of this day and may be off by up to 17 hours" in sentences
    assert "contradict each other" in sentences
