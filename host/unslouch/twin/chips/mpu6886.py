"""Register-level model of InvenSense's MPU-6886 (DS-000193 rev. 1.1; its registers are the ICM-20602's, DS-000176)."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from .mpu import COMMON, CONFIG, FIFO_EN, GYRO_CONFIG, PWR_MGMT_1, SMPLRT_DIV, WHO_AM_I, Mpu
from .registers import FREELY_WRITTEN, NotModelled, Register

SELF_TEST_X_ACCEL: Final = 0x0D
ACCEL_CONFIG2: Final = 0x1D
ACCEL_WOM_X_THR: Final = 0x20
SELF_TEST_X_GYRO: Final = 0x50
FIFO_WM_TH1: Final = 0x60
ACCEL_INTEL_CTRL: Final = 0x69
MOTION_STEP_G: Final = 0.004
LIMIT: Final = 0x7F7F
"""Where outputs end unless OUTPUT_LIMIT in ACCEL_INTEL_CTRL is set."""
ACC_CODES: Final = (100, 96, 108)
GYRO_CODES: Final = (105, 99, 101)


class Mpu6886(Mpu):
    """One chip, read and written as over I2C."""

    table: ClassVar = {
        **COMMON,
        **{SELF_TEST_X_ACCEL + i: Register(code, 0x00) for i, code in enumerate(ACC_CODES)},
        **{SELF_TEST_X_GYRO + i: Register(code, 0x00) for i, code in enumerate(GYRO_CODES)},
        CONFIG: Register(0x80, 0xFF),
        FIFO_WM_TH1: FREELY_WRITTEN,
        FIFO_WM_TH1 + 1: FREELY_WRITTEN,
        PWR_MGMT_1: Register(0x41, 0xFF),
        WHO_AM_I: Register(0x19, 0x00),
    }
    counts_per_degC: ClassVar = 326.8
    zero_degC: ClassVar = 25.0

    def _rate_hz(self) -> float:
        values = self._registers
        self._fifo.stops_when_full = bool(values[CONFIG] & 0x40)
        if values[GYRO_CONFIG] & 0x03 or values[CONFIG] & 0x07 in (0, 7):
            return 1000.0  # SMPLRT_DIV has no effect then
        return 1000 / (1 + values[SMPLRT_DIV])

    def _cycle_hz(self) -> float:
        return 1000 / (1 + self._registers[SMPLRT_DIV])

    def _self_test_answers(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        ax, ay, az = (2620 * 1.01 ** (code - 1) / 16384 for code in ACC_CODES)
        gx, gy, gz = (2620 * 1.01 ** (code - 1) / 131 for code in GYRO_CODES)
        return (ax, ay, az), (gx, gy, gz)

    def _packets(
        self, acc: NDArray[np.int16], gyro: NDArray[np.int16], temperature: NDArray[np.int16]
    ) -> list[NDArray[np.int16]]:
        if self._registers[FIFO_EN] != 0x18:
            raise NotModelled("MPU6886: one sensor alone in the FIFO")
        return [acc, temperature, gyro]

    def _limit(self) -> int:
        return 32768 if self._registers[ACCEL_INTEL_CTRL] & 0x02 else LIMIT

    def _motion_seen(self, first: int, last: int) -> int:
        values = self._registers
        if values[ACCEL_INTEL_CTRL] & 0xC0 != 0xC0:
            return 0
        if values[ACCEL_INTEL_CTRL] & 0x01:
            raise NotModelled("MPU6886: motion on all axes at once")
        steps = self._sampler.greatest_acc_steps(first, last)
        flags = 0
        for axis, step in enumerate(steps):
            if step * self._sampler.acc.lsb > values[ACCEL_WOM_X_THR + axis] * MOTION_STEP_G:
                flags |= 0x80 >> axis
        return flags
