"""Past: what the wearer did and answered up to a moment, summed up for the coach's rules."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from unslouch.store import Answer, CoachAnswer, ExerciseSession, Queries

from .catalogue import Catalogue, Kind
from .progress import Progress, progress_of

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DECLINED_FOR_DAYS = 14
"""How long "not today" is held against an exercise (ours)."""
WEEK_DAYS = 7
SUGGESTED, NOT_TODAY, LATER = Answer.SUGGESTED, Answer.NOT_TODAY, Answer.LATER
"""The most frequent ones: a year has thousands of them."""
ENDS_LATER = frozenset({Answer.STARTED, Answer.UNANSWERED, Answer.MOVED})
RECENT_SUGGESTIONS = 48
"""More than an hour may have."""


@dataclass(frozen=True)
class Past:
    """A summary; `today` and days are local dates, and a week is today with the six days before it."""

    today: date
    done_today: Counter[str] = field(default_factory=Counter)
    """How often each exercise was completed today."""
    last_done_utc_ms: dict[str, int] = field(default_factory=dict)
    days_done: frozenset[date] = frozenset()
    """The days before today and today on which an exercise was completed."""
    days_of_kind: dict[Kind, frozenset[date]] = field(default_factory=dict)
    """The days on which one of each kind was completed."""
    abdominal_days: frozenset[date] = frozenset()
    abdominals_this_week: frozenset[str] = frozenset()
    stretches_today: frozenset[str] = frozenset()
    progress: Progress = field(default_factory=Progress)
    suggested: tuple[tuple[int, str], ...] = ()
    """The last RECENT_SUGGESTIONS as (UTC in ms, exercise), the newest last."""
    last_suggested_utc_ms: dict[str, int] = field(default_factory=dict)
    not_today_until_utc_ms: dict[str, int] = field(default_factory=dict)
    later_until_utc_ms: dict[str, int] = field(default_factory=dict)
    """When an exercise comes again that the wearer put off."""
    declined: Counter[str] = field(default_factory=Counter)
    """How often each exercise was declined in the last DECLINED_FOR_DAYS days."""
    paused_until_utc_ms: int | None = None
    has_agreed_to_trial: bool = False
    waits_until_utc_ms: int | None = None
    """Until when the trial measures what followed its last coin, so that nothing is suggested."""

    @property
    def hurt(self) -> frozenset[str]:
        """The exercises that are left out because they hurt."""
        return frozenset(self.progress.hurt_utc_ms)

    def days_this_week(self, kind: Kind) -> int:
        """Return on how many days of the week an exercise of a kind was completed."""
        return self._this_week(self.days_of_kind.get(kind, frozenset()))

    def was_done_today(self, kind: Kind) -> bool:
        """Return whether an exercise of a kind was completed today."""
        return self.today in self.days_of_kind.get(kind, frozenset())

    def _this_week(self, days: frozenset[date]) -> int:
        first = self.today - timedelta(days=WEEK_DAYS - 1)
        return sum(first <= day <= self.today for day in days)


def past_of(
    catalogue: Catalogue,
    sessions: Iterable[ExerciseSession],
    answers: Iterable[CoachAnswer],
    now_utc_ms: int,
    tz: tzinfo,
) -> Past:
    """Sum up sessions and answers, in order of time, that lie before a moment.

    An exercise that was begun and not completed is not done, and neither is one that was declined.
    """
    answers = [answer for answer in answers if answer.utc_ms <= now_utc_ms]
    done = [session for session in sessions if session.is_complete and session.end_utc_ms <= now_utc_ms]
    return Past(**_summary_of_sessions(catalogue, done, now_utc_ms, tz), **_summary_of_answers(answers, now_utc_ms))


def read_past(store: Queries, catalogue: Catalogue, now_utc_ms: int, tz: tzinfo) -> Past:
    """Return the past that a database holds; raises StoreError."""
    sessions = store.words.sessions(0, now_utc_ms + 1)
    return past_of(catalogue, sessions, store.coach_answers.between(0, now_utc_ms + 1), now_utc_ms, tz)


def with_answer(past: Past, answer: CoachAnswer) -> Past:
    """Return the past with an answer of just now that decides about the next suggestion; it counts once."""
    exercise, until_ms = answer.exercise or "", answer.until_utc_ms or 0
    match answer.answer:
        case Answer.SUGGESTED if (answer.utc_ms, exercise) not in past.suggested:
            suggested = (*past.suggested, (answer.utc_ms, exercise))[-RECENT_SUGGESTIONS:]
            last = past.last_suggested_utc_ms | {exercise: answer.utc_ms}
            return replace(past, suggested=suggested, last_suggested_utc_ms=last)
        case Answer.NOT_TODAY:
            return replace(past, not_today_until_utc_ms=past.not_today_until_utc_ms | {exercise: until_ms})
        case Answer.LATER:
            return replace(past, later_until_utc_ms=past.later_until_utc_ms | {exercise: until_ms})
        case Answer.PAUSED:
            return replace(past, paused_until_utc_ms=until_ms)
        case Answer.RESUMED:
            return replace(past, paused_until_utc_ms=None)
        case Answer.TOSS_WAIT | Answer.TOSS_SUGGEST if past.has_agreed_to_trial:
            return replace(past, waits_until_utc_ms=until_ms)
    return past


def local_date(utc_ms: int, tz: tzinfo) -> date:
    """Return the date of a moment in a zone."""
    return datetime.fromtimestamp(utc_ms / 1000, tz).date()


def _summary_of_sessions(
    catalogue: Catalogue, done: list[ExerciseSession], now_utc_ms: int, tz: tzinfo
) -> dict[str, Any]:
    exercises = {exercise.id: exercise for exercise in catalogue.exercises}
    today = local_date(now_utc_ms, tz)
    week_ago = today - timedelta(days=WEEK_DAYS)
    done_today: Counter[str] = Counter()
    last_done: dict[str, int] = {}
    days_of_kind: dict[Kind, set[date]] = {kind: set() for kind in Kind}
    days, abdominal_days, abdominals, stretches = set(), set(), set(), set()
    for session in done:
        day = local_date(session.start_utc_ms, tz)
        days.add(day)
        last_done[session.exercise] = session.end_utc_ms
        done_today[session.exercise] += day == today
        exercise = exercises.get(session.exercise)
        if exercise is None:
            continue
        for kind in exercise.kinds:
            days_of_kind[kind].add(day)
        if exercise.abdominal:
            abdominal_days.add(day)
            if day > week_ago:
                abdominals.add(exercise.id)
        if day == today and Kind.STRETCH in exercise.kinds:
            stretches.add(exercise.id)
    return {
        "today": today,
        "done_today": +done_today,
        "last_done_utc_ms": last_done,
        "days_done": frozenset(days),
        "days_of_kind": {kind: frozenset(on) for kind, on in days_of_kind.items()},
        "abdominal_days": frozenset(abdominal_days),
        "abdominals_this_week": frozenset(abdominals),
        "stretches_today": frozenset(stretches),
    }


def _summary_of_answers(answers: list[CoachAnswer], now_utc_ms: int) -> dict[str, Any]:
    suggested: list[tuple[int, str]] = []
    last_suggested: dict[str, int] = {}
    not_today: dict[str, int] = {}
    later: dict[str, int] = {}
    declined: Counter[str] = Counter()
    paused_ms = waits_ms = None
    has_agreed = False
    for _, utc_ms, kind, named, until_utc_ms, _ in answers:
        exercise, until_ms = named or "", until_utc_ms or 0
        if kind is SUGGESTED:
            last_suggested[exercise] = utc_ms
            later.pop(exercise, None)
            suggested.append((utc_ms, exercise))
        elif kind is NOT_TODAY:
            later.pop(exercise, None)
            not_today[exercise] = until_ms
            declined[exercise] += utc_ms > now_utc_ms - DECLINED_FOR_DAYS * DAY_MS
        elif kind in ENDS_LATER:
            later.pop(exercise, None)
        elif kind is LATER:
            later[exercise] = until_ms
        elif kind in (Answer.PAUSED, Answer.RESUMED):
            paused_ms = until_ms if kind is Answer.PAUSED else None
        elif kind in (Answer.TRIAL_ON, Answer.TRIAL_OFF):
            has_agreed = kind is Answer.TRIAL_ON
        elif kind in (Answer.TOSS_WAIT, Answer.TOSS_SUGGEST):
            waits_ms = until_ms
    return {
        "progress": progress_of(answers),
        "suggested": tuple(suggested[-RECENT_SUGGESTIONS:]),
        "last_suggested_utc_ms": last_suggested,
        "not_today_until_utc_ms": {id: until_ms for id, until_ms in not_today.items() if until_ms > now_utc_ms},
        "later_until_utc_ms": later,
        "declined": +declined,
        "paused_until_utc_ms": paused_ms if paused_ms is not None and paused_ms > now_utc_ms else None,
        "has_agreed_to_trial": has_agreed,
        "waits_until_utc_ms": waits_ms if has_agreed and waits_ms is not None and waits_ms > now_utc_ms else None,
    }
