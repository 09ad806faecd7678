"""The sensor as it was at a moment of a day."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from journals import JournalBuilder
from lively_days import lively_days
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.analysis.metrics.alerts import ALERTS
from unslouch.link.model import LinkState
from unslouch.store import Sensor, Store
from unslouch.tui.moments import state_at, tilt_at
from unslouch.tui.past import past_state
from unslouch.tui.sensor_state import default_settings
from unslouch_device.contract import records, states

DAY = date(2026, 3, 2)
EIGHT_MS = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)


def day_of(tmp_path: Path, journal: JournalBuilder) -> Day:
    with Store.open(tmp_path / "day.db", simulated=False) as store:
        store.add_pages(journal.pages())
        return History(store, UTC).day(DAY)


@pytest.fixture
def slouch_day(tmp_path: Path) -> Day:
    """Upright for five minutes from eight o'clock, a slouch of 90 s with an alert after 30 s, upright again, off."""
    journal = JournalBuilder().start_boot().clock(EIGHT_MS).calibrate(3).event(records.BATTERY, 3900, 71)
    journal.epochs(states.UPRIGHT, 60).slouch().epochs(states.UPRIGHT, 60).off_body(600_000)
    return day_of(tmp_path, journal)


def test_a_moment_of_sitting_upright(slouch_day: Day) -> None:
    past = past_state(slouch_day, EIGHT_MS + 120_000, sensors=[Sensor(0x1234ABCD, "a1", "XIAO", "0.1.0")])
    live = past.sensor.live
    assert live is not None
    assert (live.state, live.snoozed, live.alerting, live.above_threshold_s) == (states.UPRIGHT, False, False, 0)
    assert live.forward_deg == pytest.approx(1.2, abs=2.5)
    assert past.sensor.state is LinkState.LIVE
    assert past.sensor.info is not None
    assert past.sensor.info.device_id == "a1"
    assert past.sensor.board is not None
    assert (past.sensor.board.battery_percent, past.sensor.board.calibration_id) == (71, 3)
    assert past.title == "Mon 2 March 2026, 08:02:00"


def test_the_plot_has_a_sample_for_each_second_up_to_the_moment(slouch_day: Day) -> None:
    past = past_state(slouch_day, EIGHT_MS + 120_000)
    uptimes = [sample.uptime_ms for sample in past.samples]
    assert len(uptimes) == 121
    assert uptimes == sorted(set(uptimes))
    assert past.samples[-1] == past.sensor.live


def test_a_slouch_shows_for_how_long_the_threshold_has_been_passed_and_its_alert(slouch_day: Day) -> None:
    past = past_state(slouch_day, EIGHT_MS + 300_000 + 40_000)
    live = past.sensor.live
    assert live is not None
    assert live.state == states.SLOUCHING
    assert live.above_threshold_s == pytest.approx(40, abs=2)
    assert past.sensor.alerted_s_ago == 10
    at_alert = past_state(slouch_day, slouch_day.alerts[0].utc_ms).sensor.live
    assert at_alert is not None
    assert at_alert.alerting


def test_the_day_is_counted_up_to_the_moment(slouch_day: Day) -> None:
    before = past_state(slouch_day, EIGHT_MS + 120_000).day
    during = past_state(slouch_day, EIGHT_MS + 340_000).day
    assert (before.summary[ALERTS], during.summary[ALERTS]) == (0, 1)
    assert before.episodes == []
    assert [episode.end_utc_ms for episode in during.episodes] == [None]
    assert before.spans[-1].end_utc_ms == before.until_utc_ms == EIGHT_MS + 120_000
    assert slouch_day.summary[ALERTS] == 1


def test_off_the_body_and_before_all_records_there_is_no_tilt(slouch_day: Day) -> None:
    off = past_state(slouch_day, slouch_day.until_utc_ms - 60_000).sensor.live
    assert off is not None
    assert (off.state, off.forward_deg) == (states.OFF_BODY, None)
    before = past_state(slouch_day, EIGHT_MS - 60_000).sensor.live
    assert before is not None
    assert (before.state, before.forward_deg) == (states.UNKNOWN, None)


