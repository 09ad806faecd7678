"""Validity: how far a day's numbers can be trusted, and when there is too little to judge by."""

from unslouch.analysis.model import TimeQuality

from .metric import OURS, Metric, Theme, Unit
from .minutes import COVERAGE, MEASURED_MIN, unrecorded_ms
from .observations import Observations
from .standing import ACTI4, WALKING_ERROR_CDEG, StandingZero, ZeroSource

LEAST_VALID_MIN = 60.0
LEAST_COVERAGE = 0.5
TOO_SHORT = "too short"
_ENOUGH = "enough"
_MS_PER_MIN = 60_000
_MS_PER_DAY = 86_400_000
_PROVISIONAL, _UNCERTAIN = (
    list(TimeQuality).index(quality) for quality in (TimeQuality.PROVISIONAL, TimeQuality.UNCERTAIN)
)


def is_too_short(observed: Observations) -> bool:
    """Return whether less than 1 h is valid, or less than half of the worn span: then no score has a value."""
    coverage = COVERAGE.measure(observed)
    return MEASURED_MIN.measure(observed) < LEAST_VALID_MIN or coverage is None or coverage < LEAST_COVERAGE


DATA = Metric(
    "data",
    Unit.NAME,
    f"`{_ENOUGH}`, or `{TOO_SHORT}` for less than 1 h valid or less than 50 % coverage: then no score has a value",
    OURS,
    decimals=0,
    measure=lambda observed: TOO_SHORT if is_too_short(observed) else _ENOUGH,
    formula="`measured` ≥ 60 min and `coverage` ≥ 0.5",
    theme=Theme.VALIDITY,
)
"""
>>> values(lived((UPRIGHT, 60)), "data"), values(lived((UPRIGHT, 59.9)), "data")
(['enough'], ['too short'])
>>> values(lived((UPRIGHT, 61), (UNCALIBRATED, 62)), "data")
['too short']
"""


def _after_last_record_min(observed: Observations) -> float:
    until_ms = observed.spans[-1].end_utc_ms if observed.spans else observed.start_utc_ms
    return (observed.end_utc_ms - until_ms) / _MS_PER_MIN


AFTER_LAST_RECORD = Metric(
    "after_last_record",
    Unit.MINUTES,
    "time of the day after the last record of all: it is not over, or nothing was fetched since. With the states and "
    "`deleted` it adds up to the day's length",
    OURS,
    decimals=3,
    measure=_after_last_record_min,
    formula="end of the local day − last record, at least 0",
    theme=Theme.DAY,
)
"""
>>> values(lived((UPRIGHT, 20 * 60)), "after_last_record")
[240.0]
"""
DELETED = Metric(
    "deleted",
    Unit.MINUTES,
    "time whose records the wearer deleted; it is not part of `lost`",
    OURS,
    decimals=3,
    measure=lambda observed: unrecorded_ms(observed, observed.deleted) / _MS_PER_MIN,
    formula="Σ time without a record within what was deleted",
    theme=Theme.DAY,
)
"""
Of 10 min without a record the wearer deleted the first 4; where there are records nothing was deleted.

>>> from unslouch.analysis.model import Interval
>>> deleted = [Interval(START_MS + 29 * 60_000, START_MS + 34 * 60_000)]
>>> values(lived((UPRIGHT, 30), (UNKNOWN, 10), (UPRIGHT, 1), deleted=deleted), "deleted", "lost")
[4.0, 6.0]
"""


def _quality_min(observed: Observations, quality: int) -> float:
    return int((observed.seconds.time_quality == quality).sum()) / 60


UNCERTAIN_TIME = Metric(
    "uncertain_time",
    Unit.MINUTES,
    "measured time whose clock is uncertain: no computer met the sensor before it restarted, or the clocks of those "
    "that did contradict each other",
    OURS,
    decimals=3,
    measure=lambda observed: _quality_min(observed, _UNCERTAIN),
    formula="Σ measured seconds with `dating` uncertain",
    theme=Theme.VALIDITY,
)
"""
>>> day = with_time_quality(tilted((5, 15)), TimeQuality.FIRM, TimeQuality.UNCERTAIN, TimeQuality.UNCERTAIN)
>>> seconds(day, "uncertain_time")
[10]
"""
PROVISIONAL_TIME = Metric(
    "provisional_time",
    Unit.MINUTES,
    "measured time whose clock the next connection may still shift a little",
    OURS,
    decimals=3,
    measure=lambda observed: _quality_min(observed, _PROVISIONAL),
    formula="Σ measured seconds with `dating` provisional",
    theme=Theme.VALIDITY,
)
"""
>>> day = with_time_quality(tilted((5, 15)), TimeQuality.FIRM, TimeQuality.UNCERTAIN, TimeQuality.PROVISIONAL)
>>> seconds(day, "provisional_time")
[5]
"""


