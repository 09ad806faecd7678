"""The holding time budget: ISO 11226's table, and what counts as one hold."""

from scenes import Noise
from unslouch_device.sense.budget import Budget

RATE_HZ = 4


def seconds_until_spent(tilt_deg, patience_s=300):
    """Return after how long a tilt, held from the beginning, has used up its budget; None if it doesn't."""
    budget = Budget(RATE_HZ)
    return hold(budget, tilt_deg, patience_s)


def hold(budget, tilt_deg, seconds):
    """Hold a tilt; returns after how long the budget is spent, or None."""
    for i in range(round(seconds * RATE_HZ)):
        budget.update(round(100 * tilt_deg))
        if budget.spent:
            return (i + 1) / RATE_HZ
    return None


def keep(budget, tilt_deg, seconds):
    for _ in range(seconds * RATE_HZ):
        budget.update(round(100 * tilt_deg))


def test_up_to_20_degrees_a_tilt_may_be_held_for_any_time():
    for tilt_deg in (-90, 0, 10, 19.9, 20):
        assert seconds_until_spent(tilt_deg, 4000) is None, tilt_deg


def test_from_20_to_60_degrees_the_time_falls_from_four_minutes_to_one():
    for tilt_deg, limit_s in ((20.01, 240), (25, 217.5), (30, 195), (40, 150), (50, 105), (60, 60)):
        assert 0 <= seconds_until_spent(tilt_deg) - limit_s < 1, tilt_deg


def test_beyond_60_degrees_four_seconds_are_enough():
    for tilt_deg in (60.01, 61, 90, 180):
        assert seconds_until_spent(tilt_deg) == 4, tilt_deg


def test_the_steeper_the_sooner():
    times = [seconds_until_spent(tilt_deg) for tilt_deg in range(21, 64)]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) > 35


def test_no_hold_is_shorter_than_four_seconds():
    budget = Budget(RATE_HZ)
    assert hold(budget, 80, 3.75) is None
    assert hold(budget, 10, 300) is None


def test_moving_by_more_than_5_degrees_begins_a_new_hold():
    budget = Budget(RATE_HZ)
    assert hold(budget, 40, 140) is None
    assert hold(budget, 46, 5) is None
    assert 149 <= hold(budget, 40, 300) <= 151


def test_moving_by_less_goes_on_with_the_same():
    budget = Budget(RATE_HZ)
    assert hold(budget, 40, 100) is None
    assert hold(budget, 44, 20) is None
    assert hold(budget, 37, 60) is not None


def test_a_slow_drift_is_one_hold_as_the_median_follows():
    budget = Budget(RATE_HZ)
    for tilt_deg in range(40, 45):
        assert hold(budget, tilt_deg, 20) is None
    assert hold(budget, 46, 60) is not None  # 6° from where it began, 4° from the median


def test_the_time_at_each_tilt_counts_for_what_it_is():
    budget = Budget(RATE_HZ)
    assert hold(budget, 31.5, 96) is None  # of 188 s: 51 %
    spent = hold(budget, 35.5, 300)  # of 170 s
    assert abs(spent - 0.489 * 170.25) < 2


def test_a_hold_that_is_broken_off_counts_for_nothing():
    budget = Budget(RATE_HZ)
    hold(budget, 40, 140)
    budget.break_off()
    assert 150 <= hold(budget, 40, 300) < 151


def test_it_stays_spent_while_it_is_held_and_no_longer():
    budget = Budget(RATE_HZ)
    hold(budget, 40, 200)
    assert budget.spent
    keep(budget, 38, 600)
    assert budget.spent
    keep(budget, 10, 1)
    assert not budget.spent


def test_leaving_the_steep_part_within_the_band_is_no_longer_spent():
    budget = Budget(RATE_HZ)
    assert hold(budget, 22, 240) is not None
    keep(budget, 19, 2)
    assert not budget.spent
    keep(budget, 21, 1)
    assert budget.spent


def test_a_hold_of_a_whole_day_is_survived():
    budget = Budget(1)
    for _ in range(70000):
        budget.update(1500)
    assert not budget.spent
    assert hold(budget, 40, 60) is not None


class SlowBudget:
    """The definition, word by word: all seconds of the hold in a list."""

    def __init__(self):
        self.held = []

    def update(self, tilt_deg):
        if self.held:
            middle = sorted(self.held)[(len(self.held) - 1) // 2]
            if abs(tilt_deg - middle) > 5:
                self.held = []
        self.held.append(tilt_deg)
        used = sum([self.share(tilt_deg) for tilt_deg in self.held])
        return used >= 0.9999 and len(self.held) >= 4 and tilt_deg > 20

    def share(self, tilt_deg):
        if tilt_deg <= 20:
            return 0
        return 1 / (240 - 4.5 * (tilt_deg - 20)) if tilt_deg <= 60 else 0.25


def test_it_agrees_with_the_definition_over_hours_of_fidgeting():
    noise = Noise(11)
    budget, model = Budget(1), SlowBudget()
    agreed = spent = 0
    pose_deg = 0
    for second in range(6000):
        if noise.within(60) == 0:
            pose_deg = 35 + noise.within(40)
        tilt_deg = pose_deg + noise.within(3) + 0.5  # half degrees: the middles of bins, so that medians agree exactly
        budget.update(round(100 * tilt_deg))
        expected = model.update(tilt_deg)
        assert budget.spent == expected, (second, tilt_deg)
        agreed += 1
        spent += expected
    assert agreed == 6000
    assert 100 < spent < 5000
