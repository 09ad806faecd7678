"""Finding upright: waits for stillness, then takes the mean acceleration as the up direction."""

from ..contract.messages import GRAVITY_OFF, MOVED, OK

ONE_G = 1 << 13
GRAVITY_TOLERANCE = ONE_G * 8 // 100
STILL_RATE_DPS = 6
STILL_WANDER = 250  # counts, 1.75°
PENDING = -1


class Calibrator:
    """Collects a stretch of stillness; feed update() every sample until `outcome` is no longer PENDING.

    outcome: OK (then mean_x, mean_y, mean_z hold up in counts), MOVED (no stillness in time), GRAVITY_OFF.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float, still_s: float, patience_s: float) -> None:
        self._needed = round(still_s * rate_hz)
        self._patience = round(patience_s * rate_hz)
        self._still_rate = round(STILL_RATE_DPS / gyro_dps_per_count * 16)
        self._count = 0
        self._sum_x = self._sum_y = self._sum_z = 0
        self.mean_x = self.mean_y = self.mean_z = 0
        self.outcome = PENDING

    def update(self, ax: int, ay: int, az: int, unrest: int) -> None:
        """Take one sample of acceleration in counts, and GravityFilter.unrest."""
        if self._patience == 0:
            self.outcome = MOVED
            return
        self._patience -= 1
        if self._count and (unrest > self._still_rate or self._wandered(ax, ay, az)):
            self._count = self._sum_x = self._sum_y = self._sum_z = 0
        self._count += 1
        self._sum_x += ax
        self._sum_y += ay
        self._sum_z += az
        if self._count >= self._needed:
            self._judge()

    def _wandered(self, ax: int, ay: int, az: int) -> bool:
        n = self._count
        if n < 8:
            return False
        far = max(abs(ax - self._sum_x // n), abs(ay - self._sum_y // n), abs(az - self._sum_z // n))
        return far > STILL_WANDER

    def _judge(self) -> None:
        self.mean_x = self._sum_x // self._count
        self.mean_y = self._sum_y // self._count
        self.mean_z = self._sum_z // self._count
        squared = self.mean_x**2 + self.mean_y**2 + self.mean_z**2
        within = (ONE_G - GRAVITY_TOLERANCE) ** 2 <= squared <= (ONE_G + GRAVITY_TOLERANCE) ** 2
        self.outcome = OK if within else GRAVITY_OFF
