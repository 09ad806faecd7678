"""Alert ledger: every alert that the wearer could feel, and its outcome, out of the events of one boot."""

from collections.abc import Callable, Iterator
from itertools import takewhile

from unslouch_device.contract import records, settings
from unslouch_device.contract.records import EPOCH_MS

from .decode import RawEvent
from .model import Alert, Outcome
from .wear import HINDSIGHT_MS, NotWornInterval, Runs, happened_off_body

IN_TIME_MS = 30_000
"""A correction within this long of an alert answers it."""

_MODES = {settings.DELAY_MODE: "delay", settings.BUDGET_MODE: "budget"}
_MISSED = {records.MISSED_LATE: Outcome.LATE, records.MISSED_INTERRUPTED: Outcome.INTERRUPTED}
_ANSWERS = (records.CORRECTED, records.ALERT_MISSED, records.SLOUCH_ENDED)


def boot_alerts(
    events: list[RawEvent], late: list[NotWornInterval], runs: Runs, utc_ms: Callable[[int], int]
) -> list[Alert]:
    """Return the alerts of one boot in order, without those to a sensor that lay off the body.

    events: in order of uptime; late: of noticed_late(); runs: of unbroken_runs(); utc_ms: the time of an uptime.
    """
    found = []
    for at, event in enumerate(events):
        if event.code != records.ALERT or happened_off_body(event, late):
            continue
        outcome, latency_s = _answered(event, list(_answers(events, at, runs)), late, runs)
        found.append(
            Alert(
                journal=event.journal,
                sequence=event.sequence,
                utc_ms=utc_ms(event.uptime_ms),
                forward_deg=event.fields["forward_cdeg"] / 100,
                number=event.fields["number"],
                mode=_MODES.get(event.fields["mode"]),
                outcome=outcome,
                latency_s=latency_s,
            )
        )
    return found


def _answers(events: list[RawEvent], at: int, runs: Runs) -> Iterator[RawEvent]:
    """Yield what can tell the outcome of the alert at an index: up to the slouch's end, and on unbroken record."""
    alert = events[at]
    until_ms = alert.uptime_ms + HINDSIGHT_MS
    run = runs.number(alert.sequence)
    for event in takewhile(lambda event: event.code != records.ALERT, events[at + 1 :]):
        if event.uptime_ms > until_ms:
            return
        if event.code == records.ALERT_MISSED and event.fields["number"] != alert.fields["number"]:
            continue  # of the alert before, whose time was up when this one was given
        if event.code in _ANSWERS and runs.number(event.sequence) == run:
            yield event
            if event.code == records.SLOUCH_ENDED:
                until_ms = event.uptime_ms  # only what happened in the same moment belongs to it still


def _answered(
    alert: RawEvent, answers: list[RawEvent], late: list[NotWornInterval], runs: Runs
) -> tuple[Outcome, float | None]:
    """Return (outcome, s to the correction).

    The sensor's own word counts first; without one, as in older journals, what happened tells.
    """
    corrected, missed, ended = (next((answer for answer in answers if answer.code == code), None) for code in _ANSWERS)
    if corrected and happened_off_body(corrected, late):
        corrected = None
    latency_ms = corrected.uptime_ms - alert.uptime_ms if corrected else None
    latency_s = None if latency_ms is None else latency_ms / 1000
    if corrected is None and any(0 <= interval.start_uptime_ms - alert.uptime_ms <= IN_TIME_MS for interval in late):
        return Outcome.INTERRUPTED, None
    if missed:
        return _MISSED.get(missed.fields["why"], Outcome.UNKNOWN), latency_s
    if latency_ms is not None:
        return Outcome.CORRECTED if latency_ms <= IN_TIME_MS else Outcome.LATE, latency_s
    if ended:
        return Outcome.INTERRUPTED if ended.uptime_ms - alert.uptime_ms <= IN_TIME_MS else Outcome.LATE, None
    known_ms = runs.end_uptime_ms[runs.number(alert.sequence)] - alert.uptime_ms
    return Outcome.LATE if known_ms >= IN_TIME_MS + EPOCH_MS else Outcome.UNKNOWN, None
