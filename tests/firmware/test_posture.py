"""The posture state machine by itself: when a slouch begins, is confirmed, goes on and ends."""

from math import pi, sin

from unslouch_device.contract.states import (
    CHARGING,
    LEANING,
    LYING,
    MOVING,
    OFF_BODY,
    RECLINED,
    SLOUCHING,
    UNCALIBRATED,
    UPRIGHT,
)
from unslouch_device.sense.posture import CHATTER_S, Limits, Posture

RATE_HZ = 10
THRESHOLD_DEG, HYSTERESIS_DEG, DELAY_S, RECOVERY_S = 12, 4, 30, 2
UP = 1 << 14
FLAT = 0  # u·u₀ at 90°
_UP_AT_60 = 1 << 13


class Delay:
    """The current delay."""

    def __init__(self, delay_s):
        self.delay_samples = max(1, round(delay_s * RATE_HZ))


class Body:
    """A posture machine, and the tilt that it gets."""

    def __init__(self):
        self.delay = Delay(DELAY_S)
        self.posture = Posture(RATE_HZ, Limits(RATE_HZ, THRESHOLD_DEG, HYSTERESIS_DEG, RECOVERY_S), self.delay)
        self.ended = 0
        self.sat_up = []  # after how many seconds above the threshold

    def hold(self, seconds, forward_deg, uprightness=UP, **inputs):
        """Hold a tilt; returns the states that were seen, in order."""
        seen = []
        for _ in range(round(seconds * RATE_HZ)):
            state = self.posture.update(
                round(forward_deg * 100),
                uprightness,
                inputs.get("calibrated", True),
                inputs.get("charging", False),
                inputs.get("inert", False),
                inputs.get("moving", False),
            )
            self.ended += self.posture.slouch_ended
            if self.posture.sat_up:
                self.sat_up.append(self.posture.slouch.above_samples / RATE_HZ)
            if not seen or seen[-1] != state:
                seen.append(state)
        return seen

    @property
    def slouch(self):
        return self.posture.slouch


def slouching():
    """Return a body in a confirmed slouch of 20°."""
    body = Body()
    body.hold(DELAY_S + 1, 20)
    assert body.posture.state == SLOUCHING
    return body


def test_upright_is_upright():
    assert Body().hold(100, 5) == [UPRIGHT]


def test_above_the_threshold_is_leaning_and_after_the_delay_slouching():
    body = Body()
    assert body.hold(DELAY_S, 13) == [LEANING]
    assert body.hold(1, 13) == [SLOUCHING]
    assert body.hold(600, 13) == [SLOUCHING]


def test_exactly_at_the_threshold_is_still_upright():
    assert Body().hold(60, 12) == [UPRIGHT]


def test_a_glance_at_the_phone_is_never_confirmed():
    body = Body()
    for _ in range(20):
        seen = body.hold(DELAY_S - 4, 35) + body.hold(RECOVERY_S + 1, 2)
        assert SLOUCHING not in seen
    assert body.ended == 0


def test_glances_do_not_add_up():
    body = Body()
    body.hold(DELAY_S - 1, 20)
    assert body.hold(RECOVERY_S + 0.5, 0)[-1] == UPRIGHT
    assert SLOUCHING not in body.hold(DELAY_S - 1, 20)


def test_dips_shorter_than_the_recovery_do_not_interrupt():
    body = Body()
    seen = []
    for _ in range(12):
        seen += body.hold(3, 20) + body.hold(RECOVERY_S - 0.5, 5)
    assert UPRIGHT not in seen
    assert body.posture.state == SLOUCHING
    assert body.ended == 0


def test_chatter_at_the_threshold_does_not_flap():
    body = Body()
    changes = []
    for _ in range(300):
        changes += body.hold(0.2, 12.3) + body.hold(0.2, 11.7)
    seen = [state for i, state in enumerate(changes) if i == 0 or changes[i - 1] != state]
    assert seen == [LEANING, SLOUCHING]


def settled(states):
    """Leave out repetitions."""
    return [state for i, state in enumerate(states) if i == 0 or states[i - 1] != state]


def breathing(body, seconds, mean_deg, by_deg=0.4, breath_s=4):
    """Breathe about a tilt; returns the states that were seen, in order."""
    seen = []
    for i in range(seconds * RATE_HZ):
        seen += body.hold(1 / RATE_HZ, mean_deg + by_deg * sin(2 * pi * i / RATE_HZ / breath_s))
    return settled(seen)


def test_breathing_at_the_threshold_does_not_flap():
    for mean_deg in (11.65, 11.8, 11.9, 12, 12.1, 12.3):
        assert len(breathing(Body(), 120, mean_deg)) <= 3, mean_deg


