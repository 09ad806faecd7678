"""Tables: the lists of a day that the log holds, each with its columns and a function that reads them from a day.

Writers know no column by name: whatever is defined here, in `epoch_columns` and in the registry of metrics reaches
every format, the JSON schema and the data dictionary.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import numpy as np

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.metric import Metric, Unit
from unslouch.analysis.metrics.registry import METRICS
from unslouch.analysis.metrics.registry import TABLES as ANALYSIS_TABLES
from unslouch.analysis.metrics.table import Kind as AnalysisKind
from unslouch.analysis.metrics.table import Table as AnalysisTable
from unslouch.analysis.metrics.table import Values
from unslouch.analysis.model import NO_BOUND, Calibration, Epochs
from unslouch_device.contract.records import EVENTS, HOST_CLOCK

from .columns import Column, Kind
from .epoch_columns import EPOCH_COLUMNS
from .summary_rows import rounded

Row = Sequence[float | str | None]


class EpochsOfDay(Protocol):
    """What a file of epochs needs of a day: not all of it has to be computed."""

    @property
    def day(self) -> date: ...
    @property
    def start(self) -> datetime: ...
    @property
    def epochs(self) -> Epochs: ...
    @property
    def calibrations(self) -> Sequence[Calibration]: ...


@dataclass(frozen=True, eq=False)
class Table:
    """One table of the log."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    read: Callable[[Any], Sequence[Values]]
    """Returns the values of every column for a Day; the table of epochs takes an EpochsOfDay too."""
    is_private: bool = False
    """Holds what the wearer wrote: it is left out of a log with a pseudonym."""
    source: str = ""
    """The standard or paper that defines it, or "ours"; empty for what needs no definition."""


_DTYPES: dict[Kind, Any] = {
    Kind.UTC: np.int64,
    Kind.LOCAL: np.int64,
    Kind.INTEGER: np.int64,
    Kind.NUMBER: np.float64,
    Kind.FLAG: np.uint8,
}


def values_of(kind: Kind, plain: Sequence[float | str | None]) -> Values:
    """Return plain values, None for one that is not known, as the values of a column."""
    is_text = kind in (Kind.TEXT, Kind.DATE)
    unknown = "" if is_text else 0
    array = np.array([unknown if value is None else value for value in plain], _DTYPES.get(kind, np.str_))
    known = np.array([value is not None for value in plain], np.bool_)
    return Values(array, None if known.all() else known)


def _listed(
    name: str, meaning: str, columns: Iterable[Column], rows: Callable[[Day], Iterable[Row]], is_private: bool = False
) -> Table:
    """Return a table whose rows are plain values in the order of the columns."""
    columns = tuple(columns)

    def read(day: Day) -> list[Values]:
        plain = list(rows(day))
        return [values_of(column.kind, [row[at] for row in plain]) for at, column in enumerate(columns)]

    return Table(name, meaning, columns, read, is_private)


def _moment(name: str, meaning: str) -> tuple[Column, Column]:
    """Return the two columns of a moment. JSON has the local one alone, whose offset says what UTC was."""
    return Column(name, Kind.LOCAL, f"{meaning}, local time"), Column(f"{name}_utc", Kind.UTC, f"{meaning}, UTC")


def _integer(name: str, meaning: str) -> Column:
    return Column(name, Kind.INTEGER, meaning)


def _number(name: str, meaning: str) -> Column:
    return Column(name, Kind.NUMBER, meaning)


def _text(name: str, meaning: str) -> Column:
    return Column(name, Kind.TEXT, meaning)


_RECORD = (_integer("journal", "number of the sensor's journal"), _integer("sequence", "number of the event's record"))
_JOURNAL = _RECORD[0]
_PROFILE = (
    _integer("profile", "number of the wearer's profile, from 0"),
    _text("profile_name", "its name at the end of the day's records"),
)


EPOCHS = Table(
    "epochs",
    "one row for every 5 s that the sensor measured",
    EPOCH_COLUMNS,
    lambda day: [column.read(day.epochs) for column in EPOCH_COLUMNS],
)


