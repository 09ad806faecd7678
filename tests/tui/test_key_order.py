"""Keys that are typed quickly reach what the keys before them have opened, in order."""

import asyncio

import pytest
from textual.events import Key, Paste
from textual.widgets import Input

from tui.conftest import Open, Stage
from unslouch.tui.screens.ask_text import AskTextScreen
from unslouch.tui.screens.day import DayScreen
from unslouch.tui.screens.export import ExportScreen
from unslouch.tui.screens.help import HelpScreen
from unslouch.tui.screens.history import HistoryScreen
from unslouch.tui.screens.live import LiveScreen
from unslouch.tui.screens.sensor import SensorScreen

from .fake_feed import FakeFeed


async def type_at_once(stage: Stage, *keys: str) -> None:
    """Send keys as a terminal does that has them in one read, and wait until all are handled."""
    driver = stage.app._driver
    assert driver is not None
    for key in keys:
        driver.send_message(Key(key, key if len(key) == 1 else None))
    await stage.pilot.pause()
    await stage.settle()


@pytest.mark.parametrize(
    ("keys", "screen"),
    [
        (("2", "e"), ExportScreen),
        (("3", "e"), AskTextScreen),
        (("2", "3", "1", "2", "e"), ExportScreen),
        (("5", "1", "question_mark"), HelpScreen),
        (("question_mark", "escape", "2"), DayScreen),
        (("2", "g", "escape", "3"), HistoryScreen),
        (("2", "enter"), LiveScreen),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "".join(value),
)
async def test_a_key_waits_for_the_mode_or_dialog_that_the_one_before_opens(
    dashboard: Open, feed: FakeFeed, keys: tuple[str, ...], screen: type
) -> None:
    async with dashboard(feed=feed) as stage:
        await type_at_once(stage, *keys)
        assert isinstance(stage.app.screen, screen)
        assert "export" not in stage.feed.commands, "e is not Live's"
        assert (stage.app.shared.moment is not None) == (keys[-1] == "enter")


async def test_text_is_written_into_the_dialog_that_the_key_before_it_opens(dashboard: Open, feed: FakeFeed) -> None:
    async with dashboard(feed=feed) as stage:
        await type_at_once(stage, "2", "n", *"Tea", "enter", "g", *["backspace"] * 10, *"yesterday")
        assert stage.app.screen.query_one(Input).value == "yesterday"
        assert "The note is stored." in stage.notified


async def test_what_is_pasted_comes_after_the_keys_before_it(dashboard: Open, feed: FakeFeed) -> None:
    async with dashboard(feed=feed) as stage:
        assert stage.app._driver is not None
        for event in (Key("2", "2"), Key("n", "n"), Paste("lunch"), Key("s", "s")):
            stage.app._driver.send_message(event)
        await stage.pilot.pause()
        await stage.settle()
        assert stage.app.screen.query_one(Input).value == "lunchs"


async def test_two_quick_steps_go_two_days_back(dashboard: Open, feed: FakeFeed) -> None:
    async with dashboard(feed=feed) as stage:
        await stage.press("2", "left_square_bracket")
        await stage.press("left_square_bracket")
        slowly = stage.text("#date")
        await stage.press("t")
        await type_at_once(stage, "left_square_bracket", "left_square_bracket")
        assert stage.text("#date") == slowly


async def test_a_command_and_keys_after_it_can_be_typed_without_a_look_at_the_palette(
    dashboard: Open, feed: FakeFeed
) -> None:
    async with dashboard(feed=feed) as stage:
        await type_at_once(stage, "5", "ctrl+p", *"health", "enter", "left_square_bracket")
        assert isinstance(stage.app.screen, SensorScreen)
        assert stage.app.screen.query_one("ContentSwitcher").current == "settings"  # type: ignore[attr-defined]


async def test_a_mode_that_reads_slowly_holds_its_own_keys_and_none_of_the_apps(
    dashboard: Open, feed: FakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()
    refresh = DayScreen.refresh_data

    async def slowly(screen: DayScreen) -> None:
        await go_on.wait()
        await refresh(screen)

    monkeypatch.setattr(DayScreen, "refresh_data", slowly)
    async with dashboard(feed=feed) as stage:
        await stage.pilot.press("2", "3")
        await stage.until(lambda: isinstance(stage.app.screen, HistoryScreen))
        await stage.pilot.press("2", "e")
        await stage.until(lambda: isinstance(stage.app.screen, DayScreen))
        go_on.set()
        await stage.until(lambda: isinstance(stage.app.screen, ExportScreen))
