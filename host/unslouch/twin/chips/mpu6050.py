"""Register-level model of InvenSense's MPU-6050 (RM-MPU-6000A-00 rev. 4.2)."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from .mpu import ACCEL_CONFIG, COMMON, CONFIG, FIFO_EN, PWR_MGMT_1, PWR_MGMT_2, SMPLRT_DIV, WHO_AM_I, Mpu
from .registers import NotModelled, Register

SELF_TEST_X: Final = 0x0D
MOT_THR: Final = 0x1F
MOTION: Final = 0x40
MOTION_STEP_G: Final = 0.002
"""MOT_THR's unit in rev. 4.2; older revisions say 32 mg."""

ACC_CODES: Final = (16, 15, 17)
GYRO_CODES: Final = (10, 12, 14)
"""What a factory may have written: 5 bits an axis, the lower two of the accelerometer's in SELF_TEST_A (4.1)."""
_FACTORY: Final = (
    *(acc >> 2 << 5 | gyro for acc, gyro in zip(ACC_CODES, GYRO_CODES, strict=True)),
    (ACC_CODES[0] & 3) << 4 | (ACC_CODES[1] & 3) << 2 | ACC_CODES[2] & 3,
)


class Mpu6050(Mpu):
    """One chip, read and written as over I2C."""

    table: ClassVar = {
        **COMMON,
        **{SELF_TEST_X + i: Register(value, 0x00) for i, value in enumerate(_FACTORY)},
        PWR_MGMT_1: Register(0x40, 0xEF),
        WHO_AM_I: Register(0x68, 0x00),
    }
    counts_per_degC: ClassVar = 340.0
    zero_degC: ClassVar = 36.53

    def _rate_hz(self) -> float:
        clock_hz = 8000 if self._registers[CONFIG] & 0x07 in (0, 7) else 1000
        return min(1000.0, clock_hz / (1 + self._registers[SMPLRT_DIV]))

    def _cycle_hz(self) -> float:
        return (1.25, 5.0, 20.0, 40.0)[self._registers[PWR_MGMT_2] >> 6]

    def _self_test_answers(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        ax, ay, az = (4096 * 0.34 * (0.92 / 0.34) ** ((code - 1) / 30) / 4096 for code in ACC_CODES)
        gx, gy, gz = (25 * 131 * 1.046 ** (code - 1) / 131 for code in GYRO_CODES)
        return (ax, ay, az), (gx, -gy, gz)

    def _packets(
        self, acc: NDArray[np.int16], gyro: NDArray[np.int16], temperature: NDArray[np.int16]
    ) -> list[NDArray[np.int16]]:
        sources = self._registers[FIFO_EN]
        if sources & 0x07 or sources & 0x70 not in (0, 0x70):
            raise NotModelled("MPU6050: slaves, or some axes of the gyroscope alone, in the FIFO")
        parts = ((0x08, acc), (0x80, temperature), (0x70, gyro))  # "in order of register number" (4.31)
        return [part for flag, part in parts if sources & flag]

    def _motion_seen(self, first: int, last: int) -> int:
        if not self._registers[MOT_THR] or not self._registers[ACCEL_CONFIG] & 0x07:
            return 0
        step = max(self._sampler.greatest_acc_steps(first, last)) * self._sampler.acc.lsb
        return MOTION if step > self._registers[MOT_THR] * MOTION_STEP_G else 0
