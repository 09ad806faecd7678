"""Messages: the kinds of frames, their payloads, and the status codes of replies.

The host sends requests; each begins with a tag that the board's REPLY repeats, followed by a status and the data below.
The board sends LIVE, STATUS and EVENT unasked to a host that has subscribed: they are a picture; the journal is the
record.
"""

import struct

PROTOCOL_VERSION = 3

# Requests, host to board. Layouts begin with the tag.
# HELLO, and the end of a subscription, flush the journal: who comes or goes can fetch everything until then.
HELLO = 0x01  # protocol version -> HELLO_REPLY_FORMAT + board name in UTF-8
CLOCK = 0x02  # UTC in ms since 1970, zone in quarters of an hour
SUBSCRIBE = 0x03  # live samples per second, 0 to MAX_LIVE_HZ; with any rate STATUS and EVENT come too; 0 ends all three
FETCH = 0x04  # journal, sequence to begin with, number of pages -> PAGE frames, then FETCH_REPLY_FORMAT
GET_SETTINGS = 0x05  # -> revision, then VALUE_FORMAT of contract.settings for each setting
SET_SETTING = 0x06  # revision that the host last read, id, value -> new revision
CALIBRATE = 0x07  # -> calibration id, once the wearer has sat still for 3 s; the axes are the board's nominal ones
REZERO = 0x08  # -> calibration id, once the wearer has sat still for 1 s; the plane of the bow stays
SNOOZE = 0x09  # minutes up to MAX_SNOOZE_MIN, 0 ends a snooze, SNOOZE_AS_SET means as the setting says -> minutes
BUZZ = 0x0A
PING = 0x0B
REPL = 0x0C  # the board ends its app and returns to MicroPython's prompt
BOW = 0x0D  # -> calibration id, once the wearer has bowed by 20° or more and come up again or held it
STANDING = 0x0E  # -> STANDING_REPLY_FORMAT, once the wearer has stood still for 5 s
GET_PROFILES = 0x0F  # -> active profile, then PROFILE_FORMAT for each of PROFILES
SELECT_PROFILE = 0x10  # profile -> its calibration id
NAME_PROFILE = 0x11  # profile, name in UTF-8 padded with zeros
DIAGNOSTICS = 0x12  # -> DIAGNOSTICS_FORMAT
CRASH_TEXT = 0x13  # offset -> length of the last crash's traceback in UTF-8 (0: none is known), then it from the offset
SELF_TEST = 0x14  # -> a byte, whose bits 0 to 5 say that ax, ay, az, gx, gy, gz passed; the sensor must lie still
PAIR = 0x15  # -> for how many seconds a new host may pair over Bluetooth from now on; not to be asked over Bluetooth

# Board to host.
REPLY = 0x40
LIVE = 0x41
STATUS = 0x42
EVENT = 0x43  # one record of the journal, as it happens and before it is flushed
PAGE = 0x44  # one page of the journal

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
}
MAX_LIVE_HZ = 25
MAX_SNOOZE_MIN = 1080  # 18 h; its seconds fit STATUS
SNOOZE_AS_SET = 0xFFFF

HOST_TAGS = 255  # hosts use the tags 0 to 254; PRIVATE_TAG is for who speaks beside them, such as a twin to itself
PRIVATE_TAG = 255
REPLY_FORMAT = "<BB"  # tag, status, then data
# protocol version, flags, device id, firmware version, journal, boot, oldest sequence, next sequence to be flushed,
# uptime ms, settings revision, calibration id (0: none), every how many seconds a board that rests can be heard over
# Bluetooth, counted from the end of the last link (0: always, or never)
HELLO_REPLY_FORMAT = "<BB8s3sIHIIQHHH"
STANDING_REPLY_FORMAT = "<hh"  # forward and lateral tilt of standing against upright, in cdeg

PROFILES = 4  # calibrations side by side: office chair, standing desk, ...
PROFILE_NAME_BYTES = 18
PROFILE_NAMES = (b"office chair", b"standing desk", b"", b"")  # until the wearer names them, which the journal tells
PROFILE_FORMAT = "<BHB18s"  # profile, calibration id (0: none), PROFILE_… flags, name padded with zeros
PROFILE_BOWED = 0x01  # its forward axis comes from a bow
PROFILE_STOOD = 0x02  # it has a standing zero

FETCH_REPLY_FORMAT = "<II"  # oldest sequence, next sequence to be flushed
HELLO_SIMULATED = 0x01
HELLO_OWN_CLOCK = 0x02  # the board supplies UTC itself (a simulated one at a speed of its own); it refuses CLOCK

# uptime ms (lower 32 bits), forward and lateral tilt in cdeg, state (UNKNOWN: the motion sensor is silent), activity,
# flags, seconds above the threshold (saturating)
LIVE_FORMAT = "<IhhBBBB"
LIVE_ALERTING = 0x01  # the motor runs
LIVE_SNOOZED = 0x02
LIVE_TRACKING_ONLY = 0x04

# uptime ms, battery mV, battery percent, power flags, seconds of snooze left, oldest sequence, next sequence to be
# flushed, alerts since boot, samples lost since boot, settings revision, calibration id, profile, notices, the delay in
# force in seconds (fading may have changed it)
STATUS_FORMAT = "<QHBBHIIHIHHBBH"
NOTICE_SENSOR_MOVED = 0x01  # walking looks so different from how it did that the sensor may sit elsewhere
POWER_EXTERNAL = 0x01
BATTERY_UNKNOWN = 255

# cause of this boot (BOOT_… of contract.records), crashes in a row; free heap bytes when last measured and at their
# least (0: unknown); since boot: the most that the app's loop was late in ms, light sleep in s, errors of the bus, of
# flash and of frames, records refused; records that still fit until the oldest are dropped, and that are held from then
# on; between connection events of this link, in 1.25 ms (0: unknown, or a cable)
DIAGNOSTICS_FORMAT = "<BBIIIIIIIIIIH"
CRASH_LENGTH_FORMAT = "<H"
CRASH_PART_BYTES = 200

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
)


def pack_request(kind: int, tag: int, *fields: "int | bytes") -> bytes:
    """Return the payload of a request."""
    return struct.pack(REQUEST_FORMATS[kind], tag, *fields)


def pack_reply(tag: int, status: int, data: bytes = b"") -> bytes:
    """Return the payload of a REPLY."""
    return struct.pack(REPLY_FORMAT, tag, status) + data
