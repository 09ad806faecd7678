"""A stand-in for MicroPython's `bluetooth` module: one object that has its classes."""

from __future__ import annotations

from collections.abc import Callable

from . import attributes
from .adapters import Adapter
from .nimble import Ble
from .uuids import UUID


class SimulatedBluetooth:
    """Hand this to firmware that expects the module `bluetooth`; one per boot."""

    UUID = UUID
    FLAG_READ = attributes.FLAG_READ
    FLAG_WRITE = attributes.FLAG_WRITE
    FLAG_WRITE_NO_RESPONSE = attributes.FLAG_WRITE_NO_RESPONSE
    FLAG_NOTIFY = 0x0010
    FLAG_INDICATE = 0x0020

    def __init__(self, adapter: Adapter, let_pass: Callable[[float], None] = lambda duration_s: None) -> None:
        """`let_pass` makes it later by some seconds in which nothing else runs."""
        self.ble = Ble(adapter, let_pass)

    def BLE(self) -> Ble:
        """The one radio."""
        return self.ble

    def lose_power(self) -> None:
        """End this boot: silence on the air, and no handler is called any more."""
        self.ble.lose_power()
