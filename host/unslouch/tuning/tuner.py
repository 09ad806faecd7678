"""Tuner: what past days would have brought under other settings, and which setting suits them best.

Every setting is judged by the same slouches: those of a minute or more that the detector finds with the wearer's
present threshold. A setting catches one if it brings an alert before the wearer sits up. How the wearer would have
answered other alerts isn't known, so slouches end when they ended.
"""

import statistics
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from unslouch.analysis.day import Day, joined
from unslouch.analysis.decode import unpack_stored_event
from unslouch.analysis.model import Epochs
from unslouch.store import Queries
from unslouch_device.contract.records import SETTING_CHANGED
from unslouch_device.contract.settings import (
    ALERT_MODE,
    BUDGET_MODE,
    DEFAULTS,
    DELAY_MODE,
    DELAY_S,
    FADING,
    THRESHOLD_DEG,
    are_consistent,
)

from .replay import Slouch, replay
from .series import Series, journal_series

LONG_SLOUCH_S = 60
ENOUGH_CAUGHT = 0.8
"""The share of long slouches that a good setting catches (ours)."""


@dataclass(frozen=True)
class Choice:
    """The settings that are tried out; the wearer keeps all others."""

    threshold_deg: int
    delay_s: int
    mode: int = DELAY_MODE

    def applied_to(self, settings: Mapping[int, int]) -> dict[int, int]:
        """Return all settings, by id, with this choice."""
        return {**settings, THRESHOLD_DEG: self.threshold_deg, DELAY_S: self.delay_s, ALERT_MODE: self.mode}


@dataclass(frozen=True)
class Outcome:
    """What a choice would have brought."""

    choice: Choice
    alerts: int
    caught: int
    """Long slouches with at least one alert."""
    latency_s: float | None
    """Median time from the beginning of a caught slouch to its first alert."""
    other_alerts: int
    """Alerts outside every long slouch."""


class Recording:
    """Past days as the detector's input, with their long slouches and the settings to start from."""

    def __init__(self, days: Sequence[Day], settings: Mapping[int, int]) -> None:
        """days: in order; settings: the wearer's own, by id."""
        self.settings = dict(settings)
        self.alerts_given = sum(len(day.alerts) for day in days)
        self._series = day_series(days)
        judge = {**settings, ALERT_MODE: DELAY_MODE, DELAY_S: LONG_SLOUCH_S, FADING: 0}
        self._long_slouches = [replay(series, judge).slouches for series in self._series]

    @property
    def long_slouches(self) -> int:
        """How many slouches of a minute or more there were above the wearer's present threshold."""
        return sum(map(len, self._long_slouches))

    @property
    def present(self) -> Choice:
        """The choice that is in the wearer's own settings."""
        return Choice(self.settings[THRESHOLD_DEG], self.settings[DELAY_S], self.settings[ALERT_MODE])

    def outcome(self, choice: Choice) -> Outcome:
        """Return what a choice would have brought."""
        settings = choice.applied_to(self.settings)
        alerts, latencies_s, in_long = 0, [], 0
        for series, slouches in zip(self._series, self._long_slouches, strict=True):
            replayed = replay(series, settings)
            alerts += len(replayed.alerts)
            for slouch in slouches:
                inside = _inside(replayed.alerts, with_earlier_start(slouch, replayed.slouches))
                in_long += len(inside)
                if inside:
                    latencies_s.append(max(0, inside[0] - slouch.start))
        return Outcome(
            choice,
            alerts,
            caught=len(latencies_s),
            latency_s=statistics.median(latencies_s) if latencies_s else None,
            other_alerts=alerts - in_long,
        )

    def outcomes(
        self, choices: Sequence[Choice], on_progress: Callable[[int, int], object] | None = None
    ) -> Iterator[Outcome]:
        """Yield the outcome of each choice; on_progress is called with how many of them are done, and of how many."""
        for done, choice in enumerate(choices):
            if on_progress:
                on_progress(done, len(choices))
            yield self.outcome(choice)
        if on_progress:
            on_progress(len(choices), len(choices))


def day_series(days: Sequence[Day]) -> list[Series]:
    """Return days, which are in order, as the detector's input: a series for each journal."""
    epochs = joined((day.epochs for day in days), sum(len(day.epochs) for day in days))
    standing_cdeg = {
        (calibration.journal, calibration.calibration_id): round(calibration.standing_forward_deg * 100)
        for day in days
        for calibration in day.calibrations
        if calibration.standing_forward_deg is not None
    }
    return journal_series(_by_journal(epochs), standing_cdeg)


def _by_journal(epochs: Epochs) -> Epochs:
    """Return the epochs in order of (journal, boot, uptime), which days that follow each other need not be in."""
    order = np.lexsort((epochs.uptime_ms, epochs.boot, epochs.journal))
    return Epochs(**{name: column[order] for name, column in vars(epochs).items()})


def _inside(alerts: list[int], slouch: Slouch) -> list[int]:
    return alerts[bisect_left(alerts, slouch.start) : bisect_left(alerts, slouch.end)]


def with_earlier_start(slouch: Slouch, replayed: list[Slouch]) -> Slouch:
    """Return a long slouch from where the replayed setting, with a lower threshold, saw it begin.

    An alert that came before the crossing of the present threshold, in the same slouch, catches it too.
    """
    before = bisect_left(replayed, Slouch(slouch.start, 0)) - 1
    if before >= 0 and replayed[before].end > slouch.start:
        return Slouch(replayed[before].start, slouch.end)
    return slouch


def grid(
    thresholds_deg: Sequence[int], delays_s: Sequence[int], mode: int, settings: Mapping[int, int]
) -> list[Choice]:
    """Return every combination that goes with the wearer's other settings; in budget mode the delay plays no part."""
    delays_s = [settings[DELAY_S]] if mode == BUDGET_MODE else delays_s
    choices = [Choice(threshold, delay, mode) for threshold in thresholds_deg for delay in delays_s]
    return [choice for choice in choices if are_consistent(choice.applied_to(settings))]


def best(outcomes: Sequence[Outcome], long_slouches: int) -> Outcome | None:
    """Return the outcome with the fewest alerts among those that catch ENOUGH_CAUGHT of the long slouches.

    If none does, it is the one that catches most. None without a long slouch, when nothing can be judged.
    """
    if not long_slouches or not outcomes:
        return None
    enough = [outcome for outcome in outcomes if outcome.caught >= ENOUGH_CAUGHT * long_slouches]
    if enough:
        return min(enough, key=lambda outcome: (outcome.alerts, -outcome.caught))
    return max(outcomes, key=lambda outcome: (outcome.caught, -outcome.alerts))


def settings_at(store: Queries, journal: int, sequence: int) -> dict[int, int]:
    """Return the settings, by id, as a journal has them at a sequence; those that it never changed are the defaults."""
    settings = dict(DEFAULTS)
    for id in settings:
        for stored in store.last_setup(journal, SETTING_CHANGED, bytes([id]), sequence):
            settings[id] = unpack_stored_event(stored).fields["value"]
    return settings
