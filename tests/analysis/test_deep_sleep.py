"""Time across deep sleep: within the bound of its clock, tightened by clock marks, uncertain where they contradict."""

import random
import tempfile
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from analysis.test_timebase import HOUR_MS, NOON_MS, dated, times_of
from journals import JournalBuilder
from unslouch.analysis.history import History
from unslouch.analysis.model import NO_BOUND, TimeQuality
from unslouch.analysis.timebase import CLOCK_ERROR_MS
from unslouch.analysis.unmarked_boots import DEEP_SLEEP_DRIFT, DEEP_SLEEP_ROUNDING_MS
from unslouch.store import Store
from unslouch_device.contract import records, states

NIGHTS = 1000
EVENING_MS = NOON_MS + 10 * HOUR_MS


def slept(drift: float, *, first_mark: bool = True, last_mark: bool = False, sleep_ms: int = 8 * HOUR_MS) -> dict:
    """Timebases of an evening from EVENING_MS, a deep sleep, a morning without a mark, a nap and an end with one."""
    journal = JournalBuilder(1).start_boot()
    if first_mark:
        journal.clock(EVENING_MS)
    journal.wait(HOUR_MS).sleep_deeply(sleep_ms, drift=drift).wait(HOUR_MS)
    journal.sleep_deeply(2 * HOUR_MS, drift=drift).wait(HOUR_MS)
    if last_mark:
        journal.clock(EVENING_MS + 5 * HOUR_MS + sleep_ms)
    return times_of(journal)


def test_a_boot_after_deep_sleep_begins_when_its_clock_says_with_a_bound_and_is_provisional() -> None:
    utc_ms, error_ms, quality = dated(slept(0.0)[1, 2], 0)
    assert utc_ms == EVENING_MS + 9 * HOUR_MS
    assert DEEP_SLEEP_DRIFT * 8 * HOUR_MS < error_ms < 1.1 * DEEP_SLEEP_DRIFT * 8 * HOUR_MS + 10_000
    assert quality == TimeQuality.PROVISIONAL


def test_a_mark_after_it_tightens_it_by_the_drift_of_both_sleeps() -> None:
    drift = 0.03
    before, after = slept(drift)[1, 2], slept(drift, last_mark=True)[1, 2]
    true_ms = EVENING_MS + 9 * HOUR_MS
    assert abs(dated(before, 0)[0] - true_ms) == pytest.approx(drift * 8 * HOUR_MS, rel=0.01)
    assert abs(dated(after, 0)[0] - true_ms) < 5000, "one clock was off all the time"
    assert dated(after, 0)[1] < dated(before, 0)[1]
    assert dated(after, 0)[2] == TimeQuality.PROVISIONAL


def test_a_mark_after_it_alone_dates_what_was_before_it() -> None:
    times = slept(0.0, first_mark=False, last_mark=True)
    utc_ms, error_ms, quality = dated(times[1, 1], 0)
    assert utc_ms == pytest.approx(EVENING_MS, abs=10)
    assert error_ms < 1.1 * DEEP_SLEEP_DRIFT * 10 * HOUR_MS + 20_000
    assert quality == TimeQuality.PROVISIONAL


@pytest.mark.parametrize("drift", [-0.2, 0.1, 0.33])
def test_marks_that_contradict_its_clock_widen_the_bound_and_make_it_uncertain(drift: float) -> None:
    utc_ms, error_ms, quality = dated(slept(drift, last_mark=True)[1, 2], 0)
    assert abs(utc_ms - EVENING_MS - 9 * HOUR_MS) <= error_ms
    assert error_ms > dated(slept(0.0, last_mark=True)[1, 2], 0)[1]
    assert quality == TimeQuality.UNCERTAIN


@pytest.mark.parametrize(
    ("first", "second"),
    [(0.2, 0.0), (0.0, 0.2), (-0.2, 0.0), (0.0, -0.2), (1.0, 0.0), (0.0, -0.5), (0.2, 0.2), (-0.5, 1.0), (1.0, -0.5)],
)
def test_whichever_of_two_sleeps_had_the_wrong_clock_the_bound_holds_the_time(first: float, second: float) -> None:
    journal = JournalBuilder(1).start_boot().clock(EVENING_MS).wait(HOUR_MS).sleep_deeply(8 * HOUR_MS, drift=first)
    journal.wait(HOUR_MS).sleep_deeply(6 * HOUR_MS, drift=second).wait(HOUR_MS).clock(EVENING_MS + 17 * HOUR_MS)
    utc_ms, error_ms, quality = dated(times_of(journal)[1, 2], 0)
    assert quality == TimeQuality.UNCERTAIN
    assert abs(utc_ms - EVENING_MS - 9 * HOUR_MS) <= error_ms < 14.1 * HOUR_MS


def test_a_restart_that_was_no_deep_sleep_breaks_the_chain() -> None:
    journal = JournalBuilder(1).start_boot().clock(EVENING_MS).wait(HOUR_MS).sleep_deeply(HOUR_MS).wait(HOUR_MS)
    times = times_of(journal.start_boot().wait(HOUR_MS))
    assert dated(times[1, 2], 0)[2] == TimeQuality.PROVISIONAL
    assert dated(times[1, 3], 0)[1:] == (NO_BOUND, TimeQuality.UNCERTAIN)


