"""Calibration: any mounting, upright and bow, and a reason for every refusal."""

from mounting import MOUNTINGS, Back, any_turn, apply, turn, up_in_body
from scenes import GYRO_DPS_PER_COUNT, ONE_G, RATE_HZ, Noise, Wearer, up_counts
from single import SingleFilter
from unslouch_device.contract.messages import (
    BOW_NOT_STRAIGHT,
    BOW_TOO_SMALL,
    GRAVITY_OFF,
    MOVED,
    OK,
    SATURATED,
)
from unslouch_device.sense.axes import axes, shown
from unslouch_device.sense.calibration import PENDING, BowCalibrator, Calibrator


class Attempt:
    """A calibrator for stillness that is fed by a wearer."""

    def __init__(self, still_s=3, patience_s=20):
        self.gravity = SingleFilter(RATE_HZ, GYRO_DPS_PER_COUNT)
        self.calibrator = Calibrator(RATE_HZ, GYRO_DPS_PER_COUNT, still_s, patience_s)

    def feed(self, wearer, seconds, stretch=1.0):
        """Feed it; returns the outcome and after how many seconds it came."""
        for i in range(round(seconds * RATE_HZ)):
            sample = wearer.sample()
            sample = tuple([round(a * stretch) for a in sample[:3]]) + sample[3:]
            self.gravity.update(*sample)
            self.calibrator.update(*(sample + (self.gravity,)))
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
    for mean, expected in zip(attempt.calibrator.mean, up_counts(25, -10)):
        assert abs(mean - expected) <= 5


def test_motion_makes_it_wait_for_stillness():
    attempt, wearer = Attempt(), Wearer()
    wearer.lean_to(60, 4)
    assert attempt.feed(wearer, 4)[0] == PENDING
    wearer.stay()
    outcome, seconds = attempt.feed(wearer, 10)
    assert outcome == OK
    assert seconds > 2.5
    assert abs(attempt.calibrator.mean[2] - up_counts(60)[2]) < 20


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
        if attempt.calibrator.outcome == PENDING:
            attempt.calibrator.update(0, 0, 0, 0, 0, 0, attempt.gravity)
    assert attempt.calibrator.outcome == GRAVITY_OFF


def test_a_count_at_the_end_of_its_range_is_refused_and_only_while_it_is_collected():
    for seconds in (0.5, 2.9):
        attempt, wearer = Attempt(), Wearer()
        attempt.feed(wearer, seconds)
        attempt.calibrator.update(*(up_counts(0) + (0, 0, -32768, attempt.gravity)))
        assert attempt.feed(wearer, 10)[0] == SATURATED, seconds
    attempt, wearer = Attempt(), Wearer()
    attempt.calibrator.update(*(up_counts(0)[:2] + (65534, 0, 0, 0, attempt.gravity)))
    wearer.lean_to(30, 1)
    attempt.feed(wearer, 1)
    wearer.stay()
    assert attempt.feed(wearer, 10)[0] == OK


def test_a_gyroscope_with_a_bias_does_not_hinder_it():
    assert Attempt().feed(Wearer(bias_dps=(5, -5, 5)), 10)[0] == OK


def test_a_second_of_stillness_does_for_a_rezero():
    outcome, seconds = Attempt(still_s=1, patience_s=5).feed(Wearer(), 5)
    assert outcome == OK
    assert abs(seconds - 1) < 0.1
    assert ONE_G == 8192


class Bow:
    """Somebody who has sat upright, and bows as the test tells."""

    def __init__(self, matrix=None, worn_s=0, **traits):
        self.back = Back(matrix, **traits) if matrix else Back(**traits)
        self.gravity = SingleFilter(RATE_HZ, GYRO_DPS_PER_COUNT)
        for sample in self.back.stay(worn_s):
            self.gravity.update(*sample)
        upright = Calibrator(RATE_HZ, GYRO_DPS_PER_COUNT, 3, 20)
        self._feed(upright, self.back.stay(4))
        assert upright.outcome == OK
        self.up, self.nominal = axes(upright.mean, (0, 0, 1), (-1, 0, 0))
        self.calibrator = BowCalibrator(RATE_HZ, self.up, self.nominal)
        self.seconds = 0

    def go(self, forward_deg, lateral_deg=0, seconds=1.5):
        """Go to a pose."""
        self._feed(self.calibrator, self.back.go(forward_deg, lateral_deg, seconds))
        return self

    def stay(self, seconds):
        """Keep it."""
        self._feed(self.calibrator, self.back.stay(seconds))
        return self

    @property
    def outcome(self):
        """What the calibrator says."""
        return self.calibrator.outcome

    def error_deg(self, forward_deg, lateral_deg):
        """Return by how much the axes found misread a pose: the larger of θ's and φ's error."""
        up, forward = axes(self.up, self.calibrator.forward, self.nominal)
        theta, phi = shown(up, forward, apply(self.back.matrix, up_in_body(forward_deg, lateral_deg)))
        return max(abs(theta / 100 - forward_deg), abs(phi / 100 - lateral_deg))

    def _feed(self, calibrator, samples):
        for sample in samples:
            self.gravity.update(*sample)
            if calibrator.outcome == PENDING:
                calibrator.update(*(sample + (self.gravity,)))


