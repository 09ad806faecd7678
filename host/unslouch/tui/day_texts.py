"""Day texts: the tables of a recorded day as rows of texts, and the same as Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from unslouch.analysis.day import Day
from unslouch.analysis.episodes import length_ms
from unslouch.analysis.metrics.metric import Metric
from unslouch.analysis.metrics.minutes import COVERAGE, WORN_MIN
from unslouch.analysis.metrics.registry import METRICS
from unslouch.analysis.model import Outcome
from unslouch.analysis.zones import to_local
from unslouch.export.report.numbers import label, value_text
from unslouch.export.report.times import long_date
from unslouch_device.contract.states import STATE_NAMES

from .moments import state_at, tilt_at
from .palette import GLYPHS
from .widgets.hour_bars import minutes_by_hour

NOT_KNOWN = "–"
OUTCOMES = {
    Outcome.CORRECTED: "corrected",
    Outcome.LATE: "not in 30 s",
    Outcome.INTERRUPTED: "got up or off",
    Outcome.UNKNOWN: "not known",
}


class Row(NamedTuple):
    """A row of a table, and the moment that it is about."""

    utc_ms: int
    texts: tuple[str, ...]


class Listing(NamedTuple):
    """A table as texts."""

    title: str
    headings: tuple[str, ...]
    rows: list[Row]
    table: str
    """The name of the table of the log that holds the same."""


def slouches(day: Day) -> Listing:
    """Return the slouches of a day."""
    rows = []
    for episode in day.episodes:
        latency_s = episode.correction_latency_s
        ends = "…" if episode.end_utc_ms is None or episode.goes_on else ""
        rows.append(
            Row(
                episode.start_utc_ms,
                (
                    clock(day, episode.start_utc_ms),
                    length_text(length_ms(episode, day.spans)) + ends,
                    NOT_KNOWN if episode.peak_deg is None else f"{episode.peak_deg:.0f}°",
                    NOT_KNOWN if latency_s is None else f"{latency_s:.0f} s",
                    str(episode.alerts),
                ),
            )
        )
    return Listing("Slouches", ("start", "length", "peak", "corrected", "alerts"), rows, "episodes")


def alerts(day: Day) -> Listing:
    """Return the alerts of a day."""
    wrong = {(mark.journal, mark.sequence) for mark in day.alert_marks}
    rows = [
        Row(
            alert.utc_ms,
            (
                clock(day, alert.utc_ms),
                f"{alert.forward_deg:.0f}°",
                OUTCOMES[alert.outcome] + (f", {alert.latency_s:.0f} s" if alert.latency_s is not None else ""),
                "wrong" if (alert.journal, alert.sequence) in wrong else "",
            ),
        )
        for alert in day.alerts
    ]
    return Listing("Alerts", ("at", "tilt", "outcome", "mark"), rows, "alerts")


def notes(day: Day) -> Listing:
    """Return the notes and the exercise sessions of a day, by time."""
    rows = [Row(note.utc_ms, (clock(day, note.utc_ms), note.text)) for note in day.moment_notes]
    for session in day.sessions:
        length = length_text(session.end_utc_ms - session.start_utc_ms)
        rows.append(Row(session.start_utc_ms, (clock(day, session.start_utc_ms), f"{session.exercise}, {length}")))
    return Listing("Notes", ("at", "note or exercise"), sorted(rows), "moment_notes")


def hours(day: Day) -> Listing:
    """Return the minutes of each hour in each state that occurred."""
    by_hour = minutes_by_hour(day)
    occurred = [state for state in range(len(STATE_NAMES)) if any(minutes.get(state) for _, minutes in by_hour)]
    rows = [Row(0, (hour, *(f"{minutes.get(state, 0):.0f}" for state in occurred))) for hour, minutes in by_hour]
    return Listing("Hours", ("hour", *(f"{STATE_NAMES[state]}, min" for state in occurred)), rows, "hours")


def numbers(day: Day) -> Listing:
    """Return all metrics of a day, those of one theme together."""
    rows = [
        Row(0, (label(metric.name), value_text(metric.name, day.summary.values.get(metric.name))))
        for metric in by_theme()
    ]
    return Listing("Numbers", ("metric", "value"), rows, "summary")


def by_theme() -> list[Metric[Any]]:
    """Return the metrics of the registry in the order in which the day lists them."""
    themes = list(dict.fromkeys(metric.theme for metric in METRICS))
    return sorted(METRICS, key=lambda metric: themes.index(metric.theme))


LISTINGS = {"slouches": slouches, "alerts": alerts, "notes": notes, "hours": hours, "numbers": numbers}
"""By the id of the tab that shows it."""


def title_of(day: Day) -> str:
    """Return the date of a day for people."""
    return long_date(day.day)


def figures_of(day: Day) -> str:
    """Return the most important numbers of a day on one line."""
    summary = day.summary
    share = summary[COVERAGE]
    counts = f"{counted(len(day.episodes), 'slouch', 'slouches')}, {counted(len(day.alerts), 'alert', 'alerts')}"
    parts = [f"worn {value_text('worn', summary[WORN_MIN])}", counts]
    upright = summary.values.get("upright_share")
    if upright is not None:
        parts.append(f"upright {value_text('upright_share', upright)}")
    parts.append(f"coverage {NOT_KNOWN if share is None else value_text('coverage', share)}")
    return " · ".join(parts)


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


def short_figures_of(day: Day) -> str:
    """Return the most important numbers of a day in less than 40 cells."""
    upright = day.summary.values.get("upright_share")
    parts = [value_text("worn", day.summary[WORN_MIN]), counted(len(day.episodes), "slouch", "slouches")]
    return " · ".join([*parts, *([] if upright is None else [f"{value_text('upright_share', upright)} up"])])


def moment_text(day: Day, utc_ms: int, settings: dict[str, int], *, is_brief: bool = False) -> str:
    """Return what was at a moment: time, state, tilt, and the alert or note of that second."""
    state = state_at(day, utc_ms, settings)
    parts = [f"{clock(day, utc_ms, seconds=True)} {GLYPHS[state]} {STATE_NAMES[state]}"]
    tilt = tilt_at(day.epochs, utc_ms)
    if tilt is not None:
        forward, lateral = tilt
        parts.append(_degrees(forward, "forward", "back"))
        if not is_brief:
            parts.append(_degrees(lateral, "right", "left"))
    parts += ["alert" for alert in day.alerts if abs(alert.utc_ms - utc_ms) < 1000]
    parts += [f"“{note.text}”" for note in day.moment_notes if abs(note.utc_ms - utc_ms) < 1000]
    return " · ".join(parts)


def _degrees(angle_deg: float, positive: str, negative: str) -> str:
    return f"{abs(angle_deg):.0f}° {positive if angle_deg >= 0 else negative}"


def clock(day: Day, utc_ms: int, *, seconds: bool = False) -> str:
    """Return the local time of a moment of a day."""
    assert day.start.tzinfo is not None
    return f"{to_local(utc_ms, day.start.tzinfo):{'%H:%M:%S' if seconds else '%H:%M'}}"


def length_text(length_ms: int) -> str:
    """Return a length like "1:05" in minutes and seconds, or "2 h 05" from an hour on."""
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes >= 60 else f"{minutes}:{seconds:02d}"


def as_markdown(day: Day, listing: Listing) -> str:
    """Return a table of a day in Markdown, under a heading with its date and its most important numbers."""
    lines = [f"## {title_of(day)}: {listing.title.lower()}", "", f"{figures_of(day)}.", ""]
    return "\n".join([*lines, *markdown_table(listing.headings, (row.texts for row in listing.rows))]) + "\n"


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table in Markdown."""
    lines = [_markdown_row(headings), _markdown_row(["---"] * len(headings))]
    return lines + [_markdown_row(row) for row in rows]


def _markdown_row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in texts) + " |"
