"""The arithmetic of samples: within 31 bits for whatever a chip can deliver, and the same as machine code."""

from array import array

from expect import skip
from heap import has_small_ints_like_the_board, only_micropython, run_without_heap
from scenes import Noise
from unslouch_device.sense import activity_step, gravity_step
from unslouch_device.sense.activity import Activity
from unslouch_device.sense.gravity import GravityFilter

CHIPS = (
    (52, 0.07),
    (48, 0.07),
    (26, 0.07),
    (104, 0.07),
    (52, 0.0175),
    (208, 0.07),
    (104, 0.01526),
)  # Hz, °/s per count
MOST_HZ_OF_ACTIVITY = 104
SMALL = 1 << 30


def corners():
    """Return the 64 samples with every axis at one end of its range or the other."""
    return [[-32768 if corner >> axis & 1 else 32767 for axis in range(6)] for corner in range(64)]


def violent_samples():
    """Return samples as hard as a chip can deliver: ends of range, steady and alternating, and anything between."""
    noise = Noise(7).within
    ends = corners()
    samples = []
    for first in (63, 0, 42, 21, 7, 56):
        samples += [ends[first]] * 120
        samples += [ends[(noise(31) + 32) % 64] for _ in range(120)]
        samples += [[noise(32767) for _ in range(6)] for _ in range(80)]
    return samples


def violent_batch():
    """Return them as a driver leaves them, and how many there are."""
    samples = array("h")
    for sample in violent_samples():
        samples.extend(array("h", sample))
    return samples, len(samples) // 6


class Small(int):
    """A number that says so when a sum, product or shift leaves the small integers of 31 bits."""

    def _checked(self, value):
        assert -SMALL <= value < SMALL, value
        return Small(value)

    def __add__(self, other):
        return self._checked(int(self) + int(other))

    def __sub__(self, other):
        return self._checked(int(self) - int(other))

    def __rsub__(self, other):
        return self._checked(int(other) - int(self))

    def __mul__(self, other):
        return self._checked(int(self) * int(other))

    def __lshift__(self, other):
        return self._checked(int(self) << int(other))

    def __rlshift__(self, other):
        return self._checked(int(other) << int(self))

    def __rshift__(self, other):
        return Small(int(self) >> int(other))

    def __and__(self, other):
        return Small(int(self) & int(other))

    def __neg__(self):
        return self._checked(-int(self))

    __radd__ = __add__
    __rmul__ = __mul__


def new_state(rate_hz, dps_per_count, past_samples):
    """Return a filter's state with the ω₀ it has so many samples after its start, and an axis for its speed."""
    gravity = GravityFilter(rate_hz, dps_per_count)
    gravity.measure_speed_about(148, -148, 148)
    gravity._samples = past_samples
    gravity._follow_start()
    return gravity.state


def drain(state):
    """Do what a decision does, to a filter's state."""
    state[gravity_step.UNREST] = state[gravity_step.SPEED] = state[gravity_step.SATURATED] = 0


def test_whatever_a_chip_delivers_stays_within_31_bits():
    import sys

    if sys.implementation.name != "cpython":
        skip("looked at number by number under CPython; the next test does it as the board would")
    samples = [[Small(value) for value in sample] for sample in violent_samples()]
    for rate_hz, dps_per_count in CHIPS:
        for past_samples in (0, 100, 100_000):
            state = [Small(value) for value in new_state(rate_hz, dps_per_count, past_samples)]
            for bias in (0, 1, -1):
                for axis in range(3):
                    state[gravity_step.BIAS + axis] = Small(bias * state[gravity_step.BIAS_LIMIT])
                for number, sample in enumerate(samples):
                    gravity_step.filter_samples(state, sample, 0, 1)
                    if number % 5 == 4:
                        drain(state)
        if rate_hz > MOST_HZ_OF_ACTIVITY:
            continue
        activity = Activity(rate_hz, dps_per_count)
        activity._state = [Small(value) for value in activity._state]
        for sample in samples:
            activity.take(sample, 0, 1, 0)


def test_whatever_a_chip_delivers_needs_no_big_integer():
    only_micropython()
    if not has_small_ints_like_the_board():
        skip("ints of up to 63 bits are small here: what overflows 31 doesn't show")
    samples, count = violent_batch()
    for rate_hz, dps_per_count in CHIPS:
        gravity = GravityFilter(rate_hz, dps_per_count)
        activity = Activity(min(rate_hz, MOST_HZ_OF_ACTIVITY), dps_per_count)
        gravity.take(samples, 0, 1)
        plain = list(gravity.state)
        activity.take(samples, 0, 1, 0)
        plain_activity = list(activity._state)

        def shake(gravity=gravity, activity=activity, plain=plain, plain_activity=plain_activity):
            for at in range(0, count - 4, 4):
                gravity_step.filter_samples(plain, samples, at, 4)
                activity_step.measure_samples(plain_activity, samples, at, 4)
                plain_activity[activity_step.SUM] = plain_activity[activity_step.DEVIATION] = 0
                drain(plain)
                gravity.take(samples, at, 4)
                activity.take(samples, at, 4, gravity.unrest)
                drain(gravity.state)

        run_without_heap(shake)


def test_machine_code_gives_the_same_to_the_last_bit():
    try:
        from unslouch_device.sense import native
    except (ImportError, SyntaxError):
        skip("this interpreter makes no machine code of 32 bits")
        return
    samples, count = violent_batch()
    for rate_hz, dps_per_count in CHIPS:
        for past_samples in (0, 100_000):
            one = new_state(rate_hz, dps_per_count, past_samples)
            other = array("i", one)
            for at in range(count):
                gravity_step.filter_samples(one, samples, at, 1)
                native.filter_samples(other, samples, at, 1)
                assert one == other, (rate_hz, dps_per_count, at)
                if at % 5 == 4:
                    drain(one)
                    drain(other)
        one = Activity(rate_hz, dps_per_count)._state
        one[activity_step.MEAN] = 0
        other = array("i", one)
        for at in range(count):
            activity_step.measure_samples(one, samples, at, 1)
            native.measure_samples(other, samples, at, 1)
            assert one == other, (rate_hz, at)
            if at % 26 == 25:
                one[activity_step.SUM] = one[activity_step.DEVIATION] = 0
                other[activity_step.SUM] = other[activity_step.DEVIATION] = 0


def test_a_run_of_samples_gives_the_same_as_one_after_another():
    samples, count = violent_batch()
    single, runs = GravityFilter(52, 0.07), GravityFilter(52, 0.07)
    one, other = Activity(52, 0.07), Activity(52, 0.07)
    at = 0
    for number in range(count):
        run = min(number * 7 % 23 + 1, count - at)
        runs.take(samples, at, run)
        other.take(samples, at, run, 1000)
        most = 0
        for i in range(at, at + run):
            single.take(samples, i, 1)
            one.take(samples, i, 1, 1000)
            most = max(most, single.unrest)
        assert (single.x, single.y, single.z, most) == (runs.x, runs.y, runs.z, runs.unrest)
        assert single.state[gravity_step.SPEED] == runs.state[gravity_step.SPEED]
        drain(single.state)
        drain(runs.state)
        assert list(one._state) == list(other._state)
        at += run
        if at == count:
            return


def test_the_check_would_notice_an_overflow():
    try:
        Small(1 << 20) * Small(1 << 10)
    except AssertionError:
        return
    raise AssertionError("an overflow went unnoticed")
