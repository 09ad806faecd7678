"""The steps of calibrating: what each answer leads to, what can be done next, and the sentences for the wearer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch.errors import NoSensor, Refused
from unslouch.link.model import LiveSample
from unslouch.sensor.calibration import (
    BOW,
    REZERO,
    STANDING,
    UPRIGHT,
    Action,
    Calibration,
    Measured,
    Step,
    Tone,
    is_far_from_upright,
    measure,
    off_upright_deg,
    question_before_change,
)
from unslouch_device.contract import messages, states

MOVED = Refused("The sensor refused: you moved.", messages.MOVED)


def posture(
    forward_deg: float | None, lateral_deg: float | None = 0.0, activity: int = states.ACTIVITY_STILL
) -> LiveSample:
    return LiveSample(0, forward_deg, lateral_deg, states.UPRIGHT, activity, False, False, False, 0)


def after_upright() -> Calibration:
    machine = Calibration()
    machine.begin()
    machine.succeeded(Measured(2))
    return machine


# What an answer leads to


def test_upright_is_followed_by_the_bow_and_the_bow_by_the_end() -> None:
    machine = Calibration()
    assert machine.step is UPRIGHT
    assert machine.begin() is UPRIGHT
    assert machine.result.text == "Keep still for three seconds."
    machine.succeeded(Measured(2))
    assert machine.step is BOW
    assert machine.result.text == "Calibrated: this posture counts as upright now (calibration 2)."
    assert machine.result.tone is Tone.SUCCESS
    assert machine.begin() is BOW
    machine.succeeded(Measured(3))
    assert machine.step is None
    assert machine.guidance == ""
    assert machine.result.text == "Your bow showed which way is forward (calibration 3)."


def test_without_a_bow_upright_is_all() -> None:
    machine = Calibration(with_bow=False)
    machine.begin()
    machine.succeeded(Measured(2))
    assert machine.step is None


def test_a_bow_that_is_skipped_leaves_upright_valid() -> None:
    machine = after_upright()
    machine.skip()
    assert machine.step is None
    assert "Skipped. Upright counts all the same" in machine.result.text
    assert machine.has_changed


def test_standing_can_follow_and_tells_its_tilt() -> None:
    machine = after_upright()
    machine.skip()
    machine.stand()
    assert machine.step is STANDING
    machine.begin()
    machine.succeeded(Measured(forward_deg=-12.4))
    assert machine.result.text == "This is your standing zero now: -12 degrees from sitting upright."
    assert machine.choices == {Action.CLOSE: "closes"}


def test_a_step_by_itself_ends_after_it() -> None:
    for step, said in ((STANDING, "standing zero now: +0 degrees"), (REZERO, "counts as zero now (calibration 4)")):
        machine = Calibration(step)
        machine.begin()
        machine.succeeded(Measured(4))
        assert machine.step is None
        assert said in machine.result.text


def test_a_refusal_stays_at_the_step_and_can_be_tried_again() -> None:
    machine = Calibration()
    machine.begin()
    machine.failed(MOVED)
    assert machine.step is UPRIGHT
    assert machine.result.text == str(MOVED)
    assert machine.result.tone is Tone.FAILURE
    assert machine.choices == {Action.MEASURE: "tries again", Action.CLOSE: "leaves it"}
    assert machine.can_be_remedied
    assert not machine.has_changed
    machine.begin()
    machine.succeeded(Measured(2))
    assert machine.failed_attempts == 0


def test_a_refused_bow_leaves_upright_valid_and_can_be_skipped() -> None:
    machine = after_upright()
    machine.begin()
    machine.failed(MOVED)
    assert machine.result.text == f"{MOVED} {machine.stays}"
    assert machine.choices[Action.SKIP] == "skips the bow"
    machine.skip()
    assert machine.step is None


@pytest.mark.parametrize(
    "error", [Refused("Its flash memory failed.", messages.FLASH_FAILED), NoSensor("The cable was pulled.")]
)
def test_only_some_failures_can_be_remedied_at_once(error: Refused | NoSensor) -> None:
    machine = Calibration()
    machine.begin()
    machine.failed(error)
    assert not machine.can_be_remedied
    assert Action.MEASURE in machine.choices, "later it may work"


# What can be done


def test_each_step_offers_what_makes_sense_there() -> None:
    assert Calibration().choices == {
        Action.MEASURE: "measures for 3 s",
        Action.STAND: "takes standing",
        Action.CLOSE: "cancels",
    }
    machine = after_upright()
    assert machine.choices == {Action.MEASURE: "begins", Action.SKIP: "skips the bow", Action.CLOSE: "closes"}
    machine.begin()
    assert machine.choices == {Action.CLOSE: "leaves it"}


def test_what_is_not_offered_is_refused_and_changes_nothing() -> None:
    machine = Calibration()
    for action in (machine.skip, machine.confirm, lambda: machine.succeeded(Measured()), lambda: machine.failed(MOVED)):
        with pytest.raises(ValueError, match=r"possible|measured"):
            action()
        assert machine.step is UPRIGHT
    machine.begin()
    with pytest.raises(ValueError, match="not possible"):
        machine.begin()


@given(st.lists(st.integers(0, 9), max_size=30), st.sampled_from([UPRIGHT, STANDING, REZERO]), st.booleans())
def test_any_choices_in_any_order_keep_the_machine_consistent(picks: list[int], first: Step, with_bow: bool) -> None:
    machine = Calibration(first, with_bow)
    for pick in picks:
        machine.observe(posture(pick * 5.0))
        if machine.is_measuring:
            if pick % 2:
                machine.succeeded(Measured(pick))
            else:
                machine.failed(MOVED)
            continue
        actions = list(machine.choices)
        {
            Action.MEASURE: machine.begin,
            Action.CONFIRM: machine.confirm,
            Action.SKIP: machine.skip,
            Action.STAND: machine.stand,
            Action.CLOSE: lambda: None,
        }[actions[pick % len(actions)]]()
        assert Action.CLOSE in machine.choices
        assert machine.is_measuring <= (machine.step is not None)
        assert bool(machine.guidance) == (machine.step is not None)


# Asking first


def test_far_from_upright_a_change_is_confirmed_once_per_step() -> None:
    machine = Calibration()
    machine.observe(posture(34.0))
    assert machine.begin() is None
    assert "34° from your present upright" in machine.result.text
    assert machine.choices == {Action.CONFIRM: "takes this posture", Action.CLOSE: "cancels"}
    assert machine.confirm() is UPRIGHT
    machine.failed(MOVED)
    assert machine.begin() is UPRIGHT, "asked and answered"


@pytest.mark.parametrize("step", [STANDING, BOW])
def test_steps_that_keep_upright_ask_nothing(step: Step) -> None:
    machine = Calibration(step)
    machine.observe(posture(34.0))
    assert machine.begin() is step


@pytest.mark.parametrize(
    ("forward_deg", "lateral_deg", "is_far"),
    [
        (10.0, 0.0, False),
        (10.1, 0.0, True),
        (-12.0, 0.0, True),
        (0.0, -10.5, True),
        (8.0, 8.0, True),
        (7.0, 7.0, False),
    ],
)
def test_more_than_ten_degrees_in_any_direction_are_far(forward_deg: float, lateral_deg: float, is_far: bool) -> None:
    sample = posture(forward_deg, lateral_deg)
    assert is_far_from_upright(sample) is is_far
    assert bool(question_before_change(sample)) is is_far


def test_an_unknown_tilt_is_not_asked_about() -> None:
    assert question_before_change(None) == ""
    assert question_before_change(posture(None, None)) == ""
    assert off_upright_deg(posture(None, None)) is None


# What the tilt of the moment means


@pytest.mark.parametrize(
    ("step", "live", "words"),
    [
        (UPRIGHT, posture(3.4, 1.2), "Tilt 3° forward, 1° to the right."),
        (UPRIGHT, posture(-3.4, -1.2), "Tilt 3° back, 1° to the left."),
        (UPRIGHT, posture(None), "there is no calibration"),
        (UPRIGHT, None, "No live data"),
        (UPRIGHT, posture(3.0, 1.0, states.ACTIVITY_MOVING), "You are moving: keep still."),
        (STANDING, posture(3.0, 1.0, states.ACTIVITY_MOVING), "You are moving: keep still."),
        (BOW, posture(12.0), "You are 12° off upright; the bow wants 20°."),
        (BOW, posture(None), "No tilt to show."),
        (BOW, None, "No live data"),
    ],
)
def test_a_step_says_what_the_tilt_of_the_moment_means(step: Step, live: LiveSample | None, words: str) -> None:
    machine = Calibration(step)
    machine.observe(live)
    assert words in machine.live_text


def test_at_the_end_the_tilt_means_nothing() -> None:
    machine = after_upright()
    machine.skip()
    machine.observe(posture(3.0))
    assert machine.live_text == ""


@pytest.mark.parametrize(
    ("tilts_deg", "words"),
    [
        ([(12.0, 0.0)], "Bow 12°, deepest so far 12° (at least 20° wanted)."),
        ([(19.9, 0.0)], "deepest so far 19° (at least 20° wanted)."),
        ([(31.0, 0.0), (4.0, 0.0)], "Bow 4°, deepest so far 31° (deep enough, come up again)."),
        ([(-25.0, 0.0)], "Bow 25°"),
        ([(0.0, 25.0)], "Bow 25°"),
        ([(120.0, 0.0)], "Bow 120°"),
    ],
)
def test_a_bow_counts_in_any_direction_from_its_beginning(tilts_deg: list[tuple[float, float]], words: str) -> None:
    machine = after_upright()
    machine.observe(posture(80.0))  # it hasn't begun
    machine.begin()
    for forward_deg, lateral_deg in tilts_deg:
        machine.observe(posture(forward_deg, lateral_deg))
    assert words in machine.live_text
    machine.failed(MOVED)
    assert "the bow wants 20°" in machine.live_text


# Making the requests


async def test_each_step_makes_its_own_request() -> None:
    class Sensor:
        async def calibrate(self) -> int:
            return 1

        async def bow(self) -> int:
            return 2

        async def stand(self) -> tuple[float, float]:
            return -12.5, 3.0

        async def rezero(self) -> int:
            return 3

    measured = [await measure(step, Sensor()) for step in (UPRIGHT, BOW, STANDING, REZERO)]
    assert measured == [Measured(1), Measured(2), Measured(forward_deg=-12.5), Measured(3)]
