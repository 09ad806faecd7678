"""The Live mode: the posture of this moment, and today so far."""

from collections.abc import Hashable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from unslouch.tui.bindings import binding
from unslouch.tui.sensor_state import SensorState
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.connection_bar import ConnectionBar
from unslouch.tui.widgets.posture_panel import PosturePanel
from unslouch.tui.widgets.suggestion_card import SuggestionCard
from unslouch.tui.widgets.tilt_plot import TiltPlot
from unslouch.tui.widgets.today import Today
from unslouch_device.contract import records, states

from .sensor_commands import SensorCommands

MOVED = (
    "The sensor may have moved: you walk differently from usual. Sit upright and press z to re-zero, or c to calibrate."
)


class LiveScreen(SensorCommands):
    """Draws the sensor's state once per frame, however many samples come."""

    MODE = "live"
    HELP = """## Live

Your posture now: its state, your forward and lateral tilt against your calibrated upright, and the last minutes as a
plot. Today so far is below.
"""
    DEFAULT_CSS = """
    LiveScreen #middle { height: 1fr; min-height: 5; }
    LiveScreen.-normal #middle, LiveScreen.-wide #middle { layout: horizontal; }
    LiveScreen.-normal #plot, LiveScreen.-wide #plot { width: 1fr; height: 100%; }
    LiveScreen.-normal #suggestion { width: 36; height: 100%; }
    LiveScreen.-wide #suggestion { width: 44; height: 100%; }
    LiveScreen.-tall #sources { display: block; margin-top: 1; }
    LiveScreen.-tall #how { margin-top: 1; }
    LiveScreen.-short #totals, LiveScreen.-short #why { display: none; }
    LiveScreen.-narrow.-medium.-suggesting #totals { max-height: 1; }
    LiveScreen.-narrow.-short.-suggesting #middle { min-height: 9; }
    LiveScreen.-narrow #lateral-box { display: none; }
    LiveScreen #moved { display: none; height: auto; background: $warning-muted; color: $text-warning;
        padding: 0 1; }
    LiveScreen.-moved #moved { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("live", "p", "pause", "Pause", "Hold the plot, or let it run on."),
        binding("live", "e", "export", "Export", "Write today as CSV into the working directory."),
        binding("live", "d", "dismiss_suggestion", "Clear", "Hide the suggested exercise."),
        binding("live", "r", "retry", "Retry", "Look for the sensor now."),
    ]

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        settings = shared.sensor.settings
        self._connection = ConnectionBar()
        self._posture = PosturePanel(shared.in_ascii)
        self._plot = TiltPlot(settings["threshold"], settings["hysteresis"])
        self._card = SuggestionCard()
        self._today = Today()
        self._plotted = 0

    def compose_body(self) -> ComposeResult:
        yield self._connection
        yield Static(MOVED, id="moved")
        yield self._posture
        with Vertical(id="middle"):
            yield self._plot
            yield self._card
        yield self._today

    def forget_sensor(self) -> None:
        """Empty the plot and today."""
        self._plot.clear()
        self._plotted = 0
        self._today.show(None)

    def draw(self) -> None:
        """Bring every panel up to date with the sensor's state."""
        sensor, feed = self.shared.sensor, self.shared.feed
        self._draw_plot(sensor)
        self._connection.show(sensor, feed.is_simulated, feed.link_kind)
        self._posture.show(sensor, feed.is_simulated)
        self._today.count_unstored(sensor.count_unstored(records.SLOUCH_STARTED), sensor.count_unstored(records.ALERT))
        self._today.show_recording(sensor.live is not None)
        self._card.show(self.shared.coach.suggestion)
        self.set_class(sensor.board is not None and sensor.board.sensor_moved, "-moved")
        self.set_class(self.shared.coach.suggestion is not None, "-suggesting")

    def _draw_plot(self, sensor: SensorState) -> None:
        tilts = self.shared.tilts
        for sample in tilts.since(self._plotted):
            self._plot.add(sample.uptime_ms / 1000, sample.forward_deg)
        self._plotted = tilts.added
        self._plot.set_thresholds(sensor.settings["threshold"], sensor.settings["hysteresis"])
        self._plot.set_message(plot_message(sensor))
        self._plot.advance()

    def toast_row(self) -> int:
        """Cover the oldest part of the plot."""
        return self._plot.region.y

    def key_state(self) -> Hashable:
        return super().key_state(), self.shared.coach.suggestion is not None

    async def refresh_data(self) -> None:
        """Read today."""
        feed, sensor = self.shared.feed, self.shared.sensor
        day = await self.shared.disk.call(feed.load_today)
        self._today.show(day)
        if day is not None:
            sensor.drop_stored(day)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that would do something."""
        if action == "dismiss_suggestion":
            return self.shared.coach.suggestion is not None
        if action == "retry":
            return self.shared.sensor.is_paused
        return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Hold the plot, or let it run on."""
        self._plot.set_paused(not self._plot.paused)

    def action_export(self) -> None:
        """Write today as CSV, up to this moment."""
        feed = self.shared.feed

        async def export() -> str:
            await feed.flush()
            return f"Wrote {await self.shared.disk.call(feed.export_today)}."

        self.run_command(export())

    def action_dismiss_suggestion(self) -> None:
        """Hide the suggestion."""
        self.shared.coach.dismiss()

    def action_retry(self) -> None:
        """Look for the sensor now."""
        self.shared.retry()


def plot_message(sensor: SensorState) -> str:
    """Return why there is no tilt to plot; empty where there is one."""
    if sensor.live is None:
        return "no live data"
    if sensor.live.state == states.UNKNOWN:
        return "no data from the motion sensor"
    return "" if sensor.live.forward_deg is not None else "no tilt without a calibration"
