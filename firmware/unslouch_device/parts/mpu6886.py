"""InvenSense MPU-6886 (datasheet DS-000193 rev. 1.1, whose registers are those of the ICM-20602)."""

from . import mpu

SELF_TEST_X_ACCEL = 0x0D  # to SELF_TEST_Z_ACCEL at 0x0F
ACCEL_CONFIG2 = 0x1D
ACCEL_WOM_X_THR = 0x20  # and Y, Z; 4 mg a step
SELF_TEST_X_GYRO = 0x50  # to SELF_TEST_Z_GYRO at 0x52
ACCEL_INTEL_CTRL = 0x69

ACCELERATION_AND_RATE = 0x18  # FIFO_EN: GYRO, ACCEL; the temperature comes along
ACCELERATION_LOW_PASS_21_HZ = 4  # ACCEL_CONFIG2
ACCELERATION_LOW_PASS_218_HZ = 1
FULL_RANGE = 0x02  # ACCEL_INTEL_CTRL: without it outputs end at 0x7F7F
COMPARE_WITH_PREVIOUS = 0xC0  # ACCEL_INTEL_CTRL: ACCEL_INTEL_EN, ACCEL_INTEL_MODE
MOTION = 0xE0  # INT_ENABLE, INT_STATUS: X, Y, Z
DIVIDE_TO_25_HZ = 39  # SMPLRT_DIV

_MG_PER_STEP = 4


class Mpu6886(mpu.Mpu):
    """An MPU-6886. Its FIFO of 1 kB, of which 72 whole packets are counted on, lasts 1.4 s."""

    fifo_bytes = 1008
    packet_bytes = 14
    rate_at = 8
    sources = ACCELERATION_AND_RATE

    def _set_up(self) -> None:
        self._set(ACCEL_CONFIG2, ACCELERATION_LOW_PASS_21_HZ)
        self._set(ACCEL_INTEL_CTRL, FULL_RANGE)

    def temperature_cC(self) -> int:
        """Return the chip's temperature in hundredths of a °C: 326.8 counts a degree, 0 at 25 °C."""
        return 2500 + self._temperature() * 250 // 817

    def arm(self, threshold_mg: int = 32) -> None:
        """Stop sampling, and pull INT high once the acceleration changes by more than a threshold within 1/25 s.

        INT stays high until moved(). The steps are the datasheet's, "Wake-on-motion interrupt".
        """
        self._set(mpu.USER_CTRL, 0)
        self._set(mpu.PWR_MGMT_1, mpu.CLOCK_OF_GYROSCOPE)
        self._set(mpu.PWR_MGMT_2, mpu.NO_GYROSCOPE)
        self._set(ACCEL_CONFIG2, ACCELERATION_LOW_PASS_218_HZ)
        self._set(mpu.INT_PIN_CFG, mpu.LATCHED)
        self._set(mpu.INT_ENABLE, MOTION)
        for axis in range(3):
            self._set(ACCEL_WOM_X_THR + axis, max(1, min(255, threshold_mg // _MG_PER_STEP)))
        self._set(ACCEL_INTEL_CTRL, FULL_RANGE | COMPARE_WITH_PREVIOUS)
        self._set(mpu.SMPLRT_DIV, DIVIDE_TO_25_HZ)
        self._set(mpu.PWR_MGMT_1, mpu.CYCLE | mpu.CLOCK_OF_GYROSCOPE)

    def moved(self) -> bool:
        """Return whether the armed chip was moved since the last call, and release INT."""
        return bool(self._get(mpu.INT_STATUS) & MOTION)

    async def self_test(self) -> "tuple[bool, ...]":
        """Push the proof masses electrically and return for ax, ay, az, gx, gy, gz whether the axis answered rightly.

        The sensor must lie still, and nobody else use the chip, for about two seconds. start() comes before it, reset()
        and start() after it. The factory's answers are (2620 / 2**FS) · 1.01**(code − 1) counts, FS 0 here; limits are
        InvenSense's for this family (AN-000143): half to one and a half of them, for rates no upper one.
        """
        self._set(mpu.GYRO_CONFIG, mpu.FS_250_DPS)
        self._set(mpu.ACCEL_CONFIG, mpu.FS_2_G)
        accelerations, rates = await self._answers()
        codes = bytearray(3)
        passed = []
        self._fill(SELF_TEST_X_ACCEL, codes)
        for axis in range(3):
            trim = _trim(codes[axis])
            passed.append(trim > 0 and 0.5 * trim < abs(accelerations[axis]) < 1.5 * trim)
        self._fill(SELF_TEST_X_GYRO, codes)
        for axis in range(3):
            trim = _trim(codes[axis])
            passed.append(trim > 0 and abs(rates[axis]) > 0.5 * trim)
        return tuple(passed)


def _trim(code: int) -> float:
    """Return the counts that the factory measured, 0 if it stored none."""
    return 2620 * 1.01 ** (code - 1) if code else 0
