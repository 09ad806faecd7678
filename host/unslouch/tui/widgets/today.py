"""Today: its timeline, the minutes of every state, and the counts."""

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from unslouch.tui.palette import GLYPHS, STATES_SHOWN, marked
from unslouch_device.contract.states import STATE_NAMES, UNKNOWN

from .timeline import Timeline

if TYPE_CHECKING:
    from unslouch.analysis.metrics.summary import Summary
    from unslouch.analysis.model import Day


class Today(Vertical):
    """The box at the bottom of the screen."""

    DEFAULT_CSS = """
    Today { height: auto; border: round $panel-lighten-2; border-title-color: $text-muted;
        border-subtitle-color: $text; padding: 0 1; }
    Today Static { height: auto; max-height: 3; }
    """

    def __init__(self) -> None:
        super().__init__(id="today")
        self.border_title = "Today"
        self._timeline = Timeline()
        self._totals = Static(id="totals")
        self._day: Day | None = None
        self._unstored = (0, 0)

    def compose(self) -> ComposeResult:
        """Lay out the timeline and the totals."""
        yield self._timeline
        yield self._totals

    def show(self, day: "Day | None") -> None:
        """Draw a day that was read anew; None if nothing of it is stored."""
        self._day = day = None if day is None else from_first_record(day)
        self._timeline.show(day)
        self.border_title = "Today" if day is None else f"Today, {day.day:%A} {day.day.day} {day.day:%B}"
        self._add_up()
        self._flow()

    def count_unstored(self, slouches: int, alerts: int) -> None:
        """Count these too, which the store does not have yet."""
        if (slouches, alerts) != self._unstored:
            self._unstored = slouches, alerts
            self._add_up()

    def show_recording(self, is_recording: bool) -> None:
        """Say, while nothing is stored of today, whether the sensor is recording."""
        self._timeline.set_recording(is_recording)

    def _add_up(self) -> None:
        summary = None if self._day is None else self._day.summary
        self.border_subtitle = summary_words(summary, *self._unstored) if summary or any(self._unstored) else ""

    def on_resize(self, event: events.Resize) -> None:
        """Break the totals anew."""
        self._flow()

    def _flow(self) -> None:
        words = "" if self._day is None else minutes_words(self._day.summary, self.content_size.width)
        self._totals.update(words)


def minutes_words(summary: "Summary", width: int) -> str:
    """Shape, word and time of every state that occurred, as markup in lines that break between states."""
    from unslouch.analysis.metrics.minutes import STATE_MINUTES

    lines: list[str] = []
    left = 0
    for state in STATES_SHOWN:
        minutes = summary[STATE_MINUTES[state]]
        if minutes <= 0:
            continue
        name, time = f"{GLYPHS[state]} {STATE_NAMES[state]}", duration(minutes)
        cells = len(name) + 1 + len(time) + 3
        if not lines or cells - 3 > left:
            lines.append("")
            left = width
        lines[-1] += f"{marked(state, name)} {time}   "
        left -= cells
    return "\n".join(line.rstrip() for line in lines)


def from_first_record(day: "Day") -> "Day":
    """The day without the time before its first record, in which nobody knows whether there was a sensor at all."""
    from unslouch.analysis.metrics.minutes import STATE_MINUTES

    if not day.spans or day.spans[0].state != UNKNOWN:
        return day
    before, lost = day.spans[0], STATE_MINUTES[UNKNOWN]
    lost_min = day.summary[lost] - (before.end_utc_ms - before.start_utc_ms) / 60_000
    return replace(day, spans=day.spans[1:], summary=day.summary.replaced(lost, max(0.0, lost_min)))


def summary_words(summary: "Summary | None", more_slouches: int = 0, more_alerts: int = 0) -> str:
    """Episodes, alerts and coverage; a coverage that is not known says so."""
    from unslouch.analysis.metrics.alerts import ALERTS
    from unslouch.analysis.metrics.minutes import COVERAGE
    from unslouch.analysis.metrics.slouches import SLOUCHES

    slouches, alerts = more_slouches, more_alerts
    coverage = "unknown"
    if summary is not None:
        slouches, alerts = slouches + summary[SLOUCHES], alerts + summary[ALERTS]
        share = summary[COVERAGE]
        coverage = coverage if share is None else f"{share * 100:.0f} %"
    return (
        f"{slouches} slouch{'' if slouches == 1 else 'es'} · {alerts} alert{'' if alerts == 1 else 's'} · "
        f"coverage {coverage}"
    )


def duration(minutes: float) -> str:
    """A time in hours and minutes, or in seconds below one minute."""
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    whole = round(minutes)
    return f"{whole // 60} h {whole % 60:02d}" if whole >= 60 else f"{whole} min"
