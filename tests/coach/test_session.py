"""A guided session leads through its exercises to an end, whatever the wearer answers and whatever the sensor sends."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unslouch.coach.catalogue import Sensing
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.session import LONGEST_WAIT_S, GuidedSession
from unslouch.coach.session_model import Answer, Buzz, Done, Ending, Hurt, Output, Say, StepChosen
from unslouch.coach.session_plan import WORK, Phase, SessionItem, length_s, stages_of
from unslouch.safety import clinician_first

TICK_S = 0.04
IDS = [exercise.id for exercise in builtin_catalogue().exercises]


def item(id: str, step: int | None = None) -> SessionItem:
    exercise = builtin_catalogue().find(id)
    assert exercise is not None
    return SessionItem(exercise, exercise.start if step is None else step)


class Run:
    """A session that is run at 25 ticks and samples a second."""

    def __init__(self, *items: SessionItem, tilt: Callable[[float], float] | None = None, **options: object) -> None:
        self.tilt = tilt
        self.session = GuidedSession(
            items,
            without_sensor="" if tilt else "no sensor is connected",
            **options,  # type: ignore[arg-type]
        )
        self.now_s = 100.0
        self.outputs: list[Output] = self.session.tick(self.now_s)

    def answer(self, answer: Answer) -> list[Output]:
        new = self.session.answer(answer)
        self.outputs += new
        return new

    def go(self, until: Callable[["Run"], bool], within_s: float = 900.0) -> "Run":
        end_s = self.now_s + within_s
        while not until(self):
            assert self.now_s < end_s, self.session.scene()
            self.now_s += TICK_S
            if self.tilt is not None:
                self.outputs += self.session.sample(self.now_s, self.tilt(self.now_s), 0.0)
            self.outputs += self.session.tick(self.now_s)
        return self

    def to_phase(self, phase: Phase) -> "Run":
        return self.go(lambda run: run.session.scene().stage.phase is phase)

    def to_end(self) -> "Run":
        return self.go(lambda run: run.session.ending is not None, 4000)

    @property
    def said(self) -> list[str]:
        return [output.text for output in self.outputs if isinstance(output, Say)]

    def of(self, kind: type) -> list[Output]:
        return [output for output in self.outputs if isinstance(output, kind)]


def started(*items: SessionItem, **options: object) -> Run:
    run = Run(*items, **options)  # type: ignore[arg-type]
    run.answer(Answer.GO_ON)
    return run


@pytest.mark.parametrize("id", IDS)
def test_every_step_takes_as_long_as_the_catalogue_says(id: str) -> None:
    exercise = item(id).exercise
    for index, step in enumerate(exercise.steps):
        stages = stages_of(SessionItem(exercise, index), counted=False, is_short=True, is_first=True)
        dosed = [stage for stage in stages if stage.phase in WORK or stage.phase is Phase.REST]
        assert sum(stage.length_s or 0 for stage in dosed) == pytest.approx(step.length_s, abs=4)


@pytest.mark.parametrize("id", IDS)
def test_every_exercise_comes_to_its_end_by_a_timer_alone(id: str) -> None:
    run = started(item(id)).to_end()
    assert run.session.ending is Ending.DONE
    (done,) = run.of(Done)
    assert isinstance(done, Done)
    assert (done.exercise.id, done.repetitions, done.is_complete) == (id, None, True)
    assert done.end_s > done.start_s


@pytest.mark.parametrize("id", IDS)
def test_a_session_without_a_sensor_counts_nothing_and_says_why(id: str) -> None:
    scene = Run(item(id)).session.scene()
    assert scene.counted is None
    assert "timer runs" in scene.note


def test_an_exercise_that_presses_on_the_sensor_asks_to_take_it_off_and_counts_nothing() -> None:
    pressing = [exercise for exercise in builtin_catalogue().exercises if exercise.sensing is Sensing.OFF]
    assert len(pressing) >= 6
    for exercise in pressing:
        run = Run(SessionItem(exercise, exercise.start), tilt=lambda now_s: 0.0)
        assert run.session.scene().note.startswith("Take the sensor off")
        assert "Take the sensor off" in run.said[0]
        assert run.session.scene().counted is None


def test_what_no_recording_backs_is_labelled_experimental() -> None:
    for exercise in builtin_catalogue().exercises:
        if exercise.sensing in (Sensing.TILT, Sensing.STILLNESS):
            note = Run(SessionItem(exercise, exercise.start), tilt=lambda now_s: 0.0).session.scene().note
            assert "experimental" in note


def waves(start_deg: float, by_deg: float, begin_s: float, hold_s: float = 0.5) -> Callable[[float], float]:
    """Return a wearer who keeps a pose until begin_s, then moves out in 1 s, holds, and comes back in 1 s, for ever."""

    def tilt(now_s: float) -> float:
        cycle_s = 2.5 + hold_s
        nth, at_s = divmod(now_s - begin_s, cycle_s)
        if nth < 0:
            return start_deg
        share = min(at_s, 1.0) if at_s < 1 + hold_s else max(0.0, 2 + hold_s - at_s)
        return start_deg + by_deg * share

    return tilt


def test_counted_repetitions_end_the_set_by_themselves() -> None:
    run = started(item("spine-wave"), tilt=waves(0.0, 30.0, begin_s=112.0)).to_end()
    (done,) = run.of(Done)
    assert isinstance(done, Done)
    assert (done.repetitions, done.is_complete) == (8, True)
    assert [text for text in run.said if text[0].isdigit()] == [f"{number}." for number in range(1, 9)]


def test_a_hold_that_is_too_short_is_counted_with_a_hint() -> None:
    run = started(item("prone-back-extension"), tilt=waves(90.0, -20.0, begin_s=140.0, hold_s=2.0)).to_end()
    assert any("Hold for 5 seconds; that was 2." in text for text in run.said)
    (done,) = run.of(Done)
    assert isinstance(done, Done)
    assert done.repetitions == 5


def test_one_long_hold_ends_with_its_time() -> None:
    run = started(item("childs-pose", 0), tilt=waves(0.0, 90.0, begin_s=130.0, hold_s=300.0)).to_end()
    (done,) = run.of(Done)
    assert isinstance(done, Done)
    assert done.end_s - 131 == pytest.approx(30, abs=1.5)
    assert "Long enough: come back." in run.said


def test_the_band_shows_where_the_next_repetition_turns() -> None:
    run = started(item("prone-back-extension"), tilt=waves(90.0, -20.0, begin_s=140.0, hold_s=5.0))
    band = run.to_phase(Phase.COUNTED).session.scene().band
    assert band is not None
    assert band.high_deg == pytest.approx(82, abs=1)
    assert band.low_deg < band.high_deg


@pytest.mark.parametrize(
    ("tilt", "why"),
    [
        (lambda now_s: 80.0, "The sensor doesn't see the start pose"),
        (lambda now_s: 0.0, "The sensor has seen no repetition"),
    ],
)
def test_where_the_sensor_sees_nothing_a_timer_takes_over(tilt: Callable[[float], float], why: str) -> None:
    run = started(item("spine-wave"), tilt=tilt).to_end()
    assert f"{why}, so a timer runs." in run.said
    (done,) = run.of(Done)
    assert isinstance(done, Done)
    assert (done.repetitions, done.is_complete) == (None, True)


def test_a_sensor_that_falls_silent_leaves_a_timer_for_what_is_left() -> None:
    run = started(item("spine-wave"), tilt=waves(0.0, 30.0, begin_s=112.0))
    run.go(lambda run: run.session.scene().done == 5)
    run.tilt = None
    run.to_end()
    assert "The sensor sends nothing, so a timer runs." in run.said
    assert [text for text in run.said if text[0].isdigit()] == [f"{number}." for number in range(1, 9)]


def test_a_sensor_that_comes_while_the_wearer_reads_still_counts() -> None:
    run = Run(item("spine-wave"))
    run.session.without_sensor = ""
    run.answer(Answer.GO_ON)
    run.tilt = waves(0.0, 30.0, begin_s=112.0)
    assert [done.repetitions for done in run.to_end().session.results] == [8]


def test_a_hold_that_was_not_still_gets_a_form_cue() -> None:
    shaky = started(item("prone-arm-lift"), tilt=lambda now_s: 90.0 + 4 * (int(now_s * 3) % 2)).to_end()
    still = started(item("prone-arm-lift"), tilt=lambda now_s: 90.0).to_end()
    assert any(text.startswith("Still for 0 of 5 seconds. Blades down") for text in shaky.said)
    assert not any(text.startswith("Still for") for text in still.said)


def test_sides_change_with_each_repetition_of_strength_and_after_each_stretch() -> None:
    def sides(id: str) -> list[str]:
        stages = stages_of(item(id), counted=False, is_short=True, is_first=True)
        return [stage.side for stage in stages if stage.phase is Phase.HOLD and stage.set == 1]

    bird_dog, pec = sides("bird-dog"), sides("pec-stretch")
    assert bird_dog == ["one side", "the other side"] * 10
    assert pec == ["one side"] * 2 + ["the other side"] * 2


def test_a_pause_stops_the_clock_and_the_counter() -> None:
    run = started(item("chin-tuck")).to_phase(Phase.HOLD)
    left_s = run.session.scene().left_s
    run.answer(Answer.PAUSE)
    after_s = run.now_s + 60
    run.go(lambda run: run.now_s > after_s)
    assert run.session.scene().is_paused
    assert run.session.scene().left_s == left_s
    run.answer(Answer.PAUSE)
    assert run.to_end().session.ending is Ending.DONE


def test_a_computer_that_slept_finds_the_session_paused() -> None:
    run = started(item("chin-tuck")).to_phase(Phase.HOLD)
    run.now_s += 3000
    run.outputs += run.session.tick(run.now_s)
    assert run.session.scene().is_paused
    assert run.session.ending is None


@pytest.mark.parametrize("answers", [[], [Answer.GO_ON, Answer.PAUSE]])
def test_what_waits_for_the_wearer_ends_by_itself(answers: list[Answer]) -> None:
    run = Run(item("chin-tuck"))
    for answer in answers:
        run.answer(answer)
    run.go(lambda run: run.session.ending is not None, LONGEST_WAIT_S + 10)
    assert run.session.ending is Ending.NO_ANSWER


def test_too_hard_goes_on_at_once_with_the_easier_step_and_what_is_left() -> None:
    run = started(item("chin-tuck", 2)).to_phase(Phase.HOLD)
    assert run.session.scene().stage.length_s == 10
    run.go(lambda run: run.session.scene().done == 4)
    run.answer(Answer.TOO_HARD)
    assert run.of(StepChosen) == [StepChosen(item("chin-tuck").exercise, 1)]
    scene = run.to_phase(Phase.HOLD).session.scene()
    assert (scene.stage.length_s, scene.stage.repetition) == (5, 5)


def test_too_easy_changes_the_next_set() -> None:
    run = started(item("bird-dog", 0), is_short=True).to_phase(Phase.HOLD)
    run.answer(Answer.TOO_EASY)
    assert run.session.scene().stage.length_s == 2
    assert any(text.startswith("From the next set on: Hold for 10 s.") for text in run.said)
    run.go(lambda run: run.session.scene().stage.set == 2 and run.session.scene().stage.phase is Phase.HOLD)
    assert run.session.scene().stage.length_s == 10


def test_too_easy_in_the_last_set_is_for_the_next_time() -> None:
    run = started(item("spine-wave", 0)).to_phase(Phase.MOVE)
    run.answer(Answer.TOO_EASY)
    assert any(text.startswith("Next time: Make long waves.") for text in run.said)
    assert run.of(StepChosen) == [StepChosen(item("spine-wave").exercise, 1)]
    run.to_end()
    assert max(int(text[:-1]) for text in run.said if text[:-1].isdigit() and text.endswith(".")) == 5


@pytest.mark.parametrize(("answer", "step"), [(Answer.TOO_HARD, 0), (Answer.TOO_EASY, 2)])
def test_the_ends_of_a_path_are_said(answer: Answer, step: int) -> None:
    run = started(item("chin-tuck", step)).to_phase(Phase.HOLD)
    run.answer(answer)
    assert run.of(StepChosen) == []
    assert run.said[-1].startswith("This is its")


def test_pain_ends_the_session_leaves_the_exercise_out_and_refers_to_a_clinician() -> None:
    run = started(item("chin-tuck"), item("blade-squeeze")).to_phase(Phase.HOLD)
    new = run.answer(Answer.HURTS)
    assert run.session.ending is Ending.HURT
    assert run.of(Hurt) == [Hurt(item("chin-tuck").exercise)]
    assert [done.is_complete for done in new if isinstance(done, Done)] == [False]
    assert run.said[-1].startswith("Stop.")
    assert clinician_first() in run.said[-1]


def test_a_skipped_exercise_is_incomplete_and_the_next_one_begins() -> None:
    run = started(item("chin-tuck"), item("blade-squeeze")).to_phase(Phase.HOLD)
    run.answer(Answer.SKIP)
    assert run.session.scene().exercise.id == "blade-squeeze"
    assert [done.is_complete for done in run.to_end().session.results] == [False, True]


def test_an_exercise_that_was_not_begun_is_not_stored() -> None:
    run = Run(item("chin-tuck"))
    run.answer(Answer.QUIT)
    assert run.of(Done) == []


def test_go_on_amid_a_set_ends_the_set() -> None:
    run = started(item("band-pull-apart")).to_phase(Phase.MOVE)
    run.answer(Answer.GO_ON)
    assert run.session.scene().stage.phase is Phase.REST


def test_a_range_says_from_where_on_it_is_enough() -> None:
    run = started(item("band-pull-apart")).go(lambda run: run.session.scene().done == 4)
    assert "4. Enough, if your form goes." in run.said


def test_the_metronome_buzzes_only_when_asked() -> None:
    assert started(item("chin-tuck")).to_end().of(Buzz) == []
    beats = started(item("chin-tuck"), metronome=True).to_end().of(Buzz)
    assert len(beats) == 30  # go, hold and back of ten


def test_between_exercises_there_is_time_to_read_and_to_rest() -> None:
    run = started(item("posture-change"), replace(item("chin-tuck"), rest_before_s=60.0))
    run.go(lambda run: run.session.scene().exercise.id == "chin-tuck")
    assert run.session.scene().left_s == pytest.approx(60, abs=1)


def test_a_short_session_takes_as_long_as_was_foreseen() -> None:
    items = [item("chin-tuck"), item("rib-lift"), item("pec-stretch")]
    run = started(*items, is_short=True).to_end()
    assert run.now_s - 100 == pytest.approx(length_s(items), abs=15)


@st.composite
def inputs(draw: st.DrawFn) -> list[tuple[str, float]]:
    kinds = st.sampled_from(["tick", "tick", "sample", *(answer.name for answer in Answer)])
    return draw(st.lists(st.tuples(kinds, st.floats(-90, 120)), max_size=60))


@given(
    ids=st.lists(st.sampled_from(IDS), min_size=1, max_size=3),
    steps=st.integers(0, 2),
    some=inputs(),
    has_sensor=st.booleans(),
    is_short=st.booleans(),
)
@settings(max_examples=150)
def test_any_inputs_lead_to_an_end_and_to_sessions_that_make_sense(
    ids: list[str], steps: int, some: list[tuple[str, float]], has_sensor: bool, is_short: bool
) -> None:
    items = [item(id, min(steps, len(item(id).exercise.steps) - 1)) for id in ids]
    session = GuidedSession(items, without_sensor="" if has_sensor else "none is there", is_short=is_short)
    outputs, now_s = session.tick(0.0), 0.0
    for kind, value in some:
        if kind == "tick":
            now_s += abs(value) / 10
            outputs += session.tick(now_s)
        elif kind == "sample":
            outputs += session.sample(now_s, value, value / 3)
        else:
            outputs += session.answer(Answer[kind])
        check(session)
    for _ in range(20_000):
        if session.ending is not None:
            break
        now_s += 1.0
        outputs += session.tick(now_s)
        check(session)
    assert session.ending is not None, session.scene()
    done = [output for output in outputs if isinstance(output, Done)]
    assert done == session.results
    assert len(done) <= len(items)
    assert all(one.start_s <= one.end_s for one in done)
    assert all(one.end_s <= other.start_s for one, other in pairwise(done))
    assert session.answer(Answer.HURTS) == session.tick(now_s + 1) == session.sample(now_s + 1, 0, 0) == []


def check(session: GuidedSession) -> None:
    scene = session.scene()
    assert scene.left_s is None or scene.stage.length_s is None or 0 <= scene.left_s <= scene.stage.length_s
    assert scene.done >= 0
    assert scene.cue.strip()
    assert scene.note.strip()
