"""The dashboard takes theme, drawing and keys from the settings file, and reports what is wrong in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from tui.conftest import NEVER_PER_S
from tui.fake_feed import FakeFeed
from unslouch.config import load_config
from unslouch.errors import UnslouchError
from unslouch.tui.app import DashboardApp
from unslouch.tui.keymap import binding_ids, unknown_ids


@asynccontextmanager
async def opened(folder: Path, settings: str) -> AsyncIterator[tuple[DashboardApp, Pilot[UnslouchError]]]:
    path = folder / "config.toml"
    path.write_text(settings, encoding="utf-8")
    app = DashboardApp(FakeFeed(), loaded=load_config(path), frames_per_s=NEVER_PER_S)
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        yield app, pilot


def notified(app: DashboardApp) -> str:
    return "\n".join(notification.message for notification in app._notifications)


async def test_theme_and_drawing_are_those_of_the_file(tmp_path: Path) -> None:
    async with opened(tmp_path, '[dashboard]\ntheme = "nord"\nascii = true\n') as (app, _):
        assert app.theme == "nord"
        assert app.shared.in_ascii
        assert notified(app) == ""


async def test_a_key_of_the_file_does_what_the_usual_one_did(tmp_path: Path) -> None:
    async with opened(tmp_path, '[dashboard]\nkeys."app.help" = "f9"\n') as (app, pilot):
        before = app.screen
        await pilot.press("question_mark")
        assert app.screen is before
        await pilot.press("f9")
        await pilot.pause()
        assert app.screen is not before


async def test_a_broken_file_is_reported_and_the_dashboard_opens(tmp_path: Path) -> None:
    async with opened(tmp_path, "[dashboard\n") as (app, _):
        assert "config.toml:1: isn't valid TOML" in notified(app)
        assert app.shared.config.coach.gentle


async def test_an_id_that_no_binding_has_is_reported_with_the_nearest(tmp_path: Path) -> None:
    async with opened(tmp_path, '[dashboard]\nkeys."app.hepl" = "f9"\n') as (app, _):
        assert "did you mean app.help?" in notified(app)


async def theme_is_written(app: DashboardApp) -> None:
    if writing := [each for each in app.workers if each.group == "theme"]:
        await app.workers.wait_for_complete(writing)


async def test_a_theme_that_the_wearer_chooses_is_kept_in_the_file_beside_its_comments(tmp_path: Path) -> None:
    async with opened(tmp_path, '# mine\n[dashboard]\ntheme = "nord"  # calm\n') as (app, pilot):
        app.theme = "gruvbox"
        await pilot.pause()
        await theme_is_written(app)
        assert app.shared.config.dashboard.theme == "gruvbox"
    assert (tmp_path / "config.toml").read_text() == '# mine\n[dashboard]\ntheme = "gruvbox"  # calm\n'


async def test_a_theme_that_can_not_be_kept_is_a_sentence(tmp_path: Path) -> None:
    async with opened(tmp_path, "[dashboard\n") as (app, pilot):
        app.theme = "gruvbox"
        await pilot.pause()
        await theme_is_written(app)
        assert "The theme is not kept" in notified(app)
        assert (tmp_path / "config.toml").read_text() == "[dashboard\n"


async def test_a_dashboard_that_opens_writes_nothing(tmp_path: Path) -> None:
    settings = '[dashboard]\ntheme = "nord"\n'
    async with opened(tmp_path, settings) as (app, pilot):
        await pilot.pause()
        assert not [each for each in app.workers if each.group == "theme"]
    assert (tmp_path / "config.toml").read_text() == settings


def test_every_binding_of_the_dashboard_has_an_id_that_a_file_can_name() -> None:
    assert {"app.help", "app.quit", "live.pause"} <= binding_ids()
    assert unknown_ids(binding_ids()) == []
