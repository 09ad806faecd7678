"""Shared links: the one kind of frame that an owner adds for the processes that look over its shoulder."""

import struct

from unslouch.link.telemetry import TelemetryError
from unslouch_device.contract.frames import to_wire

# Records up to a sequence are in the store, and how many flushed ones are not yet. Never on a board's own link.
STORED = 0x7F
STORED_FORMAT = "<II"


def encode_stored(next_sequence: int, behind: int) -> bytes:
    """Return the wire bytes of a STORED frame."""
    return to_wire(STORED, struct.pack(STORED_FORMAT, next_sequence, behind))


def decode_stored(payload: bytes) -> tuple[int, int]:
    """Return (next_sequence, behind); raises TelemetryError."""
    try:
        next_sequence, behind = struct.unpack(STORED_FORMAT, payload)
    except struct.error as error:
        raise TelemetryError(f"stored of {len(payload)} bytes") from error
    return next_sequence, behind