def test_breathing_where_a_slouch_ends_does_not_flap():
    for mean_deg in (7.7, 7.9, 8, 8.1, 8.3):
        assert len(breathing(slouching(), 120, mean_deg)) <= 2, mean_deg


def test_breathing_at_the_limit_of_reclining_does_not_flap():
    for mean_deg in (-12.2, -12, -11.8, -8.2, -8, -7.8):
        body = Body()
        body.hold(2, -15)
        assert len(breathing(body, 120, mean_deg)) <= 2, mean_deg


def test_breathing_at_the_limit_of_bending_neither_flaps_nor_ends_slouch_after_slouch():
    body = slouching()
    for i in range(600):
        body.hold(0.1, 60 + (1 if i % 2 else -1), uprightness=_UP_AT_60 + (-150 if i % 2 else 150))
    assert body.ended == 1
    assert body.posture.state == LEANING


def test_hovering_just_below_the_threshold_is_never_a_slouch():
    body = Body()
    for _ in range(30):
        assert SLOUCHING not in body.hold(1, 12.2) + body.hold(RECOVERY_S + 1, 11.5)


def test_just_below_the_threshold_leaning_is_soon_over():
    body = Body()
    body.hold(3, 13)
    assert body.hold(CHATTER_S - 0.1, 11.5) == [LEANING]
    assert body.hold(0.2, 11.5)[-1] == UPRIGHT


def test_clearly_below_it_is_over_after_the_recovery():
    body = Body()
    body.hold(3, 13)
    assert body.hold(RECOVERY_S - 0.1, 10.9) == [LEANING]
    assert body.hold(0.2, 10.9)[-1] == UPRIGHT


def test_sitting_up_from_a_lean_tells_how_long_it_was():
    body = Body()
    body.hold(7, 20)
    body.hold(10, 0)
    body.hold(4, 20)
    body.hold(3, 11.5)
    body.hold(10, 0)
    assert [round(seconds) for seconds in body.sat_up] == [7, 4]
    assert body.ended == 0


