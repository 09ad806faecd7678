"""Frames over a channel of bytes: a serial port's."""

from ..contract.frames import Deframer, to_wire


class SerialLink(Deframer):
    """The frames on a channel (link.stdio.StdioChannel or its like); `errors` counts those that were broken."""

    wired = True
    interval = 0
    handle = None

    def __init__(self, channel) -> None:
        super().__init__()
        self._channel = channel
        self.heard = False  # a host, whether or not it was understood; what is text is none

    async def read(self) -> "list[tuple[int, bytes]]":
        """Wait for bytes and return the (kind, payload) of the frames that they complete."""
        data = await self._channel.read()
        if b"\0" in data:
            self.heard = True
        return self.feed(data)

    async def write(self, kind: int, payload: bytes) -> None:
        """Send a frame, waiting for room where needed."""
        await self._channel.write(to_wire(kind, payload))

    def offer(self, kind: int, payload: bytes) -> None:
        """Send a frame if there is room for it now."""
        self._channel.offer(to_wire(kind, payload))
