"""Alerts: how many the wearer could feel, and what became of them."""

from unslouch.analysis.model import Outcome

from .metric import OURS, Metric, Unit
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
)
ALERTS_BY_OUTCOME = {outcome: _with_outcome(outcome) for outcome in Outcome}
ALERTS_CORRECTED_IN_TIME = ALERTS_BY_OUTCOME[Outcome.CORRECTED]
ALERTS_CORRECTED_SHARE = Metric(
    "corrected_share",
    Unit.SHARE,
    "`alerts_corrected` ÷ (`alerts_corrected` + `alerts_late`); empty if there were neither",
    OURS,
    decimals=4,
    measure=_corrected_share,
)