def _calibration_age_d(observed: Observations) -> float | None:
    used = set(observed.seconds.calibrations)
    made_ms = [made.made_utc_ms for made in observed.calibrations if (made.journal, made.calibration_id) in used]
    known_ms = [at_ms for at_ms in made_ms if at_ms is not None]
    if not known_ms or len(known_ms) < len(used) or not observed.spans:
        return None
    return max(0.0, (observed.spans[-1].end_utc_ms - min(known_ms)) / _MS_PER_DAY)


CALIBRATION_AGE = Metric(
    "calibration_age",
    Unit.DAYS,
    "age of the oldest calibration that the day was measured under, at the day's last record; empty if one of them is "
    "older than the records",
    ACTI4 + " practice",
    decimals=2,
    measure=_calibration_age_d,
    formula="last record of the day − earliest `made` of the calibrations in use",
    theme=Theme.VALIDITY,
)
"""
The calibration of the examples was made as the day began, and the last record is at 12:00.

>>> values(lived((UPRIGHT, 12 * 60), calibrations=[by_hand(0.0)]), "calibration_age")
[0.5]
"""
CALIBRATIONS_USED = Metric(
    "calibrations_used",
    Unit.COUNT,
    "calibrations that the day was measured under; bouts, holds and bends end where one begins",
    OURS,
    decimals=0,
    measure=lambda observed: len(observed.seconds.calibrations),
    formula="number of different (`journal`, `calibration_id`) of the measured epochs",
    theme=Theme.VALIDITY,
)
"""
>>> values(tilted((5, 10), calibration_id=np.array([1, 2])), "calibrations_used")
[2]
"""


def _weakest_zero(observed: Observations) -> StandingZero | None:
    """Return the standing zero that says least of those that the day was measured under."""
    order = list(ZeroSource)
    return max(observed.zeros.values(), key=lambda zero: order.index(zero.source), default=None)


def _zero_source(observed: Observations) -> str | None:
    zero = observed.once(_weakest_zero)
    return None if zero is None else zero.source.value


def _zero_deg(observed: Observations) -> float | None:
    zeros = list(observed.zeros.values())
    return zeros[0].forward_cdeg / 100 if len(zeros) == 1 and zeros[0].source is not ZeroSource.SEATED else None


def _zero_error_deg(observed: Observations) -> float | None:
    zero = observed.once(_weakest_zero)
    return zero.error_cdeg / 100 if zero is not None and zero.source is ZeroSource.WALKING else None


STANDING_ZERO = Metric(
    "standing_zero",
    Unit.NAME,
    "what the metrics that refer to standing count from: a zero set `by hand`, else one `from walking`, which may be "
    f"{WALKING_ERROR_CDEG / 100:.0f}° off either way, else `seated upright`: relative to it, they may understate. Of "
    "several calibrations the weakest; the table `segments` has each",
    f"{ACTI4}: median forward tilt over ≥ 60 s of walking − 6°, a shift of more than 20° is not taken; 10 s on end "
    f"{OURS}",
    decimals=0,
    measure=_zero_source,
    formula="by hand; else median of θ over ≥ 60 s of walking (10 s and more on end) − 6°; else none",
    theme=Theme.VALIDITY,
    refers_to_standing=True,
)
"""
>>> values(tilted((10, 100), calibrations=[by_hand(-8.5)]), "standing_zero")
['by hand']
>>> values(tilted((10, 100), (8, 60, MOVING), calibrations=[]), "standing_zero")
['from walking']
>>> values(tilted((10, 100), (8, 55, MOVING), calibrations=[]), "standing_zero")
['seated upright']
"""
STANDING_ZERO_FORWARD = Metric(
    "standing_zero_forward",
    Unit.DEGREES,
    "forward tilt of standing upright against seated upright; empty without a standing zero or with several "
    "calibrations",
    STANDING_ZERO.source,
    decimals=2,
    measure=_zero_deg,
    formula=STANDING_ZERO.formula,
    theme=Theme.VALIDITY,
    refers_to_standing=True,
)
"""
>>> values(tilted((10, 100), calibrations=[by_hand(-8.5)]), "standing_zero_forward")
[-8.5]
>>> values(tilted((10, 100), (8, 60, MOVING), calibrations=[]), "standing_zero_forward")
[2.0]
"""
STANDING_ZERO_ERROR = Metric(
    "standing_zero_error",
    Unit.DEGREES,
    "by how much a standing zero from walking may be off either way; empty for another one",
    ACTI4,
    decimals=2,
    measure=_zero_error_deg,
    formula="6° for a zero from walking",
    theme=Theme.VALIDITY,
    refers_to_standing=True,
)
"""
>>> values(tilted((10, 100), calibrations=[by_hand(-8.5)]), "standing_zero_error")
[None]
>>> values(tilted((10, 100), (8, 60, MOVING), calibrations=[]), "standing_zero_error")
[6.0]
"""
