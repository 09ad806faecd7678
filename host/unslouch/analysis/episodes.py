"""Episodes: slouches from crossing the threshold to their end, from the events of one boot."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from unslouch_device.contract import records, states

from .decode import RawEvent
from .model import Alert, Episode, Span
from .wear import NotWornInterval, Runs, happened_off_body, onset_ms

SAME_START_MS = 60_000
"""If records are missing between a start and an end whose start is further off than this, they are of two slouches."""
_SATURATED_S = 0xFFFF  # a longer duration does not fit its field


@dataclass
class _Slouch:
    """The events of a slouch so far."""

    earliest_ms: int = 0
    """Uptime before which it can't have begun: that at which the one before was heard of last, or the boot's begin."""
    started: RawEvent | None = None
    """None if its record is missing."""
    alerts: int = 0
    alerts_off_body: int = 0
    latency_s: float | None = None


def boot_episodes(
    events: list[RawEvent], hindsight: list[NotWornInterval], runs: Runs, utc_ms: Callable[[int], int]
) -> list[Episode]:
    """Return the slouches of one boot in the order in which they start.

    A slouch that started or was confirmed while the sensor was off the body, as it noticed later, does not count. One
    during which the wearer took the sensor off ends there. Slouches don't overlap: one whose start is missing begins no
    earlier than the last event of the one before, whatever duration its end has. events: in order of uptime; hindsight:
    from hindsight_intervals(); runs: from unbroken_runs(); utc_ms: converts an uptime.
    """
    episodes: list[Episode] = []
    slouch = _Slouch()
    for event in events:
        if event.code == records.SLOUCH_STARTED:
            episodes += _episode(slouch, None, hindsight, utc_ms)
            slouch = _Slouch(slouch.earliest_ms, event)
        elif event.code == records.ALERT:
            slouch.alerts += 1
            slouch.alerts_off_body += happened_off_body(event, hindsight)
        elif event.code == records.CORRECTED and not happened_off_body(event, hindsight):
            slouch.latency_s = event.fields["latency_ms"] / 1000
        elif event.code == records.SLOUCH_ENDED:
            if slouch.started and _is_other_slouch(event, slouch.started, runs):
                episodes += _episode(slouch, None, hindsight, utc_ms)
                slouch = _Slouch(slouch.started.uptime_ms)
            episodes += _episode(slouch, event, hindsight, utc_ms)
            slouch = _Slouch(event.uptime_ms)
    return episodes + _episode(slouch, None, hindsight, utc_ms)


def _is_other_slouch(ended: RawEvent, started: RawEvent, runs: Runs) -> bool:
    if runs.number(ended.sequence) == runs.number(started.sequence) or ended.fields["duration_s"] == _SATURATED_S:
        return False
    return abs(_start_ms(ended) - onset_ms(started)) > SAME_START_MS


def _start_ms(ended: RawEvent) -> int:
    return ended.uptime_ms - ended.fields["duration_s"] * 1000


def _episode(
    slouch: _Slouch, ended: RawEvent | None, hindsight: list[NotWornInterval], utc_ms: Callable[[int], int]
) -> list[Episode]:
    """Return the episode of a slouch as a list of one; an empty list if it does not count."""
    if slouch.started:
        start_ms = onset_ms(slouch.started)
        if happened_off_body(slouch.started, hindsight):
            return []
    elif ended:
        start_ms = max(slouch.earliest_ms, _start_ms(ended))
    else:
        return []
    end_ms = ended.uptime_ms if ended else None
    for interval in hindsight:
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
            alerts=max(0, alerts - slouch.alerts_off_body),
            correction_latency_s=slouch.latency_s,
        )
    ]


def length_ms(episode: Episode, spans: list[Span]) -> int:
    """Return how long an episode lasted; without a recorded end, as long as the spans show the slouch."""
    if episode.end_utc_ms is not None:
        return max(0, episode.end_utc_ms - episode.start_utc_ms)
    known_ms = episode.start_utc_ms
    for span in spans:
        if span.end_utc_ms > known_ms:
            if span.start_utc_ms > known_ms or span.state not in (states.SLOUCHING, states.LEANING):
                break
            known_ms = span.end_utc_ms
    return known_ms - episode.start_utc_ms


def cut_at_midnight(episodes: list[Episode], alerts: list[Alert], start_utc_ms: int, end_utc_ms: int) -> list[Episode]:
    """Return the parts of episodes that lie in [start, end), given the alerts of their boot.

    A part has the alerts that were given during it. The correction belongs to the part that ends with it. An episode
    without a known end belongs to the day on which it begins, with the alerts of that day until the next one starts:
    so it is the same however much was read of the days that follow.
    """
    parts = []
    starts_ms = [episode.start_utc_ms for episode in episodes]
    for index, episode in enumerate(episodes):
        begin_ms, until_ms = episode.start_utc_ms, episode.end_utc_ms
        began_before = begin_ms < start_utc_ms
        goes_on = until_ms is not None and until_ms > end_utc_ms
        if begin_ms >= end_utc_ms or (began_before and (until_ms is None or until_ms <= start_utc_ms)):
            continue
        if began_before or goes_on:
            first_ms, last_ms = max(begin_ms, start_utc_ms), min(until_ms or end_utc_ms, end_utc_ms)
            episode = replace(
                episode,
                start_utc_ms=first_ms,
                end_utc_ms=last_ms,
                alerts=sum(first_ms <= alert.utc_ms < last_ms for alert in alerts),
                correction_latency_s=None if goes_on else episode.correction_latency_s,
                began_before=began_before,
                goes_on=goes_on,
            )
        elif until_ms is None:
            last_ms = min([end_utc_ms, *starts_ms[index + 1 : index + 2]])
            given = sum(begin_ms <= alert.utc_ms < last_ms for alert in alerts)
            episode = replace(episode, alerts=min(episode.alerts, given))
        parts.append(episode)
    return parts
