"""InvenSense MPU-6050 (registers: RM-MPU-6000A-00 rev. 4.2; characteristics: PS-MPU-6000A-00 rev. 3.4)."""

from . import mpu

SELF_TEST_X = 0x0D  # to SELF_TEST_A at 0x10
MOT_THR = 0x1F  # 2 mg a step in rev. 4.2; earlier revisions say 32 mg
MOT_DUR = 0x20  # ms
MOT_DETECT_CTRL = 0x69

ACCELERATION_AND_RATE = 0x78  # FIFO_EN: XG, YG, ZG, ACCEL
MOTION = 0x40  # INT_ENABLE, INT_STATUS
HIGH_PASS_5_HZ = 0x01  # ACCEL_CONFIG, ACCEL_HPF: by which motion is detected
CYCLE_20_HZ = 0x80  # PWR_MGMT_2, LP_WAKE_CTRL
NO_TEMPERATURE = 0x08  # PWR_MGMT_1

_MG_PER_STEP = 2
_TOLERANCE = 0.14  # of the factory's trim (RM-MPU-6000A 4.1)


class Mpu6050(mpu.Mpu):
    """An MPU-6050. Its FIFO of 1024 bytes lasts 1.7 s (4.30)."""

    fifo_bytes = 1024
    packet_bytes = 12
    rate_at = 6
    sources = ACCELERATION_AND_RATE

    def temperature_cC(self) -> int:
        """Return the chip's temperature in hundredths of a °C: 340 counts a degree, 36.53 °C at 0 (4.18)."""
        return 3653 + self._temperature() * 5 // 17

    def arm(self, threshold_mg: int = 32) -> None:
        """Stop sampling, and pull INT high once the acceleration changes by more than a threshold, until moved()."""
        self._set(mpu.USER_CTRL, 0)
        self._set(mpu.PWR_MGMT_1, 0)  # the internal oscillator: the gyroscope's stops
        self._set(mpu.ACCEL_CONFIG, mpu.FS_2_G | HIGH_PASS_5_HZ)
        self._set(mpu.INT_PIN_CFG, mpu.LATCHED)
        self._set(MOT_THR, max(1, min(255, threshold_mg // _MG_PER_STEP)))
        self._set(MOT_DUR, 1)
        self._set(MOT_DETECT_CTRL, 0)
        self._set(mpu.INT_ENABLE, MOTION)
        self._set(mpu.PWR_MGMT_2, CYCLE_20_HZ | mpu.NO_GYROSCOPE)
        self._set(mpu.PWR_MGMT_1, mpu.CYCLE | NO_TEMPERATURE)

    def moved(self) -> bool:
        """Return whether the armed chip was moved since the last call, and release INT."""
        return bool(self._get(mpu.INT_STATUS) & MOTION)

    async def self_test(self) -> "tuple[bool, ...]":
        """Push the proof masses electrically and return for ax, ay, az, gx, gy, gz whether the axis answered rightly.

        The sensor must lie still, and nobody else use the chip, for about two seconds. start() comes before it, reset()
        and start() after it. Formulas and limits: RM-MPU-6000A 4.1.
        """
        self._set(mpu.GYRO_CONFIG, mpu.FS_250_DPS)
        accelerations, rates = await self._answers()
        codes = bytearray(4)
        self._fill(SELF_TEST_X, codes)
        passed = []
        for axis in range(3):
            code = codes[axis] >> 5 << 2 | codes[3] >> (4 - 2 * axis) & 3
            trim = 4096 * 0.34 * (0.92 / 0.34) ** ((code - 1) / 30)
            passed.append(_near(accelerations[axis], trim, code))
        for axis in range(3):
            code = codes[axis] & 0x1F
            trim = 25 * 131 * 1.046 ** (code - 1)
            passed.append(_near(rates[axis], -trim if axis == 1 else trim, code))
        return tuple(passed)


def _near(answer: int, trim: float, code: int) -> bool:
    """Return whether an answer is the factory's; a code of 0 means that the factory stored none."""
    return bool(code) and abs(answer - trim) <= _TOLERANCE * abs(trim)
