"""Slouches: how many there were, how long they lasted, and how many ended in a correction."""

from statistics import median

from unslouch.analysis.episodes import length_ms
from unslouch_device.contract.records import CORRECTED

from .metric import OURS, Metric, Theme, Unit
from .observations import Observations

_MS_PER_MIN = 60_000


def _longest_min(observed: Observations) -> float:
    return max((length_ms(episode, observed.spans) for episode in observed.episodes), default=0) / _MS_PER_MIN


def _corrected(observed: Observations) -> int:
    return sum(event.code == CORRECTED and not event.off_body for event in observed.events)


SLOUCHES = Metric(
    "episodes",
    Unit.COUNT,
    "confirmed slouches that began on the day",
    OURS,
    decimals=0,
    measure=lambda observed: sum(not episode.began_before for episode in observed.episodes),
    formula="number of episodes that don't continue one of the day before",
    theme=Theme.SLOUCHES,
)
"""
>>> values(lived((SLOUCHING, 9), episodes=[slouch(2), slouch(7), slouch(5, began_before=True)]), "episodes")
[2]
"""
LONGEST_SLOUCH_MIN = Metric(
    "longest_episode",
    Unit.MINUTES,
    "length of the longest slouch, from the moment it crossed the threshold; one whose end was not recorded counts as "
    "long as it is on record, and one over midnight is cut there",
    OURS,
    decimals=3,
    measure=_longest_min,
    formula="max (end − start) over the episodes",
    theme=Theme.SLOUCHES,
)
"""
>>> values(lived((SLOUCHING, 9), episodes=[slouch(2), slouch(7), slouch(5)]), "longest_episode")
[7.0]
"""
SLOUCHES_CORRECTED_AFTER_ALERT = Metric(
    "corrected",
    Unit.COUNT,
    "slouches, not alerts, that the wearer corrected after an alert, however late; compare `alerts_corrected`",
    OURS,
    decimals=0,
    measure=_corrected,
    formula="number of corrections of a slouch with an alert, without those off the body",
    theme=Theme.SLOUCHES,
)
"""
>>> values(lived(events=[seen(CORRECTED), seen(CORRECTED, off_body=True), seen(CORRECTED)]), "corrected")
[2]
"""


def _latency_s(observed: Observations) -> float | None:
    latencies = [episode.correction_latency_s for episode in observed.episodes]
    known = [latency_s for latency_s in latencies if latency_s is not None]
    return median(known) if known else None


CORRECTION_LATENCY = Metric(
    "correction_latency",
    Unit.SECONDS,
    "median time from the first alert of a slouch to its correction, however late; empty if there was none",
    OURS,
    decimals=1,
    measure=_latency_s,
    formula="median of the episodes' `correction_latency_s`",
    theme=Theme.SLOUCHES,
)
"""
>>> given = [slouch(2, latency_s=12.0), slouch(3, latency_s=40.0), slouch(5), slouch(4, latency_s=16.0)]
>>> values(lived(episodes=given), "correction_latency")
[16.0]
"""
