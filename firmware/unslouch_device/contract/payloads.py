"""Payloads: what the board's replies, LIVE and STATUS carry, and how each is packed and unpacked.

The replies that modules on demand alone pack have modules of their own, since these are loaded and let go with them:
contract.diagnostics, contract.board_test and contract.updates.

The board only packs. A subclass of Payload names the fields, in the order of its format, for the host; no module of the
firmware uses one, so none of them is in the pack that is flashed.
"""

import struct

REPLY_FORMAT = "<BB"  # tag, status; the data of the reply follow
NUMBER_FORMAT = "<H"  # a reply's only number: settings revision, calibration id, minutes or seconds
# The board's name in UTF-8 follows. The last number is how many seconds after the end of this link a resting board
# switches its radio on for the next time, unless somebody watches until then (0: it has none).
HELLO_REPLY_FORMAT = "<BB8s3sIHIIQHHH"
FETCH_REPLY_FORMAT = "<II"
STANDING_REPLY_FORMAT = "<hh"
PROFILE_FORMAT = "<BHB18s"
HOST_FORMAT = "<B7s"
LIVE_FORMAT = "<IhhBBBB"
STATUS_FORMAT = "<QHBBHIIHIHHBBH"
TEXT_LENGTH_FORMAT = "<H"  # of a whole text in bytes, 0: there is none; a part of it follows

HELLO_SIMULATED = 0x01  # the sensor is simulated
HELLO_OWN_CLOCK = 0x02  # the board supplies UTC itself (a simulated one at a speed of its own); it refuses CLOCK
HELLO_SLEEPS_DEEPLY = 0x04  # off the body; within half an hour it sleeps deeply, until motion or the cable wakes it
HELLO_BUTTON_WAKES = 0x08  # its button ends a deep sleep, too

PROFILE_NAME_BYTES = 18
PROFILE_BOWED = 0x01  # its forward axis comes from a bow
PROFILE_STOOD = 0x02  # it has a standing zero

LIVE_ALERTING = 0x01  # the motor runs
LIVE_SNOOZED = 0x02  # alerts are snoozed
LIVE_TRACKING_ONLY = 0x04  # the setting `tracking-only` is 1

POWER_EXTERNAL = 0x01  # external power is sensed
BATTERY_UNKNOWN = 255
NOTICE_SENSOR_MOVED = 0x01  # walking looks so different from how it did that the sensor may sit elsewhere
NOTICE_SLEEPS_DEEPLY = 0x02  # it is off the body, as HELLO_SLEEPS_DEEPLY says at the beginning of a link

TEXT_PART_BYTES = 200

HOST_LINKED = 0x01  # it is linked now
HOST_YOURS = 0x02  # it is the one that asks
HOST_SECURE = 0x04  # it has certainly paired by LE Secure Connections


class PayloadError(ValueError):
    """The bytes are no payload of their kind; the message says why."""


class Payload:
    """A payload's fields, unpacked. Runs on CPython only: MicroPython keeps no annotations to take the names from."""

    FORMAT = "<"

    def __init__(self, data: bytes) -> None:
        """Raises PayloadError if the length is wrong."""
        if len(data) != struct.calcsize(self.FORMAT):
            raise PayloadError(
                "%d bytes instead of the %d of %s" % (len(data), struct.calcsize(self.FORMAT), type(self).__name__)
            )
        for name, value in zip(self.names(), struct.unpack(self.FORMAT, data)):
            setattr(self, name, value)

    @classmethod
    def names(cls) -> "tuple[str, ...]":
        """The fields' names, in the order of FORMAT."""
        return tuple(cls.__annotations__)


def pack_reply(tag: int, status: int, data: bytes = b"") -> bytes:
    """Return the payload of a REPLY."""
    return struct.pack(REPLY_FORMAT, tag, status) + data


class ReplyHead(Payload):
    """What a REPLY begins with."""

    FORMAT = REPLY_FORMAT
    tag: int
    status: int


def unpack_reply(payload: bytes) -> "tuple[ReplyHead, bytes]":
    """Return the head of a REPLY and its data; raises PayloadError if it is too short."""
    size = struct.calcsize(REPLY_FORMAT)
    return ReplyHead(payload[:size]), payload[size:]


def pack_number(number: int) -> bytes:
    """Return the data of a reply that is one number, 0 to 65535."""
    return struct.pack(NUMBER_FORMAT, number)


class Number(Payload):
    """The data of a reply that is one number."""

    FORMAT = NUMBER_FORMAT
    number: int


def pack_hello_reply(
    protocol_version: int,
    flags: int,
    device_id: bytes,
    firmware_version: bytes,
    journal: int,
    boot: int,
    oldest_sequence: int,
    next_sequence: int,
    uptime_ms: int,
    settings_revision: int,
    calibration_id: int,
    window_period_s: int,
    board: bytes,
) -> bytes:
    """Return the data of HELLO's reply; board is its name in UTF-8."""
    return (
        struct.pack(
            HELLO_REPLY_FORMAT,
            protocol_version,
            flags,
            device_id,
            firmware_version,
            journal,
            boot,
            oldest_sequence,
            next_sequence,
            uptime_ms,
            settings_revision,
            calibration_id,
            window_period_s,
        )
        + board
    )


