"""Episodes: slouches from their crossing to their end, out of the events of one boot."""

from collections.abc import Callable
from dataclasses import dataclass

from unslouch_device.contract import records, states

from .decode import RawEvent
from .model import Episode, Span
from .wear import NotWornInterval, Runs, happened_off_body, onset_ms

SAME_BEGIN_MS = 60_000
"""A slouch's end that tells of a begin further off, and records missing before it: it is the end of another one."""
_SATURATED_S = 0xFFFF


@dataclass
class _Slouch:
    """What the events so far tell of a slouch."""

    started: RawEvent | None = None
    """None where its record is missing."""
    alerts: int = 0
    alerts_to_no_wearer: int = 0
    latency_s: float | None = None


def boot_episodes(
    events: list[RawEvent], late: list[NotWornInterval], runs: Runs, utc_ms: Callable[[int], int]
) -> list[Episode]:
    """Return the slouches of one boot in the order of their begin.

    One that began or was confirmed while the sensor was off the body, as was noticed later, is none; one that the
    wearer ended by taking the sensor off ends there. events: in order of uptime; late: of noticed_late(); runs: of
    unbroken_runs(); utc_ms: the time of an uptime.
    """
    found: list[Episode] = []
    slouch = _Slouch()
    for event in events:
        if event.code == records.SLOUCH_STARTED:
            found += _episode(slouch, None, late, utc_ms)
            slouch = _Slouch(event)
        elif event.code == records.ALERT:
            slouch.alerts += 1
            slouch.alerts_to_no_wearer += happened_off_body(event, late)
        elif event.code == records.CORRECTED and not happened_off_body(event, late):
            slouch.latency_s = event.fields["latency_ms"] / 1000
        elif event.code == records.SLOUCH_ENDED:
            if slouch.started and _is_of_another(event, slouch.started, runs):
                found += _episode(slouch, None, late, utc_ms)
                slouch = _Slouch()
            found += _episode(slouch, event, late, utc_ms)
            slouch = _Slouch()
    return found + _episode(slouch, None, late, utc_ms)


def _is_of_another(ended: RawEvent, started: RawEvent, runs: Runs) -> bool:
    if runs.number(ended.sequence) == runs.number(started.sequence) or ended.fields["duration_s"] == _SATURATED_S:
        return False
    return abs(_begun_ms(ended) - onset_ms(started)) > SAME_BEGIN_MS


def _begun_ms(ended: RawEvent) -> int:
    return ended.uptime_ms - ended.fields["duration_s"] * 1000


def _episode(
    slouch: _Slouch, ended: RawEvent | None, late: list[NotWornInterval], utc_ms: Callable[[int], int]
) -> list[Episode]:
    """Return the episode that a slouch was, if it was one."""
    if slouch.started:
        start_ms = onset_ms(slouch.started)
        if happened_off_body(slouch.started, late):
            return []
    elif ended:
        start_ms = _begun_ms(ended)
    else:
        return []
    end_ms = ended.uptime_ms if ended else None
    for interval in late:
        if interval.start_uptime_ms <= start_ms < interval.end_uptime_ms:
            return []
        if end_ms is not None and start_ms < interval.start_uptime_ms < end_ms:
            end_ms = interval.start_uptime_ms
    alerts = ended.fields["alerts"] if ended else slouch.alerts
    return [
        Episode(
            start_utc_ms=utc_ms(start_ms),
            end_utc_ms=None if end_ms is None else utc_ms(end_ms),
            peak_deg=ended.fields["peak_cdeg"] / 100 if ended else None,
            mean_deg=ended.fields["mean_cdeg"] / 100 if ended else None,
            alerts=max(0, alerts - slouch.alerts_to_no_wearer),
            correction_latency_s=slouch.latency_s,
        )
    ]


def length_ms(episode: Episode, spans: list[Span]) -> int:
    """Return how long an episode lasted; one whose end was never recorded counts as long as the slouch is on record."""
    if episode.end_utc_ms is not None:
        return max(0, episode.end_utc_ms - episode.start_utc_ms)
    known_ms = episode.start_utc_ms
    for span in spans:
        if span.end_utc_ms > known_ms:
            if span.start_utc_ms > known_ms or span.state not in (states.SLOUCHING, states.LEANING):
                break
            known_ms = span.end_utc_ms
    return known_ms - episode.start_utc_ms
