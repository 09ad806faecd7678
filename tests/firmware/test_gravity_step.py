"""The gravity filter's arithmetic: within 31 bits for whatever a chip can deliver, and the same as machine code."""

from array import array

from expect import skip
from heap import has_small_ints_like_the_board, only_micropython, run_without_heap
from scenes import Noise
from unslouch_device.sense import gravity_step as step
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
STEPS = ("watch_rest", "find_turn", "carry_along", "pull")
SMALL = 1 << 30


def corners():
    """Return the 64 samples with every axis at one end of its range or the other."""
    ends = ((65534, 32767), (-65536, -32768))
    return [[ends[corner >> axis & 1][axis > 2] for axis in range(6)] for corner in range(64)]


def violent_samples():
    """Return samples as hard as a chip can deliver: ends of range, steady and alternating, and anything between."""
    noise = Noise(7).within
    ends = corners()
    samples = []
    for first in (63, 0, 42, 21, 7, 56):
        samples += [ends[first]] * 120
        samples += [ends[(noise(31) + 32) % 64] for _ in range(120)]
        samples += [[noise(65535) for _ in range(3)] + [noise(32767) for _ in range(3)] for _ in range(80)]
    return samples


def fed(step_functions, state, sample):
    watch_rest, find_turn, carry_along, pull = step_functions
    ax, ay, az, gx, gy, gz = sample
    watch_rest(state, ax, ay, az, gx, gy, gz)
    find_turn(state, gx, gy, gz)
    carry_along(state)
    pull(state, ax, ay, az)


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


def plain_steps():
    return [getattr(step, name) for name in STEPS]


def new_state(rate_hz, dps_per_count, past_samples):
    """Return a filter's state with the ω₀ it has so many samples after its start."""
    gravity = GravityFilter(rate_hz, dps_per_count)
    gravity._samples = past_samples
    gravity._follow_start()
    return gravity._state


def test_whatever_a_chip_delivers_stays_within_31_bits():
    import sys

    if sys.implementation.name != "cpython":
        skip("looked at number by number under CPython; the next test does it as the board would")
    for rate_hz, dps_per_count in CHIPS:
        for past_samples in (0, 100, 100_000):
            state = [Small(value) for value in new_state(rate_hz, dps_per_count, past_samples)]
            for bias in (0, 1, -1):
                for axis in range(3):
                    state[step.BIAS + axis] = Small(bias * state[step.BIAS_LIMIT])
                for sample in violent_samples():
                    fed(plain_steps(), state, [Small(value) for value in sample])


def test_whatever_a_chip_delivers_needs_no_big_integer():
    only_micropython()
    if not has_small_ints_like_the_board():
        skip("ints of up to 63 bits are small here: what overflows 31 doesn't show")
    samples = violent_samples()
    for rate_hz, dps_per_count in CHIPS:
        gravity = GravityFilter(rate_hz, dps_per_count)
        state = gravity._state
        update = gravity.update
        update(0, 0, 8192, 0, 0, 0)

        def shake(state=state, update=update):
            for i in range(len(samples)):
                ax, ay, az, gx, gy, gz = samples[i]
                step.watch_rest(state, ax, ay, az, gx, gy, gz)
                step.find_turn(state, gx, gy, gz)
                step.carry_along(state)
                step.pull(state, ax, ay, az)
                update(ax, ay, az, gx, gy, gz)

        run_without_heap(shake)


def test_machine_code_gives_the_same_to_the_last_bit():
    try:
        from unslouch_device.sense import native
    except (ImportError, SyntaxError):
        skip("this interpreter makes no machine code of 32 bits")
        return
    compiled = [getattr(native, name) for name in STEPS]
    for rate_hz, dps_per_count in CHIPS:
        for past_samples in (0, 100_000):
            one = new_state(rate_hz, dps_per_count, past_samples)
            other = array("i", one)
            for number, sample in enumerate(violent_samples()):
                fed(plain_steps(), one, sample)
                fed(compiled, other, sample)
                assert one == other, (rate_hz, dps_per_count, number)


def test_the_check_would_notice_an_overflow():
    try:
        Small(1 << 20) * Small(1 << 10)
    except AssertionError:
        return
    raise AssertionError("an overflow went unnoticed")
