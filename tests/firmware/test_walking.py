"""WalkingTilt: learns how the wearer leans while walking, and tells when that has changed by more than 10°."""

from heap import bytes_kept, only_micropython, run_without_heap
from scenes import RATE_HZ, Noise
from unslouch_device.sense.walking import FOLLOWED_S, WalkingTilt

NOISE = Noise(2)


def walk(tilt, seconds, forward_cdeg, sway_cdeg=400):
    """Walk about a lean, and return how often the guard reported that the sensor may have moved."""
    reports = 0
    for _ in range(round(seconds * RATE_HZ)):
        reports += tilt.update(True, forward_cdeg + NOISE.within(sway_cdeg))
    return reports


def pause(tilt, seconds, forward_cdeg):
    """Sit for a while, however crooked."""
    for _ in range(round(seconds * RATE_HZ)):
        assert not tilt.update(False, forward_cdeg)


def learned(forward_cdeg=300, seconds=90):
    """Return a guard that knows the usual lean."""
    tilt = WalkingTilt(RATE_HZ)
    assert not walk(tilt, seconds, forward_cdeg)
    return tilt


def near(value, expected, within=60):
    return abs(value - expected) <= within


def test_a_minute_of_walking_teaches_the_usual_lean():
    tilt = WalkingTilt(RATE_HZ)
    walk(tilt, 31, -450)
    assert not tilt.learned
    walk(tilt, 30, -450)
    assert tilt.learned
    assert tilt.walked_s == 60
    assert near(tilt.usual_cdeg, -450)
    assert near(tilt.walking_cdeg, -450)
    assert not tilt.moved


def test_the_median_is_exact_and_heeds_no_outliers():
    tilt = WalkingTilt(RATE_HZ)
    for i in range(30 * RATE_HZ):
        tilt.update(True, 8000 if i % 3 == 0 else 325)
    assert near(tilt.walking_cdeg, 325, 80)
    tilt.forget()
    walk(tilt, 30, 325, 300)
    assert near(tilt.walking_cdeg, 325, 20)


def test_a_sensor_that_sits_elsewhere_is_told_once_after_half_a_minute():
    tilt = learned()
    assert walk(tilt, 29, 300 + 1300) == 0
    assert walk(tilt, 2, 300 + 1300) == 1
    assert tilt.moved
    assert near(tilt.walking_cdeg, 1600)
    assert near(tilt.usual_cdeg, 300)
    assert walk(tilt, 300, 300 + 1300) == 0
    assert tilt.moved
    assert near(tilt.usual_cdeg, 300)


def test_either_direction_counts():
    tilt = learned()
    assert walk(tilt, 31, 300 - 1300) == 1


def test_a_lean_within_the_limit_is_nothing():
    tilt = learned()
    assert walk(tilt, 120, 300 + 900) == 0
    assert not tilt.moved


def test_a_stretch_as_usual_takes_it_back_and_the_edge_does_not_flap():
    tilt = learned()
    assert walk(tilt, 30, 300 + 1100) == 1
    assert walk(tilt, 60, 300 + 850) == 0
    assert tilt.moved
    assert walk(tilt, 60, 300 + 1150) == 0
    assert walk(tilt, 30, 300) == 0
    assert not tilt.moved
    assert walk(tilt, 30, 300 + 1300) == 1


def test_short_walks_add_up_and_sitting_between_them_does_not_count():
    tilt = WalkingTilt(RATE_HZ)
    for _ in range(12):
        walk(tilt, 6, 200)
        pause(tilt, 20, 4000)
    assert tilt.walked_s == 60
    assert near(tilt.usual_cdeg, 200)


def test_a_moment_of_bowing_while_walking_is_nothing():
    tilt = learned()
    for _ in range(6):
        assert walk(tilt, 8, 4000) == 0
        assert walk(tilt, 22, 300) == 0


def test_forgetting_begins_anew():
    tilt = learned()
    walk(tilt, 45, 1800)
    assert tilt.moved
    walk(tilt, 15, 1800)
    tilt.forget()
    assert not tilt.moved
    assert (tilt.usual_cdeg, tilt.walked_s) == (0, 0)
    walk(tilt, 29, -500)  # what was walked before does not complete the stretch
    assert tilt.walked_s == 0
    walk(tilt, 32, -500)
    assert near(tilt.usual_cdeg, -500)


def test_what_was_saved_is_taken_up():
    tilt = WalkingTilt(RATE_HZ)
    tilt.restore(700, 240)
    assert not tilt.learned
    assert walk(tilt, 31, -500) == 1
    assert tilt.usual_cdeg == 700
    tilt.restore(-480, 60)
    assert not tilt.moved
    assert walk(tilt, 31, -500) == 0


def test_too_little_that_was_saved_is_no_measure_yet():
    tilt = WalkingTilt(RATE_HZ)
    tilt.restore(700, 30)
    assert walk(tilt, 31, -700) == 0
    assert tilt.walked_s == 60


def test_the_usual_lean_follows_slowly_and_is_saved_seldom():
    tilt = WalkingTilt(RATE_HZ)
    tilt.restore(0, FOLLOWED_S)
    saves = 0
    for _ in range(60):
        walk(tilt, 30, 800, 200)
        saves += tilt.learned
        tilt.learned = False
    assert 500 < tilt.usual_cdeg < 750
    assert tilt.walked_s == FOLLOWED_S
    assert 4 <= saves <= 8


def test_nothing_is_worth_saving_twice():
    tilt = learned(seconds=600)
    tilt.learned = False
    walk(tilt, 300, 300)
    assert not tilt.learned


def test_upside_down_is_off_too():
    for forward_cdeg in (17900, -17900, 9000, -9000):
        tilt = learned()
        assert walk(tilt, 31, forward_cdeg, 90) == 1
        assert tilt.moved


def test_a_sample_takes_nothing_from_the_heap():
    only_micropython()
    tilt = learned()
    update = tilt.update

    def work():
        for i in range(4000):
            update(True, -1500 + i % 700)

    run_without_heap(work)
    assert bytes_kept(work) == 0
    assert tilt.moved
