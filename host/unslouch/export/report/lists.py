"""Lists: slouches, alerts and the wearer's notes, one row each."""

from collections.abc import Sequence

from unslouch.analysis.day import Day
from unslouch.analysis.episodes import length_ms
from unslouch.analysis.model import Alert, Episode, Outcome

from .bars import Bar, bars
from .html import Cells, DataTable, Markup, element, section, table, text
from .times import clock, clock_with_seconds, date_cell, decimal, minutes_of_ms

ROWS_SHOWN = 10
"""So many rows are in sight; all of them are folded away below."""
MOST_ROWS = 500
"""A longer list is left to the export."""
_OUTCOMES = {
    Outcome.CORRECTED: "corrected within 30 s",
    Outcome.LATE: "not corrected within 30 s",
    Outcome.INTERRUPTED: "interrupted",
    Outcome.UNKNOWN: "not known",
}
_OUTCOME_CLASSES = {
    Outcome.CORRECTED: "s-upright",
    Outcome.LATE: "s-slouching",
    Outcome.INTERRUPTED: "s-lying",
    Outcome.UNKNOWN: "s-charging",
}


def when(day: Day, utc_ms: int, with_date: bool) -> str:
    """Return the time of a row, with the date where a list is of several days."""
    time = clock(utc_ms, day.start.tzinfo)
    return f"{date_cell(day.day)} {time}" if with_date else time


def _number(value: float | None, unit: str = "") -> str:
    return "–" if value is None else f"{decimal(value, 0)}{unit}"


def slouches(days: Sequence[Day]) -> Markup:
    """Return the slouches, the longest first."""
    found: list[tuple[Day, Episode, int]] = [
        (day, episode, length_ms(episode, day.spans)) for day in days for episode in day.episodes
    ]
    if not found:
        return ""
    found.sort(key=lambda each: -each[2])
    rows = [
        (
            when(day, episode.start_utc_ms, len(days) > 1),
            minutes_of_ms(lasted_ms) + ("" if episode.end_utc_ms is not None else " or more"),
            _number(episode.peak_deg, "°"),
            _number(episode.mean_deg, "°"),
            str(episode.alerts),
            _number(episode.correction_latency_s, " s"),
        )
        for day, episode, lasted_ms in found[:MOST_ROWS]
    ]
    headings = ("start", "length", "peak", "mean", "alerts", "first alert to\N{NO-BREAK SPACE}correction")
    return section(
        "Slouches",
        _list(DataTable(headings, rows), "Slouches, the longest first", "slouches"),
        lead=f"{_of(len(found), 'slouch', 'slouches')}, the longest first. A slouch is a forward tilt above your "
        "threshold for your delay; it starts where the tilt crossed the threshold (our definition)."
        f"{_left_out(len(found))}",
    )


def alerts(days: Sequence[Day]) -> Markup:
    """Return every alert with its outcome and the wearer's mark."""
    found: list[tuple[Day, Alert]] = [(day, alert) for day in days for alert in day.alerts]
    if not found:
        return ""
    marks = {(mark.journal, mark.sequence): mark.mark for day in days for mark in day.alert_marks}
    has_marks = any((alert.journal, alert.sequence) in marks for _, alert in found)
    rows = [
        (
            when(day, alert.utc_ms, len(days) > 1)
            if len(days) > 1
            else clock_with_seconds(alert.utc_ms, day.start.tzinfo),
            _number(alert.forward_deg, "°"),
            str(alert.number),
            alert.mode or "–",
            _OUTCOMES[alert.outcome],
            _number(alert.latency_s, " s"),
            *([marks.get((alert.journal, alert.sequence), "")] if has_marks else []),
        )
        for day, alert in found[:MOST_ROWS]
    ]
    headings = ["time", "tilt", "nth of its slouch", "mode", "outcome", "corrected after", *["your mark"] * has_marks]
    counts = {outcome: sum(alert.outcome is outcome for _, alert in found) for outcome in Outcome}
    entries = [
        Bar(_OUTCOMES[outcome], count, _OUTCOME_CLASSES[outcome], str(count))
        for outcome, count in counts.items()
        if count
    ]
    return section(
        "Alerts",
        bars(entries),
        _list(DataTable(headings, rows, cells=Cells.WORDS), "Alerts in order of time", "alerts"),
        lead=f"{_of(len(found), 'alert', 'alerts')} that you could feel, by what became of them (our classes)."
        f"{_left_out(len(found))}",
    )


def _list(data: DataTable, caption: str, noun: str) -> Markup:
    """Return the first rows of a table, and all of them folded away if they are many."""
    if len(data.rows) <= ROWS_SHOWN + 3:
        return table(data, caption)
    everything = element("details", element("summary", f"All {len(data.rows)} {noun}"), table(data, f"All {noun}"))
    on_paper = f"The first {ROWS_SHOWN} of {len(data.rows)}; the report on a screen and the exported log have all."
    shown = table(data._replace(rows=data.rows[:ROWS_SHOWN]), caption)
    return shown + everything + element("p", text(on_paper), class_="on-paper")


def notes(days: Sequence[Day]) -> Markup:
    """Return the wearer's notes."""
    items = [
        element("li", text(f"{when(day, note.utc_ms, len(days) > 1)}: {note.text}"))
        for day in days
        for note in day.moment_notes
    ]
    return section("Your notes", element("ul", *items)) if items else ""


def _of(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _left_out(count: int) -> str:
    return f" The first {MOST_ROWS} are shown; the export has all." if count > MOST_ROWS else ""
