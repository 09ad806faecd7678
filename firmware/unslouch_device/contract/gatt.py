"""Bluetooth: the service's UUIDs, how frames lie in the values of its characteristics, and the gaps between windows.

A frame that fits is one value. A longer one goes in pieces, each with a mark before it; what doesn't end in LAST or
breaks its CRC is dropped, as on serial. The stream may lose frames. Both ends count the journal's values from the
beginning of the link, and the host writes back its count: the board sends at most WINDOW values beyond it.
"""

import struct

from .frames import MAX_FRAME_BYTES

_UUID = "7d0f000%d-5b1c-4c6e-9d0a-75b7e2a96f51"
SERVICE = _UUID % 1
CONTROL = _UUID % 2  # requests are written, replies are notified
STREAM = _UUID % 3  # LIVE, STATUS and EVENT are notified
JOURNAL = _UUID % 4  # PAGE is notified, ACK_FORMAT is written

MORE = 0xFF  # before a piece that is not the last; no kind of frame is as high
LAST = 0xFE
WINDOW = 32  # journal values
ACK_FORMAT = "<I"  # how many journal values the host has received since the link began
ACK_BYTES = 4

FIRST_GAP_S = 180  # to the first window of a sensor that begins to rest


def values_of(frame: bytes, room: int) -> "list[bytes]":
    """Return the values, of at most `room` bytes (the MTU less 3), that carry a frame."""
    if len(frame) <= room:
        return [frame]
    values = []
    at = 0
    while at < len(frame):
        piece = frame[at : at + room - 1]
        at += len(piece)
        values.append(bytes((LAST if at == len(frame) else MORE,)) + piece)
    return values


def next_gap_s(gap_s: int, most_min: int) -> int:
    """Return the gap that follows one of gap_s between two windows; most_min: the setting WINDOW_MIN."""
    return min(2 * gap_s, most_min * 60)


class Assembler:
    """Frames out of the values of one characteristic."""

    def __init__(self) -> None:
        self._begun = b""

    def feed(self, value: bytes) -> "bytes | None":
        """Take a value; return the frame that it completes, if any. A frame's CRC is up to decode_frame()."""
        if not value:
            return None
        mark = value[0]
        if mark != MORE and mark != LAST:
            self._begun = b""
            return value
        self._begun += value[1:]
        if mark == MORE:
            if len(self._begun) > MAX_FRAME_BYTES:
                self._begun = b""
            return None
        frame, self._begun = self._begun, b""
        return frame


def pack_ack(count: int) -> bytes:
    """Return what acknowledges the first `count` journal values of a link."""
    return struct.pack(ACK_FORMAT, count & 0xFFFFFFFF)


def unpack_ack(value: bytes) -> int:
    """Return how many journal values the host has received; raises ValueError for anything else."""
    if len(value) != struct.calcsize(ACK_FORMAT):
        raise ValueError("no acknowledgement")
    count: int = struct.unpack(ACK_FORMAT, value)[0]
    return count
