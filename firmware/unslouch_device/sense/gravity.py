"""The direction of gravity in the sensor's axes, from accelerometer and gyroscope.

A complementary filter on the vector itself. Each sample turns the estimate y with the gyroscope and draws it towards
the measured acceleration a with time constant τ:

    y ← y − Δθ × y,   y ← y + dt/τ · (a − y),   Δθ = (ω − bias) · dt

so that fast motion is followed by the gyroscope and slow drift is removed by gravity. Accelerations are not
normalised before they are averaged: averaging first lets the accelerations of motion cancel. The gyroscope's bias is
learned at rest: when for 1.5 s the rate keeps to its own low-pass, below what any bias is, and the acceleration has not
wandered, what the rate shows is bias.

Fixed point (31-bit small integers, |value| < 2**30):
    acceleration   counts, 1 g = 2**13, |a| ≤ 2**15
    y              2**-8 counts, 1 g = 2**21, held within ±2 g = 2**22 per axis
    ω, bias        2**-4 counts, |ω − bias| < 2**19.1, times the gain (< 930) < 2**29
    Δθ             2**-15 rad per sample, < 2**13; what rounding leaves is carried to the next sample
    Δθ × y         Δθ · (y >> 6): |Δθ| √2 · |y| √2 < 2**13 · 2**16 · 2 = 2**30
"""

from math import pi

TIME_CONSTANT_S = 3
REST_S = 1.5
REST_RATE_DPS = 1.5  # deviation of the rate from its low-pass that still is rest
SUDDEN_RATE_DPS = 10  # deviation that hardly enters the low-pass, lest a knock be felt in it for seconds
BIAS_LIMIT_DPS = 20  # a rate beyond it is a turn, however steady
REST_WANDER = 64  # counts (0.45°) that the low-passed acceleration may move during rest
_Y_LIMIT = (1 << 22) - 1


def _held(value: int) -> int:
    return _Y_LIMIT if value > _Y_LIMIT else -_Y_LIMIT if value < -_Y_LIMIT else value


