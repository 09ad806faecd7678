"""An update of a sensor's firmware over a link: what the sensor says of its firmware, and the transfer of a pack.

The board takes what comes in order and says which byte it misses. So several requests are under way, and after a loss
the transfer goes on from the byte that is missing, with fewer at a time.
"""

import ast
import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from unslouch.errors import NotOurs, Refused
from unslouch_device.contract import messages, payloads
from unslouch_device.contract.diagnostics import HeapReply
from unslouch_device.contract.updates import UPDATE_TAKEN_BACK, Offset, UpdateStateReply

from .client import Client
from .connection import NoReply, Reply
from .refusals import refusal
from .text_parts import read_text

ACTION = "take new firmware"
WINDOW = 12  # requests under way over the air: the board keeps 16 values that it hasn't read
DATA_TIMEOUT_S = 8.0  # a board erases flash meanwhile
CHECK_TIMEOUT_S = 20.0  # it reads both packs, or the new one
TRIES = 3  # that may pass without an answer until the link counts as lost


class FlashFull(Refused):
    """The pack doesn't fit."""

    def __init__(self, message: str, free_bytes: int) -> None:
        super().__init__(message, messages.FLASH_FULL)
        self.free_bytes = free_bytes


@dataclass(frozen=True)
class BoardFirmware:
    """What a board runs, and what its other slot holds."""

    mpy: int
    """sys.implementation._mpy of its MicroPython."""
    main_edition: int
    """Edition of root/main.py."""
    was_taken_back: bool
    """The last update over a link didn't show that it works."""
    imu: str
    """Module in unslouch_device.parts."""
    active: tuple[int, int]
    """Size and CRC-32 of the pack that runs."""
    held: tuple[int, int]
    """The same of the other slot."""
    free_bytes: int
    """Size of the largest pack that fits."""


async def board_firmware(client: Client) -> BoardFirmware:
    """Ask a sensor what it runs; raises Refused: UNKNOWN_REQUEST if its firmware is too old, CABLE_ONLY."""
    data = await _done(client, messages.UPDATE_STATE, timeout_s=CHECK_TIMEOUT_S)
    try:
        state = UpdateStateReply(data)
    except payloads.PayloadError as error:
        raise _garbled(client) from error
    return BoardFirmware(
        mpy=state.mpy,
        main_edition=state.main_edition,
        was_taken_back=bool(state.flags & UPDATE_TAKEN_BACK),
        imu=state.imu.rstrip(b"\0").decode(errors="replace"),
        active=(state.active_bytes, state.active_crc),
        held=(state.held_bytes, state.held_crc),
        free_bytes=state.free_bytes,
    )


async def board_values(client: Client) -> dict[str, object]:
    """Return the values of the board file that a sensor runs with, by name."""
    try:
        text = await read_text(lambda offset: _done(client, messages.BOARD_FILE, offset))
        pairs = [line.partition("=") for line in text.decode().splitlines()]
        return {name: ast.literal_eval(value) for name, _, value in pairs}
    except (ValueError, SyntaxError) as error:  # a PayloadError is a ValueError
        raise _garbled(client) from error


async def heap_bytes(client: Client) -> int | None:
    """Ask a sensor how much memory its Python has, with Bluetooth on; None if it can't tell, or is too old to."""
    try:
        reply = HeapReply(await _done(client, messages.HEAP))
    except payloads.PayloadError as error:
        raise _garbled(client) from error
    except Refused as refused:
        if refused.status != messages.UNKNOWN_REQUEST:
            raise
        return None
    return reply.heap_bytes or None


async def begin_update(client: Client, size: int, sha256: bytes, main_edition: int, offset: int) -> None:
    """Begin an update, or go on with one at an offset; raises Refused, FlashFull."""
    reply = await client.connection.request(
        messages.UPDATE_BEGIN, size, sha256, main_edition, offset, timeout_s=DATA_TIMEOUT_S
    )
    if reply.status == messages.FLASH_FULL:
        error = refusal(ACTION, client.name, reply.status, messages.UPDATE_BEGIN)
        raise FlashFull(str(error), _offset(client, reply.data))
    _check(client, messages.UPDATE_BEGIN, reply)


