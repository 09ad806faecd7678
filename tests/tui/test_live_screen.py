"""The Live mode: figure, motor's line, what is seen and not stored, the past, and what is shown without a sensor."""

import pytest
from textual.events import AppBlur, AppFocus
from textual.geometry import Offset
from textual.selection import Selection
from textual.widgets import Static

from tui.conftest import Open, Stage
from tui.fake_feed import DAY_UNTIL_UTC_MS, FakeFeed, a_day, sit_through_a_slump
from unslouch.config.model import THEMES
from unslouch.link.model import LinkState, LiveSample
from unslouch.sensor.events import LinkChanged, RecordsStored
from unslouch.tui.past import PastState
from unslouch.tui.sensor_state import SensorState
from unslouch_device.contract import states


def figure(stage: Stage) -> str:
    return stage.text("#side-view") + stage.text("#back-view")


async def lean(stage: Stage, forward_deg: float | None, lateral_deg: float | None, state: int = states.UPRIGHT) -> str:
    stage.feed.live(forward_deg, lateral_deg, state)
    stage.clock.now_s += 0.3
    await stage.frame()
    return figure(stage)


async def test_the_figure_leans_as_the_wearer_does_forward_and_sideways(dashboard: Open) -> None:
    async with dashboard(size=(120, 40)) as stage:
        upright = await lean(stage, 0.0, 0.0)
        forward = await lean(stage, 40.0, 0.0)
        right = await lean(stage, 0.0, 20.0)
        left = await lean(stage, 0.0, -20.0)
        assert len({upright, forward, right, left}) == 4
        assert await lean(stage, 0.0, 0.0) == upright


async def test_the_figure_is_drawn_at_most_four_times_a_second(dashboard: Open) -> None:
    async with dashboard(size=(120, 40)) as stage:
        drawn = await lean(stage, 0.0, 0.0)
        for forward_deg in (10.0, 20.0, 30.0):
            stage.feed.live(forward_deg, 0.0)
            await stage.frame()
            assert figure(stage) == drawn
        stage.clock.now_s += 0.25
        await stage.frame()
        assert figure(stage) != drawn


async def test_a_figure_without_a_tilt_is_grey(dashboard: Open) -> None:
    async with dashboard(size=(120, 40)) as stage:
        await lean(stage, 20.0, 0.0, states.SLOUCHING)
        assert stage.app.screen.query_one("#figure").has_class("-slouching")
        await lean(stage, None, None, states.UNCALIBRATED)
        assert stage.app.screen.query_one("#figure").has_class("-unknown")
        assert not stage.app.screen.query_one("#figure").has_class("-slouching")


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, {}, "Motor ready."),
        ({"snoozed": True}, {"snooze_left_s": 847}, "Motor silent: snoozed, for 14 min."),
        ({"tracking_only": True}, {}, "Motor silent: tracking only, as the setting says."),
        ({"state": states.MOVING}, {}, "Motor silent: moving."),
        ({"state": states.OFF_BODY}, {}, "Motor silent: off the body."),
        ({"state": states.UNCALIBRATED}, {}, "Motor silent: not calibrated yet."),
    ],
)
async def test_the_motors_line_says_whether_it_would_run_and_why_not(
    dashboard: Open, changes: dict[str, int], status: dict[str, int], words: str
) -> None:
    async with dashboard() as stage:
        stage.feed.live(3.0, **changes)
        stage.feed.status(**status)
        await stage.frame()
        assert words in stage.text("#silence")


