"""Lists: the tables of a day that hold its spans, hours, segments, slouches, alerts and sessions."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.spans import MEASURED, WORN
from unslouch.store.words import WRONG_ALARM
from unslouch_device.contract.states import MOVING, SLOUCHING, STATE_NAMES, UPRIGHT

from .metric import OURS, Theme, Unit
from .observations import Observations
from .seconds import classes_on_end
from .standing import ACTI4, ZeroSource
from .table import Kind, Table, TableColumn, Values

_DTYPES: dict[Kind, Any] = {
    Kind.TIME: np.int64,
    Kind.INTEGER: np.int64,
    Kind.NUMBER: np.float64,
    Kind.TEXT: np.str_,
    Kind.FLAG: np.bool_,
}
_MS_PER_HOUR = 3_600_000
_MS_PER_MIN = 60_000

Rows = Callable[[Observations], Iterable[Sequence[Any]]]


def from_rows(columns: tuple[TableColumn, ...], rows: Rows) -> Callable[[Observations], dict[str, Values]]:
    """Return what reads the columns of a table out of its rows; None is a value that is not known."""

    def read(observed: Observations) -> dict[str, Values]:
        lines = list(rows(observed))
        values = {}
        for index, column in enumerate(columns):
            cells = [line[index] for line in lines]
            known = np.array([cell is not None for cell in cells], np.bool_)
            empty: Any = "" if column.kind is Kind.TEXT else 0
            array = np.array([empty if cell is None else cell for cell in cells], _DTYPES[column.kind])
            values[column.name] = Values(array, None if known.all() else known)
        return values

    return read


def _table(
    name: str, definition: str, theme: Theme, columns: tuple[TableColumn, ...], rows: Rows, source: str = OURS
) -> Table:
    return Table(name, definition, source, theme, columns, from_rows(columns, rows))


_JOURNAL = TableColumn("journal", Kind.INTEGER, None, "number of the sensor's journal")

SPANS = _table(
    "spans",
    "the states of the day from end to end, up to its last record; each moment once",
    Theme.DAY,
    (
        TableColumn("state", Kind.TEXT, Unit.NAME, f"one of {', '.join(STATE_NAMES)}"),
        TableColumn("start", Kind.TIME, Unit.TIME, "when the state begins"),
        TableColumn("end", Kind.TIME, Unit.TIME, "when it ends"),
    ),
    lambda observed: [(STATE_NAMES[span.state], span.start_utc_ms, span.end_utc_ms) for span in observed.spans],
)

EPISODES = _table(
    "episodes",
    "slouches: the tilt stayed above the wearer's threshold for the delay; from the crossing until it had been below "
    "threshold − hysteresis for the recovery time. One over midnight is cut there",
    Theme.SLOUCHES,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "when the tilt crossed the threshold"),
        TableColumn("end", Kind.TIME, Unit.TIME, "when it ended; empty while it lasts or if no record says so"),
        TableColumn("peak_deg", Kind.NUMBER, Unit.DEGREES, "greatest forward tilt, of the whole slouch", 2),
        TableColumn("mean_deg", Kind.NUMBER, Unit.DEGREES, "mean forward tilt, of the whole slouch", 2),
        TableColumn("alerts", Kind.INTEGER, Unit.COUNT, "alerts that were given"),
        TableColumn(
            "correction_latency_s",
            Kind.NUMBER,
            Unit.SECONDS,
            "from the first alert to the correction; empty if none",
            3,
        ),
        TableColumn("began_before", Kind.FLAG, None, "the rest of a slouch that began on the day before"),
        TableColumn("goes_on", Kind.FLAG, None, "it goes on after the end of the day"),
    ),
    lambda observed: [
        (
            episode.start_utc_ms,
            episode.end_utc_ms,
            episode.peak_deg,
            episode.mean_deg,
            episode.alerts,
            episode.correction_latency_s,
            episode.began_before,
            episode.goes_on,
        )
        for episode in observed.episodes
    ],
)


def _alert_rows(observed: Observations) -> list[Sequence[Any]]:
    wrong = {(mark.journal, mark.sequence) for mark in observed.alert_marks if mark.mark == WRONG_ALARM}
    return [
        (
            alert.utc_ms,
            alert.forward_deg,
            alert.number,
            alert.mode,
            alert.outcome.value,
            alert.latency_s,
            (alert.journal, alert.sequence) in wrong,
            alert.journal,
            alert.sequence,
        )
        for alert in observed.alerts
    ]


ALERT_TABLE = _table(
    "alerts",
    "the alerts that the wearer could feel, and their outcomes",
    Theme.ALERTS,
    (
        TableColumn("at", Kind.TIME, Unit.TIME, "when it was given"),
        TableColumn("forward_deg", Kind.NUMBER, Unit.DEGREES, "forward tilt at that moment", 2),
        TableColumn("number", Kind.INTEGER, Unit.COUNT, "its number among the alerts of its slouch, from 1"),
        TableColumn("mode", Kind.TEXT, Unit.NAME, "delay or budget"),
        TableColumn("outcome", Kind.TEXT, Unit.NAME, "corrected (within 30 s), late, interrupted or unknown"),
        TableColumn("latency_s", Kind.NUMBER, Unit.SECONDS, "from the alert to the next correction; empty if none", 3),
        TableColumn("marked_wrong", Kind.FLAG, None, "the wearer marked it as a wrong alarm"),
        _JOURNAL,
        TableColumn("sequence", Kind.INTEGER, None, "number of its record in that journal"),
    ),
    _alert_rows,
)

SESSIONS = _table(
    "sessions",
    "the exercise sessions that began on the day",
    Theme.BREAKS,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "when it began"),
        TableColumn("end", Kind.TIME, Unit.TIME, "when it ended"),
        TableColumn("exercise", Kind.TEXT, Unit.NAME, "key of the exercise in the catalogue"),
        TableColumn("repetitions", Kind.INTEGER, Unit.COUNT, "repetitions; empty if they were not counted"),
        TableColumn("is_complete", Kind.FLAG, None, "the wearer did not end it early"),
        TableColumn("session_id", Kind.TEXT, Unit.NAME, "random id of the session"),
    ),
    lambda observed: [(*session[1:], session.session_id) for session in observed.sessions],
)


def _segment_rows(observed: Observations) -> list[Sequence[Any]]:
    seconds = observed.seconds
    at = classes_on_end(seconds.calibration, np.zeros(len(seconds), np.int32))
    made = {(each.journal, each.calibration_id): each for each in observed.calibrations}
    rows: list[Sequence[Any]] = []
    for first, after in zip(at.first.tolist(), at.after.tolist(), strict=True):
        name = seconds.calibrations[seconds.calibration[first]]
        zero, calibration = observed.zeros[name], made.get(name)
        is_known = zero.source is not ZeroSource.SEATED
        rows.append(
            (
                int(seconds.utc_ms[first]),
                int(seconds.utc_ms[after - 1]) + 1000,
                after - first,
                calibration and calibration.profile,
                calibration and calibration.profile_name,
                name[1],
                zero.source.value,
                zero.forward_cdeg / 100 if is_known else None,
                zero.error_cdeg / 100 if zero.source is ZeroSource.WALKING else None,
                zero.lateral_cdeg / 100 if zero.source is ZeroSource.BY_HAND else None,
                observed.firmware.get(name[0]),
                name[0],
            )
        )
    return rows


SEGMENTS = _table(
    "segments",
    "the measured parts of the day under one calibration each: bouts, holds and bends end where another one begins",
    Theme.VALIDITY,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "first measured second"),
        TableColumn("end", Kind.TIME, Unit.TIME, "end of the last one"),
        TableColumn("measured_s", Kind.INTEGER, Unit.SECONDS, "measured seconds"),
        TableColumn("profile", Kind.INTEGER, None, "number of the profile; empty if no record says so"),
        TableColumn("profile_name", Kind.TEXT, Unit.NAME, "its name at the end of the day"),
        TableColumn("calibration_id", Kind.INTEGER, None, "number of the calibration"),
        TableColumn(
            "standing_zero", Kind.TEXT, Unit.NAME, f"one of {', '.join(source.value for source in ZeroSource)}"
        ),
        TableColumn(
            "standing_forward_deg", Kind.NUMBER, Unit.DEGREES, "forward tilt of standing; empty without a zero", 2
        ),
        TableColumn(
            "standing_error_deg", Kind.NUMBER, Unit.DEGREES, "it may be so much off; empty unless from walking", 2
        ),
        TableColumn(
            "standing_lateral_deg", Kind.NUMBER, Unit.DEGREES, "lateral tilt of standing; empty unless by hand", 2
        ),
        TableColumn("firmware", Kind.TEXT, Unit.NAME, "versions of the sensor's firmware on the day; empty if unknown"),
        _JOURNAL,
    ),
    _segment_rows,
    source=f"{ACTI4} practice",
)


def _minutes_by_hour(
    observed: Observations, states: tuple[int, ...], edges_ms: NDArray[np.int64]
) -> NDArray[np.float64]:
    spans = [span for span in observed.spans if span.state in states]
    start, end = (
        np.array([getattr(span, name) for span in spans], np.int64) for name in ("start_utc_ms", "end_utc_ms")
    )
    # Up to an edge, each span has lasted for what of it lies before.
    before_ms = np.clip(edges_ms[:, None] - start, 0, end - start).sum(axis=1)
    minutes: NDArray[np.float64] = np.diff(before_ms) / _MS_PER_MIN
    return minutes


def _hour_rows(observed: Observations) -> dict[str, Values]:
    edges_ms = np.append(
        np.arange(observed.start_utc_ms, observed.end_utc_ms, _MS_PER_HOUR, dtype=np.int64), observed.end_utc_ms
    )
    seconds = observed.seconds
    cell = np.searchsorted(edges_ms, seconds.utc_ms, side="right") - 1
    sat = seconds.state != MOVING
    count = np.bincount(cell[sat], minlength=len(edges_ms) - 1)[: len(edges_ms) - 1]
    total_cdeg = np.bincount(cell[sat], seconds.forward_cdeg[sat], len(edges_ms) - 1)[: len(edges_ms) - 1]
    alerts = np.histogram([alert.utc_ms for alert in observed.alerts], edges_ms)[0] if len(edges_ms) > 1 else count
    return {
        "start": Values(edges_ms[:-1]),
        "worn_min": Values(_minutes_by_hour(observed, WORN, edges_ms)),
        "measured_min": Values(_minutes_by_hour(observed, MEASURED, edges_ms)),
        "upright_min": Values(_minutes_by_hour(observed, (UPRIGHT,), edges_ms)),
        "slouching_min": Values(_minutes_by_hour(observed, (SLOUCHING,), edges_ms)),
        "moving_min": Values(_minutes_by_hour(observed, (MOVING,), edges_ms)),
        "mean_forward_deg": Values(total_cdeg / np.maximum(count, 1) / 100, count > 0),
        "alerts": Values(alerts),
    }


HOURS = Table(
    "hours",
    "the hours of the day, counted from its begin, so that a day whose clocks are changed has more or fewer",
    OURS,
    Theme.DAY,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "when the hour begins"),
        TableColumn("worn_min", Kind.NUMBER, Unit.MINUTES, "worn time", 3),
        TableColumn("measured_min", Kind.NUMBER, Unit.MINUTES, "worn, calibrated and measured time", 3),
        TableColumn("upright_min", Kind.NUMBER, Unit.MINUTES, "time in state upright", 3),
        TableColumn("slouching_min", Kind.NUMBER, Unit.MINUTES, "time in state slouching", 3),
        TableColumn("moving_min", Kind.NUMBER, Unit.MINUTES, "time in state moving", 3),
        TableColumn(
            "mean_forward_deg", Kind.NUMBER, Unit.DEGREES, "mean forward tilt of valid time without walking", 2
        ),
        TableColumn("alerts", Kind.INTEGER, Unit.COUNT, "alerts that the wearer could feel"),
    ),
    read=_hour_rows,
)
