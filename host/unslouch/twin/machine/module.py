"""The object that firmware is given for MicroPython's module `machine`: its classes, wired to simulated parts."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, MutableMapping
from math import inf

from .esp32 import EXT0_WAKE, EXT1_WAKE, TIMER_WAKE, SimulatedEsp32
from .i2c import I2CChip, SimulatedI2C
from .pins import Attachment, SimulatedADC, SimulatedPin, SimulatedPWM
from .power_states import DeepSleep, DeviceReset, Rtc, SimulatedRTC, SimulatedWDT, Watchdog

WAKE_POLL_MS = 250
"""How often a pin that ends light sleep is looked at."""


class SimulatedMachine:
    """Hand this to firmware that expects the module `machine`."""

    SLEEP = 2
    # Values of MicroPython's ESP32 port.
    PWRON_RESET = 1
    HARD_RESET = 2
    WDT_RESET = 3
    DEEPSLEEP_RESET = 4
    SOFT_RESET = 5
    EXT0_WAKE = EXT0_WAKE
    EXT1_WAKE = EXT1_WAKE
    TIMER_WAKE = TIMER_WAKE
    IDF_HEAP = 61_440, 31_744
    """An example: an ESP32 without PSRAM has 50 to 64 KB left once its heap has doubled (MicroPython's issue 18859)."""

    def __init__(
        self,
        chips: MutableMapping[int, I2CChip],
        attachments: Mapping[int, Attachment],
        *,
        scl_pin: int,
        sda_pin: int,
        unique_id: bytes = b"twin00",
        reset_cause: int = PWRON_RESET,
        now_us: Callable[[], int] = lambda: 0,
        let_pass: Callable[[float], None] = lambda duration_s: None,
        rtc: Rtc | None = None,
        wake_pins: Container[int] = range(64),
        has_ext0: bool = True,
        wake_reason: int = 0,
    ) -> None:
        """`chips` by I2C address, `attachments` by pin number; `let_pass` makes it later by some seconds.

        `rtc` outlives a reset. `wake_pins` can end sleep; `wake_reason` is what ended the last. `has_ext0`: see
        SimulatedEsp32.
        """
        rtc = rtc or Rtc(now_us)
        self.RTC: type[SimulatedRTC] = type("RTC", (SimulatedRTC,), {"kept": rtc})
        self._let_pass = let_pass
        self._wake_reason = wake_reason
        self.refused_sleeps = 0
        """How often light sleep was refused, since a pin was at its wake level already."""
        self.on_idle: Callable[[], object] | None = None
        """What other tasks do once the interpreter is released; None: nothing."""
        self._unique_id = unique_id
        self._reset_cause = reset_cause
        pin_state: dict[str, object] = {"attachments": attachments, "duties": {}, "ext0": set()}
        pin_state |= {"wake_pins": wake_pins, "held": rtc.held, "detached": set(rtc.held)}
        self.Pin: type[SimulatedPin] = type("Pin", (SimulatedPin,), pin_state)
        self.esp32 = SimulatedEsp32(self.Pin, wake_pins, has_ext0=has_ext0)
        bus: dict[str, object] = {"chips": chips, "scl_pin": scl_pin, "sda_pin": sda_pin}
        self.I2C: type[SimulatedI2C] = type("I2C", (SimulatedI2C,), bus)
        self.PWM = SimulatedPWM
        self.ADC = SimulatedADC
        self.watchdog = Watchdog(now_us)
        self.WDT: type[SimulatedWDT] = type("WDT", (SimulatedWDT,), {"watchdog": self.watchdog})

    def unique_id(self) -> bytes:
        return self._unique_id

    def reset_cause(self) -> int:
        return self._reset_cause

    def idf_heap(self) -> tuple[int, int]:
        """Return free bytes and the largest free block, as start.idf_heap() does on a board; see IDF_HEAP."""
        return self.IDF_HEAP

    def idle(self) -> None:
        """Let the Bluetooth stack have the interpreter for a moment (ports/esp32/modmachine.c)."""
        if self.on_idle is not None:
            self.on_idle()

    def reset(self) -> None:
        raise DeviceReset

    def wake_reason(self) -> int:
        return self._wake_reason

    def wake_on_high(self, *pins: SimulatedPin) -> None:
        """Let any of these pins that is high end sleep, as start.wake_on_high() does on a board."""
        self.esp32.wake_on_ext1(pins, SimulatedEsp32.WAKEUP_ANY_HIGH)

    def _is_woken(self) -> bool:
        return self.esp32.wakes_by_ext1() or any(not self.Pin.is_high(id) for id in self.Pin.ext0)

    def lightsleep(self, time_ms: int) -> None:
        """Nothing happens meanwhile but time and what the chips do; the tick counter goes on, as on the ESP32.

        A pin that is high already refuses it: the call returns at once. Afterwards the pins that could have ended it
        are no inputs until they are set up again.
        """
        if self._is_woken():
            self.refused_sleeps += 1
            return
        self.Pin.detached.update(self.Pin.ext0, self.esp32.ext1)
        while time_ms > 0 and not self._is_woken():
            step_ms = min(time_ms, WAKE_POLL_MS) if self.esp32.ext1 or self.Pin.ext0 else time_ms
            self._let_pass(step_ms / 1000)
            time_ms -= step_ms

    def deepsleep(self, time_ms: float = inf) -> None:
        """End the boot for a time, or until a pin ends it. RAM and the levels of pins are lost, but for pins that are
        held."""
        if self.esp32.gpio:
            raise ValueError("DEEPSLEEP with gpio pins not supported on this chip")
        raise DeepSleep(time_ms, self.esp32.source_in_deep_sleep)
