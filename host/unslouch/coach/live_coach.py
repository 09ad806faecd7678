"""Live coach: joins records, live samples, rules and the moment, and collects the answers that are to be stored.

It reads and writes nothing itself: the face that shows it gives it what the database says (`set_records`) and stores
what it has in `unstored`. All times are UTC in ms, as the caller's clock has them.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from unslouch.store import Answer, CoachAnswer
from unslouch_device.contract import states

from . import moment as moments
from .catalogue import Catalogue, Exercise
from .moment import Moment, Outcome, Phase
from .movement import SEATED_STATES, Body, MovementWatch
from .past import Past, local_date, with_answer
from .posture_today import PostureToday
from .preferences import Preferences
from .rules import Hold
from .situation import Situation
from .suggest import Suggestion, find_suggestion, holds_of, rank, suggestion_of

EVALUATED_EVERY_MS = 5_000
SEEN_WITHIN_MS = 5_000
"""An older sample says nothing about now."""
STILL_WANTED_MS = 2 * 3_600_000
"""What was put off comes back if the dashboard is started again within so long after its time."""
TRIAL_WINDOW_MS = 30 * 60_000
_ENDING_HOLDS = ("meeting", "quiet-hours", "paused")
"""Holds that take an open card off the screen."""


def toss_coin() -> bool:
    """Return True or False with equal chances."""
    return bool(secrets.randbits(1))


class LiveCoach:
    """Decides what the suggestion card shows."""

    def __init__(
        self,
        catalogue: Catalogue,
        tz: tzinfo,
        preferences: Preferences | None = None,
        coin: Callable[[], bool] = toss_coin,
    ) -> None:
        self.catalogue = catalogue
        self.tz = tz
        self.preferences = preferences or Preferences()
        self.moment = Moment()
        self.suggestion: Suggestion | None = None
        self.hold: Hold | None = None
        """What holds suggestions back at present."""
        self.unstored: list[CoachAnswer] = []
        """Answers that the database doesn't have yet, oldest first."""
        self.meeting_until_utc_ms: int | None = None
        self.quiet_until_utc_ms: int | None = None
        self._hold_id = ""
        self._coin = coin
        self._watch = MovementWatch()
        self._posture: PostureToday | None = None
        self._past: Past | None = None
        self._put_off: str | None = None
        self._state = states.UNKNOWN
        self._sampled_ms = 0
        self._evaluated_ms = 0

    # What happens

    def set_records(self, posture: PostureToday | None, past: Past, now_ms: int) -> None:
        """Take what the database says now."""
        is_first = self._past is None
        self._posture, self._past = posture, past
        for answer in self.unstored:
            self._past = with_answer(self._past, answer)
        if is_first:
            self._resume_put_off(now_ms)

    def forget_stored(self, stored: list[CoachAnswer]) -> None:
        """Take answers out of `unstored` that the database has by now."""
        ids = {answer.answer_id for answer in stored}
        self.unstored = [answer for answer in self.unstored if answer.answer_id not in ids]

    def observe(self, now_ms: int, state: int, forward_deg: float | None, lateral_deg: float | None) -> None:
        """Take a live sample."""
        self._state, self._sampled_ms = state, now_ms
        body = self._watch.observe(now_ms, state, forward_deg, lateral_deg)
        self._take(*moments.step(self.moment, body, now_ms), now_ms)

    def tick(self, now_ms: int) -> None:
        """Let time pass; call it about every second or more often."""
        self._take(*moments.step(self.moment, Body.UNKNOWN, now_ms), now_ms)
        if not 0 <= now_ms - self._evaluated_ms < EVALUATED_EVERY_MS:
            self._evaluated_ms = now_ms
            self._evaluate(now_ms)

    # What the wearer answers

    def begin(self, now_ms: int) -> str | None:
        """The wearer does the suggested exercise; return its id, None if none is open."""
        if not self.moment.is_open:
            return None
        exercise = self.moment.exercise
        self._answer(now_ms, Answer.STARTED)
        self._close(moments.answered(self.moment, now_ms))
        return exercise

    def put_off(self, minutes: int, now_ms: int) -> bool:
        """The wearer wants it again in some minutes; return whether a suggestion was open."""
        if not self.moment.is_open:
            return False
        self._put_off = self.moment.exercise
        until_ms = now_ms + minutes * 60_000
        self._answer(now_ms, Answer.LATER, until_ms=until_ms)
        self._close(moments.put_off(self.moment, until_ms, now_ms))
        return True

    def decline(self, now_ms: int) -> bool:
        """The wearer doesn't want it today; return whether a suggestion was open."""
        if not self.moment.is_open:
            return False
        self._answer(now_ms, Answer.NOT_TODAY, until_ms=next_midnight_ms(now_ms, self.tz))
        self._close(moments.answered(self.moment, now_ms))
        return True

    def pause(self, until_ms: int, now_ms: int) -> None:
        """The wearer wants no suggestion before a time, at most a day away."""
        until_ms = min(until_ms, now_ms + moments.LONGEST_SILENCE_MS)
        self._answer(now_ms, Answer.PAUSED, until_ms=until_ms, exercise=None)
        self._close(moments.silence(self.moment, until_ms, now_ms))
        self._evaluate(now_ms)

    def is_paused(self, now_ms: int) -> bool:
        """Return whether the wearer has paused suggestions."""
        until_ms = None if self._past is None else self._past.paused_until_utc_ms
        return until_ms is not None and now_ms < until_ms

    def resume(self, now_ms: int) -> None:
        """The wearer wants suggestions again."""
        self._answer(now_ms, Answer.RESUMED, exercise=None)
        if not self.moment.is_open:
            self.moment = Moment(seen_ms=now_ms)
            self._evaluate(now_ms)

    # What is shown

    def status(self, now_ms: int) -> str:
        """Return a sentence on why nothing is suggested and when that ends; "" where nothing holds it back."""
        until_ms = self.moment.until_ms
        if self.moment.phase is Phase.LATER and until_ms is not None:
            return f"What you put off comes back at {self._clock(until_ms)}."
        if self.moment.phase is Phase.QUIET and until_ms is not None:
            if self.hold is not None and self.hold.until_utc_ms >= until_ms:
                return self.hold.why
            return f"Suggestions come back at {self._clock(until_ms)}."
        return self.hold.why if self.hold is not None and self.moment.phase is Phase.READY else ""

    def notice(self, now_ms: int) -> str:
        """Return the status if the wearer has switched suggestions off in some way; "" otherwise."""
        is_wish = self.moment.phase is Phase.LATER or (self._hold_id in _ENDING_HOLDS and not self.moment.is_open)
        return self.status(now_ms) if is_wish else ""

    def dose(self, exercise: Exercise) -> str:
        """Return the dose of the step that the wearer is at."""
        step = exercise.start if self._past is None else self._past.progress.step_of(exercise)
        return exercise.steps[step].dose

    def situation(self, now_ms: int) -> Situation | None:
        """Return what the rules are asked about now; None before the database was read."""
        if self._past is None:
            return None
        return Situation(
            self.catalogue,
            now_ms,
            self.tz,
            self._past,
            self.preferences,
            self._live_posture(now_ms),
            self.meeting_until_utc_ms,
            self.quiet_until_utc_ms,
        )

    # Inside

    def _clock(self, utc_ms: int) -> str:
        return f"{datetime.fromtimestamp(utc_ms / 1000, self.tz):%H:%M}"

    def _live_posture(self, now_ms: int) -> PostureToday | None:
        """Return the recorded posture with what live samples know better: the present hold and slouch."""
        posture = self._posture
        if now_ms - self._sampled_ms > SEEN_WITHIN_MS:
            return posture
        recorded = posture or PostureToday(until_utc_ms=now_ms)
        held_min = self._watch.held_min(now_ms)
        if posture is not None and posture.held_min and self._watch.since_ms <= posture.until_utc_ms:
            held_min = max(held_min, posture.held_min + (now_ms - posture.until_utc_ms) / 60_000)
        if self._state not in SEATED_STATES:
            held_min = 0.0
        return replace(recorded, held_min=held_min, is_slouching=self._state == states.SLOUCHING)

    def _evaluate(self, now_ms: int) -> None:
        situation = self.situation(now_ms)
        if situation is None:
            return
        holds = holds_of(situation)
        self._hold_id, self.hold = (holds[0][0].id, holds[0][1]) if holds else ("", None)
        ending = [hold for rule, hold in holds if rule.id in _ENDING_HOLDS]
        if self.moment.is_open and ending:
            self._put_off = self.moment.exercise
            self._close(moments.silence(self.moment, now_ms, now_ms))  # from then on the hold itself keeps it silent
        if self.moment.phase is not Phase.READY or ending or not self._sits(now_ms):
            return
        if self._put_off is not None:
            wanted, self._put_off = find_suggestion(self._put_off, situation), None
            if wanted is not None:
                self._open(wanted, now_ms)
                return
        best = None if holds else rank(situation).best
        if best is not None and self._coin_agrees(situation, now_ms):
            self._open(suggestion_of(best, situation), now_ms)
            self._answer(now_ms, Answer.SUGGESTED)

    def _sits(self, now_ms: int) -> bool:
        return self._state in SEATED_STATES and 0 <= now_ms - self._sampled_ms <= SEEN_WITHIN_MS

    def _coin_agrees(self, situation: Situation, now_ms: int) -> bool:
        if not situation.past.has_agreed_to_trial:
            return True
        suggests = self._coin()
        until_ms = now_ms + TRIAL_WINDOW_MS
        self._answer(now_ms, Answer.TOSS_SUGGEST if suggests else Answer.TOSS_WAIT, until_ms=until_ms, exercise=None)
        if not suggests:
            self.moment = moments.silence(self.moment, until_ms, now_ms)
        return suggests

    def _open(self, suggestion: Suggestion, now_ms: int) -> None:
        self.suggestion = suggestion
        self.moment = moments.offer(self.moment, suggestion.exercise.id, now_ms)

    def _take(self, after: Moment, outcome: Outcome | None, now_ms: int) -> None:
        if outcome is Outcome.MOVED:
            self._answer(now_ms, Answer.MOVED)
        elif outcome is Outcome.UNANSWERED:
            self._answer(now_ms, Answer.UNANSWERED)
        elif outcome in (Outcome.RETURNED, Outcome.RESUMED):
            self._evaluated_ms = 0
        self.moment = after
        if not after.is_open and after.phase is not Phase.THANKS:
            self.suggestion = None

    def _close(self, after: Moment) -> None:
        self.moment = after
        self.suggestion = None

    def _answer(
        self, now_ms: int, answer: Answer, *, until_ms: int | None = None, exercise: str | None = "the moment's"
    ) -> None:
        about = self.moment.exercise if exercise == "the moment's" else exercise
        made = CoachAnswer(secrets.token_hex(8), now_ms, answer, about, until_ms)
        self.unstored.append(made)
        if self._past is not None:
            self._past = with_answer(self._past, made)

    def _resume_put_off(self, now_ms: int) -> None:
        """Wait again for what was put off before this program started."""
        put_off = self._past.later_until_utc_ms if self._past is not None else {}
        if self.moment.phase is not Phase.READY or not put_off:
            return
        exercise, until_ms = max(put_off.items(), key=lambda one: one[1])
        if now_ms <= until_ms + STILL_WANTED_MS:
            self._put_off = exercise
            self.moment = moments.put_off(replace(self.moment, exercise=exercise), until_ms, now_ms)


def next_midnight_ms(now_ms: int, tz: tzinfo) -> int:
    """Return when the local day ends."""
    tomorrow = local_date(now_ms, tz) + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=tz)
    return int(midnight.timestamp() * 1000)
