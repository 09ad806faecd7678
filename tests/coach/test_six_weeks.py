"""A wearer lives six weeks with the coach: recorded days drive it, and what they answer is stored and comes back."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from coach.situations import CATALOGUE, MONDAY, ZONE, at
from journals import JournalBuilder
from unslouch.analysis.history import History
from unslouch.coach.adherence import adherence, weeks
from unslouch.coach.live_coach import LiveCoach
from unslouch.coach.moment import Phase
from unslouch.coach.past import read_past
from unslouch.coach.preferences import Preferences
from unslouch.coach.programme import plan_today
from unslouch.coach.read_posture import read_posture
from unslouch.coach.situation import Situation
from unslouch.store import Answer, Store
from unslouch_device.contract import states

DAYS = 42
HOURS = 3
STEP_MS = 5000
READ_EVERY_MS = 20 * 60_000
WANTED = Preferences(max_per_hour=2, minutes=2)
Second = tuple[int, float, float]
"""State, forward and lateral tilt in degrees."""


def morning(random: Random) -> Iterator[Second]:
    """Yield three hours of 5 s each: long sitting, slumps, and a walk now and then."""
    left = HOURS * 720
    while left > 0:
        forward = random.choice((1.0, 3.0, 14.0, 18.0, 24.0))
        lateral = random.gauss(0, 2)
        for _ in range(min(left, random.randrange(60, 500))):
            state = states.SLOUCHING if forward >= 12 else states.UPRIGHT
            yield state, forward + random.gauss(0, 0.3), lateral
            left -= 1
        if random.random() < 0.25:
            for _ in range(min(left, random.randrange(6, 60))):
                yield states.MOVING, 2.0, 0.0
                left -= 1


def record(day: date, seconds: list[Second]) -> list[bytes]:
    journal = JournalBuilder(journal=day.toordinal()).start_boot().clock(at("08:00", day)).calibrate(1)
    for state, forward, lateral in seconds:
        activity = states.ACTIVITY_MOVING if state == states.MOVING else states.ACTIVITY_STILL
        journal.epoch(state, activity, [round(forward * 100)] * 5, round(lateral * 100), speed_cdeg_s=50)
    return journal.pages()


def answer(coach: LiveCoach, store: Store, random: Random, now_ms: int) -> None:
    """Answer an open suggestion as people do: half of them do it, the others put it off, decline or ignore it."""
    choice = random.random()
    if choice < 0.5:
        exercise = coach.begin(now_ms)
        assert exercise is not None
        store.words.add_session(exercise, now_ms, now_ms + 90_000, repetitions=None, is_complete=choice < 0.45)
        if choice < 0.005:
            store.coach_answers.add(now_ms, Answer.HURT, exercise)
    elif choice < 0.65:
        coach.put_off(random.choice((2, 10, 30)), now_ms)
    elif choice < 0.75:
        coach.decline(now_ms)


def live_a_day(store: Store, day: date, random: Random) -> None:
    seconds = list(morning(random))
    store.add_pages(record(day, seconds))
    recorded = History(store, ZONE).day(day)
    coach, now_ms, read_ms = LiveCoach(CATALOGUE, ZONE, WANTED, coin=lambda: random.random() < 0.5), at("08:00", day), 0
    plan = plan_today(Situation(CATALOGUE, now_ms, ZONE, read_past(store, CATALOGUE, now_ms, ZONE), WANTED), minutes=5)
    assert plan.length_s <= 300
    for state, forward, lateral in seconds:
        now_ms += STEP_MS
        if now_ms - read_ms >= READ_EVERY_MS or coach.unstored:
            store.coach_answers.add_all(coach.unstored)
            coach.forget_stored(list(coach.unstored))
            if now_ms - read_ms >= READ_EVERY_MS:
                read_ms = now_ms
                past = read_past(store, CATALOGUE, now_ms, ZONE)
                coach.set_records(read_posture(recorded, now_ms, 12.0), past, now_ms)
        was_open = coach.moment.is_open
        coach.observe(now_ms, state, forward, lateral)
        coach.tick(now_ms)
        if coach.moment.is_open and not was_open:
            assert state != states.MOVING
        if coach.moment.phase is Phase.PROMPT and random.random() < 0.2:
            answer(coach, store, random, now_ms)
    store.coach_answers.add_all(coach.unstored)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database after six weeks of three hours a day, without weekends."""
    path, random = tmp_path_factory.mktemp("six-weeks") / "posture.db", Random(6)
    with Store.open(path, simulated=False) as store:
        store.coach_answers.add(at("07:00"), Answer.TRIAL_OFF)
        for number in range(DAYS):
            day = MONDAY + timedelta(days=number)
            if day.weekday() < 5:
                live_a_day(store, day, random)
    return path


def suggestions(path: Path) -> list[tuple[int, str]]:
    with Store.open(path, simulated=False, readonly=True) as store:
        answers = store.coach_answers.between(0, 1 << 62)
    return [(one.utc_ms, one.exercise or "") for one in answers if one.answer is Answer.SUGGESTED]


def test_every_working_day_has_suggestions_and_no_hour_has_more_than_two(lived: Path) -> None:
    shown = suggestions(lived)
    days = {ms // 86_400_000 for ms, _ in shown}
    assert len(days) == 30
    times = [ms for ms, _ in shown]
    assert all(later - earlier >= 3_600_000 for earlier, later in zip(times, times[2:], strict=False))


def test_no_exercise_was_suggested_three_times_in_a_row_and_several_were(lived: Path) -> None:
    ids = [id for _, id in suggestions(lived)]
    assert all(len({*three}) > 1 for three in zip(ids, ids[1:], ids[2:], strict=False))
    assert len(set(ids)) >= 4


def test_nothing_was_suggested_that_had_hurt_or_was_declined_for_the_day(lived: Path) -> None:
    with Store.open(lived, simulated=False, readonly=True) as store:
        answers = store.coach_answers.between(0, 1 << 62)
    hurt, declined = set(), {}
    kinds = {one.answer for one in answers}
    assert {Answer.LATER, Answer.NOT_TODAY, Answer.UNANSWERED, Answer.MOVED, Answer.STARTED} <= kinds
    for one in answers:
        if one.answer is Answer.HURT:
            hurt.add(one.exercise)
        elif one.answer is Answer.NOT_TODAY:
            declined[one.exercise] = one.until_utc_ms or 0
        elif one.answer is Answer.SUGGESTED:
            assert one.exercise not in hurt
            assert one.utc_ms >= declined.get(one.exercise, 0)


def test_the_beginner_met_the_five_steps_in_order_by_doing_them(lived: Path) -> None:
    with Store.open(lived, simulated=False, readonly=True) as store:
        done = [one.exercise for one in store.words.sessions(0, 1 << 62) if one.is_complete]
    firsts = [id for id in dict.fromkeys(done) if id in SERIES]
    assert firsts == SERIES[: len(firsts)]
    assert len(firsts) >= 3


SERIES = ["chin-tuck", "blade-squeeze", "rib-lift", "pelvic-tilt", "spine-wave"]


def test_the_history_of_six_weeks_can_be_summed_up(lived: Path) -> None:
    with Store.open(lived, simulated=False, readonly=True) as store:
        sessions = store.words.sessions(0, 1 << 62)
    days = adherence(CATALOGUE, sessions, MONDAY, MONDAY + timedelta(days=DAYS - 1), ZONE)
    assert len(weeks(days)) == 6
    assert sum(week.strength_days for week in weeks(days)) >= 10
