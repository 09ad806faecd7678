"""A host's visits, on the board's side: the real host is at the other end of stdin and stdout, and the two take turns.

Lines to the host: `visit UTC_MS`, or `visit -` where the host has no clock; `frames HEX`; `gone` where the board lost
its power meanwhile. Lines from it: `frames HEX`, which the board answers in its own time while the host waits;
`wait MS`; `bye`, which ends the visit, also one that the board had to leave. The world stands still while the host
works.
"""

import asyncio
import sys
from binascii import hexlify, unhexlify

from unslouch_device.contract import messages as m
from unslouch_device.contract.frames import Deframer
from unslouch_device.port import sleep_ms

PATIENCE_MS = 60_000
WRITE_MS = 5  # that some bytes take


def say(*words) -> None:
    """Tell the host a line."""
    print(*words)


class Channel:
    """The firmware's end of the link."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self._incoming = []
        self._came = asyncio.Event()
        self._deframer = Deframer()
        self._replies = 0
        self._visited = False

    async def read(self) -> bytes:
        while not self._incoming:
            self._came.clear()
            await self._came.wait()
        return self._incoming.pop(0)

    async def write(self, data: bytes) -> None:
        await sleep_ms(WRITE_MS)
        self.offer(data)

    def offer(self, data: bytes) -> bool:
        if self._visited:
            say("frames", hexlify(data).decode())
            self._replies += len([kind for kind, _ in self._deframer.feed(data) if kind == m.REPLY])
        return True

    async def visit(self, utc_ms: "int | None") -> None:
        """Let the host come by, and serve it until it leaves."""
        self._visited = True
        say("visit", "-" if utc_ms is None else utc_ms)
        while True:
            words = sys.stdin.readline().split()
            if words[0] == "bye":
                self._visited = False
                return
            if words[0] == "wait":
                await sleep_ms(int(words[1]))
            else:
                await self._serve(unhexlify(words[1]))

    async def _serve(self, request: bytes) -> None:
        self._replies = 0
        self._incoming.append(request)
        self._came.set()
        give_up_ms = self._clock.now_ms() + PATIENCE_MS
        while not self._replies:
            if self._clock.now_ms() >= give_up_ms:
                raise RuntimeError("a request was not answered")
            await sleep_ms(20)

    def cut(self) -> None:
        """Lose the power."""
        if self._visited:
            say("gone")
            while sys.stdin.readline().strip() != "bye":
                pass
            self._visited = False
