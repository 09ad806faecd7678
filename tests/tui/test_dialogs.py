"""Keys that come together: what a dialog asks for below another one, or when it is closed already."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from rich.style import Style
from textual.command import CommandList
from textual.containers import VerticalScroll
from textual.css.query import NoMatches
from textual.events import Click
from textual.widgets import Input

from tui.conftest import Stage
from tui.fake_feed import FakeFeed
from unslouch.tui.screens.commands import CommandScreen
from unslouch.tui.screens.exercise_filter import FilterScreen
from unslouch.tui.screens.jump import JumpScreen
from unslouch.tui.widgets.tilt_plot import TiltPlot

Open = Callable[..., AbstractAsyncContextManager[Stage]]


async def test_a_dialog_that_closes_below_another_closes_once_it_is_on_top(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+o")
        jump = stage.app.screen
        assert isinstance(jump, JumpScreen)
        await stage.press("ctrl+p")
        jump.call_later(lambda: bool(jump.dismiss(None)))
        await stage.settle()
        assert isinstance(stage.app.screen, CommandScreen)
        await stage.pilot.press("escape")
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)


async def test_jump_mode_ends_when_the_size_changes_below_another_dialog(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+o", "ctrl+p")
        await stage.pilot.resize_terminal(60, 20)
        await stage.settle()
        await stage.pilot.press("escape")
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)


async def test_a_mode_that_was_asked_for_before_a_dialog_opened_is_not_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        screen = stage.app.mode_screen
        assert screen is not None
        await stage.press("ctrl+p")
        screen.call_later(lambda: stage.app.action_mode("day"))
        await stage.settle()
        assert isinstance(stage.app.screen, CommandScreen)
        assert stage.app.mode_screen is screen


async def test_a_timer_of_a_closed_dialog_that_misses_its_parts_does_no_harm(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("question_mark")
        closed = stage.app.screen
        stage.app._screen_stack.remove(closed)
        closed.call_later(lambda: bool(closed.query_one("#missing")))
        await stage.frame()
        stage.app._screen_stack.append(closed)
        assert stage.app.is_running


async def test_a_shown_screen_that_misses_its_parts_ends_the_dashboard_with_a_sentence(dashboard: Open) -> None:
    async with dashboard() as stage:
        screen = stage.app.mode_screen
        assert screen is not None
        screen.call_later(lambda: bool(screen.query_one("#missing")))
        await stage.until(lambda: not stage.app.is_running)
        assert isinstance(stage.app._exception, NoMatches)
        stage.app._exception = None


async def test_a_click_outside_of_a_terminal_that_became_smaller_closes_the_palette(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+p")
        assert stage.app.screen.get_widget_at(500, 500)[0] is stage.app.screen
        click = Click(stage.app.screen, 500, 500, 0, 0, 1, False, False, False, 500, 500)
        stage.app.screen.post_message(click)
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)


async def test_a_click_on_a_command_that_a_new_search_has_left_out_does_nothing(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+p")
        palette = stage.app.screen
        commands = palette.query_one(CommandList)
        await stage.until(lambda: commands.option_count > 5)
        for option, is_left_out in ((commands.option_count, True), (3, False)):
            style = Style(meta={"option": option})
            click = Click(commands, 1, 1, 0, 0, 1, False, False, False, commands.region.x, commands.region.y, style)
            commands.post_message(click)
            await stage.settle()
            assert stage.app.is_running
            assert (stage.app.screen is palette) is is_left_out


@pytest.mark.parametrize("twice", ["click", "enter"])
async def test_a_command_that_is_chosen_twice_at_once_runs_once(dashboard: Open, twice: str) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+p")
        palette = stage.app.screen
        await stage.pilot.press(*"pause")
        commands = palette.query_one(CommandList)
        await stage.until(lambda: commands.highlighted == 0 and "Pause" in str(commands.options[0].prompt))
        for _ in range(2):
            if twice == "click":
                commands.action_select()
            else:
                palette.query_one(Input).post_message(Input.Submitted(palette.query_one(Input), ""))
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)
        await stage.settle()
        assert stage.app.screen.query_one(TiltPlot).paused  # a second time lets it run on


async def test_a_command_of_a_dialog_that_closes_with_the_palette_is_not_run(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("4")
        await stage.press("f")
        filters = stage.app.screen
        assert isinstance(filters, FilterScreen)
        commands = {each.title: each.callback for each in stage.app.get_system_commands(filters)}
        await filters.dismiss(None)
        await stage.settle()
        stage.app.call_later(commands["Show"])
        await stage.settle()
        assert stage.app.is_running


async def test_a_palette_that_is_closed_twice_at_once_closes_nothing_else(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+p")
        palette = stage.app.screen
        assert isinstance(palette, CommandScreen)
        for _ in range(2):
            palette.call_later(palette._action_escape)
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)
        assert stage.app.is_running


# What fits on a small screen


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
@pytest.mark.parametrize(
    ("keys", "title", "said"),
    [
        (("3", "g"), "Goals", "Enter takes it"),
        (("3", "e"), "Export", "Enter takes it"),
        (("2", "n"), "Note to", "Enter takes it"),
        (("4", "m"), "Today's plan", "Enter begins"),
        (("4", "b"), "Before your first session", "y begins"),
        (("4", "f"), "Filters", "f shows"),
        (("question_mark",), "Help", "Esc closes"),
    ],
)
async def test_the_title_the_keys_and_the_line_of_text_of_a_dialog_are_in_sight(
    dashboard: Open, feed: FakeFeed, size: tuple[int, int], keys: tuple[str, ...], title: str, said: str
) -> None:
    feed.is_followed.clear()
    async with dashboard(size=size, feed=feed) as stage:
        for key in keys:
            await stage.press(key)
        await stage.pilot.pause()
        shown = stage.screen_text()
        assert title in shown
        assert shown.count(said) == 1
        box = stage.app.screen.query_one(VerticalScroll)
        assert box.scroll_y == 0
        assert all(field.region in box.region for field in stage.app.screen.query(Input))


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_the_export_names_its_keys_once_however_far_it_is_scrolled(
    dashboard: Open, feed: FakeFeed, size: tuple[int, int]
) -> None:
    feed.is_followed.clear()
    async with dashboard(size=size, feed=feed) as stage:
        await stage.press("2", "e")
        box = stage.app.screen.query_one(VerticalScroll)
        for scroll in (box.scroll_end, box.scroll_home):
            await stage.until(lambda: stage.screen_text().count("Ctrl+S writes it") == 1)
            scroll(animate=False)
            await stage.pilot.pause()
        await stage.pilot.resize_terminal(80, 26)
        await stage.until(lambda: stage.screen_text().count("Ctrl+S writes it") == 1)


async def test_nothing_of_the_mode_shows_above_and_below_a_dialog_on_a_short_screen(
    dashboard: Open, feed: FakeFeed
) -> None:
    feed.is_followed.clear()
    async with dashboard(size=(40, 12), feed=feed) as stage:
        await stage.press("3")
        await stage.press("e")
        lines = stage.screen_text().splitlines()
        first = next(row for row, line in enumerate(lines) if "Export" in line)
        assert first > 0
        assert not "".join(lines[:first]).strip()


async def test_a_notification_is_read_whole_on_a_narrow_screen(dashboard: Open) -> None:
    async with dashboard(size=(40, 12), notifications=True) as stage:
        stage.app.notify("The meeting is quiet for sixty minutes from now on; m ends it.")
        await stage.until(lambda: "ends it." in " ".join(stage.screen_text().split()))
