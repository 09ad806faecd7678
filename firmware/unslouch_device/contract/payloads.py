"""Payloads: what the board's replies, LIVE and STATUS carry, and how each is packed and unpacked.

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
DIAGNOSTICS_FORMAT = "<BBIIIIIIIIIIH"
IDF_HEAP_FORMAT = "<II"
BOARD_TEST_FORMAT = "<BBHBBB"
UPDATE_STATE_FORMAT = "<HBB12sIIIII"
OFFSET_FORMAT = "<I"  # UPDATE_DATA's reply, or with FLASH_FULL the free bytes
TEXT_LENGTH_FORMAT = "<H"  # of a whole text in bytes, 0: there is none; a part of it follows

TEST_FAILED = 0  # what BOARD_TEST finds out about a part
TEST_PASSED = 1
TEST_IMPOSSIBLE = 2  # there is no such part, or nothing that could tell
TEST_SILENT = 3  # the part doesn't answer

HELLO_SIMULATED = 0x01
HELLO_OWN_CLOCK = 0x02  # the board supplies UTC itself (a simulated one at a speed of its own); it refuses CLOCK
HELLO_SLEEPS_DEEPLY = 0x04  # it is off the body: within half an hour its windows end until something wakes it: motion,
HELLO_BUTTON_WAKES = 0x08  # … and its button

PROFILE_NAME_BYTES = 18
PROFILE_BOWED = 0x01  # its forward axis comes from a bow
PROFILE_STOOD = 0x02  # it has a standing zero

LIVE_ALERTING = 0x01  # the motor runs
LIVE_SNOOZED = 0x02
LIVE_TRACKING_ONLY = 0x04

POWER_EXTERNAL = 0x01
BATTERY_UNKNOWN = 255
NOTICE_SENSOR_MOVED = 0x01  # walking looks so different from how it did that the sensor may sit elsewhere

TEXT_PART_BYTES = 200

UPDATE_ON_TRIAL = 0x01  # the firmware hasn't shown yet that it works, and can't be replaced over a link
UPDATE_TAKEN_BACK = 0x02  # the last update over a link didn't show that it works, and the pack before it came back

HOST_LINKED = 0x01  # now
HOST_YOURS = 0x02  # over the link that asks
HOST_SECURE = 0x04  # certainly paired by LE Secure Connections


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


def pack_diagnostics(
    boot_cause: int,
    crashes_in_a_row: int,
    free_heap_bytes: int,
    least_free_heap_bytes: int,
    late_ms: int,
    slept_s: int,
    bus_errors: int,
    flash_errors: int,
    frame_errors: int,
    records_refused: int,
    records_left: int,
    records_held: int,
    interval_1250us: int,
) -> bytes:
    """Return the data of DIAGNOSTICS' reply."""
    return struct.pack(
        DIAGNOSTICS_FORMAT,
        boot_cause,
        crashes_in_a_row,
        free_heap_bytes,
        least_free_heap_bytes,
        late_ms,
        slept_s,
        bus_errors,
        flash_errors,
        frame_errors,
        records_refused,
        records_left,
        records_held,
        interval_1250us,
    )


class DiagnosticsReply(Payload):
    """The data of DIAGNOSTICS' reply; errors are counted since boot."""

    FORMAT = DIAGNOSTICS_FORMAT
    boot_cause: int  # BOOT_… of contract.records
    crashes_in_a_row: int
    free_heap_bytes: int  # when last measured, 0: unknown
    least_free_heap_bytes: int  # 0: unknown
    late_ms: int  # the most that the app's loop was late
    slept_s: int  # in light sleep
    bus_errors: int
    flash_errors: int
    frame_errors: int
    records_refused: int
    records_left: int  # records that fit until the oldest are dropped
    records_held: int  # records that are held from then on
    interval_1250us: int  # between connection events of this link, in 1.25 ms; 0: unknown, or a cable


def pack_idf_heap(free_bytes: int, largest_block_bytes: int) -> bytes:
    """Return the data of IDF_HEAP's reply."""
    return struct.pack(IDF_HEAP_FORMAT, free_bytes, largest_block_bytes)


class IdfHeapReply(Payload):
    """The data of IDF_HEAP's reply: memory that is free in ESP-IDF's heaps, which Bluetooth needs too."""

    FORMAT = IDF_HEAP_FORMAT
    free_bytes: int  # 0: unknown
    largest_block_bytes: int  # of the free ones


def pack_board_test(motor: int, external: int, battery_mV: int, radio: int, flash: int, heap: int) -> bytes:
    """Return the data of BOARD_TEST's reply."""
    return struct.pack(BOARD_TEST_FORMAT, motor, external, battery_mV, radio, flash, heap)


class BoardTestReply(Payload):
    """The data of BOARD_TEST's reply: what a sensor finds out about the parts around its motion sensor."""

    FORMAT = BOARD_TEST_FORMAT
    motor: int  # TEST_…; impossible: it hangs on a pin, and only the wearer can feel it
    external: int  # 1: the pin that senses external power says there is some, 0: there is none; TEST_IMPOSSIBLE: no pin
    battery_mV: int  # as the divider gives it
    radio: int  # TEST_…, whether it could be switched on
    flash: int  # TEST_…, whether a file that was written could be read back
    heap: int  # TEST_…, whether 2 KiB were free in one piece


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


class UpdateStateReply(Payload):
    """The data of UPDATE_STATE's reply: the firmware that the board runs, and what an earlier update has left."""

    FORMAT = UPDATE_STATE_FORMAT
    mpy: int  # sys.implementation._mpy: the version and the architecture of the compiled modules that it can import
    main_edition: int  # of its main.py
    flags: int  # UPDATE_…
    imu: bytes  # the driver of its motion sensor, padded with zeros
    active_bytes: int  # of the pack that runs
    active_crc: int  # CRC-32 of it
    held_bytes: int  # of the other pack, whatever it is
    held_crc: int
    free_bytes: int  # for a pack: those of the other pack count


class Offset(Payload):
    """The data of UPDATE_DATA's reply."""

    FORMAT = OFFSET_FORMAT
    offset: int  # of the first byte that has not arrived


class HostEntry(Payload):
    """A host that has paired over Bluetooth."""

    FORMAT = HOST_FORMAT
    flags: int  # HOST_…
    key: bytes  # type of its address (0: public, 1: random), then the address, least significant byte first


def unpack_hosts(data: bytes) -> "list[HostEntry]":
    """Return the known hosts; raises PayloadError if the length is wrong."""
    size = struct.calcsize(HOST_FORMAT)
    return [HostEntry(data[at : at + size]) for at in range(0, len(data), size)]
