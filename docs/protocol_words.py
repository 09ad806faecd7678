"""The texts of docs/protocol.md's tables: the meaning of the fields that the contract lays out."""

from unslouch_device.contract import messages as m
from unslouch_device.contract import patterns
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.board_test import BoardTestReply
from unslouch_device.contract.diagnostics import DiagnosticsReply
from unslouch_device.contract.pages import PAGE_MAGIC, PAGE_VERSION, RECORDS_PER_PAGE, PageHeader
from unslouch_device.contract.updates import UpdateStateReply

REQUEST_FIELDS = {
    "protocol_version": "protocol version",
    "utc_ms": "UTC in ms since 1970",
    "zone_quarter_h": "zone in quarters of an hour east of UTC",
    "live_hz": "live samples per second",
    "journal": "journal",
    "first_sequence": "first sequence",
    "most_pages": "most pages",
    "revision": "revision last read",
    "setting_id": "setting",
    "value": "value",
    "minutes": "minutes",
    "profile": "profile",
    "name": "name in UTF-8, padded with zeros",
    "offset": "offset",
    "key": "key as GET_HOSTS gives it",
    "size": "size of the pack",
    "sha256": "its SHA-256",
    "main_edition": "edition of main.py that it needs",
    "data": "data, padded with zeros at the pack's end",
    "pattern": "number of the pattern, as in the setting",
    "times": f"times on, off, on, … in {patterns.TIME_UNIT_MS} ms, padded with zeros",
}
"""What follows the tag, by the contract's names."""
REQUESTS = {
    "HELLO": ("starts the session; ends a subscription; flushes the journal", "HELLO's reply, below"),
    "CLOCK": ("adds a clock mark to the journal; a sensor with its own clock refuses", "–"),
    "SUBSCRIBE": (f"LIVE at this rate, up to {m.MAX_LIVE_HZ}, with STATUS and EVENT; 0 ends all three", "–"),
    "FETCH": (
        "PAGE frames from the page that holds the sequence on, then the reply",
        "oldest sequence (u32), next sequence (u32)",
    ),
    "GET_SETTINGS": ("all settings", "revision (u16), then for each setting: id (u8), value (i32)"),
    "SET_SETTING": ("changes one setting, unless it was changed since that revision", "revision (u16)"),
    "CALIBRATE": ("sets upright, once the wearer has sat still for 3 s", "calibration (u16)"),
    "REZERO": ("moves upright to the present posture, once the wearer has sat still for 1 s", "calibration (u16)"),
    "SNOOZE": (
        f"keeps the motor quiet, up to {m.MAX_SNOOZE_MIN} min; 0 ends it, {m.SNOOZE_AS_SET:#x} means as set",
        "minutes (u16)",
    ),
    "BUZZ": ("lets the motor vibrate once; “battery low”: too low for the motor", "–"),
    "PING": ("asks for an answer; serves as keep-alive", "–"),
    "REPL": ("over the cable only: ends the app and returns to MicroPython's prompt", "–"),
    "BOW": ("learns which way is forward, once the wearer has bowed by 20° or more", "calibration (u16)"),
    "STANDING": (
        "sets the standing zero, once the wearer has stood still for 5 s",
        "forward and lateral tilt in cdeg (i16 each)",
    ),
    "GET_PROFILES": ("all profiles", f"active profile (u8), then {m.PROFILES} profiles, below"),
    "SELECT_PROFILE": ("makes a profile active", "calibration (u16)"),
    "NAME_PROFILE": ("names a profile", "–"),
    "DIAGNOSTICS": ("the sensor's health", "below"),
    "CRASH_TEXT": (
        "the last crash's traceback, in parts",
        f"whole length (u16), then up to {p.TEXT_PART_BYTES} bytes of UTF-8 from the offset on",
    ),
    "SELF_TEST": (
        "tests the motion sensor, which must lie still",
        "u8: bits 0 to 5 are set where ax, ay, az, gx, gy, gz passed",
    ),
    "PAIR": ("over the cable only: lets a new host pair over Bluetooth", "seconds that are left (u16)"),
    "GET_HOSTS": ("the hosts that have paired over Bluetooth", "for each a host, below"),
    "FORGET_HOST": ("forgets one of them, whose link ends within a second", "–"),
    "IDF_HEAP": (
        "the free memory of ESP-IDF's heaps, beyond MicroPython's own",
        "free bytes (u32; 0: unknown), bytes of the largest free block (u32)",
    ),
    "BOARD_TEST": (
        "tests the parts around the motion sensor within 6 s; the motor may move",
        "below",
    ),
    "UPDATE_STATE": ("what firmware the board runs, and what an earlier update has left", "below"),
    "BOARD_FILE": (
        "the names and values of the board file, a line `NAME=value` each, in parts",
        f"whole length (u16), then up to {p.TEXT_PART_BYTES} bytes of UTF-8 from the offset on",
    ),
    "UPDATE_BEGIN": ("begins an update, or goes on with one at the offset", "with “flash full”: the free bytes (u32)"),
    "UPDATE_DATA": ("the bytes of the pack from the offset on", "offset of the first byte that is missing (u32)"),
    "UPDATE_END": ("checks the pack, makes it the one to start, and restarts", "–"),
    "HEAP": (
        "the memory of MicroPython's own heap: in use, free, and what it can grow by; new firmware may need more",
        "bytes (u32; 0: unknown)",
    ),
    "UNDO": (
        f"takes back the last calibration or re-zero of the last {m.UNDO_S} s; “not calibrated”: there was none",
        "calibration (u16; 0: none)",
    ),
    "PLAY_PATTERN": ("lets the motor play a pattern, as the first alert of a slouch; “battery low” likewise", "–"),
    "GET_OWN_PATTERN": ("the wearer's own pattern", f"{patterns.OWN_TIMES} bytes as in SET_OWN_PATTERN; zeros: none"),
    "SET_OWN_PATTERN": (f"keeps the wearer's own pattern, of at most {patterns.LONGEST_MS / 1000:g} s", "–"),
}
FROM_BOARD = {
    "REPLY": "tag (u8), status (u8), data",
    "LIVE": "a live sample, below",
    "STATUS": "the sensor's slow values, below; once per second",
    "EVENT": "one event record, as it happens and before it is flushed",
    "PAGE": "one page of the journal",
}
LAYOUTS: dict[str, tuple[type[p.Payload], dict[str, str], str | None]] = {
    "hello": (
        p.HelloReply,
        {
            "protocol_version": "protocol version",
            "flags": "flags: `HELLO_`",
            "device_id": "device id",
            "firmware_version": "firmware version: major, minor, patch",
            "journal": "journal: a random number, new with each journal",
            "boot": "boot: counted from the journal's beginning",
            "oldest_sequence": "oldest sequence in the journal",
            "next_sequence": "next sequence to be flushed",
            "uptime_ms": "uptime in ms",
            "settings_revision": "settings revision",
            "calibration_id": "calibration, 0: none",
            "window_period_s": "s from the end of this link to a resting sensor's first window; 0: it has no radio",
        },
        "the board's name in UTF-8",
    ),
    "live": (
        p.Live,
        {
            "uptime_low_ms": "uptime in ms, lower 32 bits",
            "forward_cdeg": f"forward tilt in cdeg, {r.TILT_UNKNOWN}: unknown",
            "lateral_cdeg": "lateral tilt in cdeg, likewise",
            "state": "state",
            "activity": "activity",
            "flags": "flags: `LIVE_`",
            "above_threshold_s": "seconds above the threshold, at most 255",
        },
        None,
    ),
    "status": (
        p.Status,
        {
            "uptime_ms": "uptime in ms",
            "battery_mV": "battery in mV",
            "battery_percent": f"battery in percent, {p.BATTERY_UNKNOWN}: unknown",
            "power_flags": "flags: `POWER_`",
            "snooze_left_s": "seconds of snooze left",
            "oldest_sequence": "oldest sequence in the journal",
            "next_sequence": "next sequence to be flushed",
            "alerts": "alerts since boot",
            "samples_lost": "samples lost since boot, but for self-tests",
            "settings_revision": "settings revision",
            "calibration_id": "calibration, 0: none",
            "profile": "profile",
            "notices": "flags: `NOTICE_`",
            "delay_s": "current delay in s",
        },
        None,
    ),
    "diagnostics": (
        DiagnosticsReply,
        {
            "boot_cause": "cause of this boot: `BOOT_`",
            "crashes_in_a_row": "crashes in a row",
            "free_heap_bytes": "free heap in bytes, 0: unknown",
            "least_free_heap_bytes": "least free heap in bytes, 0: unknown",
            "late_ms": "greatest lateness of the app's loop, in ms",
            "slept_s": "light sleep in s",
            "bus_errors": "errors of the bus",
            "flash_errors": "errors of flash",
            "frame_errors": "errors of frames",
            "records_refused": "records refused",
            "records_left": "records that fit before the oldest are dropped",
            "records_held": "records held from then on",
            "interval_1250us": "time between connection events of this link, in 1.25 ms; 0: unknown, or a cable",
        },
        None,
    ),
    "board_test": (
        BoardTestReply,
        {
            "motor": "the motor: `TEST_`; one on a pin can't be tested",
            "external": "external power: 1 sensed, 0 not sensed, 2 no pin for it",
            "battery_mV": "the cell in mV, as the divider gives it",
            "radio": "whether the radio could be switched on: `TEST_`",
            "flash": "whether a file that was written could be read back: `TEST_`",
            "heap": "whether 2 KiB of memory were free in one piece: `TEST_`",
        },
        None,
    ),
    "update_state": (
        UpdateStateReply,
        {
            "mpy": "MicroPython's `sys.implementation._mpy`",
            "main_edition": "edition of its main.py",
            "flags": "flags: `UPDATE_`",
            "imu": "the driver of its motion sensor, padded with zeros",
            "active_bytes": "size of the pack that runs",
            "active_crc": "CRC-32 of it",
            "held_bytes": "size of the other pack, 0: there is none",
            "held_crc": "CRC-32 of it",
            "free_bytes": "the largest pack that fits",
        },
        None,
    ),
    "profile": (
        p.ProfileEntry,
        {
            "index": "profile",
            "calibration_id": "calibration, 0: none",
            "flags": "flags: `PROFILE_`",
            "name": "name in UTF-8, padded with zeros",
        },
        None,
    ),
    "host": (
        p.HostEntry,
        {
            "flags": "flags: `HOST_`",
            "key": "type of its address (0: public, 1: random), then the address, least significant byte first",
        },
        None,
    ),
    "page": (
        PageHeader,
        {
            "magic": f'{PAGE_MAGIC:#x}, "Up"',
            "version": f"version, {PAGE_VERSION}",
            "count": f"number of records, 1 to {RECORDS_PER_PAGE}",
            "journal": "journal",
            "boot": "boot",
            "first_sequence": "sequence of the first record",
            "base_low_ms": "uptime in ms at which the first epoch begins, lower 32 bits",
            "base_high_ms": "the same, upper 16 bits",
            "settings_revision": "settings revision",
            "calibration_id": "calibration, 0: none",
        },
        f"records of {r.RECORD_BYTES} bytes each, then a u32: the CRC-32 of all before it",
    ),
    "epoch": (
        r.PackedEpoch,
        {
            "state_activity": "state, and activity times 16; below 0x80",
            "flags": "flags: `EPOCH_`",
            "forward_cdeg": f"mean forward tilt in cdeg, {r.TILT_UNKNOWN}: unknown, and then so is all that follows",
            "lateral_cdeg": "mean lateral tilt in cdeg",
            **{f"second{n}_steps": f"forward tilt of second {n}, as steps from the mean" for n in range(1, 6)},
            "speed_units": f"mean |dθ/dt| in steps of {r.SPEED_UNIT_CDEG_S} cdeg/s, at most 255",
        },
        None,
    ),
}
"""Each table's payload, what its fields mean, and what follows them."""