async def send_pack(
    client: Client, pack: bytes, offset: int, progress: Callable[[int, int], None], window: int = WINDOW
) -> None:
    """Send a pack from an offset on; progress is called with (bytes that have arrived, bytes in total).

    window: the most requests under way. Raises Refused if the board says no, LinkLost.
    """
    await _Transfer(client, pack, offset, progress, window).run()


async def end_update(client: Client) -> None:
    """Let the board check the pack and restart with it; raises Refused: DAMAGED if it arrived otherwise."""
    await _done(client, messages.UPDATE_END, timeout_s=CHECK_TIMEOUT_S)


class _Transfer:
    """Sends a pack with several requests under way."""

    def __init__(
        self, client: Client, pack: bytes, offset: int, progress: Callable[[int, int], None], window: int
    ) -> None:
        self._client = client
        self._pack = pack
        self._arrived = self._next = offset
        self._progress = progress
        transport = client.connection.transport
        self._window = 1 if transport.wired and not transport.shared else window  # a UART has no room for more
        self._pending: dict[asyncio.Task[Reply], int] = {}
        self._silences = 0

    async def run(self) -> None:
        try:
            while self._arrived < len(self._pack):
                self._fill_window()
                done, _ = await asyncio.wait(self._pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if (at := self._pending.pop(task, None)) is not None:
                        await self._take(task, at)
        finally:
            await self._cancel()

    def _fill_window(self) -> None:
        while len(self._pending) < self._window and self._next < len(self._pack):
            task = asyncio.create_task(self._send(self._next), name="a part of the firmware")
            self._pending[task] = self._next
            self._next += messages.UPDATE_DATA_BYTES

    async def _send(self, at: int) -> Reply:
        data = self._pack[at : at + messages.UPDATE_DATA_BYTES]
        return await self._client.connection.request(messages.UPDATE_DATA, at, data, timeout_s=DATA_TIMEOUT_S)

    async def _take(self, task: asyncio.Task[Reply], at: int) -> None:
        """Take in an answer, or that none came, to the part at an offset."""
        try:
            reply = task.result()
        except NoReply:
            self._silences += 1
            if self._silences == TRIES:
                raise
            await self._go_back()
            return
        _check(self._client, messages.UPDATE_DATA, reply)
        missing = _offset(self._client, reply.data)
        if missing > self._arrived:
            self._silences = 0
            self._arrived = missing
            self._progress(min(missing, len(self._pack)), len(self._pack))
        if missing < at:  # the board has not got what was sent before this part
            await self._go_back()

    async def _go_back(self) -> None:
        """Send again from what is missing on, with fewer parts under way."""
        await self._cancel()
        self._next = self._arrived
        self._window = max(1, self._window // 2)

    async def _cancel(self) -> None:
        tasks = list(self._pending)
        self._pending.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def _done(client: Client, kind: int, *fields: int | bytes, timeout_s: float = DATA_TIMEOUT_S) -> bytes:
    reply = await client.connection.request(kind, *fields, timeout_s=timeout_s)
    _check(client, kind, reply)
    return reply.data


def _check(client: Client, kind: int, reply: Reply) -> None:
    if reply.status != messages.OK:
        raise refusal(ACTION, client.name, reply.status, kind)


def _offset(client: Client, data: bytes) -> int:
    try:
        return Offset(data).offset
    except payloads.PayloadError as error:
        raise _garbled(client) from error


def _garbled(client: Client) -> NotOurs:
    return NotOurs(
        f"The sensor at {client.name} answers about its firmware in a way that this computer can't read; update the "
        "firmware over its cable."
    )
