"""Guided session: leads through exercises, from ticks, samples of tilt and the wearer's answers.

It is pure: time comes in with every tick (s, from any fixed start), and what is to be said, buzzed and stored comes out
as outputs. What is to be shown is `scene()`. No state lasts for ever: what waits for the wearer does so for at most
LONGEST_WAIT_S, and where the sensor sees nothing, a timer takes over.
"""

from collections.abc import Sequence

from unslouch.safety import clinician_first

from .guided_exercise import GuidedExercise
from .session_model import Answer, Done, Ending, Hurt, Output, Say, Scene
from .session_plan import Phase, SessionItem

LONGEST_WAIT_S = 600.0
"""After it, what waits for the wearer ends the session."""
SUSPENDED_S = 5.0
"""A longer time between two ticks is a computer that slept: the session pauses."""


class GuidedSession:
    """Leads through exercises. `ending` is None until it is over.

    without_sensor says why nothing can be counted ("no sensor is connected"), empty while samples are expected.
    is_short aims at the smaller numbers of the doses. With metronome, buzzes mark the beats. Raises ValueError without
    items.
    """

    def __init__(
        self,
        items: Sequence[SessionItem],
        *,
        without_sensor: str = "no sensor is connected",
        is_short: bool = False,
        metronome: bool = False,
    ) -> None:
        if not items:
            raise ValueError("a session needs an exercise")
        self.ending: Ending | None = None
        self.results: list[Done] = []
        self._items = tuple(items)
        self._without_sensor = without_sensor
        self._is_short = is_short
        self._metronome = metronome
        self._index = 0
        self._now_s: float | None = None
        self._started_s: float | None = None
        self._is_paused = False
        self._waited_s = 0.0
        self._outputs: list[Output] = []
        self._last_said = ""
        self._exercise = self._guided()

    @property
    def without_sensor(self) -> str:
        """Why nothing can be counted, empty while samples are expected; it may be changed at any time."""
        return self._without_sensor

    @without_sensor.setter
    def without_sensor(self, reason: str) -> None:
        if reason != self._without_sensor:
            self._without_sensor = reason
            self._exercise.use_sensor(reason)

    def tick(self, now_s: float) -> list[Output]:
        """Let time go on, several times a second."""
        before_s, self._now_s = self._now_s, now_s
        if before_s is not None and self.ending is None:
            self._pass(now_s - before_s)
        return self._drain()

    def sample(self, time_s: float, forward_deg: float, lateral_deg: float) -> list[Output]:
        """Take a sample (time of the sensor in s, tilts in °)."""
        if self.ending is None and not self._is_paused:
            self._exercise.observe(time_s, forward_deg, lateral_deg)
            self._check_end()
        return self._drain()

    def answer(self, answer: Answer) -> list[Output]:
        """Take an answer of the wearer."""
        if self.ending is None:
            self._waited_s = 0.0
            self._answer(answer)
            self._check_end()
        return self._drain()

    def scene(self) -> Scene:
        """Return what to show now."""
        guided, stage = self._exercise, self._exercise.stage
        shows_band = stage.phase in (Phase.COUNTED, Phase.TIMED)
        return Scene(
            exercise=guided.item.exercise,
            step=guided.item.dose,
            number=self._index + 1,
            of_exercises=len(self._items),
            round=guided.item.round,
            rounds=guided.item.rounds,
            stage=stage,
            left_s=None if stage.length_s is None else max(0.0, stage.length_s - guided.in_stage_s),
            cue=guided.cue,
            note=guided.note,
            done=guided.done_in_set,
            counted=guided.counted,
            held_s=guided.sensing.held_s if stage.phase is Phase.COUNTED else 0.0,
            curve=tuple(guided.sensing.curve),
            band=guided.sensing.band if shows_band else None,
            figure_s=guided.figure_s,
            is_paused=self._is_paused,
            last_said=self._last_said,
        )

    def _guided(self) -> GuidedExercise:
        """Return the guidance of the exercise at the index."""
        return GuidedExercise(
            self._items[self._index],
            self._outputs,
            without_sensor=self._without_sensor,
            is_short=self._is_short,
            metronome=self._metronome,
            is_first=self._index == 0,
        )

    def _pass(self, by_s: float) -> None:
        if by_s > SUSPENDED_S and not self._is_paused and not self._exercise.waits_for_wearer:
            self._pause("The computer was busy or asleep, so the session is paused.")
            return
        if self._is_paused or self._exercise.waits_for_wearer:
            self._waited_s += by_s
            if self._waited_s > LONGEST_WAIT_S:
                self._end(Ending.NO_ANSWER, "Nobody answered for ten minutes, so the session is over.")
                return
        if not self._is_paused:
            self._exercise.pass_time(by_s)
            self._check_end()

    def _check_end(self) -> None:
        """Note when the work on an exercise begins, and go on to the next one when it is over."""
        if self._started_s is None and self._exercise.was_worked_on:
            self._started_s = self._now_s
        if self.ending is None and self._exercise.is_over:
            self._end_exercise(is_complete=True)

    def _end_exercise(self, *, is_complete: bool) -> None:
        self._store(is_complete)
        if self._index + 1 == len(self._items):
            self.ending = Ending.DONE
            self._say("Done. That was the session.")
            return
        self._index += 1
        self._say("Done.")
        self._exercise = self._guided()

    def _store(self, is_complete: bool) -> None:
        if self._started_s is not None and self._now_s is not None:
            guided = self._exercise
            done = Done(guided.item.exercise, self._started_s, self._now_s, guided.repetitions, is_complete)
            self.results.append(done)
            self._outputs.append(done)
        self._started_s = None

    def _answer(self, answer: Answer) -> None:
        if self._is_paused and answer in (Answer.PAUSE, Answer.GO_ON):
            self._is_paused = False
            self._say("On we go.")
            self._exercise.resume()
            return
        match answer:
            case Answer.GO_ON:
                self._exercise.go_on()
            case Answer.PAUSE:
                self._pause("Paused.")
            case Answer.SKIP:
                self._is_paused = False
                self._end_exercise(is_complete=False)
            case Answer.TOO_HARD:
                self._exercise.make_easier()
            case Answer.TOO_EASY:
                self._exercise.make_harder()
            case Answer.HURTS:
                exercise = self._exercise.item.exercise
                self._outputs.append(Hurt(exercise))
                words = f"{exercise.name} is left out from now on, until you allow it again."
                self._end(Ending.HURT, f"Stop. {words} {clinician_first()}")
            case Answer.QUIT:
                self._end(Ending.QUIT, "Ended.")

    def _pause(self, text: str) -> None:
        self._is_paused, self._waited_s = True, 0.0
        self._say(text)

    def _end(self, ending: Ending, text: str) -> None:
        self._store(is_complete=False)
        self.ending, self._is_paused = ending, False
        self._say(text)

    def _say(self, text: str) -> None:
        self._outputs.append(Say(text))

    def _drain(self) -> list[Output]:
        outputs = self._outputs[:]
        self._outputs.clear()  # the exercise appends to this list
        said = [output.text for output in outputs if isinstance(output, Say)]
        self._last_said = said[-1] if said else self._last_said
        return outputs
