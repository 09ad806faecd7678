"""The frames that two unslouch processes exchange besides the sensor's own.

A connection begins with a handshake: the process that wants to look sends JOIN, the owner answers JOINED. Then it is a
link like any other, with the frames of contract.messages; FLUSH and STORED are the additions. None of these kinds is
ever sent to a sensor or by one. What a later version must keep is the first byte of JOIN and the first two of JOINED,
by which each side learns that the other runs another version.
"""

import struct
from dataclasses import dataclass

from unslouch import __version__
from unslouch.link.telemetry import TelemetryError
from unslouch_device.contract.frames import to_wire

SHARING_VERSION = 2  # 1 was carried by multiprocessing's connections
HALF_KEY_BYTES = 16

JOIN = 0x30  # sharing version u8, the client's half of the key, unslouch version in UTF-8
FLUSH = 0x31  # tag -> STORED_FORMAT, once the sensor has flushed its journal and that is stored, or it failed
JOINED = 0x7E  # an Admission u8, sharing version u8, the owner's half of the key, unslouch version in UTF-8
STORED = 0x7F  # STORED_FORMAT
STORED_FORMAT = "<II"  # the sequence after the last stored record; how many flushed records are not stored yet

ADMITTED = 0
OTHER_VERSION = 1
WRONG_KEY = 2
FULL = 3

_JOIN_FORMAT = f"<B{HALF_KEY_BYTES}s"
_JOINED_FORMAT = f"<BB{HALF_KEY_BYTES}s"
_NO_KEY = bytes(HALF_KEY_BYTES)
_LONGEST_VERSION = 40


class HandshakeError(ValueError):
    """A payload is no handshake of ours."""


@dataclass(frozen=True)
class Join:
    """What a process says of itself when it wants to look."""

    sharing_version: int
    half_key: bytes
    unslouch_version: str


@dataclass(frozen=True)
class Joined:
    """What the owner answers."""

    admission: int
    """ADMITTED, or why not."""
    sharing_version: int
    half_key: bytes
    """Zeros unless ADMITTED."""
    unslouch_version: str


def join_wire(half_key: bytes) -> bytes:
    """Return the wire bytes of a JOIN frame of this version."""
    return to_wire(JOIN, struct.pack(_JOIN_FORMAT, SHARING_VERSION, half_key) + _version())


def joined_wire(admission: int, half_key: bytes = _NO_KEY) -> bytes:
    """Return the wire bytes of a JOINED frame of this version."""
    return to_wire(JOINED, struct.pack(_JOINED_FORMAT, admission, SHARING_VERSION, half_key) + _version())


def decode_join(payload: bytes) -> Join:
    """Return a JOIN frame; raises HandshakeError."""
    if payload and payload[0] != SHARING_VERSION:
        return Join(payload[0], _NO_KEY, "")
    try:
        version, half_key = struct.unpack_from(_JOIN_FORMAT, payload)
        return Join(version, half_key, payload[struct.calcsize(_JOIN_FORMAT) :].decode())
    except (struct.error, UnicodeDecodeError) as error:
        raise HandshakeError(f"a handshake of {len(payload)} bytes") from error


def decode_joined(payload: bytes) -> Joined:
    """Return a JOINED frame; raises HandshakeError."""
    if len(payload) >= 2 and payload[1] != SHARING_VERSION:
        return Joined(OTHER_VERSION, payload[1], _NO_KEY, "")
    try:
        admission, version, half_key = struct.unpack_from(_JOINED_FORMAT, payload)
        return Joined(admission, version, half_key, payload[struct.calcsize(_JOINED_FORMAT) :].decode())
    except (struct.error, UnicodeDecodeError) as error:
        raise HandshakeError(f"a handshake of {len(payload)} bytes") from error


def pack_stored(next_sequence: int, behind: int) -> bytes:
    """Return STORED_FORMAT."""
    return struct.pack(STORED_FORMAT, next_sequence, behind)


def stored_wire(next_sequence: int, behind: int) -> bytes:
    """Return the wire bytes of a STORED frame."""
    return to_wire(STORED, pack_stored(next_sequence, behind))


def decode_stored(payload: bytes) -> tuple[int, int]:
    """Return (next_sequence, behind) of STORED_FORMAT; raises TelemetryError."""
    try:
        next_sequence, behind = struct.unpack(STORED_FORMAT, payload)
    except struct.error as error:
        raise TelemetryError(f"stored of {len(payload)} bytes") from error
    return next_sequence, behind


def _version() -> bytes:
    return __version__.encode()[:_LONGEST_VERSION]