def test_records_missing_before_it_break_the_chain_too() -> None:
    journal = JournalBuilder(1).start_boot().clock(EVENING_MS).wait(HOUR_MS).lose(3).sleep_deeply(HOUR_MS)
    assert dated(times_of(journal.wait(HOUR_MS))[1, 2], 0)[1:] == (NO_BOUND, TimeQuality.UNCERTAIN)


def test_on_a_thousand_nights_every_time_is_within_its_bound() -> None:
    rng = random.Random(16)
    journals, truth, contradicted = [], {}, []
    for night in range(1, NIGHTS + 1):
        journal = JournalBuilder(night)
        now_ms = EVENING_MS + rng.randrange(HOUR_MS)
        drifts = []
        mornings = rng.randrange(1, 5)
        is_met = [True] + [rng.random() < 0.3 for _ in range(mornings - 1)] + [rng.random() < 0.7]
        journal.start_boot()
        for boot, met in enumerate(is_met, 1):
            truth[night, boot] = now_ms
            length_ms = rng.randrange(HOUR_MS // 60, 6 * HOUR_MS)
            journal.wait(length_ms // 2)
            if met:
                journal.clock(now_ms + length_ms // 2 + rng.randrange(-400, 401))
            journal.wait(length_ms - length_ms // 2)
            now_ms += length_ms
            if boot < len(is_met):
                sleep_ms = rng.randrange(1000, 12 * HOUR_MS)
                drifts.append(rng.uniform(-DEEP_SLEEP_DRIFT, DEEP_SLEEP_DRIFT))
                journal.sleep_deeply(sleep_ms, drift=drifts[-1])
                now_ms += sleep_ms
        journals.append(journal)
    times = times_of(*journals)
    assert times.keys() == truth.keys()
    for boot, true_ms in truth.items():
        utc_ms, error_ms, quality = dated(times[boot], 0)
        assert error_ms != NO_BOUND
        assert abs(utc_ms - true_ms) <= error_ms, boot
        if quality == TimeQuality.UNCERTAIN:
            contradicted.append(boot)
    assert not contradicted


def test_the_night_is_off_body_on_both_days_and_a_contradiction_is_told() -> None:
    for drift, is_told in ((0.04, False), (0.2, True)):
        journal = JournalBuilder(1).start_boot().clock(EVENING_MS).epochs(states.UPRIGHT, 12)
        journal.event(records.TAKEN_OFF, journal.uptime_ms, 1).wait(HOUR_MS).sleep_deeply(8 * HOUR_MS, drift=drift)
        journal.wait(60_000).event(records.PUT_ON).epochs(states.UPRIGHT, 12)
        journal.clock(EVENING_MS + 9 * HOUR_MS + 180_000)
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db", simulated=False) as store:
            store.add_pages(journal.pages())
            history = History(store, UTC)
            evening, morning = history.days(date(2025, 3, 14), date(2025, 3, 15))
            before = history.summaries(date(2025, 3, 14), date(2025, 3, 14))
        off = [span for day in (evening, morning) for span in day.spans if span.state == states.OFF_BODY]
        assert len(off) == 2
        assert off[0].end_utc_ms == off[1].start_utc_ms == datetime(2025, 3, 15, tzinfo=UTC).timestamp() * 1000
        assert off[1].end_utc_ms == pytest.approx(EVENING_MS + 9 * HOUR_MS + 120_000, abs=2000)
        assert [("slept" in " ".join(day.caveats)) for day in (evening, morning)] == [is_told, is_told]
        assert before


def test_its_event_keeps_the_time_after_waking_off_body_until_it_is_put_on() -> None:
    journal = JournalBuilder(1).start_boot().clock(NOON_MS).epochs(states.UPRIGHT, 12)
    journal.event(records.TAKEN_OFF, journal.uptime_ms, 1).wait(HOUR_MS).sleep_deeply(HOUR_MS)
    journal.wait(HOUR_MS).event(records.PUT_ON).epochs(states.UPRIGHT, 12)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db", simulated=False) as store:
        store.add_pages(journal.pages())
        day = History(store, UTC).day(date(2025, 3, 14))
    worn = [span for span in day.spans if span.state != states.UNKNOWN]
    assert [span.state for span in worn] == [states.UPRIGHT, states.OFF_BODY, states.UPRIGHT]
    assert all(before.end_utc_ms == after.start_utc_ms for before, after in pairwise(worn))


def test_an_empty_cells_sleep_is_dated_but_says_nothing_of_wear() -> None:
    journal = JournalBuilder(1).start_boot().clock(NOON_MS).epochs(states.UPRIGHT, 12)
    journal.sleep_deeply(HOUR_MS, why=records.ASLEEP_EMPTY).epochs(states.UPRIGHT, 12)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db", simulated=False) as store:
        store.add_pages(journal.pages())
        day = History(store, UTC).day(date(2025, 3, 14))
    assert {span.state for span in day.spans} == {states.UPRIGHT, states.UNKNOWN}
    assert day.spans[-1].start_utc_ms == pytest.approx(
        NOON_MS + HOUR_MS + 60_000, abs=CLOCK_ERROR_MS + DEEP_SLEEP_ROUNDING_MS
    )
