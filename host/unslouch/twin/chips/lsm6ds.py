"""Register-level model of what ST's LSM6DSOX, LSM6DSO and LSM6DS3TR-C have in common: all but the FIFO.

Registers as in the LSM6DSOX's datasheet DS12814 §8–9, behaviour as in its application note AN5272; the others' (DS12140
and AN5192, DS11472 and AN5130) agree in what is here. Not modelled: filters and turn-on settling, low-power modes,
embedded functions and sensor hub (their banks only store), BDU, and interrupts other than data ready, FIFO and latched
wake-up; what would silently mislead a driver raises NotModelled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable
from typing import ClassVar, Final

from unslouch.twin.wearer.motion import MotionSource

from .registers import NEVER_US, NotModelled, Register
from .sampler import OFF, Channel, Sampler, Serialiser, count_at

FUNC_CFG_ACCESS: Final = 0x01
INT1_CTRL: Final = 0x0D
WHO_AM_I: Final = 0x0F
CTRL1_XL: Final = 0x10
CTRL2_G: Final = 0x11
CTRL3_C: Final = 0x12
CTRL5_C: Final = 0x14
CTRL10_C: Final = 0x19
WAKE_UP_SRC: Final = 0x1B
STATUS_REG: Final = 0x1E
OUT_TEMP_L: Final = 0x20
OUTX_L_G: Final = 0x22
OUTX_L_A: Final = 0x28
WAKE_UP_THS: Final = 0x5B
WAKE_UP_DUR: Final = 0x5C
MD1_CFG: Final = 0x5E

ACC_LSB_G: Final = (0.061e-3, 0.488e-3, 0.122e-3, 0.244e-3)
"""By FS_XL code: 2, 16, 4, 8 g, in that odd order (DS12814 table 2, CTRL1_XL)."""
GYRO_LSB_DPS: Final = (8.75e-3, 17.5e-3, 35e-3, 70e-3)
"""By FS_G code: 250, 500, 1000, 2000 dps (DS12814 table 2). Full scale is thus 32768 × 8.75 mdps = 287 dps, not 250:
drivers that divide by 32768 / 250 read 12.8 % low, as micropython-lib's lsm6dsox.py does."""
GYRO_125_LSB_DPS: Final = 4.375e-3
ODR_HZ: Final = (0.0, 12.5, 26.0, 52.0, 104.0, 208.0, 416.0, 833.0, 1667.0, 3333.0, 6667.0)
"""By ODR_XL, ODR_G and BDR code (DS12814 CTRL1_XL, CTRL2_G, FIFO_CTRL3)."""
SELF_TEST_G: Final = 0.4
"""How far a sound axis answers; DS12814 table 2 wants 50 to 1700 mg, DS11472 table 3 90 to 1700 mg."""
SELF_TEST_DPS: Final = 300.0
"""The same at ±2000 dps, of 150 to 700 dps; narrower ranges answer with 20 to 80 dps, of which SELF_TEST_NARROW_DPS."""
SELF_TEST_NARROW_DPS: Final = 50.0

SOFTWARE_RESET_US: Final = 50
BOOT_US: Final = 10_000
"""How long SW_RESET and BOOT stay set (AN5272 §5.7)."""
SLOPE_STEPS: Final = 64
"""WAKE_UP_THS is a share of the full scale, of which it has as many steps (AN5272, wake-up interrupt)."""
FINE_SLOPE_STEPS: Final = 256
"""Those of the LSM6DSOX and LSM6DSO with WAKE_THS_W set."""


COMMON: Final[dict[int, Register]] = {
    INT1_CTRL: Register(0x00, 0xFF),
    0x0E: Register(0x00, 0x7F),  # INT2_CTRL
    CTRL1_XL: Register(0x00, 0xFE),
    CTRL2_G: Register(0x00, 0xFE),
    CTRL3_C: Register(0x04, 0xFD),
    0x13: Register(0x00, 0x6E),  # CTRL4_C
    CTRL5_C: Register(0x00, 0xFF),
    0x15: Register(0x00, 0xFF),  # CTRL6_C
    0x16: Register(0x00, 0xF7),  # CTRL7_G
    0x17: Register(0x00, 0xFF),  # CTRL8_XL
    0x18: Register(0xE0, 0xFE),  # CTRL9_XL
    **{address: Register(0x00, 0xFF) for address in range(0x58, 0x60)},  # TAP_CFG2 … MD2_CFG
    **{address: Register(0x00, 0xFF) for address in range(0x73, 0x76)},  # X_OFS_USR … Z_OFS_USR
}
"""Registers at the same place in every chip of the family."""


