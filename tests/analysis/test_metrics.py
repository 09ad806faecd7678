"""Every metric is one object in one registry, and exports, dictionary and kept summaries follow from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journals import JournalBuilder
from unslouch.analysis.day import Day
from unslouch.analysis.metrics import registry
from unslouch.analysis.metrics.alerts import ALERTS_BY_OUTCOME, ALERTS_CORRECTED_IN_TIME
from unslouch.analysis.metrics.metric import OURS, Metric, Theme, Unit
from unslouch.analysis.metrics.minutes import STATE_MINUTES, WORN_MIN
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION, METRICS, SUMMARY_KEY, summarise
from unslouch.analysis.metrics.slouches import SLOUCHES_CORRECTED_AFTER_ALERT
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.model import Outcome
from unslouch_device.contract import records, states

FIRST_METRICS = (
    *("lost", "charging", "off_body", "uncalibrated", "lying", "moving", "slouching", "leaning", "reclined", "upright"),
    *("day_length", "measured", "worn", "coverage", "episodes", "longest_episode", "alerts", "corrected"),
    *("alerts_corrected", "alerts_late", "alerts_interrupted", "alerts_unknown", "corrected_share", "sensor_moved"),
)
"""Those of version 1, whose names and meanings stay."""

EIGHT_MS = int(datetime(2025, 3, 14, 8, tzinfo=UTC).timestamp() * 1000)


def a_journal() -> JournalBuilder:
    """A day with a calibration, two slouches, a walk, an hour off the body and lost records."""
    journal = JournalBuilder(7)
    journal.calibration_id = 0
    journal.start_boot().clock(EIGHT_MS).epochs(states.UNCALIBRATED, 2).calibrate(3)
    journal.epochs(states.UPRIGHT, 90).slouch(6, 3).epochs(states.MOVING, 12).epochs(states.RECLINED, 7)
    journal.slouch(8, 20).event(records.SENSOR_MOVED, 1600, 350, 0).off_body(3_600_000).lose(9).wait(60_000)
    return journal.epochs(states.UPRIGHT, 30).clock(EIGHT_MS + journal.uptime_ms)


def test_every_metric_says_what_it_is() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.definition
        assert metric.source
        assert metric.formula
        assert metric.unit is not Unit.COUNT or metric.decimals == 0
        assert len(metric.column) >= len(metric.name)
    assert len({metric.column for metric in METRICS}) == len(METRICS)


def test_values_change_only_with_the_version_of_the_algorithm(day_of: Callable[..., Day]) -> None:
    # Where analysis gives other values on purpose, raise ALGORITHM_VERSION and write the new values here. Kept
    # summaries would otherwise go on showing the old ones.
    values = day_of(a_journal()).summary.values
    assert (ALGORITHM_VERSION, {name: values[name] for name in FIRST_METRICS}) == (
        2,
        {
            "lost": 481.0,
            "charging": 0.0,
            "off_body": 60.0,
            "uncalibrated": 10 / 60,
            "lying": 0.0,
            "moving": 1.0,
            "slouching": 115 / 60,
            "leaning": 70 / 60,
            "reclined": 35 / 60,
            "upright": 10.0,
            "day_length": 24.0,
            "measured": 880 / 60,
            "worn": 890 / 60,
            "coverage": 880 / 950,
            "episodes": 2,
            "longest_episode": 140 / 60,
            "alerts": 2,
            "corrected": 2,
            "alerts_corrected": 1,
            "alerts_late": 1,
            "alerts_interrupted": 0,
            "alerts_unknown": 0,
            "corrected_share": 0.5,
            "sensor_moved": 1,
        },
    )


def test_a_metric_depends_on_its_observations_alone_and_changes_none(day_of: Callable[..., Day]) -> None:
    observed = day_of(a_journal()).observations
    once = summarise(observed)
    assert summarise(observed) == once
    assert summarise(day_of(a_journal()).observations) == once


def test_a_summary_is_the_same_after_it_was_kept_as_json(day_of: Callable[..., Day]) -> None:
    summary = day_of(a_journal()).summary
    assert Summary.from_json(summary.to_json()) == summary


def test_corrected_slouches_and_corrected_alerts_are_two_metrics(day_of: Callable[..., Day]) -> None:
    summary = day_of(a_journal()).summary
    assert (SLOUCHES_CORRECTED_AFTER_ALERT.name, summary[SLOUCHES_CORRECTED_AFTER_ALERT]) == ("corrected", 2)
    assert (ALERTS_CORRECTED_IN_TIME.name, summary[ALERTS_CORRECTED_IN_TIME]) == ("alerts_corrected", 1)
    assert summary[ALERTS_BY_OUTCOME[Outcome.LATE]] == 1
    for metric, other in (
        (SLOUCHES_CORRECTED_AFTER_ALERT, ALERTS_CORRECTED_IN_TIME),
        (ALERTS_CORRECTED_IN_TIME, SLOUCHES_CORRECTED_AFTER_ALERT),
    ):
        assert f"compare `{other.name}`" in metric.definition


def test_minutes_of_all_states_add_up_to_what_is_known_of_the_day(day_of: Callable[..., Day]) -> None:
    day = day_of(a_journal())
    known_ms = day.until_utc_ms - day.spans[0].start_utc_ms
    assert sum(day.summary[minutes] for minutes in STATE_MINUTES.values()) == pytest.approx(known_ms / 60_000)


def test_a_metric_of_the_columns_joins_by_being_listed(
    day_of: Callable[..., Day], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tenth_percentile_deg(observed: Observations) -> float | None:
        tilts_cdeg = observed.epochs.second_cdeg[observed.epochs.state == states.UPRIGHT]
        return None if tilts_cdeg.size < 3600 else float(tilts_cdeg.min()) / 100

    p10 = Metric(
        "p10",
        Unit.DEGREES,
        "tilt; empty below 1 h",
        OURS,
        decimals=1,
        measure=tenth_percentile_deg,
        formula="min θ",
        theme=Theme.VARIATION,
    )
    monkeypatch.setattr(registry, "METRICS", (*METRICS, p10))
    observed = day_of(a_journal()).observations
    assert summarise(observed)[p10] is None
    longer = replace(observed, epochs=day_of(a_journal().epochs(states.UPRIGHT, 720)).epochs)
    assert summarise(longer)[p10] == -0.8


def test_the_key_of_kept_summaries_names_the_version_and_depends_on_the_metrics() -> None:
    assert SUMMARY_KEY.startswith(f"{ALGORITHM_VERSION}-")
    assert registry.summary_key(METRICS) == SUMMARY_KEY
    assert registry.summary_key(METRICS[1:]) != SUMMARY_KEY


def test_one_value_of_a_summary_can_be_replaced() -> None:
    summary = Summary({"worn": 1.0, "alerts": 2})
    assert summary.replaced(WORN_MIN, 3.0) == Summary({"worn": 3.0, "alerts": 2})
    assert summary[WORN_MIN] == 1.0
