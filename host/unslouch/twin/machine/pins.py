"""Simulated pins and what hangs on them: `machine.Pin`, `machine.PWM` and `machine.ADC` for the twin."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from itertools import pairwise
from typing import ClassVar, Final, NamedTuple

SUPPLY_UV: Final = 3_300_000
FULL_DUTY: Final = 65_535


class Attachment:
    """What a pin is connected to. By itself: nothing, so that a pull resistor decides."""

    def voltage_uv(self) -> int | None:
        """Voltage that it puts on the pin, or None if it drives nothing."""
        return None

    def driven(self, duty_u16: int) -> None:
        """The pin now drives it: 0 is low, 65535 high, PWM is between."""

    def on_fall(self, interrupt: Callable[[], None]) -> None:
        """Call this one whenever it pulls the pin low; what never does needs no more than this."""


_NOTHING = Attachment()


class Voltage(Attachment):
    """An analogue source, such as a divider from the battery."""

    def __init__(self, microvolts: Callable[[], int]) -> None:
        self._microvolts = microvolts

    def voltage_uv(self) -> int:
        return self._microvolts()


class Level(Attachment):
    """A digital source, such as a chip's interrupt output."""

    def __init__(self, level: Callable[[], int]) -> None:
        self._level = level

    def voltage_uv(self) -> int:
        return SUPPLY_UV if self._level() else 0


