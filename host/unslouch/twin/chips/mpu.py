"""Register-level model of what InvenSense's MPU-6050 and MPU-6886 have in common.

Registers as in RM-MPU-6000A-00 rev. 4.2 and DS-000193 rev. 1.1. Not modelled: low-pass filters (they only set the
rate), the 8 kHz of an unfiltered gyroscope (outputs change at 1 kHz), offsets, the auxiliary bus and the motion
processor; what would silently mislead a driver raises NotModelled.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from unslouch.twin.wearer.motion import MotionSource

from .fifo import ByteFifo
from .registers import FREELY_WRITTEN, NEVER_US, NotModelled, Register
from .sampler import OFF, Channel, Sampler, Stream, count_at, sample_times_us

SMPLRT_DIV: Final = 0x19
CONFIG: Final = 0x1A
GYRO_CONFIG: Final = 0x1B
ACCEL_CONFIG: Final = 0x1C
FIFO_EN: Final = 0x23
INT_PIN_CFG: Final = 0x37
INT_ENABLE: Final = 0x38
INT_STATUS: Final = 0x3A
ACCEL_XOUT_H: Final = 0x3B
TEMP_OUT_H: Final = 0x41
GYRO_XOUT_H: Final = 0x43
SIGNAL_PATH_RESET: Final = 0x68
USER_CTRL: Final = 0x6A
PWR_MGMT_1: Final = 0x6B
PWR_MGMT_2: Final = 0x6C
FIFO_COUNTH: Final = 0x72
FIFO_R_W: Final = 0x74
WHO_AM_I: Final = 0x75

ACC_LSB_G: Final = (1 / 16384, 1 / 8192, 1 / 4096, 1 / 2048)
GYRO_LSB_DPS: Final = (1 / 131, 1 / 65.5, 1 / 32.8, 1 / 16.4)
FIFO_BYTES: Final = 1024
RESET_US: Final = 5_000
"""How long DEVICE_RESET stays set and writes are lost; neither document gives a figure."""
FIFO_OVERFLOW: Final = 0x10
DATA_READY: Final = 0x01

COMMON: Final[dict[int, Register]] = {
    **dict.fromkeys(range(0x13, FIFO_EN + 1), FREELY_WRITTEN),
    INT_PIN_CFG: FREELY_WRITTEN,
    INT_ENABLE: FREELY_WRITTEN,
    SIGNAL_PATH_RESET: FREELY_WRITTEN,
    0x69: FREELY_WRITTEN,  # MOT_DETECT_CTRL, ACCEL_INTEL_CTRL
    USER_CTRL: FREELY_WRITTEN,
    PWR_MGMT_2: FREELY_WRITTEN,
}
_MEASURING: Final = frozenset(
    {SMPLRT_DIV, CONFIG, GYRO_CONFIG, ACCEL_CONFIG, FIFO_EN, USER_CTRL, PWR_MGMT_1, PWR_MGMT_2}
)


class Mpu(ABC):
    """One chip, read and written as over I2C. It catches up with the clock at each access."""

    table: ClassVar[dict[int, Register]]
    counts_per_degC: ClassVar[float]
    zero_degC: ClassVar[float]
    """Temperature that reads as 0."""

    def __init__(self, now_us: Callable[[], int], motion: MotionSource, *, odr_error: float = 0.0) -> None:
        """`odr_error` is the relative error of the chip's own clock."""
        self._now_us = now_us
        self._motion = motion
        self._clock = 1.0 + odr_error
        self._sampler = Sampler(motion, self._serialise)
        self.self_test_share = [1.0] * 6
        """By how much of what is right ax, ay, az, gx, gy, gz answer to the self-test; for tests to break one."""
        self._reset_done_us = 0
        self._reset_registers()

    # ---- what the chips differ in ----

    @abstractmethod
    def _rate_hz(self) -> float:
        """Samples per second while the gyroscope runs; raises NotModelled."""

    @abstractmethod
    def _cycle_hz(self) -> float:
        """How often the accelerometer alone wakes in cycle mode."""

    @abstractmethod
    def _self_test_answers(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """By how much sound axes answer to the self-test: g, °/s."""

    @abstractmethod
    def _packets(
        self, acc: NDArray[np.int16], gyro: NDArray[np.int16], temperature: NDArray[np.int16]
    ) -> list[NDArray[np.int16]]:
        """What goes into the FIFO of each sample, as FIFO_EN says, side by side; raises NotModelled."""

    def _limit(self) -> int:
        """Where outputs end."""
        return 32768

    @abstractmethod
    def _motion_seen(self, first: int, last: int) -> int:
        """The flags of INT_STATUS for what moved between two samples."""

    # ---- the bus ----

    def read(self, register: int, buffer: memoryview) -> None:
        """A burst read of len(buffer) bytes (bytes 'B' format)."""
        now_us = self._now_us()
        self._advance(now_us)
        self._refresh(now_us)
        for i in range(len(buffer)):
            buffer[i] = self._fifo.pop() if register == FIFO_R_W else self._registers[register]
            if register == INT_STATUS:
                self._flags = self._registers[INT_STATUS] = 0
                self._data_read = count_at(now_us, self._sampler.acc.rate_hz)
            if register != FIFO_R_W:
                register = (register + 1) & 0x7F

    def write(self, register: int, data: bytes) -> None:
        """A burst write; what falls on read-only registers has no effect."""
        for value in data:
            self._write_byte(register, value, self._now_us())
            register = (register + 1) & 0x7F

    def interrupt_level(self) -> int:
        """Level of the INT pin; INT_LEVEL inverts it."""
        now_us = self._now_us()
        self._advance(now_us)
        self._refresh(now_us)
        values = self._registers
        active = values[INT_STATUS] & values[INT_ENABLE]
        if active and not values[INT_PIN_CFG] & 0x20:
            raise NotModelled(f"{type(self).__name__}: an interrupt that isn't latched")
        return int(bool(active) != bool(values[INT_PIN_CFG] & 0x80))

    # ---- registers ----

    def _reset_registers(self) -> None:
        self._registers = bytearray(128)
        for address, register in self.table.items():
            self._registers[address] = register.reset
        self._fifo = ByteFifo(FIFO_BYTES)
        self._flags = self._on = self._data_read = self._motion_from = 0
        self._sampler.configure(OFF, OFF)
        self._next_us = NEVER_US
        self._position = 0

    def _write_byte(self, register: int, value: int, now_us: int) -> None:
        values = self._registers
        if now_us < self._reset_done_us or register not in self.table:
            return
        self._advance(now_us)
        self._refresh(now_us)
        if register == PWR_MGMT_1 and value & 0x80:
            self._reset_registers()
            self._reset_done_us = now_us + RESET_US
            return
        before = values[register]
        values[register] = value & self.table[register].writable
        if register == USER_CTRL:
            if value & 0x04 and not value & 0x40:  # FIFO_RESET works while FIFO_EN is 0
                self._fifo.clear()
            values[USER_CTRL] &= 0xF8
        if register in _MEASURING:
            try:
                self._reconfigure(now_us)
            except NotModelled:
                values[register] = before
                raise
        else:
            self._motion_from = count_at(now_us, self._sampler.acc.rate_hz)

    def _refresh(self, now_us: int) -> None:
        """Bring up to date what changes by itself."""
        values = self._registers
        if now_us < self._reset_done_us:
            values[PWR_MGMT_1] |= 0x80
        else:
            values[PWR_MGMT_1] &= 0x7F
        acc, gyro = self._sampler.acc, self._sampler.gyro
        newest = count_at(now_us, acc.rate_hz)
        if acc.rate_hz and newest > self._on:
            values[ACCEL_XOUT_H : ACCEL_XOUT_H + 6] = self._output(self._sampler.acc_counts(newest))
            values[TEMP_OUT_H : TEMP_OUT_H + 2] = self._temperature(now_us).to_bytes(2, "big", signed=True)
            if gyro.rate_hz:
                values[GYRO_XOUT_H : GYRO_XOUT_H + 6] = self._output(self._sampler.gyro_counts(newest))
            if newest > self._data_read:
                self._flags |= DATA_READY
            first = max(self._on + 1, self._motion_from)
            if newest > first:
                self._flags |= self._motion_seen(first, newest)
                self._motion_from = newest
        if self._fifo.overflowed:
            self._fifo.overflowed = False
            self._flags |= FIFO_OVERFLOW
        values[INT_STATUS] = self._flags
        values[FIFO_COUNTH : FIFO_COUNTH + 2] = len(self._fifo).to_bytes(2, "big")

    def _output(self, counts: bytes) -> bytes:
        limited: NDArray[np.int16] = np.frombuffer(counts, dtype="<i2").clip(-self._limit(), min(32767, self._limit()))
        return limited.astype(">i2").tobytes()

    def _temperature(self, now_us: int) -> int:
        counts = round((self._motion.temperature_degC(now_us / 1e6) - self.zero_degC) * self.counts_per_degC)
        return max(-32768, min(32767, counts))

    # ---- measuring ----

    def _reconfigure(self, now_us: int) -> None:
        """Take over rates, ranges and batching; what is in the FIFO stays."""
        values = self._registers
        acc, gyro = self._channels()
        if acc.rate_hz != self._sampler.acc.rate_hz:
            self._on = self._data_read = self._motion_from = count_at(now_us, acc.rate_hz)
        self._sampler.configure(acc, gyro)
        self._next_us = NEVER_US
        if acc.batch_every and values[FIFO_EN]:
            self._block = self._sampler.block_at(now_us)
            self._position = bisect_right(self._block.word_times_us, now_us)
            self._find_next()

    def _channels(self) -> tuple[Channel, Channel]:
        values = self._registers
        standby = values[PWR_MGMT_2] & 0x3F
        if standby not in (0, 0x07):
            raise NotModelled(f"{type(self).__name__}: standby of other axes than the gyroscope's three")
        acc_lsb = ACC_LSB_G[values[ACCEL_CONFIG] >> 3 & 3]
        gyro_lsb = GYRO_LSB_DPS[values[GYRO_CONFIG] >> 3 & 3]
        if values[PWR_MGMT_1] & 0x40:
            return Channel(lsb=acc_lsb), Channel(lsb=gyro_lsb)
        cycles = values[PWR_MGMT_1] & 0x20
        rate_hz = (self._cycle_hz() if cycles else self._rate_hz()) * self._clock
        batched = int(bool(values[USER_CTRL] & 0x40 and values[FIFO_EN]))
        if batched and (cycles or standby):
            raise NotModelled(f"{type(self).__name__}: the FIFO without the gyroscope")
        answers = self._self_test_answers()
        shares = self.self_test_share
        acc = Channel(rate_hz, acc_lsb, batched, _chosen(values[ACCEL_CONFIG], answers[0], shares[:3]))
        if cycles or standby:
            return acc, Channel(lsb=gyro_lsb)
        return acc, Channel(rate_hz, gyro_lsb, batched, _chosen(values[GYRO_CONFIG], answers[1], shares[3:]))

    def _serialise(self, acc: Stream, gyro: Stream) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        times_us = sample_times_us(acc)
        degC = self._temperature(int(times_us[0])) if len(times_us) else 0  # of the block: nothing here is that hasty
        temperature = np.full((len(times_us), 1), degC, dtype=np.int16)
        rows = np.hstack(self._packets(acc.raw, gyro.raw, temperature))
        data = np.frombuffer(self._output(rows.astype("<i2").tobytes()), dtype=np.uint8)
        return data.reshape(len(rows), -1), times_us

    def _advance(self, now_us: int) -> None:
        """Put all into the FIFO that has been measured up to now."""
        while now_us >= self._next_us:
            times = self._block.word_times_us
            position = bisect_right(times, now_us, self._position)
            unit = len(self._block.words) // len(times)
            self._fifo.push(self._block.words[self._position * unit : position * unit])
            self._position = position
            self._find_next()

    def _find_next(self) -> None:
        while self._position == len(self._block.word_times_us):
            self._block = self._sampler.block_at(self._block.end_us)
            self._position = 0
        self._next_us = self._block.word_times_us[self._position]


def _chosen(config: int, answers: tuple[float, float, float], shares: list[float]) -> tuple[float, float, float]:
    """What the self-test bits X 7, Y 6, Z 5 add to each axis."""
    x, y, z = (
        answer * share if config & 0x80 >> axis else 0.0
        for axis, (answer, share) in enumerate(zip(answers, shares, strict=True))
    )
    return x, y, z
