"""What the dashboard shows of a sensor, and what its keys do."""

import asyncio
from dataclasses import replace

import pytest
from textual.events import AppBlur, AppFocus
from textual.widgets import Input

from tui.conftest import Open
from tui.fake_feed import INFO, FakeFeed, a_day, an_event, sit_through_a_slump
from unslouch.analysis.metrics.slouches import SLOUCHES
from unslouch.errors import NoSensor, Refused, StoreError
from unslouch.link.model import LinkState, Profile
from unslouch.sensor.events import LinkChanged, RecordsStored, StoreFailed, WindowExpected
from unslouch.tui import app as app_module
from unslouch.tui.palette import GLYPHS
from unslouch.tui.screens.calibrate import CalibrateScreen
from unslouch.tui.screens.help import HelpScreen
from unslouch.tui.screens.no_sensor import NoSensorScreen
from unslouch.tui.screens.profiles import ProfilesScreen
from unslouch_device.contract import messages, records, states


async def test_a_connected_sensor_shows_link_name_battery_and_tilt(dashboard: Open) -> None:
    async with dashboard() as stage:
        shown = stage.screen_text()
        assert "● live" in shown
        assert "xiao-esp32s3" in shown
        assert "battery 83 % · 3974 mV" in shown
        assert "● UPRIGHT" in shown
        assert "SIMULATED" not in shown
        assert stage.text("#forward-box").endswith("forward")
        assert stage.text("#lateral-box").endswith("right")


async def test_negative_tilts_are_backward_and_left(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(-4.0, -2.0)
        await stage.frame()
        assert stage.text("#forward-box").endswith("backward")
        assert stage.text("#lateral-box").endswith("left")


async def test_a_simulated_sensor_has_a_badge(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.connect(replace(INFO, simulated=True))
        await stage.frame()
        assert "SIMULATED" in stage.screen_text()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"battery_percent": None}, "battery unknown · 3974 mV"),
        ({"battery_percent": None, "battery_mV": 0}, "battery unknown"),
        ({"external_power": True}, "battery 83 % · 3974 mV · charging"),
    ],
)
async def test_the_battery_says_what_is_known(
    dashboard: Open, changes: dict[str, int | bool | None], words: str
) -> None:
    async with dashboard() as stage:
        stage.feed.status(**changes)
        await stage.frame()
        assert stage.text("#battery").strip() == words


@pytest.mark.parametrize("state", range(1, len(states.STATE_NAMES)), ids=lambda state: states.STATE_NAMES[state])
async def test_every_state_has_a_shape_and_a_word(dashboard: Open, state: int) -> None:
    async with dashboard() as stage:
        stage.feed.live(3.0, state=state)
        await stage.frame()
        assert f"{GLYPHS[state]} {states.STATE_NAMES[state].upper()}" in stage.text("#state")


def test_no_two_states_share_a_shape() -> None:
    assert len(set(GLYPHS.values())) == len(states.STATE_NAMES)


async def test_without_a_calibration_no_angle_is_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(None, None, states.UNCALIBRATED)
        await stage.frame()
        assert "press c to calibrate" in stage.text("#detail")
        assert stage.text("#forward-box").endswith("unknown")
        assert "no tilt without a calibration" in stage.text("#plot")


async def test_off_body_is_said(dashboard: Open) -> None:
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
        assert stage.text("#forward-box").endswith("unknown")


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


async def test_a_lost_link_says_why_and_r_tries_again(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "The link to /dev/ttyACM0 broke."))
        await stage.frame()
        shown = stage.screen_text()
        assert "× waiting" in shown
        assert "The link to /dev/ttyACM0 broke. Press r to try now." in shown
        assert "battery unknown" in shown
        assert "× LOST" in shown
        await stage.press("r")
        assert stage.feed.commands[-1] == "retry"


