"""Modes: how they are switched, and what holds for the bindings of all of them."""

from importlib import import_module
from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Offset
from textual.screen import Screen
from textual.widgets import Static

from tui.conftest import Open, Stage
from unslouch.errors import StoreError
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged, RecordsStored
from unslouch.tui.bindings import binding
from unslouch.tui.modes import MODES, Mode
from unslouch.tui.screens.mode_screen import ModeScreen


class OtherScreen(ModeScreen):
    """A second mode that counts what it is asked to do."""

    MODE = "other"
    HELP = "## Other\n\nStands for a second mode."
    BINDINGS: ClassVar[list[BindingType]] = [binding("other", "x", "shout", "Shout", "Make a noise.")]
    drawn = read = shouted = 0
    error: StoreError | None = None

    def compose_body(self) -> ComposeResult:
        yield Static("the other mode")

    def draw(self) -> None:
        self.drawn += 1

    async def refresh_data(self) -> None:
        self.read += 1
        if self.error is not None:
            raise self.error

    def action_shout(self) -> None:
        self.shouted += 1


TWO_MODES = (*MODES[:1], Mode("other", "2", "Other", "Something else.", f"{__name__}:OtherScreen"))


def other(stage: Stage) -> OtherScreen:
    screen = stage.app.mode_screen
    assert isinstance(screen, OtherScreen)
    return screen


async def test_a_digit_shows_a_mode_and_1_the_first_again(dashboard: Open) -> None:
    async with dashboard(modes=TWO_MODES) as stage:
        await stage.press("2")
        assert "the other mode" in stage.screen_text()
        await stage.press("1")
        assert "● UPRIGHT" in stage.screen_text()


@pytest.mark.parametrize("width", [40, 80])
async def test_a_click_on_the_bar_shows_a_mode(dashboard: Open, width: int) -> None:
    async with dashboard(size=(width, 24), modes=TWO_MODES) as stage:
        await stage.pilot.click("#tab-other")
        await stage.settle()
        assert "the other mode" in stage.screen_text()


async def test_the_command_palette_shows_a_mode(dashboard: Open) -> None:
    async with dashboard(modes=TWO_MODES) as stage:
        await stage.pilot.press("ctrl+p", *"other")
        await stage.until(lambda: "Something else." in stage.screen_text())
        await stage.pilot.press("enter")
        await stage.until(lambda: "the other mode" in stage.screen_text())


@pytest.mark.parametrize("width", [40, 60, 120])
async def test_no_title_in_the_bar_is_cut(dashboard: Open, width: int) -> None:
    modes = [Mode(title.lower(), str(n), title, ".", f"{__name__}:OtherScreen") for n, title in enumerate(FIVE, 1)]
    async with dashboard(size=(width, 20), modes=modes) as stage:
        bar = stage.screen_text().split("\n")[0]
        assert all(title in bar for title in FIVE)


FIVE = ("Live", "Day", "History", "Exercises", "Sensor")


async def test_only_the_mode_that_is_shown_draws_and_reads(dashboard: Open) -> None:
    async with dashboard(modes=TWO_MODES) as stage:
        await stage.press("2")
        screen = other(stage)
        await stage.press("1")
        drawn, read = screen.drawn, screen.read
        stage.feed.publish(RecordsStored(100, 0))
        stage.clock.now_s += 60
        await stage.settle()
        assert (screen.drawn, screen.read) == (drawn, read)
        await stage.press("2")
        assert screen.read == read + 1


async def test_a_mode_reads_again_when_records_came_but_not_more_often_than_every_3_s(dashboard: Open) -> None:
    async with dashboard(modes=TWO_MODES) as stage:
        await stage.press("2")
        screen = other(stage)
        assert screen.read == 1
        for seconds, readings in ((2, 1), (1, 2), (50, 2), (10, 3)):
            if seconds < 50:
                stage.feed.publish(RecordsStored(100, 0))
            stage.clock.now_s += seconds
            await stage.settle()
            assert screen.read == readings, seconds


async def test_a_reading_that_fails_shows_its_sentence_and_comes_again(dashboard: Open) -> None:
    async with dashboard(modes=TWO_MODES) as stage:
        OtherScreen.error = StoreError("posture.db is damaged [sic].")
        try:
            await stage.press("2")
        finally:
            OtherScreen.error = None
        assert "posture.db is damaged [sic]." in stage.notified
        stage.clock.now_s += 60
        await stage.settle()
        assert other(stage).read == 2


async def test_the_demo_is_shown_in_every_mode_and_nothing_of_the_first_sensor_is_left(dashboard: Open) -> None:
    async with dashboard(modes=TWO_MODES, connected=False) as stage:
        await stage.press("2")
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("d")
        await stage.until(lambda: stage.demo.consumer)
        assert other(stage).shared.feed is stage.demo  # type: ignore[comparison-overlap]
        assert other(stage).read == 2
        assert "close" in stage.feed.commands
        await stage.press("1")
        assert "SIMULATED" in stage.screen_text()


async def test_samples_that_come_while_another_mode_is_shown_are_in_the_plot_afterwards(dashboard: Open) -> None:
    async with dashboard(modes=TWO_MODES) as stage:
        await stage.press("2")
        stage.feed.live(30.0, seconds=45)
        await stage.frame()
        await stage.press("1")
        assert any("⠉" <= character <= "⣿" for character in stage.text("#plot").split("\n")[2])


async def test_a_read_of_the_history_runs_in_the_disk_thread(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.stored = marker = object()  # type: ignore[assignment]
        assert await stage.app.shared.read_history(lambda history: history) is marker


async def test_a_mode_whose_parts_are_not_there_yet_is_not_drawn(dashboard: Open) -> None:
    async with dashboard() as stage:
        for mode in MODES:
            module, _, name = mode.screen_class.partition(":")
            getattr(import_module(module), name)(stage.app.shared).frame()


async def test_a_press_on_a_widget_that_is_being_removed_selects_nothing(
    dashboard: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dashboard() as stage:
        orphan = Static("gone")
        monkeypatch.setattr(Screen, "get_widget_and_offset_at", lambda self, x, y: (orphan, Offset(0, 0)))
        await stage.pilot.mouse_down(offset=(10, 10))
        await stage.pilot.mouse_up(offset=(10, 10))
        assert "● UPRIGHT" in stage.screen_text()


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.id)
async def test_a_larger_terminal_shows_every_part_that_a_smaller_one_shows(dashboard: Open, mode: Mode) -> None:
    shown = []
    async with dashboard(size=(120, 40)) as stage:
        await stage.press(mode.key)
        for size in ((120, 40), (200, 60)):
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
            screen = stage.app.mode_screen
            assert screen is not None
            shown.append({part.id for part in screen.query("*") if part.id and part.display and part.region.area})
    assert shown[0] - shown[1] == set()


async def test_a_tab_is_as_wide_on_every_terminal_so_that_its_text_never_waits_for_a_layout(dashboard: Open) -> None:
    async with dashboard((40, 12)) as stage:
        await stage.press("5")
        tabs = [*stage.app.screen.query("ModeTab"), *stage.app.screen.query("PartTab")]
        narrow = [tab.region.width for tab in tabs]
        assert "cCalibrate eSettings hHealth aPairing" in stage.screen_text()
        await stage.press("1")
        await stage.pilot.resize_terminal(80, 24)
        await stage.press("5")
        assert "c Calibrate   e Settings   h Health   a Pairing" in stage.screen_text()
        assert [tab.region.width for tab in tabs] == narrow
