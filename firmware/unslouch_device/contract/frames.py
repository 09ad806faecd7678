"""Frames: the units that a link carries, whole or not at all.

A frame is a kind byte, a payload and the CRC-32 of both, little-endian. On BLE a frame is one characteristic value.
On serial it is COBS-encoded (S. Cheshire, M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Trans. Networking
7(2), 1999) and stands between zero bytes, so that a receiver finds the next frame after garbage.
"""

import struct
from binascii import crc32

MAX_FRAME_BYTES = 244  # one BLE value at an MTU of 247
MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - 5
MAX_WIRE_BYTES = MAX_FRAME_BYTES + 1  # COBS adds one byte to anything shorter than 254


class FrameError(ValueError):
    """The bytes are no frame; the message says why."""


def encode_frame(kind: int, payload: bytes) -> bytes:
    """Return the frame of a payload of at most MAX_PAYLOAD_BYTES; raises FrameError if it is longer."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise FrameError("payload of %d bytes is longer than %d" % (len(payload), MAX_PAYLOAD_BYTES))
    body = bytes((kind,)) + payload
    return body + struct.pack("<I", crc32(body))


def decode_frame(frame: bytes) -> "tuple[int, bytes]":
    """Return (kind, payload) of a frame; raises FrameError if its length or CRC is wrong."""
    if not 5 <= len(frame) <= MAX_FRAME_BYTES:
        raise FrameError("frame of %d bytes" % len(frame))
    body = frame[:-4]
    if crc32(body) != struct.unpack("<I", frame[-4:])[0]:
        raise FrameError("wrong CRC")
    return body[0], body[1:]


def cobs_encode(data: bytes) -> bytes:
    """Return data (shorter than 254 bytes) without zero bytes, one byte longer."""
    encoded = bytearray(b"\0") + data
    code_at = 0
    for i in range(1, len(encoded)):
        if encoded[i] == 0:
            encoded[code_at] = i - code_at
            code_at = i
    encoded[code_at] = len(encoded) - code_at
    return bytes(encoded)


def cobs_decode(encoded: bytes) -> bytes:
    """Return what cobs_encode() was given; raises FrameError if the chain of zeros does not end at the end."""
    data = bytearray(encoded)
    at = 0
    while at < len(data):
        step = data[at]
        if step == 0:
            raise FrameError("zero byte inside a frame")
        data[at] = 0
        at += step
    if at != len(data) or not data:
        raise FrameError("truncated frame")
    return bytes(data[1:])


def to_wire(kind: int, payload: bytes) -> bytes:
    """Return a frame as serial bytes: delimiter, COBS, delimiter.

    The first delimiter separates it from what came before, such as text of a REPL.
    """
    return b"\0" + cobs_encode(encode_frame(kind, payload)) + b"\0"


class Deframer:
    """Finds frames in a serial byte stream, drops what is no frame, and holds at most one frame.

    `errors` counts the frames dropped for a wrong CRC, length or encoding.
    """

    def __init__(self) -> None:
        self._partial = bytearray()
        self._overlong = False
        self.errors = 0

    def feed(self, data: bytes) -> "list[tuple[int, bytes]]":
        """Take bytes as they came and return the (kind, payload) of every frame they complete."""
        frames: list[tuple[int, bytes]] = []
        start = 0
        while True:
            end = data.find(b"\0", start)
            self._keep(data[start:] if end < 0 else data[start:end])
            if end < 0:
                return frames
            frame = self._next_frame()
            if frame is not None:
                frames.append(frame)
            start = end + 1

    def _keep(self, chunk: bytes) -> None:
        if len(self._partial) + len(chunk) > MAX_WIRE_BYTES:
            self._overlong = True
            self._partial = bytearray()
        elif not self._overlong:
            self._partial.extend(chunk)

    def _next_frame(self) -> "tuple[int, bytes] | None":
        encoded = bytes(self._partial)
        overlong = self._overlong
        self._partial = bytearray()
        self._overlong = False
        if not encoded and not overlong:
            return None
        try:
            if overlong:
                raise FrameError("longer than a frame")
            return decode_frame(cobs_decode(encoded))
        except FrameError:
            self.errors += 1
            return None
