"""Today: its timeline, the minutes of every state, and the counts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from unslouch.tui.palette import GLYPHS, STATES_SHOWN, in_state_colour
from unslouch.tui.seen import with_seen
from unslouch_device.contract.records import EPOCH_MS
from unslouch_device.contract.states import STATE_NAMES, UNKNOWN

from .timeline import Timeline

if TYPE_CHECKING:
    from unslouch.analysis.day import Day
    from unslouch.analysis.metrics.summary import Summary
    from unslouch.analysis.model import Span


LEGEND = "  ".join(f"{GLYPHS[state]} {STATE_NAMES[state]}" for state in STATES_SHOWN)
NOT_STORED_FROM_MS = 60_000
"""The title speaks of what is not stored from so much on: some seconds always wait for the sensor's next page."""


class Today(Vertical):
    """The box at the bottom of the screen."""

    can_focus = True
    HELP = """## Today

The ribbon has a cell for each stretch of today, with the state that fills most of it; the states, with their shapes
and colours, are below. What is underlined came over the link and is not stored yet. *Lost* is time without a record:
it counts as no posture at all.
"""
    DEFAULT_CSS = """
    Today { height: auto; border: round $frame; border-title-color: $text-muted;
        border-subtitle-color: $text; padding: 0 1; }
    Today:focus { border: round $frame-accent; }
    Today Static { height: auto; max-height: 3; }
    """

    def __init__(self) -> None:
        super().__init__(id="today")
        self.border_title = "Today"
        self.tooltip = LEGEND
        self._timeline = Timeline()
        self._totals = Static(id="totals")
        self._day: Day | None = None
        self._seen: list[Span] = []
        self._unstored = (0, 0)
        self._lines = ""

    def compose(self) -> ComposeResult:
        yield self._timeline
        yield self._totals

    def show(self, day: "Day | None") -> None:
        """Draw a day that was just read; None if nothing of it is stored."""
        self._timeline.set_read(True)
        self._day = None if day is None else without_open_ends(day)
        self._draw_spans()
        self._add_up()

    def clear(self) -> None:
        """Show nothing until a day is read."""
        self._seen = []
        self.show(None)
        self._timeline.set_read(False)

    @property
    def start(self) -> datetime | None:
        """When the day that is shown begins; None if nothing of it is stored."""
        return None if self._day is None else self._day.start

    def show_seen(self, spans: "list[Span]") -> None:
        """Show these too, which came over the link and are not stored yet."""
        if spans != self._seen:
            self._seen = spans
            self._draw_spans()

    def _draw_spans(self) -> None:
        day, seen = self._day, self._seen
        stored = [] if day is None else day.spans
        until_ms = 0 if day is None else day.until_utc_ms
        self._timeline.show(
            with_seen(stored, seen) if seen else stored, until_ms, None if day is None else day.start.tzinfo
        )
        title = "Today" if day is None else f"Today, {day.day:%A} {day.day.day} {day.day:%B}"
        if seen and seen[-1].end_utc_ms - max(until_ms, seen[0].start_utc_ms) >= NOT_STORED_FROM_MS:
            title += " · underlined: not stored yet"
        if title != self.border_title:
            self.border_title = title
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
        counts = counts_line(summary, *self._unstored) if summary or any(self._unstored) else ""
        longest = longest_line(summary)
        is_room = len(counts) + len(longest) + 6 < self.size.width
        self.border_subtitle = f"{counts} · {longest}" if longest and is_room else counts

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines of the totals for the new width."""
        self._flow()
        self._add_up()

    def _flow(self) -> None:
        minutes = state_minutes(None if self._day is None else self._day.summary, self._seen)
        lines = minutes_lines(minutes, self.content_size.width)
        if lines != self._lines:
            self._lines = lines
            self._totals.update(lines)


def state_minutes(summary: "Summary | None", seen: "list[Span]") -> dict[int, float]:
    """Return the minutes of each state, with those of spans that are not stored yet."""
    minutes = dict.fromkeys(STATES_SHOWN, 0.0)
    if summary is not None:
        from unslouch.analysis.metrics.minutes import STATE_MINUTES

        minutes |= {state: summary[STATE_MINUTES[state]] for state in STATES_SHOWN}
    for span in seen:
        minutes[span.state] += length_ms(span) / 60_000
    return minutes


def minutes_lines(by_state: "Mapping[int, float]", width: int) -> str:
    """Return the time of each state that occurred, with its shape and name, as markup in lines of at most `width`."""
    lines: list[str] = []
    left = 0
    for state in STATES_SHOWN:
        minutes = by_state[state]
        if minutes <= 0:
            continue
        name, time = f"{GLYPHS[state]} {STATE_NAMES[state]}", duration(minutes)
        cells = len(name) + 1 + len(time) + 3
        if not lines or cells - 3 > left:
            lines.append("")
            left = width
        lines[-1] += f"{in_state_colour(state, name)} {time}   "
        left -= cells
    return "\n".join(line.rstrip() for line in lines)


def without_open_ends(day: "Day") -> "Day":
    """Return the day from its first record to the end of its last epoch.

    Before the first record nobody knows whether there was a sensor at all. An event may be stored before the epoch in
    which it happened has ended; that epoch is not lost.
    """
    from unslouch.analysis.metrics.minutes import STATE_MINUTES

    spans = list(day.spans)
    open_ms = 0
    if spans and spans[0].state == UNKNOWN:
        open_ms += length_ms(spans.pop(0))
    if spans and spans[-1].state == UNKNOWN and length_ms(spans[-1]) <= EPOCH_MS:
        open_ms += length_ms(spans.pop())
    if not open_ms:
        return day
    lost = STATE_MINUTES[UNKNOWN]
    lost_min = max(0.0, day.summary[lost] - open_ms / 60_000)
    until_ms = spans[-1].end_utc_ms if spans else day.until_utc_ms
    return replace(day, spans=spans, until_utc_ms=until_ms, summary=day.summary.replaced(lost, lost_min))


def length_ms(span: "Span") -> int:
    """Return how long a span lasts."""
    return span.end_utc_ms - span.start_utc_ms


def counts_line(summary: "Summary | None", more_slouches: int = 0, more_alerts: int = 0) -> str:
    """Return the numbers of slouches and alerts, and the coverage, which may be unknown."""
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


def longest_line(summary: "Summary | None") -> str:
    """Return the longest time without a break; empty where nothing was measured."""
    if summary is None:
        return ""
    from unslouch.analysis.metrics.breaks import LONGEST_WITHOUT_BREAK

    longest_min = summary.values.get(LONGEST_WITHOUT_BREAK.name)
    return f"{duration(longest_min)} without a break at most" if isinstance(longest_min, float) else ""


def duration(minutes: float) -> str:
    """Return a time in hours and minutes, or in seconds below one minute."""
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    whole = round(minutes)
    return f"{whole // 60} h {whole % 60:02d}" if whole >= 60 else f"{whole} min"
