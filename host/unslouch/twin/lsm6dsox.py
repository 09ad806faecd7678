"""Register-level model of ST's LSM6DSOX accelerometer and gyroscope.

Registers as in datasheet DS12814 §8–9, behaviour as in application note AN5272. Not modelled: filters and turn-on
settling, low-power modes, embedded functions and sensor hub (their banks only store), BDU, and batching of anything
but the two sensors' uncompressed samples; what would silently mislead a driver raises NotModelled.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Final, NamedTuple

from unslouch.twin import fifo
from unslouch.twin.fifo import WordFifo
from unslouch.twin.motion import MotionSource
from unslouch.twin.sampler import OFF, Channel, Sampler, count_at

FUNC_CFG_ACCESS: Final = 0x01
FIFO_CTRL1: Final = 0x07
FIFO_CTRL2: Final = 0x08
FIFO_CTRL3: Final = 0x09
FIFO_CTRL4: Final = 0x0A
INT1_CTRL: Final = 0x0D
WHO_AM_I: Final = 0x0F
CTRL1_XL: Final = 0x10
CTRL2_G: Final = 0x11
CTRL3_C: Final = 0x12
CTRL10_C: Final = 0x19
STATUS_REG: Final = 0x1E
OUT_TEMP_L: Final = 0x20
OUTX_L_G: Final = 0x22
OUTX_L_A: Final = 0x28
FIFO_STATUS1: Final = 0x3A
FIFO_STATUS2: Final = 0x3B
TIMESTAMP0: Final = 0x40
TIMESTAMP2: Final = 0x42
INTERNAL_FREQ_FINE: Final = 0x63
FIFO_DATA_OUT_TAG: Final = 0x78
FIFO_DATA_OUT_Z_H: Final = 0x7E

ACC_LSB_G: Final = (0.061e-3, 0.488e-3, 0.122e-3, 0.244e-3)
"""By FS_XL code: 2, 16, 4, 8 g, in that odd order (DS12814 table 2, CTRL1_XL)."""
GYRO_LSB_DPS: Final = (8.75e-3, 17.5e-3, 35e-3, 70e-3)
"""By FS_G code: 250, 500, 1000, 2000 dps (DS12814 table 2). Full scale is thus 32768 × 8.75 mdps = 287 dps, not 250:
drivers that divide by 32768 / 250 read 12.8 % low, as micropython-lib's lsm6dsox.py does."""
GYRO_125_LSB_DPS: Final = 4.375e-3
ODR_HZ: Final = (0.0, 12.5, 26.0, 52.0, 104.0, 208.0, 416.0, 833.0, 1667.0, 3333.0, 6667.0)
"""By ODR_XL, ODR_G and BDR code (DS12814 CTRL1_XL, CTRL2_G, FIFO_CTRL3)."""

SOFTWARE_RESET_US: Final = 50
BOOT_US: Final = 10_000
"""How long SW_RESET and BOOT stay set (AN5272 §5.7)."""
TIMESTAMP_LSB_US: Final = 25
IDENTITY: Final = 0x6C


class NotModelled(NotImplementedError):
    """A driver asked for something of the chip that this model does not do."""


class Register(NamedTuple):
    reset: int
    writable: int
    """Mask of the bits that a write changes; the others are fixed or reserved."""


