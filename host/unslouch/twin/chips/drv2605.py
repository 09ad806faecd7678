"""Register-level model of TI's haptic driver DRV2605L with an actuator on it (datasheet SLOS854D).

Drives in real-time playback, plays ROM effects for a time without their shapes, and calibrates itself. Not modelled:
the actuator's inertia, the PWM, analogue and audio inputs, external triggers, and the one-time memory;
what would silently mislead a driver raises NotModelled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from unslouch.twin.machine.pins import FULL_DUTY, Attachment

from .registers import NEVER_US, NotModelled

STATUS: Final = 0x00
MODE: Final = 0x01
RTP_INPUT: Final = 0x02
WAV_FRM_SEQ1: Final = 0x04
GO: Final = 0x0C
RATED_VOLTAGE: Final = 0x16
OD_CLAMP: Final = 0x17
A_CAL_COMP: Final = 0x18
A_CAL_BEMF: Final = 0x19
FEEDBACK: Final = 0x1A
CONTROL3: Final = 0x1D
CONTROL4: Final = 0x1E

RESET: Final = {
    STATUS: 0xE0,  # DEVICE_ID 7
    MODE: 0x40,  # standby
    WAV_FRM_SEQ1: 0x01,
    0x11: 0x05,
    0x12: 0x19,
    0x13: 0xFF,
    0x14: 0x19,
    0x15: 0xFF,
    RATED_VOLTAGE: 0x3E,
    OD_CLAMP: 0x8C,
    A_CAL_COMP: 0x0C,
    A_CAL_BEMF: 0x6C,
    FEEDBACK: 0x36,
    0x1B: 0x93,
    0x1C: 0xF5,
    CONTROL3: 0xA0,
    CONTROL4: 0x20,
    0x1F: 0x80,
    0x20: 0x33,
}
LAST: Final = 0x22
READ_ONLY: Final = frozenset({STATUS, 0x21, 0x22})
AUTO_CAL_US: Final = (350_000, 450_000, 700_000, 1_200_000)
"""By AUTO_CAL_TIME, the longest that the datasheet gives (CONTROL4)."""
EFFECT_US: Final = 200_000
"""Real effects last from some 10 ms to a second."""
WAIT_US: Final = 10_000
"""WAIT: the other seven bits of a sequence register count these (WAV_FRM_SEQ1 to 8)."""
BRAKING_US: Final = 50_000
"""Within which an ERM of 10 mm comes to rest in closed loop."""
INTERNAL_TRIGGER: Final = 0
DIAGNOSTICS_US: Final = 300_000
"""An example: the datasheet gives no length."""
REAL_TIME: Final = 5
DIAGNOSTICS: Final = 6
AUTO_CALIBRATION: Final = 7


class Drv2605:
    """One chip, read and written as over I2C. What it does to the actuator goes to `actuator.driven()`."""

    def __init__(self, now_us: Callable[[], int], actuator: Attachment, *, is_lra: bool = False) -> None:
        self._now_us = now_us
        self._actuator = actuator
        self._is_lra = is_lra
        self.cut_brakes = 0
        """How often the chip was sent to standby before the actuator had come to rest: it runs down by itself then."""
        self._moves = False
        self._braked_us = 0
        self.connected = True
        """Whether the actuator's wires are whole; calibration finds out."""
        self._reset_registers()

    def read(self, register: int, buffer: memoryview) -> None:
        """A burst read of len(buffer) bytes (bytes 'B' format)."""
        self._catch_up()
        for i in range(len(buffer)):
            buffer[i] = self._registers[register + i] if register + i <= LAST else 0

    def write(self, register: int, data: bytes) -> None:
        """A burst write; what falls on read-only registers has no effect."""
        for value in data:
            self._catch_up()
            self._write_byte(register, value)
            register += 1

    def _reset_registers(self) -> None:
        self._registers = bytearray(LAST + 1)
        for register, value in RESET.items():
            self._registers[register] = value
        self._done_us = 0
        self._drive()

    def _write_byte(self, register: int, value: int) -> None:
        if register in READ_ONLY or register > LAST:
            return
        if register == MODE and value & 0x80:
            self._reset_registers()
            return
        values = self._registers
        if register == CONTROL4 and value & 0x01:
            raise NotModelled("DRV2605L: programming of the one-time memory")
        values[register] = value
        if register == GO:
            values[GO] = value & 0x01
            self._go() if value & 0x01 else self._stop()
        self._drive()

    def _go(self) -> None:
        values = self._registers
        mode = values[MODE]
        if mode & 0x40 or mode & 0x07 == REAL_TIME:
            self._stop()  # nothing happens in standby, and real-time playback needs no start
        elif mode & 0x07 == INTERNAL_TRIGGER:
            self._done_us = self._now_us() + self._sequence_us()
        elif mode & 0x07 == AUTO_CALIBRATION:
            self._done_us = self._now_us() + AUTO_CAL_US[values[CONTROL4] >> 4 & 3]
        elif mode & 0x07 == DIAGNOSTICS:
            self._done_us = self._now_us() + DIAGNOSTICS_US
        else:
            raise NotModelled(f"DRV2605L: mode {mode & 7}")

    def _stop(self) -> None:
        self._registers[GO] = 0

    def _sequence_us(self) -> int:
        total_us = 0
        for step in self._registers[WAV_FRM_SEQ1 : WAV_FRM_SEQ1 + 8]:
            if not step:
                break
            total_us += (step & 0x7F) * WAIT_US if step & 0x80 else EFFECT_US
        return total_us

    def _catch_up(self) -> None:
        values = self._registers
        if not values[GO] or self._now_us() < self._done_us:
            return
        if values[MODE] & 0x07 == AUTO_CALIBRATION:
            self._calibrate()
        elif values[MODE] & 0x07 == DIAGNOSTICS:
            self._diagnose()
        self._stop()
        self._drive()

    def _diagnose(self) -> bool:
        """Set DIAG_RESULT unless a sound actuator of the kind that N_ERM_LRA says is there; return whether one is."""
        values = self._registers
        is_right = self.connected and bool(values[FEEDBACK] & 0x80) == self._is_lra
        values[STATUS] = values[STATUS] & ~0x08 | (0 if is_right else 0x08)
        return is_right

    def _calibrate(self) -> None:
        values = self._registers
        if self._diagnose():
            values[A_CAL_COMP], values[A_CAL_BEMF] = 0x0B, 0x71
            values[FEEDBACK] = values[FEEDBACK] & 0xFC | 0x02

    def _drive(self) -> None:
        """What comes out, as a share of what the settings make full: braking counts as nothing."""
        values = self._registers
        duty = 0
        if not values[MODE] & 0x40 and self.connected:
            if values[MODE] & 0x07 == REAL_TIME:
                value = values[RTP_INPUT]
                if values[CONTROL3] & 0x08:  # DATA_FORMAT_RTP: unsigned
                    duty = value * FULL_DUTY // 255
                else:
                    duty = value * FULL_DUTY // 127 if value < 0x80 else 0
            elif values[GO]:
                duty = FULL_DUTY
        self._note_braking(duty)
        self._actuator.driven(duty)

    def _note_braking(self, duty: int) -> None:
        """Follow what standby cuts off: a drive, or the braking that follows one."""
        if duty:
            self._moves = True
            self._braked_us = NEVER_US
        elif self._registers[MODE] & 0x40:
            self.cut_brakes += self._moves and self._now_us() < self._braked_us
            self._moves = False
        elif self._moves and self._braked_us == NEVER_US:
            self._braked_us = self._now_us() + BRAKING_US
