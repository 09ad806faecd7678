"""Body angles against the calibrated upright, whichever way the sensor is clipped on."""

from math import sqrt

from mounting import MOUNTINGS, STRAIGHT, any_turn, apply, up_in_body
from scenes import Noise
from unslouch_device.sense import gravity_step as step
from unslouch_device.sense.axes import axes, shown, up_at
from unslouch_device.sense.tilt import UNIT, Tilt


def angles(tilt, matrix, forward_deg, lateral_deg, length=1 << 21):
    x, y, z = apply(matrix, up_in_body(forward_deg, lateral_deg))
    tilt.update(round(x * length), round(y * length), round(z * length))
    return tilt.forward_cdeg / 100, tilt.lateral_cdeg / 100


def mounted(matrix):
    tilt = Tilt()
    tilt.calibrate(*axes(apply(matrix, (1, 0, 0)), apply(matrix, (0, 0, 1)), apply(matrix, (-1, 0, 0))))
    return tilt


def forward_rate(tilt, rate_x, rate_y, rate_z):
    """Return |dθ/dt| of one sample as the gravity filter sums it up, in the unit of the rates."""
    state = [0] * step.SIZE
    state[step.AXIS : step.AXIS + 3] = tilt.coarse_lateral()
    state[step.RATE : step.RATE + 3] = [rate_x, rate_y, rate_z]
    state[step.SPEED_SCALE] = 256
    step.measure_speed(state)
    return state[step.SPEED]


def test_forward_is_positive_and_right_is_positive():
    tilt = mounted(STRAIGHT)
    assert angles(tilt, STRAIGHT, 0, 0) == (0, 0)
    assert abs(angles(tilt, STRAIGHT, 20, 0)[0] - 20) < 0.05
    assert abs(angles(tilt, STRAIGHT, -15, 0)[0] + 15) < 0.05
    assert abs(angles(tilt, STRAIGHT, 0, 25)[1] - 25) < 0.05
    assert abs(angles(tilt, STRAIGHT, 0, -25)[1] + 25) < 0.05


def test_any_mounting_gives_the_same_angles():
    noise = Noise(3)
    for _ in range(40):
        matrix = any_turn(noise)
        tilt = mounted(matrix)
        for forward, lateral in ((0, 0), (12, 0), (35, 10), (-20, -30), (80, 5), (120, 0)):
            shown = angles(tilt, matrix, forward, lateral)
            assert abs(shown[0] - forward) < 0.1, (forward, lateral, shown)
            assert abs(shown[1] - lateral) < 0.1, (forward, lateral, shown)


def test_a_slanted_sensor_is_zeroed_by_its_calibration():
    tilt = Tilt()
    slanted = up_in_body(20, 8)  # worn so that upright reads 20° forward and 8° right
    tilt.calibrate(*axes(slanted, (0, 0, 1), (-1, 0, 0)))
    x, y, z = slanted
    tilt.update(round(x * (1 << 21)), round(y * (1 << 21)), round(z * (1 << 21)))
    assert abs(tilt.forward_cdeg) < 10
    assert abs(tilt.lateral_cdeg) < 10


def test_axes_are_at_right_angles_and_of_unit_length():
    noise = Noise(5)
    for _ in range(50):
        up = (noise.within(8000) + 0.5, noise.within(8000), noise.within(8000))
        u, p = axes(up, (0, 0, 1), (-1, 0, 0))
        assert abs(sqrt(sum([c * c for c in u])) - UNIT) < 2
        assert abs(sqrt(sum([c * c for c in p])) - UNIT) < 2
        assert abs(sum([a * b for a, b in zip(u, p)])) < 3 * UNIT


def test_a_sensor_worn_with_forward_upwards_takes_the_spare_axis():
    _, forward = axes((0, 0, 1), (0, 0, 1), (-1, 0, 0))
    assert forward == (-UNIT, 0, 0)


def test_the_angles_do_not_depend_on_the_length_of_the_vector():
    tilt = mounted(STRAIGHT)
    for length in (1 << 20, 1 << 21, 3 << 20):
        shown = angles(tilt, STRAIGHT, 33, -12, length)
        assert abs(shown[0] - 33) < 0.1
        assert abs(shown[1] + 12) < 0.1


def test_uprightness_is_the_cosine_to_upright():
    tilt = mounted(STRAIGHT)
    angles(tilt, STRAIGHT, 60, 0)
    assert abs(tilt.uprightness - UNIT // 2) < 20
    angles(tilt, STRAIGHT, 0, 60)
    assert abs(tilt.uprightness - UNIT // 2) < 20


def test_forward_rate_is_the_turn_about_the_lateral_axis_only():
    noise = Noise(9)
    for _ in range(20):
        matrix = any_turn(noise)
        tilt = mounted(matrix)
        about_lateral = apply(matrix, (0, 40000, 0))
        assert abs(forward_rate(tilt, *[round(c) for c in about_lateral]) - 40000) < 300
        about_others = apply(matrix, (30000, 0, -20000))
        assert forward_rate(tilt, *[round(c) for c in about_others]) < 300


def test_an_up_direction_told_by_its_angles_shows_as_them_again():
    for _, matrix in MOUNTINGS:
        up, forward = axes(apply(matrix, (1, 0, 0)), apply(matrix, (0, 0, 1)), apply(matrix, (-1, 0, 0)))
        for pose in ((0, 0), (-700, 300), (2500, -1200), (-9000, 0)):
            back = shown(up, forward, up_at(up, forward, *pose))
            assert max(abs(back[0] - pose[0]), abs(back[1] - pose[1])) <= 2, (pose, back)


def test_forward_rate_sees_the_slow_turns_of_sitting_still():
    tilt = mounted(STRAIGHT)
    assert [forward_rate(tilt, 0, rate, 0) for rate in (0, 1, -1, 7, 100, -1 << 19)] == [0, 1, 1, 7, 100, 1 << 19]
