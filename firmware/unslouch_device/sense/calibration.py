"""Calibration: what a held posture and a bow say about which way the sensor is worn.

Calibrator waits for a stretch of stillness and takes its mean acceleration as up. BowCalibrator follows the
gyroscope-aided up vector through a hip hinge. Upright u₀ and the mean u₁ of the deep part of a bow give the axes of
sense.tilt: p = unit(u₁ − (u₁·u₀)u₀), m = p × u₀, whatever way the sensor is mounted.

A bow is straight if up keeps to the plane of u₀ and p: seen along u₀, a hinge about one axis moves up along a line
through upright. So straightness is how far the path strays from p: RMS sideways over RMS forward, at most tan 15°. The
way down and the deep part are each checked by themselves, since a long hold would outweigh a crooked way; how the
wearer comes up again doesn't matter.
"""

from array import array

from ..contract.messages import BOW_NOT_STRAIGHT, BOW_TOO_SMALL, GRAVITY_OFF, MOVED, OK, SATURATED
from .gravity import SATURATED_ACCELERATION, SATURATED_RATE
from .tilt import Tilt
from .trig import atan2_cdeg, hypot

ONE_G = 1 << 13
GRAVITY_TOLERANCE = ONE_G * 8 // 100
STILL_RATE_DPS = 6
STILL_WANDER = 250  # counts, 1.75°
PENDING = -1

BOW_LEAST_CDEG = 2000
BOW_PATIENCE_S = 15  # for it to begin
BOW_LONGEST_S = 10  # from its beginning to its end
BOW_HOLD_S = 1.5
_BOW_BEGINS_CDEG = 1000
_EVERY = 2  # samples per point of the path: nobody bows faster than 26 Hz can follow
_POINT_FIELDS = 3  # ahead and aside, and cdeg off upright
_STRETCH_POINTS = 32
_HOLD_CDEG = 300  # that a held bow may sway
_DEEP_PERCENT = 70  # of the peak
_CROOKED_TAN_SQUARED = 0.0718  # tan² 15°


def saturated(ax: int, ay: int, az: int, gx: int, gy: int, gz: int) -> bool:
    """Return whether any count is at the end of the chip's range."""
    return (
        max(ax, ay, az) >= SATURATED_ACCELERATION
        or min(ax, ay, az) <= -SATURATED_ACCELERATION
        or max(gx, gy, gz) >= SATURATED_RATE
        or min(gx, gy, gz) <= -SATURATED_RATE
    )