class HelloReply(Payload):
    """The data of HELLO's reply; `board` is the board's name in UTF-8."""

    FORMAT = HELLO_REPLY_FORMAT
    protocol_version: int
    flags: int  # HELLO_…
    device_id: bytes
    firmware_version: bytes  # major, minor, patch
    journal: int
    boot: int
    oldest_sequence: int
    next_sequence: int  # the next to be flushed
    uptime_ms: int
    settings_revision: int
    calibration_id: int  # 0: none
    window_period_s: int

    def __init__(self, data: bytes) -> None:
        size = struct.calcsize(self.FORMAT)
        super().__init__(data[:size])
        self.board = data[size:]


def pack_fetch_reply(oldest_sequence: int, next_sequence: int) -> bytes:
    """Return the data of FETCH's reply."""
    return struct.pack(FETCH_REPLY_FORMAT, oldest_sequence, next_sequence)


class FetchReply(Payload):
    """The data of FETCH's reply."""

    FORMAT = FETCH_REPLY_FORMAT
    oldest_sequence: int
    next_sequence: int  # the next to be flushed


def pack_standing_reply(forward_cdeg: int, lateral_cdeg: int) -> bytes:
    """Return the data of STANDING's reply."""
    return struct.pack(STANDING_REPLY_FORMAT, forward_cdeg, lateral_cdeg)


class StandingReply(Payload):
    """The data of STANDING's reply: tilt of standing against upright."""

    FORMAT = STANDING_REPLY_FORMAT
    forward_cdeg: int
    lateral_cdeg: int


def pack_profile(index: int, calibration_id: int, flags: int, name: bytes) -> bytes:
    """Return one profile of the data of GET_PROFILES' reply; name has at most PROFILE_NAME_BYTES."""
    return struct.pack(PROFILE_FORMAT, index, calibration_id, flags, name)


class ProfileEntry(Payload):
    """One profile of the data of GET_PROFILES' reply."""

    FORMAT = PROFILE_FORMAT
    index: int
    calibration_id: int  # 0: none
    flags: int  # PROFILE_…
    name: bytes  # UTF-8, padded with zeros


def unpack_profiles(data: bytes) -> "tuple[int, list[ProfileEntry]]":
    """Return the index of the active profile and all profiles; raises PayloadError if the length is wrong."""
    size = struct.calcsize(PROFILE_FORMAT)
    if not data:
        raise PayloadError("no profiles")
    return data[0], [ProfileEntry(data[at : at + size]) for at in range(1, len(data), size)]


def pack_live(
    uptime_low_ms: int,
    forward_cdeg: int,
    lateral_cdeg: int,
    state: int,
    activity: int,
    flags: int,
    above_threshold_s: int,
) -> bytes:
    """Return the payload of a LIVE."""
    return struct.pack(
        LIVE_FORMAT, uptime_low_ms, forward_cdeg, lateral_cdeg, state, activity, flags, above_threshold_s
    )


class Live(Payload):
    """A live sample."""

    FORMAT = LIVE_FORMAT
    uptime_low_ms: int  # the lower 32 bits
    forward_cdeg: int  # TILT_UNKNOWN: unknown
    lateral_cdeg: int
    state: int  # UNKNOWN: the motion sensor is silent
    activity: int
    flags: int  # LIVE_…
    above_threshold_s: int  # at most 255


def pack_status(
    uptime_ms: int,
    battery_mV: int,
    battery_percent: int,
    power_flags: int,
    snooze_left_s: int,
    oldest_sequence: int,
    next_sequence: int,
    alerts: int,
    samples_lost: int,
    settings_revision: int,
    calibration_id: int,
    profile: int,
    notices: int,
    delay_s: int,
) -> bytes:
    """Return the payload of a STATUS."""
    return struct.pack(
        STATUS_FORMAT,
        uptime_ms,
        battery_mV,
        battery_percent,
        power_flags,
        snooze_left_s,
        oldest_sequence,
        next_sequence,
        alerts,
        samples_lost,
        settings_revision,
        calibration_id,
        profile,
        notices,
        delay_s,
    )


class Status(Payload):
    """How the sensor is."""

    FORMAT = STATUS_FORMAT
    uptime_ms: int
    battery_mV: int
    battery_percent: int  # BATTERY_UNKNOWN: unknown
    power_flags: int  # POWER_…
    snooze_left_s: int
    oldest_sequence: int
    next_sequence: int  # the next to be flushed
    alerts: int  # since boot, modulo 65536
    samples_lost: int  # since boot
    settings_revision: int
    calibration_id: int
    profile: int
    notices: int  # NOTICE_…
    delay_s: int  # the delay that is active; fading may have changed it


def pack_text_part(text: bytes, offset: int) -> bytes:
    """Return the data of the replies to CRASH_TEXT and BOARD_FILE: the part of a text that begins at an offset."""
    return struct.pack(TEXT_LENGTH_FORMAT, len(text)) + text[offset : offset + TEXT_PART_BYTES]


def unpack_text_part(data: bytes) -> "tuple[int, bytes]":
    """Return the whole text's length in bytes and this part of it; raises PayloadError if there is no length."""
    size = struct.calcsize(TEXT_LENGTH_FORMAT)
    if len(data) < size:
        raise PayloadError("no length of a text")
    length: int = struct.unpack(TEXT_LENGTH_FORMAT, data[:size])[0]
    return length, data[size:]


class HostEntry(Payload):
    """A host that has paired over Bluetooth."""

    FORMAT = HOST_FORMAT
    flags: int  # HOST_…
    key: bytes  # type of its address (0: public, 1: random), then the address, least significant byte first


def unpack_hosts(data: bytes) -> "list[HostEntry]":
    """Return the known hosts; raises PayloadError if the length is wrong."""
    size = struct.calcsize(HOST_FORMAT)
    return [HostEntry(data[at : at + size]) for at in range(0, len(data), size)]