POSES = ((12, 0), (30, 10), (-15, -20), (50, 5), (0, 15))


def test_a_bow_finds_forward_whatever_way_the_sensor_is_mounted():
    for name, matrix in MOUNTINGS:
        bow = Bow(matrix).go(40).go(0)
        assert bow.outcome == OK, name
        for pose in POSES:
            assert bow.error_deg(*pose) < 1.5, (name, pose)


def test_a_bow_finds_forward_in_any_random_mounting_with_a_biased_gyroscope():
    noise = Noise(7)
    for trial in range(8):
        bow = Bow(any_turn(noise), worn_s=10, seed=trial + 1, bias_dps=(3, -2, 4))
        bow.go(35 + 5 * (trial % 4), 0, 1 + 0.2 * trial).stay(0.5).go(0)
        assert bow.outcome == OK, trial
        for pose in POSES:
            assert bow.error_deg(*pose) < 1.5, (trial, pose)


def test_a_bow_that_is_held_need_not_come_up_again():
    bow = Bow().go(45).stay(1)
    assert bow.outcome == PENDING
    assert bow.stay(1).outcome == OK
    assert bow.error_deg(30, 10) < 1.5


def test_a_bow_of_less_than_twenty_degrees_is_too_small_once_patience_ends():
    bow = Bow().go(16).stay(3).go(0).go(15).go(0)
    assert bow.outcome == PENDING
    assert bow.stay(10).outcome == BOW_TOO_SMALL


def test_no_bow_is_one_too_small():
    assert Bow().stay(14).outcome == PENDING
    assert Bow().stay(16).outcome == BOW_TOO_SMALL


def test_a_second_bow_that_is_deep_enough_makes_up_for_the_first():
    assert Bow().go(15).go(0).go(40).go(0).outcome == OK


def test_a_slow_bow_begun_late_is_still_awaited():
    assert Bow().stay(13).go(40, 0, 3).go(0).outcome == OK


def test_whoever_stays_between_upright_and_a_bow_is_not_awaited_for_ever():
    assert Bow().go(15).stay(20).outcome == BOW_TOO_SMALL


def test_a_bow_that_goes_sideways_first_is_not_straight():
    assert Bow().go(3, 14).go(35, 0).go(0).outcome == BOW_NOT_STRAIGHT
    assert Bow().go(3, -14).go(35, 0).stay(3).outcome == BOW_NOT_STRAIGHT


def test_a_bow_that_swings_aside_while_it_is_deep_is_not_straight():
    assert Bow().go(30).go(30, 25, 1).go(30, -25, 1).go(0).outcome == BOW_NOT_STRAIGHT


def test_a_body_is_no_hinge_and_a_few_degrees_aside_are_let_pass():
    bow = Bow().go(20, 2, 0.8).go(40, 3, 0.8).stay(0.3).go(0)
    assert bow.outcome == OK
    assert bow.error_deg(20, 0) < 2.5


def test_a_wearer_who_is_a_little_off_upright_may_bow_from_there():
    bow = Bow().go(-4, 3).stay(1).go(36, 3).go(0)
    assert bow.outcome == OK
    assert bow.error_deg(20, 0) < 2.5


def test_a_bow_from_far_aside_would_turn_forward_aside_and_is_refused():
    assert Bow().go(0, 9).go(25, 9).go(0).outcome == BOW_NOT_STRAIGHT


def test_how_the_wearer_comes_up_again_does_not_matter():
    bow = Bow().go(40, 0, 0.5).go(26, 0, 0.5).go(18, 20, 0.6).go(0)
    assert bow.outcome == OK
    assert bow.error_deg(30, 10) < 1.5


def test_a_sensor_that_is_not_where_it_was_when_upright_was_taken_is_moved():
    bow = Bow()
    bow.calibrator = BowCalibrator(RATE_HZ, *axes(apply(turn(1, 30), (1, 0, 0)), (0, 0, 1), (-1, 0, 0)))
    assert bow.stay(16).outcome == MOVED


def test_a_bow_that_saturates_the_sensor_is_refused():
    bow = Bow().go(25, 0, 1)
    bow.calibrator.update(*(up_counts(25) + (0, 32767, 0, bow.gravity)))
    assert bow.outcome == SATURATED
    waiting = Bow()
    waiting.calibrator.update(*(up_counts(0) + (0, 32767, 0, waiting.gravity)))  # a knock before it began
    assert waiting.go(40).go(0).outcome == OK
