"""Records: the 12-byte epochs and events of the posture journal. `pages` puts them into pages.

Time is uptime: milliseconds since the boot. The n-th epoch of a page (n = 0, 1, …) covers the 5 s that begin at the
page's `base_uptime_ms` + n · 5000. Events carry the lower 32 bits of their own uptime.
"""

import struct
from array import array

from .payloads import PROFILE_NAME_BYTES, Payload

RECORD_BYTES = 12
EPOCH_MS = 5000
SECONDS_PER_EPOCH = 5
NAME_PART_BYTES = 6

# Byte 0 of an epoch is below 0x80; an event's is 0x80 | code.
EPOCH_FORMAT = "<BBhhbbbbbB"
TILT_UNKNOWN = -32768  # forward and lateral tilt of an epoch or a live sample without a calibration
SECOND_FINE_CDEG = 25
SECOND_COARSE_CDEG = 150  # where the fine step would not reach; EPOCH_COARSE says so
SPEED_UNIT_CDEG_S = 25  # of mean |dθ/dt|, which saturates at 63.75 °/s

EPOCH_COARSE = 0x01  # its seconds are given in coarse steps
EPOCH_PARTIAL = 0x02  # measured for less than four of its five seconds
EPOCH_SNOOZED = 0x04  # alerts were snoozed
EPOCH_TRACKING_ONLY = 0x08  # the setting `tracking-only` was 1
EPOCH_ALERTED = 0x10  # an alert was given
EPOCH_SATURATED = 0x20  # the motion went beyond what the chip can measure

EVENT_MARK = 0x80

BOOT = 1
HOST_CLOCK = 2
SLOUCH_STARTED = 3
SLOUCH_ENDED = 4
ALERT = 5
CORRECTED = 6
PUT_ON = 7
TAKEN_OFF = 8
CHARGING_STARTED = 9
CHARGING_ENDED = 10
CALIBRATED = 11
SETTING_CHANGED = 12
SNOOZED = 13
BATTERY = 14
SAMPLES_LOST = 15
BUZZED = 16
STANDING_ZERO = 17
PROFILE_SELECTED = 18
PROFILE_NAMED = 19
SENSOR_MOVED = 20
ALERT_MISSED = 21
DELAY_ADAPTED = 22
BUTTON = 23
CRASHED = 24
BUS_FAILED = 25
BUS_RECOVERED = 26
BATTERY_LOW = 27
PAIRING = 28
ERASED = 29
MOTOR_FAILED = 30
HOST_REFUSED = 31
SLEEP_REFUSED = 32  # by the motion sensor's interrupt, which stays high: it is ignored from now on
HOST_PAIRED = 33
HOST_FORGOTTEN = 34
CALIBRATION_UNDONE = 38  # the one before it is active again
DEEP_SLEEP_BEGAN = 35  # the last record of its boot
DEEP_SLEEP_ENDED = 36  # in the boot after: by a clock ± 5 %, its uptime 0 came slept_s after that record

# code: format of the 7 bytes after mark and uptime
EVENT_FORMATS = {
    BOOT: "<BBBB",
    HOST_CLOCK: "<IHb",
    SLOUCH_STARTED: "<Ih",
    SLOUCH_ENDED: "<hhHB",
    ALERT: "<hBB",
    CORRECTED: "<I",
    PUT_ON: "<",
    TAKEN_OFF: "<IB",
    CHARGING_STARTED: "<I",
    CHARGING_ENDED: "<",
    CALIBRATED: "<HBB",
    SETTING_CHANGED: "<BiH",
    SNOOZED: "<H",
    BATTERY: "<HB",
    SAMPLES_LOST: "<I",
    BUZZED: "<",
    STANDING_ZERO: "<Hhh",
    PROFILE_SELECTED: "<BH",
    PROFILE_NAMED: "<BHI",
    SENSOR_MOVED: "<hhB",
    ALERT_MISSED: "<BB",
    DELAY_ADAPTED: "<HB",
    BUTTON: "<B",
    CRASHED: "<BBBI",
    BUS_FAILED: "<BI",
    BUS_RECOVERED: "<I",
    BATTERY_LOW: "<BHB",
    PAIRING: "<H",
    ERASED: "<",
    MOTOR_FAILED: "<I",
    HOST_REFUSED: "<BH",
    SLEEP_REFUSED: "<",
    HOST_PAIRED: "<BB",
    HOST_FORGOTTEN: "<B",
    CALIBRATION_UNDONE: "<HB",
    DEEP_SLEEP_BEGAN: "<B",
    DEEP_SLEEP_ENDED: "<IBB",
}

