"""Lists that change between a click and its handling, as on a slow machine or with a double click."""

import asyncio
from pathlib import Path

import pytest
from rich.style import Style
from textual.events import Click
from textual.widgets import OptionList

from tui.conftest import Open, Stage
from tui.fake_feed import FakeFeed
from unslouch.errors import NoSensor
from unslouch.tui.screens.export import FolderList
from unslouch.tui.widgets.day_table import ListingTable
from unslouch.tui.widgets.profiles_panel import ProfileList, ProfilesPanel
from unslouch.tui.widgets.settings_panel import SettingsPanel


def click_option(options: OptionList, option: int) -> None:
    """Click where an option was drawn."""
    x, y = options.region.offset
    options.post_message(Click(options, 1, 1, 0, 0, 1, False, False, False, x, y, Style(meta={"option": option})))


@pytest.mark.parametrize(("mode", "key"), [("4", "home"), ("5", "f"), ("1", "f")])
async def test_a_click_on_an_option_that_is_left_out_by_now_does_nothing(dashboard: Open, mode: str, key: str) -> None:
    async with dashboard() as stage:
        await stage.press(mode, key)
        options = stage.app.screen.query(OptionList).first()
        await stage.until(lambda: options.option_count)
        screen = stage.app.screen
        click_option(options, options.option_count)
        await stage.settle()
        assert stage.app.is_running
        assert stage.app.screen is screen


async def test_a_click_on_a_theme_that_a_new_search_has_left_out_does_nothing(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("ctrl+t")
        palette = stage.app.screen
        options = palette.query_one(OptionList)
        await stage.until(lambda: options.option_count > 3)
        click_option(options, options.option_count)
        await stage.settle()
        assert stage.app.screen is palette
        click_option(options, 1)
        await stage.until(lambda: stage.app.theme != "textual-dark")


async def test_a_double_click_on_a_folder_opens_that_folder_whatever_its_name(
    dashboard: Open, feed: FakeFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c", "d", "e [old]", "f"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    async with dashboard(feed=feed) as stage:
        await stage.press("2")
        await stage.press("e")
        folders = stage.app.screen.query_one(FolderList)
        await stage.until(lambda: folders.option_count == 7)
        folders.highlighted = 5
        await stage.until(lambda: "e [old]/" in stage.text("#folder"))
        for _ in range(2):
            click_option(folders, 5)
        await stage.settle()
        assert folders.folder == tmp_path / "e [old]"


async def test_a_profile_that_is_lost_with_the_link_before_its_choice_is_handled_is_not_selected(
    dashboard: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dashboard() as stage:
        await stage.press("f")
        panel, profiles = stage.app.screen.query_one(ProfilesPanel), stage.app.screen.query_one(ProfileList)
        await stage.until(lambda: profiles.option_count)

        async def no_profiles() -> None:
            raise NoSensor("No sensor is linked.")

        monkeypatch.setattr(stage.feed, "profiles", no_profiles)
        panel.call_later(panel._read)
        profiles.action_select()
        await stage.settle()
        assert stage.app.is_running
        assert not [command for command in stage.feed.commands if command.startswith("select")]


@pytest.mark.parametrize("is_empty", [False, True])
async def test_a_click_on_the_headings_of_a_table_does_nothing(dashboard: Open, feed: FakeFeed, is_empty: bool) -> None:
    async with dashboard(size=(160, 50), feed=FakeFeed(day=None) if is_empty else feed) as stage:
        await stage.press("2")
        table = stage.app.screen.query_one("#slouches", ListingTable)
        await stage.until(lambda: table.size.width and (is_empty or table.row_count))
        for x in (1, table.size.width - 2):
            assert await stage.pilot.click(table, offset=(x, 0))
            await stage.settle()
        assert stage.app.is_running


@pytest.mark.parametrize("what", ["setting", "profile"])
async def test_a_clicked_key_does_not_wait_for_the_sensor(
    dashboard: Open, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async with dashboard() as stage:

        async def never(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(stage.feed, "settings", never)
        monkeypatch.setattr(stage.feed, "select_profile", never)
        await stage.press("5")
        if what == "setting":
            await click_action(stage, "write", stage.app.screen.query_one(SettingsPanel))
        else:
            await click_action(stage, "select", stage.app.screen.query_one(ProfilesPanel))


async def click_action(stage: Stage, action: str, panel: SettingsPanel | ProfilesPanel) -> None:
    async with asyncio.timeout(60):
        assert await stage.app.run_action(action, panel)
