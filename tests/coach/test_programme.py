"""The programme of six weeks: what a day's plan holds, that it fits the time, and that missed days never pile up."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.situations import AT_HOME, CATALOGUE, GENTLE, MONDAY, ZONE, at
from unslouch.coach.adherence import adherence, weeks
from unslouch.coach.catalogue import Condition, Equipment, Kind, Place
from unslouch.coach.past import past_of
from unslouch.coach.preferences import Preferences
from unslouch.coach.programme import DAYS, Mode, Plan, plan_today, session_items
from unslouch.coach.programme_texts import heading
from unslouch.coach.session import GuidedSession
from unslouch.coach.session_choice import todays_session
from unslouch.coach.session_model import Answer as SessionAnswer
from unslouch.coach.situation import Situation
from unslouch.store import Answer, CoachAnswer, ExerciseSession

SERIES = ["chin-tuck", "blade-squeeze", "rib-lift", "pelvic-tilt", "spine-wave"]


class Wearer:
    """Follows the plan of a day, or misses it."""

    def __init__(self, preferences: Preferences = AT_HOME, knows_series: bool = False) -> None:
        self.preferences = preferences
        long_ago_ms = at("12:00", MONDAY - timedelta(days=20))
        known = SERIES if knows_series else []
        self.sessions = [ExerciseSession(id, long_ago_ms, long_ago_ms, id, None, True) for id in known]
        self.answers: list[CoachAnswer] = []
        self.today = MONDAY

    def plan(self, minutes: int = 15, mode: Mode = Mode.SINGLE) -> Plan:
        now_ms = at("12:00", self.today)
        past = past_of(CATALOGUE, self.sessions, self.answers, now_ms, ZONE)
        return plan_today(Situation(CATALOGUE, now_ms, ZONE, past, self.preferences), minutes, mode)

    def follow(self, minutes: int = 15, days: int = 1) -> list[Plan]:
        plans = []
        for _ in range(days):
            plan = self.plan(minutes)
            for item in plan.items:
                start_ms = at("11:00", self.today)
                id = f"{self.today}-{item.exercise.id}"
                self.sessions.append(ExerciseSession(id, start_ms, start_ms, item.exercise.id, None, True))
            plans.append(plan)
            self.miss()
        return plans

    def miss(self, days: int = 1) -> None:
        self.today += timedelta(days=days)


def ids(plan: Plan) -> list[str]:
    return [item.exercise.id for item in plan.items]


@pytest.mark.parametrize("minutes", [2, 5, 15])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("preferences", [AT_HOME, GENTLE, Preferences()], ids=["home", "gentle", "desk"])
def test_a_plan_fits_the_minutes_and_is_not_empty(minutes: int, mode: Mode, preferences: Preferences) -> None:
    wearer = Wearer(preferences)
    for _ in range(10):
        plan = wearer.plan(minutes, mode)
        assert plan.items
        assert plan.length_s <= minutes * 60
        wearer.follow(minutes)


def test_who_follows_fifteen_minutes_a_day_keeps_all_the_rules_of_the_sources() -> None:
    wearer = Wearer()
    wearer.follow(15, days=DAYS)
    last = wearer.today - timedelta(days=1)
    days = adherence(CATALOGUE, wearer.sessions, MONDAY, last, ZONE)
    assert all(day.has_enough_stretches for day in days)
    for week in weeks(days):
        assert week.strength_days >= 3
        assert week.abdominals == 2


def test_five_minutes_a_day_keep_strength_on_three_days_and_abdominals_in_reach() -> None:
    wearer = Wearer()
    wearer.follow(5, days=14)
    done = {session.exercise for session in wearer.sessions}
    assert {"abdominal-brace", "dead-bug"} & done
    days = adherence(CATALOGUE, wearer.sessions, MONDAY, wearer.today - timedelta(days=1), ZONE)
    assert all(week.strength_days >= 3 for week in weeks(days))


def test_a_beginner_learns_the_five_steps_in_order_one_a_day() -> None:
    wearer = Wearer()
    plans = wearer.follow(5, days=5)
    first_day = {id: next(number for number, plan in enumerate(plans) if id in ids(plan)) for id in SERIES}
    assert list(first_day.values()) == [0, 1, 2, 3, 4]


def test_a_step_that_hurts_is_passed_over() -> None:
    wearer = Wearer()
    wearer.answers = [CoachAnswer("a", at("08:00"), Answer.HURT, "chin-tuck")]
    assert [id for id in ids(wearer.plan()) if id in SERIES] == ["blade-squeeze"]


def test_missed_days_shift_the_programme_and_never_pile_up() -> None:
    steady, late = Wearer(), Wearer()
    steady.follow(days=3)
    late.follow(days=3)
    late.miss(9)
    assert steady.plan().day == late.plan().day == 4
    assert late.plan().length_s <= 15 * 60
    assert len(late.plan(2).items) <= len(Wearer().plan(2).items) + 1


def test_what_was_done_today_is_not_planned_again() -> None:
    wearer = Wearer()
    first = wearer.plan()
    wearer.follow()
    wearer.today = MONDAY
    rest = wearer.plan()
    assert rest.day == first.day
    assert not set(ids(first)) & set(ids(rest))


def test_strengthening_has_a_day_between() -> None:
    wearer = Wearer(knows_series=True)
    assert [plan.is_strength_day for plan in wearer.follow(15, days=4)] == [True, False, True, False]


def test_the_release_comes_before_the_wall_stretch_and_the_sensor_comes_off_last() -> None:
    plans = Wearer().follow(15, days=20)
    both = [ids(plan) for plan in plans if {"pec-stretch", "pec-ball-release"} <= set(ids(plan))]
    assert both
    assert all(plan.index("pec-ball-release") < plan.index("pec-stretch") for plan in both)


@pytest.mark.parametrize(
    ("minutes", "mode", "how"),
    [
        (2, Mode.SINGLE, "2 of 2 min, one exercise."),
        (2, Mode.CIRCUIT, "2 of 2 min, one exercise."),
        (5, Mode.SINGLE, "5 of 5 min, one by one, with a minute's rest."),
        (5, Mode.CIRCUIT, "4 of 5 min, as a circuit of one round."),
    ],
)
def test_a_heading_speaks_of_rests_and_rounds_only_where_there_are_several_exercises(
    minutes: int, mode: Mode, how: str
) -> None:
    plan = Wearer().plan(minutes, mode)
    assert (len(plan.items) == 1) == ("one exercise" in how)
    assert heading(plan).endswith(how)


def test_a_circuit_has_rounds_and_one_rest_between_them() -> None:
    wearer = Wearer(knows_series=True)
    plans = []
    for _ in range(8):
        plans.append(wearer.plan(15, Mode.CIRCUIT))
        wearer.follow(15)
    plan = next(plan for plan in plans if plan.rounds == 2)
    items = session_items(plan.items, Mode.CIRCUIT)
    assert [item.round for item in items] == sorted(item.round for item in items)
    assert [item.rest_before_s for item in items].count(60) == 1
    second = next(item for item in items if item.rest_before_s)
    assert (second.round, second.rounds) == (2, 2)
    for planned in plan.items:
        assert sum(item.exercise is planned.exercise for item in items) == planned.sets


def test_the_gentle_set_strengthens_with_the_five_that_b_describes() -> None:
    plans = Wearer(GENTLE).follow(15, days=14)
    strength = {
        item.exercise.id
        for plan in plans
        for item in plan.items
        if Kind.STRENGTH in item.exercise.kinds and not item.exercise.abdominal and item.exercise.series_step is None
    }
    assert {"bird-dog", "prone-back-extension", "prone-arm-lift", "supine-bridge", "wall-slide"} <= strength


def test_after_six_weeks_it_goes_on() -> None:
    wearer = Wearer()
    wearer.follow(5, days=DAYS)
    plan = wearer.plan()
    assert plan.is_over
    assert plan.week == 7
    assert plan.items


preferences = st.builds(
    Preferences,
    place=st.sampled_from(Place),
    equipment=st.frozensets(st.sampled_from(Equipment)),
    conditions=st.frozensets(st.sampled_from(Condition)),
    gentle=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(preferences, st.integers(1, 30), st.lists(st.booleans(), max_size=8), st.sampled_from(Mode))
def test_no_plan_holds_what_is_excluded_or_more_than_the_time(
    wanted: Preferences, minutes: int, followed: list[bool], mode: Mode
) -> None:
    wearer = Wearer(wanted)
    for follows in followed:
        if follows:
            wearer.follow(minutes)
        else:
            wearer.miss()
    plan = wearer.plan(minutes, mode)
    assert plan.length_s <= minutes * 60
    assert plan.day <= sum(followed) + 1
    assert len(set(ids(plan))) == len(plan.items)
    for item in plan.items:
        assert not item.exercise.is_excluded_by(wanted.all_conditions)
        assert item.exercise.can_be_done(wanted.place, wanted.equipment)
        assert item.sets >= 1


def test_a_date_far_ahead_changes_nothing() -> None:
    wearer = Wearer(replace(AT_HOME))
    wearer.follow(days=2)
    wearer.today = date(2027, 1, 1)
    assert wearer.plan().day == 3


@pytest.mark.parametrize("minutes", [2, 5, 15])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("preferences", [AT_HOME, GENTLE, Preferences()], ids=["home", "gentle", "desk"])
def test_a_session_of_a_plan_takes_as_long_as_the_plan_says(minutes: int, mode: Mode, preferences: Preferences) -> None:
    plan = Wearer(preferences, knows_series=True).plan(minutes, mode)
    items = session_items(plan.items, mode)
    session, now_s = GuidedSession(items, is_short=True), 0.0
    session.tick(now_s)
    while session.ending is None:
        now_s += 0.25
        session.tick(now_s)
        if now_s == math.ceil(items[0].read_s):
            session.answer(SessionAnswer.GO_ON)
    assert now_s == pytest.approx(plan.length_s, abs=2)
    done = [result.exercise.id for result in session.results]
    assert done == [item.exercise.id for item in items]
    assert all(result.is_complete for result in session.results)


def test_when_the_plan_is_done_a_session_has_what_was_done_longest_ago_but_nothing_declined_for_today() -> None:
    wearer = Wearer(Preferences(), knows_series=True)
    for days in range(3):
        wearer.sessions += [
            ExerciseSession(f"{id}-{days}", at("09:00"), at("09:01") + days, id, None, True) for id in SERIES
        ]
    wearer.answers = [CoachAnswer("a", at("10:00"), Answer.NOT_TODAY, "chin-tuck", at("23:59"))]
    now_ms = at("12:00")
    past = past_of(CATALOGUE, wearer.sessions, wearer.answers, now_ms, ZONE)
    now = Situation(CATALOGUE, now_ms, ZONE, replace(past, done_today=past.done_today | {"posture-change": 1}))
    assert not plan_today(now, 5).items
    items = todays_session(now, 5)
    assert items
    assert "chin-tuck" not in [item.exercise.id for item in items]
