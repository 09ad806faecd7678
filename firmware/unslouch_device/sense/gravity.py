"""The direction of gravity in the sensor's axes, from accelerometer and gyroscope.

In a frame that does not turn, gravity stands still and the accelerations of motion come and go: a low-pass of the raw
acceleration a is gravity. The filter is that low-pass, a second-order Butterworth in state-variable form

    dz/dt = ω₀² (a − y) − √2 ω₀ z,    dy/dt = z,    up = y / |y|,    ω₀ = √2 / τ

whose two vectors are carried along in the turning axes of the sensor: each sample turns y and z by −Δθ, the angle that
the gyroscope saw. Normalising each acceleration before it is averaged would bias the average; the length of y is left
alone until an angle is wanted. What makes the turn good:

    Δθ = (ω − bias) dt + (Δθ₋₁ × Δθ) / 12       mean rates don't commute; P. G. Savage, "Strapdown Inertial Navigation
                                                Integration Algorithm Design", J. Guidance 21(1), 1998, eq. 43-45
    v ← v − (sin|Δθ|/|Δθ|) Δθ×v + ((1 − cos|Δθ|)/|Δθ|²) Δθ×(Δθ×v)         Rodrigues, to |Δθ|⁴ of the fractions
    a ← a − ½ Δθ×a + ⅛ Δθ×(Δθ×a)                a is the mean of its interval, half a turn older than its end

The last line matters most: at 300 °/s and 48 Hz half a turn is 3°, and in a steady rotation it does not average out.

ω₀ is higher after the start, √2 / (t/2) until t/2 = τ, so that the first samples count at once. The gyroscope's bias
is what it shows at rest: for 1.5 s the rate has kept to its own low-pass, below what any bias is, and so has the
acceleration. The first rest also sets y, which an unknown bias had carried off. In motion bias turns y slowly against
the accelerations; z × y / |y|² is that turn, and a slow integral of it corrects the bias, quickly while none has been
learned at rest.

The arithmetic of samples is in gravity_step.py, with the ranges of all its fixed-point values. One call of it takes
samples as they lie in the FIFO's batch; only what is slow, once in 16 samples, is done here.
"""

from array import array
from math import pi

from . import gravity_step as s

try:
    from .native import filter_samples

    NATIVE = True
except (ImportError, SyntaxError):  # an interpreter without machine code of 32 bits
    from .gravity_step import filter_samples

    NATIVE = False

TIME_CONSTANT_S = 3
REST_S = 1.5
SLOW_S = 0.6  # time constant of that low-pass, to the nearest power of 2 of samples
REST_RATE_DPS = 1.5  # deviation of the rate from its low-pass that still is rest
SUDDEN_RATE_DPS = 10  # a deviation that hardly enters the low-pass, or a knock would change it for seconds
BIAS_LIMIT_DPS = 25  # a rate beyond it is a turn, however steady
MOTION_GAIN_HZ = 0.01  # of the bias integral in motion, once bias has been learned at rest; 8 times that before
REST_WANDER = 64 << 4  # 2**-17 g (0.45°) that the low-passed acceleration may move during rest

SATURATED_ACCELERATION = 65520  # 2**-13 g: the end of ±8 g
SATURATED_RATE = 32760  # counts

_SLOW = 16  # samples between two turns of what is slow
_START_SAMPLES = 8  # the least τ, in samples
_MOTION_S = 3  # after the start, before bias is looked for in motion
_LONG = 1 << 29
_UP_LIMIT = (1 << 22) - 1


def new_state(size: int):
    """Return room for so many integers, as the arithmetic of samples needs it; a list is quicker to index."""
    return array("i", bytes(4 * size)) if NATIVE else [0] * size