async def test_the_motors_line_is_empty_while_nothing_is_known(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.clock.now_s += 10
        await stage.frame()
        assert not stage.text("#silence").strip()


async def test_the_last_tilt_of_a_sensor_that_is_gone_is_grey_and_has_its_age(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(20.0, 3.0, states.SLOUCHING)
        stage.feed.publish(LinkChanged(LinkState.WAITING, "It is gone."))
        for seconds, age in ((41, "41 s ago"), (300, "6 min ago"), (4 * 3600, "4 h ago")):
            stage.clock.now_s += seconds
            await stage.frame()
            assert stage.text("#forward-box").endswith(age)
        assert stage.app.screen.query_one("#forward").has_class("-unknown")
        assert "× LOST" in stage.text("#state")
        assert "was slouching" in stage.text("#detail")


async def test_plus_and_minus_zoom_the_plot_between_5_s_and_10_min(dashboard: Open) -> None:
    async with dashboard() as stage:
        sit_through_a_slump(stage.feed)
        await stage.frame()
        shown = []
        for key in ["minus"] * 5 + ["plus"] * 8:
            await stage.press(key)
            shown.append(stage.text("#plot").split("\n")[0].removeprefix("Forward tilt, last "))
        assert ", ".join(shown) == (
            "3 min, 5 min, 10 min, 10 min, 10 min, 5 min, 3 min, 90 s, 30 s, 10 s, 5 s, 5 s, 5 s"
        )


async def test_a_long_window_shows_what_came_before_it_was_chosen(dashboard: Open) -> None:
    async with dashboard(size=(150, 30)) as stage:
        stage.feed.live(45.0, seconds=100)
        stage.feed.live(0.0, seconds=100)
        await stage.frame()
        assert "50°" not in stage.text("#plot"), "45° is more than 90 s ago"
        await stage.press(*["minus"] * 3)
        assert "50°" in stage.text("#plot")


async def test_a_plot_that_is_held_can_be_zoomed_and_still_ends_where_it_was_held(dashboard: Open) -> None:
    async with dashboard(size=(150, 30)) as stage:
        stage.feed.live(45.0, seconds=20)
        await stage.frame()
        await stage.press("p")
        stage.feed.live(0.0, seconds=100)
        await stage.frame()
        await stage.press("plus")
        zoomed = stage.text("#plot")
        assert "last 30 s · PAUSED" in zoomed
        stage.feed.live(0.0, seconds=100)
        await stage.frame()
        assert stage.text("#plot") == zoomed
        above = [row for row in zoomed.split("\n") if "40°" in row or "45°" in row or "50°" in row]
        assert any("⠁" <= each <= "⣿" for row in above for each in row)


async def test_what_the_link_has_seen_is_in_today_before_it_is_stored_and_marked_so(dashboard: Open) -> None:
    feed = FakeFeed()
    async with dashboard(feed=feed) as stage:
        for _ in range(70):
            stage.clock.now_s += 1
            stage.feed.live(16.0, state=states.LEANING)
        await stage.frame()
        assert "►" in stage.text("#timeline")
        assert "► leaning 1 min" in stage.text("#totals")
        assert "not stored yet" in stage.text("#today")


async def test_what_has_been_stored_is_no_longer_marked(dashboard: Open) -> None:
    async with dashboard() as stage:
        for _ in range(70):
            stage.clock.now_s += 1
            stage.feed.live(16.0, state=states.LEANING)
        await stage.frame()
        assert "not stored yet" in stage.text("#today")
        stage.feed.day = a_day(until_utc_ms=stage.clock.utc_ms())
        stage.clock.now_s += 3
        stage.feed.publish(RecordsStored(200, 0))
        await stage.settle()
        assert "not stored yet" not in stage.text("#today")


async def test_a_backlog_of_the_journal_is_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(RecordsStored(200, 1234))
        await stage.frame()
        assert "1234 records to fetch" in stage.text("#link")
        stage.feed.publish(RecordsStored(1434, 3))
        await stage.frame()
        assert "to fetch" not in stage.text("#link")


def a_moment() -> PastState:
    sensor = SensorState(lambda: 0.0, state=LinkState.LIVE)
    samples = [
        LiveSample(second * 1000, 45.0, 0.0, states.SLOUCHING, 1, False, False, False, 40) for second in range(90)
    ]
    sensor.sample = samples[-1]
    return PastState(DAY_UNTIL_UTC_MS, "Mon 2 March 2026, 10:42:05", sensor, samples, a_day())


async def test_a_moment_of_the_past_is_drawn_as_if_it_were_now_plainly_marked_until_esc(dashboard: Open) -> None:
    async with dashboard(size=(120, 40)) as stage:
        stage.app.shared.moment = a_moment()
        await stage.frame()
        shown = stage.screen_text()
        assert "The past: Mon 2 March 2026, 10:42:05. ← → go by a second, Shift by a minute, Esc shows now." in shown
        assert "▼ SLOUCHING" in shown
        assert "50°" in shown, "the axis of a plot of 45°"
        assert "Motor" not in shown
        stage.feed.live(3.0)
        await stage.frame()
        assert "▼ SLOUCHING" in stage.screen_text()
        await stage.press("escape")
        assert "The past" not in stage.screen_text()
        assert "● UPRIGHT" in stage.screen_text()


@pytest.mark.parametrize("is_suggesting", [False, True])
async def test_state_tilt_and_ribbon_are_all_visible_at_40_by_12_and_nothing_is_cut(
    dashboard: Open, is_suggesting: bool
) -> None:
    async with dashboard(size=(40, 12)) as stage:
        if is_suggesting:
            sit_through_a_slump(stage.feed)
        else:
            stage.feed.live(-20.1, state=states.RECLINED)
        await stage.settle()
        shown = stage.screen_text()
        assert ("▼ SLOUCHING" if is_suggesting else "◄ RECLINED") in shown
        assert "▀▀█ █▀█" in shown, "the digits 2 and 0"
        assert "●●●" in shown
        assert "08:00" in shown
        assert "…" not in shown
        assert stage.app.screen.max_scroll_y == 0


async def test_m_begins_a_meeting_and_ends_it(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("m")
        assert stage.app.shared.quiet.is_in_meeting
        assert "Meeting: no vibration for 60 min" in stage.notified
        stage.feed.live(3.0, snoozed=True)
        await stage.frame()
        assert "Motor silent: meeting until" in stage.text("#silence")
        await stage.press("m")
        assert not stage.app.shared.quiet.is_in_meeting


async def test_jump_mode_takes_the_focus_to_a_part_whose_help_is_then_shown(dashboard: Open) -> None:
    async with dashboard(size=(100, 50)) as stage:
        await stage.press("ctrl+o")
        await stage.press("a")
        assert stage.app.focused is not None
        assert stage.app.focused.id == "plot"
        await stage.press("question_mark")
        assert "Plot of your forward tilt" in stage.screen_text()


async def test_jump_mode_works_with_the_mouse_and_esc_leaves_the_focus_alone(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+o", "escape")
        assert stage.app.focused is None
        await stage.press("ctrl+o")
        await stage.pilot.click("#jump-s")
        await stage.settle()
        assert stage.app.focused is not None
        assert stage.app.focused.id == "today"


async def test_a_change_of_size_ends_jump_mode(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+o")
        await stage.pilot.resize_terminal(100, 30)
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)


async def test_selected_text_is_copied_with_ctrl_c_which_quits_where_nothing_is_selected(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.pilot.mouse_down("#state", offset=(0, 0))
        await stage.pilot.hover("#state", offset=(8, 0))
        await stage.pilot.mouse_up("#state", offset=(8, 0))
        await stage.press("ctrl+c")
        assert "UPRIGHT" in stage.app.clipboard
        assert stage.app.is_running
        await stage.pilot.press("ctrl+c")
    assert stage.feed.stopped


async def test_ctrl_c_does_not_quit_where_the_selected_text_has_become_shorter(dashboard: Open) -> None:
    async with dashboard(notifications=True) as stage:
        text = Static("one\ntwo\nthree")
        screen = stage.app.screen
        await screen.mount(text)
        screen.selections = {text: Selection(Offset(0, 1), Offset(2, 1))}
        await stage.frame()
        text.update("one")
        await stage.press("ctrl+c")
        assert stage.app.is_running
        assert "has changed" in stage.notified
        assert not screen.selections


async def test_a_terminal_without_focus_gets_a_frame_a_second(dashboard: Open) -> None:
    async with dashboard(frames_per_s=20.0) as stage:
        assert stage.app._frame_timer is not None
        assert stage.app._frame_timer._interval == 1 / 20
        stage.app.post_message(AppBlur())
        await stage.until(lambda: stage.app._frame_timer._interval == 1)
        unwatched = stage.app._unwatched_timer
        stage.app.on_app_blur()
        assert stage.app._unwatched_timer is unwatched  # else nothing would stop the first one
        stage.app.post_message(AppFocus())
        await stage.until(lambda: stage.app._frame_timer._interval == 1 / 20)


@pytest.mark.parametrize("theme", sorted(THEMES))
async def test_no_line_of_live_has_the_colour_of_its_background(dashboard: Open, theme: str) -> None:
    """In the terminal's own palette there are no half tones, so that a text may be as its muted background."""
    async with dashboard() as stage:
        stage.app.theme = theme
        stage.app.screen.add_class("-past", "-moved")
        await stage.settle()
        for id in ("#past", "#moved", "#silence", "#link", "#battery"):
            style = stage.app.screen.query_one(id).visual_style
            is_default = style.foreground.ansi == -1  # that of the terminal, on that of the terminal
            assert is_default or style.foreground != style.background or style.reverse, id
