"""Every alert that the wearer could feel has an outcome: recorded by the sensor, from later events, or unknown."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from journals import JournalBuilder
from unslouch.analysis.day import Day
from unslouch.analysis.metrics.alerts import ALERTS, ALERTS_BY_OUTCOME, ALERTS_CORRECTED_SHARE
from unslouch.analysis.metrics.slouches import SLOUCHES_CORRECTED_AFTER_ALERT
from unslouch_device.contract import records, settings, states

EIGHT_MS = int(datetime(2025, 3, 14, 8, tzinfo=UTC).timestamp() * 1000)


def slouching(alerts: int = 1) -> JournalBuilder:
    """A wearer who slouches from 8:00 UTC on and has just been given the last of some alerts, three minutes apart."""
    journal = JournalBuilder(1).start_boot().clock(EIGHT_MS).event(records.SLOUCH_STARTED, 0, 2200)
    for number in range(1, alerts + 1):
        if number > 1:
            journal.epochs(states.SLOUCHING, 36)
        journal.event(records.ALERT, 2200, number, settings.DELAY_MODE)
    return journal


def ended(journal: JournalBuilder, alerts: int = 1) -> JournalBuilder:
    return journal.event(records.SLOUCH_ENDED, 2600, 2200, 60, alerts).epochs(states.UPRIGHT, 12)


def corrected(journal: JournalBuilder, latency_ms: int) -> JournalBuilder:
    return ended(journal.event(records.CORRECTED, latency_ms))


def outcomes(day: Day) -> list[tuple[str, float | None]]:
    return [(alert.outcome.value, alert.latency_s) for alert in day.alerts]


def test_a_corrected_alert_has_the_time_until_the_correction(day_of: Callable[..., Day]) -> None:
    day = day_of(corrected(slouching().wait(12_500), 12_500))
    assert outcomes(day) == [("corrected", 12.5)]
    (alert,) = day.alerts
    assert (alert.utc_ms, alert.forward_deg, alert.number, alert.mode) == (EIGHT_MS, 22.0, 1, "delay")
    assert (
        day.summary[ALERTS],
        day.summary[SLOUCHES_CORRECTED_AFTER_ALERT],
        day.summary[ALERTS_CORRECTED_SHARE],
    ) == (1, 1, 1.0)


def test_a_late_correction_has_a_latency_and_does_not_count_as_corrected(day_of: Callable[..., Day]) -> None:
    journal = slouching().wait(30_000).event(records.ALERT_MISSED, 1, records.MISSED_LATE).wait(11_000)
    day = day_of(corrected(journal, 41_000))
    assert outcomes(day) == [("late", 41.0)]
    assert (day.summary[SLOUCHES_CORRECTED_AFTER_ALERT], day.summary[ALERTS_CORRECTED_SHARE]) == (1, 0.0)


def test_a_correction_counts_for_the_last_alert_before_it(day_of: Callable[..., Day]) -> None:
    day = day_of(corrected(slouching(alerts=2).wait(9000), 189_000))
    assert outcomes(day) == [("late", None), ("corrected", 9.0)]
    assert day.summary[ALERTS_CORRECTED_SHARE] == 0.5


def test_an_interrupted_alert_is_left_out_of_the_share(day_of: Callable[..., Day]) -> None:
    journal = slouching().wait(8000).event(records.ALERT_MISSED, 1, records.MISSED_INTERRUPTED)
    day = day_of(ended(journal))
    assert outcomes(day) == [("interrupted", None)]
    assert day.summary[ALERTS_CORRECTED_SHARE] is None


def test_the_sensor_may_record_the_outcome_after_the_end_of_the_slouch(day_of: Callable[..., Day]) -> None:
    journal = slouching().wait(8000).event(records.SLOUCH_ENDED, 2600, 2200, 60, 1)
    journal.event(records.ALERT_MISSED, 1, records.MISSED_INTERRUPTED).epochs(states.MOVING, 12)
    assert outcomes(day_of(journal)) == [("interrupted", None)]


def test_an_alert_is_not_late_because_the_one_before_it_is(day_of: Callable[..., Day]) -> None:
    journal = slouching().epochs(states.SLOUCHING, 6).event(records.ALERT, 2200, 2, settings.DELAY_MODE)
    journal.event(records.ALERT_MISSED, 1, records.MISSED_LATE).epochs(states.SLOUCHING, 1).wait(2000)
    assert outcomes(day_of(corrected(journal, 37_000))) == [("late", None), ("corrected", 7.0)]


def test_events_after_the_end_of_a_slouch_do_not_change_the_outcome_of_its_alerts(day_of: Callable[..., Day]) -> None:
    journal = ended(slouching().wait(8000)).event(records.CORRECTED, 20_000).event(records.ALERT_MISSED, 1, 1)
    assert outcomes(day_of(journal)) == [("interrupted", None)]


@pytest.mark.parametrize(("after_ms", "outcome"), [(8000, "interrupted"), (50_000, "late")])
def test_without_a_recorded_outcome_the_end_of_the_slouch_decides(
    day_of: Callable[..., Day], after_ms: int, outcome: str
) -> None:
    assert outcomes(day_of(ended(slouching().wait(after_ms)))) == [(outcome, None)]


def test_without_a_recorded_outcome_the_latency_of_the_correction_decides(day_of: Callable[..., Day]) -> None:
    assert outcomes(day_of(corrected(slouching().wait(50_000), 50_000))) == [("late", 50.0)]


@pytest.mark.parametrize(("epochs", "outcome"), [(0, "unknown"), (5, "unknown"), (7, "late"), (2000, "late")])
def test_the_outcome_is_unknown_if_the_records_end_within_30_s(
    day_of: Callable[..., Day], epochs: int, outcome: str
) -> None:
    day = day_of(slouching().epochs(states.SLOUCHING, epochs))
    assert outcomes(day) == [(outcome, None)]
    assert day.summary[ALERTS_BY_OUTCOME[day.alerts[0].outcome]] == 1


def test_the_outcome_is_unknown_if_records_are_missing(day_of: Callable[..., Day]) -> None:
    journal = slouching().epochs(states.SLOUCHING, 2).lose(5)
    assert outcomes(day_of(corrected(journal.wait(10_000), 20_000))) == [("unknown", None)]


def test_the_outcome_is_unknown_if_the_sensor_restarted(day_of: Callable[..., Day]) -> None:
    journal = slouching().epochs(states.SLOUCHING, 2).start_boot().clock(EIGHT_MS + 60_000)
    assert outcomes(day_of(journal.event(records.CORRECTED, 5000))) == [("unknown", None)]


def test_taking_the_sensor_off_interrupts_an_alert_even_if_the_sensor_recorded_it_as_late(
    day_of: Callable[..., Day],
) -> None:
    journal = slouching().wait(30_000).event(records.ALERT_MISSED, 1, records.MISSED_LATE).wait(100_000)
    day = day_of(ended(journal).off_body(600_000, noticed_after_ms=journal.uptime_ms - 10_000))
    assert outcomes(day) == [("interrupted", None)]


def test_an_alert_of_a_sensor_on_the_table_is_left_out(day_of: Callable[..., Day]) -> None:
    journal = JournalBuilder(1).start_boot().clock(EIGHT_MS).epochs(states.UPRIGHT, 12).wait(40_000)
    journal.event(records.ALERT, 2200, 1, settings.DELAY_MODE).wait(60_000)
    day = day_of(journal.off_body(600_000, noticed_after_ms=90_000))
    assert day.alerts == []
    assert day.summary[ALERTS] == 0


def test_an_alert_before_midnight_has_the_outcome_from_after_midnight(day_of: Callable[..., Day]) -> None:
    journal = JournalBuilder(1).start_boot().clock(EIGHT_MS + 16 * 3_600_000 - 10_000)
    journal = corrected(journal.event(records.ALERT, 2200, 1, settings.BUDGET_MODE).wait(20_000), 20_000)
    day = day_of(journal)
    assert outcomes(day) == [("corrected", 20.0)]
    assert day.alerts[0].mode == "budget"
    assert day_of(journal, wanted=date(2025, 3, 15)).alerts == []


def test_a_reason_or_mode_of_a_later_version_is_unknown(day_of: Callable[..., Day]) -> None:
    journal = JournalBuilder(1).start_boot().clock(EIGHT_MS).event(records.ALERT, 2200, 1, 9)
    (alert,) = day_of(ended(journal.wait(9000).event(records.ALERT_MISSED, 1, 9))).alerts
    assert (alert.mode, alert.outcome.value) == (None, "unknown")