CALIBRATIONS = _listed(
    "calibrations",
    "the calibrations that were made or used on the day",
    (
        _integer("calibration_id", "number of the calibration"),
        *_PROFILE,
        _text("how", "upright, re-zero or bow"),
        *_moment("made", "when it was made"),
        _number("standing_forward_deg", "forward tilt of standing upright against it, degrees"),
        _number("standing_lateral_deg", "lateral tilt of standing upright against it, degrees"),
        *_moment("standing_set", "when the standing zero was set"),
        _JOURNAL,
    ),
    lambda day: (
        (
            calibration.calibration_id,
            calibration.profile,
            calibration.profile_name,
            calibration.how,
            calibration.made_utc_ms,
            calibration.made_utc_ms,
            calibration.standing_forward_deg,
            calibration.standing_lateral_deg,
            calibration.standing_utc_ms,
            calibration.standing_utc_ms,
            calibration.journal,
        )
        for calibration in day.calibrations
    ),
)

DELAYS = _listed(
    "delays",
    "the delay of alerts over the day",
    (
        *_moment("start", "from when on the delay applies"),
        _integer("delay_s", "delay, s"),
        _text("why", "why it changed"),
        _JOURNAL,
    ),
    lambda day: ((step.utc_ms, step.utc_ms, step.delay_s, step.why, step.journal) for step in day.delays),
)

SENSOR_MOVED = _listed(
    "sensor_moved",
    "notices that the sensor may sit elsewhere",
    (
        *_moment("at", "moment of the notice"),
        _number("walking_deg", "median forward tilt of the latest walking, degrees"),
        _number("usual_deg", "the median that it is compared with, degrees"),
        *_PROFILE,
        *_RECORD,
    ),
    lambda day: (
        (
            notice.utc_ms,
            notice.utc_ms,
            notice.walking_deg,
            notice.usual_deg,
            notice.profile,
            notice.profile_name,
            notice.journal,
            notice.sequence,
        )
        for notice in day.sensor_moved
    ),
)

ALERT_MARKS = _listed(
    "alert_marks",
    "what the wearer said of alerts",
    (
        *_moment("at", "moment of the alert"),
        _text("mark", "what the wearer said: wrong alarm"),
        *_RECORD,
    ),
    lambda day: (
        (mark.alert_utc_ms, mark.alert_utc_ms, mark.mark, mark.journal, mark.sequence) for mark in day.alert_marks
    ),
)

MOMENT_NOTES = _listed(
    "moment_notes",
    "the wearer's notes to moments",
    (
        *_moment("at", "moment that the note is about"),
        _text("text", "the note"),
        _text("note_id", "random id of the note"),
    ),
    lambda day: ((note.utc_ms, note.utc_ms, note.text, note.note_id) for note in day.moment_notes),
    is_private=True,
)

COACH = _listed(
    "coach",
    "what the coach suggested and what the wearer answered",
    (
        *_moment("at", "moment of the answer"),
        _text("answer", "what happened, such as suggested, started, later, not today, moved, hurt or step"),
        _text("exercise", "key of the exercise in the catalogue; empty for what is about no exercise"),
        *_moment("until", "until when it counts; empty if it has no end"),
        _integer("step", "number of the exercise's step that was chosen, from 0"),
        _text("answer_id", "random id of the answer"),
    ),
    lambda day: (
        (
            answer.utc_ms,
            answer.utc_ms,
            str(answer.answer),
            answer.exercise,
            answer.until_utc_ms,
            answer.until_utc_ms,
            answer.step,
            answer.answer_id,
        )
        for answer in day.coach_answers
    ),
)


def _event_fields() -> dict[str, str]:
    """Return the names of all fields that events have, with the events that have them."""
    users: dict[str, list[str]] = {}
    for code, (event, _, names) in EVENTS.items():
        shown = ("utc_ms", *names[2:]) if code == HOST_CLOCK else names
        for name in shown:
            users.setdefault(name, []).append(event)
    return {name: f"field of the event {', '.join(events)}" for name, events in users.items()}


EVENT_FIELDS = _event_fields()

