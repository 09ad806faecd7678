"""Goals, and that a day without data never costs a streak."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch.analysis.goals import GOALS, Goal, Outcome, outcome_of, progress, weekly_progress
from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.analysis.metrics.summary import Summary

FIRST = date(2026, 3, 2)
UPRIGHT = Goal("upright", "", "upright_share", 0.7, is_least=True)
BREAKS = Goal("breaks", "", "longest_without_break", 90, is_least=False)


def summary(value: float | None, measured_min: float = 400, metric: str = "upright_share") -> Summary:
    return Summary({"measured": measured_min, metric: value})


def days(*values: float | None) -> dict[date, Summary]:
    return {FIRST + timedelta(days=at): summary(value) for at, value in enumerate(values)}


def test_goals_name_metrics_that_exist_and_have_ids_of_their_own() -> None:
    assert {goal.metric for goal in GOALS} <= METRICS_BY_NAME.keys()
    assert len({goal.id for goal in GOALS}) == len(GOALS)


@pytest.mark.parametrize(
    ("value", "measured_min", "outcome"),
    [
        (0.7, 400, Outcome.REACHED),
        (0.69, 400, Outcome.MISSED),
        (None, 400, Outcome.UNKNOWN),
        (0.9, 239, Outcome.UNKNOWN),
        (0.1, 0, Outcome.UNKNOWN),
    ],
)
def test_a_day_with_too_little_data_neither_reaches_nor_misses(
    value: float | None, measured_min: float, outcome: Outcome
) -> None:
    assert outcome_of(UPRIGHT, summary(value, measured_min)) is outcome


def test_a_streak_goes_on_over_days_without_data() -> None:
    went = progress(UPRIGHT, days(0.8, None, None, 0.9, None))
    assert (went.streak, went.best_streak) == (2, 2)
    assert (went.reached, went.known) == (2, 2)


def test_a_missed_day_ends_a_streak_and_the_best_one_stays() -> None:
    went = progress(UPRIGHT, days(0.8, 0.8, 0.8, 0.1, 0.9))
    assert (went.streak, went.best_streak) == (1, 3)


def test_a_day_that_is_not_over_can_add_to_a_streak_but_not_end_it() -> None:
    assert progress(UPRIGHT, days(0.8, 0.3), FIRST + timedelta(days=1)).streak == 1
    assert progress(UPRIGHT, days(0.8, 0.8), FIRST + timedelta(days=1)).streak == 2


def test_what_may_not_be_exceeded_is_reached_when_the_day_is_over_and_missed_at_once() -> None:
    fine, too_long = (summary(value, metric="longest_without_break") for value in (60, 120))
    assert outcome_of(BREAKS, fine, is_over=False) is Outcome.UNKNOWN
    assert outcome_of(BREAKS, fine) is Outcome.REACHED
    assert outcome_of(BREAKS, too_long, is_over=False) is Outcome.MISSED


VALUES = st.lists(st.sampled_from([0.1, 0.9, None]), max_size=30)


@given(VALUES, st.integers(0, 29))
def test_inserting_a_day_without_data_changes_no_streak(values: list[float | None], at: int) -> None:
    longer = [*values[:at], None, *values[at:]]
    one, other = progress(UPRIGHT, days(*values)), progress(UPRIGHT, days(*longer))
    assert (one.streak, one.best_streak, one.reached, one.known) == (
        other.streak, other.best_streak, other.reached, other.known,
    )  # fmt: skip


def weeks(*days: int) -> set[date]:
    return {FIRST + timedelta(days=at) for at in days}


@pytest.mark.parametrize(
    ("done", "worn", "today", "expected"),
    [
        ((0, 3, 7, 9), (), 13, (2, 2, 2, 2)),
        ((0, 3, 7), (7, 8), 14, (0, 1, 1, 2)),
        ((0, 3, 14, 15), (), 20, (2, 2, 2, 2)),  # nothing is known of the week between
        ((0, 3, 14, 15), (8,), 20, (1, 1, 2, 3)),  # a week with wear and without exercise
        ((0, 3, 7), (7,), 9, (1, 1, 1, 1)),  # the second week isn't over
        ((), (), 3, (0, 0, 0, 0)),
    ],
)
def test_a_goal_for_a_week_counts_weeks_from_monday_to_sunday(
    done: tuple[int, ...], worn: tuple[int, ...], today: int, expected: tuple[int, int, int, int]
) -> None:
    went = weekly_progress(2, weeks(*done), weeks(*worn), FIRST + timedelta(days=today))
    assert (went.streak, went.best_streak, went.reached, went.known) == expected
