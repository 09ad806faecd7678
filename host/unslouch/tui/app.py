"""The dashboard application: follows one feed, draws ten frames a second, offers a demo where there is no sensor."""

import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.theme import Theme
from textual.timer import Timer
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from unslouch import signals
from unslouch.config import Config, LoadedConfig, change_config
from unslouch.config.model import THEMES
from unslouch.errors import OutputError, UnslouchError
from unslouch.link.descriptions import describe_event
from unslouch.link.model import LinkState
from unslouch.sensor.events import SensorEvent
from unslouch.sensor.quiet import QuietKeeper
from unslouch.tui.screens.mode_screen import ModeScreen, open_mode
from unslouch_device.contract import records

from .coaching import Coaching
from .desktop import Desktop, DesktopNotes, Note
from .feed import Feed
from .modes import MODES, Mode
from .navigation import NavigatingApp, describe_failure, mode_binding
from .palette import css_variables
from .seen import SeenSpans, utc_now_ms
from .sensor_state import SensorState
from .shared import Shared
from .terminal import driver_class
from .terminal.encoding import needs_ascii
from .terminal.messages import TerminalCaughtUp, TerminalLost
from .workers import run_beside, run_latest

if TYPE_CHECKING:
    from .screens.no_sensor import NoSensorScreen

log = logging.getLogger(__name__)

UNWATCHED_AFTER_S = 600.0
"""After so long without the terminal's focus nobody seems to look."""
UNFOCUSED_FRAME_S = 1.0
"""The time between frames while the terminal doesn't have the focus."""
WIDTHS = [(0, "-narrow"), (76, "-normal"), (110, "-wide"), (170, "-huge")]
HEIGHTS = [(0, "-short"), (22, "-medium"), (34, "-tall")]
"""From how many cells on the screen has which CSS class."""
ANNOUNCED_BY_DIALOG = (records.CALIBRATED, records.STANDING_ZERO)
"""Events that are not announced while a dialog is open: the calibration's shows them."""


