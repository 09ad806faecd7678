"""Episodes: slouches from their crossing to their end, out of the events of one boot."""

from collections.abc import Callable

from unslouch_device.contract import records, states

from .away import Away, onset_ms
from .decode import RawEvent
from .model import Episode, Span

SAME_BEGIN_MS = 60_000
"""A slouch's start and end agree on its begin but for this much."""


def boot_episodes(events: list[RawEvent], late: list[Away], utc_ms: Callable[[int], int]) -> list[Episode]:
    """Return the slouches of one boot in the order of their begin.

    One that began while the sensor was off the body, as was noticed later, is none; one that the wearer ended by taking
    the sensor off ends there. events: in order of uptime; late: of late_noticed(); utc_ms: the time of an uptime.
    """
    found: list[Episode] = []
    start_ms: int | None = None
    alerts = 0
    latency_s: float | None = None
    for event in events:
        if event.code == records.SLOUCH_STARTED:
            if start_ms is not None:
                found += _episode(start_ms, None, None, alerts, latency_s, late, utc_ms)
            start_ms, alerts, latency_s = onset_ms(event), 0, None
        elif event.code == records.ALERT:
            alerts += 1
        elif event.code == records.CORRECTED:
            latency_s = event.fields["latency_ms"] / 1000
        elif event.code == records.SLOUCH_ENDED:
            begun_ms = event.uptime_ms - event.fields["duration_s"] * 1000
            saturated = event.fields["duration_s"] == 0xFFFF
            if start_ms is not None and not saturated and abs(begun_ms - start_ms) > SAME_BEGIN_MS:
                # The end of another one: what lay between was lost.
                found += _episode(start_ms, None, None, alerts, latency_s, late, utc_ms)
                start_ms = latency_s = None
            if start_ms is None:
                start_ms = begun_ms
            found += _episode(start_ms, event.uptime_ms, event.fields, event.fields["alerts"], latency_s, late, utc_ms)
            start_ms, alerts, latency_s = None, 0, None
    if start_ms is not None:
        found += _episode(start_ms, None, None, alerts, latency_s, late, utc_ms)
    return found


def _episode(
    start_ms: int,
    end_ms: int | None,
    fields: dict[str, int] | None,
    alerts: int,
    latency_s: float | None,
    late: list[Away],
    utc_ms: Callable[[int], int],
) -> list[Episode]:
    for away in late:
        if away.start_uptime_ms <= start_ms < away.end_uptime_ms:
            return []
        if end_ms is not None and start_ms < away.start_uptime_ms < end_ms:
            end_ms = away.start_uptime_ms
    return [
        Episode(
            start_utc_ms=utc_ms(start_ms),
            end_utc_ms=None if end_ms is None else utc_ms(end_ms),
            peak_deg=fields["peak_cdeg"] / 100 if fields else None,
            mean_deg=fields["mean_cdeg"] / 100 if fields else None,
            alerts=alerts,
            correction_latency_s=latency_s,
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
