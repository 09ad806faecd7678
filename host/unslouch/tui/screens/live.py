"""The Live mode: the posture of this moment, and today so far."""

from collections.abc import Hashable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Resize
from textual.widgets import Static

from unslouch.tui.bindings import binding
from unslouch.tui.seen import SeenSpans
from unslouch.tui.sensor_state import SensorState
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.connection_bar import ConnectionBar
from unslouch.tui.widgets.posture_figure import PostureFigure
from unslouch.tui.widgets.posture_panel import PosturePanel, silence_line
from unslouch.tui.widgets.suggestion_card import SuggestionCard
from unslouch.tui.widgets.tilt_plot import TiltPlot
from unslouch.tui.widgets.today import Today
from unslouch_device.contract import records, states

from .coach_commands import CoachCommands
from .sensor_commands import NEED_LINK, SensorCommands
from .time_travel import TimeTravel

if TYPE_CHECKING:
    from unslouch.analysis.day import Day
    from unslouch.analysis.model import Span
    from unslouch.tui.past import PastState

MOVED = (
    "The sensor may have moved: you walk differently from usual. Sit upright and press z to re-zero, or c to calibrate."
)

ZOOM_IN = "Show a shorter time in the plot, down to 5 s."
ZOOM_OUT = "Show a longer time in the plot, up to 10 min."
PAST_KEYS_FROM = 90
"""From so many cells on there is room for the keys of the past beside its moment."""
TINY_ROWS = 16
SEEN_EVERY_S = 1.0
"""How often today is brought up to date with what is not stored yet."""


