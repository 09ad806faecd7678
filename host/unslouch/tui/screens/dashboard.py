"""The dashboard's one screen: everything that is known, and the keys."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Footer, Static

from unslouch.coach.suggest import Coach
from unslouch.errors import UnslouchError
from unslouch.link.descriptions import describe_event
from unslouch.link.model import Profile
from unslouch.tui.feed import Feed
from unslouch.tui.sensor_state import SensorState
from unslouch.tui.widgets.connection_bar import ConnectionBar
from unslouch.tui.widgets.posture_panel import PosturePanel
from unslouch.tui.widgets.suggestion_card import SuggestionCard
from unslouch.tui.widgets.tilt_plot import TiltPlot
from unslouch.tui.widgets.today import Today
from unslouch_device.contract import records, states

if TYPE_CHECKING:
    from unslouch.analysis.model import Day

TODAY_EVERY_S = 3.0
MOVED = (
    "The sensor may have moved: you walk differently from usual. Sit upright and press z to re-zero, or c to calibrate."
)

TOLD_BY_DIALOG = (records.CALIBRATED, records.STANDING_ZERO)


def _binding(
    key: str, action: str, description: str, tooltip: str, key_display: str | None = None, show: bool = True
) -> Binding:
    id = f"dashboard.{action}"
    return Binding(key, action, description, id=id, tooltip=tooltip, key_display=key_display, show=show)


NEED_LINK = ("calibrate", "rezero", "buzz", "snooze", "profiles")


class DashboardScreen(Screen[None]):
    """Draws the picture once per frame, whatever the pace of the samples."""

    DEFAULT_CSS = """
    DashboardScreen { overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-color: $panel-lighten-2; }
    DashboardScreen #middle { height: 1fr; min-height: 5; }
    DashboardScreen.-wide #middle { layout: horizontal; }
    DashboardScreen.-wide #plot { width: 1fr; height: 100%; }
    DashboardScreen.-wide #suggestion { width: 44; height: 100%; }
    DashboardScreen.-tall #sources { display: block; margin-top: 1; }
    DashboardScreen.-tall #how { margin-top: 1; }
    DashboardScreen.-short #totals, DashboardScreen.-short #why { display: none; }
    DashboardScreen.-medium.-suggesting #totals { max-height: 1; }
    DashboardScreen.-medium.-suggesting.-wide #totals { max-height: 3; }
    DashboardScreen.-short.-suggesting #middle { min-height: 10; }
    DashboardScreen.-narrow #lateral-box { display: none; }
    DashboardScreen #moved { display: none; height: auto; background: $warning-muted; color: $text-warning;
        padding: 0 1; }
    DashboardScreen.-moved #moved { display: block; }
    DashboardScreen #keys { display: none; dock: bottom; height: 1; background: $panel; padding: 0 1; }
    DashboardScreen.-narrow #keys { display: block; }
    DashboardScreen.-narrow Footer { display: none; }
    DashboardScreen.-covered Footer, DashboardScreen.-covered #keys { visibility: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        _binding("c", "calibrate", "Calibrate", "Show the sensor how you sit upright, bow and stand."),
        _binding("z", "rezero", "Re-zero", "Move upright to the posture you sit in now, keeping the axes."),
        _binding("b", "buzz", "Buzz", "Let the sensor vibrate once.", show=False),
        _binding("s", "snooze", "Snooze", "Keep the motor quiet for a while, or end that."),
        _binding("f", "profiles", "Profile", "Choose or rename a profile, such as one for each chair."),
        _binding("p", "pause", "Pause", "Hold the plot, or let it run on."),
        _binding("e", "export", "Export", "Write today as CSV into the working directory."),
        _binding("d", "dismiss_suggestion", "Clear", "Take the suggested exercise away."),
        _binding("r", "retry", "Retry", "Look for the sensor now."),
        _binding("question_mark", "app.help", "Help", "Explain keys and shapes.", key_display="?"),
        _binding("q", "app.quit", "Quit", "Leave; a real sensor goes on recording."),
    ]

    def __init__(self, feed: Feed, sensor: SensorState, coach: Coach) -> None:
        super().__init__(id="dashboard")
        self.feed = feed
        self.sensor = sensor
        self.coach = coach
        self._connection = ConnectionBar()
        self._posture = PosturePanel()
        self._plot = TiltPlot(sensor.settings["threshold"], sensor.settings["hysteresis"])
        self._card = SuggestionCard()
        self._today = Today()
        self._set_up: tuple[int, int, int] | None = None
        self._today_due_s = 0.0
        self._keys_shown = (False, False)

    def compose(self) -> ComposeResult:
        """Lay out the screen from top to bottom."""
        yield self._connection
        yield Static(MOVED, id="moved")
        yield self._posture
        with Vertical(id="middle"):
            yield self._plot
            yield self._card
        yield self._today
        yield Footer(compact=True, show_command_palette=False)
        yield Static("? explains the keys, q quits", id="keys")

    def follow(self, feed: Feed, sensor: SensorState, coach: Coach) -> None:
        """Show another sensor."""
        self.feed, self.sensor, self.coach = feed, sensor, coach
        self._set_up = None
        self._plot.clear()
        self._today.show(None)

    def on_screen_suspend(self) -> None:
        """Offer no keys while a dialog has them."""
        self.add_class("-covered")

    def on_screen_resume(self) -> None:
        """Offer them again."""
        self.remove_class("-covered")

    def draw(self) -> None:
        """Bring the screen up to date with the sensor; a frame."""
        sensor = self.sensor
        plot = self._plot
        for sample in sensor.take_fresh():
            uptime_s = sample.uptime_ms / 1000
            plot.add(uptime_s, sample.forward_deg)
            self.coach.observe(uptime_s, sample.state, sample.forward_deg, sample.lateral_deg)
        plot.set_message(plot_message(sensor))
        plot.advance()
        self._connection.show(sensor, self.feed.simulated)
        self._posture.show(sensor, self.feed.simulated)
        self._today.count(sensor.not_stored(records.SLOUCH_STARTED), sensor.not_stored(records.ALERT))
        self._card.show(self.coach.suggestion)
        self._fetch_what_changed()
        self.set_class(sensor.board is not None and sensor.board.sensor_moved, "-moved")
        self._tell_news()
        keys_shown = self.coach.suggestion is not None, sensor.is_paused
        if keys_shown != self._keys_shown:
            self._keys_shown = keys_shown
            self.set_class(keys_shown[0], "-suggesting")
            self.refresh_bindings()

    def _tell_news(self) -> None:
        for happening in self.sensor.take_news():
            if not (self.has_class("-covered") and happening.code in TOLD_BY_DIALOG):
                words = describe_event(happening)
                self.notify(f"{words[0].upper()}{words[1:]}.", markup=False)

    def _fetch_what_changed(self) -> None:
        sensor = self.sensor
        board = sensor.board
        if board is not None and self._set_up != (
            set_up := (board.settings_revision, board.profile, board.calibration_id)
        ):
            self._set_up = set_up
            self.run_worker(self._fetch_set_up(), group="settings", exclusive=True)
        if sensor.stored and sensor.clock() >= self._today_due_s:
            self.read_today()

    def read_today(self) -> None:
        """Read today anew from the store, off the event loop."""
        self.sensor.stored = False
        self._today_due_s = self.sensor.clock() + TODAY_EVERY_S
        self.run_worker(self._read_today(self.feed), group="today", exclusive=True)

    async def _read_today(self, feed: Feed) -> None:
        try:
            day: Day | None = await asyncio.to_thread(feed.load_today)
        except UnslouchError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if feed is self.feed:
            self._today.show(day)
            if day is not None:
                self.sensor.forget_stored(day)

    async def _fetch_set_up(self) -> None:
        try:
            self.sensor.settings = values = await self.feed.settings()
            self.sensor.profiles = await self.feed.profiles()
        except UnslouchError:
            self._set_up = None  # the link went away; the next status asks again
            return
        self._plot.set_thresholds(values["threshold"], values["hysteresis"])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that would do something."""
        if action == "dismiss_suggestion":
            return self.coach.suggestion is not None
        if action == "retry":
            return self.sensor.is_paused
        return action not in NEED_LINK or not self.sensor.is_paused

    def action_calibrate(self) -> None:
        """Open the calibration."""
        from .calibrate import CalibrateScreen

        self.app.push_screen(CalibrateScreen(self.feed, lambda: self.sensor.live))

    def action_profiles(self) -> None:
        """Open the profiles; one that isn't calibrated calls for that next."""
        from .profiles import ProfilesScreen

        def chosen(profile: Profile | None) -> None:
            self._set_up = None  # names may have changed
            if profile is not None and not profile.calibration_id:
                self.notify(f"{profile.title} has no calibration yet: press c.", markup=False)

        self.app.push_screen(ProfilesScreen(self.feed), chosen)

    def action_rezero(self) -> None:
        """Take the present posture as upright without a new calibration."""
        self._command(self.feed.rezero())  # the sensor's event tells that it is done

    def action_buzz(self) -> None:
        """Let the motor vibrate once."""
        self._command(self.feed.buzz(), "The sensor vibrates.")

    def action_snooze(self) -> None:
        """Snooze as the setting says, or end a snooze."""
        live = self.sensor.live
        self.run_worker(self._snooze(0 if live is not None and live.snoozed else None), group="command")

    async def _snooze(self, minutes: int | None) -> None:
        try:
            snoozed_min = await self.feed.snooze(minutes)
        except UnslouchError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify(f"No vibration for {snoozed_min} min." if snoozed_min else "The snooze has ended.")

    def action_pause(self) -> None:
        """Hold the plot, or let it run on."""
        self._plot.set_paused(not self._plot.paused)

    def action_export(self) -> None:
        """Write today as CSV."""
        self.run_worker(self._export(), group="export", exclusive=True)

    async def _export(self) -> None:
        try:
            path = await asyncio.to_thread(self.feed.export_today)
        except UnslouchError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify(f"Wrote {path}.", markup=False)

    def action_dismiss_suggestion(self) -> None:
        """Take the suggestion away."""
        self.coach.dismiss()

    def action_retry(self) -> None:
        """Look for the sensor now."""
        self.feed.retry()

    def _command(self, command: Awaitable[object], done: str = "") -> None:
        async def run() -> None:
            try:
                await command
            except UnslouchError as error:
                self.notify(str(error), severity="error", markup=False)
            else:
                if done:
                    self.notify(done)

        self.run_worker(run(), group="command")


def plot_message(sensor: SensorState) -> str:
    """Why there is no tilt to plot; empty where there is."""
    if sensor.live is None:
        return "no live data"
    if sensor.live.state == states.UNKNOWN:
        return "no data from the motion sensor"
    return "" if sensor.live.forward_deg is not None else "no tilt without a calibration"
