"""How much of what the programme asks for was done on a day and in a week."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch.coach.adherence import DAYS, ProgrammeRecord, adherence, programme_record, weeks
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.programme_texts import days_text, short_week_text, week_text
from unslouch.store import ExerciseSession

MONDAY = date(2026, 3, 2)


def session(day: int, exercise: str, *, hour: int = 12, is_complete: bool = True) -> ExerciseSession:
    start_ms = int((datetime(2026, 3, 2, hour, tzinfo=UTC) + timedelta(days=day)).timestamp() * 1000)
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


def record_of(*sessions: ExerciseSession, today: int) -> ProgrammeRecord:
    record = programme_record(builtin_catalogue(), sessions, MONDAY + timedelta(days=today), UTC)
    assert record is not None
    return record


def test_before_the_first_exercise_there_is_no_record() -> None:
    early = session(0, "chin-tuck", is_complete=False)
    assert programme_record(builtin_catalogue(), [early], MONDAY, UTC) is None
    assert programme_record(builtin_catalogue(), [session(3, "chin-tuck")], MONDAY, UTC) is None


def test_missed_days_move_the_end_and_ask_for_no_more_in_any_week() -> None:
    steady = record_of(*(session(day, "chin-tuck") for day in range(10)), today=9)
    late = record_of(*(session(day, "chin-tuck") for day in (0, 1, 2, 9)), today=9)
    assert (steady.days_done, steady.missed_days) == (10, 0)
    assert steady.earliest_end == MONDAY + timedelta(days=DAYS - 1)
    assert (late.days_done, late.missed_days) == (4, 6)
    assert late.earliest_end == MONDAY + timedelta(days=DAYS - 1 + 6)
    assert [week.missed_days for week in late.weeks] == [4, 2]
    assert "strengthening ●○○ 1 of 3" in week_text(late.weeks[1])
    assert "0 of 7 days" in week_text(late.weeks[1])


def test_today_is_not_missed_before_it_is_over() -> None:
    record = record_of(session(0, "chin-tuck"), session(1, "chin-tuck"), today=2)
    assert (record.days_done, record.missed_days) == (2, 0)
    assert record.earliest_end == MONDAY + timedelta(days=DAYS - 1)
    assert days_text(record) == "2 of 42 days done, to 12 April at the earliest"


def test_what_was_missed_is_said_in_words() -> None:
    record = record_of(session(0, "chin-tuck"), today=3)
    assert days_text(record) == "1 of 42 days done, 2 missed: it goes on to 14 April at the earliest"


def test_after_six_weeks_of_days_the_programme_is_over() -> None:
    record = record_of(*(session(day, "chin-tuck") for day in range(DAYS)), today=DAYS)
    assert record.earliest_end is None
    assert "the six weeks are over" in days_text(record)
    assert len(record.weeks) == 7


def test_a_week_shows_what_is_planned_and_what_is_done() -> None:
    sessions = [session(day, id) for day in (0, 1) for id in ("pec-stretch", "lat-stretch")]
    record = record_of(*sessions, session(1, "dead-bug"), today=4)
    text = "stretches ●●○○○○○ 2 of 7 days, strengthening ●○○ 1 of 3, abdominals ●○ 1 of 2"
    assert week_text(record.weeks[0]) == text
    assert short_week_text(record.weeks[0]) == "stretch 2/7, strength 1/3, abs 1/2"


@given(st.sets(st.integers(0, 80)), st.integers(0, 80))
def test_days_and_weeks_add_up_for_any_days_that_were_used(used: set[int], today: int) -> None:
    sessions = [session(day, "chin-tuck") for day in used]
    record = programme_record(builtin_catalogue(), sessions, MONDAY + timedelta(days=today), UTC)
    before = {day for day in used if day <= today}
    if not before:
        assert record is None
        return
    assert record is not None
    assert record.days_done == len(before)
    assert record.days_done + record.missed_days in (today - min(before), today - min(before) + 1)
    assert sum(week.days for week in record.weeks) == today - min(before) + 1
    end = record.earliest_end
    assert end is None or end == MONDAY + timedelta(days=min(before) + DAYS - 1 + record.missed_days)
