"""Which exercise is suggested, why, and that no history makes the coach suggest what is left out."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from coach.situations import AT_HOME, CATALOGUE, HOUR_MS, MIN_MS, MONDAY, ZONE, at, past, posture, situation
from unslouch.coach.catalogue import Condition, Equipment, Place
from unslouch.coach.past import past_of, with_answer
from unslouch.coach.posture_today import DominantCell, PostureToday
from unslouch.coach.preferences import Preferences
from unslouch.coach.situation import Situation
from unslouch.coach.suggest import NEED_ENOUGH, find_suggestion, rank, suggest
from unslouch.store import Answer, CoachAnswer, ExerciseSession

NOW_MS = at("12:00")
IDS = [exercise.id for exercise in CATALOGUE.exercises]


def test_a_suggestion_explains_itself() -> None:
    done = past(last_done_utc_ms={"chin-tuck": 1}, suggested=((at("10:00"), "chin-tuck"),))
    sat = posture(forward_min=42.0, sitting_since_utc_ms=at("10:05"))
    made = suggest(situation(past=done, posture=sat, preferences=Preferences()))
    assert made is not None
    assert str(made) == (
        "42 of the last 60 min leaning forward, no break since 10:05 — shoulder blade squeeze, 2 min, no equipment"
    )


def test_without_need_nothing_is_suggested() -> None:
    for calm in (None, posture(), posture(forward_min=5.0, held_min=10.0, lateral_deg=1.0)):
        given_ = situation(posture=calm)
        assert suggest(given_) is None
        assert rank(given_).ranked, "the ranking is there all the same"


def test_two_hours_on_end_bring_the_break_first() -> None:
    made = suggest(
        situation(posture=posture(sitting_since_utc_ms=at("10:00"), held_min=40.0), preferences=Preferences())
    )
    assert made is not None
    assert made.exercise.id == "posture-change"


def test_the_same_situation_gives_the_same_ranking() -> None:
    given_ = situation(posture=posture(forward_min=30.0, held_min=30.0))
    assert rank(given_) == rank(replace(given_))


def test_who_asked_for_the_gentle_set_gets_it_first() -> None:
    tired = posture(sitting_since_utc_ms=at("11:00"), forward_min=30.0)
    preferences = replace(AT_HOME, gentle=True)
    ranking = rank(situation(posture=tired, preferences=preferences))
    first_of_set = next(i for i, ranked in enumerate(ranking.ranked) if ranked.exercise.osteoporosis_set)
    without = rank(situation(posture=tired))
    assert first_of_set < next(i for i, ranked in enumerate(without.ranked) if ranked.exercise.osteoporosis_set)
    assert not {"cat-cow", "spine-wave", "childs-pose", "thoracic-extension-roll"} & {
        ranked.exercise.id for ranked in ranking.ranked
    }


def test_what_was_put_off_comes_back_even_if_it_was_the_last_two_suggestions_but_not_if_it_hurts() -> None:
    twice = past(suggested=((1, "chin-tuck"), (2, "chin-tuck")))
    wanted = find_suggestion("chin-tuck", situation(past=twice))
    assert wanted is not None
    assert wanted.why
    hurts = past_of(CATALOGUE, [], [CoachAnswer("a", 1, Answer.HURT, "chin-tuck")], NOW_MS, ZONE)
    assert find_suggestion("chin-tuck", situation(past=hurts)) is None
    assert find_suggestion("no-such", situation()) is None


# For any history


answers = st.lists(
    st.builds(
        CoachAnswer,
        answer_id=st.uuids().map(str),
        utc_ms=st.integers(NOW_MS - 40 * 24 * HOUR_MS, NOW_MS),
        answer=st.sampled_from(Answer),
        exercise=st.sampled_from(IDS),
        until_utc_ms=st.integers(NOW_MS - HOUR_MS, NOW_MS + 20 * HOUR_MS),
        step=st.integers(0, 9),
    ),
    max_size=40,
).map(lambda made: sorted(made, key=lambda answer: answer.utc_ms))
sessions = st.lists(
    st.builds(
        lambda id, start_ms, is_complete: ExerciseSession(
            id + str(start_ms), start_ms, start_ms, id, None, is_complete
        ),
        st.sampled_from(IDS),
        st.integers(NOW_MS - 40 * 24 * HOUR_MS, NOW_MS),
        st.booleans(),
    ),
    max_size=40,
)
postures = st.none() | st.builds(
    PostureToday,
    until_utc_ms=st.just(NOW_MS),
    measured_min=st.floats(0, 60),
    forward_min=st.floats(0, 60),
    lateral_deg=st.none() | st.floats(-30, 30),
    held_min=st.floats(0, 200),
    sitting_since_utc_ms=st.none() | st.integers(NOW_MS - 10 * HOUR_MS, NOW_MS),
    dominant=st.none()
    | st.builds(
        DominantCell, st.just("20–30°"), st.floats(-90, 90), st.just("1–4 min"), st.floats(0, 600), st.floats(0, 1)
    ),
    is_slouching=st.booleans(),
)
preferences = st.builds(
    Preferences,
    place=st.sampled_from(Place),
    equipment=st.frozensets(st.sampled_from(Equipment)),
    conditions=st.frozensets(st.sampled_from(Condition)),
    gentle=st.booleans(),
    minutes=st.integers(1, 15),
    max_per_hour=st.integers(1, 4),
)


@settings(max_examples=150, deadline=None)
@given(answers, sessions, postures, preferences)
def test_no_excluded_exercise_is_ever_suggested_for_any_history(
    answered: list[CoachAnswer], done: list[ExerciseSession], seen: PostureToday | None, wanted: Preferences
) -> None:
    before = past_of(CATALOGUE, done, answered, NOW_MS, ZONE)
    made = suggest(Situation(CATALOGUE, NOW_MS, ZONE, before, wanted, seen))
    if made is None:
        return
    exercise = made.exercise
    last = {answer.exercise: answer for answer in answered if answer.answer in (Answer.HURT, Answer.NO_LONGER_HURTS)}
    assert exercise.id not in last or last[exercise.id].answer is not Answer.HURT
    assert not exercise.is_excluded_by(wanted.all_conditions)
    assert exercise.can_be_done(wanted.place, wanted.equipment)
    last_no = {answer.exercise: answer for answer in answered if answer.answer is Answer.NOT_TODAY}
    assert exercise.id not in last_no or (last_no[exercise.id].until_utc_ms or 0) <= NOW_MS
    suggested = [answer for answer in answered if answer.answer is Answer.SUGGESTED]
    assert [answer.exercise for answer in suggested[-2:]] != [exercise.id] * 2
    assert sum(answer.utc_ms > NOW_MS - HOUR_MS for answer in suggested) < wanted.max_per_hour
    step = exercise.steps[before.progress.step_of(exercise)]
    assert exercise.set_up_s + step.length_s < wanted.minutes * 60
    assert made.why


@settings(max_examples=100, deadline=None)
@given(answers)
def test_an_answer_of_just_now_counts_as_it_will_once_it_is_stored(answered: list[CoachAnswer]) -> None:
    answered = [answer._replace(utc_ms=NOW_MS) for answer in answered]
    decides = (
        Answer.SUGGESTED, Answer.NOT_TODAY, Answer.LATER, Answer.PAUSED, Answer.RESUMED, Answer.TOSS_WAIT,
    )  # fmt: skip
    answered = [
        answer._replace(utc_ms=NOW_MS - 50 + number, until_utc_ms=NOW_MS + (number + 1) * MIN_MS)
        for number, answer in enumerate(answered)
        if answer.answer in decides
    ]
    given_at_once, in_turn = past_of(CATALOGUE, [], answered, NOW_MS, ZONE), past_of(CATALOGUE, [], [], NOW_MS, ZONE)
    for answer in answered:
        in_turn = with_answer(with_answer(in_turn, answer), answer)
    for one in (given_at_once, in_turn):
        assert one.suggested == given_at_once.suggested
        assert one.not_today_until_utc_ms == given_at_once.not_today_until_utc_ms
        assert one.paused_until_utc_ms == given_at_once.paused_until_utc_ms
        assert one.waits_until_utc_ms == given_at_once.waits_until_utc_ms


def test_a_year_of_not_answering_leaves_the_coach_suggesting_something_else_each_time() -> None:
    """A beginner who never does anything is not met with silence, and never with the same one three times in a row."""
    given_, shown = situation(past=past(last_done_utc_ms={}), preferences=Preferences()), []
    for day in range(365):
        now_ms = at("12:00", MONDAY + timedelta(days=day))
        seen = posture(until_utc_ms=now_ms, forward_min=40.0)
        given_ = replace(given_, now_utc_ms=now_ms, posture=seen)
        made = suggest(given_)
        assert made is not None
        shown.append(made.exercise.id)
        suggested = CoachAnswer(str(day), now_ms, Answer.SUGGESTED, made.exercise.id)
        given_ = replace(given_, past=with_answer(given_.past, suggested))
    assert all(len(set(three)) > 1 for three in zip(shown, shown[1:], shown[2:], strict=False))


def test_every_exercise_can_come_first_for_someone() -> None:
    """Nothing in the rules keeps an exercise from ever being suggested."""
    seen = posture(forward_min=40.0, held_min=40.0, sitting_since_utc_ms=at("11:00"), lateral_deg=8.0)
    for exercise in CATALOGUE.exercises:
        others = {id: at("23:00") for id in IDS if id != exercise.id}
        made = suggest(situation(posture=seen, past=past(not_today_until_utc_ms=others)))
        if made is None:
            ranked = rank(situation(posture=seen)).ranked
            need = next(one.need for one in ranked if one.exercise.id == exercise.id)
            raise AssertionError(f"{exercise.id} has {need} points of need, and {NEED_ENOUGH} are enough")
        assert made.exercise is exercise
