"""A local day is complete: every minute has a state or is lost, and nothing counts that was not measured."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journals import JournalBuilder
from unslouch.analysis.caveats import undated_caveats
from unslouch.analysis.day import Day, has_data
from unslouch.analysis.history import History
from unslouch.analysis.metrics.alerts import ALERTS
from unslouch.analysis.metrics.minutes import COVERAGE, MEASURED_MIN, STATE_MINUTES, WORN_MIN
from unslouch.analysis.metrics.slouches import LONGEST_SLOUCH_MIN, SLOUCHES, SLOUCHES_CORRECTED_AFTER_ALERT
from unslouch.analysis.model import Span
from unslouch.store import Store
from unslouch.store.queries import LAST_UPTIME_MS
from unslouch_device.contract import records, states
from unslouch_device.contract.settings import DELAY_S
from unslouch_device.contract.states import STATE_NAMES

BERLIN = ZoneInfo("Europe/Berlin")
MARCH_14 = date(2025, 3, 14)
HOUR_MS = 3_600_000


def utc_ms(hour: int = 0, minute: int = 0, day: int = 14, month: int = 3) -> int:
    return int(datetime(2025, month, day, hour, minute, tzinfo=UTC).timestamp() * 1000)


def started(hour: int = 8, journal: int = 1) -> JournalBuilder:
    """A journal whose boot and first clock are at this hour UTC of March 14."""
    return JournalBuilder(journal).start_boot().clock(utc_ms(hour))


def state_minutes(day: Day) -> list[tuple[str, float]]:
    """The spans as (state, minutes)."""
    return [(STATE_NAMES[span.state], (span.end_utc_ms - span.start_utc_ms) / 60_000) for span in day.spans]


def test_a_day_has_states_from_midnight_to_the_last_record(day_of: Callable[..., Day]) -> None:
    day = day_of(started().epochs(states.UPRIGHT, 120).epochs(states.MOVING, 60).epochs(states.LYING, 12))
    assert state_minutes(day) == [("lost", 480), ("upright", 10), ("moving", 5), ("lying", 1)]
    assert day.until_utc_ms == utc_ms(8, 16)
    assert day.summary[STATE_MINUTES[states.UPRIGHT]] == 10
    assert day.summary[MEASURED_MIN] == day.summary[WORN_MIN] == 16
    assert day.summary[COVERAGE] == 1
    assert len(day.epochs) == 192


def test_a_day_with_later_records_has_states_to_its_end(day_of: Callable[..., Day]) -> None:
    day = day_of(started().epochs(states.UPRIGHT, 12).wait(24 * HOUR_MS).epochs(states.UPRIGHT, 1))
    assert state_minutes(day) == [("lost", 480), ("upright", 1), ("lost", 959)]
    assert not any("records end" in caveat for caveat in day.caveats)


def test_off_body_and_charging_are_one_span_each_from_event_to_event(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12).off_body(20 * 60_000).epochs(states.UPRIGHT, 12)
    day = day_of(journal.charging(10 * 60_000).epochs(states.UPRIGHT, 12))
    assert state_minutes(day)[1:] == [
        ("upright", 1),
        ("off body", 20),
        ("upright", 1),
        ("charging", 10),
        ("upright", 1),
    ]
    assert day.summary[COVERAGE] == 1


def test_epochs_before_the_sensor_noticed_that_it_was_off_count_as_off(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12).epochs(states.SLOUCHING, 24)
    day = day_of(journal.off_body(600_000, noticed_after_ms=119_000).epochs(states.UPRIGHT, 12))
    assert state_minutes(day)[1:] == [("upright", 1), ("off body", 12), ("upright", 1)]
    assert day.epochs.state.tolist() == [states.UPRIGHT] * 12 + [states.OFF_BODY] * 24 + [states.UPRIGHT] * 12


def test_a_moment_between_the_last_epoch_and_the_notice_is_off_body_and_not_lost(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 24).wait(3000)
    day = day_of(journal.off_body(57_000, noticed_after_ms=63_000).epochs(states.UPRIGHT, 12))
    assert state_minutes(day)[1:] == [("upright", 1), ("off body", 2), ("upright", 1)]


def test_a_slouch_while_the_sensor_lay_on_the_table_is_none(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12).slouch().slouch(6, 12)
    day = day_of(journal.off_body(600_000, noticed_after_ms=95_000))
    assert [episode.start_utc_ms for episode in day.episodes] == [utc_ms(8, 1)]
    journal = started().epochs(states.UPRIGHT, 12).slouch(6, 18)
    (cut,) = day_of(journal.off_body(600_000, noticed_after_ms=60_000)).episodes
    assert cut.end_utc_ms == utc_ms(8, 2)


def laid_down_tilted() -> JournalBuilder:
    """An upright wearer lays the sensor on the table, where it tilts as if they slouched; noticed two minutes later."""
    journal = started().epochs(states.UPRIGHT, 24)
    crossed_ms = journal.uptime_ms
    journal.wait(3000).wait(27_000).event(records.SLOUCH_STARTED, crossed_ms, 3000).event(records.ALERT, 3000, 1, 0)
    journal.wait(57_000).wait(36_000).event(records.SLOUCH_ENDED, 3000, 2990, 123, 1)
    return journal.off_body(600_000, noticed_after_ms=120_000).epochs(states.UPRIGHT, 12)


def test_a_slouch_confirmed_on_the_table_is_none_though_it_began_while_the_sensor_was_laid_down(
    day_of: Callable[..., Day],
) -> None:
    day = day_of(laid_down_tilted().slouch())
    assert [episode.start_utc_ms for episode in day.episodes] == [utc_ms(8, 15) + 3000]
    assert (day.summary[SLOUCHES], day.summary[ALERTS], day.summary[SLOUCHES_CORRECTED_AFTER_ALERT]) == (1, 1, 1)
    assert [event.name for event in day.events].count("alert") == 2


def test_laying_down_the_sensor_corrects_no_slouch(day_of: Callable[..., Day]) -> None:
    def followed_by(stillness_ms: int) -> Day:
        journal = started().epochs(states.UPRIGHT, 12).slouch(6, 12).wait(stillness_ms).wait(120_000)
        return day_of(journal.off_body(600_000, noticed_after_ms=120_000))

    laid_down, sat_up_first = followed_by(2000), followed_by(20_000)
    assert (laid_down.summary[ALERTS], laid_down.summary[SLOUCHES_CORRECTED_AFTER_ALERT]) == (1, 0)
    assert [episode.correction_latency_s for episode in laid_down.episodes] == [None]
    assert (sat_up_first.summary[ALERTS], sat_up_first.summary[SLOUCHES_CORRECTED_AFTER_ALERT]) == (1, 1)


def test_an_alert_on_the_table_adds_none_to_the_slouch_that_it_repeats(day_of: Callable[..., Day]) -> None:
    journal = (
        started().epochs(states.LEANING, 6).event(records.SLOUCH_STARTED, 0, 2200).event(records.ALERT, 2200, 1, 0)
    )
    journal.epochs(states.SLOUCHING, 6).wait(60_000).event(records.ALERT, 2200, 2, 0).wait(30_000)
    journal.event(records.SLOUCH_ENDED, 2600, 2200, 150, 2).off_body(600_000, noticed_after_ms=90_000)
    day = day_of(journal)
    (episode,) = day.episodes
    assert (episode.end_utc_ms, episode.alerts, day.summary[ALERTS]) == (utc_ms(8, 1), 1, 1)


@pytest.mark.parametrize("duration_s", [0, 90, 600, 0xFFFF])
def test_an_end_belongs_to_the_start_before_it_whatever_duration_it_names(
    day_of: Callable[..., Day], duration_s: int
) -> None:
    journal = started().epochs(states.LEANING, 6).event(records.SLOUCH_STARTED, 0, 2200).epochs(states.SLOUCHING, 30)
    (episode,) = day_of(journal.event(records.SLOUCH_ENDED, 2600, 2200, duration_s, 0)).episodes
    assert (episode.start_utc_ms, episode.end_utc_ms) == (utc_ms(8), utc_ms(8, 3))


def test_an_end_after_missing_records_may_be_that_of_another_slouch(day_of: Callable[..., Day]) -> None:
    def ending(duration_s: int) -> Day:
        journal = started().event(records.SLOUCH_STARTED, 0, 2200).epochs(states.SLOUCHING, 12).lose(100)
        return day_of(journal.wait(540_000).event(records.SLOUCH_ENDED, 2600, 2200, duration_s, 0))

    assert [episode.end_utc_ms for episode in ending(600).episodes] == [utc_ms(8, 10)]
    assert [(episode.start_utc_ms, episode.end_utc_ms) for episode in ending(120).episodes] == [
        (utc_ms(8), None),
        (utc_ms(8, 8), utc_ms(8, 10)),
    ]


def test_a_slouch_whose_start_is_missing_begins_no_earlier_than_the_one_before_it_ended(
    day_of: Callable[..., Day],
) -> None:
    journal = started().slouch(6, 6).lose(100).wait(240_000).event(records.SLOUCH_ENDED, 2600, 2200, 3600, 0)
    begins_ms = [episode.start_utc_ms for episode in day_of(journal).episodes]
    assert begins_ms == [utc_ms(8), utc_ms(8, 1)]


def test_a_sensor_that_stays_off_is_known_to_be_off_up_to_its_last_record(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12).event(records.TAKEN_OFF, 60_000, 0).wait(2 * HOUR_MS)
    day = day_of(journal.event(records.BATTERY, 3900, 70).start_boot().clock(utc_ms(12)).epochs(states.UPRIGHT, 12))
    assert state_minutes(day)[1:] == [("upright", 1), ("off body", 120), ("lost", 119), ("upright", 1)]
    assert day.summary[COVERAGE] == pytest.approx(2 / 121)


def test_off_body_overnight_fills_both_days_though_neither_has_an_epoch_in_it(day_of: Callable[..., Day]) -> None:
    journal = started(18).epochs(states.UPRIGHT, 12).off_body(40 * HOUR_MS).epochs(states.UPRIGHT, 12)
    day = day_of(journal, wanted=date(2025, 3, 15))
    assert state_minutes(day) == [("off body", 24 * 60)]
    assert has_data(day)
    assert day.summary[COVERAGE] is None


def test_nothing_is_known_beyond_records_that_are_missing(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12).event(records.TAKEN_OFF, 60_000, 0).wait(600_000)
    journal.event(records.BATTERY, 3900, 70).lose(30).wait(600_000).epochs(states.UPRIGHT, 12)
    day = day_of(journal)
    assert state_minutes(day)[1:] == [("upright", 1), ("off body", 10), ("lost", 10), ("upright", 1)]
    assert any("30 records are missing" in caveat for caveat in day.caveats)


@pytest.mark.parametrize("put_on", [False, True])
def test_charging_ends_time_off_body_whether_or_not_the_sensor_was_put_on_before(
    day_of: Callable[..., Day], put_on: bool
) -> None:
    journal = started().epochs(states.UPRIGHT, 12).event(records.TAKEN_OFF, 60_000, 0).wait(60_000)
    if put_on:
        journal.event(records.PUT_ON)
    journal.charging(120_000).off_body(60_000).epochs(states.UPRIGHT, 12)
    journal.event(records.TAKEN_OFF, journal.uptime_ms, 0).wait(60_000)
    if put_on:
        journal.event(records.PUT_ON)
    journal.charging(60_000).wait(60_000).epochs(states.UPRIGHT, 12)
    assert state_minutes(day_of(journal))[1:] == [
        ("upright", 1),
        ("off body", 1),
        ("charging", 2),
        ("off body", 1),
        ("upright", 1),
        ("off body", 1),
        ("charging", 1),
        ("lost", 1),
        ("upright", 1),
    ]


def test_a_slouch_over_midnight_is_cut_there_and_counts_on_the_day_on_which_it_began(
    day_of: Callable[..., Day],
) -> None:
    before_midnight = started(23).wait(59 * 60_000).slouch(6, 54).epochs(states.UPRIGHT, 12).slouch(alerts=0)
    day = day_of(before_midnight)
    (episode,) = day.episodes
    assert episode.start_utc_ms == utc_ms(23, 59)
    assert episode.end_utc_ms == utc_ms(0, day=15)
    assert (episode.began_before, episode.goes_on) == (False, True)
    assert (episode.peak_deg, episode.mean_deg, episode.alerts, episode.correction_latency_s) == (26.0, 22.0, 1, None)
    assert (day.summary[SLOUCHES], day.summary[LONGEST_SLOUCH_MIN]) == (1, 1)
    next_day = day_of(before_midnight, wanted=date(2025, 3, 15))
    rest, whole = next_day.episodes
    assert (rest.start_utc_ms, rest.end_utc_ms) == (utc_ms(0, day=15), utc_ms(0, 4, day=15))
    assert (rest.began_before, rest.goes_on) == (True, False)
    assert (rest.peak_deg, rest.mean_deg, rest.alerts, rest.correction_latency_s) == (26.0, 22.0, 0, 270.0)
    assert (whole.start_utc_ms, whole.began_before, whole.correction_latency_s) == (utc_ms(0, 5, day=15), False, None)
    assert (next_day.summary[SLOUCHES], next_day.summary[LONGEST_SLOUCH_MIN]) == (1, 4)


def test_the_end_of_a_slouch_is_found_hours_after_midnight(day_of: Callable[..., Day]) -> None:
    journal = started(23).slouch(6, 3 * 720).epochs(states.UPRIGHT, 720)
    (begin,), (rest,) = (day_of(journal, wanted=date(2025, 3, day)).episodes for day in (14, 15))
    assert begin.goes_on
    assert begin.end_utc_ms == rest.start_utc_ms == utc_ms(0, day=15)
    assert rest.end_utc_ms == utc_ms(2, 0, day=15) + 30_000


def test_a_slouch_without_an_end_lasts_as_long_as_it_is_on_record(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.LEANING, 6).event(records.SLOUCH_STARTED, 0, 2000).epochs(states.SLOUCHING, 18)
    journal.start_boot().clock(utc_ms(9)).epochs(states.SLOUCHING, 24)
    day = day_of(journal)
    assert [episode.end_utc_ms for episode in day.episodes] == [None]
    assert day.summary[LONGEST_SLOUCH_MIN] == 2


def test_alerts_and_corrections_are_counted_on_their_day(day_of: Callable[..., Day]) -> None:
    day = day_of(started().slouch(alerts=2).slouch(alerts=0).slouch())
    assert (day.summary[ALERTS], day.summary[SLOUCHES_CORRECTED_AFTER_ALERT], day.summary[SLOUCHES]) == (3, 2, 3)


def test_uncalibrated_time_is_worn_and_not_measured(day_of: Callable[..., Day]) -> None:
    day = day_of(started().epochs(states.UNCALIBRATED, 36).epochs(states.UPRIGHT, 12))
    assert (day.summary[WORN_MIN], day.summary[MEASURED_MIN], day.summary[COVERAGE]) == (4, 1, 0.25)


@pytest.mark.parametrize(("month", "of_month", "hours"), [(3, 30, 23), (10, 26, 25)])
def test_days_on_which_the_clocks_change_have_23_or_25_hours_and_say_so(
    day_of: Callable[..., Day], month: int, of_month: int, hours: int
) -> None:
    midnight_ms = utc_ms(22 if month == 10 else 23, day=of_month - 1, month=month)
    journal = JournalBuilder().start_boot().clock(midnight_ms).epochs(states.UPRIGHT, 720 * 30)
    day = day_of(journal, wanted=date(2025, month, of_month), tz=BERLIN)
    assert day.hours == hours == sum(day.summary[minutes] for minutes in STATE_MINUTES.values()) / 60
    assert len(day.epochs) == 720 * hours
    assert f"The clocks change on this day: it has {hours} hours." in day.caveats
    following = day_of(journal, wanted=date(2025, month, of_month + 1), tz=BERLIN)
    assert following.epochs.sequence[0] == day.epochs.sequence[-1] + 1


def test_a_day_begins_where_the_clocks_skip_its_midnight(day_of: Callable[..., Day]) -> None:
    day = day_of(started(), wanted=date(2025, 4, 25), tz=ZoneInfo("Africa/Cairo"))
    assert (day.start.hour, day.hours) == (1, 23)


def test_a_day_without_records_has_no_data(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12)
    for wanted in (date(2025, 3, 13), date(2025, 3, 15)):
        day = day_of(journal, wanted=wanted)
        assert not has_data(day)
        assert sum(day.summary[minutes] for minutes in STATE_MINUTES.values()) in (0, 24 * 60)


def test_two_sensors_at_once_count_each_minute_once_and_say_so(day_of: Callable[..., Day]) -> None:
    worn = started().epochs(states.UPRIGHT, 120)
    on_the_desk = started(journal=2).epochs(states.UPRIGHT, 12).off_body(2 * HOUR_MS)
    assert state_minutes(day_of(worn, on_the_desk))[1:3] == [("upright", 10), ("off body", 111)]
    day = day_of(worn, started(journal=2).wait(300_000).epochs(states.LYING, 120))
    assert state_minutes(day)[1:] == [("upright", 5), ("lying", 10)]
    assert any("For 5.0 min there is more than one record" in caveat for caveat in day.caveats)


def test_a_host_clock_that_was_set_meanwhile_is_state_minutes(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12).clock(utc_ms(9)).epochs(states.UPRIGHT, 12)
    day = day_of(journal)
    assert state_minutes(day)[1:] == [("upright", 1), ("lost", 59), ("upright", 1)]
    assert any("clock was set" in caveat for caveat in day.caveats)


def test_host_clocks_that_jitter_leave_neither_gaps_nor_overlaps(day_of: Callable[..., Day]) -> None:
    journal = started()
    for nth in range(60):
        journal.epochs(states.UPRIGHT, 3).clock(utc_ms(8) + journal.uptime_ms + (0, 300, -250)[nth % 3])
    day = day_of(journal)
    assert [state for state, _ in state_minutes(day)] == ["lost", "upright"]
    assert not any("clock" in caveat or "more than one record" in caveat for caveat in day.caveats)


def test_times_that_are_not_firm_and_journals_without_time_are_state_minutes(day_of: Callable[..., Day]) -> None:
    journal = started().epochs(states.UPRIGHT, 12).start_boot().epochs(states.UPRIGHT, 24)
    journal.start_boot().clock(utc_ms(10)).epochs(states.UPRIGHT, 36)
    caveats = day_of(journal, JournalBuilder(0xABC).start_boot().epochs(states.UPRIGHT, 3)).caveats
    assert "The time is provisional for 4 min of this day: the next connection may shift it by up to 1 s." in caveats
    uncertain = "The time is uncertain for 2 min of this day and may be off by up to 59 min"
    assert any(caveat.startswith(uncertain) for caveat in caveats)
    assert undated_caveats({0xABC: 1})[0].endswith("its record has no time.")
    assert any("00000abc is in no day" in caveat and "4 records" in caveat for caveat in caveats)


STEPS: list[Callable[[JournalBuilder, int], object]] = [
    lambda journal, n: journal.epochs(n % 10, n % 200),
    lambda journal, n: journal.slouch(n % 9, n % 50, alerts=n % 3),
    lambda journal, n: journal.off_body(n * 40_000, noticed_after_ms=n * 100),
    lambda journal, n: journal.off_body(n * 200_000),
    lambda journal, n: journal.slouch(6, n * 3).epochs(states.UPRIGHT, 20),
    lambda journal, n: journal.charging(n * 10_000),
    lambda journal, n: journal.event(records.TAKEN_OFF, (journal.uptime_ms - n * 10) & 0xFFFFFFFF, 0),
    lambda journal, n: journal.event(records.SLOUCH_STARTED, journal.uptime_ms & 0xFFFFFFFF, 2000),
    lambda journal, n: journal.event(records.BATTERY, 3900, 70).wait(n * 30_000),
    lambda journal, n: journal.lose(n),
    lambda journal, n: journal.start_boot(),
    lambda journal, n: journal.clock(utc_ms(0) + n * 100_000),
    lambda journal, n: journal.wait(n * 5_000),
    lambda journal, n: journal.clock(utc_ms(0) + journal.uptime_ms),
    lambda journal, n: journal.calibrate(n % 5 + 1, n % 4, n % 3).event(records.STANDING_ZERO, n % 5 + 1, n - 400, n),
    lambda journal, n: journal.name_profile(n % 3, f"chair {n}".encode()),
    lambda journal, n: journal.event(records.DELAY_ADAPTED, n, n % 5),
    lambda journal, n: journal.event(records.SETTING_CHANGED, DELAY_S, n, n),
    lambda journal, n: journal.event(records.ALERT, n, n % 4, n % 3).epochs(states.SLOUCHING, n % 9),
    lambda journal, n: journal.event(records.ALERT_MISSED, n % 4, n % 4),
    lambda journal, n: journal.event(records.SENSOR_MOVED, n, -n, n % 3),
    lambda journal, n: journal.damaged(n % 32, now(journal) + random.Random(n).randbytes(7)),
]


def now(journal: JournalBuilder) -> bytes:
    """The time in an event, which is the board's own even where the rest is nonsense."""
    return (journal.uptime_ms & 0xFFFFFFFF).to_bytes(4, "little")