# code: (name, names of the fields)
# Fields that end in uptime_ms are the lower 32 bits of an uptime. zone_quarter_h is the host's zone east of UTC in
# quarters of an hour. A name travels in parts of six bytes, padded with zeros: part_profile is part << 4 | profile.
_EVENT_WORDS = {
    BOOT: ("boot", ("cause", "major", "minor", "patch")),
    HOST_CLOCK: ("host clock", ("utc_low_ms", "utc_high_ms", "zone_quarter_h")),
    SLOUCH_STARTED: ("slouch started", ("onset_uptime_ms", "forward_cdeg")),
    SLOUCH_ENDED: ("slouch ended", ("peak_cdeg", "mean_cdeg", "duration_s", "alerts")),
    ALERT: ("alert", ("forward_cdeg", "number", "mode")),
    CORRECTED: ("corrected", ("latency_ms",)),
    PUT_ON: ("put on", ()),
    TAKEN_OFF: ("taken off", ("onset_uptime_ms", "cue")),
    CHARGING_STARTED: ("charging started", ("onset_uptime_ms",)),
    CHARGING_ENDED: ("charging ended", ()),
    CALIBRATED: ("calibrated", ("calibration_id", "how", "profile")),
    SETTING_CHANGED: ("setting changed", ("setting_id", "value", "revision")),
    SNOOZED: ("snoozed", ("minutes",)),
    BATTERY: ("battery", ("battery_mV", "battery_percent")),
    SAMPLES_LOST: ("samples lost", ("lost_ms",)),
    BUZZED: ("buzzed", ()),
    STANDING_ZERO: ("standing zero", ("calibration_id", "forward_cdeg", "lateral_cdeg")),
    PROFILE_SELECTED: ("profile selected", ("profile", "calibration_id")),
    PROFILE_NAMED: ("profile named", ("part_profile", "text_low", "text_high")),
    SENSOR_MOVED: ("sensor may have moved", ("walking_cdeg", "usual_cdeg", "profile")),
    ALERT_MISSED: ("alert not corrected", ("number", "why")),
    DELAY_ADAPTED: ("delay adapted", ("delay_s", "why")),
    BUTTON: ("button", ("presses",)),
    CRASHED: ("crashed", ("kind", "task", "in_a_row", "checksum")),
    BUS_FAILED: ("bus failed", ("errno", "bus_errors")),
    BUS_RECOVERED: ("bus recovered", ("failed_ms",)),
    BATTERY_LOW: ("battery low", ("level", "battery_mV", "battery_percent")),
    PAIRING: ("pairing", ("window_s",)),
    ERASED: ("erased", ()),
    MOTOR_FAILED: ("motor failed", ("bus_errors",)),
    HOST_REFUSED: ("host refused", ("why", "times")),
    SLEEP_REFUSED: ("sleep refused", ()),
    HOST_PAIRED: ("host paired", ("hosts", "how")),
    HOST_FORGOTTEN: ("host forgotten", ("hosts",)),
    CALIBRATION_UNDONE: ("calibration undone", ("calibration_id", "profile")),
    DEEP_SLEEP_BEGAN: ("deep sleep began", ("why",)),
    DEEP_SLEEP_ENDED: ("deep sleep ended", ("slept_s", "woken_by", "why")),
}

# code: (name, format, names of the fields); a board has no use for the words, and so they are left out of its pack
EVENTS = {code: (name, EVENT_FORMATS[code], fields) for code, (name, fields) in _EVENT_WORDS.items()}

CALIBRATED_UPRIGHT = 1  # `how` of CALIBRATED: by CALIBRATE, or the button
CALIBRATED_REZERO = 2  # by REZERO, or the button
CALIBRATED_BOW = 3  # by BOW

TAKEN_OFF_STILL = 1  # `cue` of TAKEN_OFF: long stillness
TAKEN_OFF_COLD = 2  # stillness while the sensor cooled

MISSED_LATE = 1  # `why` of ALERT_MISSED: still slouching 30 s later
MISSED_INTERRUPTED = 2  # it ended otherwise: the wearer got up, lay down, took the sensor off, or there is a gap

ADAPTED_LONGER = 1  # `why` of DELAY_ADAPTED: corrections made without an alert
ADAPTED_SHORTER = 2  # alerts that were not corrected
ADAPTED_RESET = 3  # the wearer set the delay, or switched fading off

HELD_FOR_BATTERY = 0xFA  # `presses` of BUTTON: held for 1.5 s
HELD_TO_PAIR = 0xFD  # held for 3 s
HELD_TO_SWITCH_OFF = 0xF9  # held for 6 s
HELD_TO_ERASE = 0xFE  # held for 10 s
HELD_TO_STOP = 0xFC  # held for 20 s
HELD_DOWN = 0xFB  # held for 30 s and longer: something lies on it

