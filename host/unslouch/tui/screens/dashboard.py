"""The dashboard's main screen: everything that is known of the sensor and of today, and the keys."""

from collections.abc import Awaitable, Callable
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
from unslouch.tui.background import BackgroundThread
from unslouch.tui.feed import Feed
from unslouch.tui.sensor_state import SensorState
from unslouch.tui.widgets.connection_bar import ConnectionBar
from unslouch.tui.widgets.posture_panel import PosturePanel
from unslouch.tui.widgets.suggestion_card import SuggestionCard
from unslouch.tui.widgets.tilt_plot import TiltPlot
from unslouch.tui.widgets.today import Today
from unslouch_device.contract import records, states

if TYPE_CHECKING:
    from unslouch.analysis.day import Day

TODAY_MOST_EVERY_S = 3.0
"""How long after the last time today is read again, if records have come."""
TODAY_LEAST_EVERY_S = 60.0
"""How long after the last time it is read again in any case: another day may have begun."""
MOVED = (
    "The sensor may have moved: you walk differently from usual. Sit upright and press z to re-zero, or c to calibrate."
)

ANNOUNCED_BY_DIALOG = (records.CALIBRATED, records.STANDING_ZERO)
"""Events that are not announced while a dialog is open: the calibration's shows them."""
NEED_LINK = ("calibrate", "rezero", "buzz", "snooze", "profiles")
"""Actions that need a linked sensor."""


def _binding(
    key: str, action: str, description: str, tooltip: str, key_display: str | None = None, show: bool = True
) -> Binding:
    id = f"dashboard.{action}"
    return Binding(key, action, description, id=id, tooltip=tooltip, key_display=key_display, show=show)


