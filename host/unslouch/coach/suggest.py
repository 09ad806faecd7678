"""When to suggest which exercise: from the posture of each moment, with the board's uptime as the only clock."""

from collections import deque
from dataclasses import dataclass

from unslouch_device.contract import states

from .catalogue import DESK_EXERCISES, Cue, Exercise

SEATED_STATES = frozenset({states.SLOUCHING, states.LEANING, states.RECLINED, states.UPRIGHT})
"""Worn, calibrated, neither lying nor walking: the only states in which there is something to suggest."""


@dataclass(frozen=True)
class Suggestion:
    """One exercise and the observation that brought it, as a sentence."""

    exercise: Exercise
    cue: Cue
    why: str


class StillnessWatch:
    """How long posture has gone without a change.

    A posture is held when five consecutive seconds have mean tilts within 2.5° of their median, and it has changed when
    the median of a held posture is 5° or more, forward or sideways, away from the one held before. That is the daily
    log's posture change: changes of at least 5° between medians held for at least 5 s. The 2.5° are ours.
    """

    HELD_S = 5
    WITHIN_DEG = 2.5
    CHANGE_DEG = 5.0

    def __init__(self) -> None:
        self.restart(0.0)

    def restart(self, now_s: float) -> None:
        """Forget what was held: stillness counts from now."""
        self.since_s = now_s
        self._held: tuple[float, float] | None = None
        self._seconds: deque[tuple[float, float]] = deque(maxlen=self.HELD_S)
        self._second: int | None = None
        self._sums = [0.0, 0.0, 0.0]  # forward, lateral, how many

    def observe(self, now_s: float, forward_deg: float, lateral_deg: float) -> None:
        """Take a sample of both tilts."""
        if self._second is not None and int(now_s) != self._second:
            forward_sum, lateral_sum, count = self._sums
            self._seconds.append((forward_sum / count, lateral_sum / count))
            self._sums = [0.0, 0.0, 0.0]
            self._judge(now_s)
        self._second = int(now_s)
        self._sums[0] += forward_deg
        self._sums[1] += lateral_deg
        self._sums[2] += 1

    def _judge(self, now_s: float) -> None:
        if len(self._seconds) < self.HELD_S:
            return
        forward_deg = sorted(second[0] for second in self._seconds)[self.HELD_S // 2]
        lateral_deg = sorted(second[1] for second in self._seconds)[self.HELD_S // 2]
        for second in self._seconds:
            if max(abs(second[0] - forward_deg), abs(second[1] - lateral_deg)) > self.WITHIN_DEG:
                return
        if self._held is None:
            self._held = forward_deg, lateral_deg
        elif max(abs(forward_deg - self._held[0]), abs(lateral_deg - self._held[1])) >= self.CHANGE_DEG:
            self._held = forward_deg, lateral_deg
            self.since_s = now_s


class Coach:
    """Holds at most one suggestion, from the moment it is due until it is dismissed or has been followed.

    Due is one when the sensor says `slouching` (a tilt beyond the threshold that has lasted for the setting `delay`),
    or when posture has not changed for `still_after_s`. It goes when dismissed, at once when the sensor is no longer
    worn or its wearer lies down, and when the posture it named has been given up for `followed_after_s`. The next comes
    no sooner than `gap_s` later. Of the exercises that answer a cue, the one suggested longest ago comes first.
    """

    MAX_SILENCE_S = 10.0
    """Without samples for longer than this, nobody knows whether posture changed: stillness starts anew."""

    def __init__(
        self,
        exercises: tuple[Exercise, ...] = DESK_EXERCISES,
        still_after_s: float = 20 * 60,
        followed_after_s: float = 60,
        gap_s: float = 10 * 60,
    ) -> None:
        self.suggestion: Suggestion | None = None
        self._queue = list(exercises)
        self._still_after_s = still_after_s
        self._followed_after_s = followed_after_s
        self._gap_s = gap_s
        self._stillness = StillnessWatch()
        self._now_s: float | None = None
        self._quiet_until_s = float("-inf")
        self._suggested_at_s = 0.0
        self._given_up_since_s: float | None = None

    def observe(
        self, now_s: float, state: int, forward_deg: float | None, lateral_deg: float | None
    ) -> Suggestion | None:
        """Take the posture at an uptime in s and return the suggestion that stands then, if any."""
        if self._now_s is None or not 0 <= now_s - self._now_s <= self.MAX_SILENCE_S:
            self._pick_up(now_s)
        self._now_s = now_s
        if state in SEATED_STATES and forward_deg is not None and lateral_deg is not None:
            self._stillness.observe(now_s, forward_deg, lateral_deg)
        else:
            self._stillness.restart(now_s)
        if self.suggestion is not None:
            self._maybe_end(now_s, state)
        elif now_s >= self._quiet_until_s and state in SEATED_STATES:
            self._maybe_suggest(now_s, state)
        return self.suggestion

    def dismiss(self) -> None:
        """Take the suggestion away and keep quiet for the gap."""
        if self.suggestion is not None and self._now_s is not None:
            self._end(self._now_s)

    def _pick_up(self, now_s: float) -> None:
        """Go on after a silence, or after a boot, with which uptime begins anew."""
        if self._now_s is not None and now_s < self._now_s:
            self._quiet_until_s += now_s - self._now_s
        self._stillness.restart(now_s)
        self._given_up_since_s = None
        self._suggested_at_s = min(self._suggested_at_s, now_s)

    def _maybe_suggest(self, now_s: float, state: int) -> None:
        still_s = now_s - self._stillness.since_s
        if state == states.SLOUCHING:
            self._suggest(now_s, Cue.SLOUCH, "Your upper back has stayed tilted forward beyond your threshold.")
        elif still_s >= self._still_after_s:
            why = f"Your posture has not changed by 5° or more for {still_s / 60:.0f} minutes."
            self._suggest(now_s, Cue.STILLNESS, why)

    def _suggest(self, now_s: float, cue: Cue, why: str) -> None:
        exercise = next((candidate for candidate in self._queue if cue in candidate.cues), None)
        if exercise is None:
            return
        self._queue.remove(exercise)
        self._queue.append(exercise)
        self.suggestion = Suggestion(exercise, cue, why)
        self._suggested_at_s = now_s
        self._given_up_since_s = None

    def _maybe_end(self, now_s: float, state: int) -> None:
        if state not in SEATED_STATES and state != states.MOVING:
            self._end(now_s)
            return
        if not self._is_given_up(state):
            self._given_up_since_s = None
        elif self._given_up_since_s is None:
            self._given_up_since_s = now_s
        elif now_s - self._given_up_since_s >= self._followed_after_s:
            self._end(now_s)

    def _is_given_up(self, state: int) -> bool:
        """Tell whether the wearer has left the posture that the suggestion named."""
        assert self.suggestion is not None
        if self.suggestion.cue is Cue.SLOUCH:
            return state != states.SLOUCHING
        return state == states.MOVING or self._stillness.since_s > self._suggested_at_s

    def _end(self, now_s: float) -> None:
        self.suggestion = None
        self._quiet_until_s = now_s + self._gap_s
