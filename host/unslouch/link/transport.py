"""Transports: what carries bytes to and from a sensor, whatever the cable."""

from abc import ABC, abstractmethod

from unslouch.errors import NoSensor

WRITE_TIMEOUT_S = 2.0


class LinkLost(NoSensor):
    """The link broke while it was in use."""


class LinkUnavailable(NoSensor):
    """The link can't be opened: there is no such port, or we may not use it."""


class Transport(ABC):
    """A byte stream to one sensor; opened once, closed once, never opened again."""

    shared = False
    """Whether another process owns the sensor and stores its journal; we only look."""

    def __init__(self, name: str) -> None:
        self.name = name
        """How the wearer knows it: a port or an address."""

    @abstractmethod
    async def open(self) -> None:
        """Open it; raises LinkUnavailable, or SensorBusy if another program has it."""

    @abstractmethod
    async def read(self) -> bytes:
        """Wait for bytes and return what came, never nothing; raises LinkLost. One reader at a time."""

    @abstractmethod
    async def write(self, data: bytes) -> None:
        """Send all of data; raises LinkLost, also when the other side takes nothing for WRITE_TIMEOUT_S."""

    @abstractmethod
    async def close(self) -> None:
        """Give the link back, ending a read() under way; may be called at any time and more than once."""