scripts = st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 900)), max_size=30)


def played(number: int, script: list[tuple[int, int]]) -> JournalBuilder:
    journal = JournalBuilder(number).start_boot()
    for step, n in script:
        STEPS[step](journal, n)
    return journal


@settings(max_examples=60, deadline=None)
@given(scripts, scripts, st.sampled_from([UTC, BERLIN, ZoneInfo("Pacific/Auckland")]), st.randoms())
def test_any_journal_gives_days_without_overlap_or_hole_and_the_same_however_it_was_stored(
    tmp_path_factory: pytest.TempPathFactory, one: Any, two: Any, tz: Any, shuffler: random.Random
) -> None:
    pages = played(1, one).pages() + played(2, two).pages()
    folder = tmp_path_factory.mktemp("day")
    days: list[list[Day]] = []
    for name in ("a.db", "b.db"):
        shuffler.shuffle(pages)
        with Store.open(folder / name, simulated=False) as store:
            for page in pages:
                store.add_pages([page])
            days.append(list(History(store, tz).days(MARCH_14 - timedelta(days=1), MARCH_14 + timedelta(days=2))))
    for day, again in zip(*days, strict=True):
        assert_tiled(day)
        assert same(day, again)
    # Each epoch is in one day, that in which it begins.
    names = [pair for day in days[0] for pair in zip(day.epochs.journal, day.epochs.sequence, strict=True)]
    assert len(set(names)) == len(names)


