"""The object that firmware is given for MicroPython's module `esp32`: what may end light and deep sleep."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import ClassVar, Final

from .pins import SimulatedPin

EXT0_WAKE: Final = 2
EXT1_WAKE: Final = 3
TIMER_WAKE: Final = 4
"""What machine.wake_reason() returns (`esp_sleep_wakeup_cause_t`)."""


class SimulatedEsp32:
    """Keeps which pins end sleep at which level, until the board starts again (MicroPython's modesp32.c)."""

    WAKEUP_ALL_LOW: ClassVar = False
    WAKEUP_ANY_HIGH: ClassVar = True

    def __init__(self, pin_class: type[SimulatedPin], wake_pins: Container[int], *, has_ext0: bool) -> None:
        """`wake_pins` can end sleep. `has_ext0` is whether the chip has a wake-up by one pin at either level."""
        self._pin_class = pin_class
        self._wake_pins = wake_pins
        self.ext1: tuple[int, ...] = ()
        self.ext1_on_high = False
        self.ext0: tuple[int, bool] | None = None
        """(pin, level), for deep sleep."""
        self.gpio: tuple[int, ...] = ()
        if has_ext0:
            self.wake_on_ext0 = self._wake_on_ext0

    def _wake_on_ext0(self, pin: SimulatedPin, level: bool) -> None:
        self._check(pin)
        self.ext0 = pin.number, bool(level)

    def wake_on_ext1(self, pins: Sequence[SimulatedPin], level: bool) -> None:
        """Let any pin that is high end sleep; raises ValueError for one that can't, and changes nothing then."""
        for pin in pins:
            self._check(pin)
        self.ext1 = tuple(pin.number for pin in pins)
        self.ext1_on_high = bool(level)

    def wake_on_gpio(self, pins: Sequence[SimulatedPin], level: bool) -> None:
        """Take any pin; on these chips machine.deepsleep() then raises ValueError."""
        self.gpio = tuple(pin.number for pin in pins)

    def _check(self, pin: SimulatedPin) -> None:
        if pin.number not in self._wake_pins:
            raise ValueError("invalid pin")

    def wakes_by_ext1(self) -> bool:
        """Return whether a pin of ext1 is at its level."""
        levels = [self._pin_class.is_high(number) for number in self.ext1]
        return any(levels) if self.ext1_on_high else bool(levels) and not any(levels)

    def source_in_deep_sleep(self) -> int:
        """Return which pin ends deep sleep now, as machine.wake_reason() says it; 0 for none."""
        if self.ext0 is not None and self._pin_class.is_high_in_deep_sleep(self.ext0[0]) == self.ext0[1]:
            return EXT0_WAKE
        return EXT1_WAKE if self.wakes_by_ext1() else 0
