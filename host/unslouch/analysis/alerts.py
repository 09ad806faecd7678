"""Alerts: every alert that the wearer could feel, with its outcome, from the events of one boot."""

from collections.abc import Callable, Iterator
from itertools import takewhile

from unslouch_device.contract import records, settings
from unslouch_device.contract.records import EPOCH_MS

from .decode import RawEvent
from .model import Alert, Outcome
from .wear import HINDSIGHT_MS, NotWornInterval, Runs, happened_off_body

IN_TIME_MS = 30_000
"""A correction counts for an alert that it follows within this time."""

_MODES = {settings.DELAY_MODE: "delay", settings.BUDGET_MODE: "budget"}
_MISSED = {records.MISSED_LATE: Outcome.LATE, records.MISSED_INTERRUPTED: Outcome.INTERRUPTED}
_EVIDENCE = (records.CORRECTED, records.ALERT_MISSED, records.SLOUCH_ENDED)
"""The events that can show an outcome."""


def boot_alerts(
    events: list[RawEvent], hindsight: list[NotWornInterval], runs: Runs, utc_ms: Callable[[int], int]
) -> list[Alert]:
    """Return the alerts of one boot in order, without those while the sensor was off the body.

    events: in order of uptime; hindsight: from hindsight_intervals(); runs: from unbroken_runs(); utc_ms: converts an
    uptime.
    """
    alerts = []
    for index, event in enumerate(events):
        if event.code != records.ALERT or happened_off_body(event, hindsight):
            continue
        outcome, latency_s = _outcome(event, list(_evidence(events, index, runs)), hindsight, runs)
        alerts.append(
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
    return alerts


def _evidence(events: list[RawEvent], index: int, runs: Runs) -> Iterator[RawEvent]:
    """Yield the events that can show the outcome of the alert at an index.

    They end with the slouch, with the next alert, and where records are missing.
    """
    alert = events[index]
    until_ms = alert.uptime_ms + HINDSIGHT_MS
    run = runs.number(alert.sequence)
    for event in takewhile(lambda event: event.code != records.ALERT, events[index + 1 :]):
        if event.uptime_ms > until_ms:
            return
        if event.code == records.ALERT_MISSED and event.fields["number"] != alert.fields["number"]:
            continue  # it belongs to the alert before, whose 30 s were over when this one was given
        if event.code in _EVIDENCE and runs.number(event.sequence) == run:
            yield event
            if event.code == records.SLOUCH_ENDED:
                until_ms = event.uptime_ms  # an event of the same moment still belongs to the slouch


def _outcome(
    alert: RawEvent, evidence: list[RawEvent], hindsight: list[NotWornInterval], runs: Runs
) -> tuple[Outcome, float | None]:
    """Return the outcome of an alert and the time until the correction in s.

    If the sensor recorded an outcome, that one counts. Older firmware recorded none; then the times of the correction
    and of the slouch's end decide.
    """
    corrected, missed, ended = (next((event for event in evidence if event.code == code), None) for code in _EVIDENCE)
    if corrected and happened_off_body(corrected, hindsight):
        corrected = None
    latency_ms = corrected.uptime_ms - alert.uptime_ms if corrected else None
    latency_s = None if latency_ms is None else latency_ms / 1000
    if corrected is None and any(
        0 <= interval.start_uptime_ms - alert.uptime_ms <= IN_TIME_MS for interval in hindsight
    ):
        return Outcome.INTERRUPTED, None
    if missed:
        return _MISSED.get(missed.fields["why"], Outcome.UNKNOWN), latency_s
    if latency_ms is not None:
        return Outcome.CORRECTED if latency_ms <= IN_TIME_MS else Outcome.LATE, latency_s
    if ended:
        return Outcome.INTERRUPTED if ended.uptime_ms - alert.uptime_ms <= IN_TIME_MS else Outcome.LATE, None
    known_ms = runs.end_uptime_ms[runs.number(alert.sequence)] - alert.uptime_ms
    return Outcome.LATE if known_ms >= IN_TIME_MS + EPOCH_MS else Outcome.UNKNOWN, None
