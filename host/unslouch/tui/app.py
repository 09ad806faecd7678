"""The dashboard application: follows one feed, draws ten frames a second, offers a demo where there is no sensor."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from unslouch.coach.suggest import Coach
from unslouch.errors import OutputError, UnslouchError
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged
from unslouch.tui.screens.dashboard import DashboardScreen

from .feed import Feed
from .palette import css_variables
from .sensor_state import SensorState
from .terminal import driver_class
from .terminal.ascii import AsciiFilter
from .terminal.encoding import shows_all_we_draw, terminal_encoding
from .terminal.messages import TerminalCaughtUp, TerminalLost

FRAMES_PER_S = 10
UNWATCHED_AFTER_S = 600.0
"""After so long without the terminal's focus nobody seems to look."""
WIDTHS = [(0, "-narrow"), (76, "-normal"), (110, "-wide")]
HEIGHTS = [(0, "-short"), (22, "-medium"), (34, "-tall")]
"""From how many cells on the screen has which CSS class."""


class DashboardApp(App[UnslouchError]):
    """Returns the error that ended it, or None."""

    TITLE = "unslouch"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    CSS = "Toast { max-width: 60; padding: 0 1; margin-bottom: 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", id="app.interrupt", tooltip="Leave.", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", id="app.suspend", show=False, priority=True),
    ]

    def __init__(
        self,
        feed: Feed,
        open_demo: Callable[[], Feed] | None = None,
        clock: Callable[[], float] = time.monotonic,
        ascii_only: bool | None = None,
    ) -> None:
        """ascii_only: draw in ASCII; None: if the terminal's encoding has nothing else."""
        self._clock = clock
        self._open_demo = open_demo
        self._feed = feed
        self._following: Worker[None] | None = None
        self._sensor = SensorState(clock)
        self._is_asking = False
        self._is_asked = False
        self.is_ascii = not shows_all_we_draw(terminal_encoding()) if ascii_only is None else ascii_only
        self._away: Timer | None = None
        super().__init__(driver_class=driver_class())
        if self.is_ascii:
            self._filters.append(AsciiFilter())
        self._dashboard = DashboardScreen(feed, self._sensor, Coach())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of the states, for whatever theme is chosen."""
        return css_variables(self.current_theme.dark)

    def get_default_screen(self) -> DashboardScreen:
        """The dashboard itself."""
        return self._dashboard

    def on_mount(self) -> None:
        """Show the first frame before anything is imported that it does not need."""
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self.exit)
            if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.exit)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.set_interval(1 / FRAMES_PER_S, self._frame)
        self._follow()

    def on_terminal_lost(self, message: TerminalLost) -> None:
        """End: nobody will see or type anything any more."""
        self.exit(OutputError("The terminal is gone, and the dashboard with it; what the sensor had sent is stored."))

    def on_terminal_caught_up(self, message: TerminalCaughtUp) -> None:
        """Paint the whole screen."""
        self.screen.refresh()

    def action_suspend_process(self) -> None:
        """Suspend this process and those that a shell stops with it, such as a `make` that started it."""
        if sys.platform != "win32":
            os.kill(0, signal.SIGTSTP)

    def on_app_blur(self) -> None:
        """Let the sensor rest if the wearer stays away for long."""
        self._away = self.set_timer(UNWATCHED_AFTER_S, lambda: self._feed.watch(False))

    def on_app_focus(self) -> None:
        """Show the live picture to whoever comes back."""
        if self._away is not None:
            self._away.stop()
            self._away = None
            self._feed.watch(True)

    def _follow(self) -> None:
        self._following = self.run_worker(self._run_feed(), group="feed")
        self._dashboard.read_today()

    async def _run_feed(self) -> None:
        try:
            await self._feed.run(self._sensor.handle)
        except UnslouchError as error:
            self.exit(error)

    async def _let_go(self) -> None:
        if self._following is not None:
            if not self._following.is_cancelled:  # a second time would interrupt the storing of what has just come
                self._following.cancel()
            with suppress(WorkerCancelled, WorkerFailed):
                await self._following.wait()

    async def on_unmount(self) -> None:
        """Let go of the sensor."""
        await self._let_go()

    def _frame(self) -> None:
        if not self._dashboard.is_running:
            return
        self._dashboard.draw()
        if self._is_asking and self._sensor.is_linked:
            self.screen.dismiss()
        is_missing = self._sensor.info is None and self._sensor.state in (LinkState.WAITING, LinkState.REFUSED)
        if is_missing and not self._is_asked:
            self._ask()

    def action_help(self) -> None:
        """Explain keys and shapes."""
        from unslouch.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen([each for each in DashboardScreen.BINDINGS if isinstance(each, Binding)]))

    def _ask(self) -> None:
        """Offer what can be done without a sensor; once per search that the wearer began."""
        from unslouch.tui.screens.no_sensor import NoSensorScreen

        self._is_asking = self._is_asked = True
        self.push_screen(NoSensorScreen(self._sensor.reason, self._open_demo is not None), self._answered)

    async def _answered(self, answer: str | None) -> None:
        from unslouch.tui.screens.no_sensor import DEMO, QUIT, RETRY

        self._is_asking = False
        if answer == QUIT:
            self.exit()
        elif answer == RETRY:
            self._is_asked = False
            self._sensor.handle(LinkChanged(LinkState.SEARCHING))
            self._feed.retry()
        elif answer == DEMO and self._open_demo is not None:
            await self._let_go()
            self._feed = self._open_demo()
            self._sensor = SensorState(self._clock)
            self._dashboard.follow(self._feed, self._sensor, Coach())
            self._follow()
