"""Diagnostics: the figures that a sensor keeps about itself, the traceback of its last crash, and its self-tests."""

import asyncio
from dataclasses import dataclass
from statistics import median

from unslouch.errors import NotOurs, Refused
from unslouch_device.contract import messages, payloads, records
from unslouch_device.contract.board_test import BoardTestReply
from unslouch_device.contract.diagnostics import DiagnosticsReply, IdfHeapReply

from .client import Client
from .refusals import refusal
from .text_parts import read_text

EPOCHS_PER_HOUR = 3600 * 1000 // records.EPOCH_MS
WEAR_H_PER_DAY = 12
EVENTS_PER_DAY = 200
"""A day as the firmware is designed for: 12 hours of wear and some 200 events."""
REPLY_TIMEOUT_S = 5.0
PINGS = 5
INTERVAL_UNIT_MS = 1.25  # Core 5.4, vol. 6, part B, 4.5.1
SELF_TEST_TIMEOUT_S = 15.0
"""The test takes two seconds, and a sensor that rests begins it some seconds later."""
AXES = ("acceleration x", "acceleration y", "acceleration z", "rate x", "rate y", "rate z")
"""The axes of SELF_TEST's reply, from its lowest bit on."""

_CAUSES = {
    records.BOOT_POWER_ON: "power on",
    records.BOOT_HARD_RESET: "reset",
    records.BOOT_WATCHDOG: "watchdog",
    records.BOOT_DEEP_SLEEP: "woke from deep sleep",
    records.BOOT_SOFT_RESET: "soft reset",
}


@dataclass(frozen=True)
class Diagnostics:
    """Figures of a sensor; those of time and errors count since it started."""

    boot_cause: str
    crashes_in_a_row: int
    free_heap_bytes: int | None
    least_free_heap_bytes: int | None
    idf_free_bytes: int | None
    """Free memory of the chip beyond MicroPython's heap, which Bluetooth needs too; None: the sensor doesn't say."""
    idf_largest_block_bytes: int | None
    """The largest free block of it."""
    late_ms: int
    """The most by which the app's loop was late."""
    slept_s: int
    """Time in light sleep."""
    bus_errors: int
    flash_errors: int
    frame_errors: int
    records_refused: int
    records_left: int
    """Records that still fit until the oldest are dropped."""
    records_held: int
    """Records that the journal holds from then on."""
    connection_interval_ms: float | None
    """Between connection events of this link, as the sensor knows it; None over a cable."""
    round_trip_ms: float
    """Between a request and its reply over this link, measured on the host."""

    @property
    def days_left(self) -> float:
        """How many days of wear still fit until the oldest are dropped."""
        return self.records_left / _RECORDS_PER_DAY

    @property
    def days_held(self) -> float:
        """How many days of wear the sensor holds."""
        return self.records_held / _RECORDS_PER_DAY


_RECORDS_PER_DAY = WEAR_H_PER_DAY * EPOCHS_PER_HOUR + EVENTS_PER_DAY


async def diagnostics(client: Client) -> Diagnostics:
    """Return a sensor's figures; raises Refused if its firmware is too old to keep any."""
    data = await _ask(client, messages.DIAGNOSTICS)
    try:
        reply = DiagnosticsReply(data)
    except payloads.PayloadError as error:
        raise _garbled(client) from error
    idf_free_bytes, idf_largest_block_bytes = await _idf_heap(client)
    return Diagnostics(
        boot_cause=_CAUSES.get(reply.boot_cause, f"cause {reply.boot_cause}"),
        crashes_in_a_row=reply.crashes_in_a_row,
        free_heap_bytes=reply.free_heap_bytes or None,
        least_free_heap_bytes=reply.least_free_heap_bytes or None,
        idf_free_bytes=idf_free_bytes,
        idf_largest_block_bytes=idf_largest_block_bytes,
        late_ms=reply.late_ms,
        slept_s=reply.slept_s,
        bus_errors=reply.bus_errors,
        flash_errors=reply.flash_errors,
        frame_errors=reply.frame_errors,
        records_refused=reply.records_refused,
        records_left=reply.records_left,
        records_held=reply.records_held,
        connection_interval_ms=reply.interval_1250us * INTERVAL_UNIT_MS or None,
        round_trip_ms=await _round_trip_ms(client),
    )


async def _idf_heap(client: Client) -> tuple[int, int] | tuple[None, None]:
    """Return ESP-IDF's free bytes and largest free block; None for both if the board or its firmware can't tell."""
    try:
        reply = IdfHeapReply(await _ask(client, messages.IDF_HEAP))
    except payloads.PayloadError as error:
        raise _garbled(client) from error
    except Refused as refused:
        if refused.status != messages.UNKNOWN_REQUEST:
            raise
        return None, None
    return (reply.free_bytes, reply.largest_block_bytes) if reply.free_bytes else (None, None)


async def _round_trip_ms(client: Client) -> float:
    clock = asyncio.get_running_loop().time
    trips_ms = []
    for _ in range(PINGS):
        began = clock()
        await _ask(client, messages.PING)
        trips_ms.append(1000 * (clock() - began))
    return round(median(trips_ms), 1)


async def crash_text(client: Client) -> str:
    """Return the traceback of a sensor's last crash, "" if there was none."""
    try:
        text = await read_text(lambda offset: _ask(client, messages.CRASH_TEXT, offset))
    except payloads.PayloadError as error:
        raise _garbled(client) from error
    return "".join(c for c in text.decode(errors="replace") if c.isprintable() or c == "\n")


async def self_test(client: Client) -> dict[str, bool]:
    """Let the motion sensor, which must lie still, test itself; return for each of AXES whether it passed.

    Raises Refused if it can't.
    """
    reply = await client.connection.request(messages.SELF_TEST, timeout_s=SELF_TEST_TIMEOUT_S)
    if reply.status != messages.OK:
        raise refusal("test itself", client.name, reply.status, messages.SELF_TEST)
    if len(reply.data) != 1:
        raise _garbled(client)
    return {axis: bool(reply.data[0] >> bit & 1) for bit, axis in enumerate(AXES)}


async def board_test(client: Client) -> BoardTestReply | None:
    """Let the sensor test its motor, supplies, radio, flash and memory; None if its firmware is too old for that.

    The motor may move. Raises Refused if the motor runs or another test is under way.
    """
    reply = await client.connection.request(messages.BOARD_TEST, timeout_s=SELF_TEST_TIMEOUT_S)
    if reply.status == messages.UNKNOWN_REQUEST:
        return None
    if reply.status != messages.OK:
        raise refusal("test itself", client.name, reply.status, messages.BOARD_TEST)
    try:
        return BoardTestReply(reply.data)
    except payloads.PayloadError as error:
        raise _garbled(client) from error


async def _ask(client: Client, kind: int, *fields: int) -> bytes:
    reply = await client.connection.request(kind, *fields, timeout_s=REPLY_TIMEOUT_S)
    if reply.status == messages.UNKNOWN_REQUEST:
        raise Refused(
            f"The firmware of the sensor at {client.name} keeps no such figures; bring it up to date.", reply.status
        )
    if reply.status != messages.OK:
        raise Refused(f"The sensor at {client.name} refused to send its figures; restart it and repeat.", reply.status)
    return reply.data


def _garbled(client: Client) -> NotOurs:
    return NotOurs(
        f"The sensor at {client.name} answers with figures that this computer can't read; "
        "bring firmware and host to the same version."
    )