REGISTERS: Final[dict[int, Register]] = {
    FUNC_CFG_ACCESS: Register(0x00, 0xC1),
    0x02: Register(0x3F, 0xC0),  # PIN_CTRL
    FIFO_CTRL1: Register(0x00, 0xFF),
    FIFO_CTRL2: Register(0x00, 0xD7),
    FIFO_CTRL3: Register(0x00, 0xFF),
    FIFO_CTRL4: Register(0x00, 0xF7),
    0x0B: Register(0x00, 0xE7),  # COUNTER_BDR_REG1
    0x0C: Register(0x00, 0xFF),  # COUNTER_BDR_REG2
    INT1_CTRL: Register(0x00, 0xFF),
    0x0E: Register(0x00, 0x7F),  # INT2_CTRL
    WHO_AM_I: Register(IDENTITY, 0x00),
    CTRL1_XL: Register(0x00, 0xFE),
    CTRL2_G: Register(0x00, 0xFE),
    CTRL3_C: Register(0x04, 0xFD),
    0x13: Register(0x00, 0x6E),  # CTRL4_C
    0x14: Register(0x00, 0xFF),  # CTRL5_C
    0x15: Register(0x00, 0xFF),  # CTRL6_C
    0x16: Register(0x00, 0xF7),  # CTRL7_G
    0x17: Register(0x00, 0xFF),  # CTRL8_XL
    0x18: Register(0xE0, 0xFE),  # CTRL9_XL
    CTRL10_C: Register(0x00, 0x20),
    **{address: Register(0x00, 0xFF) for address in range(0x56, 0x60)},  # TAP_CFG0 … MD2_CFG
    **{address: Register(0x00, 0xFF) for address in range(0x73, 0x76)},  # X_OFS_USR … Z_OFS_USR
}
_MEASURING: Final = frozenset({FIFO_CTRL1, FIFO_CTRL2, FIFO_CTRL3, FIFO_CTRL4, CTRL1_XL, CTRL2_G})
_NEVER_US: Final = 1 << 62


