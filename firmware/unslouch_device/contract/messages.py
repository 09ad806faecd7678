"""Messages: the kinds of frames, the requests with their fields, and the status codes of replies.

The host sends requests. Each begins with a tag, which the board's REPLY repeats before a status and the data (arrows
below; contract.payloads says where their layouts are). The board sends LIVE, STATUS and EVENT unasked to a host that
has subscribed. They show the present; the journal is the record.
"""

import struct

PROTOCOL_VERSION = 3

# Requests, host to board.
# HELLO and the end of a subscription flush the journal, so that a host can fetch everything until then.
HELLO = 0x01  # -> HelloReply
CLOCK = 0x02
SUBSCRIBE = 0x03  # 0 to MAX_LIVE_HZ samples per second; with any rate STATUS and EVENT come too; 0 ends all three
FETCH = 0x04  # -> PAGE frames, then FetchReply
GET_SETTINGS = 0x05  # -> unpack_settings() of contract.settings
SET_SETTING = 0x06  # with the revision that the host last read -> new revision
CALIBRATE = 0x07  # -> calibration id, once the wearer has sat still for 3 s; the axes are the board's nominal ones
REZERO = 0x08  # -> calibration id, once the wearer has sat still for 1 s; the plane of the bow stays
SNOOZE = 0x09  # up to MAX_SNOOZE_MIN, 0 ends a snooze, SNOOZE_AS_SET means as the setting says -> minutes
BUZZ = 0x0A
PING = 0x0B
REPL = 0x0C  # the board ends its app and returns to MicroPython's prompt; over a cable only
BOW = 0x0D  # -> calibration id, once the wearer has bowed by 20° or more and come up again or held it
STANDING = 0x0E  # -> StandingReply, once the wearer has stood still for 5 s
GET_PROFILES = 0x0F  # -> unpack_profiles(), PROFILES of them
SELECT_PROFILE = 0x10  # -> its calibration id
NAME_PROFILE = 0x11  # name: UTF-8, padded with zeros
DIAGNOSTICS = 0x12  # -> DiagnosticsReply
CRASH_TEXT = 0x13  # -> unpack_text_part(): the last crash's traceback in UTF-8
SELF_TEST = 0x14  # -> a byte, whose bits 0 to 5 say that ax, ay, az, gx, gy, gz passed; the sensor must lie still
PAIR = 0x15  # -> for how many seconds a new host may pair over Bluetooth from now on; over a cable only
GET_HOSTS = 0x16  # -> unpack_hosts(): those that have paired over Bluetooth
FORGET_HOST = 0x17  # key: as GET_HOSTS gives it; the host's link ends within a second
IDF_HEAP = 0x18  # -> IdfHeapReply: the free memory that MicroPython's own heap leaves
BOARD_TEST = 0x19  # -> BoardTestReply: motor, supplies, radio, flash and memory; takes up to 6 s

# Rare requests, whose code a board loads on demand.
UNDO = 0x1A  # the last calibration or re-zero, within UNDO_S -> calibration id, 0: none is left
PLAY_PATTERN = 0x1B  # one of contract.patterns, as the first alert of a slouch
GET_OWN_PATTERN = 0x1C  # -> unpack_pattern() of contract.patterns
SET_OWN_PATTERN = 0x1D
HEAP = 0x1E  # -> HeapReply: how much memory Python has, which new firmware may not find enough

# An update of the firmware, into the pack that is not active. See unslouch_device.on_demand.updating.
UPDATE_STATE = 0x20  # -> UpdateStateReply: what the board runs, and what an earlier update has left
BOARD_FILE = 0x21  # -> parts as those of CRASH_TEXT: names and values of the board file, a line "NAME=value" each
UPDATE_BEGIN = 0x22  # size and SHA-256 of the pack, the edition of main.py that it needs, where the data will begin
UPDATE_DATA = 0x23  # UPDATE_DATA_BYTES from the offset on, the last ones padded -> Offset that comes next
UPDATE_END = 0x24  # the board checks the pack, starts it on trial and restarts

# Board to host.
REPLY = 0x40
LIVE = 0x41
STATUS = 0x42
EVENT = 0x43  # one event record of the journal, as it happens and before it is flushed
PAGE = 0x44  # one page of the journal

# kind: format of the payload, which begins with the tag
REQUEST_FORMATS = {
    HELLO: "<BB",
    CLOCK: "<BQb",
    SUBSCRIBE: "<BB",
    FETCH: "<BIIH",
    GET_SETTINGS: "<B",
    SET_SETTING: "<BHBi",
    CALIBRATE: "<B",
    REZERO: "<B",
    SNOOZE: "<BH",
    BUZZ: "<B",
    PING: "<B",
    REPL: "<B",
    BOW: "<B",
    STANDING: "<B",
    GET_PROFILES: "<B",
    SELECT_PROFILE: "<BB",
    NAME_PROFILE: "<BB18s",
    DIAGNOSTICS: "<B",
    CRASH_TEXT: "<BH",
    SELF_TEST: "<B",
    PAIR: "<B",
    GET_HOSTS: "<B",
    FORGET_HOST: "<B7s",
    IDF_HEAP: "<B",
    BOARD_TEST: "<B",
    UPDATE_STATE: "<B",
    BOARD_FILE: "<BH",
    UPDATE_BEGIN: "<BI32sBI",
    UPDATE_DATA: "<BI234s",
    UPDATE_END: "<B",
    UNDO: "<B",
    PLAY_PATTERN: "<BB",
    GET_OWN_PATTERN: "<B",
    SET_OWN_PATTERN: "<B16s",
    HEAP: "<B",
}