class DashboardScreen(Screen[None]):
    """Draws the sensor's state once per frame, however many samples come."""

    DEFAULT_CSS = """
    DashboardScreen { overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-color: $panel-lighten-2; }
    DashboardScreen #middle { height: 1fr; min-height: 5; }
    DashboardScreen.-normal #middle, DashboardScreen.-wide #middle { layout: horizontal; }
    DashboardScreen.-normal #plot, DashboardScreen.-wide #plot { width: 1fr; height: 100%; }
    DashboardScreen.-normal #suggestion { width: 36; height: 100%; }
    DashboardScreen.-wide #suggestion { width: 44; height: 100%; }
    DashboardScreen.-tall #sources { display: block; margin-top: 1; }
    DashboardScreen.-tall #how { margin-top: 1; }
    DashboardScreen.-short #totals, DashboardScreen.-short #why { display: none; }
    DashboardScreen.-narrow.-medium.-suggesting #totals { max-height: 1; }
    DashboardScreen.-narrow.-short.-suggesting #middle { min-height: 9; }
    DashboardScreen.-narrow #lateral-box { display: none; }
    DashboardScreen #moved { display: none; height: auto; background: $warning-muted; color: $text-warning;
        padding: 0 1; }
    DashboardScreen.-moved #moved { display: block; }
    DashboardScreen #keys { display: none; dock: bottom; height: 1; background: $panel; padding: 0 1; }
    DashboardScreen.-narrow #keys { display: block; }
    DashboardScreen.-narrow Footer { display: none; }
    DashboardScreen ToastRack { dock: top; align: left top; margin: 6 0 0 1; }
    DashboardScreen ToastHolder { align-horizontal: left; }
    DashboardScreen.-covered Footer, DashboardScreen.-covered #keys { visibility: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        _binding("c", "calibrate", "Calibrate", "Show the sensor how you sit upright, bow and stand."),
        _binding("z", "rezero", "Re-zero", "Move upright to the posture you sit in now, keeping the axes."),
        _binding("b", "buzz", "Buzz", "Make the sensor vibrate once.", show=False),
        _binding("s", "snooze", "Snooze", "Keep the motor quiet for a while, or end that."),
        _binding("f", "profiles", "Profile", "Choose or rename a profile, such as one for each chair."),
        _binding("p", "pause", "Pause", "Hold the plot, or let it run on."),
        _binding("e", "export", "Export", "Write today as CSV into the working directory."),
        _binding("d", "dismiss_suggestion", "Clear", "Hide the suggested exercise."),
        _binding("r", "retry", "Retry", "Look for the sensor now."),
        _binding("question_mark", "app.help", "Help", "Explain keys and shapes.", key_display="?"),
        _binding("q", "app.quit", "Quit", "Leave; a real sensor goes on recording."),
    ]

    def __init__(
        self, feed: Feed, sensor: SensorState, coach: Coach, retry: Callable[[], None], in_ascii: bool
    ) -> None:
        """retry: look for the sensor now; in_ascii: the screen shows ASCII alone."""
        super().__init__(id="dashboard")
        self.feed = feed
        self.sensor = sensor
        self.coach = coach
        self._retry = retry
        self._connection = ConnectionBar()
        self._posture = PosturePanel(in_ascii)
        self._plot = TiltPlot(sensor.settings["threshold"], sensor.settings["hysteresis"])
        self._card = SuggestionCard()
        self._today = Today()
        self._set_up: tuple[int, int, int] | None = None
        self._disk = BackgroundThread("dashboard-disk")
        self._is_reading_today = False
        self._today_read_at_s = float("-inf")
        self._keys_shown = (False, False)
        self._toasts_at_row = 0

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
        self.close_store()
        self.feed, self.sensor, self.coach = feed, sensor, coach
        self._set_up = None
        self._today_read_at_s = float("-inf")
        self._plot.clear()
        self._today.show(None)

    def close_store(self) -> None:
        """Close the store in its own thread, without waiting for it."""
        self._disk.post(self.feed.close)

    def on_screen_suspend(self) -> None:
        """Offer no keys while a dialog has them."""
        self.add_class("-covered")

    def on_screen_resume(self) -> None:
        """Offer the keys again."""
        self.remove_class("-covered")

    def draw(self) -> None:
        """Draw a frame: bring the screen up to date with the sensor's state."""
        sensor = self.sensor
        plot = self._plot
        for sample in sensor.take_undrawn():
            uptime_s = sample.uptime_ms / 1000
            plot.add(uptime_s, sample.forward_deg)
            self.coach.observe(uptime_s, sample.state, sample.forward_deg, sample.lateral_deg)
        plot.set_message(plot_message(sensor))
        plot.advance()
        self._place_toasts(plot.region.y)
        self._connection.show(sensor, self.feed.is_simulated, self.feed.link_kind)
        self._posture.show(sensor, self.feed.is_simulated)
        self._today.count_unstored(sensor.count_unstored(records.SLOUCH_STARTED), sensor.count_unstored(records.ALERT))
        self._today.show_recording(sensor.live is not None)
        self._card.show(self.coach.suggestion)
        self._fetch_set_up_if_changed()
        self._read_today_if_due()
        self.set_class(sensor.board is not None and sensor.board.sensor_moved, "-moved")
        self._announce_events()
        keys_shown = self.coach.suggestion is not None, sensor.is_paused
        if keys_shown != self._keys_shown:
            self._keys_shown = keys_shown
            self.set_class(keys_shown[0], "-suggesting")
            self.refresh_bindings()

    def _place_toasts(self, row: int) -> None:
        """Show notifications from a row on: over the oldest part of the plot, where they hide the least."""
        if row != self._toasts_at_row:
            self._toasts_at_row = row
            for rack in self.query("ToastRack"):
                rack.styles.margin = (row, 0, 0, 1)

    def _announce_events(self) -> None:
        for event in self.sensor.take_unannounced():
            if not (self.has_class("-covered") and event.code in ANNOUNCED_BY_DIALOG):
                words = describe_event(event)
                self.notify(f"{words[0].upper()}{words[1:]}.", markup=False)

    def _fetch_set_up_if_changed(self) -> None:
        board = self.sensor.board
        if board is None:
            return
        set_up = board.settings_revision, board.profile, board.calibration_id
        if self._set_up != set_up:
            self._set_up = set_up
            self.run_worker(self._fetch_set_up(), group="settings", exclusive=True)

    def _read_today_if_due(self) -> None:
        """Read today again if it is time, and if no reading is under way."""
        if self._is_reading_today:
            return
        age_s = self.sensor.clock() - self._today_read_at_s
        if age_s >= (TODAY_MOST_EVERY_S if self.sensor.has_new_records else TODAY_LEAST_EVERY_S):
            self._is_reading_today = True
            self.sensor.has_new_records = False
            self.run_worker(self._read_today(self.feed, self.sensor), group="today")

    async def _read_today(self, feed: Feed, sensor: SensorState) -> None:
        try:
            day: Day | None = await self._disk.call(feed.load_today)
            if feed is self.feed:
                self._today.show(day)
            if day is not None:
                sensor.drop_stored(day)
        except UnslouchError as error:
            self._notify_error(error)
        finally:
            self._is_reading_today = False
            if feed is self.feed:
                self._today_read_at_s = sensor.clock()

    async def _fetch_set_up(self) -> None:
        try:
            client = self.feed.client
            _, self.sensor.settings = await client.settings()
            self.sensor.profiles = await client.profiles()
        except UnslouchError:
            self._set_up = None  # the link broke; the next status leads here again
            return
        values = self.sensor.settings
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
        """Open the profiles; if the wearer selects one without a calibration, say how to calibrate."""
        from .profiles import ProfilesScreen

        def chosen(profile: Profile | None) -> None:
            self._set_up = None  # names may have changed
            if profile is not None and not profile.calibration_id:
                self.notify(f"{profile.title} has no calibration yet: press c.", markup=False)

        self.app.push_screen(ProfilesScreen(self.feed), chosen)

    def action_rezero(self) -> None:
        """Take the present posture as upright without a new calibration; ask first far from upright."""
        from unslouch.sensor.calibration import question_before_change

        question = question_before_change(self.sensor.live)
        if not question:
            self._rezero(True)
            return
        from .confirm import ConfirmScreen

        self.app.push_screen(ConfirmScreen("Re-zero", question, "y takes this posture, Esc cancels."), self._rezero)

    def _rezero(self, agreed: bool | None) -> None:
        async def rezero() -> str:
            await self.feed.client.rezero()
            return ""  # the sensor's event announces it

        if agreed:
            self._run(rezero())

    def action_buzz(self) -> None:
        """Make the motor vibrate once."""

        async def buzz() -> str:
            await self.feed.client.buzz()
            return "The sensor vibrates."

        self._run(buzz())

    def action_snooze(self) -> None:
        """Snooze as long as the setting says, or end a snooze."""
        live = self.sensor.live
        minutes = 0 if live is not None and live.snoozed else None

        async def snooze() -> str:
            snoozed_min = await self.feed.client.snooze(minutes)
            return f"No vibration for {snoozed_min} min." if snoozed_min else "The snooze has ended."

        self._run(snooze())

    def action_pause(self) -> None:
        """Hold the plot, or let it run on."""
        self._plot.set_paused(not self._plot.paused)

    def action_export(self) -> None:
        """Write today as CSV, up to this moment."""

        async def export() -> str:
            await self.feed.flush()
            return f"Wrote {await self._disk.call(self.feed.export_today)}."

        self._run(export())

    def action_dismiss_suggestion(self) -> None:
        """Hide the suggestion."""
        self.coach.dismiss()

    def action_retry(self) -> None:
        """Look for the sensor now."""
        self._retry()

    def _run(self, command: Awaitable[str]) -> None:
        """Run a command and show the sentence that it returns, or that of its error."""

        async def run() -> None:
            try:
                done = await command
            except UnslouchError as error:
                self._notify_error(error)
            else:
                if done:
                    self.notify(done, markup=False)

        self.run_worker(run(), group="command")

    def _notify_error(self, error: UnslouchError) -> None:
        self.notify(str(error), severity="error", markup=False)


def plot_message(sensor: SensorState) -> str:
    """Return why there is no tilt to plot; empty where there is one."""
    if sensor.live is None:
        return "no live data"
    if sensor.live.state == states.UNKNOWN:
        return "no data from the motion sensor"
    return "" if sensor.live.forward_deg is not None else "no tilt without a calibration"