class Lsm6dsox:
    """One chip, read and written as over I2C. It catches up with the clock at each access."""

    def __init__(self, now_us: Callable[[], int], motion: MotionSource, *, odr_error: float = 0.0) -> None:
        """`odr_error` is the relative error of the chip's own clock; real parts are off by a few per cent."""
        self._now_us = now_us
        self._motion = motion
        self._clock = 1.0 + odr_error
        self._freq_fine = round(odr_error / 0.0015) & 0xFF  # 0.15 % per count (DS12814 INTERNAL_FREQ_FINE)
        self._sampler = Sampler(motion)
        self._fifo = WordFifo()
        self._other_banks = (bytearray(128), bytearray(128), bytearray(128))
        self._boot_done_us = 0
        self._reset_done_us = 0
        self._reset_registers()

    # ---- the bus ----

    def read(self, register: int, buffer: memoryview) -> None:
        """A burst read of len(buffer) bytes (bytes 'B' format)."""
        values = self._registers
        if bank := values[FUNC_CFG_ACCESS] >> 6:
            if register != FUNC_CFG_ACCESS:
                values = self._other_banks[bank - 1]
            buffer[:] = (values[register:] + values)[: len(buffer)]
            return
        now_us = self._now_us()
        increments = values[CTRL3_C] & 0x04
        last = register + len(buffer) - 1
        if register >= FIFO_DATA_OUT_TAG and increments and register <= FIFO_DATA_OUT_Z_H:
            self._advance(now_us)
            self._fifo.read_into(register - FIFO_DATA_OUT_TAG, buffer)
        elif len(buffer) > 1 and (not increments or last >= FIFO_DATA_OUT_TAG):
            for i in range(len(buffer)):
                self.read(register, buffer[i : i + 1])
                register = self._after(register) if increments else register
        else:
            self._refresh(register, last, now_us)
            buffer[:] = values[register : last + 1]
            self._note_read(register, last, now_us)

    def write(self, register: int, data: bytes) -> None:
        """A burst write; what falls on read-only and reserved bits has no effect."""
        for value in data:
            self._write_byte(register, value, self._now_us())
            if self._registers[CTRL3_C] & 0x04:
                register = self._after(register)

    def int1_level(self) -> int:
        """Level of the INT1 pin for the events routed to it in INT1_CTRL; H_LACTIVE inverts it."""
        now_us = self._now_us()
        self._advance(now_us)
        routed = self._registers[INT1_CTRL]
        status = self._data_ready(now_us)
        words = self._fifo
        active = (
            routed & 0x01 & status
            or routed & 0x02 & status
            or (routed & 0x08 and words.at_watermark)
            or (routed & 0x10 and words.overrun)
            or (routed & 0x20 and words.full)
        )
        return int(bool(active) != bool(self._registers[CTRL3_C] & 0x20))

    @staticmethod
    def _after(register: int) -> int:
        return FIFO_DATA_OUT_TAG if register == FIFO_DATA_OUT_Z_H else (register + 1) & 0x7F

    # ---- registers ----

    def _reset_registers(self) -> None:
        self._registers = bytearray(128)
        for address, register in REGISTERS.items():
            self._registers[address] = register.reset
        self._registers[INTERNAL_FREQ_FINE] = self._freq_fine
        self._fifo.set_mode(fifo.BYPASS)
        self._timestamp_zero_us = 0
        self._acc_on = self._gyro_on = self._acc_read = self._gyro_read = 0
        self._sampler.configure(OFF, OFF)
        self._next_word_us = _NEVER_US
        self._word_position = 0

    def _write_byte(self, register: int, value: int, now_us: int) -> None:
        values = self._registers
        bank = values[FUNC_CFG_ACCESS] >> 6
        if bank and register != FUNC_CFG_ACCESS:
            self._other_banks[bank - 1][register] = value
            return
        self._advance(now_us)
        if register == TIMESTAMP2 and value == 0xAA:  # resets the counter (AN5272 §6.4)
            self._timestamp_zero_us = now_us
        if register not in REGISTERS:
            return
        if register in _MEASURING:
            self._refresh_outputs(now_us)
        writable = REGISTERS[register].writable
        before = values[register]
        values[register] = before & ~writable | value & writable
        if register in _MEASURING:
            try:
                self._reconfigure(now_us)
            except NotModelled:
                values[register] = before
                raise
        elif register == CTRL10_C and values[register] & ~before & 0x20:
            self._timestamp_zero_us = now_us
        elif register == CTRL3_C and value & 0x81:
            values[CTRL3_C] &= 0x7E
            if value & 0x80:
                self._boot_done_us = now_us + BOOT_US
            if value & 0x01:
                self._reset_registers()
                self._reset_done_us = now_us + SOFTWARE_RESET_US

    def _refresh(self, first: int, last: int, now_us: int) -> None:
        """Brings those registers of a range up to date that change by themselves."""
        values = self._registers
        if first <= FIFO_STATUS2 and last >= FIFO_STATUS1:
            self._advance(now_us)
            words = self._fifo
            level = len(words)
            values[FIFO_STATUS1] = level & 0xFF
            values[FIFO_STATUS2] = (
                words.at_watermark << 7 | words.overrun << 6 | words.full << 5 | words.overrun_latched << 3 | level >> 8
            )
        if first < OUTX_L_A + 6 and last >= STATUS_REG:
            values[STATUS_REG] = self._data_ready(now_us)
            self._refresh_outputs(now_us)
        if first <= CTRL3_C <= last:
            busy = (now_us < self._boot_done_us) << 7 | (now_us < self._reset_done_us)
            values[CTRL3_C] = values[CTRL3_C] & 0x7E | busy
        if first < TIMESTAMP0 + 4 and last >= TIMESTAMP0 and values[CTRL10_C] & 0x20:
            ticks = int((now_us - self._timestamp_zero_us) * self._clock / TIMESTAMP_LSB_US)
            values[TIMESTAMP0 : TIMESTAMP0 + 4] = (ticks & 0xFFFFFFFF).to_bytes(4, "little")

    def _note_read(self, first: int, last: int, now_us: int) -> None:
        """What reading does: the latched overrun and the data-ready flags go."""
        if first <= FIFO_STATUS2 <= last:
            self._fifo.overrun_latched = False
        if first < OUTX_L_G + 6 and last > OUTX_L_G:
            self._gyro_read = count_at(now_us, self._sampler.gyro.rate_hz)
        if first < OUTX_L_A + 6 and last > OUTX_L_A:
            self._acc_read = count_at(now_us, self._sampler.acc.rate_hz)

    # ---- measuring ----

    def _reconfigure(self, now_us: int) -> None:
        """Takes over rates, ranges and batching; data already in the FIFO stays."""
        values = self._registers
        acc, gyro, mode = self._acc_channel(), self._gyro_channel(), values[FIFO_CTRL4] & 0x07
        if mode not in (fifo.BYPASS, fifo.FIFO, fifo.CONTINUOUS) or values[FIFO_CTRL4] & 0xF0:
            raise NotModelled("LSM6DSOX: only bypass, FIFO and continuous mode without timestamp or temperature")
        if values[FIFO_CTRL2] & 0x50:
            raise NotModelled("LSM6DSOX: FIFO compression and ODR-change words are not modelled")
        self._fifo.watermark = values[FIFO_CTRL1] | (values[FIFO_CTRL2] & 1) << 8
        self._fifo.stop_on_watermark = bool(values[FIFO_CTRL2] & 0x80)
        self._fifo.set_mode(mode)
        if (acc, gyro) == (self._sampler.acc, self._sampler.gyro):
            return
        if acc.rate_hz != self._sampler.acc.rate_hz:
            self._acc_on = self._acc_read = count_at(now_us, acc.rate_hz)
        if gyro.rate_hz != self._sampler.gyro.rate_hz:
            self._gyro_on = self._gyro_read = count_at(now_us, gyro.rate_hz)
        self._sampler.configure(acc, gyro)
        if acc.batch_every or gyro.batch_every:
            self._block = self._sampler.block_at(now_us)
            self._word_position = bisect_right(self._block.word_times_us, now_us)
            self._find_next_word()
        else:
            self._next_word_us = _NEVER_US

    def _acc_channel(self) -> Channel:
        code = self._registers[CTRL1_XL] >> 4
        if code == 11:  # 1.6 Hz in low power, 12.5 Hz in high performance (DS12814 CTRL1_XL)
            code = 1
        lsb = ACC_LSB_G[self._registers[CTRL1_XL] >> 2 & 3]
        return self._channel(code, self._registers[FIFO_CTRL3] & 0x0F, lsb)

    def _gyro_channel(self) -> Channel:
        setting = self._registers[CTRL2_G]
        lsb = GYRO_125_LSB_DPS if setting & 0x02 else GYRO_LSB_DPS[setting >> 2 & 3]
        return self._channel(setting >> 4, self._registers[FIFO_CTRL3] >> 4, lsb)

    def _channel(self, odr_code: int, batch_code: int, lsb: float) -> Channel:
        if odr_code >= len(ODR_HZ) or batch_code >= len(ODR_HZ):
            raise NotModelled(f"LSM6DSOX: data rate code {odr_code} with batching code {batch_code}")
        if not odr_code:
            return Channel(lsb=lsb)
        batch_every = 1 << max(odr_code - batch_code, 0) if batch_code else 0
        return Channel(ODR_HZ[odr_code] * self._clock, lsb, batch_every)

    def _advance(self, now_us: int) -> None:
        """Batches all that has been measured up to now."""
        while now_us >= self._next_word_us:
            position = bisect_right(self._block.word_times_us, now_us, self._word_position)
            self._fifo.push(self._block.words[self._word_position * fifo.WORD_BYTES : position * fifo.WORD_BYTES])
            self._word_position = position
            self._find_next_word()

    def _find_next_word(self) -> None:
        while self._word_position == len(self._block.word_times_us):
            self._block = self._sampler.block_at(self._block.end_us)
            self._word_position = 0
        self._next_word_us = self._block.word_times_us[self._word_position]

    def _data_ready(self, now_us: int) -> int:
        acc, gyro = self._sampler.acc.rate_hz, self._sampler.gyro.rate_hz
        acc_ready = bool(acc) and count_at(now_us, acc) > self._acc_read
        gyro_ready = bool(gyro) and count_at(now_us, gyro) > self._gyro_read
        return (acc_ready or gyro_ready) << 2 | gyro_ready << 1 | acc_ready

    def _refresh_outputs(self, now_us: int) -> None:
        """The newest samples; a sensor that is off keeps its last one (AN5272 §3.1)."""
        values, acc, gyro = self._registers, self._sampler.acc, self._sampler.gyro
        if not acc.rate_hz and not gyro.rate_hz:
            return
        temperature_degC = self._motion.temperature_degC(now_us / 1e6)
        counts = round((temperature_degC - 25.0) * 256)  # 256 LSB/°C, 0 at 25 °C (DS12814 table 4)
        values[OUT_TEMP_L : OUT_TEMP_L + 2] = max(-32768, min(32767, counts)).to_bytes(2, "little", signed=True)
        newest = count_at(now_us, acc.rate_hz)
        if newest > self._acc_on:
            values[OUTX_L_A : OUTX_L_A + 6] = self._sampler.acc_counts(newest)
        newest = count_at(now_us, gyro.rate_hz)
        if newest > self._gyro_on:
            values[OUTX_L_G : OUTX_L_G + 6] = self._sampler.gyro_counts(newest)