def test_being_interrupted_is_not_sitting_up():
    body = Body()
    body.hold(7, 20)
    body.hold(1, 20, moving=True)
    body.hold(7, 20)
    body.hold(1, 75, uprightness=UP // 4)
    assert body.sat_up == []


def test_a_slouch_goes_on_within_the_hysteresis():
    body = slouching()
    assert body.hold(60, THRESHOLD_DEG - HYSTERESIS_DEG + 0.5) == [SLOUCHING]


def test_a_slouch_ends_once_the_wearer_has_been_below_for_the_recovery():
    body = slouching()
    assert body.hold(RECOVERY_S - 0.1, 5) == [SLOUCHING]
    assert body.ended == 0
    assert body.hold(0.2, 5) == [UPRIGHT]
    assert body.ended == 1


def test_the_end_is_told_once():
    body = slouching()
    body.hold(100, 0)
    assert body.ended == 1


def test_a_slouch_knows_its_peak_mean_and_length():
    body = Body()
    body.hold(20, 20)
    body.hold(20, 30)
    assert body.slouch.peak_cdeg == 3000
    assert abs(body.slouch.mean_cdeg - 2500) < 60
    assert abs(body.slouch.since_onset - 40 * RATE_HZ) <= 1


def test_the_mean_is_not_rounded_down():
    body = Body()
    body.hold(60, 12.9)
    assert abs(body.slouch.mean_cdeg - 1290) <= 50


def test_the_mean_of_a_day_long_slouch_stays_the_mean():
    body = slouching()
    body.slouch._count = (1 << 22) - 5
    body.slouch._sum_deg = 20 * body.slouch._count
    body.hold(10, 20)
    assert abs(body.slouch.mean_cdeg - 2000) < 60
    assert body.slouch._count < 1 << 22


def test_the_next_slouch_begins_anew():
    body = slouching()
    body.hold(10, 50)
    body.hold(5, 0)
    assert body.hold(1, 15) == [LEANING]
    assert body.slouch.peak_cdeg < 2000
    assert body.slouch.since_onset <= RATE_HZ


def test_leaning_back_is_reclined_and_ends_with_hysteresis_and_time_too():
    body = Body()
    assert body.hold(1, -15) == [RECLINED]
    assert body.hold(10, -9) == [RECLINED]
    assert body.hold(RECOVERY_S - 0.1, -7) == [RECLINED]
    assert body.hold(0.2, -7)[-1] == UPRIGHT
    assert body.hold(10, -11) == [UPRIGHT]


def test_from_leaning_back_to_leaning_forward_is_leaning_at_once():
    body = Body()
    body.hold(5, -20)
    assert body.hold(DELAY_S, 20) == [LEANING]
    assert body.hold(RECOVERY_S + 0.1, 0)[-1] == UPRIGHT


def test_lying_is_found_after_a_minute():
    body = Body()
    assert LYING not in body.hold(59, -80, uprightness=FLAT)
    assert body.hold(2, -80, uprightness=FLAT)[-1] == LYING


def test_a_minute_of_bending_is_not_lying():
    body = Body()
    for _ in range(3):
        assert LYING not in body.hold(55, 75, uprightness=UP // 4)
        assert LYING not in body.hold(5, 0)


def test_lying_ends_within_three_seconds_of_getting_up():
    body = Body()
    body.hold(65, -80, uprightness=FLAT)
    assert body.hold(3, 0)[-1] == UPRIGHT


def test_rolling_over_is_still_lying():
    body = Body()
    body.hold(65, -85, uprightness=FLAT)
    assert body.hold(1, -60, uprightness=9000) == [LYING]
    assert body.hold(30, 170, uprightness=-UP) == [LYING]


def test_bending_is_leaning_and_never_a_slouch():
    body = Body()
    assert body.hold(55, 80, uprightness=UP // 6) == [LEANING]
    assert not body.slouch.leaning


def test_leaning_far_to_the_side_is_never_upright():
    for forward_deg in (-11, -3, 0, 3, 30):
        assert Body().hold(55, forward_deg, uprightness=UP // 6) == [LEANING]


def test_bending_ends_a_slouch_without_a_correction():
    body = slouching()
    assert body.hold(1, 75, uprightness=UP // 4) == [LEANING]
    assert body.ended == 1
    assert not body.posture.corrected


def test_lying_back_is_reclined_until_it_is_lying():
    assert Body().hold(65, -80, uprightness=UP // 6) == [RECLINED, LYING]


def test_what_comes_first_wins():
    lying = {"forward_deg": 90, "uprightness": FLAT}
    body = Body()
    body.hold(61, **lying)
    assert body.hold(1, **lying, moving=True) == [LYING]
    assert body.hold(1, **lying, calibrated=False) == [UNCALIBRATED]
    assert body.hold(1, **lying, calibrated=False, inert=True) == [OFF_BODY]
    assert body.hold(1, **lying, calibrated=False, inert=True, charging=True) == [CHARGING]
    assert Body().hold(1, 40, moving=True) == [MOVING]


def test_walking_ends_a_slouch():
    body = slouching()
    assert body.hold(1, 20, moving=True) == [MOVING]
    assert body.ended == 1
    assert body.hold(1, 20) == [LEANING]


def test_leaning_that_was_never_confirmed_ends_silently():
    body = Body()
    body.hold(10, 20)
    body.hold(1, 20, moving=True)
    assert body.ended == 0


def test_new_limits_end_a_slouch_without_a_correction():
    body = slouching()
    body.posture.configure(Limits(RATE_HZ, 30, 5, RECOVERY_S))
    assert body.hold(1, 20) == [UPRIGHT]
    assert body.ended == 1
    assert not body.posture.corrected


def test_a_new_delay_lets_a_slouch_go_on():
    body = slouching()
    body.delay.delay_samples = 600 * RATE_HZ
    assert body.hold(3, 20) == [SLOUCHING]
    assert body.ended == 0


def test_a_new_delay_counts_for_a_lean_under_way():
    body = Body()
    body.hold(10, 20)
    body.delay.delay_samples = 20 * RATE_HZ
    assert body.hold(9.9, 20) == [LEANING]
    assert body.hold(0.2, 20)[-1] == SLOUCHING
    body = Body()
    body.hold(20, 20)
    body.delay.delay_samples = 5 * RATE_HZ
    assert body.hold(0.1, 20) == [SLOUCHING]


def test_sitting_up_is_a_correction():
    body = slouching()
    body.hold(RECOVERY_S, 0)
    assert body.posture.corrected


def test_an_interruption_is_told_once():
    body = slouching()
    body.posture.interrupt()
    body.hold(3, 20)
    assert body.ended == 1
    assert body.posture.state == LEANING


def test_the_slouch_that_was_cut_off_is_still_to_be_read_when_its_end_is_told():
    body = slouching()
    body.hold(10, 30)
    body.posture.interrupt()
    body.hold(1 / RATE_HZ, 15)
    assert body.ended == 1
    assert body.slouch.peak_cdeg == 3000
    assert body.slouch.since_onset > DELAY_S * RATE_HZ
    body.hold(1 / RATE_HZ, 15)
    assert (body.slouch.leaning, body.slouch.since_onset) == (True, 0)


def test_the_shortest_delay_still_passes_through_leaning():
    posture = Posture(RATE_HZ, Limits(RATE_HZ, 12, 4, 0), Delay(0))
    states = [posture.update(2000, UP, True, False, False, False) for _ in range(3)]
    assert states == [LEANING, SLOUCHING, SLOUCHING]