class GravityFilter:
    """Tracks the up direction; after update() x, y, z hold it in 2**-8 counts (1 g = 2**21), length not normalised."""

    def __init__(self, rate_hz: float, gyro_dps_per_count: float) -> None:
        """Raises ValueError if rate and scale would overflow the fixed-point ranges."""
        # counts · 2**4 → 2**-31 rad
        self._gain = round(gyro_dps_per_count * pi / 180 / rate_hz * (1 << 27))
        if not 16 <= self._gain < 930:
            raise ValueError(
                "a gyroscope of %g dps per count at %g Hz is outside the filter's range" % (gyro_dps_per_count, rate_hz)
            )
        self._settle_samples = round(TIME_CONSTANT_S * rate_hz)
        self._pull = (1 << 16) // self._settle_samples
        self._rest_samples = round(REST_S * rate_hz)
        self._rest_rate = round(REST_RATE_DPS / gyro_dps_per_count * 16)
        self._sudden_rate = round(SUDDEN_RATE_DPS / gyro_dps_per_count * 16)
        self._bias_limit = round(min(BIAS_LIMIT_DPS / gyro_dps_per_count, 1 << 11) * 16)
        self.reset()

    def reset(self) -> None:
        """Forget the estimate and the bias."""
        self.x = self.y = self.z = 0
        self._samples = 0
        self._bias_x = self._bias_y = self._bias_z = 0
        self._fine_x = self._fine_y = self._fine_z = 0  # the same in 2**-12 counts, so that small differences add up
        self._carry_x = self._carry_y = self._carry_z = 0
        self._slow_gx = self._slow_gy = self._slow_gz = 0  # low-passed rate, 2**-4 counts
        self._slow_ax = self._slow_ay = self._slow_az = 0  # low-passed acceleration, 2**-4 counts
        self._anchor_x = self._anchor_y = self._anchor_z = 0
        self._bias_samples = 0
        self.rate_x = self.rate_y = self.rate_z = 0  # ω − bias, 2**-4 counts
        self.unrest = 0  # |rate − its low-pass|, largest axis, 2**-4 counts
        self.rest = 0  # samples of rest so far

    def restart(self) -> None:
        """Forget the estimate and keep the bias: after a gap the next sample is as good as the first."""
        self._samples = 0
        self.rest = 0

    def update(self, ax: int, ay: int, az: int, gx: int, gy: int, gz: int) -> None:
        """Take one sample of raw counts."""
        self._watch_rest(ax, ay, az, gx << 4, gy << 4, gz << 4)
        rx = (gx << 4) - self._bias_x
        ry = (gy << 4) - self._bias_y
        rz = (gz << 4) - self._bias_z
        self.rate_x = rx
        self.rate_y = ry
        self.rate_z = rz
        turn_x = self._carry_x + rx * self._gain
        turn_y = self._carry_y + ry * self._gain
        turn_z = self._carry_z + rz * self._gain
        self._carry_x = turn_x & 0xFFFF
        self._carry_y = turn_y & 0xFFFF
        self._carry_z = turn_z & 0xFFFF
        turn_x >>= 16
        turn_y >>= 16
        turn_z >>= 16
        x = self.x
        y = self.y
        z = self.z
        ux = x >> 6
        uy = y >> 6
        uz = z >> 6
        x -= (turn_y * uz - turn_z * uy) >> 9
        y -= (turn_z * ux - turn_x * uz) >> 9
        z -= (turn_x * uy - turn_y * ux) >> 9
        if self._samples < self._settle_samples:  # the mean of what has come, for a quick start
            self._samples += 1
            n = self._samples
            x += ((ax << 8) - x) // n
            y += ((ay << 8) - y) // n
            z += ((az << 8) - z) // n
        else:
            pull = self._pull
            x += ((((ax << 8) - x) >> 3) * pull) >> 13
            y += ((((ay << 8) - y) >> 3) * pull) >> 13
            z += ((((az << 8) - z) >> 3) * pull) >> 13
        self.x = _held(x)
        self.y = _held(y)
        self.z = _held(z)

    def _watch_rest(self, ax: int, ay: int, az: int, gx: int, gy: int, gz: int) -> None:
        if self._samples == 0:
            self._slow_ax = ax << 4
            self._slow_ay = ay << 4
            self._slow_az = az << 4
        off_x = gx - self._slow_gx
        off_y = gy - self._slow_gy
        off_z = gz - self._slow_gz
        self.unrest = max(abs(off_x), abs(off_y), abs(off_z))
        shift = 5 if self.unrest < self._sudden_rate else 9
        half = 1 << (shift - 1)
        self._slow_gx += (off_x + half) >> shift
        self._slow_gy += (off_y + half) >> shift
        self._slow_gz += (off_z + half) >> shift
        self._slow_ax += ((ax << 4) - self._slow_ax) >> 5
        self._slow_ay += ((ay << 4) - self._slow_ay) >> 5
        self._slow_az += ((az << 4) - self._slow_az) >> 5
        wander = max(
            abs(self._slow_ax - self._anchor_x),
            abs(self._slow_ay - self._anchor_y),
            abs(self._slow_az - self._anchor_z),
        )
        turn = max(abs(self._slow_gx), abs(self._slow_gy), abs(self._slow_gz))
        if self.unrest > self._rest_rate or turn > self._bias_limit or wander > REST_WANDER << 4:
            self.rest = 0
            self._anchor_x = self._slow_ax
            self._anchor_y = self._slow_ay
            self._anchor_z = self._slow_az
        elif self.rest < self._rest_samples:
            self.rest += 1
        else:
            self._learn_bias()

    def _learn_bias(self) -> None:
        if self._bias_samples < 256:
            self._bias_samples += 1
        n = max(16, self._bias_samples)  # the first rest counts fully, later ones as a low-pass of 256 samples
        self._fine_x += ((self._slow_gx << 8) - self._fine_x) // n
        self._fine_y += ((self._slow_gy << 8) - self._fine_y) // n
        self._fine_z += ((self._slow_gz << 8) - self._fine_z) // n
        self._bias_x = self._fine_x >> 8
        self._bias_y = self._fine_y >> 8
        self._bias_z = self._fine_z >> 8