async def test_a_database_that_cannot_be_written_is_told_although_the_sensor_is_live(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(StoreFailed(StoreError("posture.db: the disk is full; make room.")))
        await stage.frame()
        assert "the disk is full" in stage.text("#reason")


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


async def test_today_counts_what_happens_now_once_and_before_the_store_has_it(dashboard: Open) -> None:
    async with dashboard() as stage:
        started_ms = stage.feed.happens(records.SLOUCH_STARTED)
        stage.feed.happens(records.ALERT)
        await stage.frame()
        assert "5 slouches · 4 alerts · coverage 87 %" in stage.text("#today")
        assert stage.feed.day is not None
        stored = an_event(records.SLOUCH_STARTED, started_ms)
        summary = stage.feed.day.summary.replaced(SLOUCHES, 5)
        stage.feed.day = replace(stage.feed.day, events=[stored], summary=summary)
        stage.clock.now_s += 5
        stage.feed.publish(RecordsStored(200, 0))
        await stage.settle()
        await stage.frame()
        assert "5 slouches · 4 alerts · coverage 87 %" in stage.text("#today")


async def test_a_first_slouch_is_counted_although_nothing_is_stored_yet(dashboard: Open) -> None:
    async with dashboard(feed=FakeFeed()) as stage:
        stage.feed.happens(records.SLOUCH_STARTED)
        await stage.frame()
        assert "1 slouch · 0 alerts · coverage unknown" in stage.text("#today")


async def test_a_demo_that_calibrates_itself_asks_for_no_key(dashboard: Open) -> None:
    async with dashboard(feed=FakeFeed(simulated=True)) as stage:
        stage.feed.live(None, None, states.UNCALIBRATED)
        await stage.frame()
        assert "calibrates itself" in stage.text("#detail")


@pytest.mark.parametrize("size", [(80, 24), (50, 14), (40, 12)])
async def test_the_badge_of_a_simulated_sensor_is_never_cut_off(dashboard: Open, size: tuple[int, int]) -> None:
    async with dashboard(size=size, connected=False) as stage:
        stage.feed.connect(replace(INFO, simulated=True))
        await stage.frame()
        assert "SIMULATED" in stage.screen_text()
        assert "battery 83 %" in stage.screen_text()


async def test_the_minutes_of_the_first_states_stay_beside_a_suggestion(dashboard: Open) -> None:
    async with dashboard(size=(80, 24)) as stage:
        sit_through_a_slump(stage.feed)
        await stage.frame()
        await stage.pilot.pause()
        assert "▼ slouching 25 min" in stage.screen_text()


async def test_keys_are_offered_only_where_no_dialog_has_them(dashboard: Open) -> None:
    async with dashboard(size=(100, 40)) as stage:
        assert "Re-zero" in stage.screen_text()
        await stage.press("c")
        assert "Re-zero" not in stage.screen_text()
        await stage.press("escape")
        assert "Re-zero" in stage.screen_text()


async def test_help_is_there_where_no_sensor_is(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, NoSensorScreen)


async def test_a_snooze_counts_down(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(20.0, snoozed=True)
        stage.feed.status(snooze_left_s=14 * 60 + 7)
        await stage.frame()
        assert "snoozed, 14:07 left" in stage.text("#motor")


async def test_tracking_only_is_said(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(3.0, tracking_only=True)
        await stage.frame()
        assert "tracking only" in stage.text("#motor")


async def test_a_slouch_brings_an_exercise_and_d_dismisses_it(dashboard: Open) -> None:
    async with dashboard() as stage:
        assert not stage.app.screen.query_one("#suggestion").display
        sit_through_a_slump(stage.feed)
        await stage.frame()
        assert stage.app.screen.query_one("#suggestion").display
        assert "Chin tuck" in stage.text("#suggestion")
        assert "hold 5 s, 10 times" in stage.text("#suggestion")
        assert "d Clear" in stage.screen_text()
        await stage.press("d")
        assert not stage.app.screen.query_one("#suggestion").display
        assert "d Clear" not in stage.screen_text()


@pytest.mark.parametrize(
    ("key", "command", "told"),
    [
        ("z", "rezero", "Calibrated: re-zeroed to where you sit now."),
        ("b", "buzz", "vibrates"),
        ("s", "snooze None", "No vibration for 15 min."),
        ("e", "export", "Wrote unslouch-2026-03-02.csv."),
    ],
)
async def test_a_key_asks_the_sensor_and_tells_what_came_of_it(
    dashboard: Open, key: str, command: str, told: str
) -> None:
    async with dashboard() as stage:
        await stage.press(key)
        assert stage.feed.commands[-1] == command
        assert told in notified(stage.app)


@pytest.mark.parametrize("key", ["z", "b", "s", "e"])
async def test_what_the_sensor_refuses_is_told_in_its_sentence(dashboard: Open, key: str) -> None:
    async with dashboard() as stage:
        stage.feed.error = Refused("The sensor isn't worn [sic].", messages.NOT_WORN)
        await stage.press(key)
        assert "The sensor isn't worn [sic]." in notified(stage.app)


async def test_s_ends_a_snooze(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(3.0, snoozed=True)
        await stage.press("s")
        assert stage.feed.commands[-1] == "snooze 0"
        assert "The snooze has ended." in notified(stage.app)


async def test_c_guides_through_a_calibration(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c")
        assert isinstance(stage.app.screen, CalibrateScreen)
        assert "Sit upright and still" in stage.screen_text()
        assert "calibrate" not in stage.feed.commands
        await stage.press("enter")
        assert stage.feed.commands[-1] == "calibrate"
        assert "counts as upright now" in stage.screen_text()
        assert "bow forwards from the hips" in stage.screen_text()
        await stage.press("enter")
        assert stage.feed.commands[-1] == "bow"
        assert "which way is forward" in stage.screen_text()
        await stage.press("enter")
        assert not isinstance(stage.app.screen, CalibrateScreen)


async def test_far_from_upright_a_calibration_is_confirmed_first(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(34.0)
        await stage.press("c", "enter", "enter")  # as when a shell was meant
        assert "You are 34° from your present upright." in stage.screen_text()
        assert "y takes this posture, Esc cancels." in stage.text("#keys")
        assert "calibrate" not in stage.feed.commands
        await stage.press("y")
        assert stage.feed.commands[-1] == "calibrate"


async def test_the_bow_can_be_skipped_and_standing_can_follow(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "s")
        assert "counts as upright now" not in stage.screen_text(), "upright can't be skipped"
        await stage.press("enter")
        await stage.press("s")
        assert "bow" not in stage.feed.commands
        assert "Upright counts all the same" in stage.screen_text()
        await stage.press("t")
        assert "Stand upright and still" in stage.screen_text()
        await stage.press("enter")
        assert stage.feed.commands[-1] == "stand"
        assert "your standing zero now" in stage.screen_text()
        await stage.press("enter")
        assert not isinstance(stage.app.screen, CalibrateScreen)


async def test_a_bow_that_was_refused_can_be_repeated_or_left(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "enter")
        stage.feed.error = Refused("The bow went sideways; bow straight ahead.", messages.BOW_NOT_STRAIGHT)
        await stage.press("enter")
        said = " ".join(stage.text("#result").split())
        assert "bow straight ahead" in said
        assert "Upright counts all the same" in said
        stage.feed.error = None
        await stage.press("enter")
        assert "which way is forward" in stage.screen_text()


async def test_the_deepest_of_a_bow_is_kept_while_it_lasts(dashboard: Open) -> None:
    async with dashboard() as stage:
        going = asyncio.Event()

        async def bow() -> int:
            await going.wait()
            return 3

        stage.feed.bow = bow  # type: ignore[method-assign]
        await stage.press("c", "enter")
        screen = stage.app.screen
        assert isinstance(screen, CalibrateScreen)
        stage.feed.live(28.0, 0.0)
        screen._show_live()
        assert "You are 28° off upright" in stage.text("#live"), "it hasn't begun"
        stage.feed.live(3.0, 0.0)
        await stage.pilot.press("enter")
        for forward_deg in (3.0, 14.0, 23.0, 6.0):
            stage.feed.live(forward_deg, 0.0)
            screen._show_live()
        await stage.pilot.pause()
        assert "Bow 6°, deepest so far 23° (deep enough, come up" in stage.text("#live")
        going.set()
        await stage.settle()
        assert "which way is forward" in stage.screen_text()


async def test_standing_can_be_taken_without_calibrating_anew(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "t")
        assert "Stand upright and still" in stage.screen_text()
        await stage.press("enter")
        assert stage.feed.commands[-1] == "stand"
        assert "calibrate" not in stage.feed.commands


async def test_f_puts_another_profile_in_force(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.settle()
        assert stage.text("#posture").endswith("office chair")
        await stage.press("f")
        assert "● office chair   calibrated, bow" in stage.screen_text()
        assert "standing desk  not calibrated" in stage.screen_text()
        await stage.press("down", "enter")
        assert "select 1" in stage.feed.commands
        assert not isinstance(stage.app.screen, ProfilesScreen)
        assert "standing desk has no calibration yet: press c." in notified(stage.app)
        stage.feed.status()
        await stage.settle()
        assert stage.text("#posture").endswith("standing desk")


async def test_n_renames_a_profile_and_says_what_is_no_name(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("f", "n")
        stage.app.screen.query_one(Input).value = "far too long for a profile"
        await stage.press("enter")
        assert "choose a shorter one" in stage.screen_text()
        stage.app.screen.query_one(Input).value = "kitchen"
        await stage.press("enter")
        assert "name 0 kitchen" in stage.feed.commands
        assert "● kitchen" in stage.screen_text()
        await stage.press("n", "escape")
        assert isinstance(stage.app.screen, ProfilesScreen), "the first Esc leaves the name alone"
        await stage.press("escape")
        assert not isinstance(stage.app.screen, ProfilesScreen)


@pytest.mark.parametrize("name", ["[red]desk", "a [/] b", "[/x]", "\\[b", "back\\"])
async def test_a_profile_is_called_as_it_was_named_whatever_the_name(dashboard: Open, name: str) -> None:
    async with dashboard() as stage:
        stage.feed.names[0] = name
        stage.feed.status(calibration_id=2)
        await stage.frame()
        await stage.settle()
        assert f" {name} " in stage.screen_text()
        await stage.press("f")
        assert f"● {name} " in stage.screen_text()


async def test_profiles_none_of_which_is_in_force_can_be_chosen_from(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.profile = 9
        await stage.press("f", "down", "enter")
        assert "select 1" in stage.feed.commands


async def test_profiles_that_cannot_be_had_are_told(dashboard: Open) -> None:
    async with dashboard() as stage:

        async def profiles() -> list[Profile]:
            raise NoSensor("No sensor is linked at the moment; wait until it is.")

        stage.feed.profiles = profiles  # type: ignore[method-assign]
        await stage.press("f")
        assert "No sensor is linked" in stage.screen_text()
        await stage.press("enter", "n", "escape")
        assert not isinstance(stage.app.screen, ProfilesScreen)


async def test_a_sensor_that_may_have_moved_is_said_for_as_long_as_it_may(dashboard: Open) -> None:
    async with dashboard() as stage:
        assert "may have moved" not in stage.screen_text()
        stage.feed.status(sensor_moved=True)
        await stage.frame()
        assert "The sensor may have moved" in stage.screen_text()
        assert "press z to re-zero" in " ".join(stage.screen_text().split())
        stage.feed.status()
        await stage.frame()
        assert "may have moved" not in stage.screen_text()


async def test_a_delay_that_fading_has_changed_is_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        assert "fading" not in stage.text("#motor")
        stage.feed.status(delay_s=45)
        await stage.frame()
        assert "delay now 45 s (fading)" in stage.text("#motor")


async def test_alerts_by_holding_time_are_named(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.values["alert-mode"] = 1
        stage.feed.status(settings_revision=2)
        await stage.settle()
        assert "alerts by holding time" in stage.text("#motor")


async def test_what_the_sensor_does_by_itself_is_told(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.happens(records.DELAY_ADAPTED, delay_s=45, why=records.ADAPTED_LONGER)
        await stage.frame()
        assert "Delay adapted to 45 s: you corrected yourself unaided." in notified(stage.app)


@pytest.mark.parametrize(
    ("code", "fields", "words"),
    [
        (records.PROFILE_SELECTED, {"profile": 1, "calibration_id": 0}, "Profile selected: number 2."),
        (records.CALIBRATED, {"calibration_id": 2, "how": records.CALIBRATED_REZERO, "profile": 0}, "re-zeroed"),
        (records.STANDING_ZERO, {"calibration_id": 2, "forward_cdeg": -410, "lateral_cdeg": 0}, "standing is -4 deg"),
    ],
)
async def test_what_happens_on_the_sensor_is_told_in_words(
    dashboard: Open, code: int, fields: dict[str, int], words: str
) -> None:
    async with dashboard() as stage:
        stage.feed.happens(code, **fields)
        await stage.frame()
        assert words in notified(stage.app)


async def test_an_alert_that_was_not_corrected_is_not_rubbed_in(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.happens(records.ALERT_MISSED, number=1, why=records.MISSED_LATE)
        await stage.frame()
        assert notified(stage.app) == ""


async def test_what_the_calibration_has_told_itself_is_not_told_twice(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "enter")
        assert "counts as upright now" in stage.screen_text()
        await stage.press("escape")
        assert not notified(stage.app)


async def test_a_sensor_that_may_have_moved_brings_no_pop_up(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.status(sensor_moved=True)
        stage.feed.happens(records.SENSOR_MOVED, walking_cdeg=1400, usual_cdeg=200, profile=0)
        await stage.frame()
        assert not notified(stage.app)


@pytest.mark.parametrize(
    ("changes", "settings", "words"),
    [
        ({}, {}, "above threshold 12/30 s"),
        ({"delay_s": 45}, {}, "above threshold 12/45 s"),
        ({}, {"alert-mode": 1}, "above threshold 12 s"),
    ],
    ids=["as set", "faded", "by holding time"],
)
async def test_leaning_is_shown_against_the_delay_in_force_where_that_is_the_rule(
    dashboard: Open, changes: dict[str, int], settings: dict[str, int], words: str
) -> None:
    async with dashboard() as stage:
        stage.feed.values.update(settings)
        stage.feed.status(settings_revision=2, **changes)
        stage.feed.live(16.0, state=states.LEANING, above_threshold_s=12)
        await stage.settle()
        assert words in stage.text("#detail")


async def test_a_calibration_that_failed_can_be_tried_again(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.error = Refused("You moved; keep still and repeat.", messages.MOVED)
        await stage.press("c", "enter")
        assert "You moved; keep still and repeat." in stage.screen_text()
        stage.feed.error = None
        await stage.press("enter")
        assert "counts as upright now" in stage.screen_text()
        await stage.press("escape")
        assert not isinstance(stage.app.screen, CalibrateScreen)


async def test_p_holds_the_plot_and_what_came_meanwhile_is_there_afterwards(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("p")
        held = stage.text("#plot")
        assert "PAUSED" in held
        stage.feed.live(25.0, seconds=20)
        await stage.frame()
        assert stage.text("#plot") == held
        await stage.press("p")
        assert braille_cells(stage.text("#plot")) > braille_cells(held)
        assert "PAUSED" not in stage.text("#plot")


async def test_help_explains_every_key_and_every_shape(dashboard: Open) -> None:
    async with dashboard(size=(100, 50)) as stage:
        bindings = stage.app._dashboard.BINDINGS
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        shown = stage.screen_text()
        assert all(binding.tooltip in shown for binding in bindings)  # type: ignore[union-attr]
        assert all(f"{GLYPHS[state]} {name}" in shown for state, name in enumerate(states.STATE_NAMES))
        await stage.press("escape")
        assert not isinstance(stage.app.screen, HelpScreen)


async def test_every_key_has_an_id_a_description_and_a_tooltip(dashboard: Open) -> None:
    async with dashboard() as stage:
        for binding in stage.app._dashboard.BINDINGS:
            assert binding.id and binding.description and binding.tooltip  # type: ignore[union-attr]  # noqa: PT018


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quitting_lets_go_of_the_sensor(dashboard: Open, key: str) -> None:
    async with dashboard() as stage:
        await stage.pilot.press(key)
        await stage.pilot.pause()
    assert stage.feed.stopped
    assert stage.app.return_value is None


async def test_a_resting_sensor_is_counted_down_to_until_it_is_linked_again(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(LinkChanged(LinkState.RESTING, "The sensor rests."))
        stage.feed.publish(WindowExpected(125.0))
        await stage.frame()
        assert "resting  next window in 2:05" in stage.text("#link")
        assert "The sensor rests. To look now, press its button, then r." in stage.text("#reason")
        assert "LOST" not in stage.text("#state")
        stage.clock.now_s += 60
        await stage.frame()
        assert "next window in 1:05" in stage.text("#link")
        stage.feed.publish(LinkChanged(LinkState.CONNECTING, "Opening it."))
        await stage.frame()
        assert "next window in 1:05" in stage.text("#link")
        stage.feed.connect()
        await stage.frame()
        assert "next window" not in stage.text("#link")


async def test_keys_that_need_the_sensor_are_offered_only_while_it_is_linked(dashboard: Open) -> None:
    async with dashboard() as stage:
        for linked in (True, False):
            if not linked:
                stage.feed.publish(LinkChanged(LinkState.WAITING, "It is gone."))
                await stage.frame()
            offered = {binding.binding.key for binding in stage.app.screen.active_bindings.values()}
            assert ({"c", "z", "s", "f"} <= offered) is linked
            assert {"e", "q"} <= offered


async def test_r_wakes_a_resting_sensor(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(LinkChanged(LinkState.RESTING, "The sensor rests."))
        await stage.frame()
        await stage.press("r")
        assert stage.feed.commands[-1] == "retry"


async def test_a_terminal_without_focus_for_long_lets_the_sensor_rest_until_somebody_looks(
    dashboard: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "UNWATCHED_AFTER_S", 0.01)
    async with dashboard() as stage:
        async with asyncio.timeout(10):
            stage.app.post_message(AppBlur())
            while stage.feed.commands[-1] != "look away":
                await stage.pilot.pause(0.01)
            stage.app.post_message(AppFocus())
            while stage.feed.commands[-1] != "watch":
                await stage.pilot.pause(0.01)


async def test_no_sensor_offers_retry_demo_and_quit(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found; plug it in."))
        await stage.frame()
        assert isinstance(stage.app.screen, NoSensorScreen)
        shown = stage.screen_text()
        assert "No sensor was found; plug it in." in shown
        assert all(word in shown for word in ("Retry", "Demo", "Quit"))


async def test_retry_looks_again_and_asks_again_when_nothing_is_found(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("r")
        assert stage.feed.commands == ["retry"]
        assert not isinstance(stage.app.screen, NoSensorScreen)
        stage.feed.publish(LinkChanged(LinkState.WAITING, "Still no sensor."))
        await stage.frame()
        assert isinstance(stage.app.screen, NoSensorScreen)


async def test_demo_follows_the_simulated_sensor_and_lets_go_of_the_search(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("d")
        assert stage.feed.stopped
        stage.demo.connect(replace(INFO, simulated=True))
        stage.demo.live(5.0)
        await stage.settle()
        assert "SIMULATED" in stage.screen_text()
        assert "● UPRIGHT" in stage.screen_text()
        assert "nothing recorded today yet" in stage.text("#timeline")


async def test_where_there_is_no_demo_none_is_offered(dashboard: Open) -> None:
    async with dashboard(connected=False, with_demo=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.REFUSED, "The device on COM3 is no unslouch sensor."))
        await stage.frame()
        assert not stage.app.screen.query("#demo")
        await stage.press("d")
        assert isinstance(stage.app.screen, NoSensorScreen)


async def test_quit_from_the_question_ends_the_dashboard(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.pilot.press("q")
        await stage.pilot.pause()
    assert stage.feed.stopped


async def test_escape_shows_today_and_does_not_ask_again(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("escape")
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        assert not isinstance(stage.app.screen, NoSensorScreen)
        assert "coverage 87 %" in stage.screen_text()


async def test_the_question_goes_when_a_sensor_comes(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        stage.feed.connect()
        stage.feed.live(3.0)
        await stage.settle()
        assert not isinstance(stage.app.screen, NoSensorScreen)
        assert "● UPRIGHT" in stage.screen_text()


async def test_a_database_that_cannot_be_used_ends_the_dashboard_with_its_error(dashboard: Open) -> None:
    feed = FakeFeed()
    feed.start_error = StoreError("posture.db is from a newer unslouch.")
    async with dashboard(connected=False, feed=feed) as stage:
        await stage.pilot.pause()
    assert stage.app.return_value is feed.start_error


async def test_today_shows_totals_and_is_read_again_when_records_came(dashboard: Open) -> None:
    async with dashboard(feed=FakeFeed()) as stage:
        assert "nothing recorded today yet" in stage.text("#timeline")
        stage.feed.day = a_day()
        stage.feed.publish(RecordsStored(200, 0))
        await stage.settle()
        assert "nothing recorded" in stage.text("#timeline")
        stage.clock.now_s += 5
        await stage.frame()
        await stage.settle()
        assert "▼ slouching 25 min" in stage.text("#totals")
        assert "4 slouches · 3 alerts · coverage 87 %" in stage.text("#today")


async def test_the_thresholds_are_the_sensors(dashboard: Open) -> None:
    feed = FakeFeed()
    feed.values |= {"threshold": 20, "hysteresis": 5}
    async with dashboard(feed=feed) as stage:
        assert "slouch above 20° · ⠂⠂ ends below 15°" in stage.text("#plot")
        feed.values["threshold"] = 25
        stage.feed.status(settings_revision=2)
        await stage.frame()
        await stage.settle()
        assert "slouch above 25° · ⠂⠂ ends below 20°" in stage.text("#plot")


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (60, 20), (80, 24), (250, 80)])
async def test_any_size_of_terminal_will_do(dashboard: Open, size: tuple[int, int]) -> None:
    async with dashboard(size=size) as stage:
        sit_through_a_slump(stage.feed)
        await stage.frame()
        assert "●" in stage.screen_text()
        await stage.pilot.resize_terminal(80, 24)
        await stage.frame()
        assert "SLOUCHING" in stage.screen_text()


async def test_a_change_of_theme_recolours_the_plot(dashboard: Open) -> None:
    async with dashboard() as stage:
        sit_through_a_slump(stage.feed)
        await stage.frame()
        before = stage.app.export_screenshot()
        stage.app.theme = "textual-light"
        await stage.pilot.pause()
        assert "#00694d" in stage.app.export_screenshot()
        assert "#00694d" not in before


def notified(app: object) -> str:
    return "\n".join(notification.message for notification in app._notifications)  # type: ignore[attr-defined]


def braille_cells(text: str) -> int:
    return sum("\u2801" <= character <= "\u28ff" for character in text)