# kind: names of the fields after the tag, of those that have any; for the host, a board's pack goes without
REQUEST_FIELDS = {
    HELLO: ("protocol_version",),
    CLOCK: ("utc_ms", "zone_quarter_h"),  # since 1970; quarters of an hour east of UTC
    SUBSCRIBE: ("live_hz",),
    FETCH: ("journal", "first_sequence", "most_pages"),
    SET_SETTING: ("revision", "setting_id", "value"),
    SNOOZE: ("minutes",),
    SELECT_PROFILE: ("profile",),
    NAME_PROFILE: ("profile", "name"),
    CRASH_TEXT: ("offset",),
    FORGET_HOST: ("key",),
    BOARD_FILE: ("offset",),
    UPDATE_BEGIN: ("size", "sha256", "main_edition", "offset"),
    UPDATE_DATA: ("offset", "data"),
    PLAY_PATTERN: ("pattern",),
    SET_OWN_PATTERN: ("times",),
}
UPDATE_DATA_BYTES = 234  # of a pack in one request, which fills a frame
MAX_LIVE_HZ = 25
MAX_SNOOZE_MIN = 1080  # 18 h; its seconds fit STATUS
SNOOZE_AS_SET = 0xFFFF
UNDO_S = 60
PROFILES = 4  # calibrations side by side: office chair, standing desk, ...
PROFILE_NAMES = (b"office chair", b"standing desk", b"", b"")  # until the wearer renames one, which is an event

HOST_TAGS = 255  # hosts use the tags 0 to 254
PRIVATE_TAG = 255  # for programs that speak to the board beside its host, such as the twin that calibrates itself

# Status codes of a reply.
OK = 0
UNKNOWN_REQUEST = 1
BAD_PAYLOAD = 2
UNKNOWN_PROTOCOL = 3  # the data still begins with the board's protocol version
STALE_REVISION = 4  # data: the current revision
UNKNOWN_SETTING = 5
OUT_OF_RANGE = 6
WRONG_JOURNAL = 7
MOVED = 8  # no 3 s of stillness
GRAVITY_OFF = 9  # |a| at rest differs from 1 g by more than 8 %
BUSY = 10
NOT_CALIBRATED = 11
CLOCK_REFUSED = 12
NOT_WORN = 13
FLASH_FAILED = 14
BOW_TOO_SMALL = 15  # less than 20° forwards
BOW_NOT_STRAIGHT = 16  # it went sideways or turned on its way
SATURATED = 17  # the motion sensor was at the end of its range
SENSOR_SILENT = 18  # the motion sensor does not answer
NO_SELF_TEST = 19  # it has none
CABLE_ONLY = 20  # not over Bluetooth, or this board has none
UNKNOWN_HOST = 21
BATTERY_LOW = 22  # for an update, or for the motor
FLASH_FULL = 23  # data: the free bytes, u32
MAIN_TOO_OLD = 24  # main.py, which only the cable replaces
DAMAGED = 25  # the pack's SHA-256 is another one
NO_UPDATE = 26  # none was begun on this link
BATTERY_NOT_MEASURED = 27  # for an update, and no external power is sensed

STATUS_NAMES = (
    "ok",
    "unknown request",
    "bad payload",
    "unknown protocol",
    "stale revision",
    "unknown setting",
    "out of range",
    "wrong journal",
    "moved",
    "gravity off",
    "busy",
    "not calibrated",
    "clock refused",
    "not worn",
    "flash failed",
    "bow too small",
    "bow not straight",
    "sensor saturated",
    "sensor silent",
    "no self-test",
    "cable only",
    "unknown host",
    "battery low",
    "flash full",
    "main.py too old",
    "damaged",
    "no update",
    "battery not measured",
)


def pack_request(kind: int, tag: int, *fields: "int | bytes") -> bytes:
    """Return the payload of a request; its fields are those of REQUEST_FIELDS."""
    return struct.pack(REQUEST_FORMATS[kind], tag, *fields)


def unpack_request(kind: int, payload: bytes) -> "tuple[int | bytes, ...] | None":
    """Return the tag and the fields of a request of a kind in REQUEST_FORMATS, None if its length is wrong."""
    layout = REQUEST_FORMATS[kind]
    return struct.unpack(layout, payload) if len(payload) == struct.calcsize(layout) else None