class Lsm6ds(ABC):
    """One chip, read and written as over I2C. It catches up with the clock at each access."""

    table: ClassVar[dict[int, Register]]
    """Every register that can be written, and WHO_AM_I."""
    measuring: ClassVar[frozenset[int]]
    """Those that decide on rates, ranges and batching."""
    wake_ths_w: ClassVar = 0x00
    """WAKE_THS_W in WAKE_UP_DUR, where the chip has it."""
    fifo_out: ClassVar[range]
    """Where the FIFO is read; within it a burst goes round and round."""
    fifo_status: ClassVar[range]

    def __init__(
        self,
        now_us: Callable[[], int],
        motion: MotionSource,
        *,
        odr_error: float = 0.0,
        serialise: Serialiser | None = None,
    ) -> None:
        """`odr_error` is the relative error of the chip's own clock; real parts are off by a few per cent."""
        self._now_us = now_us
        self._motion = motion
        self._clock = 1.0 + odr_error
        self._sampler = Sampler(motion, serialise)
        self.self_test_share = [1.0] * 6
        """By how much of what is right ax, ay, az, gx, gy, gz answer to the self-test; for tests to break one."""
        self._other_banks = (bytearray(128), bytearray(128), bytearray(128))
        self._boot_done_us = 0
        self._reset_done_us = 0
        self._reset_registers()

    # ---- what the chips differ in ----

    @abstractmethod
    def _reset_fifo(self) -> None:
        """Begin with an empty FIFO that is off."""

    @abstractmethod
    def _configure_fifo(self) -> None:
        """Take over the FIFO's own settings; raises NotModelled."""

    @abstractmethod
    def _batch_every(self, odr_code: int, is_gyro: bool) -> int:
        """Every how many samples of a sensor one goes into the FIFO; raises NotModelled."""

    @abstractmethod
    def _push(self, words: bytes, times: int) -> None:
        """Put into the FIFO what was measured at so many times."""

    @abstractmethod
    def _read_fifo(self, offset: int, buffer: memoryview) -> None:
        """A burst read from byte `offset` of `fifo_out` on."""

    @abstractmethod
    def _write_fifo_status(self, values: bytearray) -> None:
        """Bring the status registers up to date."""

    @abstractmethod
    def _fifo_interrupt(self, routed: int) -> bool:
        """Whether an event of the FIFO that INT1_CTRL names is there."""

    @abstractmethod
    def _wake_up_enabled(self) -> bool:
        """Whether interrupts are enabled and latched; raises NotModelled where they are not latched."""

    @abstractmethod
    def _forget_fifo_flags(self) -> None:
        """Take back what reading the status clears."""

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
        if register in self.fifo_out and increments:
            self._advance(now_us)
            self._read_fifo(register - self.fifo_out.start, buffer)
        elif len(buffer) > 1 and (not increments or last >= self.fifo_out.start > register or last > 0x7F):
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

    def interrupt_level(self) -> int:
        """Level of the INT1 pin for the events routed to it in INT1_CTRL and MD1_CFG; H_LACTIVE inverts it."""
        now_us = self._now_us()
        self._advance(now_us)
        routed = self._registers[INT1_CTRL]
        active = routed & 0x03 & self._data_ready(now_us) or self._fifo_interrupt(routed)
        if self._registers[MD1_CFG] & 0x20:
            active = active or self._woken(now_us)
        return int(bool(active) != bool(self._registers[CTRL3_C] & 0x20))

    def _after(self, register: int) -> int:
        return self.fifo_out.start if register == self.fifo_out[-1] else (register + 1) & 0x7F

    # ---- registers ----

    def _reset_registers(self) -> None:
        self._registers = bytearray(128)
        for address, register in self.table.items():
            self._registers[address] = register.reset
        self._reset_fifo()
        self._acc_on = self._gyro_on = self._acc_read = self._gyro_read = 0
        self._wake_up_source = self._seen_by_wake_up = 0
        self._sampler.configure(OFF, OFF)
        self._next_word_us = NEVER_US
        self._position = 0

    def _write_byte(self, register: int, value: int, now_us: int) -> None:
        values = self._registers
        bank = values[FUNC_CFG_ACCESS] >> 6
        if bank and register != FUNC_CFG_ACCESS:
            self._other_banks[bank - 1][register] = value
            return
        self._advance(now_us)
        if register not in self.table:
            return
        if register in self.measuring:
            self._refresh_outputs(now_us)
            self._woken(now_us)
        writable = self.table[register].writable
        before = values[register]
        values[register] = before & ~writable | value & writable
        if register in self.measuring:
            try:
                self._reconfigure(now_us)
            except NotModelled:
                values[register] = before
                raise
        elif register == MD1_CFG:
            self._seen_by_wake_up = count_at(now_us, self._sampler.acc.rate_hz)
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
        if first <= self.fifo_status[-1] and last >= self.fifo_status.start:
            self._advance(now_us)
            self._write_fifo_status(values)
        if first <= WAKE_UP_SRC <= last:
            self._woken(now_us)
            values[WAKE_UP_SRC] = self._wake_up_source
        if first < OUTX_L_A + 6 and last >= STATUS_REG:
            values[STATUS_REG] = self._data_ready(now_us)
            self._refresh_outputs(now_us)
        if first <= CTRL3_C <= last:
            busy = (now_us < self._boot_done_us) << 7 | (now_us < self._reset_done_us)
            values[CTRL3_C] = values[CTRL3_C] & 0x7E | busy

    def _note_read(self, first: int, last: int, now_us: int) -> None:
        """What reading does: latched flags and data-ready flags go."""
        if first <= self.fifo_status.start + 1 <= last:
            self._forget_fifo_flags()
        if first <= WAKE_UP_SRC <= last:
            self._wake_up_source = 0
        if first < OUTX_L_G + 6 and last > OUTX_L_G:
            self._gyro_read = count_at(now_us, self._sampler.gyro.rate_hz)
        if first < OUTX_L_A + 6 and last > OUTX_L_A:
            self._acc_read = count_at(now_us, self._sampler.acc.rate_hz)

    # ---- measuring ----

    def _reconfigure(self, now_us: int) -> None:
        """Takes over rates, ranges and batching; data already in the FIFO stays."""
        acc, gyro = self._acc_channel(), self._gyro_channel()
        self._configure_fifo()
        if (acc, gyro) == (self._sampler.acc, self._sampler.gyro):
            return
        if acc.rate_hz != self._sampler.acc.rate_hz:
            self._acc_on = self._acc_read = self._seen_by_wake_up = count_at(now_us, acc.rate_hz)
        if gyro.rate_hz != self._sampler.gyro.rate_hz:
            self._gyro_on = self._gyro_read = count_at(now_us, gyro.rate_hz)
        self._sampler.configure(acc, gyro)
        if acc.batch_every or gyro.batch_every:
            self._block = self._sampler.block_at(now_us)
            self._position = bisect_right(self._block.word_times_us, now_us)
            self._find_next_word()
        else:
            self._next_word_us = NEVER_US

    def _acc_channel(self) -> Channel:
        code = self._registers[CTRL1_XL] >> 4
        if code == 11:  # 1.6 Hz in low power, 12.5 Hz in high performance (DS12814 CTRL1_XL)
            code = 1
        lsb = ACC_LSB_G[self._registers[CTRL1_XL] >> 2 & 3]
        g = (0.0, SELF_TEST_G, -SELF_TEST_G, 0.0)[self._registers[CTRL5_C] & 3]
        shares = self.self_test_share
        return self._channel(code, lsb, (g * shares[0], g * shares[1], g * shares[2]), is_gyro=False)

    def _gyro_channel(self) -> Channel:
        setting = self._registers[CTRL2_G]
        lsb = GYRO_125_LSB_DPS if setting & 0x02 else GYRO_LSB_DPS[setting >> 2 & 3]
        answer = SELF_TEST_DPS if lsb == GYRO_LSB_DPS[3] else SELF_TEST_NARROW_DPS
        dps = (0.0, answer, 0.0, -answer)[self._registers[CTRL5_C] >> 2 & 3]
        shares = self.self_test_share
        return self._channel(setting >> 4, lsb, (dps * shares[3], dps * shares[4], dps * shares[5]), is_gyro=True)

    def _channel(self, odr_code: int, lsb: float, shift: tuple[float, float, float], *, is_gyro: bool) -> Channel:
        if odr_code >= len(ODR_HZ):
            raise NotModelled(f"{type(self).__name__}: data rate code {odr_code}")
        batch_every = self._batch_every(odr_code, is_gyro)
        if not odr_code:
            return Channel(lsb=lsb)
        return Channel(ODR_HZ[odr_code] * self._clock, lsb, batch_every, shift)

    def _advance(self, now_us: int) -> None:
        """Batches all that has been measured up to now."""
        while now_us >= self._next_word_us:
            times = self._block.word_times_us
            position = bisect_right(times, now_us, self._position)
            unit = len(self._block.words) // len(times)
            self._push(self._block.words[self._position * unit : position * unit], position - self._position)
            self._position = position
            self._find_next_word()

    def _find_next_word(self) -> None:
        while self._position == len(self._block.word_times_us):
            self._block = self._sampler.block_at(self._block.end_us)
            self._position = 0
        self._next_word_us = self._block.word_times_us[self._position]

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

    def _woken(self, now_us: int) -> bool:
        """Whether the slope filter, half the change from sample to sample, has gone beyond WAKE_UP_THS."""
        rate_hz = self._sampler.acc.rate_hz
        if not rate_hz or not self._wake_up_enabled():
            return False
        newest = count_at(now_us, rate_hz)
        first = max(self._seen_by_wake_up, self._acc_on + 1)
        if newest > first:
            fine = self._registers[WAKE_UP_DUR] & self.wake_ths_w
            step = 32768 // (FINE_SLOPE_STEPS if fine else SLOPE_STEPS)
            threshold = (self._registers[WAKE_UP_THS] & 0x3F) * step
            if max(self._sampler.greatest_acc_steps(first, newest)) / 2 > threshold:
                self._wake_up_source = 0x08
            self._seen_by_wake_up = newest
        return bool(self._wake_up_source)
