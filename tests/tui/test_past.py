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
from unslouch.tui.past import past_state, tilt_at
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