class LiveScreen(TimeTravel, CoachCommands, SensorCommands):
    """Draws the sensor's state once per frame, however many samples come."""

    MODE = "live"
    AUTO_FOCUS = ""
    HELP = """## Live

Your posture now: its state, how far you lean forward and sideways against your calibrated upright, and the last
minutes as a plot. The motor's line says whether it would vibrate now, and if not, why. Today so far is below: a
cell of the ribbon has the state that fills most of its time.

`z` makes the posture you sit in the new upright, `c` calibrates. For a minute `Z` takes back either.

An exercise is suggested on a card, which says why. The card asks for an answer when you next change posture or stand
up; d, l and x answer it before, too. Getting up for a minute is an answer as well.
"""
    DEFAULT_CSS = """
    LiveScreen #silence { height: auto; max-height: 2; padding: 0 2; color: $text-muted; }
    LiveScreen #silence.-silent { color: $text-warning; }
    LiveScreen #middle { height: 1fr; min-height: 5; }
    LiveScreen #figure { display: none; }
    LiveScreen.-normal #middle, LiveScreen.-wide #middle, LiveScreen.-huge #middle { layout: horizontal; }
    LiveScreen.-normal #plot, LiveScreen.-wide #plot, LiveScreen.-huge #plot { width: 1fr; height: 100%; }
    LiveScreen.-normal #figure, LiveScreen.-wide #figure, LiveScreen.-huge #figure { display: block; }
    LiveScreen.-normal.-suggesting #figure { display: none; }
    LiveScreen.-normal.-short #figure { display: none; }
    LiveScreen.-wide #figure { width: 40; }
    LiveScreen.-huge #figure { width: 60; }
    LiveScreen.-normal #suggestion { width: 44; height: 100%; }
    LiveScreen.-medium #answers { dock: bottom; }
    LiveScreen.-wide #suggestion, LiveScreen.-huge #suggestion { width: 44; height: 100%; }
    LiveScreen.-tall PostureFigure { layout: vertical; width: 36; }
    LiveScreen.-tall #side-view { width: 100%; height: 3fr; }
    LiveScreen.-tall #back-view { width: 100%; height: 2fr; }
    LiveScreen.-tall.-huge PostureFigure { width: 52; }
    LiveScreen.-tall #sources { display: block; margin-top: 1; }
    LiveScreen.-tall #how, LiveScreen.-tall #answers { margin-top: 1; }
    LiveScreen.-tall #suggestion #more { display: block; }
    LiveScreen.-tall #suggestion.-thanks #more { display: none; }
    LiveScreen #coach-notice { display: none; height: auto; color: $text-muted; padding: 0 1; }
    LiveScreen.-short #totals, LiveScreen.-short #why { display: none; }
    LiveScreen.-short PosturePanel { height: 3; }
    LiveScreen.-short PosturePanel > Vertical { border: none; }
    LiveScreen.-short Today { border: none; }
    LiveScreen.-short TiltPlot { border: none; border-top: solid $frame; min-height: 3; }
    LiveScreen.-short TiltPlot:focus { border-top: solid $frame-accent; }
    LiveScreen.-short Today:focus { border: none; background: $panel; }
    LiveScreen.-short #middle { min-height: 3; }
    LiveScreen.-narrow.-medium.-suggesting #totals { max-height: 1; }
    LiveScreen.-short #silence { padding: 0 1; }
    LiveScreen.-tiny #middle, LiveScreen.-tiny TiltPlot { min-height: 2; }
    LiveScreen.-tiny.-suggesting #silence, LiveScreen.-tiny.-suggesting #plot { display: none; }
    LiveScreen.-narrow.-short #posture { width: 1fr; padding: 0 0 0 1; }
    LiveScreen.-narrow.-short #forward-box { width: 19; padding: 0; }
    LiveScreen.-short #suggestion { border: none; border-top: solid $frame-accent; }
    LiveScreen.-narrow #lateral-box { display: none; }
    LiveScreen #moved, LiveScreen #past { display: none; height: auto; padding: 0 1; }
    LiveScreen #moved { background: $warning-muted; color: $text-warning; }
    LiveScreen #past { background: $accent-muted; color: $text-accent; text-style: bold; }
    LiveScreen #moved:ansi, LiveScreen #past:ansi { background: ansi_default; text-style: bold reverse; }
    LiveScreen.-moved #moved, LiveScreen.-past #past { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("live", "p", "pause", "Pause", "Hold the plot, or let it run on."),
        binding("live", "plus", "zoom(1)", "Zoom in", ZOOM_IN, show=False, name="zoom-in", key_display="+"),
        binding("live", "minus", "zoom(-1)", "Zoom out", ZOOM_OUT, show=False, name="zoom-out", key_display="-"),
        binding("live", "e", "export", "Export", "Write today as CSV into the working directory."),
        binding("live", "r", "retry", "Retry", "Look for the sensor now."),
    ]

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        settings = shared.sensor.settings
        self._connection = ConnectionBar()
        self._past = Static(id="past", markup=False)
        self._posture = PosturePanel(shared.in_ascii)
        self._silence = Static(id="silence", markup=False)
        self._silence.tooltip = "Whether the motor would vibrate now, and if not, why and until when."
        self._figure = PostureFigure()
        self._plot = TiltPlot(settings["threshold"], settings["hysteresis"])
        self._card = SuggestionCard()
        self._coach_notice = Static(id="coach-notice", markup=False)
        self._notice_shown = ""
        self._today = Today()
        self._plotted = 0
        self._moment: PastState | None = None
        self._silence_shown = ""
        self._seen_at_s = float("-inf")
        self._day: Day | None = None

    def compose_body(self) -> ComposeResult:
        yield self._connection
        yield self._past
        yield Static(MOVED, id="moved")
        yield self._posture
        yield self._silence
        with Vertical(id="middle"):
            yield self._figure
            yield self._plot
            yield self._card
        yield self._coach_notice
        yield self._today

    def forget_sensor(self) -> None:
        """Empty the plot and today."""
        self._plot.clear()
        self._plotted = 0
        self._day = None
        self._today.clear()

    def draw(self) -> None:
        """Bring every panel up to date with the sensor's state, or with that of a moment of the past."""
        if self.shared.moment is not self._moment:
            self._show_moment(self.shared.moment)
        sensor, feed = self.shared.shown_sensor, self.shared.feed
        self._draw_plot(sensor)
        self._connection.show(self.shared.sensor, feed.is_simulated, feed.link_kind)
        self._posture.show(sensor, feed.is_simulated)
        self._draw_silence("" if self._moment else silence_line(sensor, self.shared.quiet.current))
        live = sensor.live
        tilts = (None, None) if live is None else (live.forward_deg, live.lateral_deg)
        self._figure.show(self.shared.clock(), sensor.posture, *tilts)
        if self._moment is None:
            self._draw_today(sensor)
        coach = self.shared.coach
        self._card.show(coach.live if self._moment is None else None)
        self._draw_coach_notice(coach.notice if self._moment is None else "")
        self.set_class(coach.suggestion is not None and self._moment is None, "-suggesting")
        self.set_class(sensor.board is not None and sensor.board.sensor_moved, "-moved")

    def _draw_today(self, sensor: SensorState) -> None:
        """Count what the store does not have yet; the ribbon is brought up to date once a second."""
        today = self._today
        today.count_unstored(sensor.count_unstored(records.SLOUCH_STARTED), sensor.count_unstored(records.ALERT))
        today.show_recording(sensor.live is not None)
        now_s = self.shared.clock()
        if now_s - self._seen_at_s >= SEEN_EVERY_S:
            self._seen_at_s = now_s
            today.show_seen(seen_today(sensor.seen, self._day))

    def _draw_coach_notice(self, notice: str) -> None:
        if notice != self._notice_shown:
            self._notice_shown = notice
            self._coach_notice.update(notice)
            self._coach_notice.display = bool(notice)

    def _draw_silence(self, line: str) -> None:
        if line != self._silence_shown:
            self._silence_shown = line
            self._silence.update(line)
            self._silence.set_class(line.startswith("Motor silent"), "-silent")

    def _draw_plot(self, sensor: SensorState) -> None:
        tilts = self.shared.tilts
        if self._moment is None:
            for sample in tilts.since(self._plotted):
                self._plot.add(sample.uptime_ms / 1000, sample.forward_deg)
            self._plotted = tilts.added
        self._plot.set_thresholds(sensor.settings["threshold"], sensor.settings["hysteresis"])
        self._plot.set_message(plot_message(sensor))
        self._plot.advance()

    def _show_moment(self, moment: "PastState | None") -> None:
        """Put a moment of the past onto the screen, or with None the present."""
        self._moment = moment
        self.set_class(moment is not None, "-past")
        self._plot.clear()
        self._plotted = 0
        if moment is None:
            self._seen_at_s = float("-inf")
            self._today.show(self._day)
            return
        keys = "← → go by a second, Shift by a minute, " if self.size.width >= PAST_KEYS_FROM else ""
        self._past.update(f"The past: {moment.title}. {keys}Esc shows now.")
        for sample in moment.samples:
            self._plot.add(sample.uptime_ms / 1000, sample.forward_deg)
        self._today.show_seen([])
        self._today.show(moment.day)

    def on_resize(self, event: Resize) -> None:
        """Leave the plot out where there is no room for it beside a suggestion."""
        self.set_class(event.size.height < TINY_ROWS, "-tiny")

    def is_timely(self, action: str) -> bool:
        """Leave the place in the footer to the keys that go through the past, while it is shown."""
        return (self.shared.moment is None or action not in NEED_LINK) and super().is_timely(action)

    def toast_row(self) -> int:
        """Cover the oldest part of the plot."""
        return self._plot.region.y

    def key_state(self) -> Hashable:
        return super().key_state(), self.shared.coach.is_open, self.shared.moment is not None

    async def refresh_data(self) -> None:
        """Read today."""
        feed, sensor = self.shared.feed, self.shared.sensor
        day = self._day = await self.shared.disk.call(feed.load_today)
        if day is not None:
            sensor.drop_stored(day)
        if self._moment is None:
            self._seen_at_s = float("-inf")
            self._today.show_seen(seen_today(sensor.seen, day))
            self._today.show(day)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that would do something."""
        if action == "retry":
            return self.shared.sensor.is_paused
        return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Hold the plot, or let it run on."""
        self._plot.set_paused(not self._plot.paused)

    def action_zoom(self, steps: int) -> None:
        """Show a shorter time in the plot, or a longer one."""
        self._plot.zoom(steps)

    def action_export(self) -> None:
        """Write today as CSV, up to this moment."""
        feed = self.shared.feed

        async def export() -> str:
            await feed.flush()
            return f"Wrote {await self.shared.disk.call(feed.export_today)}."

        self.run_command(export)

    def action_retry(self) -> None:
        """Look for the sensor now."""
        self.shared.retry()


def seen_today(seen: SeenSpans, day: "Day | None") -> "list[Span]":
    """Return what is not stored of a day, or of the present day if nothing of it is stored yet."""
    if day is not None:
        end_ms = int(day.end.timestamp() * 1000)
        return [span for span in seen.spans(day.until_utc_ms) if span.start_utc_ms < end_ms]
    spans = seen.spans()
    if not spans:
        return []
    midnight = datetime.fromtimestamp(spans[-1].end_utc_ms / 1000).replace(hour=0, minute=0, second=0, microsecond=0)
    return seen.spans(int(midnight.timestamp() * 1000))


def plot_message(sensor: SensorState) -> str:
    """Return why there is no tilt to plot; empty where there is one."""
    if sensor.live is None:
        return "no live data"
    if sensor.live.state == states.UNKNOWN:
        return "no data from the motion sensor"
    return "" if sensor.live.forward_deg is not None else "no tilt without a calibration"