class GravityFilter:
    """Tracks the up direction; after take() x, y, z hold it in 2**-21 g, length not normalised.

    unrest: |ω − its low-pass| in 2**-4 counts, of the axis and the sample of take() for which it was greatest.
    state: see gravity_step; who reads SPEED and SATURATED sets them to 0.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float) -> None:
        """Raises ValueError if rate and scale would overflow the fixed-point ranges."""
        rad_per_count = gyro_dps_per_count * pi / 180 / rate_hz
        gain = round(rad_per_count / 16 * (1 << 39))
        if not 32 <= gain >> 10 < 1699:
            raise ValueError(
                "a gyroscope of %g dps per count at %g Hz is outside the filter's range" % (gyro_dps_per_count, rate_hz)
            )
        self.state = state = new_state(s.SIZE)
        state[s.GAIN] = gain >> 10
        state[s.GAIN_REST] = gain & 1023
        state[s.REST_RATE] = round(REST_RATE_DPS / gyro_dps_per_count * 16)
        state[s.SUDDEN_RATE] = round(SUDDEN_RATE_DPS / gyro_dps_per_count * 16)
        state[s.BIAS_LIMIT] = round(min(BIAS_LIMIT_DPS / gyro_dps_per_count, 1 << 11) * 16)
        state[s.WANDER] = REST_WANDER
        state[s.SPEED_SCALE] = round(gyro_dps_per_count * 100 / 16 * 256)
        state[s.REST_NEEDED] = round(REST_S * rate_hz)
        while 2 << state[s.SLOW_SHIFT] <= SLOW_S * rate_hz * 1.5:  # the power of 2 that is nearest, by its logarithm
            state[s.SLOW_SHIFT] += 1
        self._settled_samples = round(TIME_CONSTANT_S * rate_hz)
        self._motion_samples = round(_MOTION_S * rate_hz)
        # _SLOW samples' correction in 2**-21 counts for a drift of 2**-22 rad per sample
        self._motion_gain = round(MOTION_GAIN_HZ * _SLOW / rate_hz / rad_per_count / 2)
        self.reset()

    def reset(self) -> None:
        """Forget the estimate and the bias."""
        state = self.state
        for at in range(s.UP, s.REST + 1):
            state[at] = 0
        self._fine_x = self._fine_y = self._fine_z = 0  # bias in 2**-12 counts, so that small differences add up
        self._rests = 0  # turns of learning at rest, up to _SLOW
        self.x = self.y = self.z = self.unrest = 0
        self.restart()

    def restart(self) -> None:
        """Forget the estimate and keep the bias: after a gap the next sample is as good as the first."""
        self._samples = 0
        self._until_slow = 1  # samples
        self.state[s.REST] = 0

    def measure_speed_about(self, x: int, y: int, z: int) -> None:
        """Take the axis, a unit vector in 2**-8, about which state[SPEED] is measured."""
        state = self.state
        state[s.AXIS] = x
        state[s.AXIS + 1] = y
        state[s.AXIS + 2] = z
        state[s.SPEED] = 0

    def take(self, samples, first: int, count: int) -> None:
        """Take `count` samples of an array("h") from the number `first` on.

        Each is ax, ay, az in 2**-12 g and gx, gy, gz in counts, as an IMU's driver leaves them.
        """
        state = self.state
        if not self._samples:
            self._begin(samples, 6 * first)
        state[s.UNREST] = 0
        while count:
            run = count if count < self._until_slow else self._until_slow
            filter_samples(state, samples, first, run)
            first += run
            count -= run
            self._until_slow -= run
            if not self._until_slow:
                self._adapt()
        self.x = state[s.UP]
        self.y = state[s.UP + 1]
        self.z = state[s.UP + 2]
        self.unrest = state[s.UNREST]

    def _begin(self, samples, at: int) -> None:
        """Take the first sample for the truth; a rate that may be bias is where its low-pass begins."""
        limit = self.state[s.BIAS_LIMIT] >> 4
        learns = not self._rests and max(abs(samples[at + 3]), abs(samples[at + 4]), abs(samples[at + 5])) < limit
        for axis in range(3):
            self._begin_axis(axis, samples[at + axis] << 1, samples[at + 3 + axis], learns)
        self._follow_start()

    def _begin_axis(self, axis: int, acceleration: int, rate: int, learns: bool) -> None:
        state = self.state
        state[s.UP + axis] = max(-_UP_LIMIT, min(_UP_LIMIT, acceleration << 8))
        state[s.SLOPE + axis] = 0
        state[s.LAST + axis] = 0
        state[s.SLOW_UP + axis] = state[s.ANCHOR + axis] = acceleration << 4
        if learns:
            state[s.SLOW_RATE + axis] = rate << 4

    def _adapt(self) -> None:
        """Do what is slow enough to be done once in _SLOW samples."""
        self._until_slow = _SLOW
        state = self.state
        if self._samples < 2 * self._settled_samples + _SLOW:
            self._follow_start()
        if self._samples < _LONG:
            self._samples += _SLOW
        if state[s.REST] >= state[s.REST_NEEDED]:
            self._learn_at_rest()
        elif self._samples > self._motion_samples:
            self._learn_in_motion()

    def _follow_start(self) -> None:
        """Set ω₀ for the time since the start: (ω₀ dt)² = 2 / n² and √2 ω₀ dt = 2 / n, with τ = n samples."""
        state = self.state
        n = max(_START_SAMPLES, min(self._samples >> 1, self._settled_samples))
        shift = 14
        while shift < 28 and (2 << (shift + 1)) // (n * n) < 1024:
            shift += 1
        state[s.PULL] = ((2 << shift) + n * n // 2) // (n * n)
        state[s.PULL_SHIFT] = shift - 13
        shift = 8
        while (2 << (shift + 1)) // n < 1024:
            shift += 1
        state[s.DAMP] = ((2 << shift) + n // 2) // n
        state[s.DAMP_SHIFT] = shift - 5

    def _learn_at_rest(self) -> None:
        state = self.state
        if not self._rests:
            for axis in range(3):  # until now an unknown bias carried it off
                state[s.UP + axis] = state[s.SLOW_UP + axis] << 4
                state[s.SLOPE + axis] = 0
        if self._rests < _SLOW:
            self._rests += 1
        n = self._rests  # the first rest counts fully, later ones as a low-pass of 256 samples
        self._fine_x += ((state[s.SLOW_RATE] << 8) - self._fine_x) // n
        self._fine_y += ((state[s.SLOW_RATE + 1] << 8) - self._fine_y) // n
        self._fine_z += ((state[s.SLOW_RATE + 2] << 8) - self._fine_z) // n
        self._take_bias()

    def _learn_in_motion(self) -> None:
        """Correct the bias by the turn z × y / |y|² that the accelerations have had to undo."""
        state = self.state
        x = state[s.UP] >> 11  # 2**-10 g, ≤ 2**11
        y = state[s.UP + 1] >> 11
        z = state[s.UP + 2] >> 11
        sx = state[s.SLOPE] >> 6  # 2**-22 g, ≤ 2**18
        sy = state[s.SLOPE + 1] >> 6
        sz = state[s.SLOPE + 2] >> 6
        gain = self._motion_gain if self._rests else self._motion_gain << 3
        self._fine_x -= self._correction(sy * z - sz * y, gain)
        self._fine_y -= self._correction(sz * x - sx * z, gain)
        self._fine_z -= self._correction(sx * y - sy * x, gain)
        self._take_bias()

    def _correction(self, drift: int, gain: int) -> int:
        """Return what a drift of y, in 2**-32 rad per sample, says about the bias, in 2**-12 counts."""
        drift = max(-(1 << 16), min(1 << 16, drift >> 10))  # 2**-22; more than 1/64 rad per sample is no bias
        return (drift * gain + 256) >> 9

    def _take_bias(self) -> None:
        state = self.state
        limit = state[s.BIAS_LIMIT] << 8
        self._fine_x = max(-limit, min(limit, self._fine_x))
        self._fine_y = max(-limit, min(limit, self._fine_y))
        self._fine_z = max(-limit, min(limit, self._fine_z))
        state[s.BIAS] = self._fine_x >> 8
        state[s.BIAS + 1] = self._fine_y >> 8
        state[s.BIAS + 2] = self._fine_z >> 8
