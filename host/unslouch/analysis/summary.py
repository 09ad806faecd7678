"""Summary: a day's spans, episodes and events in numbers."""

from unslouch_device.contract import records, states
from unslouch_device.contract.states import STATE_NAMES

from .alerts import corrected_share
from .episodes import length_ms
from .model import Alert, Episode, Event, Outcome, Span, Summary
from .spans import MEASURED, WORN

_MIN_MS = 60_000


def summarise(spans: list[Span], episodes: list[Episode], worn_events: list[Event], alerts: list[Alert]) -> Summary:
    """Return the numbers of a day whose spans cover it end to end; worn_events: those that the wearer could notice."""
    minutes = dict.fromkeys(STATE_NAMES, 0.0)
    for state, name in enumerate(STATE_NAMES):
        minutes[name] = _total_ms(spans, (state,)) / _MIN_MS
    measured_ms, worn_ms = _total_ms(spans, MEASURED), _total_ms(spans, WORN)
    lost_ms = _lost_while_worn_ms(spans)
    outcomes = {outcome: sum(alert.outcome is outcome for alert in alerts) for outcome in Outcome}
    return Summary(
        minutes=minutes,
        episodes=len(episodes),
        longest_episode_min=max((length_ms(episode, spans) for episode in episodes), default=0) / _MIN_MS,
        alerts=len(alerts),
        corrected=sum(event.code == records.CORRECTED for event in worn_events),
        measured_min=measured_ms / _MIN_MS,
        worn_min=worn_ms / _MIN_MS,
        coverage=measured_ms / (worn_ms + lost_ms) if worn_ms else None,
        outcomes=outcomes,
        corrected_share=corrected_share(outcomes),
    )


def _total_ms(spans: list[Span], of: tuple[int, ...]) -> int:
    return sum(span.end_utc_ms - span.start_utc_ms for span in spans if span.state in of)


def _lost_while_worn_ms(spans: list[Span]) -> int:
    """Return the time without records between the day's first worn moment and its last."""
    worn = [at for at, span in enumerate(spans) if span.state in WORN]
    return _total_ms(spans[worn[0] : worn[-1]], (states.UNKNOWN,)) if worn else 0
