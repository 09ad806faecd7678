"""The twin's board: simulated chips, motor and power, wired to the pins that a board file names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from unslouch.twin.bus import I2CChip
from unslouch.twin.lsm6dsox import Lsm6dsox
from unslouch.twin.machine import SimulatedMachine
from unslouch.twin.motion import MotionSource
from unslouch.twin.pins import Level, Motor, PushButton, Voltage

BATTERY_DIVIDER: Final = 2
"""Two equal resistors from the cell to the pin."""


@dataclass(frozen=True)
class Wiring:
    """GPIO numbers and the I2C address of the parts; the defaults are the reference board's (XIAO ESP32-S3)."""

    i2c_scl: int = 6
    i2c_sda: int = 5
    imu_address: int = 0x6A
    imu_int1: int = 2
    battery: int = 1
    usb_sense: int = 4
    motor: int = 7
    button: int = 0


class SimulatedBoard:
    """What the firmware runs on. `chips` may be changed while running: taking one out is a broken wire."""

    def __init__(
        self,
        now_us: Callable[[], int],
        motion: MotionSource,
        wiring: Wiring | None = None,
        *,
        odr_error: float = 0.0,
        unique_id: bytes = b"twin00",
        reset_cause: int = SimulatedMachine.PWRON_RESET,
    ) -> None:
        wiring = wiring or Wiring()
        self.imu = Lsm6dsox(now_us, motion, odr_error=odr_error)
        self.motor = Motor(now_us)
        self.button = PushButton(now_us)
        self.chips: dict[int, I2CChip] = {wiring.imu_address: self.imu}
        attachments = {
            wiring.imu_int1: Level(self.imu.int1_level),
            wiring.battery: Voltage(lambda: motion.battery_mV(now_us() / 1e6) * 1000 // BATTERY_DIVIDER),
            wiring.usb_sense: Level(lambda: motion.usb_present(now_us() / 1e6)),
            wiring.motor: self.motor,
            wiring.button: self.button,
        }
        self.machine = SimulatedMachine(
            self.chips,
            attachments,
            scl_pin=wiring.i2c_scl,
            sda_pin=wiring.i2c_sda,
            unique_id=unique_id,
            reset_cause=reset_cause,
            now_us=now_us,
        )
