"""Every second of a day is in exactly one class, and the classes add up to the day's own length in its zone."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.epoch_days import epochs_of, observed
from journals import JournalBuilder, working_day
from unslouch.analysis.day import Day, LocalDay
from unslouch.analysis.history import History
from unslouch.analysis.metrics.minutes import DAY_LENGTH_H, STATE_MINUTES
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.registry import TABLES, summarise
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.metrics.validity import AFTER_LAST_RECORD, DELETED
from unslouch.analysis.model import Interval, Span
from unslouch.analysis.spans import StateInterval, tile
from unslouch.store import Store
from unslouch_device.contract import states

ZONES = (
    *(
        "Pacific/Apia",
        "Pacific/Kwajalein",
        "Pacific/Kiritimati",
        "Pacific/Chatham",
        "Pacific/Norfolk",
        "Pacific/Auckland",
    ),
    *("Australia/Lord_Howe", "Australia/Adelaide", "Australia/Sydney", "Antarctica/Troll", "Antarctica/Casey"),
    *("Asia/Tokyo", "Asia/Pyongyang", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Colombo", "Asia/Tehran", "Asia/Gaza"),
    *("Asia/Beirut", "Asia/Amman", "Asia/Novosibirsk", "Africa/Cairo", "Africa/Casablanca", "Africa/Windhoek"),
    *("Europe/Moscow", "Europe/Istanbul", "Europe/Berlin", "Europe/Dublin", "Europe/London", "Europe/Lisbon"),
    *("Atlantic/Azores", "America/Nuuk", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "America/Caracas"),
    *("America/Santiago", "America/Asuncion", "America/New_York", "America/Los_Angeles", "Pacific/Easter", "UTC"),
)
FIRST_YEAR, LAST_YEAR = 1990, 2037
KNOWN_HOURS = [
    ("Pacific/Apia", date(2011, 12, 30), 0),
    ("Pacific/Kwajalein", date(1993, 8, 21), 0),
    ("Antarctica/Troll", date(2025, 3, 30), 22),
    ("Antarctica/Troll", date(2025, 10, 26), 26),
    ("Europe/Berlin", date(2025, 3, 30), 23),
    ("Europe/Berlin", date(2025, 10, 26), 25),
    ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
    ("Australia/Lord_Howe", date(2025, 4, 6), 24.5),
    ("America/Santiago", date(2025, 9, 7), 23),
    ("America/Santiago", date(2025, 4, 5), 25),
    ("America/Caracas", date(2007, 12, 9), 24.5),
    ("Asia/Pyongyang", date(2018, 5, 4), 23.5),
]
CLASSES = [*STATE_MINUTES.values(), DELETED, AFTER_LAST_RECORD]


@cache
def unusual_days(name: str) -> list[date]:
    """The days of a zone that do not have 24 h, and each one's neighbours."""
    tz = ZoneInfo(name)
    found = set()
    for ordinal in range(date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()):
        day = date.fromordinal(ordinal)
        noon, next_noon = (
            datetime(each.year, each.month, each.day, 12, tzinfo=tz).utcoffset() for each in (day, day + timedelta(1))
        )
        if noon != next_noon:
            found |= {day + timedelta(number) for number in (-1, 0, 1, 2)}
    return sorted(found) or [date(2025, 3, 14)]


@pytest.mark.parametrize(("name", "day", "hours"), KNOWN_HOURS)
def test_days_whose_clocks_change_have_their_own_length(name: str, day: date, hours: float) -> None:
    local = LocalDay(day, ZoneInfo(name))
    assert (local.end_ms - local.start_ms) / 3_600_000 == hours


@st.composite
def days(draw: st.DrawFn) -> tuple[LocalDay, list[StateInterval], int, list[Interval]]:
    """A day near a change of the clocks, with any states, however they overlap, and with deleted times."""
    name = draw(st.sampled_from(ZONES))
    local = LocalDay(draw(st.sampled_from(unusual_days(name))), ZoneInfo(name))
    rng = random.Random(draw(st.integers(0, 2**32)))

    def moment() -> int:
        return rng.randint(local.start_ms - 7_200_000, local.end_ms + 7_200_000)

    intervals = [
        StateInterval(*sorted((moment(), moment())), rng.randrange(states.STATES)) for _ in range(rng.randint(0, 12))
    ]
    cuts = sorted({min(max(moment(), local.start_ms), local.end_ms) for _ in range(6)})
    deleted = [Interval(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    return local, intervals, local.until_ms(moment()), deleted


@settings(max_examples=300, deadline=None)
@given(days())
def test_the_classes_of_any_day_in_any_zone_add_up_to_its_length(
    drawn: tuple[LocalDay, list[StateInterval], int, list[Interval]],
) -> None:
    local, intervals, until_ms, deleted = drawn
    spans = tile(intervals, local.start_ms, until_ms)
    assert_end_to_end(spans, local.start_ms, until_ms)
    day = Observations(local.start_ms, local.end_ms, epochs_of([], []), spans, [], [], [], [], deleted=deleted)
    summary = summarise(day)
    assert_adds_up(summary, local)
    for table in TABLES:
        table.read(day)


def assert_end_to_end(spans: list[Span], start_ms: int, until_ms: int) -> None:
    at_ms = start_ms
    for span in spans:
        assert span.start_utc_ms == at_ms < span.end_utc_ms
        at_ms = span.end_utc_ms
    assert at_ms == until_ms


def assert_adds_up(summary: Summary, local: LocalDay) -> None:
    parts = [summary[metric] for metric in CLASSES]
    assert min(parts) >= 0
    assert sum(parts) == pytest.approx((local.end_ms - local.start_ms) / 60_000, abs=1e-6)
    assert summary[DAY_LENGTH_H] * 60 == pytest.approx(sum(parts), abs=1e-6)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Days of wear around the changes of the clocks of KNOWN_HOURS, three days each."""
    with Store.open(tmp_path_factory.mktemp("zones") / "a.db", simulated=False) as store:
        journal = JournalBuilder()
        for _, day, _ in sorted(KNOWN_HOURS, key=lambda known: known[1]):
            if day.year < 2020:
                continue  # no sensor was there
            begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=40)
            journal.start_boot().clock(int(begin.timestamp() * 1000))
            for _ in range(4):
                working_day(journal, hours=7.5).lose(40).wait(3_600_000).charging(8 * 3_600_000)
        store.add_pages(journal.pages())
        yield store


@pytest.mark.parametrize(("name", "wanted", "hours"), [known for known in KNOWN_HOURS if known[1].year >= 2020])
def test_the_classes_of_recorded_days_add_up_too(database: Store, name: str, wanted: date, hours: float) -> None:
    tz = ZoneInfo(name)
    history = History(database, tz)
    read: list[Day] = list(history.days(wanted - timedelta(1), wanted + timedelta(1)))
    assert read[1].hours == hours
    for day in read:
        assert_adds_up(day.summary, LocalDay(day.day, tz))
        assert_end_to_end(day.spans, int(day.start.timestamp() * 1000), day.until_utc_ms)
    measured = sum(len(day.observations.seconds) for day in read)
    assert measured > 3600
    assert measured / 60 == pytest.approx(sum(day.summary.values["measured"] for day in read), abs=1)


def test_a_day_without_any_length_has_no_spans_and_no_hours() -> None:
    local = LocalDay(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
    assert local.start_ms == local.end_ms
    day = observed(epochs_of([], []), spans=[])
    assert summarise(day).values["data"] == "too short"
