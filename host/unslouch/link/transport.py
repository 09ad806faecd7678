"""The interface of a transport, which carries frames to and from a sensor."""

from abc import ABC, abstractmethod

from unslouch.errors import NoSensor, UnslouchError
from unslouch_device.contract.frames import Deframer, to_wire

WRITE_TIMEOUT_S = 2.0


class LinkLost(NoSensor):
    """The link broke while it was in use."""


class LinkUnavailable(NoSensor):
    """The link can't be opened: there is no such port, or this program may not use it."""


class NoSuchPort(LinkUnavailable):
    """There is no port of that name."""


class Transport(ABC):
    """A link to one sensor; it is opened once and never again."""

    shared = False
    """Whether another process owns the sensor and stores its journal."""

    wired = True
    """Whether it is a cable: no other link is better."""

    def __init__(self, name: str) -> None:
        self.name = name
        """The port or address, as the wearer knows it."""
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
        """Wait until bytes come and return the (kind, payload) of the frames that they complete, perhaps none.

        Raises LinkLost. One reader at a time.
        """

    @abstractmethod
    async def send(self, kind: int, payload: bytes) -> None:
        """Send a frame; raises LinkLost, also if the other side accepts nothing for WRITE_TIMEOUT_S."""

    async def explain_silence(self) -> UnslouchError | None:
        """Return why nothing comes, if something other than the sensor is known to be the cause; else None."""
        return None

    @abstractmethod
    async def close(self) -> None:
        """Close the link and end a receive() in progress; may be called at any time and more than once."""


class ByteTransport(Transport):
    """A transport over a stream of bytes, with frames delimited as contract.frames says for serial."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._deframer = Deframer()

    @property
    def frame_errors(self) -> int:
        return self._deframer.errors

    @abstractmethod
    async def read(self) -> bytes:
        """Wait for bytes and return them, at least one; raises LinkLost."""

    @abstractmethod
    async def write(self, data: bytes) -> None:
        """Send all of data; raises LinkLost as send() does."""

    async def receive(self) -> list[tuple[int, bytes]]:
        data = await self.read()
        self.bytes_heard += len(data)
        return self._deframer.feed(data)

    async def send(self, kind: int, payload: bytes) -> None:
        await self.write(to_wire(kind, payload))
