"""What an owner answers its clients: some requests by itself, most by asking the sensor."""

import asyncio
from collections.abc import Awaitable, Callable

from unslouch.errors import Refused
from unslouch.link.client import CALIBRATE_TIMEOUT_S, Client
from unslouch.link.connection import REPLY_TIMEOUT_S
from unslouch.link.diagnostics import SELF_TEST_TIMEOUT_S
from unslouch.link.model import BoardStatus, SensorInfo
from unslouch.link.update import CHECK_TIMEOUT_S, DATA_TIMEOUT_S
from unslouch_device.contract import messages, payloads

from .client import SharingClient
from .frames import FLUSH, pack_stored

FLUSH_EVERY_S = 10.0
"""Each flush writes a page of its own to the sensor's flash, however few records there are."""

_RELAYED = {
    messages.GET_SETTINGS: REPLY_TIMEOUT_S,
    messages.SET_SETTING: REPLY_TIMEOUT_S,
    messages.CALIBRATE: CALIBRATE_TIMEOUT_S,
    messages.REZERO: CALIBRATE_TIMEOUT_S,
    messages.BOW: CALIBRATE_TIMEOUT_S,
    messages.STANDING: CALIBRATE_TIMEOUT_S,
    messages.GET_PROFILES: REPLY_TIMEOUT_S,
    messages.SELECT_PROFILE: REPLY_TIMEOUT_S,
    messages.NAME_PROFILE: REPLY_TIMEOUT_S,
    messages.DIAGNOSTICS: REPLY_TIMEOUT_S,
    messages.CRASH_TEXT: REPLY_TIMEOUT_S,
    messages.SELF_TEST: SELF_TEST_TIMEOUT_S,
    messages.SNOOZE: REPLY_TIMEOUT_S,
    messages.BUZZ: REPLY_TIMEOUT_S,
    messages.PING: REPLY_TIMEOUT_S,
    messages.PAIR: REPLY_TIMEOUT_S,
    messages.GET_HOSTS: REPLY_TIMEOUT_S,
    messages.FORGET_HOST: REPLY_TIMEOUT_S,
    messages.IDF_HEAP: REPLY_TIMEOUT_S,
    messages.BOARD_TEST: SELF_TEST_TIMEOUT_S,
    messages.UNDO: REPLY_TIMEOUT_S,
    messages.PLAY_PATTERN: REPLY_TIMEOUT_S,
    messages.GET_OWN_PATTERN: REPLY_TIMEOUT_S,
    messages.SET_OWN_PATTERN: REPLY_TIMEOUT_S,
    messages.HEAP: REPLY_TIMEOUT_S,
    messages.UPDATE_STATE: CHECK_TIMEOUT_S,
    messages.BOARD_FILE: DATA_TIMEOUT_S,
    messages.UPDATE_BEGIN: DATA_TIMEOUT_S,
    messages.UPDATE_DATA: DATA_TIMEOUT_S,
    messages.UPDATE_END: CHECK_TIMEOUT_S,
}
_REFUSED = {messages.CLOCK: messages.CLOCK_REFUSED, messages.FETCH: messages.BUSY, messages.REPL: messages.BUSY}


class Answers:
    """Answers requests about one linked sensor. on_status() and on_stored() keep it up to date."""

    def __init__(
        self,
        client: Client,
        info: SensorInfo,
        flush: Callable[[], Awaitable[None]] | None,
        flush_every_s: float = FLUSH_EVERY_S,
    ) -> None:
        self._client = client
        self._info = info
        self._flush = flush
        self._flush_every_s = flush_every_s
        self._flush_lock = asyncio.Lock()
        self._flushed_at_s: float | None = None
        self._status: BoardStatus | None = None
        self._stored = (0, 0)

    def on_status(self, status: BoardStatus) -> None:
        """Take the sensor's present status."""
        self._status = status

    def on_stored(self, next_sequence: int, behind: int) -> None:
        """Take how far the database is, as in STORED_FORMAT."""
        self._stored = next_sequence, behind

    async def answer(self, client: SharingClient, kind: int, fields: bytes) -> tuple[int, bytes]:
        """Return the status and data of the reply to a request, given without its tag.

        Raises LinkLost if the sensor had to be asked and the link to it broke.
        """
        if kind == messages.HELLO:
            client.subscribed = False
            client.live_hz = 0
            if fields != bytes((messages.PROTOCOL_VERSION,)):
                return messages.UNKNOWN_PROTOCOL, bytes((messages.PROTOCOL_VERSION,))
            return messages.OK, self._hello()
        if kind == messages.SUBSCRIBE:
            client.subscribed = any(fields)
            client.live_hz = max(fields, default=0)
            return messages.OK, b""
        if kind == FLUSH:
            return await self._flushed()
        if kind in _REFUSED:
            return _REFUSED[kind], b""
        if kind not in _RELAYED:
            return messages.UNKNOWN_REQUEST, b""
        reply = await self._client.connection.request_raw(kind, fields, _RELAYED[kind])
        return reply.status, reply.data

    async def _flushed(self) -> tuple[int, bytes]:
        if self._flush is None:
            return messages.UNKNOWN_REQUEST, b""
        now_s = asyncio.get_running_loop().time
        async with self._flush_lock:
            if self._flushed_at_s is None or now_s() - self._flushed_at_s >= self._flush_every_s:
                try:
                    await self._flush()
                except Refused as error:
                    return error.status, pack_stored(*self._stored)
                except TimeoutError:
                    return messages.BUSY, pack_stored(*self._stored)
                self._flushed_at_s = now_s()
        return messages.OK, pack_stored(*self._stored)

    def _hello(self) -> bytes:
        info, now = self._info, self._status or self._info
        flags = info.simulated * payloads.HELLO_SIMULATED | info.own_clock * payloads.HELLO_OWN_CLOCK
        flags |= info.sleeps_deeply * payloads.HELLO_SLEEPS_DEEPLY | info.button_wakes * payloads.HELLO_BUTTON_WAKES
        return payloads.pack_hello_reply(
            protocol_version=messages.PROTOCOL_VERSION,
            flags=flags,
            device_id=bytes.fromhex(info.device_id),
            firmware_version=bytes(int(part) for part in info.firmware_version.split(".")),
            journal=info.journal,
            boot=info.boot,
            oldest_sequence=now.oldest_sequence,
            next_sequence=now.next_sequence,
            uptime_ms=now.uptime_ms,
            settings_revision=now.settings_revision,
            calibration_id=now.calibration_id,
            window_period_s=info.window_period_s,
            board=info.board.encode(),
        )
