"""The screen of profiles."""

import pytest
from textual.widgets import Input

from tui.conftest import Open
from unslouch.errors import NoSensor
from unslouch.link.model import Profile
from unslouch.tui.screens.profiles import ProfilesScreen


async def test_f_selects_another_profile(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.settle()
        assert stage.text("#posture").endswith("office chair")
        await stage.press("f")
        assert "● office chair   calibrated, bow" in stage.screen_text()
        assert "standing desk  not calibrated" in stage.screen_text()
        await stage.press("down", "enter")
        assert "select 1" in stage.feed.commands
        assert not isinstance(stage.app.screen, ProfilesScreen)
        assert "standing desk has no calibration yet: press c." in stage.notified
        stage.feed.status()
        await stage.settle()
        assert stage.text("#posture").endswith("standing desk")


async def test_n_renames_a_profile_and_refuses_what_can_be_no_name(dashboard: Open) -> None:
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
async def test_a_profile_shows_its_name_whatever_the_name(dashboard: Open, name: str) -> None:
    async with dashboard() as stage:
        stage.feed.names[0] = name
        stage.feed.status(calibration_id=2)
        await stage.frame()
        await stage.settle()
        assert f" {name} " in stage.screen_text()
        await stage.press("f")
        assert f"● {name} " in stage.screen_text()


async def test_a_profile_can_be_selected_while_none_is_active(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.profile = 9
        await stage.press("f", "down", "enter")
        assert "select 1" in stage.feed.commands


async def test_profiles_that_cannot_be_read_show_the_error(dashboard: Open) -> None:
    async with dashboard() as stage:

        async def profiles() -> list[Profile]:
            raise NoSensor("No sensor is linked at the moment; wait until it is.")

        stage.feed.profiles = profiles  # type: ignore[method-assign]
        await stage.press("f")
        assert "No sensor is linked" in stage.screen_text()
        await stage.press("enter", "n", "escape")
        assert not isinstance(stage.app.screen, ProfilesScreen)
