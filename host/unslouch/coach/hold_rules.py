"""Hold rules: when nothing is suggested at all. Each hold says when it ends."""

from .rules import Hold, HoldRule
from .situation import Situation

GAP_MIN = 10
"""The shortest time between two suggestions (ours)."""
_MS_PER_MIN = 60_000
_HOUR_MS = 60 * _MS_PER_MIN


def _meeting(situation: Situation) -> Hold | None:
    return _until(situation, situation.meeting_until_utc_ms, "You are in a meeting")


def _quiet_hours(situation: Situation) -> Hold | None:
    return _until(situation, situation.quiet_until_utc_ms, "These are your quiet hours")


def _paused(situation: Situation) -> Hold | None:
    return _until(situation, situation.past.paused_until_utc_ms, "You have paused suggestions")


def _hourly_limit(situation: Situation) -> Hold | None:
    most = max(1, situation.preferences.max_per_hour)
    recent_ms = [utc_ms for utc_ms, _ in situation.past.suggested if utc_ms > situation.now_utc_ms - _HOUR_MS]
    if len(recent_ms) < most:
        return None
    return _until(situation, recent_ms[-most] + _HOUR_MS, f"This hour had its {most} suggestions")


def _gap(situation: Situation) -> Hold | None:
    suggested = situation.past.suggested
    until_ms = suggested[-1][0] + GAP_MIN * _MS_PER_MIN if suggested else None
    return _until(situation, until_ms, f"The last suggestion is less than {GAP_MIN} min old")


def _trial_waits(situation: Situation) -> Hold | None:
    return _until(situation, situation.past.waits_until_utc_ms, "The trial measures the half hour after its coin")


def _until(situation: Situation, until_utc_ms: int | None, why: str) -> Hold | None:
    if until_utc_ms is None or until_utc_ms <= situation.now_utc_ms:
        return None
    return Hold(f"{why}; suggestions come back at {situation.clock(until_utc_ms)}.", until_utc_ms)


HOLD_RULES = (
    HoldRule("meeting", "Nothing is suggested during a meeting.", _meeting),
    HoldRule("quiet-hours", "Nothing is suggested in quiet hours.", _quiet_hours),
    HoldRule("paused", "Nothing is suggested while you have paused suggestions.", _paused),
    HoldRule("hourly-limit", "No more is suggested in an hour than you allow.", _hourly_limit),
    HoldRule("gap", f"Suggestions are at least {GAP_MIN} min apart.", _gap),
    HoldRule("trial-waits", "In a trial, nothing is suggested in the half hour that is measured.", _trial_waits),
)