def test_every_moment_of_a_lively_day_can_be_shown(tmp_path: Path) -> None:
    day = day_of(tmp_path, lively_days(DAY, 1, hours=6))
    for at_ms in range(day.spans[0].start_utc_ms, day.until_utc_ms, 613_000):
        past = past_state(day, at_ms)
        assert past.sensor.live is not None
        tilt = tilt_at(day.epochs, at_ms)
        assert past.sensor.live.forward_deg == (None if tilt is None else tilt[0])


def test_state_and_tilt_are_of_the_same_second_where_a_slouch_begins_or_ends_within_an_epoch(tmp_path: Path) -> None:
    """An epoch has one state, that of most of its seconds: here the slouch begins after three and ends after two."""
    journal = JournalBuilder().start_boot().clock(EIGHT_MS).calibrate(1).epochs(states.UPRIGHT, 12)
    onset_ms = journal.uptime_ms + 3000

    def epoch(state: int, *tilts_deg: int) -> None:
        journal.epoch(state, states.ACTIVITY_STILL, [100 * tilt for tilt in tilts_deg], 0, speed_cdeg_s=50)

    epoch(states.UPRIGHT, 2, 2, 2, 20, 20)
    for _ in range(5):
        epoch(states.LEANING, 20, 20, 20, 20, 20)
    epoch(states.LEANING, 20, 20, 20, 20, 20)  # the 30 s are over after its third second
    journal.event(records.SLOUCH_STARTED, onset_ms, 2000)
    epoch(states.SLOUCHING, 20, 20, 20, 20, 20)
    ended_ms = journal.uptime_ms + 2000
    epoch(states.UPRIGHT, 20, 20, 2, 2, 2)
    journal.event(records.SLOUCH_ENDED, 2000, 2000, (ended_ms - onset_ms) // 1000, 0, uptime_ms=ended_ms)
    journal.epochs(states.UPRIGHT, 12)
    day = day_of(tmp_path, journal)

    def shown(uptime_ms: int) -> tuple[int, float | None, int]:
        live = past_state(day, EIGHT_MS + uptime_ms).sensor.live
        assert live is not None
        return live.state, None if live.forward_deg is None else round(live.forward_deg), live.above_threshold_s

    assert [shown(onset_ms + s * 1000)[0] for s in (-2, -1, 0, 1, 2)] == 2 * [states.UPRIGHT] + 3 * [states.LEANING]
    assert shown(onset_ms - 1000) == (states.UPRIGHT, 2, 0)
    assert shown(onset_ms) == (states.LEANING, 20, 1)
    assert shown(onset_ms + 29_000) == (states.LEANING, 20, 30)
    assert shown(onset_ms + 30_000) == (states.SLOUCHING, 20, 31)
    assert shown(ended_ms - 1000)[:2] == (states.SLOUCHING, 20)
    assert shown(ended_ms) == (states.UPRIGHT, 2, 0)


def test_a_lean_begins_in_the_second_that_passes_the_threshold(tmp_path: Path) -> None:
    journal = JournalBuilder().start_boot().clock(EIGHT_MS).calibrate(1).epochs(states.UPRIGHT, 12)
    begun_ms = EIGHT_MS + journal.uptime_ms
    seconds = [200, 200, 2000, 2000, 2000]
    journal.epoch(states.LEANING, states.ACTIVITY_STILL, seconds, 0, speed_cdeg_s=50).epochs(states.UPRIGHT, 12)
    day = day_of(tmp_path, journal)
    found = [state_at(day, begun_ms + s * 1000, default_settings()) for s in range(5)]
    assert found == [states.UPRIGHT, states.UPRIGHT, states.LEANING, states.LEANING, states.LEANING]
