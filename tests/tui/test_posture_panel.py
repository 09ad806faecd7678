"""The posture of this moment: state, tilts, and what the motor does."""

import pytest

from tui.conftest import Open
from tui.fake_feed import FakeFeed
from unslouch.tui.palette import GLYPHS
from unslouch_device.contract import records, states
from unslouch_device.contract.settings import DELAY_MODE


async def test_negative_tilts_are_backward_and_left(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(-4.0, -2.0)
        await stage.frame()
        assert stage.text("#forward-box").endswith("backward")
        assert stage.text("#lateral-box").endswith("left")


async def test_every_state_has_a_shape_and_a_word(dashboard: Open) -> None:
    async with dashboard() as stage:
        for state, name in enumerate(states.STATE_NAMES[1:], start=1):
            stage.feed.live(3.0, state=state)
            await stage.frame()
            assert f"{GLYPHS[state]} {name.upper()}" in stage.text("#state")


def test_no_two_states_share_a_shape() -> None:
    assert len(set(GLYPHS.values())) == len(states.STATE_NAMES)


async def test_without_a_calibration_no_angle_is_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(None, None, states.UNCALIBRATED)
        await stage.frame()
        assert "press c to calibrate" in stage.text("#detail")
        assert stage.text("#forward-box").endswith("unknown")
        assert "no tilt without a calibration" in stage.text("#plot")


async def test_a_sensor_that_is_not_worn_shows_off_body(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(70.0, state=states.OFF_BODY)
        await stage.frame()
        assert "○ OFF BODY" in stage.screen_text()


async def test_a_sensor_that_falls_silent_is_lost_and_not_upright(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.clock.now_s += 10
        await stage.frame()
        shown = stage.screen_text()
        assert "× LOST" in shown
        assert "UPRIGHT" not in shown
        assert "no live data" in stage.text("#plot")
        assert stage.text("#forward-box").endswith("10 s ago")


async def test_a_sensor_whose_motion_sensor_is_silent_shows_no_angle_and_says_so(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(None, None, states.UNKNOWN)
        await stage.frame()
        assert "× LOST" in stage.text("#state")
        assert "motion sensor is silent" in stage.text("#detail")
        assert "no data from the motion sensor" in stage.text("#plot")
        for box in ("#forward-box", "#lateral-box"):
            assert stage.text(box).endswith("unknown")
        assert "UPRIGHT" not in stage.text("#posture")
        assert "● live" in stage.screen_text()


async def test_an_alert_is_shown_with_how_long_the_threshold_was_passed(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(20.0, state=states.SLOUCHING, alerting=True, above_threshold_s=31)
        await stage.frame()
        assert "ALERT" in stage.text("#motor")
        assert "above threshold 31 s" in stage.text("#detail")


async def test_a_motor_that_confirms_something_is_no_alert(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(1.0, state=states.UPRIGHT, alerting=True)
        await stage.frame()
        assert "vibrating" in stage.text("#motor")
        assert "ALERT" not in stage.text("#motor")


async def test_the_mark_of_an_alert_stays_until_the_slouch_ends_or_a_minute_has_passed(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.happens(records.ALERT)
        stage.clock.now_s += 12
        stage.feed.live(20.0, state=states.SLOUCHING, above_threshold_s=43)
        await stage.frame()
        assert "ALERT  12 s ago" in stage.text("#motor")
        stage.feed.happens(records.SLOUCH_ENDED)
        await stage.frame()
        assert "ALERT" not in stage.text("#motor")
        stage.feed.happens(records.ALERT)
        stage.clock.now_s += 61
        stage.feed.live(20.0, state=states.SLOUCHING, above_threshold_s=104)
        await stage.frame()
        assert "ALERT" not in stage.text("#motor")


async def test_a_demo_that_calibrates_itself_asks_for_no_key(dashboard: Open) -> None:
    async with dashboard(feed=FakeFeed(is_simulated=True)) as stage:
        stage.feed.live(None, None, states.UNCALIBRATED)
        await stage.frame()
        assert "calibrates itself" in stage.text("#detail")


async def test_a_delay_that_fading_has_changed_is_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        assert "fading" not in stage.text("#motor")
        stage.feed.status(delay_s=45)
        await stage.frame()
        assert "delay now 45 s (fading)" in stage.text("#motor")


async def test_alerts_by_holding_time_are_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.values["alert-mode"] = 1
        stage.feed.status(settings_revision=2)
        await stage.settle()
        assert "alerts by holding time" in stage.text("#motor")


@pytest.mark.parametrize(
    ("changes", "settings", "words"),
    [
        ({}, {}, "12 s of 30  ████░░░░░░"),
        ({"delay_s": 45}, {}, "12 s of 45  ██░░░░░░░░"),
        ({}, {"alert-mode": 1}, "above threshold 12 s"),
    ],
    ids=["as set", "faded", "by holding time"],
)
async def test_leaning_is_shown_against_the_present_delay_if_alerts_go_by_it(
    dashboard: Open, changes: dict[str, int], settings: dict[str, int], words: str
) -> None:
    async with dashboard() as stage:
        stage.feed.values.update(settings)
        stage.feed.status(settings_revision=2, **changes)
        stage.feed.live(16.0, state=states.LEANING, above_threshold_s=12)
        await stage.settle()
        assert words in stage.text("#detail")


@pytest.mark.parametrize("seconds", [7, 132, 255])
async def test_the_time_above_the_threshold_is_whole_at_forty_cells(dashboard: Open, seconds: int) -> None:
    async with dashboard(size=(40, 12)) as stage:
        stage.feed.live(23.4, state=states.SLOUCHING, above_threshold_s=seconds)
        await stage.frame()
        await stage.frame()
        assert f"{seconds} s" in stage.screen_text()


async def test_live_fits_twelve_rows_also_where_the_motors_line_takes_two(dashboard: Open) -> None:
    async with dashboard(size=(40, 12)) as stage:
        stage.feed.happens(records.ALERT, peak_cdeg=2300, number=1, mode=DELAY_MODE)
        stage.feed.live(23.0, state=states.SLOUCHING, above_threshold_s=31)
        await stage.settle()
        assert "just after an alert" in " ".join(stage.text("#silence").split())
        assert stage.app.screen.query_one("#silence").size.height == 2
        assert stage.app.screen.max_scroll_y == 0
