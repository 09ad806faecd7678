"""A simulated I2C bus, with the part of `machine.I2C` that the firmware uses."""

from __future__ import annotations

import errno
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Protocol

from .pins import SimulatedPin

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class I2CChip(Protocol):
    """A chip with 8-bit register addresses."""

    def read(self, register: int, buffer: memoryview) -> None: ...

    def write(self, register: int, data: bytes) -> None: ...


class SimulatedI2C:
    """Stands in for `machine.I2C`; an absent chip raises OSError(ENODEV), as MicroPython's ESP32 port does.

    `chips` maps addresses to chips and may change while running: taking one out is a broken wire.
    """

    chips: MutableMapping[int, I2CChip]
    scl_pin: int
    sda_pin: int

    def __init__(self, id: int = 0, *, scl: SimulatedPin, sda: SimulatedPin, freq: int = 400_000) -> None:
        self.freq = freq
        self._wired = (scl.number, sda.number) == (self.scl_pin, self.sda_pin)

    def scan(self) -> list[int]:
        return sorted(self.chips) if self._wired else []

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: WriteableBuffer) -> None:
        self._chip(addr).read(memaddr, memoryview(buf).cast("B"))

    def readfrom_mem(self, addr: int, memaddr: int, nbytes: int) -> bytes:
        buffer = bytearray(nbytes)
        self.readfrom_mem_into(addr, memaddr, buffer)
        return bytes(buffer)

    def writeto_mem(self, addr: int, memaddr: int, buf: ReadableBuffer) -> None:
        self._chip(addr).write(memaddr, bytes(buf))

    def _chip(self, address: int) -> I2CChip:
        if not self._wired or address not in self.chips:
            raise OSError(errno.ENODEV, "ENODEV")
        return self.chips[address]