CRASH_OTHER = 0  # `kind` of CRASHED, an event about the boot before: an exception of a class that isn't listed here
CRASH_MEMORY = 1  # MemoryError
CRASH_OS = 2  # OSError
CRASH_TYPE = 3  # TypeError
CRASH_VALUE = 4  # ValueError
CRASH_LOOKUP = 5  # IndexError or KeyError
CRASH_NAME = 6  # NameError or AttributeError
CRASH_HUNG = 7  # no exception: a task showed no life any more
CRASH_WATCHDOG = 8  # the watchdog reset the board, and no task was known to hang
CRASH_PANIC = 9  # a reset that was neither power-on nor asked for: something below the firmware failed
CRASH_NAMES = (
    "other",
    "out of memory",
    "operating system",
    "type",
    "value",
    "lookup",
    "name",
    "task hung",
    "watchdog",
    "panic",
)

TASK_SAMPLER = 0  # `task` of CRASHED: reads the motion sensor
TASK_JOURNAL = 1
TASK_LINK = 2
TASK_TELEMETRY = 3
TASK_BATTERY = 4
TASK_BUTTON = 5
TASK_SUPERVISOR = 6
TASK_CLOCK = 7
TASK_ERRAND = 8  # plays patterns and calibrates
TASK_RADIO = 9
TASK_NAMES = ("sampler", "journal", "link", "telemetry", "battery", "button", "supervisor", "clock", "errand", "radio")
TASK_UNKNOWN = 255

REFUSED_NO_BOND = 1  # `why` of HOST_REFUSED: it paired, or wanted to, while the window was shut
REFUSED_REPEAT = 2  # the same, under a bonded host's address
REFUSED_SHORT_KEY = 3  # its key has less than 16 bytes
REFUSED_FULL = 4  # four hosts are known
REFUSED_SILENT = 5  # it neither paired nor encrypted the link with the right key in time, or left before
REFUSED_PAIRING = 6  # it paired without LE Secure Connections, or under an address of zeros
REFUSED_UNKNOWN = 7  # it connected while the window was shut, and has never paired

PAIRED_SECURE = 1  # `how` of HOST_PAIRED: by LE Secure Connections
PAIRED_UNVERIFIED = 2  # the firmware doesn't know the layout of this stack's keys, which would tell

ASLEEP_OFF_BODY = 1  # `why` of DEEP_SLEEP_BEGAN and DEEP_SLEEP_ENDED: nobody wears it
ASLEEP_EMPTY = 2  # the cell is empty
ASLEEP_BY_HAND = 3  # the wearer has switched it off by its button

WOKEN_BY_TIMER = 1  # `woken_by` of DEEP_SLEEP_ENDED
WOKEN_BY_BUTTON = 2
WOKEN_BY_MOTION = 3
WOKEN_BY_CABLE = 4

BATTERY_WARNING = 1  # `level` of BATTERY_LOW
BATTERY_MOTOR_OFF = 2  # the motor rests
BATTERY_EMPTY = 3  # the board goes to sleep until it is charged
BATTERY_GOOD = 4  # charged again after a warning

BOOT_POWER_ON = 1  # `cause` of BOOT, numbered like machine.reset_cause() of the ESP32 port
BOOT_HARD_RESET = 2
BOOT_WATCHDOG = 3
BOOT_DEEP_SLEEP = 4
BOOT_SOFT_RESET = 5


