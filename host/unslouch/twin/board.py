"""The twin's board: simulated chips, motor and power, wired to the pins that a board file names."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Self

from unslouch.twin.chips.drv2605 import Drv2605
from unslouch.twin.chips.lsm6ds3trc import Lsm6ds3trc
from unslouch.twin.chips.lsm6dsox import Lsm6dsox
from unslouch.twin.chips.mpu6050 import Mpu6050
from unslouch.twin.chips.mpu6886 import Mpu6886
from unslouch.twin.machine.i2c import I2CChip
from unslouch.twin.wearer.motion import MotionSource

from .machine.module import SimulatedMachine
from .machine.pins import FULL_DUTY, Attachment, Lamp, Level, Motor, PushButton, Voltage
from .machine.power_states import Rtc

BATTERY_DIVIDER: Final = 2
"""Two equal resistors from the cell to the pin."""

Imu = Lsm6dsox | Lsm6ds3trc | Mpu6050 | Mpu6886
IMUS: Final[dict[str, tuple[type[Imu], int]]] = {
    "lsm6dsox": (Lsm6dsox, 0x6A),
    "lsm6ds3trc": (Lsm6ds3trc, 0x6A),
    "mpu6050": (Mpu6050, 0x68),
    "mpu6886": (Mpu6886, 0x68),
}
"""Model and address, by the name that a board file gives."""
HAPTICS_ADDRESS: Final = 0x5A
ON_DRV2605: Final = "drv2605-erm", "drv2605-lra"
"""Values of a board file's MOTOR."""


ESP32_WAKE_PINS: Final = frozenset({0, 2, 4, 12, 13, 14, 15, 25, 26, 27, *range(32, 40)})
"""RTC_VALID_EXT_PINS in MicroPython's ports/esp32/modesp32.h, before 1.28.0 for the ESP32-C6 too."""
_WIRED: Final[dict[str, dict[str, Any]]] = {
    "XIAO ESP32-C6": {"wake_pins": range(8), "has_ext0": False, "antenna": ((3, 0), (14, 0))},
    "M5StickC Plus2": {"wake_pins": ESP32_WAKE_PINS, "hold": ((4, 1),)},
}
"""What a board is like whatever its board file says, by its name there."""


@dataclass(frozen=True)
class Wiring:
    """GPIO numbers and kinds of the parts; the defaults are the reference board's (XIAO ESP32-S3)."""

    i2c_scl: int = 6
    i2c_sda: int = 5
    imu: str = "lsm6dsox"
    imu_int1: int | None = 2
    battery: int = 1
    usb_sense: int | None = 4
    motor: int | None = 7
    """None: on a DRV2605L."""
    is_lra: bool = False
    button: int = 0
    led: int | None = 21
    led_on: int = 0
    wake_pins: Container[int] = range(22)
    """Those that can end sleep."""
    has_ext0: bool = True
    """Whether the chip can also be woken by one pin at either level."""
    hold: tuple[tuple[int, int], ...] = ()
    """(pin, level) that keeps the board supplied."""
    antenna: tuple[tuple[int, int], ...] = ()
    """(pin, level) that connects the radio to its antenna."""

    @classmethod
    def from_file(cls, board: ModuleType) -> Self:
        """Wire the simulated parts as a module of unslouch_device.boards says."""
        return cls(
            i2c_scl=board.I2C_SCL,
            i2c_sda=board.I2C_SDA,
            imu=board.IMU,
            imu_int1=board.IMU_INT_PIN,
            battery=board.BATTERY_PIN,
            usb_sense=board.EXTERNAL_POWER_PIN,
            motor=None if board.MOTOR in ON_DRV2605 else board.MOTOR_PIN,
            is_lra=board.MOTOR == "drv2605-lra",
            button=board.BUTTON_PIN,
            led=board.LED_PIN,
            led_on=board.LED_ON,
            **_WIRED.get(board.NAME, {}),
        )


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
        let_pass: Callable[[float], None] = lambda duration_s: None,
        rtc: Rtc | None = None,
        wake_reason: int = 0,
        before: Self | None = None,
    ) -> None:
        """`before`: the same board until its reset, which its chips and its button don't notice; None at power-on."""
        wiring = wiring or Wiring()
        imu, address = IMUS[wiring.imu]
        self.imu: Lsm6dsox | Lsm6ds3trc | Mpu6050 | Mpu6886 = (
            before.imu if before else imu(now_us, motion, odr_error=odr_error)
        )
        self._shorted: set[int] = before._shorted if before else set()
        self.motor = Motor(now_us)
        self.led = Lamp(now_us, wiring.led_on)
        self.button: PushButton = before.button if before else PushButton(now_us)
        self.button.on_fall(lambda: None)  # a reset ends interrupts, but not a press
        self.chips: dict[int, I2CChip] = {address: self.imu}
        attachments: dict[int, Attachment] = {
            wiring.battery: Voltage(lambda: motion.battery_mV(now_us() / 1e6) * 1000 // BATTERY_DIVIDER),
            wiring.button: self.button,
        }
        self._attachments = attachments
        if wiring.imu_int1 is not None:
            int1 = wiring.imu_int1
            attachments[int1] = Level(lambda: int1 in self._shorted or self.imu.interrupt_level())
        if wiring.usb_sense is not None:
            attachments[wiring.usb_sense] = Level(lambda: motion.usb_present(now_us() / 1e6))
        if wiring.motor is not None:
            attachments[wiring.motor] = self.motor
        else:
            self.chips[HAPTICS_ADDRESS] = Drv2605(now_us, self.motor, is_lra=wiring.is_lra)
        if wiring.led is not None:
            attachments[wiring.led] = self.led
        if before:
            self.chips = {address: chip for address, chip in before.chips.items() if address != HAPTICS_ADDRESS} | {
                address: chip for address, chip in self.chips.items() if address == HAPTICS_ADDRESS
            }
        self._wiring = wiring
        self.machine = SimulatedMachine(
            self.chips,
            attachments,
            scl_pin=wiring.i2c_scl,
            sda_pin=wiring.i2c_sda,
            unique_id=unique_id,
            reset_cause=reset_cause,
            now_us=now_us,
            let_pass=let_pass,
            rtc=rtc,
            wake_pins=wiring.wake_pins,
            has_ext0=wiring.has_ext0,
            wake_reason=wake_reason,
        )

    def unwire(self, pin: int) -> None:
        """Take away what a pin is connected to, as a broken wire does."""
        self._attachments.pop(pin, None)

    def short_to_supply(self, pin: int) -> None:
        """Let a pin be high whatever drives it, as a bridge of solder does."""
        self._shorted.add(pin)

    def mend(self, pin: int) -> None:
        """End short_to_supply()."""
        self._shorted.discard(pin)

    @property
    def supplied(self) -> bool:
        """Whether the firmware does what keeps the board supplied."""
        return self._drives(self._wiring.hold)

    def stays_supplied(self) -> bool:
        """Return whether what keeps the board supplied is held in deep sleep, where levels are lost otherwise."""
        held = self.machine.Pin.held
        return all(held.get(pin) == level * FULL_DUTY for pin, level in self._wiring.hold)

    @property
    def has_antenna(self) -> bool:
        """Whether the firmware does what connects the radio to its antenna."""
        return self._drives(self._wiring.antenna)

    def _drives(self, levels: tuple[tuple[int, int], ...]) -> bool:
        """Return whether each pin is at its level; one that nobody drives is at none."""
        return all(self.machine.Pin.duties.get(pin) == level * FULL_DUTY for pin, level in levels)
