"""Register-level model of ST's LSM6DSOX accelerometer and gyroscope, and of the LSM6DSO, which differs in nothing here.

FIFO as in datasheet DS12814 §6.5 and application note AN5272 §9, without batching of anything but the two sensors'
uncompressed samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from unslouch.twin.wearer.motion import MotionSource

from . import fifo
from .fifo import WordFifo
from .lsm6ds import COMMON, CTRL1_XL, CTRL2_G, CTRL5_C, CTRL10_C, FUNC_CFG_ACCESS, ODR_HZ, WAKE_UP_DUR, WHO_AM_I, Lsm6ds
from .registers import NotModelled, Register

FIFO_CTRL1: Final = 0x07
FIFO_CTRL2: Final = 0x08
FIFO_CTRL3: Final = 0x09
FIFO_CTRL4: Final = 0x0A
FIFO_STATUS1: Final = 0x3A
FIFO_STATUS2: Final = 0x3B
TIMESTAMP0: Final = 0x40
TIMESTAMP2: Final = 0x42
TAP_CFG0: Final = 0x56
TAP_CFG2: Final = 0x58
INTERNAL_FREQ_FINE: Final = 0x63
FIFO_DATA_OUT_TAG: Final = 0x78
FIFO_DATA_OUT_Z_H: Final = 0x7E

TIMESTAMP_LSB_US: Final = 25
IDENTITY: Final = 0x6C

REGISTERS: Final[dict[int, Register]] = {
    **COMMON,
    FUNC_CFG_ACCESS: Register(0x00, 0xC1),
    0x02: Register(0x3F, 0xC0),  # PIN_CTRL
    FIFO_CTRL1: Register(0x00, 0xFF),
    FIFO_CTRL2: Register(0x00, 0xD7),
    FIFO_CTRL3: Register(0x00, 0xFF),
    FIFO_CTRL4: Register(0x00, 0xF7),
    0x0B: Register(0x00, 0xE7),  # COUNTER_BDR_REG1
    0x0C: Register(0x00, 0xFF),  # COUNTER_BDR_REG2
    WHO_AM_I: Register(IDENTITY, 0x00),
    CTRL10_C: Register(0x00, 0x20),
    TAP_CFG0: Register(0x00, 0xFF),
    0x57: Register(0x00, 0xFF),  # TAP_CFG1
}


class Lsm6dsox(Lsm6ds):
    """One chip, read and written as over I2C."""

    table: ClassVar = REGISTERS
    measuring: ClassVar = frozenset({FIFO_CTRL1, FIFO_CTRL2, FIFO_CTRL3, FIFO_CTRL4, CTRL1_XL, CTRL2_G, CTRL5_C})
    wake_ths_w: ClassVar = 0x10
    fifo_out: ClassVar = range(FIFO_DATA_OUT_TAG, FIFO_DATA_OUT_Z_H + 1)
    fifo_status: ClassVar = range(FIFO_STATUS1, FIFO_STATUS2 + 1)

    def __init__(self, now_us: Callable[[], int], motion: MotionSource, *, odr_error: float = 0.0) -> None:
        """`odr_error` is the relative error of the chip's own clock; real parts are off by a few per cent."""
        self._fifo = WordFifo()
        self._freq_fine = round(odr_error / 0.0015) & 0xFF  # 0.15 % per count (DS12814 INTERNAL_FREQ_FINE)
        super().__init__(now_us, motion, odr_error=odr_error)

    def _reset_registers(self) -> None:
        super()._reset_registers()
        self._registers[INTERNAL_FREQ_FINE] = self._freq_fine
        self._timestamp_zero_us = 0

    def _write_byte(self, register: int, value: int, now_us: int) -> None:
        in_main_bank = not self._registers[FUNC_CFG_ACCESS] >> 6
        counted = self._registers[CTRL10_C] & 0x20
        super()._write_byte(register, value, now_us)
        if not in_main_bank:
            return
        starts = register == CTRL10_C and self._registers[CTRL10_C] & 0x20 and not counted
        if starts or (register == TIMESTAMP2 and value == 0xAA):  # which resets the counter (AN5272 §6.4)
            self._timestamp_zero_us = now_us

    def _refresh(self, first: int, last: int, now_us: int) -> None:
        super()._refresh(first, last, now_us)
        values = self._registers
        if first < TIMESTAMP0 + 4 and last >= TIMESTAMP0 and values[CTRL10_C] & 0x20:
            ticks = int((now_us - self._timestamp_zero_us) * self._clock / TIMESTAMP_LSB_US)
            values[TIMESTAMP0 : TIMESTAMP0 + 4] = (ticks & 0xFFFFFFFF).to_bytes(4, "little")

    def _reset_fifo(self) -> None:
        self._fifo.set_mode(fifo.BYPASS)

    def _configure_fifo(self) -> None:
        values = self._registers
        mode = values[FIFO_CTRL4] & 0x07
        if mode not in (fifo.BYPASS, fifo.FIFO, fifo.CONTINUOUS) or values[FIFO_CTRL4] & 0xF0:
            raise NotModelled("LSM6DSOX: only bypass, FIFO and continuous mode without timestamp or temperature")
        if values[FIFO_CTRL2] & 0x50:
            raise NotModelled("LSM6DSOX: FIFO compression and ODR-change words are not modelled")
        self._fifo.watermark = values[FIFO_CTRL1] | (values[FIFO_CTRL2] & 1) << 8
        self._fifo.stop_on_watermark = bool(values[FIFO_CTRL2] & 0x80)
        self._fifo.set_mode(mode)

    def _batch_every(self, odr_code: int, is_gyro: bool) -> int:
        batch_code = self._registers[FIFO_CTRL3] >> 4 if is_gyro else self._registers[FIFO_CTRL3] & 0x0F
        if batch_code >= len(ODR_HZ):
            raise NotModelled(f"LSM6DSOX: batching code {batch_code}")
        return 1 << max(odr_code - batch_code, 0) if batch_code else 0

    def _push(self, words: bytes, times: int) -> None:
        self._fifo.push(words)

    def _read_fifo(self, offset: int, buffer: memoryview) -> None:
        self._fifo.read_into(offset, buffer)

    def _write_fifo_status(self, values: bytearray) -> None:
        words = self._fifo
        level = len(words)
        values[FIFO_STATUS1] = level & 0xFF
        values[FIFO_STATUS2] = (
            words.at_watermark << 7 | words.overrun << 6 | words.full << 5 | words.overrun_latched << 3 | level >> 8
        )

    def _forget_fifo_flags(self) -> None:
        self._fifo.overrun_latched = False

    def _fifo_interrupt(self, routed: int) -> bool:
        words = self._fifo
        return bool(
            (routed & 0x08 and words.at_watermark)
            or (routed & 0x10 and words.overrun)
            or (routed & 0x20 and words.full)
        )

    def _wake_up_enabled(self) -> bool:
        values = self._registers
        if not values[TAP_CFG2] & 0x80:
            return False
        # INT_CLR_ON_READ must go with LIR (AN5272, TAP_CFG0); SLOPE_FDS would take the high-pass filter's place.
        if values[TAP_CFG0] & 0x51 != 0x41 or values[WAKE_UP_DUR] & 0x60:
            raise NotModelled("LSM6DSOX: only the latched wake-up interrupt with the slope filter and no duration")
        return True