@settings(max_examples=60, deadline=None)
@given(scripts, st.integers(0, 3))
@example([(7, 0), (3, 451), (0, 16), (18, 0)], 0)  # a slouch without an end, and a day later an alert
@example([(3, 451), (4, 0), (21, 4)], 0)  # a slouch, and the end of one that would have begun half a day before it
def test_the_pages_around_a_day_give_the_same_day_as_all_pages(
    tmp_path_factory: pytest.TempPathFactory, script: Any, after: int
) -> None:
    journal = played(1, script)
    with Store.open(tmp_path_factory.mktemp("day") / "a.db", simulated=False) as store:
        store.add_pages(journal.clock(utc_ms(0) + journal.uptime_ms).pages())
        some = History(store, UTC).day(MARCH_14 + timedelta(days=after))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store, "page_window", lambda *_: (0, LAST_UPTIME_MS))
            assert same(some, History(store, UTC).day(MARCH_14 + timedelta(days=after)))


def assert_tiled(day: Day) -> None:
    spans: list[Span] = day.spans
    start_ms = int(day.start.timestamp() * 1000)
    edges = [start_ms, *(span.end_utc_ms for span in spans)]
    assert [span.start_utc_ms for span in spans] == edges[:-1]
    assert edges[-1] == day.until_utc_ms
    assert all(span.start_utc_ms < span.end_utc_ms for span in spans)
    assert all(one.state != other.state for one, other in pairwise(spans))
    assert sum(day.summary[minutes] for minutes in STATE_MINUTES.values()) == pytest.approx(
        (day.until_utc_ms - start_ms) / 60_000
    )


def same(one: Day, other: Day) -> bool:
    columns = all(np.array_equal(getattr(one.epochs, name), getattr(other.epochs, name)) for name in vars(one.epochs))
    rest = [name for name in vars(one) if name != "epochs"]
    return columns and all(getattr(one, name) == getattr(other, name) for name in rest)
