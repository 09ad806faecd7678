"""Snapshots of the Day and History modes in each size, light and without colours."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tui.conftest import NEVER_PER_S, Stage
from tui.fake_feed import FakeClock, FakeFeed
from unslouch.errors import UnslouchError
from unslouch.tui.app import DashboardApp

pytestmark = pytest.mark.soak  # test_day_screen.py and test_history_screen.py are their shorter brothers
SIZES = [(40, 12), (80, 24), (120, 40), (200, 60)]


@pytest.fixture
def looks_as_before(
    monkeypatch: pytest.MonkeyPatch, snap_compare: Callable[..., bool], feed: FakeFeed
) -> Callable[..., bool]:
    """Compares the screen after some keys with its snapshot."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    def compare(size: tuple[int, int], *keys: str, theme: str = "textual-dark", no_color: bool = False) -> bool:
        clock = FakeClock()
        feed.is_followed.clear()
        app = DashboardApp(
            feed, None, clock, ascii_only=False, frames_per_s=NEVER_PER_S, utc_ms=clock.utc_ms, no_color=no_color
        )

        async def act(pilot: Pilot[UnslouchError]) -> None:
            await pilot.pause()
            app.theme = theme
            stage = Stage(app, feed, feed, clock, pilot)
            await feed.is_followed.wait()
            feed.connect()
            for key in keys:
                await stage.press(key)

        return snap_compare(app, terminal_size=size, run_before=act)

    return compare


@pytest.mark.parametrize("size", SIZES, ids=["40x12", "80x24", "120x40", "200x60"])
@pytest.mark.parametrize("mode", ["2", "3"], ids=["day", "history"])
def test_a_mode_looks_as_it_did(looks_as_before: Callable[..., bool], mode: str, size: tuple[int, int]) -> None:
    assert looks_as_before(size, mode)


def test_the_light_day_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before((80, 24), "2", "home", "shift+right", "plus", theme="textual-light")


def test_the_history_without_colours_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before((80, 24), "3", "c", no_color=True)


def test_a_moment_of_the_past_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before((120, 40), "2", "home", "full_stop", "full_stop", "shift+right", "enter")
