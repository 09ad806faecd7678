"""Slouches: how many there were, how long they lasted, and how many ended in a correction."""

from unslouch.analysis.episodes import length_ms
from unslouch_device.contract.records import CORRECTED

from .metric import OURS, Metric, Unit
from .observations import Observations

_MS_PER_MIN = 60_000


def _longest_min(observed: Observations) -> float:
    return max((length_ms(episode, observed.spans) for episode in observed.episodes), default=0) / _MS_PER_MIN


def _corrected(observed: Observations) -> int:
    return sum(event.code == CORRECTED for event in observed.worn_events)


SLOUCHES = Metric(
    "episodes",
    Unit.COUNT,
    "confirmed slouches that began on the day",
    OURS,
    decimals=0,
    measure=lambda observed: len(observed.episodes),
)
LONGEST_SLOUCH_MIN = Metric(
    "longest_episode",
    Unit.MINUTES,
    "length of the longest slouch, from the moment it crossed the threshold; one whose end was not recorded counts as "
    "long as it is on record",
    OURS,
    decimals=3,
    measure=_longest_min,
)
SLOUCHES_CORRECTED_AFTER_ALERT = Metric(
    "corrected",
    Unit.COUNT,
    "slouches, not alerts, that the wearer corrected after an alert, however late; compare `alerts_corrected`",
    OURS,
    decimals=0,
    measure=_corrected,
)
