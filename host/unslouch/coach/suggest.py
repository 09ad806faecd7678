"""Suggest an exercise when a slouch lasts or nothing has moved for long. The board's uptime is the only clock."""

from collections import deque
from dataclasses import dataclass

from unslouch_device.contract import states

from .catalogue import Cue, Exercise, Place
from .catalogue_file import builtin_catalogue

SEATED_STATES = frozenset({states.SLOUCHING, states.LEANING, states.RECLINED, states.UPRIGHT})
"""Worn, calibrated, neither lying nor walking: the only states in which an exercise is suggested."""


@dataclass(frozen=True)
class Suggestion:
    """One exercise, and why it is suggested."""

    exercise: Exercise
    cue: Cue
    why: str
    """What was observed, as a sentence."""


class StillnessWatch:
    """Measures how long the wearer has kept one posture.

    A posture is held when the mean tilts of five consecutive seconds are within 2.5° of their median. It has changed
    when the median of a held posture differs by 5° or more, forward or sideways, from the one held before. All three
    numbers are ours.
    """

    HELD_S = 5
    WITHIN_DEG = 2.5
    CHANGE_DEG = 5.0

    def __init__(self) -> None:
        self.restart(0.0)

    def restart(self, now_s: float) -> None:
        """Forget the held posture and count from now."""
        self.since_s = now_s
        self._held: tuple[float, float] | None = None
        self._seconds: deque[tuple[float, float]] = deque(maxlen=self.HELD_S)
        self._second: int | None = None
        self._sums = [0.0, 0.0, 0.0]  # of forward tilts, of lateral tilts, and their number

    def observe(self, now_s: float, forward_deg: float, lateral_deg: float) -> None:
        """Take a sample of both tilts."""
        if self._second is not None and int(now_s) != self._second:
            forward_sum, lateral_sum, count = self._sums
            self._seconds.append((forward_sum / count, lateral_sum / count))
            self._sums = [0.0, 0.0, 0.0]
            self._check_for_change(now_s)
        self._second = int(now_s)
        self._sums[0] += forward_deg
        self._sums[1] += lateral_deg
        self._sums[2] += 1

    def _check_for_change(self, now_s: float) -> None:
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
    """Makes one suggestion at a time, and ends it when it was followed or dismissed.

    A suggestion begins when the sensor reports `slouching` (a tilt beyond the threshold for as long as the setting
    `delay`), or when posture has not changed for `still_after_s`. It ends when it is dismissed, when the sensor is
    taken off or the wearer lies down, or when the wearer has left the posture for `followed_after_s`. The next one
    begins at least `gap_s` later. Of the exercises for a cue, the one that was suggested longest ago comes first.
    By default they are those of the catalogue that can be done at the desk with nothing at hand.
    """

    MAX_SILENCE_S = 10.0
    """After a longer time without samples it is not known whether posture changed, so stillness starts again."""

    def __init__(
        self,
        exercises: tuple[Exercise, ...] | None = None,
        still_after_s: float = 20 * 60,
        followed_after_s: float = 60,
        gap_s: float = 10 * 60,
    ) -> None:
        self.suggestion: Suggestion | None = None
        if exercises is None:
            exercises = builtin_catalogue().suitable(Place.DESK, equipment=())
        self._queue = list(exercises)
        self._still_after_s = still_after_s
        self._followed_after_s = followed_after_s
        self._gap_s = gap_s
        self._stillness = StillnessWatch()
        self._now_s: float | None = None
        self._quiet_until_s = float("-inf")
        self._suggested_s = 0.0
        self._left_since_s: float | None = None

    def observe(
        self, now_s: float, state: int, forward_deg: float | None, lateral_deg: float | None
    ) -> Suggestion | None:
        """Take in the posture at an uptime and return the current suggestion, None if there is none."""
        if self._now_s is None or not 0 <= now_s - self._now_s <= self.MAX_SILENCE_S:
            self._resume(now_s)
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
        """End the suggestion and make none for the length of the gap."""
        if self.suggestion is not None and self._now_s is not None:
            self._end(self._now_s)

    def _resume(self, now_s: float) -> None:
        """Continue after a time without samples, or after a boot, which starts uptime again."""
        if self._now_s is not None and now_s < self._now_s:
            self._quiet_until_s += now_s - self._now_s
        self._stillness.restart(now_s)
        self._left_since_s = None
        self._suggested_s = min(self._suggested_s, now_s)

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
        self._suggested_s = now_s
        self._left_since_s = None

    def _maybe_end(self, now_s: float, state: int) -> None:
        if state not in SEATED_STATES and state != states.MOVING:
            self._end(now_s)
            return
        if not self._has_left(state):
            self._left_since_s = None
        elif self._left_since_s is None:
            self._left_since_s = now_s
        elif now_s - self._left_since_s >= self._followed_after_s:
            self._end(now_s)

    def _has_left(self, state: int) -> bool:
        """Whether the wearer has left the posture that led to the suggestion."""
        assert self.suggestion is not None
        if self.suggestion.cue is Cue.SLOUCH:
            return state != states.SLOUCHING
        return state == states.MOVING or self._stillness.since_s > self._suggested_s

    def _end(self, now_s: float) -> None:
        self.suggestion = None
        self._quiet_until_s = now_s + self._gap_s
