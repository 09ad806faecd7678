"""Somebody else's drivers on the simulated bus: what CircuitPython and MicroPython would give them."""

import struct
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class BusioI2C:
    """CircuitPython's busio.I2C over the simulated bus."""

    def __init__(self, bench) -> None:
        self._i2c = bench.i2c
        self._pointer = 0

    def try_lock(self) -> bool:
        return True

    def unlock(self) -> None:
        pass

    def writeto(self, address, buffer, *, start=0, end=None):
        data = bytes(buffer[start:end])
        if data:
            self._pointer = data[0]
        self._i2c.writeto_mem(address, self._pointer, data[1:])

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        self._i2c.readfrom_mem_into(address, self._pointer, memoryview(buffer)[start:end])

    def writeto_then_readfrom(self, address, out, into, *, out_start=0, out_end=None, in_start=0, in_end=None):
        self.writeto(address, out, start=out_start, end=out_end)
        self.readfrom_into(address, into, start=in_start, end=in_end)


def _pack_into(layout: str, buffer: bytearray, offset: int, value: int) -> None:
    """MicroPython's, which takes 0x80 for a signed byte."""
    bits = 8 * struct.calcsize(layout)
    struct.pack_into(layout.upper(), buffer, offset, value & ((1 << bits) - 1))


_STUBS = {
    "micropython": {"const": int},
    "busio": {"I2C": object},
    "circuitpython_typing": {"ReadableBuffer": object, "WriteableBuffer": object},
    "circuitpython_typing.device_drivers": {"I2CDeviceDriver": object},
    "machine": {"I2C": object, "Pin": object},
    "ustruct": {"unpack": struct.unpack, "pack_into": _pack_into},
    "utime": {"sleep_ms": lambda _: None},
}


@contextmanager
def without_blinka() -> Iterator[None]:
    """Imports of such drivers work: they need only const() and names for annotations."""
    with pytest.MonkeyPatch.context() as patch:
        for name, contents in _STUBS.items():
            module = types.ModuleType(name)
            vars(module).update(contents)
            patch.setitem(sys.modules, name, module)
        yield
