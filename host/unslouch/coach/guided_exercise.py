"""Guided exercise: the stages of one exercise, moved on by time, by samples of tilt and by the wearer's answers.

`session` leads through several of them. Where the sensor sees nothing, a timer takes over, so every stage but the first
one ends by itself.
"""

from dataclasses import replace

from .catalogue import Sensing
from .session_model import Buzz, Output, Say, StepChosen
from .session_plan import (
    COUNTDOWN_S,
    REST_S,
    WORK,
    Phase,
    SessionItem,
    Stage,
    alternates_sides,
    can_count,
    left_of,
    stages_of,
    work_of,
)
from .session_sensing import LiveSensing, sensing_note

SETTLE_MOST_S = 25.0
"""After it a timer runs instead of the counter."""
NO_REPETITION_S = 45.0
"""After so long without a repetition, beside its hold, a timer runs instead of the counter."""
NO_SAMPLE_S = 3.0
CUE_EVERY_S = 8.0
STILL_ENOUGH = 0.7
"""Of a hold; less gets a cue (ours)."""


class GuidedExercise:
    """Leads through one exercise. What is to be said, buzzed or stored is appended to `outputs`.

    is_first: wait for the wearer before it begins.
    """

    def __init__(
        self,
        item: SessionItem,
        outputs: list[Output],
        *,
        without_sensor: str,
        is_short: bool,
        metronome: bool,
        is_first: bool,
    ) -> None:
        self.item = item
        self.without_sensor = without_sensor
        self.sensing = LiveSensing(item.exercise)
        self.is_over = False
        self.was_worked_on = False
        """Whether any of its repetitions, holds or timed stages has begun."""
        self.figure_s = 0.0
        self.in_stage_s = 0.0
        self._outputs = outputs
        self._is_short = is_short
        self._metronome = metronome
        self._is_first = is_first
        self._is_counted = can_count(item.exercise) and not without_sensor
        self._used_timer = not self._is_counted
        self._sample_age_s = 0.0
        self._since_repetition_s = 0.0
        self._counted_before = 0  # when the set began
        self._said_long_enough = False
        self._stages = self._planned()
        self._at = 0
        self._begin_stage()

    @property
    def stage(self) -> Stage:
        """The stage now."""
        return self._stages[self._at]

    @property
    def waits_for_wearer(self) -> bool:
        """Whether nothing goes on before the wearer answers."""
        return self.stage.phase is Phase.READ and self.stage.length_s is None

    @property
    def repetitions(self) -> int | None:
        """The repetitions that the sensor has counted, None if it didn't count all sets."""
        return None if self._used_timer else self.sensing.count

    @property
    def counted(self) -> int | None:
        """The repetitions to show as counted, None where the sensor counts nothing."""
        return self.sensing.count if self._is_counted or self.sensing.count else None

    @property
    def done_in_set(self) -> int:
        """The repetitions done in this set, on this side."""
        if self.stage.phase is Phase.COUNTED:
            return self.sensing.count - self._counted_before
        return self.stage.repetition if self.stage.phase is Phase.RETURN else max(0, self.stage.repetition - 1)

    @property
    def cue(self) -> str:
        """A cue for the form; in a rest, a common mistake."""
        exercise, nth = self.item.exercise, int(self.figure_s / CUE_EVERY_S)
        if self.stage.phase is Phase.REST and exercise.mistakes:
            return f"Avoid: {exercise.mistakes[nth % len(exercise.mistakes)]}"
        return exercise.form[nth % len(exercise.form)] if exercise.form else ""

    @property
    def note(self) -> str:
        """A sentence on what the sensor does."""
        if self._used_timer and can_count(self.item.exercise) and not self.without_sensor:
            return "A timer runs: the sensor didn't see the exercise."
        return sensing_note(self.item.exercise, self.without_sensor)

    def use_sensor(self, without_sensor: str) -> None:
        """Say why there is no sensor, or with an empty text that there is one; before the work it may still count."""
        self.without_sensor = without_sensor
        is_counted = can_count(self.item.exercise) and not without_sensor
        if self.stage.phase in (Phase.READ, Phase.SET_UP) and is_counted != self._is_counted:
            self._is_counted, self._used_timer = is_counted, not is_counted
            self._stages = self._planned()

    # Stages.

    def _planned(self) -> list[Stage]:
        return stages_of(self.item, counted=self._is_counted, is_short=self._is_short, is_first=self._is_first)

    def _next_stage(self, carry_s: float = 0.0) -> None:
        if self.stage.phase is Phase.HOLD:
            self._judge_hold()
        if self._at + 1 == len(self._stages):
            self.is_over = True
            return
        self._at += 1
        self.in_stage_s = carry_s
        self._begin_stage()

    def _begin_stage(self) -> None:
        stage = self.stage
        self.was_worked_on |= stage.phase in WORK
        if stage.phase in (Phase.MOVE, Phase.HOLD, Phase.RETURN, Phase.TIMED):
            self._beat()
        match stage.phase:
            case Phase.READ:
                exercise = self.item.exercise
                off = "Take the sensor off. " if exercise.sensing is Sensing.OFF else ""
                how = " ".join(exercise.how) if self.item.round == 1 else f"Round {self.item.round}."
                self._say(f"{exercise.name}. {off}{how}")
            case Phase.SETTLE:
                self._sample_age_s = 0.0
                self.sensing.wait_for_pose()
                self._say(f"Keep the start pose.{self._side()}")
            case Phase.COUNTDOWN:
                self._say(f"Ready.{self._side()} {COUNTDOWN_S:.0f}")
            case Phase.REST:
                self._say(f"Rest for {stage.length_s:.0f} seconds.")
            case Phase.COUNTED:
                self._counted_before, self._since_repetition_s = self.sensing.count, 0.0
                self._said_long_enough = False
                self._say("Go.")
            case Phase.MOVE if stage.headline == "Go":
                enough = " Enough, if your form goes." if stage.enough + 1 == stage.repetition else ""
                self._say(f"{stage.repetition}.{self._side()}{enough}")
            case _:
                self._say(f"{stage.headline}.")

    def _side(self) -> str:
        return f" {self.stage.side.capitalize()}." if self.stage.side else ""

    def _say(self, text: str) -> None:
        self._outputs.append(Say(text))

    def _beat(self) -> None:
        if self._metronome:
            self._outputs.append(Buzz())

    # Time.

    def pass_time(self, by_s: float) -> None:
        """Let time go on."""
        self._sample_age_s += by_s
        self.figure_s += by_s
        self.in_stage_s += by_s
        self._count_down(by_s)
        self._check_sensor(by_s)
        while not self.is_over and self.stage.length_s is not None and self.in_stage_s >= self.stage.length_s:
            self._next_stage(self.in_stage_s - self.stage.length_s)

    def _count_down(self, by_s: float) -> None:
        """Say the last seconds of a countdown, and of a rest."""
        stage = self.stage
        if stage.length_s is None or stage.phase not in (Phase.COUNTDOWN, Phase.REST):
            return
        left_s = stage.length_s - self.in_stage_s
        for second in (2, 1):
            if left_s <= second < left_s + by_s:
                self._say(str(second))

    def _check_sensor(self, by_s: float) -> None:
        """Let a timer run where the sensor doesn't see the start pose or the repetitions."""
        if self.stage.phase not in (Phase.SETTLE, Phase.COUNTED):
            return
        self._since_repetition_s += by_s
        if self.without_sensor or self._sample_age_s > NO_SAMPLE_S:
            self._use_timer("The sensor sends nothing")
        elif self.stage.phase is Phase.SETTLE and self.in_stage_s > SETTLE_MOST_S:
            self._use_timer("The sensor doesn't see the start pose")
        elif self.stage.phase is Phase.COUNTED and self._since_repetition_s > NO_REPETITION_S + self.stage.hold_s:
            self._use_timer("The sensor has seen no repetition")

    def _use_timer(self, why: str) -> None:
        """Replace what the sensor would end, from here to the end of the exercise, by stages of fixed length."""
        self._say(f"{why}, so a timer runs.")
        current, done = self.stage, self.done_in_set
        self._is_counted, self._used_timer = False, True
        timed = [one for stage in self._stages[self._at :] for one in self._timed(stage)]
        self._continue_with(left_of(timed, current, done))

    def _timed(self, stage: Stage) -> list[Stage]:
        if stage.phase is Phase.SETTLE:
            return [replace(stage, phase=Phase.COUNTDOWN, length_s=COUNTDOWN_S, headline="Ready")]
        if stage.phase is not Phase.COUNTED:
            return [stage]
        alternates = alternates_sides(self.item.exercise, self.item.dose)
        timed = work_of(self.item.dose, counted=False, is_short=self._is_short, alternates=alternates)
        return [replace(one, set=stage.set, sets=stage.sets, side=stage.side or one.side) for one in timed]

    def _continue_with(self, stages: list[Stage]) -> None:
        if not stages:
            self.is_over = True
            return
        self._stages, self._at, self.in_stage_s = stages, 0, 0.0
        self._begin_stage()

    # The sensor.

    def observe(self, time_s: float, forward_deg: float, lateral_deg: float) -> None:
        """Take a sample (time of the sensor in s, tilts in °)."""
        self._sample_age_s = 0.0
        stage = self.stage
        counts = self._is_counted and stage.phase in (Phase.SETTLE, Phase.COUNTED, Phase.TIMED)
        holds = self.item.exercise.sensing is Sensing.STILLNESS and stage.phase is Phase.HOLD
        is_repetition = self.sensing.observe(time_s, forward_deg, lateral_deg, counts=counts, holds=holds)
        if stage.phase is Phase.SETTLE and self.sensing.is_armed:
            self._next_stage()
        elif stage.phase is not Phase.COUNTED:
            return
        elif is_repetition:
            self._take_repetition()
        elif not self._said_long_enough and self.sensing.held_s >= stage.hold_s > 0:
            self._end_counted_hold()

    def _take_repetition(self) -> None:
        stage, done = self.stage, self.done_in_set
        self._since_repetition_s, self._said_long_enough = 0.0, False
        self._beat()
        held_s = self.sensing.last_hold_s or 0.0
        is_too_short = stage.hold_s > 0 and held_s < STILL_ENOUGH * stage.hold_s
        hint = f" Hold for {stage.hold_s:.0f} seconds; that was {held_s:.1f}." if is_too_short else ""
        enough = " Enough, if your form goes." if done == stage.enough < stage.repetitions else ""
        self._say(f"{done}.{hint}{enough}")
        if done >= stage.repetitions:
            self._next_stage()

    def _end_counted_hold(self) -> None:
        """Say once that the hold is long enough; a set of one hold ends with it."""
        self._said_long_enough = True
        self._beat()
        self._say("Long enough: come back.")
        if self.stage.repetitions == 1:
            self._next_stage()

    def _judge_hold(self) -> None:
        still_s, length_s = self.sensing.end_hold(), self.stage.length_s or 0.0
        if still_s is not None and length_s >= 2 and still_s < STILL_ENOUGH * length_s:
            form = self.item.exercise.form
            self._say(f"Still for {still_s:.0f} of {length_s:.0f} seconds. {form[0] if form else ''}".strip())

    # The wearer.

    def go_on(self) -> None:
        """End the stage, or the whole set where the wearer is amid its repetitions."""
        if self.stage.phase in WORK:
            while self._at + 1 < len(self._stages) and self._stages[self._at + 1].phase in WORK:
                self._at += 1
        self._next_stage()

    def resume(self) -> None:
        """Go on after a pause: in a counted set the start pose has to be kept again."""
        self._sample_age_s = self._since_repetition_s = 0.0
        if self.stage.phase is Phase.COUNTED:
            self.sensing.wait_for_pose()

    def make_easier(self) -> None:
        """Go on with the step before, with the repetitions that are left of this set."""
        if self.item.step == 0:
            self._say("This is its easiest step: do fewer, or skip it.")
            return
        current, done = self.stage, self.done_in_set
        self._choose_step(self.item.step - 1)
        self._say(f"Easier: {self.item.dose.text} {self.item.dose.dose}.")
        if current.phase in (Phase.READ, Phase.SET_UP):
            self._stages = self._planned()
        else:
            self._continue_with(left_of(self._planned()[2:], current, done))

    def make_harder(self) -> None:
        """Go on with the step after, from the next set on, or the next time."""
        if self.item.step + 1 == len(self.item.exercise.steps):
            self._say("This is its hardest step: do it slowly, and mind the form.")
            return
        current = self.stage
        self._choose_step(self.item.step + 1)
        planned, when = self._planned(), "Harder"
        if current.phase in (Phase.READ, Phase.SET_UP):
            self._stages = planned
        else:
            own = [stage for stage in self._stages[self._at :] if stage.set == current.set]
            others = [stage for stage in planned[2:] if stage.set > current.set]
            if others and own[-1].phase is not Phase.REST:
                own.append(Stage(Phase.REST, REST_S, "Rest", set=current.set, sets=others[0].sets))
            self._stages, self._at = [*own, *others], 0
            when = "From the next set on" if others else "Next time"
        self._say(f"{when}: {self.item.dose.text} {self.item.dose.dose}.")

    def _choose_step(self, step: int) -> None:
        self.item = replace(self.item, step=step)
        self._outputs.append(StepChosen(self.item.exercise, step))
