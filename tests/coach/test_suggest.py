"""When an exercise is suggested, which one, and when the suggestion ends."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch.coach.catalogue import Cue
from unslouch.coach.suggest import SEATED_STATES, Coach, Suggestion
from unslouch_device.contract import states

STEP_S = 0.5
NEVER_SUGGESTED = sorted(set(range(len(states.STATE_NAMES))) - SEATED_STATES)


class Wearer:
    """Passes the posture of a wearer to a coach twice a second."""

    def __init__(self, coach: Coach, now_s: float = 100.0) -> None:
        self.coach = coach
        self.now_s = now_s
        self.seen: list[Suggestion] = []

    def stay(
        self, seconds: float, state: int, forward_deg: float | None = 2.0, lateral_deg: float | None = 0.0
    ) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.now_s += STEP_S
            suggestion = self.coach.observe(self.now_s, state, forward_deg, lateral_deg)
            if suggestion is not None and (not self.seen or suggestion is not self.seen[-1]):
                self.seen.append(suggestion)

    def fidget(self, seconds: float, state: int = states.UPRIGHT) -> None:
        """Change posture by 8° every half minute."""
        for half_minute in range(round(seconds / 30)):
            self.stay(30, state, 2.0 if half_minute % 2 else -6.0)


@pytest.fixture
def wearer() -> Wearer:
    return Wearer(Coach())


def test_a_sustained_slouch_leads_to_an_exercise_for_slouching(wearer: Wearer) -> None:
    wearer.stay(20, states.UPRIGHT)
    wearer.stay(29, states.LEANING, 20.0)
    assert wearer.coach.suggestion is None
    wearer.stay(1, states.SLOUCHING, 20.0)
    assert wearer.coach.suggestion is not None
    assert wearer.coach.suggestion.cue is Cue.SLOUCH
    assert Cue.SLOUCH in wearer.coach.suggestion.exercise.cues
    assert "forward" in wearer.coach.suggestion.why


def test_an_exercise_is_suggested_after_twenty_minutes_in_one_posture_and_not_after_nineteen(wearer: Wearer) -> None:
    wearer.stay(19 * 60, states.UPRIGHT)
    assert wearer.coach.suggestion is None
    wearer.stay(61, states.UPRIGHT)
    assert wearer.coach.suggestion is not None
    assert wearer.coach.suggestion.cue is Cue.STILLNESS
    assert wearer.coach.suggestion.why == "Your posture has not changed by 5° or more for 20 minutes."


@pytest.mark.parametrize(("forward_deg", "lateral_deg"), [(8.0, 0.0), (-4.0, 0.0), (2.0, 6.0)])
def test_a_held_change_of_five_degrees_restarts_the_count(forward_deg: float, lateral_deg: float) -> None:
    wearer = Wearer(Coach())
    wearer.stay(15 * 60, states.UPRIGHT)
    wearer.stay(15 * 60, states.UPRIGHT, forward_deg, lateral_deg)
    assert wearer.coach.suggestion is None
    wearer.stay(6 * 60, states.UPRIGHT, forward_deg, lateral_deg)
    assert wearer.coach.suggestion is not None


def test_a_change_of_less_than_five_degrees_does_not_count(wearer: Wearer) -> None:
    wearer.stay(15 * 60, states.UPRIGHT)
    wearer.stay(5 * 60 + 1, states.UPRIGHT, 6.5)
    assert wearer.coach.suggestion is not None


def test_a_change_held_for_less_than_five_seconds_does_not_count(wearer: Wearer) -> None:
    wearer.stay(15 * 60, states.UPRIGHT)
    wearer.stay(3, states.UPRIGHT, 12.0)
    wearer.stay(5 * 60, states.UPRIGHT)
    assert wearer.coach.suggestion is not None


def test_a_slow_drift_counts_as_a_change_after_five_degrees(wearer: Wearer) -> None:
    for tenth_deg in range(60):
        wearer.stay(15, states.UPRIGHT, tenth_deg / 10)
    wearer.stay(10 * 60, states.UPRIGHT, 5.9)
    assert wearer.coach.suggestion is None


def test_a_wearer_who_changes_posture_now_and_then_gets_no_suggestion(wearer: Wearer) -> None:
    wearer.fidget(3 * 3600)
    assert wearer.seen == []


@pytest.mark.parametrize("state", NEVER_SUGGESTED, ids=lambda state: states.STATE_NAMES[state])
def test_nothing_is_suggested_in_other_states(state: int) -> None:
    wearer = Wearer(Coach())
    wearer.stay(3600, state)
    assert wearer.seen == []


def test_without_angles_nothing_is_suggested(wearer: Wearer) -> None:
    wearer.stay(3600, states.UPRIGHT, None, None)
    assert wearer.seen == []


def test_a_walk_restarts_the_count(wearer: Wearer) -> None:
    wearer.stay(15 * 60, states.UPRIGHT)
    wearer.stay(10, states.MOVING)
    wearer.stay(15 * 60, states.UPRIGHT)
    assert wearer.seen == []


def test_a_minute_without_samples_restarts_the_count(wearer: Wearer) -> None:
    wearer.stay(15 * 60, states.UPRIGHT)
    wearer.now_s += 60
    wearer.stay(15 * 60, states.UPRIGHT)
    assert wearer.seen == []


def test_a_suggestion_stays_while_the_slouch_lasts(wearer: Wearer) -> None:
    wearer.stay(3600, states.SLOUCHING, 20.0)
    assert len(wearer.seen) == 1
    assert wearer.coach.suggestion is wearer.seen[0]


def test_a_short_correction_leaves_the_suggestion_and_a_minute_of_it_ends_it(wearer: Wearer) -> None:
    wearer.stay(1, states.SLOUCHING, 20.0)
    wearer.stay(50, states.UPRIGHT)
    wearer.stay(5, states.SLOUCHING, 20.0)
    wearer.stay(50, states.UPRIGHT)
    assert wearer.coach.suggestion is not None
    wearer.stay(15, states.UPRIGHT)
    assert wearer.coach.suggestion is None


def test_a_change_of_posture_held_for_a_minute_ends_the_suggestion_to_move(wearer: Wearer) -> None:
    wearer.stay(20 * 60 + 1, states.UPRIGHT)
    assert wearer.coach.suggestion is not None
    wearer.stay(70, states.UPRIGHT, 9.0)
    assert wearer.coach.suggestion is None


@pytest.mark.parametrize("state", [states.OFF_BODY, states.CHARGING, states.LYING])
def test_a_suggestion_ends_at_once_when_the_sensor_is_taken_off_or_the_wearer_lies_down(state: int) -> None:
    wearer = Wearer(Coach())
    wearer.stay(1, states.SLOUCHING, 20.0)
    wearer.stay(STEP_S, state)
    assert wearer.coach.suggestion is None


def test_a_dismissal_is_followed_by_ten_minutes_without_suggestions(wearer: Wearer) -> None:
    wearer.stay(1, states.SLOUCHING, 20.0)
    wearer.coach.dismiss()
    wearer.stay(10 * 60 - 1, states.SLOUCHING, 20.0)
    assert len(wearer.seen) == 1
    wearer.stay(2, states.SLOUCHING, 20.0)
    assert len(wearer.seen) == 2


def test_the_ten_minutes_continue_over_a_reboot_of_the_board(wearer: Wearer) -> None:
    wearer.now_s = 50_000.0
    wearer.stay(1, states.SLOUCHING, 20.0)
    wearer.coach.dismiss()
    wearer.stay(60, states.SLOUCHING, 20.0)
    wearer.now_s = 0.0
    wearer.stay(8 * 60, states.SLOUCHING, 20.0)
    assert len(wearer.seen) == 1
    wearer.stay(2 * 60, states.SLOUCHING, 20.0)
    assert len(wearer.seen) == 2


def test_dismissing_without_a_suggestion_changes_nothing(wearer: Wearer) -> None:
    wearer.stay(1, states.UPRIGHT)
    wearer.coach.dismiss()
    wearer.stay(1, states.SLOUCHING, 20.0)
    assert len(wearer.seen) == 1


def test_each_exercise_for_a_cue_comes_once_before_the_first_comes_again(wearer: Wearer) -> None:
    for _ in range(6):
        wearer.stay(1, states.SLOUCHING, 20.0)
        wearer.coach.dismiss()
        wearer.fidget(10 * 60)
    given_ids = [suggestion.exercise.id for suggestion in wearer.seen]
    assert given_ids[:5] == ["chin-tuck", "blade-squeeze", "rib-lift", "pelvic-tilt", "spine-wave"]
    assert given_ids[5] == "chin-tuck"


posture = st.tuples(
    st.sampled_from(range(len(states.STATE_NAMES))),
    st.floats(-60, 60),
    st.floats(1, 900),
    st.booleans(),
)


@given(st.lists(posture, max_size=12))
def test_suggestions_are_never_less_than_ten_minutes_apart(
    day: Iterable[tuple[int, float, float, bool]],
) -> None:
    coach, now_s, ended_s, before = Coach(), 0.0, float("-inf"), None
    for state, forward_deg, seconds, dismisses in day:
        for _ in range(round(seconds / 5)):
            now_s += 5
            suggestion = coach.observe(now_s, state, forward_deg, 0.0)
            if suggestion is not None and before is None:
                assert state in SEATED_STATES
                assert now_s - ended_s >= 10 * 60
            if suggestion is None and before is not None:
                ended_s = now_s
            before = suggestion
        if dismisses and before is not None:
            coach.dismiss()
            before, ended_s = None, now_s
