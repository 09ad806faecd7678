"""Register-level model of ST's LSM6DS3TR-C accelerometer and gyroscope.

FIFO as in datasheet DS11472 and application note AN5130: 4 kbyte of bare 16-bit words in the pattern gx, gy, gz, ax,
ay, az. Only both sensors, undecimated and at their own rate. DIFF_FIFO has eleven bits: a FIFO with all of its 2048
words reads as 0 words and an overrun, which users of the real chip report.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from unslouch.twin.wearer.motion import MotionSource

from .lsm6ds import COMMON, CTRL1_XL, CTRL2_G, CTRL5_C, CTRL10_C, FUNC_CFG_ACCESS, WAKE_UP_DUR, WHO_AM_I, Lsm6ds
from .registers import NotModelled, Register
from .sampler import Stream, sample_times_us

FIFO_CTRL1: Final = 0x06
FIFO_CTRL2: Final = 0x07
FIFO_CTRL3: Final = 0x08
FIFO_CTRL4: Final = 0x09
FIFO_CTRL5: Final = 0x0A
FIFO_STATUS1: Final = 0x3A
FIFO_STATUS4: Final = 0x3D
FIFO_DATA_OUT_L: Final = 0x3E
FIFO_DATA_OUT_H: Final = 0x3F
TAP_CFG: Final = 0x58

IDENTITY: Final = 0x6A
DEPTH_WORDS: Final = 2048
PATTERN: Final = 6
BYPASS: Final = 0
CONTINUOUS: Final = 6

REGISTERS: Final[dict[int, Register]] = {
    **COMMON,
    FUNC_CFG_ACCESS: Register(0x00, 0xA0),
    0x04: Register(0x00, 0xFF),  # SENSOR_SYNC_TIME_FRAME
    0x05: Register(0x00, 0x03),  # SENSOR_SYNC_RES_RATIO
    FIFO_CTRL1: Register(0x00, 0xFF),
    FIFO_CTRL2: Register(0x00, 0xCF),
    FIFO_CTRL3: Register(0x00, 0x3F),
    FIFO_CTRL4: Register(0x00, 0xFF),
    FIFO_CTRL5: Register(0x00, 0x7F),
    0x0B: Register(0x00, 0x80),  # DRDY_PULSE_CFG_G
    WHO_AM_I: Register(IDENTITY, 0x00),
    CTRL10_C: Register(0x00, 0xFF),
}


class Lsm6ds3trc(Lsm6ds):
    """One chip, read and written as over I2C."""

    table: ClassVar = REGISTERS
    measuring: ClassVar = frozenset(range(FIFO_CTRL1, FIFO_CTRL5 + 1)) | {CTRL1_XL, CTRL2_G, CTRL5_C}
    fifo_out: ClassVar = range(FIFO_DATA_OUT_L, FIFO_DATA_OUT_H + 1)
    fifo_status: ClassVar = range(FIFO_STATUS1, FIFO_STATUS4 + 1)

    def __init__(self, now_us: Callable[[], int], motion: MotionSource, *, odr_error: float = 0.0) -> None:
        """`odr_error` is the relative error of the chip's own clock; real parts are off by a few per cent."""
        super().__init__(now_us, motion, odr_error=odr_error, serialise=_in_pattern)

    def _reset_fifo(self) -> None:
        self._queue = bytearray()
        self._taken = 0  # words that have left, so that the next one's place in the pattern is known
        self._overrun = False
        self._mode = BYPASS

    def _configure_fifo(self) -> None:
        values = self._registers
        mode = values[FIFO_CTRL5] & 0x07
        if mode not in (BYPASS, CONTINUOUS) or values[FIFO_CTRL2] & 0xC8 or values[FIFO_CTRL4]:
            raise NotModelled(
                "LSM6DS3TR-C: only bypass and continuous mode, with neither temperature nor third data set"
            )
        if mode == CONTINUOUS and values[FIFO_CTRL3] not in (0x00, 0x09):
            raise NotModelled("LSM6DS3TR-C: only both sensors without decimation")
        if mode == BYPASS:
            self._reset_fifo()
        self._mode = mode

    def _batch_every(self, odr_code: int, is_gyro: bool) -> int:
        values = self._registers
        fifo_code = values[FIFO_CTRL5] >> 3
        if not odr_code or not fifo_code or values[FIFO_CTRL5] & 0x07 == BYPASS or not values[FIFO_CTRL3]:
            return 0
        if values[CTRL1_XL] >> 4 == 0 or values[CTRL2_G] >> 4 == 0:
            return 0  # the pattern waits for both
        if not fifo_code == values[CTRL1_XL] >> 4 == values[CTRL2_G] >> 4:
            raise NotModelled("LSM6DS3TR-C: only one data rate for both sensors and the FIFO")
        return 1

    def _push(self, words: bytes, times: int) -> None:
        if self._mode == BYPASS:
            return
        self._queue += words
        excess = len(self._queue) - 2 * DEPTH_WORDS
        if excess > 0:
            self._overrun = True
            self._taken += excess // 2
            del self._queue[:excess]

    def _read_fifo(self, offset: int, buffer: memoryview) -> None:
        if offset:
            raise NotModelled("LSM6DS3TR-C: the FIFO is only read from the low byte on")
        data = bytes(self._queue[: len(buffer)])
        buffer[:] = data + bytes(len(buffer) - len(data))
        words = len(data) // 2
        del self._queue[: 2 * words]
        self._taken += words
        if words:
            self._overrun = False

    def _write_fifo_status(self, values: bytearray) -> None:
        words = len(self._queue) // 2
        watermark = values[FIFO_CTRL1] | (values[FIFO_CTRL2] & 0x07) << 8
        flags = (
            bool(0 < watermark <= words) << 7
            | self._overrun << 6
            | bool(words > DEPTH_WORDS - PATTERN) << 5
            | bool(not words) << 4
        )
        pattern = self._taken % PATTERN
        values[FIFO_STATUS1 : FIFO_STATUS4 + 1] = bytes((words & 0xFF, flags | words >> 8 & 0x07, pattern, 0))

    def _forget_fifo_flags(self) -> None:
        """Nothing is latched."""

    def _fifo_interrupt(self, routed: int) -> bool:
        if routed & 0x38:
            raise NotModelled("LSM6DS3TR-C: interrupts of the FIFO")
        return False

    def _wake_up_enabled(self) -> bool:
        values = self._registers
        if not values[TAP_CFG] & 0x80:
            return False
        if values[TAP_CFG] & 0x11 != 0x01 or values[WAKE_UP_DUR] & 0x60:
            raise NotModelled("LSM6DS3TR-C: only the latched wake-up interrupt with the slope filter and no duration")
        return True


def _in_pattern(acc: Stream, gyro: Stream) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    rows = np.hstack([gyro.raw, acc.raw]).astype("<i2")
    return rows.view(np.uint8), sample_times_us(acc)