def pack_epoch_into(
    buffer: bytearray,
    state: int,
    activity: int,
    flags: int,
    forward_cdeg: int,
    lateral_cdeg: int,
    second_cdeg: "array[int] | list[int]",
    speed_cdeg_s: int,
) -> None:
    """Write an epoch into the first 12 bytes of a buffer, allocating nothing.

    second_cdeg holds the mean forward tilt of each of the five seconds. A mean of TILT_UNKNOWN leaves them out.
    """
    if forward_cdeg == TILT_UNKNOWN:
        struct.pack_into(
            EPOCH_FORMAT, buffer, 0, state | activity << 4, flags, forward_cdeg, lateral_cdeg, 0, 0, 0, 0, 0, 0
        )
        return
    unit = SECOND_FINE_CDEG
    for i in range(SECONDS_PER_EPOCH):
        if not -127 * SECOND_FINE_CDEG <= second_cdeg[i] - forward_cdeg <= 127 * SECOND_FINE_CDEG:
            unit = SECOND_COARSE_CDEG
    if unit == SECOND_COARSE_CDEG:
        flags |= EPOCH_COARSE
    struct.pack_into(
        EPOCH_FORMAT,
        buffer,
        0,
        state | activity << 4,
        flags,
        forward_cdeg,
        lateral_cdeg,
        _steps(second_cdeg[0] - forward_cdeg, unit),
        _steps(second_cdeg[1] - forward_cdeg, unit),
        _steps(second_cdeg[2] - forward_cdeg, unit),
        _steps(second_cdeg[3] - forward_cdeg, unit),
        _steps(second_cdeg[4] - forward_cdeg, unit),
        min(255, (speed_cdeg_s + SPEED_UNIT_CDEG_S // 2) // SPEED_UNIT_CDEG_S),
    )


def _steps(difference_cdeg: int, unit_cdeg: int) -> int:
    return max(-128, min(127, (difference_cdeg + unit_cdeg // 2) // unit_cdeg))


class PackedEpoch(Payload):
    """An epoch's fields as they are packed."""

    FORMAT = EPOCH_FORMAT
    state_activity: int  # state | activity << 4
    flags: int  # EPOCH_…
    forward_cdeg: int  # mean tilt; TILT_UNKNOWN: none of what follows is known
    lateral_cdeg: int
    second1_steps: int  # forward tilt of the first second, as steps from the mean
    second2_steps: int
    second3_steps: int
    second4_steps: int
    second5_steps: int
    speed_units: int  # mean |dθ/dt| in SPEED_UNIT_CDEG_S


class EpochRecord:
    """An epoch, unpacked; second_cdeg has the mean forward tilt of each of its five seconds."""

    def __init__(self, record: bytes) -> None:
        state_activity, flags, forward_cdeg, lateral_cdeg, *steps, speed_units = struct.unpack(EPOCH_FORMAT, record)
        self.state: int = state_activity & 0x0F
        self.activity: int = state_activity >> 4
        self.flags: int = flags
        self.forward_cdeg: int = forward_cdeg
        self.lateral_cdeg: int = lateral_cdeg
        self.speed_cdeg_s: int = speed_units * SPEED_UNIT_CDEG_S
        step_cdeg = SECOND_COARSE_CDEG if flags & EPOCH_COARSE else SECOND_FINE_CDEG
        self.second_cdeg: tuple[int, ...] = tuple([forward_cdeg + number * step_cdeg for number in steps])
        if forward_cdeg == TILT_UNKNOWN:
            self.second_cdeg = (TILT_UNKNOWN,) * SECONDS_PER_EPOCH


def pack_event(code: int, uptime_ms: int, *fields: int) -> bytes:
    """Return the record of an event that happened at an uptime, with the fields that EVENTS lists for its code."""
    data = struct.pack("<BI", EVENT_MARK | code, uptime_ms & 0xFFFFFFFF) + struct.pack(EVENT_FORMATS[code], *fields)
    return data + bytes(RECORD_BYTES - len(data))


def is_event(record: bytes) -> bool:
    """Return whether a record is an event, not an epoch, by its first byte."""
    return record[0] >= EVENT_MARK


def unpack_event(record: bytes) -> "tuple[int, int, tuple[int, ...]]":
    """Return (code, lower 32 bits of the uptime in ms, fields) of an event; an unknown code has no fields."""
    code = record[0] & 0x7F
    layout = EVENT_FORMATS.get(code, "<")
    return code, struct.unpack_from("<I", record, 1)[0], struct.unpack_from(layout, record, 5)


class EventRecord:
    """An event, unpacked; `name` and the names of `fields` are those of EVENTS, an unknown code has no fields."""

    def __init__(self, record: bytes) -> None:
        self.code, self.uptime_low_ms, values = unpack_event(record)
        self.name, _, names = EVENTS.get(self.code, ("event %d" % self.code, "<", ()))
        self.fields: dict[str, int] = dict(zip(names, values))


def name_parts(profile: int, name: bytes) -> "list[tuple[int, int, int]]":
    """Return the fields of the PROFILE_NAMED events that carry a name of up to PROFILE_NAME_BYTES, in order.

    A short name takes as many as a long one, so that nothing is left of the one before.
    """
    padded = name + bytes(PROFILE_NAME_BYTES - len(name))
    return [
        (part << 4 | profile,) + struct.unpack_from("<HI", padded, part * NAME_PART_BYTES)
        for part in range(PROFILE_NAME_BYTES // NAME_PART_BYTES)
    ]


def name_part(part_profile: int, text_low: int, text_high: int) -> "tuple[int, int, bytes]":
    """Return (profile, part, its six bytes) of a PROFILE_NAMED event; all parts joined, less zeros, are UTF-8."""
    return part_profile & 0x0F, part_profile >> 4, struct.pack("<HI", text_low, text_high)


def full_uptime_ms(low_ms: int, base_uptime_ms: int) -> int:
    """Return the uptime whose lower 32 bits are low_ms and which is nearest to a page's base, never below zero."""
    difference = (low_ms - base_uptime_ms) & 0xFFFFFFFF
    if difference >= 0x80000000 and base_uptime_ms + difference >= 0x100000000:
        difference -= 0x100000000
    return base_uptime_ms + difference
