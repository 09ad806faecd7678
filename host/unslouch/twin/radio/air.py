"""The simulated air: the radios on it, how strongly they receive each other, and what they send."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from bumble.link import LocalLink

SENSITIVITY_DBM: Final = -97.0
"""Below that nothing is received (ESP32-S3 series datasheet, Bluetooth LE receiver at 1 Mbit/s: −97.5 dBm)."""
NEAR_DBM: Final = -60.0
"""Between two radios for which place() was not called."""


@dataclass(frozen=True)
class LinkLimits:
    """What a link carries at most.

    Six full packets per connection event are what common phones and adapters allow; how many fit is also bounded by the
    connection interval.
    """

    packets_per_event: int = 6
    bits_per_s: int = 1_000_000
    interframe_us: int = 150

    def packets_in(self, interval_s: float) -> int:
        """How many full packets one side can send in a connection event (Core 5.4, vol. 6, part B, 2.1 and 4.1)."""
        full_us = (1 + 4 + 2 + 251 + 4 + 3) * 8e6 / self.bits_per_s  # preamble, address, header, data, MIC, CRC
        empty_us = (1 + 4 + 2 + 3) * 8e6 / self.bits_per_s  # the other side's acknowledgement
        fitting = int(interval_s * 1e6 / (full_us + empty_us + 2 * self.interframe_us))
        return max(1, min(self.packets_per_event, fitting))

    def bytes_per_s(self, interval_s: float, value_bytes: int = 244) -> float:
        """The most that notifications of value_bytes, one per packet, can carry."""
        return self.packets_in(interval_s) * value_bytes / interval_s


@dataclass(frozen=True)
class SentPacket:
    """A data packet on the air, as an eavesdropper receives it."""

    at_s: float
    sender: str
    receiver: str
    encrypted: bool
    data: bytes
    """An L2CAP packet or a part of one."""


class Advertisement(Protocol):
    """What a radio sends to all others; radios know what else is in it."""

    @property
    def radio(self) -> Radio:
        """The sender."""
        ...


class Radio(Protocol):
    """What the air needs of a controller."""

    name: str

    def wants(self, advertisement: Advertisement) -> bool:
        """Whether it waits for this advertisement to connect to its sender."""
        ...

    def on_advertisement(self, advertisement: Advertisement, strength_dBm: int) -> None:
        """Take an advertisement that was received."""
        ...

    def on_reach_changed(self) -> None:
        """Check which connections have lost or found their other side."""
        ...

    def lose_connections(self) -> int:
        """End all connections for both sides and return how many there were."""
        ...

    def lose_power(self) -> None:
        """Send, receive and report nothing from now on."""
        ...


class Air(LocalLink):
    """Where radios meet; each has a name. Everything happens in one event loop, in that loop's time."""

    def __init__(self, limits: LinkLimits | None = None, seed: int = 1) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.limits = limits or LinkLimits()
        self.jitter = random.Random(seed)
        self.listeners: list[Callable[[SentPacket], None]] = []
        """Called with each data packet that is sent."""
        self.radios: dict[str, Radio] = {}
        self._strength: dict[frozenset[str], float] = {}

    def join(self, radio: Radio) -> None:
        """Add a radio; one of the same name loses its power."""
        if radio.name in self.radios:
            self.leave(radio.name)
        self.radios[radio.name] = radio

    def leave(self, name: str) -> None:
        """Cut a radio's power. Its peers get no message; they notice that it is silent."""
        radio = self.radios.pop(name, None)
        if radio is not None:
            radio.lose_power()
            for other in self.radios.values():
                other.on_reach_changed()

    def strength_dBm(self, one: str, other: str) -> float:
        """How strongly two radios receive each other."""
        return self._strength.get(frozenset((one, other)), NEAR_DBM)

    def place(self, one: str, other: str, strength_dBm: float) -> None:
        """Set how strongly two radios receive each other; below SENSITIVITY_DBM not at all."""
        self._strength[frozenset((one, other))] = strength_dBm
        for radio in self._named(one, other):
            radio.on_reach_changed()

    def in_reach(self, one: str, other: str) -> bool:
        """Whether two radios receive each other."""
        both_on = one in self.radios and other in self.radios
        return both_on and self.strength_dBm(one, other) >= SENSITIVITY_DBM

    def cut(self, name: str) -> int:
        """Break all of a radio's connections now, for both sides, and return how many there were.

        What was on its way is lost. Neither side waits for the supervision timeout.
        """
        radio = self.radios.get(name)
        return radio.lose_connections() if radio is not None else 0

    def advertise(self, advertisement: Advertisement) -> None:
        """Carry one advertisement to all in reach; of several that want to connect, chance decides who is first."""
        sender = advertisement.radio
        receivers = [radio for radio in self.radios.values() if self.in_reach(sender.name, radio.name)]
        if sum(radio.wants(advertisement) for radio in receivers) > 1:
            self.jitter.shuffle(receivers)
        for receiver in receivers:
            if receiver is not sender:
                receiver.on_advertisement(advertisement, round(self.strength_dBm(sender.name, receiver.name)))

    def on_sent(self, packet: SentPacket) -> None:
        """Give a packet to the listeners."""
        for listener in self.listeners:
            listener(packet)

    def _named(self, *names: str) -> list[Radio]:
        return [self.radios[name] for name in names if name in self.radios]
