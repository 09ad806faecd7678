"""Calibration: waits for stillness, and refuses what can't be upright."""

from scenes import GYRO_DPS_PER_COUNT, ONE_G, RATE_HZ, Wearer, up_counts
from unslouch_device.contract.messages import GRAVITY_OFF, MOVED, OK
from unslouch_device.sense.calibration import PENDING, Calibrator
from unslouch_device.sense.gravity import GravityFilter


class Attempt:
    """A calibrator that is fed by a wearer."""

    def __init__(self, still_s=3, patience_s=20):
        self.gravity = GravityFilter(RATE_HZ, GYRO_DPS_PER_COUNT)
        self.calibrator = Calibrator(RATE_HZ, GYRO_DPS_PER_COUNT, still_s, patience_s)

    def feed(self, wearer, seconds, stretch=1.0):
        """Feed it; returns the outcome and after how many seconds it came."""
        for i in range(round(seconds * RATE_HZ)):
            sample = wearer.sample()
            self.gravity.update(*sample)
            self.calibrator.update(*[round(a * stretch) for a in sample[:3]], self.gravity.unrest)
            if self.calibrator.outcome != PENDING:
                return self.calibrator.outcome, (i + 1) / RATE_HZ
        return PENDING, seconds


def test_three_still_seconds_are_enough():
    attempt, wearer = Attempt(), Wearer()
    wearer.forward_deg = 25.0
    outcome, seconds = attempt.feed(wearer, 10)
    assert outcome == OK
    assert abs(seconds - 3) < 0.1


def test_the_mean_is_where_up_was():
    attempt, wearer = Attempt(), Wearer()
    wearer.forward_deg, wearer.lateral_deg = 25.0, -10.0
    attempt.feed(wearer, 10)
    found = attempt.calibrator
    for mean, expected in zip((found.mean_x, found.mean_y, found.mean_z), up_counts(25, -10)):
        assert abs(mean - expected) <= 5


def test_motion_makes_it_wait_for_stillness():
    attempt, wearer = Attempt(), Wearer()
    wearer.lean_to(60, 4)
    assert attempt.feed(wearer, 4)[0] == PENDING
    wearer.stay()
    outcome, seconds = attempt.feed(wearer, 10)
    assert outcome == OK
    assert seconds > 2.5
    assert abs(attempt.calibrator.mean_z - up_counts(60)[2]) < 20


def test_a_slow_drift_is_motion_too():
    attempt, wearer = Attempt(), Wearer(tremble_dps=0.2)
    wearer.lean_to(90, 60)
    outcome, _ = attempt.feed(wearer, 30)
    assert outcome == MOVED


def test_no_stillness_in_time_is_moved():
    attempt, wearer = Attempt(patience_s=8), Wearer()
    wearer.walking = True
    outcome, seconds = attempt.feed(wearer, 20)
    assert outcome == MOVED
    assert abs(seconds - 8) < 0.1


def test_gravity_more_than_eight_percent_off_is_refused():
    for stretch, expected in ((0.9, GRAVITY_OFF), (0.94, OK), (1.06, OK), (1.1, GRAVITY_OFF)):
        assert Attempt().feed(Wearer(), 10, stretch)[0] == expected, stretch


def test_a_free_fall_is_refused():
    attempt = Attempt()
    for _ in range(10 * RATE_HZ):
        attempt.calibrator.update(0, 0, 0, 0)
    assert attempt.calibrator.outcome == GRAVITY_OFF


def test_a_gyroscope_with_a_bias_does_not_hinder_it():
    assert Attempt().feed(Wearer(bias_dps=(5, -5, 5)), 10)[0] == OK


def test_a_second_of_stillness_does_for_a_rezero():
    outcome, seconds = Attempt(still_s=1, patience_s=5).feed(Wearer(), 5)
    assert outcome == OK
    assert abs(seconds - 1) < 0.1
    assert ONE_G == 8192
