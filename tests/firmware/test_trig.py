"""Integer trigonometry against floating point."""

from math import atan2, pi, sqrt

from unslouch_device.sense.trig import atan2_cdeg, hypot


def circle(radius, step_deg):
    from math import cos, sin

    degrees = 0.0
    while degrees < 360:
        yield round(radius * sin(degrees * pi / 180)), round(radius * cos(degrees * pi / 180))
        degrees += step_deg


def error_deg(y, x):
    difference = atan2_cdeg(y, x) / 100 - atan2(y, x) * 180 / pi
    return abs((difference + 180) % 360 - 180)


def test_atan2_is_good_to_a_fiftieth_of_a_degree_all_around():
    for radius in (1 << 10, 1 << 14, 56000):
        for y, x in circle(radius, 0.37):
            assert error_deg(y, x) <= 0.02, (y, x)


def test_atan2_is_right_for_the_shortest_vectors():
    for y in range(-12, 13):
        for x in range(-12, 13):
            if x or y:
                assert error_deg(y, x) <= 0.02, (y, x)


def test_atan2_hits_the_axes_and_diagonals():
    assert [atan2_cdeg(0, 5), atan2_cdeg(5, 5), atan2_cdeg(5, 0), atan2_cdeg(5, -5)] == [0, 4500, 9000, 13500]
    assert [atan2_cdeg(-5, 5), atan2_cdeg(-5, 0), atan2_cdeg(-5, -5)] == [-4500, -9000, -13500]
    assert atan2_cdeg(0, -5) == 18000
    assert atan2_cdeg(0, 0) == 0


def test_hypot_is_good_to_a_part_in_five_thousand():
    for radius in (1 << 12, 1 << 15, 56000):
        for y, x in circle(radius, 0.61):
            length = sqrt(x * x + y * y)
            assert abs(hypot(y, x) - length) <= length / 5000 + 2, (y, x)


def test_hypot_of_nothing_is_nothing():
    assert hypot(0, 0) == 0
    assert hypot(0, -700) == hypot(700, 0) == 700