class Calibrator:
    """Collects a stretch of stillness; feed update() every sample until `outcome` is no longer PENDING.

    outcome: OK (then `mean` holds up in counts), MOVED (no stillness in time), GRAVITY_OFF, SATURATED.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float, still_s: float, patience_s: float) -> None:
        self.patience_s = patience_s
        self._needed = round(still_s * rate_hz)
        self._patience = round(patience_s * rate_hz)
        self._still_rate = round(STILL_RATE_DPS / gyro_dps_per_count * 16)
        self.mean = (0, 0, 0)
        self.outcome = PENDING
        self._begin()

    def update(self, ax: int, ay: int, az: int, gx: int, gy: int, gz: int, gravity) -> None:
        """Take one sample in counts, and the GravityFilter that has just taken it."""
        if self._patience == 0:
            self.outcome = MOVED
            return
        self._patience -= 1
        if self._count and (gravity.unrest > self._still_rate or self._wandered(ax, ay, az)):
            self._begin()
        self._count += 1
        self._sum_x += ax
        self._sum_y += ay
        self._sum_z += az
        if saturated(ax, ay, az, gx, gy, gz):
            self._saturated = True
        if self._count >= self._needed:
            self._judge()

    def _begin(self) -> None:
        self._count = self._sum_x = self._sum_y = self._sum_z = 0
        self._saturated = False

    def _wandered(self, ax: int, ay: int, az: int) -> bool:
        n = self._count
        if n < 8:
            return False
        far = max(abs(ax - self._sum_x // n), abs(ay - self._sum_y // n), abs(az - self._sum_z // n))
        return far > STILL_WANDER

    def _judge(self) -> None:
        self.mean = (self._sum_x // self._count, self._sum_y // self._count, self._sum_z // self._count)
        squared = sum([mean * mean for mean in self.mean])
        if self._saturated:
            self.outcome = SATURATED
        elif (ONE_G - GRAVITY_TOLERANCE) ** 2 <= squared <= (ONE_G + GRAVITY_TOLERANCE) ** 2:
            self.outcome = OK
        else:
            self.outcome = GRAVITY_OFF


class BowCalibrator:
    """Follows one bow from upright; feed update() every sample until `outcome` is no longer PENDING.

    A bow begins 10° off upright. It is over when the wearer has come halfway up again or has held it for 1.5 s; one
    that turns back before 20° doesn't count, and the next may begin.

    outcome: OK (then `forward` holds p as three numbers of any length), MOVED (the wearer never was within 10° of
    upright, so the sensor may sit elsewhere by now), BOW_TOO_SMALL, BOW_NOT_STRAIGHT, SATURATED.
    """

    def __init__(self, rate_hz: float, up: "tuple[int, int, int]", forward: "tuple[int, int, int]") -> None:
        """up, forward: u₀ and any direction at right angles to it, unit vectors in 2**-14."""
        self.patience_s = BOW_PATIENCE_S + BOW_LONGEST_S
        self._patience = round(BOW_PATIENCE_S * rate_hz)
        self._longest = round(BOW_LONGEST_S * rate_hz)
        self._hold = round(BOW_HOLD_S * rate_hz)
        self._basis = up, forward
        self._tilt = Tilt()
        self._tilt.calibrate(up, forward)
        self._was_upright = False
        self._path: list = []  # arrays of a stretch of points each: one piece of memory for all may not be free
        self._begin()
        self.forward = (0.0, 0.0, 0.0)
        self.outcome = PENDING

    def update(self, ax: int, ay: int, az: int, gx: int, gy: int, gz: int, gravity) -> None:
        """Take one sample in counts, and the GravityFilter that has just taken it."""
        tilt = self._tilt
        tilt.update(gravity.x, gravity.y, gravity.z)
        off_cdeg = atan2_cdeg(hypot(tilt.ahead, tilt.aside), tilt.uprightness)
        self._patience -= 1
        if off_cdeg < _BOW_BEGINS_CDEG:
            self._begin()
            self._was_upright = True
        elif self._was_upright:
            if saturated(ax, ay, az, gx, gy, gz):
                self.outcome = SATURATED
                return
            self._follow(off_cdeg)
        if self._patience <= 0 and not self._count and self.outcome == PENDING:
            self.outcome = BOW_TOO_SMALL if self._was_upright else MOVED

    def _begin(self) -> None:
        self._count = 0
        self._peak_cdeg = 0
        self._held = 0
        self._held_cdeg = 0

    def _follow(self, off_cdeg: int) -> None:
        point = self._count // _EVERY
        if point // _STRETCH_POINTS == len(self._path):
            self._path.append(array("h", bytes(2 * _POINT_FIELDS * _STRETCH_POINTS)))
        stretch = self._path[point // _STRETCH_POINTS]
        at = _POINT_FIELDS * (point % _STRETCH_POINTS)
        stretch[at] = _within_16_bits(self._tilt.ahead)
        stretch[at + 1] = _within_16_bits(self._tilt.aside)
        stretch[at + 2] = off_cdeg
        self._count += 1
        if off_cdeg > self._peak_cdeg:
            self._peak_cdeg = off_cdeg
        if abs(off_cdeg - self._held_cdeg) > _HOLD_CDEG:
            self._held_cdeg = off_cdeg
            self._held = 0
        self._held += 1
        deep_enough = self._peak_cdeg >= BOW_LEAST_CDEG
        back = 2 * off_cdeg < self._peak_cdeg
        held = self._held >= self._hold and off_cdeg >= BOW_LEAST_CDEG
        if deep_enough and (back or held or self._count == self._longest):
            self._judge()
        elif self._count == self._longest:
            self.outcome = BOW_TOO_SMALL

    def _judge(self) -> None:
        deep_cdeg = self._peak_cdeg * _DEEP_PERCENT // 100
        end = self._count // _EVERY
        begin = count = sum_ahead = sum_aside = 0
        for point in range(end):
            ahead, aside, off_cdeg = self._point(point)
            if off_cdeg >= deep_cdeg:
                begin = begin if count else point
                count += 1
                sum_ahead += ahead
                sum_aside += aside
        if not count:  # a jolt, over within one point of the path
            self.outcome = BOW_NOT_STRAIGHT
            return
        mean_ahead, mean_aside = sum_ahead / count, sum_aside / count
        if self._crooked(0, begin, 0, mean_ahead, mean_aside) or self._crooked(
            begin, end, deep_cdeg, mean_ahead, mean_aside
        ):
            self.outcome = BOW_NOT_STRAIGHT
            return
        (ux, uy, uz), (px, py, pz) = self._basis
        mx, my, mz = py * uz - pz * uy, pz * ux - px * uz, px * uy - py * ux  # m in 2**-28
        right = mean_aside / (1 << 14)
        self.forward = (mean_ahead * px + right * mx, mean_ahead * py + right * my, mean_ahead * pz + right * mz)
        self.outcome = OK

    def _point(self, point: int) -> "tuple[int, int, int]":
        stretch = self._path[point // _STRETCH_POINTS]
        at = _POINT_FIELDS * (point % _STRETCH_POINTS)
        return stretch[at], stretch[at + 1], stretch[at + 2]

    def _crooked(self, begin: int, end: int, least_cdeg: int, ahead: float, aside: float) -> bool:
        """Return whether a stretch of the path strays too far from the line that leads from upright in a direction.

        Points nearer to upright than least_cdeg don't count.
        """
        along_squared = across_squared = 0.0
        for point in range(begin, end):
            x, y, off_cdeg = self._point(point)
            if off_cdeg >= least_cdeg:
                along_squared += (x * ahead + y * aside) ** 2
                across_squared += (y * ahead - x * aside) ** 2
        return across_squared > _CROOKED_TAN_SQUARED * along_squared


def _within_16_bits(value: int) -> int:
    return max(-32768, min(32767, value))