EVENT_TABLE = _listed(
    "events",
    "every event as the sensor wrote it; a field that an event doesn't have is empty",
    (
        Column("utc", Kind.UTC, "UTC of the event"),
        Column("local", Kind.LOCAL, "the same in local time, with its offset from UTC"),
        _number("utc_error_s", "upper bound of the error of utc and local, s; empty if nothing bounds it"),
        _text("dating", "how well the time is known: firm, provisional or uncertain"),
        _text("event", "what happened"),
        *(_integer(name, meaning) for name, meaning in EVENT_FIELDS.items()),
        Column("off_body", Kind.FLAG, "1: the sensor was off the body, as it noticed later"),
        _integer("boot", "number of the sensor's boot"),
        _integer("uptime_ms", "time from that boot to the event, ms"),
        *_RECORD,
    ),
    lambda day: (
        (
            event.utc_ms,
            event.utc_ms,
            None if event.utc_error_ms == NO_BOUND else event.utc_error_ms / 1000,
            event.time_quality.value,
            event.name,
            *(event.fields.get(name) for name in EVENT_FIELDS),
            event.off_body,
            event.boot,
            event.uptime_ms,
            event.journal,
            event.sequence,
        )
        for event in day.events
    ),
)


def metric_column(metric: Metric[Any]) -> Column:
    """Return the column of a metric in a table with one row for each day."""
    kind = Kind.TEXT if metric.is_text else Kind.INTEGER if metric.unit is Unit.COUNT else Kind.NUMBER
    return Column(metric.column, kind, metric.definition, None if metric.is_text else metric.decimals)


SUMMARY = _listed(
    "summary",
    "the metrics: one row for each day",
    (
        Column("date", Kind.DATE, "the local day"),
        _text("timezone", "the zone in which the day begins and ends"),
        *(metric_column(metric) for metric in METRICS),
    ),
    lambda day: [
        (day.day.isoformat(), day.timezone, *(rounded(metric, day.summary[metric]) for metric in METRICS)),
    ],
)

DELETED = _listed(
    "deleted",
    "what the wearer deleted of the day",
    (*_moment("start", "begin"), *_moment("end", "end")),
    lambda day: ((each.start_utc_ms, each.start_utc_ms, each.end_utc_ms, each.end_utc_ms) for each in day.deleted),
)

_KINDS = {
    AnalysisKind.INTEGER: Kind.INTEGER,
    AnalysisKind.NUMBER: Kind.NUMBER,
    AnalysisKind.TEXT: Kind.TEXT,
    AnalysisKind.FLAG: Kind.FLAG,
}


def _of_analysis(table: AnalysisTable) -> Table:
    """Return a table of the registry with two columns for each time: local and UTC."""
    columns: list[Column] = []
    sources: list[str] = []
    for column in table.columns:
        if column.kind is AnalysisKind.TIME:
            columns += _moment(column.name, column.definition)
            sources += [column.name, column.name]
        else:
            decimals = column.decimals if column.kind is AnalysisKind.NUMBER else None
            columns.append(Column(column.name, _KINDS[column.kind], column.definition, decimals))
            sources.append(column.name)

    def read(day: Day) -> list[Values]:
        values = table.read(day.observations)
        return [Values(*values[name]) for name in sources]

    return Table(table.name, table.definition, tuple(columns), read, source=table.source)


_REGISTERED = {table.name: _of_analysis(table) for table in ANALYSIS_TABLES}
EPISODES, ALERTS = _REGISTERED["episodes"], _REGISTERED["alerts"]

OBSERVED: tuple[Table, ...] = (
    _REGISTERED["spans"],
    EPISODES,
    ALERTS,
    CALIBRATIONS,
    DELAYS,
    SENSOR_MOVED,
    ALERT_MARKS,
    MOMENT_NOTES,
    _REGISTERED["sessions"],
    COACH,
    DELETED,
    EVENT_TABLE,
)
"""The lists of what was observed: with the epochs, everything that the metrics are computed from."""
DERIVED = tuple(table for table in _REGISTERED.values() if table not in OBSERVED)
"""The lists that are computed from them, such as bouts."""
TABLES: dict[str, Table] = {table.name: table for table in (EPOCHS, SUMMARY, *OBSERVED, *DERIVED)}
"""Every table by its name."""
