"""Today: its time line, the minutes of every state, and what they add up to."""

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from unslouch.tui.palette import GLYPHS, STATES_SHOWN, marked
from unslouch_device.contract.states import STATE_NAMES

from .timeline import Timeline

if TYPE_CHECKING:
    from unslouch.analysis.model import Day, Summary


class Today(Vertical):
    """The box of the day."""

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

    def compose(self) -> ComposeResult:
        """Lay out the time line and the totals."""
        yield self._timeline
        yield self._totals

    def show(self, day: "Day | None") -> None:
        """Draw another reading of the day; None where nothing is recorded."""
        self._day = day
        self._timeline.show(day)
        self.border_title = "Today" if day is None else f"Today, {day.day:%A} {day.day.day} {day.day:%B}"
        self.border_subtitle = "" if day is None else summary_words(day.summary)
        self._flow()

    def on_resize(self, event: events.Resize) -> None:
        """Break the totals anew."""
        self._flow()

    def _flow(self) -> None:
        words = "" if self._day is None else minutes_words(self._day.summary, self.content_size.width)
        self._totals.update(words)


def minutes_words(summary: "Summary", width: int) -> str:
    """Shape, word and time of every state that occurred, as markup in lines that break between states."""
    lines: list[str] = []
    left = 0
    for state in STATES_SHOWN:
        minutes = summary.minutes.get(STATE_NAMES[state], 0.0)
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


def summary_words(summary: "Summary") -> str:
    """Episodes, alerts and coverage; a coverage that is not known says so."""
    coverage = "unknown" if summary.coverage is None else f"{summary.coverage * 100:.0f} %"
    episodes = f"{summary.episodes} slouch{'' if summary.episodes == 1 else 'es'}"
    alerts = f"{summary.alerts} alert{'' if summary.alerts == 1 else 's'}"
    return f"{episodes} · {alerts} · coverage {coverage}"


def duration(minutes: float) -> str:
    """A time in hours and minutes, or in seconds below one minute."""
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    whole = round(minutes)
    return f"{whole // 60} h {whole % 60:02d}" if whole >= 60 else f"{whole} min"
