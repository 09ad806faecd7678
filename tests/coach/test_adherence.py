"""How much of what the programme asks for was done on a day and in a week."""

from datetime import UTC, date, datetime

import pytest

from unslouch.coach.adherence import adherence, weeks
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.store import ExerciseSession

MONDAY = date(2026, 3, 2)


def session(day: int, exercise: str, *, hour: int = 12, is_complete: bool = True) -> ExerciseSession:
    start_ms = int(datetime(2026, 3, 2 + day, hour, tzinfo=UTC).timestamp() * 1000)
    return ExerciseSession(f"{day}-{exercise}-{hour}", start_ms, start_ms + 60_000, exercise, None, is_complete)


def days_of(*sessions: ExerciseSession, last: int = 6) -> list:  # type: ignore[type-arg]
    return adherence(builtin_catalogue(), sessions, MONDAY, MONDAY.replace(day=2 + last), UTC)


def test_a_day_without_sessions_is_there_with_nothing_done() -> None:
    days = days_of()
    assert [day.day.day for day in days] == [2, 3, 4, 5, 6, 7, 8]
    assert not any(day.done or day.has_strength or day.has_enough_stretches for day in days)


def test_two_different_stretches_are_enough_for_a_day_and_the_same_one_twice_is_not() -> None:
    days = days_of(
        session(0, "pec-stretch"),
        session(0, "lat-stretch"),
        session(1, "pec-stretch"),
        session(1, "pec-stretch", hour=13),
    )
    assert [day.has_enough_stretches for day in days[:3]] == [True, False, False]


def test_a_session_that_was_ended_early_is_not_done() -> None:
    assert days_of(session(0, "blade-squeeze", is_complete=False))[0].done == ()


def test_an_exercise_that_the_catalogue_no_longer_has_is_done_and_counts_for_no_kind() -> None:
    day = days_of(session(0, "my-own"))[0]
    assert day.done == ("my-own",)
    assert not day.has_strength


def test_a_week_that_follows_all_rules_has_a_share_of_one() -> None:
    sessions = [session(day, id) for day in range(7) for id in ("pec-stretch", "lat-stretch")]
    sessions += [session(day, id) for day in (0, 2, 4) for id in ("abdominal-brace", "dead-bug")]
    (week,) = weeks(days_of(*sessions))
    assert (week.stretch_days, week.strength_days, week.abdominals) == (7, 3, 2)
    assert week.share == 1


def test_more_of_one_kind_does_not_make_up_for_another() -> None:
    sessions = [session(day, id) for day in range(7) for id in ("blade-squeeze", "chin-tuck", "supine-bridge")]
    (week,) = weeks(days_of(*sessions))
    assert week.share == pytest.approx(1 / 3)


def test_the_last_week_is_measured_by_the_days_that_it_has() -> None:
    sessions = [session(day, id) for day in (7, 8) for id in ("pec-stretch", "lat-stretch")]
    first, second = weeks(days_of(*sessions, last=8))
    assert first.share == 0
    assert second.share == pytest.approx(1 / 3)
    assert second.days == 2
