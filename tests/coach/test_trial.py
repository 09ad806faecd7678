"""The trial finds no effect where there is none, one where there is, and says "can't tell yet" while tosses are few."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from coach.recorded import read
from coach.situations import MONDAY, at
from unslouch.coach.read_trial import read_window
from unslouch.coach.trial import LEAST_OF_EACH, LOOKS, Toss, finding, t_quantile, tosses_of
from unslouch.store import Answer, CoachAnswer


def half_hours(random: Random, count: int, effect: float = 0.0) -> list[tuple[bool, float]]:
    """Half hours of a wearer whose days and hours differ: what follows depends on what was before."""
    values, day_deg, drift = [], 0.0, 0.0
    for number in range(count):
        if number % 6 == 0:
            day_deg = random.gauss(8, 4)
        drift = 0.6 * drift + random.gauss(0, 2)
        suggests = random.random() < 0.5
        skewed = random.expovariate(1 / 3)
        values.append((suggests, day_deg + drift + skewed + effect * suggests))
    return values


def ever_excludes_zero(values: list[tuple[bool, float]]) -> bool:
    """Whether a wearer who looks after each toss ever reads of an effect."""
    looks = (finding(values[:count]).difference for count in LOOKS)
    return any(seen is not None and seen.excludes_zero for seen in looks)


def test_without_an_effect_one_is_found_in_at_most_65_of_1000_trials_however_often_one_looks() -> None:
    random = Random(15)
    found = sum(ever_excludes_zero(half_hours(random, LOOKS[-1])) for _ in range(1000))
    assert 5 <= found <= 65


def test_an_effect_of_six_degrees_is_found_in_most_trials_of_160_tosses() -> None:
    random = Random(15)
    differences = [finding(half_hours(random, 160, effect=-6.0)).difference for _ in range(100)]
    found = [seen for seen in differences if seen is not None and seen.high < 0]
    assert len(found) >= 90
    assert all(seen.low < seen.mean < seen.high for seen in found)


def test_with_few_tosses_it_can_not_tell_yet() -> None:
    values = half_hours(Random(1), LOOKS[0] - 1, effect=-50)
    said = finding(values)
    assert said.difference is None
    assert (said.tosses, said.needed) == (LOOKS[0] - 1, LOOKS[0])


def test_tosses_that_nearly_all_fell_on_one_side_say_nothing() -> None:
    values = [(number < LOOKS[0] - LEAST_OF_EACH + 1, float(number)) for number in range(LOOKS[0])]
    assert finding(values).difference is None


def test_between_two_looks_the_last_one_stands() -> None:
    values = half_hours(Random(3), LOOKS[1], effect=-6)
    first = finding(values[: LOOKS[0]]).difference
    assert first is not None
    assert all(finding(values[:count]).difference == first for count in range(LOOKS[0], LOOKS[1]))
    assert finding(values).difference != first


def test_half_hours_that_are_all_alike_have_an_interval_without_width() -> None:
    said = finding([(bool(number % 2), 5.0) for number in range(40)]).difference
    assert said is not None
    assert (said.low, said.high) == (0, 0)
    assert not said.excludes_zero


@pytest.mark.parametrize(("freedom", "expected"), [(12, 2.179), (22, 2.074), (100, 1.984)])
def test_the_quantile_is_that_of_the_tables(freedom: int, expected: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(expected, abs=0.001)


def test_tosses_are_the_coins_answers_alone() -> None:
    answers = [
        CoachAnswer("a", 1, Answer.TOSS_SUGGEST),
        CoachAnswer("b", 2, Answer.SUGGESTED, "chin-tuck"),
        CoachAnswer("c", 3, Answer.TOSS_WAIT, None, 4),
    ]
    assert tosses_of(answers) == [Toss(1, True), Toss(3, False)]


def test_a_half_hour_is_read_from_the_records_after_the_toss(tmp_path: Path) -> None:
    day = read(tmp_path, lambda it: it.sit(30, 2).sit(10, 20).sit(10, 2).sit(10, 20).sit(30, 2))
    seen = read_window(day, Toss(at("08:30"), True))
    assert seen.median_deg == 20
    assert seen.changes_per_hour == 4, "down and up again, in half an hour"


def test_a_half_hour_that_was_hardly_measured_says_nothing(tmp_path: Path) -> None:
    day = read(tmp_path, lambda it: it.sit(10, 2).walk(30))
    seen = read_window(day, Toss(at("08:00"), True))
    assert (seen.median_deg, seen.changes_per_hour) == (None, None)
    assert read_window(day, Toss(at("08:00", MONDAY + timedelta(days=1)), False)).median_deg is None
