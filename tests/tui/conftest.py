"""The dashboard on a fake feed, with a clock that stands still."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
from rich.console import Console
from textual.pilot import Pilot

from tui.fake_feed import FakeClock, FakeFeed, a_day
from unslouch.errors import UnslouchError
from unslouch.tui.app import DashboardApp


@pytest.fixture(autouse=True)
def pictures_fetch_no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out of screenshots the web fonts that rich refers to: a picture shows the same without a network."""
    export_svg = Console.export_svg

    def without_web_fonts(console: Console, **options: str) -> str:
        svg = re.sub(r"@font-face {.*?}\s*", "", export_svg(console, **options), flags=re.DOTALL)
        return svg.replace("font-family: Fira Code", 'font-family: "DejaVu Sans Mono", Menlo, Consolas')

    monkeypatch.setattr(Console, "export_svg", without_web_fonts)


@dataclass
class Stage:
    """A running dashboard and all that moves it."""

    app: DashboardApp
    feed: FakeFeed
    demo: FakeFeed
    clock: FakeClock
    pilot: Pilot[UnslouchError]

    async def frame(self) -> None:
        """Draw one frame and let everything come of it."""
        self.app._frame()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys and wait for the workers that they start."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Wait for all workers but the feed itself, then draw."""
        workers = [worker for worker in self.app.workers if worker.group != "feed"]
        if workers:
            await self.app.workers.wait_for_complete(workers)
        await self.frame()

    def text(self, selector: str) -> str:
        """What a widget shows, as plain text with its border's title and subtitle."""
        widget = self.app.screen.query_one(selector)
        lines = [strip.text for strip in widget.render_lines(widget.size.region)]
        return "\n".join([str(widget.border_title or ""), *lines, str(widget.border_subtitle or "")])

    def screen_text(self) -> str:
        """Everything on the terminal."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        assert len(strips) == height
        return "\n".join(strip.text[:width] for strip in strips)


Open = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a dashboard; frames come only when a test draws them."""
    monkeypatch.setattr("unslouch.tui.app.FRAMES_PER_S", 0.0001)

    @asynccontextmanager
    async def open(
        size: tuple[int, int] = (80, 24), connected: bool = True, feed: FakeFeed | None = None, with_demo: bool = True
    ) -> AsyncIterator[Stage]:
        feed = feed or FakeFeed(day=a_day())
        demo, clock = FakeFeed(simulated=True), FakeClock()
        app = DashboardApp(feed, (lambda: demo) if with_demo else None, clock, ascii_only=False)
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, feed, demo, clock, pilot)
            await pilot.pause()
            if connected:
                feed.connect()
                feed.live(3.0)
            if feed.consumer is not None:
                await stage.settle()
            yield stage

    return open
