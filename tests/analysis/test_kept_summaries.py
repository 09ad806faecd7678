"""A summary is kept in the database until anything that it depends on changes, and always equals a computed one."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baseline.make_baseline import wearer_pages
from journals import JournalBuilder, working_day
from unslouch.analysis.history import History
from unslouch.analysis.metrics.minutes import STATE_MINUTES
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION
from unslouch.analysis.metrics.summary import Summary
from unslouch.store import AlertMark, Store
from unslouch.store.words import WRONG_ALARM
from unslouch_device.contract import records, states

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
FIRST, LAST = date(2025, 3, 13), date(2025, 3, 18)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def utc_ms(hour: int, day: int = 14) -> int:
    return int(datetime(2025, 3, day, tzinfo=UTC).timestamp() * 1000) + hour * HOUR_MS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "a.db", simulated=False) as opened:
        yield opened


def three_days(journal: int = 1) -> JournalBuilder:
    """Three days of wear in one boot that begins on March 14 at 7 UTC; records of the second are lost in the middle."""
    builder = JournalBuilder(journal).start_boot().clock(utc_ms(7))
    for day in range(3):
        working_day(builder, hours=2)
        builder.wait(DAY_MS - builder.uptime_ms % DAY_MS)
        builder.clock(utc_ms(7) + builder.uptime_ms)
        if day == 0:
            builder.epochs(states.UPRIGHT, 100).flush()
    return builder


class Computed:
    """Counts the days that a history computes."""

    def __init__(self, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
        self.days: list[date] = []
        self._history = history
        read = history._read

        def counted(local: Any, windows: Any) -> Any:
            self.days.append(local.date)
            return read(local, windows)

        monkeypatch.setattr(history, "_read", counted)

    def by(self, first: date = FIRST, last: date = LAST) -> list[int]:
        """The days of March that are computed when all are asked for; what is returned must be as if computed anew."""
        self.days = []
        summaries = self._history.summaries(first, last)
        computed = [day.day for day in self.days]
        fresh = {day.day: day.summary for day in History(self._history.store, self._history.tz).days(first, last)}
        assert summaries == fresh
        return computed


ALL = [13, 14, 15, 16, 17, 18]


def test_what_was_computed_is_kept_for_every_history_of_the_database(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_pages(three_days().pages())
    assert Computed(History(store, BERLIN), monkeypatch).by() == ALL
    assert Computed(History(store, BERLIN), monkeypatch).by() == []
    with Store.open(store.path, simulated=None, readonly=True) as reader:
        assert Computed(History(reader, BERLIN), monkeypatch).by() == []


def test_late_pages_replace_the_summaries_of_their_days_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = three_days().pages()
    late = pages[len(pages) // 2 : len(pages) // 2 + 5]
    store.add_pages(page for page in pages if page not in late)
    computed = Computed(History(store, UTC), monkeypatch)
    assert computed.by() == ALL
    store.add_pages(late[:2])
    assert computed.by() == [15]
    store.add_pages(late)
    assert computed.by() == [15]
    assert computed.by() == []


def test_a_day_that_runs_is_computed_again_when_records_come_and_those_before_it_are_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = three_days().epochs(states.UPRIGHT, 100)
    store.add_pages(journal.pages())
    computed = Computed(History(store, UTC), monkeypatch)
    assert computed.by() == ALL
    store.add_pages(journal.epochs(states.LYING, 100).pages())
    assert computed.by() == [17]


def test_a_gap_leaves_summaries_as_they_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add_pages(three_days().pages())
    computed = Computed(History(store, UTC), monkeypatch)
    computed.by()
    store.add_gap(1, 10_000, 10_100)
    store.add_gap(2, 0, 100)
    assert computed.by() == []


def test_a_clock_that_moves_a_boot_replaces_what_it_dates(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = JournalBuilder(1).start_boot().clock(utc_ms(7)).epochs(states.UPRIGHT, 720)
    journal.start_boot().epochs(states.RECLINED, 720)
    journal.start_boot().clock(utc_ms(7, day=16)).epochs(states.LYING, 720)
    store.add_pages(journal.pages())
    computed = Computed(History(store, UTC), monkeypatch)
    assert computed.by() == ALL
    before = History(store, UTC).summaries(FIRST, LAST)
    # The second boot lay between the others, in the night of the 15th; now it is known to be of the 14th.
    second = JournalBuilder(1, first_sequence=journal.sequence).start_boot()
    second.boot = 2
    store.add_pages(second.wait(2 * HOUR_MS).clock(utc_ms(12)).pages())
    assert 15 in computed.by()
    after = History(store, UTC).summaries(FIRST, LAST)
    reclined = STATE_MINUTES[states.RECLINED]
    assert [summary[reclined] for summary in before.values()] != [summary[reclined] for summary in after.values()]


def test_a_clock_that_contradicts_the_others_replaces_what_it_dates(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = three_days()
    store.add_pages(journal.pages())
    computed = Computed(History(store, UTC), monkeypatch)
    computed.by()
    store.add_pages(journal.epochs(states.UPRIGHT, 10).clock(utc_ms(0, day=16)).epochs(states.UPRIGHT, 100).pages())
    # All of the boot's times have another error bound now.
    assert computed.by() == [14, 15, 16, 17]


def test_each_zone_has_summaries_of_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add_pages(three_days().pages())
    for tz in (BERLIN, TOKYO):
        assert Computed(History(store, tz), monkeypatch).by() == ALL
    for tz in (BERLIN, TOKYO):
        assert Computed(History(store, tz), monkeypatch).by() == []


def test_new_rules_of_a_zone_replace_the_summaries_of_the_days_that_they_change(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store.add_pages(three_days().pages())

    class Changed(ZoneInfo):
        """Europe/Berlin, as if its clocks had been set forward for good on March 16 at 12 UTC."""

        def __str__(self) -> str:
            return str(BERLIN)

        def utcoffset(self, moment: datetime | None) -> Any:
            assert moment
            later = moment.replace(tzinfo=None) >= datetime(2025, 3, 16, 13)
            return TOKYO.utcoffset(moment) if later else BERLIN.utcoffset(moment)

        def fromutc(self, moment: datetime) -> datetime:
            later = moment.replace(tzinfo=None) >= datetime(2025, 3, 16, 12)
            return (
                (TOKYO if later else BERLIN)
                .fromutc(moment.replace(tzinfo=TOKYO if later else BERLIN))
                .replace(tzinfo=self)
            )

    assert Computed(History(store, BERLIN), monkeypatch).by() == ALL
    assert Computed(History(store, Changed("Europe/Berlin")), monkeypatch).by() == [16, 17, 18]


def test_another_version_of_the_algorithms_computes_everything_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_pages(three_days().pages())
    computed = Computed(History(store, UTC), monkeypatch)
    assert computed.by() == ALL
    monkeypatch.setattr("unslouch.analysis.kept_summaries.SUMMARY_KEY", "2-another")
    assert computed.by() == ALL
    assert computed.by() == []


def test_a_calibration_that_comes_late_replaces_the_summaries_after_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = JournalBuilder(1).start_boot().clock(utc_ms(7)).epochs(states.UPRIGHT, 100).flush()
    before = len(journal.pages())
    journal.calibrate(2).event(records.STANDING_ZERO, 2, -800, 0).flush()
    after = len(journal.pages())
    journal.start_boot().clock(utc_ms(7, day=15)).epochs(states.UPRIGHT, 100)
    journal.start_boot().clock(utc_ms(7, day=16)).epochs(states.UPRIGHT, 100)
    pages = journal.pages()
    store.add_pages(pages[:before] + pages[after:])
    computed = Computed(History(store, UTC), monkeypatch)
    computed.by()
    store.add_pages(pages)
    assert computed.by() == [14, 15, 16]


def test_a_database_that_can_not_be_written_gives_summaries_and_keeps_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_pages(three_days().pages())
    with (
        Store.open(store.path, simulated=None, readonly=True) as reader,
        monkeypatch.context() as patch,
    ):
        patch.setattr("unslouch.store.store.connect", refused)
        computed = Computed(History(reader, UTC), monkeypatch)
        assert computed.by() == ALL
        assert computed.by() == ALL
    assert store.kept_summaries("UTC", "0000", "9999") == []


def refused(*_: object, **__: object) -> sqlite3.Connection:
    raise sqlite3.OperationalError("attempt to write a readonly database")


def test_a_recorder_that_is_writing_is_not_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add_pages(three_days().pages())
    recorder = sqlite3.connect(store.path, isolation_level=None)
    recorder.execute("BEGIN IMMEDIATE")
    with Store.open(store.path, simulated=None, readonly=True) as reader:
        computed = Computed(History(reader, UTC), monkeypatch)
        assert computed.by() == ALL
        assert store.kept_summaries("UTC", "0000", "9999") == []
        recorder.execute("ROLLBACK")
        assert computed.by() == ALL
        assert computed.by() == []
    recorder.close()


def test_a_recorder_can_write_while_summaries_are_computed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = three_days()
    store.add_pages(journal.pages())
    with Store.open(store.path, simulated=None, readonly=True) as reader:
        history = History(reader, UTC)
        read = history._read

        def read_while_recording(local: Any, windows: Any) -> Any:
            day = read(local, windows)
            with Store.open(store.path, simulated=None, busy_timeout_s=0) as recorder:
                recorder.add_pages(journal.epochs(states.UPRIGHT, 2).flush().pages())
            return day

        monkeypatch.setattr(history, "_read", read_while_recording)
        assert len(history.summaries(FIRST, LAST)) == 6


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=6))
def test_whatever_pages_come_when_kept_summaries_equal_computed_ones(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[int, int]]
) -> None:
    pages = three_days().start_boot().epochs(states.UPRIGHT, 50).start_boot().clock(utc_ms(7, day=17)).pages()
    with Store.open(tmp_path_factory.mktemp("kept") / "a.db", simulated=False) as store:
        history = History(store, BERLIN)
        for at, count in batches:
            start = at * len(pages) // 60
            store.add_pages(pages[start : start + count])
            kept: dict[date, Summary] = history.summaries(FIRST, LAST)
            assert kept == {day.day: day.summary for day in History(store, BERLIN).days(FIRST, LAST)}


FIRST_METRICS = (
    *("lost", "charging", "off_body", "uncalibrated", "lying", "moving", "slouching", "leaning", "reclined", "upright"),
    *("day_length", "measured", "worn", "coverage", "episodes", "longest_episode", "alerts", "corrected"),
    *("alerts_corrected", "alerts_late", "alerts_interrupted", "alerts_unknown", "corrected_share", "sensor_moved"),
)
"""Those of version 1. A metric that comes later changes the key of summaries by itself."""


def test_other_values_for_the_same_records_have_another_version(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db", simulated=False) as store:
        store.add_pages(wearer_pages())
        summaries = History(store, BERLIN).summaries(date(2025, 3, 14), date(2025, 3, 30))
    values = [[(name, summary.values[name]) for name in FIRST_METRICS] for summary in summaries.values()]
    digest = blake2b(repr(values).encode(), digest_size=8).hexdigest()
    # If this fails, raise ALGORITHM_VERSION, so that kept summaries are computed anew, and put the new digest here.
    assert (ALGORITHM_VERSION, digest) == (2, "cd68e0ba44652d63")


def test_a_mark_on_an_alert_changes_the_summary_of_its_day_and_a_note_changes_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_pages(three_days().pages())
    history = History(store, UTC)
    alerts = history.day(date(2025, 3, 14)).alerts
    computed = Computed(history, monkeypatch)
    assert computed.by() == ALL
    store.words.add_note(alerts[0].utc_ms, "a new chair")
    assert computed.by() == []
    store.words.mark_alert(AlertMark(alerts[0].journal, alerts[0].sequence, alerts[0].utc_ms, WRONG_ALARM))
    assert 14 in computed.by()
    assert computed.by() == []
    store.words.add_session("chin_tuck", utc_ms(8, 15), utc_ms(9, 15), repetitions=8, is_complete=True)
    assert computed.by() == [15]


def test_a_day_has_the_marks_of_its_own_alerts_and_its_notes_and_sessions(store: Store) -> None:
    store.add_pages(three_days().pages())
    history = History(store, UTC)
    alert = history.day(date(2025, 3, 14)).alerts[0]
    mark = AlertMark(alert.journal, alert.sequence, alert.utc_ms, WRONG_ALARM)
    store.words.mark_alert(mark)
    note = store.words.add_note(alert.utc_ms, "a new chair")
    session = store.words.add_session("chin_tuck", utc_ms(8), utc_ms(9), repetitions=8, is_complete=True)
    day, other = history.day(date(2025, 3, 14)), history.day(date(2025, 3, 15))
    assert (day.alert_marks, day.moment_notes, day.sessions) == ([mark], [note], [session])
    assert (other.alert_marks, other.moment_notes, other.sessions) == ([], [], [])