class DashboardApp(NavigatingApp):
    """Returns the error that ended it, or None.

    The sensor is linked, stored and shared by the feed, which neither a slow terminal nor an error in what is drawn can
    disturb.
    """

    TITLE = "unslouch"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    CSS = """
    Toast { width: 60; max-width: 100%; padding: 0 1; margin-bottom: 0; }
    OptionList:nocolor:focus > .option-list--option-highlighted { text-style: bold underline; }
    DataTable:nocolor > .datatable--cursor,
    Screen:nocolor > .screen--selection, Input:nocolor > .input--cursor, Input:nocolor > .input--selection,
    Button:nocolor:focus { text-style: reverse; }
    """
    DEFAULT_MODE = MODES[0].id

    def __init__(
        self,
        feed: Feed,
        open_demo: Callable[[], Feed] | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        ascii_only: bool | None = None,
        frames_per_s: float | None = None,
        unwatched_after_s: float = UNWATCHED_AFTER_S,
        utc_ms: Callable[[], int] = utc_now_ms,
        modes: Sequence[Mode] = MODES,
        loaded: LoadedConfig | None = None,
        quiet: QuietKeeper | None = None,
        no_color: bool = False,
        first_run: bool = False,
    ) -> None:
        """Follow a feed; `open_demo` opens the one of a simulated sensor.

        ascii_only: draw in ASCII; None: if the terminal's encoding has nothing better. loaded: the settings file, None
        for the defaults. quiet: what the feed keeps the sensor quiet by. no_color: draw without colours, as the
        environment's NO_COLOR asks for.
        first_run: begin with the first steps.
        """
        config = Config() if loaded is None else loaded.config
        self._config_problems = () if loaded is None else loaded.problems
        self._has_config_file = loaded is not None
        ascii_only = config.dashboard.ascii if ascii_only is None else ascii_only
        is_ascii = needs_ascii() if ascii_only is None else ascii_only
        self._utc_ms = utc_ms
        sensor = self._new_sensor_state(clock)
        coach = self._new_coach()
        self.shared = Shared(feed, sensor, coach, clock, self.retry, modes, is_ascii, config, release=self.release)
        if quiet is not None:
            self.shared.quiet = quiet
        self.shared.config_path = None if loaded is None else loaded.path
        if open_demo is not None:
            self.shared.show_demo = self.show_demo
        self._begins_with_first_run = first_run
        self._open_demo = open_demo
        self._following: Worker[None] | None = None
        self._no_sensor: NoSensorScreen | None = None
        self._frames_per_s = config.dashboard.frames_per_s if frames_per_s is None else frames_per_s
        self._unwatched_after_s = unwatched_after_s
        self._unwatched_timer: Timer | None = None
        self._frame_timer: Timer | None = None
        self._desktop_notes = DesktopNotes() if config.dashboard.desktop_notifications else None
        self._desktop = Desktop()
        self._signals = ExitStack()
        super().__init__(driver_class=driver_class())
        self.no_color = no_color or bool(os.environ.get("NO_COLOR"))
        if self.no_color:
            from .terminal.colourless import ColourlessFilter

            self._filters.append(ColourlessFilter())
        if is_ascii:
            from .terminal.ascii import AsciiFilter

            self._filters.append(AsciiFilter())
        for mode in modes:
            self.add_mode(mode.id, partial(open_mode, mode, self.shared))
            self._bindings.key_to_bindings[mode.key] = [mode_binding(mode)]

    def _new_sensor_state(self, clock: Callable[[], float]) -> SensorState:
        return SensorState(clock, seen=SeenSpans(self._utc_ms))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of states and lines, for whatever theme is chosen."""
        return css_variables(self.current_theme)

    def on_mount(self) -> None:
        """Show the first frame before anything is imported that it does not need."""
        self._signals.enter_context(signals.calling(self.exit))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if not self.is_running:  # it is ended before its first frame
            return
        gc.freeze()  # what is there now stays: a collection that looked at it would only make a frame late
        gc.enable()
        self._apply_config()
        self._draw_every(1 / self._frames_per_s)
        self._follow()
        if self._begins_with_first_run:
            self.action_first_run()

    def _draw_every(self, seconds: float) -> None:
        """Draw frames at another rate from now on."""
        if self._frame_timer is not None:
            self._frame_timer.stop()
        self._frame_timer = self.set_interval(seconds, self._frame)

    def _apply_config(self) -> None:
        """Take theme and keys from the settings, and report what is wrong in their file."""
        wanted = self.shared.config.dashboard
        if wanted.theme != self.theme and self._has_config_file and wanted.theme in self.available_themes:
            self.theme = wanted.theme
        problems = [str(problem) for problem in self._config_problems]
        if wanted.keys:
            from .keymap import unknown_ids

            self.set_keymap(wanted.keys)
            problems += unknown_ids(wanted.keys)
        for problem in problems:
            self.notify(problem, title="Settings", severity="warning", markup=False)
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def _keep_theme(self, theme: Theme) -> None:
        """Write a theme that the wearer has chosen into the settings file."""
        path, config = self.shared.config_path, self.shared.config
        if path is None or theme.name == config.dashboard.theme or theme.name not in THEMES:
            return
        self.shared.config = replace(config, dashboard=replace(config.dashboard, theme=theme.name))
        run_beside(self, self._write_theme, path, theme.name, group="theme")

    async def _write_theme(self, path: Path, theme: str) -> None:
        try:
            await self.shared.disk.call(lambda: change_config(path, {"dashboard.theme": theme}))
        except UnslouchError as error:
            self.notify(f"The theme is not kept: {error}", severity="warning", markup=False)

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
        """Draw less often, and let the sensor rest if the wearer looks elsewhere for long."""
        self._draw_every(max(UNFOCUSED_FRAME_S, 1 / self._frames_per_s))
        self._set_focus(False)
        if self._unwatched_timer is None:  # some terminals say it twice
            self._unwatched_timer = self.set_timer(self._unwatched_after_s, lambda: self.shared.feed.watch(False))

    def on_app_focus(self) -> None:
        """Draw as often as before, and ask for live data again, once the wearer looks."""
        self._draw_every(1 / self._frames_per_s)
        self._frame()
        self._set_focus(True)
        if self._unwatched_timer is not None:
            self._unwatched_timer.stop()
            self._unwatched_timer = None
            self.shared.feed.watch(True)

    # Notifications of the desktop

    def _set_focus(self, has_focus: bool) -> None:
        if self._desktop_notes is not None:
            self._desktop_notes.has_focus = has_focus

    def _notify_desktop(self) -> None:
        note = None if self._desktop_notes is None else self._desktop_notes.due(self.shared)
        if note is not None:
            run_beside(self, self._show_on_desktop, note, group="desktop")

    async def _show_on_desktop(self, note: Note) -> None:
        refusal = await self._desktop.show(note)
        if refusal:
            self._desktop_notes = None
            self.notify(refusal, severity="warning", markup=False)

    # The feed

    def _follow(self) -> None:
        self._following = run_beside(self, self._run_feed, self.shared.feed, self.shared.sensor, group="feed")

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

    async def release(self) -> None:
        """Store what the sensor has sent and end the link to it, so that something else can use it."""
        await self._stop_following()
        self.shared.sensor.let_go()

    async def on_unmount(self) -> None:
        """Store what the sensor has sent, and release it."""
        await self._stop_following()
        self.shared.close_store()
        self._signals.close()

    def retry(self) -> None:
        """Look for the sensor now."""
        if self._following is not None and self._following.is_finished:
            self.shared.sensor.begin_again()
            self._follow()
        else:
            self.shared.feed.retry()

    # Frames, and what to do without a sensor

    def _frame(self) -> None:
        screen = self.mode_screen
        if screen is None:
            return
        self.shared.coach.tick(
            self.shared.quiet.current
        )  # first, so that the samples lead to no suggestion in a meeting
        self.shared.take_samples()
        screen.frame()
        self._announce_events()
        self._notify_desktop()
        self._read_set_up_if_outdated()
        self._refresh_coach_if_due()
        sensor = self.shared.sensor
        if self._no_sensor is not None and sensor.is_linked:
            self._no_sensor.dismiss()
        is_missing = sensor.info is None and sensor.state in (LinkState.WAITING, LinkState.REFUSED)
        if is_missing and not self._has_asked:
            self._ask()

    def _announce_events(self) -> None:
        notice, self.shared.feed.notice = self.shared.feed.notice, ""
        if notice:
            self.notify(notice, markup=False)
        for event in self.shared.sensor.take_unannounced():
            is_in_dialog = self.screen is not self.mode_screen
            if not (is_in_dialog and event.code in ANNOUNCED_BY_DIALOG):
                sentence = describe_event(event)
                self.notify(f"{sentence[0].upper()}{sentence[1:]}.", markup=False)

    def _read_set_up_if_outdated(self) -> None:
        shared = self.shared
        if shared.set_up.is_outdated(shared.sensor):
            run_latest(self, shared.set_up.read, shared.feed, shared.sensor, group="settings")

    def _new_coach(self) -> Coaching:
        return Coaching(self._utc_ms, lambda: self.shared.config.coach.preferences)

    def _refresh_coach_if_due(self) -> None:
        shared = self.shared
        if shared.coach.is_due(shared.clock(), shared.sensor.records_stored):
            run_beside(self, shared.refresh_coach, group="coach")

    def _ask(self) -> None:
        """Offer what can be done without a sensor; once per search that the wearer began."""
        from unslouch.tui.screens.no_sensor import NoSensorScreen

        self._has_asked = True
        self._no_sensor = NoSensorScreen(self.shared.sensor.reason, self._open_demo is not None)
        self.push_screen(self._no_sensor, self._answer)

    async def _answer(self, answer: str | None) -> None:
        from unslouch.tui.screens.no_sensor import DEMO, QUIT, RETRY

        self._no_sensor = None
        if answer == QUIT:
            self.exit()
        elif answer == RETRY:
            self._has_asked = False
            self.shared.sensor.begin_again()
            self.shared.feed.retry()
        elif answer == DEMO:
            await self.show_demo()

    async def show_demo(self) -> None:
        """Follow a simulated sensor instead, if there is one."""
        is_followed = self._following is not None and not self._following.is_finished
        is_missing = self.shared.sensor.state in (LinkState.WAITING, LinkState.REFUSED)
        is_shown = self.shared.feed.is_simulated and is_followed and not is_missing
        if self._open_demo is None or is_shown:  # it may be chosen twice
            return
        await self._stop_following()
        self.shared.follow(self._open_demo(), self._new_sensor_state(self.shared.clock), self._new_coach())
        for mode in self._screen_stacks:
            screen = self.get_screen_stack(mode)[0]
            if isinstance(screen, ModeScreen):
                screen.follow_sensor()
        self._follow()
