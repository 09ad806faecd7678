"""A dashboard on a fake feed, with a clock and frames that a test moves."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
from rich.console import Console
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from tui.fake_feed import FakeClock, FakeFeed, a_day
from tui.recorded import recorded_feed
from unslouch.errors import UnslouchError
from unslouch.tui.app import DashboardApp
from unslouch.tui.modes import MODES, Mode


@pytest.fixture(autouse=True)
def no_web_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the web fonts that rich refers to out of screenshots, which then look the same without a network."""
    export_svg = Console.export_svg

    def without_web_fonts(console: Console, **options: str) -> str:
        svg = re.sub(r"@font-face {.*?}\s*", "", export_svg(console, **options), flags=re.DOTALL)
        return svg.replace("font-family: Fira Code", 'font-family: "DejaVu Sans Mono", Menlo, Consolas')

    monkeypatch.setattr(Console, "export_svg", without_web_fonts)


@pytest.fixture(scope="session", autouse=True)
def style_sheets_are_parsed_once() -> Iterator[None]:
    """Parse each style sheet once, not again for every dashboard: that takes a tenth of these tests' time."""
    parse = Stylesheet._parse_rules
    parsed: dict[object, list[RuleSet]] = {}

    def parse_once(sheet: Stylesheet, css: str, **place: object) -> list[RuleSet]:
        key = (css, *place.items(), *sheet._variables.items())
        if key not in parsed:
            parsed[key] = parse(sheet, css, **place)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


WAIT_S = 60
NEVER_PER_S = 1e-4
"""A rate of frames at which none comes by itself."""


@dataclass
class Stage:
    """A running dashboard and what it depends on."""

    app: DashboardApp
    feed: FakeFeed
    demo: FakeFeed
    clock: FakeClock
    pilot: Pilot[UnslouchError]

    async def frame(self) -> None:
        """Draw one frame and wait until it is on the screen."""
        self.app._frame()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys and wait for the workers that they start."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Draw, and draw again until no worker is left but the one that runs the feed."""
        await self.frame()
        while workers := [each for each in self.app.workers if each.group != "feed" and not each.is_finished]:
            await self.app.workers.wait_for_complete(workers)
            await self.frame()
        await self.frame()

    async def until(self, condition: Callable[[], object]) -> None:
        """Draw until a condition holds: for what textual does a few messages later."""
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await self.frame()

    @property
    def notified(self) -> str:
        """All notifications, one a line."""
        return "\n".join(notification.message for notification in self.app._notifications)

    def text(self, selector: str) -> str:
        """Return what a widget shows, with its border's title and subtitle."""
        widget = self.app.screen.query_one(selector)
        lines = [strip.text for strip in widget.render_lines(widget.size.region)]
        return "\n".join([str(widget.border_title or ""), *lines, str(widget.border_subtitle or "")])

    def screen_text(self) -> str:
        """Return everything on the terminal."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        assert len(strips) == height
        return "\n".join(strip.text[:width] for strip in strips)


Open = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeFeed]:
    """Some weeks of recorded days, which the tests of one module share."""
    feed = recorded_feed(tmp_path_factory.mktemp("recorded"))
    yield feed
    assert feed.stored is not None
    feed.stored.store.close()


@pytest.fixture
def dashboard() -> Open:
    """Opens a dashboard; frames come only when a test draws them."""

    @asynccontextmanager
    async def open(
        size: tuple[int, int] = (80, 24),
        connected: bool = True,
        feed: FakeFeed | None = None,
        with_demo: bool = True,
        unwatched_after_s: float = 600,
        notifications: bool = False,
        modes: Sequence[Mode] = MODES,
        frames_per_s: float = NEVER_PER_S,
        first_run: bool = False,
    ) -> AsyncIterator[Stage]:
        feed = feed or FakeFeed(day=a_day())
        demo, clock = FakeFeed(is_simulated=True), FakeClock()
        app = DashboardApp(
            feed,
            (lambda: demo) if with_demo else None,
            clock,
            ascii_only=False,
            frames_per_s=frames_per_s,
            unwatched_after_s=unwatched_after_s,
            utc_ms=clock.utc_ms,
            modes=modes,
            first_run=first_run,
        )
        async with app.run_test(size=size, notifications=notifications) as pilot:
            stage = Stage(app, feed, demo, clock, pilot)
            await pilot.pause()
            if connected:
                await asyncio.wait_for(feed.is_followed.wait(), 60)
                feed.connect()
                feed.live(3.0)
                await stage.settle()
            yield stage

    return open
