"""The dashboard application: follows one feed, draws ten frames a second, offers a demo where there is no sensor."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from unslouch import signals
from unslouch.coach.suggest import Coach
from unslouch.errors import OutputError, UnslouchError
from unslouch.link.model import LinkState
from unslouch.sensor.events import SensorEvent
from unslouch.tui.screens.dashboard import DashboardScreen

from .feed import Feed
from .palette import css_variables
from .sensor_state import SensorState
from .terminal import driver_class
from .terminal.encoding import shows_all_we_draw, terminal_encoding
from .terminal.messages import TerminalCaughtUp, TerminalLost

log = logging.getLogger(__name__)

FRAMES_PER_S = 10
UNWATCHED_AFTER_S = 600.0
"""After so long without the terminal's focus nobody seems to look."""
WIDTHS = [(0, "-narrow"), (76, "-normal"), (110, "-wide")]
HEIGHTS = [(0, "-short"), (22, "-medium"), (34, "-tall")]
"""From how many cells on the screen has which CSS class."""


class DashboardApp(App[UnslouchError]):
    """Returns the error that ended it, or None.

    The sensor is linked, stored and shared by the feed, which neither a slow terminal nor an error in what is drawn can
    disturb.
    """

    TITLE = "unslouch"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    CSS = "Toast { max-width: 60; padding: 0 1; margin-bottom: 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Quit", id="app.interrupt", tooltip="Leave.", show=False, priority=True),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            id="app.suspend",
            tooltip="Back to the shell; `fg` continues.",
            show=False,
            priority=True,
        ),
    ]

    def __init__(
        self,
        feed: Feed,
        open_demo: Callable[[], Feed] | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        ascii_only: bool | None = None,
        frames_per_s: float = FRAMES_PER_S,
        unwatched_after_s: float = UNWATCHED_AFTER_S,
    ) -> None:
        """Follow a feed; `open_demo` opens the one of a simulated sensor.

        ascii_only: draw in ASCII; None: if the terminal's encoding has nothing better.
        """
        self.is_ascii = not shows_all_we_draw(terminal_encoding()) if ascii_only is None else ascii_only
        self._clock = clock
        self._open_demo = open_demo
        self._feed = feed
        self._following: Worker[None] | None = None
        self._sensor = SensorState(clock)
        self._is_asking = False
        self._has_asked = False
        self._frames_per_s = frames_per_s
        self._unwatched_after_s = unwatched_after_s
        self._unwatched_timer: Timer | None = None
        self._signals = ExitStack()
        super().__init__(driver_class=driver_class())
        if self.is_ascii:
            from .terminal.ascii import AsciiFilter

            self._filters.append(AsciiFilter())
        self._dashboard = DashboardScreen(feed, self._sensor, Coach(), self.retry, self.is_ascii)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of the states, for whatever theme is chosen."""
        return css_variables(self.current_theme.dark)

    def get_default_screen(self) -> DashboardScreen:
        """Return the dashboard itself."""
        return self._dashboard

    def on_mount(self) -> None:
        """Show the first frame before anything is imported that it does not need."""
        self._signals.enter_context(signals.calling(self.exit))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.set_interval(1 / self._frames_per_s, self._frame)
        self._follow()

    # The terminal

    def on_terminal_lost(self, message: TerminalLost) -> None:
        """End: nobody will see or type anything any more."""
        self.exit(
            OutputError("The dashboard ended because its terminal is gone. What had come from the sensor is stored.")
        )

    def on_terminal_caught_up(self, message: TerminalCaughtUp) -> None:
        """Paint the whole screen."""
        self.screen.refresh()

    def action_suspend_process(self) -> None:
        """Suspend this process and those that the shell stops with it, such as a `make` that started it."""
        if sys.platform != "win32":
            os.kill(0, signal.SIGTSTP)

    def on_app_blur(self) -> None:
        """Let the sensor rest if the wearer looks elsewhere for long."""
        self._unwatched_timer = self.set_timer(self._unwatched_after_s, lambda: self._feed.watch(False))

    def on_app_focus(self) -> None:
        """Ask for live data again once the wearer looks."""
        if self._unwatched_timer is not None:
            self._unwatched_timer.stop()
            self._unwatched_timer = None
            self._feed.watch(True)

    # The feed

    def _follow(self) -> None:
        self._following = self.run_worker(self._run_feed(self._feed, self._sensor), group="feed")

    async def _run_feed(self, feed: Feed, sensor: SensorState) -> None:
        def handle(event: SensorEvent) -> None:
            try:
                sensor.handle(event)
            except Exception as error:  # noqa: BLE001 - recording goes on, and the sentence names the log file
                if not sensor.failure:
                    sensor.failure = describe_failure(error)

        try:
            await feed.run(handle)
        except UnslouchError as error:
            self.exit(error)
        except Exception as error:  # noqa: BLE001 - likewise; r tries again
            sensor.fail(describe_failure(error))

    async def _stop_following(self) -> None:
        if self._following is not None:
            if not self._following.is_cancelled:  # a second time would cut off the storing of what has just come
                self._following.cancel()
            with suppress(WorkerCancelled, WorkerFailed):
                await self._following.wait()

    async def on_unmount(self) -> None:
        """Store what the sensor has sent, and release it."""
        await self._stop_following()
        self._dashboard.close_store()
        self._signals.close()

    def retry(self) -> None:
        """Look for the sensor now."""
        if self._following is not None and self._following.is_finished:
            self._sensor.begin_again()
            self._follow()
        else:
            self._feed.retry()

    def _fatal_error(self) -> None:
        """Textual calls this with an error that nobody caught: end with a sentence rather than a traceback."""
        if self._exception is not None:
            self.exit(UnslouchError(describe_failure(self._exception)), return_code=1)
        self._close_messages_no_wait()

    # Frames, and what to do without a sensor

    def _frame(self) -> None:
        if not self._dashboard.is_running:
            return
        self._dashboard.draw()
        if self._is_asking and self._sensor.is_linked:
            self.screen.dismiss()
        is_missing = self._sensor.info is None and self._sensor.state in (LinkState.WAITING, LinkState.REFUSED)
        if is_missing and not self._has_asked:
            self._ask()

    def action_help(self) -> None:
        """Explain keys and shapes."""
        from unslouch.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen([each for each in DashboardScreen.BINDINGS if isinstance(each, Binding)]))

    def _ask(self) -> None:
        """Offer what can be done without a sensor; once per search that the wearer began."""
        from unslouch.tui.screens.no_sensor import NoSensorScreen

        self._is_asking = self._has_asked = True
        self.push_screen(NoSensorScreen(self._sensor.reason, self._open_demo is not None), self._answer)

    async def _answer(self, answer: str | None) -> None:
        from unslouch.tui.screens.no_sensor import DEMO, QUIT, RETRY

        self._is_asking = False
        if answer == QUIT:
            self.exit()
        elif answer == RETRY:
            self._has_asked = False
            self._sensor.begin_again()
            self._feed.retry()
        elif answer == DEMO and self._open_demo is not None:
            await self._stop_following()
            self._feed = self._open_demo()
            self._sensor = SensorState(self._clock)
            self._dashboard.follow(self._feed, self._sensor, Coach())
            self._follow()


def describe_failure(error: BaseException) -> str:
    """Keep the traceback of an error that nobody foresaw, and return a sentence that names the file."""
    from unslouch.crash_log import describe_unforeseen

    log.error("The dashboard met an error that nobody foresaw.", exc_info=error)
    return describe_unforeseen(error)
