"""The posture state machine by itself: when a slouch begins, is confirmed, goes on and ends."""

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
from unslouch_device.sense.posture import Limits, Posture

RATE_HZ = 10
THRESHOLD_DEG, HYSTERESIS_DEG, DELAY_S, RECOVERY_S = 12, 4, 30, 2
UP = 1 << 14
FLAT = 0  # u·u₀ at 90°


class Body:
    """A posture machine, and the tilt that it is told."""

    def __init__(self):
        limits = Limits(RATE_HZ, THRESHOLD_DEG, HYSTERESIS_DEG, DELAY_S, RECOVERY_S)
        self.posture = Posture(RATE_HZ, limits)
        self.ended = 0

    def hold(self, seconds, forward_deg, uprightness=UP, **told):
        """Hold a tilt; returns the states that were seen, in order."""
        seen = []
        for _ in range(round(seconds * RATE_HZ)):
            state = self.posture.update(
                round(forward_deg * 100),
                uprightness,
                told.get("calibrated", True),
                told.get("charging", False),
                told.get("inert", False),
                told.get("moving", False),
            )
            self.ended += self.posture.slouch_ended
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


def test_leaning_back_is_reclined_and_has_hysteresis_too():
    body = Body()
    assert body.hold(1, -15) == [RECLINED]
    assert body.hold(1, -9) == [RECLINED]
    assert body.hold(1, -7) == [UPRIGHT]
    assert body.hold(1, -11) == [UPRIGHT]


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
    body.posture.configure(Limits(RATE_HZ, 30, 5, DELAY_S, RECOVERY_S))
    assert body.hold(1, 20) == [UPRIGHT]
    assert body.ended == 1
    assert not body.posture.corrected


def test_a_new_delay_lets_a_slouch_go_on():
    body = slouching()
    body.posture.configure(Limits(RATE_HZ, THRESHOLD_DEG, HYSTERESIS_DEG, 600, RECOVERY_S))
    assert body.hold(3, 20) == [SLOUCHING]
    assert body.ended == 0


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


def test_the_shortest_delay_still_passes_through_leaning():
    posture = Posture(RATE_HZ, Limits(RATE_HZ, 12, 4, 0, 0))
    states = [posture.update(2000, UP, True, False, False, False) for _ in range(3)]
    assert states == [LEANING, SLOUCHING, SLOUCHING]