class PushButton(Attachment):
    """A button to ground."""

    PRESS_S: ClassVar = 0.15

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._released_us = 0
        self._interrupt: Callable[[], None] | None = None

    def press(self, duration_s: float = PRESS_S) -> None:
        """Hold it down from now on for a while."""
        self._released_us = self._now_us() + round(duration_s * 1e6)
        if self._interrupt is not None:
            self._interrupt()

    def voltage_uv(self) -> int | None:
        return 0 if self._now_us() < self._released_us else None

    def on_fall(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt


class Pulse(NamedTuple):
    """A stretch of constant drive of a motor."""

    start_us: int
    duration_us: int
    duty_u16: int


class Motor(Attachment):
    """A vibration motor that records what it did."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self.changes: list[tuple[int, int]] = []
        """(time [µs], duty 0…65535) of every change."""

    def driven(self, duty_u16: int) -> None:
        if duty_u16 != (self.changes[-1][1] if self.changes else 0):
            self.changes.append((self._now_us(), duty_u16))

    def pulses(self) -> list[Pulse]:
        """Every stretch in which it ran; one that still runs lasts until now."""
        after = [*self.changes, (self._now_us(), 0)]
        return [Pulse(start, end - start, duty) for (start, duty), (end, _) in pairwise(after) if duty]


class Lamp(Attachment):
    """A light that records when it went on; `on` is the level at which it shines."""

    def __init__(self, now_us: Callable[[], int], on: int) -> None:
        self._now_us = now_us
        self._on = on
        self.shines = False
        self.blinks_us: list[int] = []

    def driven(self, duty_u16: int) -> None:
        shines = bool(duty_u16) == bool(self._on)
        if shines and not self.shines:
            self.blinks_us.append(self._now_us())
        self.shines = shines


class SimulatedPin:
    """Stands in for `machine.Pin`; objects of one number share the pin's state."""

    IN: ClassVar = 1
    OUT: ClassVar = 3
    PULL_DOWN: ClassVar = 1
    PULL_UP: ClassVar = 2
    IRQ_FALLING: ClassVar = 2
    WAKE_LOW: ClassVar = 4

    attachments: Mapping[int, Attachment]
    duties: dict[int, int]
    wake_pins: Container[int]
    ext0: set[int]
    """The number of the pin whose low level ends light sleep."""
    detached: set[int]
    """Numbers of pins that sleep has taken from the digital inputs: they read low until they are set up again."""
    held: dict[int, int | None]
    """Pulls of the pins that are held, also in deep sleep and after it, until somebody releases them."""

    def __init__(
        self,
        id: int,
        mode: int = -1,
        pull: int | None = -1,
        *,
        value: int | None = None,
        hold: bool | None = None,
    ) -> None:
        self.number = id
        self.init(mode, pull, hold=hold)
        if value is not None:
            self.value(value)
            if hold:
                self.held[id] = FULL_DUTY if value else 0

    @property
    def _attachment(self) -> Attachment:
        return self.attachments.get(self.number) or _NOTHING

    def init(self, mode: int = -1, pull: int | None = -1, *, hold: bool | None = None) -> None:
        """Set the pin up; where it is held, that shows once it is released."""
        self._mode = mode
        self._pull = pull
        if hold is not None:
            self.held.pop(self.number, None)
        if self.number not in self.held:
            self.detached.discard(self.number)
        if hold:
            self.held[self.number] = pull

    def value(self, x: int | None = None) -> int | None:
        """Reads the level, or sets that of an output."""
        if x is not None:
            self.drive(FULL_DUTY if x else 0)
            return None
        if self._mode == self.OUT:
            return int(self.duties.get(self.number, 0) > 0)
        if self.number in self.detached:
            return 0
        voltage_uv = self._attachment.voltage_uv()
        if voltage_uv is None:
            return int(self._pull == self.PULL_UP)
        return int(voltage_uv > SUPPLY_UV // 2)

    __call__ = value

    def irq(
        self, handler: Callable[[SimulatedPin], None] | None = None, trigger: int = IRQ_FALLING, wake: int = 0
    ) -> None:
        """Has `handler` called with this pin at its falling edges, or its low level end light sleep.

        As on the ESP32, where the pin for the latter is called ext0, each of them takes the pin from the other's list.
        """
        if trigger == self.WAKE_LOW:
            if self.number not in self.wake_pins:
                raise ValueError("invalid pin for wake")
            self.ext0.add(self.number)
        elif trigger == self.IRQ_FALLING and handler is not None:
            self.ext0.discard(self.number)
            self._attachment.on_fall(lambda: handler(self))
        else:
            raise ValueError("only falling edges are simulated")

    @classmethod
    def is_high(cls, number: int) -> bool:
        """Tell the level as the sleeping chip sees it, which holds a button's pin up."""
        attachment = cls.attachments.get(number)
        voltage_uv = None if attachment is None else attachment.voltage_uv()
        if voltage_uv is None:
            return number in cls.ext0
        return voltage_uv > SUPPLY_UV // 2

    @classmethod
    def is_high_in_deep_sleep(cls, number: int) -> bool:
        """Tell the level of an input in deep sleep: a pull is lost unless the pin is held."""
        attachment = cls.attachments.get(number)
        voltage_uv = None if attachment is None else attachment.voltage_uv()
        if voltage_uv is None:
            return cls.held.get(number) == cls.PULL_UP
        return voltage_uv > SUPPLY_UV // 2

    def drive(self, duty_u16: int) -> None:
        """What PWM and value() come down to."""
        self.duties[self.number] = duty_u16
        self._attachment.driven(duty_u16)

    def voltage_uv(self) -> int:
        return self._attachment.voltage_uv() or 0


class SimulatedPWM:
    """Stands in for `machine.PWM`."""

    def __init__(self, dest: SimulatedPin, *, freq: int = 5000, duty_u16: int | None = None) -> None:
        self._pin = dest
        self._freq = freq
        self._duty_u16 = 0
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def freq(self, value: int | None = None) -> int | None:
        if value is None:
            return self._freq
        self._freq = value
        return None

    def duty_u16(self, value: int | None = None) -> int | None:
        if value is None:
            return self._duty_u16
        if not 0 <= value <= FULL_DUTY:
            raise ValueError("duty_u16 must be from 0 to 65535")
        self._duty_u16 = value
        self._pin.drive(value)
        return None

    def deinit(self) -> None:
        self._pin.drive(0)


class SimulatedADC:
    """Stands in for `machine.ADC`."""

    ATTN_11DB: ClassVar = 3

    def __init__(self, pin: SimulatedPin, *, atten: int = ATTN_11DB) -> None:
        self._pin = pin

    def read_uv(self) -> int:
        return max(0, min(self._pin.voltage_uv(), SUPPLY_UV))

    def read_u16(self) -> int:
        return self.read_uv() * FULL_DUTY // SUPPLY_UV
