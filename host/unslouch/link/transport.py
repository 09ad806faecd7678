"""Transports: what carries frames to and from a sensor, whatever is between."""

from abc import ABC, abstractmethod

from unslouch.errors import NoSensor, UnslouchError
from unslouch_device.contract.frames import Deframer, to_wire

WRITE_TIMEOUT_S = 2.0


class LinkLost(NoSensor):
    """The link broke while it was in use."""


class LinkUnavailable(NoSensor):
    """The link can't be opened: there is no such port, or we may not use it."""


class Transport(ABC):
    """A link to one sensor; opened once, closed once, never opened again."""

    shared = False
    """Whether another process owns the sensor and stores its journal; we only look."""

    wired = True
    """Whether it needs no radio: then nothing is better."""

    def __init__(self, name: str) -> None:
        self.name = name
        """How the wearer knows it: a port or an address."""
        self.bytes_heard = 0

    @property
    @abstractmethod
    def frame_errors(self) -> int:
        """How many frames were dropped for a wrong CRC, length or encoding."""

    @abstractmethod
    async def open(self) -> None:
        """Open it; raises LinkUnavailable, or SensorBusy if another program has it."""

    @abstractmethod
    async def receive(self) -> list[tuple[int, bytes]]:
        """Wait until something comes and return the (kind, payload) of the frames in it, perhaps none.

        Raises LinkLost. One reader at a time.
        """

    @abstractmethod
    async def send(self, kind: int, payload: bytes) -> None:
        """Send a frame; raises LinkLost, also when the other side takes nothing for WRITE_TIMEOUT_S."""

    async def explain_silence(self) -> UnslouchError | None:
        """Return why nothing comes, where something other than the sensor is known to be the cause; else None."""
        return None

    @abstractmethod
    async def close(self) -> None:
        """Give the link back, ending a receive() under way; may be called at any time and more than once."""


class ByteTransport(Transport):
    """A transport over a stream of bytes, in which frames stand as contract.frames has it for serial."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._deframer = Deframer()

    @property
    def frame_errors(self) -> int:
        return self._deframer.errors

    @abstractmethod
    async def read(self) -> bytes:
        """Wait for bytes and return what came, never nothing; raises LinkLost."""

    @abstractmethod
    async def write(self, data: bytes) -> None:
        """Send all of data; raises LinkLost as send()."""

    async def receive(self) -> list[tuple[int, bytes]]:
        data = await self.read()
        self.bytes_heard += len(data)
        return self._deframer.feed(data)

    async def send(self, kind: int, payload: bytes) -> None:
        await self.write(to_wire(kind, payload))
