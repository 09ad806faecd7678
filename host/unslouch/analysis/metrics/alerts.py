"""Alerts: how many the wearer could feel, and what became of them."""

from unslouch.analysis.model import Outcome
from unslouch.store.words import WRONG_ALARM

from .metric import OURS, Metric, Theme, Unit
from .minutes import WORN_MIN
from .observations import Observations

_OUTCOME_DEFINITIONS = {
    Outcome.CORRECTED: "alerts, not slouches, that were corrected within 30 s; compare `corrected`",
    Outcome.LATE: "alerts that were not corrected within 30 s",
    Outcome.INTERRUPTED: "alerts interrupted within 30 s: the wearer got up, lay down or took the sensor off, or "
    "samples are missing",
    Outcome.UNKNOWN: "alerts whose outcome is not known, because the records end or break off",
}


def _count(observed: Observations, outcome: Outcome) -> int:
    return sum(alert.outcome is outcome for alert in observed.alerts)


def _with_outcome(outcome: Outcome) -> Metric[int]:
    return Metric(
        f"alerts_{outcome.value}",
        Unit.COUNT,
        _OUTCOME_DEFINITIONS[outcome],
        OURS,
        decimals=0,
        measure=lambda observed: _count(observed, outcome),
        formula=f"number of alerts with outcome {outcome.value}",
        theme=Theme.ALERTS,
    )


def _corrected_share(observed: Observations) -> float | None:
    in_time, late = _count(observed, Outcome.CORRECTED), _count(observed, Outcome.LATE)
    return in_time / (in_time + late) if in_time + late else None


ALERTS = Metric(
    "alerts",
    Unit.COUNT,
    "alerts that the wearer could feel",
    OURS,
    decimals=0,
    measure=lambda observed: len(observed.alerts),
    formula="number of alerts, without those while the sensor was off the body",
    theme=Theme.ALERTS,
)
"""
>>> values(lived((UPRIGHT, 120), alerts=[alert("corrected"), alert("late")]), "alerts")
[2]
"""
ALERTS_BY_OUTCOME = {outcome: _with_outcome(outcome) for outcome in Outcome}
"""
>>> given = [alert("corrected"), alert("corrected"), alert("late"), alert("interrupted"), alert("unknown")]
>>> day = lived((UPRIGHT, 120), alerts=given)
>>> values(day, "alerts_corrected", "alerts_late", "alerts_interrupted", "alerts_unknown")
[2, 1, 1, 1]
"""
ALERTS_CORRECTED_IN_TIME = ALERTS_BY_OUTCOME[Outcome.CORRECTED]
ALERTS_CORRECTED_SHARE = Metric(
    "corrected_share",
    Unit.SHARE,
    "`alerts_corrected` ÷ (`alerts_corrected` + `alerts_late`); empty if there were neither",
    OURS,
    decimals=4,
    measure=_corrected_share,
    formula="`alerts_corrected` ÷ (`alerts_corrected` + `alerts_late`)",
    theme=Theme.ALERTS,
)
"""
>>> given = [alert("corrected"), alert("corrected"), alert("corrected"), alert("late"), alert("interrupted")]
>>> values(lived((UPRIGHT, 120), alerts=given), "corrected_share")
[0.75]
"""


def _per_worn_hour(observed: Observations) -> float | None:
    worn_min = WORN_MIN.measure(observed)
    return len(observed.alerts) * 60 / worn_min if worn_min else None


def _marked_wrong(observed: Observations) -> int:
    wrong = {(mark.journal, mark.sequence) for mark in observed.alert_marks if mark.mark == WRONG_ALARM}
    return sum((alert.journal, alert.sequence) in wrong for alert in observed.alerts)


def _marked_wrong_share(observed: Observations) -> float | None:
    return _marked_wrong(observed) / len(observed.alerts) if observed.alerts else None


ALERTS_PER_WORN_HOUR = Metric(
    "alerts_per_worn_hour",
    Unit.PER_HOUR,
    "`alerts` per hour of `worn`",
    OURS,
    decimals=2,
    measure=_per_worn_hour,
    formula="`alerts` ÷ `worn` in hours",
    theme=Theme.ALERTS,
    is_score=True,
)
"""
>>> day = lived((UPRIGHT, 100), (UNCALIBRATED, 20), (OFF_BODY, 300), alerts=[alert("late")] * 3)
>>> values(day, "alerts_per_worn_hour")
[1.5]
"""
ALERTS_MARKED_WRONG = Metric(
    "alerts_marked_wrong",
    Unit.COUNT,
    "alerts that the wearer marked as a wrong alarm",
    OURS,
    decimals=0,
    measure=_marked_wrong,
    formula="number of alerts with the mark",
    theme=Theme.ALERTS,
)
"""
The wearer marked the second of four alerts, and one of another sensor.

>>> from unslouch.store import AlertMark
>>> marks = [AlertMark(7, 2, START_MS, WRONG_ALARM), AlertMark(8, 3, START_MS, WRONG_ALARM)]
>>> values(lived(alerts=[alert("late", number) for number in range(4)], alert_marks=marks), "alerts_marked_wrong")
[1]
"""
ALERTS_MARKED_WRONG_SHARE = Metric(
    "alerts_marked_wrong_share",
    Unit.SHARE,
    "share of the alerts that the wearer marked as a wrong alarm; empty without any alert",
    OURS,
    decimals=4,
    measure=_marked_wrong_share,
    formula="`alerts_marked_wrong` ÷ `alerts`",
    theme=Theme.ALERTS,
)
"""
>>> from unslouch.store import AlertMark
>>> marks = [AlertMark(7, 2, START_MS, WRONG_ALARM)]
>>> values(lived(alerts=[alert("late", number) for number in range(4)], alert_marks=marks), "alerts_marked_wrong_share")
[0.25]
"""
