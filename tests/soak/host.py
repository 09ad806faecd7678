"""A host in the soak's own MicroPython: comes by, fetches what is new, and keeps the pages in a file per journal."""

import asyncio
import struct

from unslouch_device.contract import messages as m
from unslouch_device.contract.frames import Deframer, to_wire
from unslouch_device.contract.records import unpack_page
from unslouch_device.port import sleep_ms

PATIENCE_MS = 60_000
FETCH_PAGES = 64


class Channel:
    """The firmware's end of a link that is all memory."""

    def __init__(self) -> None:
        self._incoming = []
        self._came = asyncio.Event()
        self._deframer = Deframer()
        self.frames = []

    def inject(self, data: bytes) -> None:
        """Hand the firmware bytes."""
        self._incoming.append(data)
        self._came.set()

    async def read(self) -> bytes:
        while not self._incoming:
            self._came.clear()
            await self._came.wait()
        return self._incoming.pop(0)

    async def write(self, data: bytes) -> None:
        for frame in self._deframer.feed(data):
            if frame[0] in (m.REPLY, m.PAGE):
                self.frames.append(frame)

    def offer(self, data: bytes) -> bool:
        return True


class Host:
    """One computer's store: a cursor for each journal that it has met."""

    def __init__(self, folder: str, clock) -> None:
        self._folder = folder
        self._clock = clock
        self._tag = 0
        self.cursors = {}
        self.visits = 0

    async def visit(self, channel: Channel, with_clock: bool, utc_ms: int) -> bool:
        """Greet, set the clock if with_clock, and fetch all; False if the board went away meanwhile."""
        reply = await self._ask(channel, m.HELLO, m.PROTOCOL_VERSION)
        if reply is None or reply[0] != m.OK:
            return False
        journal, _, _, following = struct.unpack_from(m.HELLO_REPLY_FORMAT, reply[1])[4:8]
        if with_clock and await self._ask(channel, m.CLOCK, utc_ms, 4) is None:
            return False
        reply = await self._ask(channel, m.SUBSCRIBE, 1)
        await sleep_ms(20_000)
        reply = await self._ask(channel, m.SUBSCRIBE, 0)
        if reply is None:
            return False
        while True:
            cursor = self.cursors.get(journal, 0)
            reply = await self._ask(channel, m.FETCH, journal, cursor, FETCH_PAGES)
            if reply is None or reply[0] != m.OK:
                return False
            self._store(channel, journal)
            following = struct.unpack(m.FETCH_REPLY_FORMAT, reply[1])[1]
            if self.cursors.get(journal, 0) >= following:
                self.visits += 1
                return True

    def _store(self, channel: Channel, journal: int) -> None:
        with open("%s/%08x.pages" % (self._folder, journal), "ab") as file:
            for _, page in channel.frames:
                cursor = self.cursors.get(journal, 0)
                unpacked = unpack_page(page)
                if unpacked.first_sequence > cursor:
                    raise ValueError("records %d to %d are missing" % (cursor, unpacked.first_sequence))
                file.write(page)
                self.cursors[journal] = unpacked.next_sequence
        channel.frames = []

    async def _ask(self, channel: Channel, kind: int, *fields):
        self._tag = (self._tag + 1) % m.HOST_TAGS
        channel.inject(to_wire(kind, m.pack_request(kind, self._tag, *fields)))
        give_up_ms = self._clock.now_ms() + PATIENCE_MS
        while self._clock.now_ms() < give_up_ms:
            for i in range(len(channel.frames)):
                frame_kind, payload = channel.frames[i]
                if frame_kind == m.REPLY and payload[0] == self._tag:
                    del channel.frames[i]
                    return payload[1], payload[2:]
            await sleep_ms(50)
        return None
