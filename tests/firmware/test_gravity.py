"""The gravity filter: follows motion by the gyroscope, and forgets its drift."""

from math import atan2, pi

from expect import raises
from heap import bytes_kept, only_micropython
from scenes import GYRO_DPS_PER_COUNT, RATE_HZ, Wearer, per_count
from single import SingleFilter


def forward_deg(gravity):
    return atan2(gravity.z, gravity.x) * 180 / pi


def run(gravity, wearer, seconds, each=None):
    for _ in range(round(seconds * RATE_HZ)):
        gravity.update(*wearer.sample())
        if each:
            each()


def new_filter():
    return SingleFilter(RATE_HZ, GYRO_DPS_PER_COUNT)


def test_the_first_samples_already_give_the_angle():
    gravity, wearer = new_filter(), Wearer()
    wearer.forward_deg = 17.0
    run(gravity, wearer, 0.2)
    assert abs(forward_deg(gravity) - 17) < 0.3


def test_at_rest_the_angle_stays():
    gravity, wearer = new_filter(), Wearer()
    wearer.forward_deg = -8.0
    run(gravity, wearer, 4)
    errors = []
    run(gravity, wearer, 30, lambda: errors.append(forward_deg(gravity) + 8))
    assert abs(sum(errors)) < 0.1 * len(errors)
    assert max(abs(min(errors)), max(errors)) < 0.5


def test_a_constant_bias_is_learned_at_rest():
    for bias_dps in ((1, 1, 1), (-1, 1, -1), (0, -3, 0), (8, 8, 8)):
        gravity, wearer = new_filter(), Wearer(bias_dps=bias_dps, tremble_dps=0.3)
        run(gravity, wearer, 30)
        assert abs(forward_deg(gravity)) < 0.3, bias_dps
        assert abs(gravity.rate(1)) < 0.5 / GYRO_DPS_PER_COUNT * 16, bias_dps


def test_two_seconds_after_power_on_the_angle_is_right_whatever_the_bias():
    for bias_dps in ((0, 0, 0), (20, -20, 20), (-20, -20, -20), (0, 20, 0)):
        gravity, wearer = new_filter(), Wearer(bias_dps=bias_dps, tremble_dps=0.5)
        wearer.forward_deg = 25.0
        run(gravity, wearer, 2)
        assert abs(forward_deg(gravity) - 25) < 0.5, bias_dps


def test_a_bias_is_learned_while_walking_where_there_was_no_rest():
    gravity, wearer = new_filter(), Wearer(bias_dps=(0, 8, 0))
    wearer.walking = True
    run(gravity, wearer, 60)
    assert abs(gravity.rate(1)) < per_count(3) * 16
    assert abs(forward_deg(gravity)) < 5


def test_a_turn_and_back_ends_where_it_began():
    gravity, wearer = new_filter(), Wearer(tremble_dps=0.2)
    run(gravity, wearer, 5)
    for speed_s in (0.2, 0.5, 1.0, 2.0):  # up to 600 °/s
        for target in (120, 0):
            for _ in range(wearer.lean_to(target, speed_s)):
                gravity.update(*wearer.sample())
        wearer.stay()
        assert abs(forward_deg(gravity)) < 0.5, speed_s


def test_a_bias_is_learned_on_a_living_back_too():
    gravity, wearer = new_filter(), Wearer(bias_dps=(0, 1, 0), tremble_dps=1.0)
    run(gravity, wearer, 30)
    assert abs(forward_deg(gravity)) < 0.3


def test_a_fast_turn_is_followed_at_once():
    gravity, wearer = new_filter(), Wearer()
    run(gravity, wearer, 5)
    for target in (60, -30, 20):
        samples = wearer.lean_to(target, 0.5)
        for _ in range(samples):
            gravity.update(*wearer.sample())
        wearer.stay()
        assert abs(forward_deg(gravity) - target) < 1.5, target


def test_a_slow_slump_is_seen_and_not_taken_for_bias():
    gravity, wearer = new_filter(), Wearer(tremble_dps=0.5)
    run(gravity, wearer, 20)
    worst = 0.0
    for _ in range(wearer.lean_to(25, 120)):
        gravity.update(*wearer.sample())
        worst = max(worst, abs(forward_deg(gravity) - wearer.forward_deg))
    assert worst < 1


def test_accelerations_of_walking_average_out():
    gravity, wearer = new_filter(), Wearer()
    run(gravity, wearer, 5)
    wearer.walking = True
    total = [0.0, 0.0]

    def add():
        total[0] += forward_deg(gravity)
        total[1] = max(total[1], abs(forward_deg(gravity)))

    run(gravity, wearer, 20, add)
    assert abs(total[0] / (20 * RATE_HZ)) < 1
    assert total[1] < 5  # a single second of raw acceleration swings by 7°


def test_reset_forgets_angle_and_bias():
    gravity, wearer = new_filter(), Wearer(bias_dps=(0, 5, 0), tremble_dps=0.2)
    wearer.forward_deg = 40.0
    run(gravity, wearer, 10)
    gravity.reset()
    assert (gravity.x, gravity.y, gravity.z) == (0, 0, 0)
    wearer.forward_deg = 0.0
    run(gravity, wearer, 0.1)
    assert abs(forward_deg(gravity)) < 1


def test_a_scale_that_would_overflow_is_refused():
    for rate_hz, dps_per_count in ((52, 0.25), (10, 0.07), (52, 0.0001)):
        with raises(ValueError):
            SingleFilter(rate_hz, dps_per_count)


def test_a_turn_that_never_ends_is_not_a_bias():
    gravity, wearer = new_filter(), Wearer(bias_dps=(200, 0, 0), tremble_dps=0.1)
    run(gravity, wearer, 20)
    assert gravity.rate(0) > per_count(150) * 16


def test_a_filter_keeps_nothing_on_the_heap():
    only_micropython()
    gravity, wearer = new_filter(), Wearer()
    samples = [wearer.sample() for _ in range(200)]
    update = gravity.update

    def feed():
        for i in range(200):
            ax, ay, az, gx, gy, gz = samples[i]
            update(ax, ay, az, gx, gy, gz)

    feed()
    assert bytes_kept(feed) == 0
