"""A suggestion is a quiet card, then a prompt at a natural movement, and ends by itself, as every silence does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from unslouch.coach.moment import (
    BREAK_MS,
    CARD_MS,
    GAP_MS,
    LATER_MIN,
    LONGEST_SILENCE_MS,
    PROMPT_MS,
    THANKS_MS,
    Moment,
    Outcome,
    Phase,
    answered,
    offer,
    put_off,
    silence,
    step,
)
from unslouch.coach.movement import Body, MovementWatch
from unslouch_device.contract import states

S = 1000
T0 = 1_000_000_000


def card() -> Moment:
    return offer(Moment(seen_ms=T0), "chin-tuck", T0)


def pass_time(
    moment: Moment, begin_ms: int, seconds: int, body: Body = Body.HOLDS
) -> tuple[Moment, list[Outcome], int]:
    outcomes = []
    for now_ms in range(begin_ms + S, begin_ms + (seconds + 1) * S, S):
        moment, outcome = step(moment, body, now_ms)
        outcomes += [outcome] if outcome else []
    return moment, outcomes, begin_ms + seconds * S


def test_a_card_stays_a_card_while_the_posture_is_held() -> None:
    moment, outcomes, _ = pass_time(card(), T0, CARD_MS // S - 1)
    assert moment.phase is Phase.CARD
    assert outcomes == []


def test_a_posture_change_or_standing_up_makes_it_a_prompt() -> None:
    for body in (Body.SHIFTED, Body.WALKS):
        moment, _ = step(card(), body, T0 + S)
        assert moment.phase is Phase.PROMPT
        assert moment.exercise == "chin-tuck"


def test_without_samples_it_stays_a_card() -> None:
    moment, _ = step(card(), Body.UNKNOWN, T0 + S)
    assert moment.phase is Phase.CARD


def test_a_walk_of_a_minute_is_thanked_for_and_ends_the_card_without_an_answer() -> None:
    moment, outcomes, now_ms = pass_time(card(), T0, BREAK_MS // S + 2, Body.WALKS)
    assert moment.phase is Phase.THANKS
    assert outcomes == [Outcome.MOVED]
    moment, outcomes, _ = pass_time(moment, now_ms, THANKS_MS // S)
    assert moment.phase is Phase.QUIET
    assert outcomes == []


def test_a_walk_that_stops_for_longer_is_no_break() -> None:
    moment, now_ms = card(), T0
    for _ in range(3):
        moment, outcomes, now_ms = pass_time(moment, now_ms, 30, Body.WALKS)
        assert outcomes == []
        moment, outcomes, now_ms = pass_time(moment, now_ms, 12, Body.HOLDS)
        assert outcomes in ([], [Outcome.UNANSWERED])


def test_a_walk_may_stop_for_a_moment() -> None:
    moment, _, now_ms = pass_time(card(), T0, 31, Body.WALKS)
    moment, _, now_ms = pass_time(moment, now_ms, 8, Body.HOLDS)
    moment, outcomes, _ = pass_time(moment, now_ms, 31, Body.WALKS)
    assert outcomes == [Outcome.MOVED]


def test_a_prompt_that_nobody_answers_ends_after_two_minutes_and_a_card_after_twenty() -> None:
    moment, _ = step(card(), Body.SHIFTED, T0 + S)
    moment, outcomes, _ = pass_time(moment, T0 + S, PROMPT_MS // S)
    assert (moment.phase, outcomes) == (Phase.QUIET, [Outcome.UNANSWERED])
    moment, outcomes, now_ms = pass_time(card(), T0, CARD_MS // S)
    assert (moment.phase, outcomes) == (Phase.QUIET, [Outcome.UNANSWERED])
    moment, outcomes, _ = pass_time(moment, now_ms, GAP_MS // S)
    assert (moment.phase, outcomes) == (Phase.READY, [Outcome.RESUMED])


def test_later_brings_it_back_after_the_chosen_time() -> None:
    assert LATER_MIN == (2, 10, 30)
    for minutes in LATER_MIN:
        moment = put_off(card(), T0 + minutes * 60 * S, T0)
        moment, outcomes, now_ms = pass_time(moment, T0, minutes * 60 - 1)
        assert (moment.phase, outcomes) == (Phase.LATER, [])
        moment, outcomes, _ = pass_time(moment, now_ms, 1)
        assert (moment.phase, outcomes) == (Phase.READY, [Outcome.RETURNED])
        assert moment.exercise == "chin-tuck"


def test_taking_the_sensor_off_or_lying_down_ends_the_card() -> None:
    moment, outcome = step(card(), Body.RESTS, T0 + S)
    assert (moment.phase, outcome) == (Phase.QUIET, Outcome.UNANSWERED)


def test_nothing_is_offered_over_something_else() -> None:
    quiet = silence(Moment(), T0 + 60 * S, T0)
    assert offer(quiet, "chin-tuck", T0) == quiet
    assert offer(card(), "rib-lift", T0) == card()


def test_a_clock_that_is_set_back_moves_the_end_with_it() -> None:
    quiet = silence(Moment(seen_ms=T0), T0 + 60 * S, T0)
    moment, _ = step(quiet, Body.HOLDS, T0 - 3600 * S)
    assert moment.until_ms == T0 - 3540 * S


def test_a_sample_that_comes_late_moves_no_end() -> None:
    moment = card()
    end_ms = moment.until_ms
    for second in range(1, 600):
        moment, _ = step(moment, Body.UNKNOWN, T0 + second * S)
        moment, _ = step(moment, Body.HOLDS, T0 + second * S - 900)
        assert moment.until_ms == end_ms


def test_a_clock_that_is_set_forward_ends_what_would_have_ended_by_then() -> None:
    moment, outcome = step(card(), Body.HOLDS, T0 + 24 * 3600 * S)
    assert (moment.phase, outcome) == (Phase.QUIET, Outcome.UNANSWERED)


tilts = st.lists(st.tuples(st.floats(-2.4, 2.4), st.floats(-2.4, 2.4)), min_size=10, max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.floats(-40, 60), st.floats(-20, 20), tilts, st.sampled_from((states.UPRIGHT, states.SLOUCHING)))
def test_no_card_becomes_a_prompt_while_the_tilt_is_fixed(
    forward_deg: float, lateral_deg: float, sway: list[tuple[float, float]], state: int
) -> None:
    """Sway within 2.4° of a posture, as in typing and reading, for the whole life of the card."""
    watch, moment = MovementWatch(), card()
    for number in range(CARD_MS // S - 1):
        now_ms = T0 + number * S
        forward, lateral = sway[number % len(sway)]
        body = watch.observe(now_ms, state, forward_deg + forward, lateral_deg + lateral)
        moment, _ = step(moment, body, now_ms)
        assert moment.phase is Phase.CARD


actions = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 30 * 60), st.sampled_from(Body)),
    st.tuples(st.just("set clock"), st.integers(-90_000, 90_000), st.just(Body.HOLDS)),
    st.tuples(st.just("later"), st.sampled_from(LATER_MIN), st.just(Body.HOLDS)),
    st.tuples(st.sampled_from(("offer", "answer", "pause", "pause for years")), st.just(0), st.just(Body.HOLDS)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(actions, max_size=30))
def test_whatever_happens_the_coach_is_ready_again_within_a_day(done: list[tuple[str, int, Body]]) -> None:
    moment, now_ms = Moment(), T0
    for action, amount, body in done:
        match action:
            case "wait" | "set clock":
                now_ms += amount * S
                moment, _ = step(moment, body, now_ms)
            case "offer":
                moment = offer(moment, "chin-tuck", now_ms)
            case "later" if moment.is_open:
                moment = put_off(moment, now_ms + amount * 60 * S, now_ms)
            case "answer" if moment.is_open:
                moment = answered(moment, now_ms)
            case "pause":
                moment = silence(moment, now_ms + 3600 * S, now_ms)
            case "pause for years":
                moment = silence(moment, now_ms + 10**12, now_ms)
        assert (moment.until_ms is None) == (moment.phase is Phase.READY)
        if moment.until_ms is not None:
            assert moment.until_ms - now_ms <= LONGEST_SILENCE_MS
    for _ in range(4):  # card, quiet, and what else may follow
        now_ms = moment.until_ms if moment.until_ms is not None else now_ms
        moment, _ = step(moment, Body.HOLDS, now_ms)
    assert moment.phase is Phase.READY
