"""Body angles against the calibrated upright, whichever way the sensor is clipped on."""

from math import cos, pi, sin, sqrt

from scenes import Noise
from unslouch_device.sense.tilt import UNIT, Tilt, axes

IDENTITY = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def rotation(noise):
    """Return a rotation matrix, as its rows, made of three random turns about the axes."""
    matrix = IDENTITY
    for axis in range(3):
        angle = noise.within(18000) / 18000 * pi
        c, s = cos(angle), sin(angle)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        turned = [list(row) for row in matrix]
        for row, old in zip(turned, matrix):
            row[a] = c * old[a] - s * old[b]
            row[b] = s * old[a] + c * old[b]
        matrix = turned
    return matrix


def apply(matrix, vector):
    return tuple([sum([row[i] * vector[i] for i in range(3)]) for row in matrix])


def body_up(forward_deg, lateral_deg):
    """Return the up direction in body axes: up, right, forward."""
    forward, lateral = forward_deg * pi / 180, lateral_deg * pi / 180
    return cos(lateral) * cos(forward), sin(lateral), cos(lateral) * sin(forward)


def angles(tilt, matrix, forward_deg, lateral_deg, length=1 << 21):
    x, y, z = apply(matrix, body_up(forward_deg, lateral_deg))
    tilt.update(round(x * length), round(y * length), round(z * length))
    return tilt.forward_cdeg / 100, tilt.lateral_cdeg / 100


def mounted(matrix):
    tilt = Tilt()
    tilt.calibrate(*axes(apply(matrix, (1, 0, 0)), apply(matrix, (0, 0, 1)), apply(matrix, (-1, 0, 0))))
    return tilt


def test_forward_is_positive_and_right_is_positive():
    tilt = mounted(IDENTITY)
    assert angles(tilt, IDENTITY, 0, 0) == (0, 0)
    assert abs(angles(tilt, IDENTITY, 20, 0)[0] - 20) < 0.05
    assert abs(angles(tilt, IDENTITY, -15, 0)[0] + 15) < 0.05
    assert abs(angles(tilt, IDENTITY, 0, 25)[1] - 25) < 0.05
    assert abs(angles(tilt, IDENTITY, 0, -25)[1] + 25) < 0.05


def test_any_mounting_gives_the_same_angles():
    noise = Noise(3)
    for _ in range(40):
        matrix = rotation(noise)
        tilt = mounted(matrix)
        for forward, lateral in ((0, 0), (12, 0), (35, 10), (-20, -30), (80, 5), (120, 0)):
            shown = angles(tilt, matrix, forward, lateral)
            assert abs(shown[0] - forward) < 0.1, (forward, lateral, shown)
            assert abs(shown[1] - lateral) < 0.1, (forward, lateral, shown)


def test_a_slanted_sensor_is_zeroed_by_its_calibration():
    tilt = Tilt()
    slanted = body_up(20, 8)  # worn so that upright reads 20° forward and 8° right
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
    tilt = mounted(IDENTITY)
    for length in (1 << 20, 1 << 21, 3 << 20):
        shown = angles(tilt, IDENTITY, 33, -12, length)
        assert abs(shown[0] - 33) < 0.1
        assert abs(shown[1] + 12) < 0.1


def test_uprightness_is_the_cosine_to_upright():
    tilt = mounted(IDENTITY)
    angles(tilt, IDENTITY, 60, 0)
    assert abs(tilt.uprightness - UNIT // 2) < 20
    angles(tilt, IDENTITY, 0, 60)
    assert abs(tilt.uprightness - UNIT // 2) < 20


def test_forward_rate_is_the_turn_about_the_lateral_axis_only():
    noise = Noise(9)
    for _ in range(20):
        matrix = rotation(noise)
        tilt = mounted(matrix)
        about_lateral = apply(matrix, (0, 40000, 0))
        assert abs(tilt.forward_rate(*[round(c) for c in about_lateral]) - 40000) < 300
        about_others = apply(matrix, (30000, 0, -20000))
        assert tilt.forward_rate(*[round(c) for c in about_others]) < 300
