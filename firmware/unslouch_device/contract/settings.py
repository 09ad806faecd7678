"""Settings: every quantity a wearer can change, declared once with its range, unit, default and meaning.

Values are whole numbers. All settings together have one revision, which each change increases. A change names the
revision that the host last read, and is refused if another change came between.
"""

import struct

THRESHOLD_DEG = 1
HYSTERESIS_DEG = 2
DELAY_S = 3
RECOVERY_S = 4
ALERT_GAP_S = 5
TRACKING_ONLY = 6
SNOOZE_MIN = 7
STRENGTH_PERCENT = 8
ALERT_MODE = 9
HOURLY_CAP = 10
CORRECTED_PULSE = 11
FADING = 12
PATTERN = 13
RAMP = 14
WINDOW_MIN = 15

DELAY_MODE = 0  # values of ALERT_MODE
BUDGET_MODE = 1

# id: (least value, greatest, default)
RANGES = {
    THRESHOLD_DEG: (5, 45, 12),
    HYSTERESIS_DEG: (1, 15, 4),
    DELAY_S: (5, 600, 30),
    RECOVERY_S: (1, 30, 2),
    ALERT_GAP_S: (30, 3600, 180),
    TRACKING_ONLY: (0, 1, 0),
    SNOOZE_MIN: (1, 240, 15),
    STRENGTH_PERCENT: (20, 100, 80),
    ALERT_MODE: (0, 1, 0),
    HOURLY_CAP: (1, 20, 6),
    CORRECTED_PULSE: (0, 1, 0),
    FADING: (0, 1, 1),
    PATTERN: (0, 3, 0),  # of contract.patterns
    RAMP: (0, 1, 0),
    WINDOW_MIN: (3, 60, 15),
}
DEFAULTS = {id: limits[2] for id, limits in RANGES.items()}


class Setting:
    """One setting: id on the wire, key on the command line, unit, least and greatest value, default, one sentence."""

    def __init__(self, id: int, key: str, unit: str, meaning: str) -> None:
        self.id = id
        self.key = key
        self.unit = unit
        self.least, self.greatest, self.default = RANGES[id]
        self.meaning = meaning


SETTINGS = (
    Setting(THRESHOLD_DEG, "threshold", "deg", "Forward tilt beyond which a posture counts as leaning."),
    Setting(HYSTERESIS_DEG, "hysteresis", "deg", "How far below the threshold a slouch has to come to end."),
    Setting(DELAY_S, "delay", "s", "How long leaning has to last to become a slouch and bring an alert."),
    Setting(RECOVERY_S, "recovery", "s", "How long a correction has to last to end a slouch."),
    Setting(ALERT_GAP_S, "alert-gap", "s", "Least time between two alerts."),
    Setting(TRACKING_ONLY, "tracking-only", "", "1 records posture and never vibrates."),
    Setting(SNOOZE_MIN, "snooze", "min", "How long a snooze keeps the motor quiet."),
    Setting(STRENGTH_PERCENT, "strength", "%", "How strongly the motor vibrates."),
    Setting(ALERT_MODE, "alert-mode", "", "0 alerts after the delay; 1 by holding time: the steeper, the sooner."),
    Setting(HOURLY_CAP, "hourly-cap", "", "Most alerts within any 60 minutes."),
    Setting(CORRECTED_PULSE, "corrected-pulse", "", "1 answers a correction after an alert by a gentle pulse."),
    Setting(
        FADING, "fading", "", "1 lengthens the delay while you correct yourself unaided, and shortens it again if not."
    ),
    Setting(
        PATTERN,
        "pattern",
        "",
        "What an alert feels like: 0 pulses, 1 a heartbeat, 2 long, 3 your own (pulses if none).",
    ),
    Setting(RAMP, "ramp", "", "1 lets each alert begin gently and grow to the strength that is set."),
    Setting(
        WINDOW_MIN, "window-gap", "min", "The longest that a resting sensor can't be reached over Bluetooth while worn."
    ),
)

REVISION_FORMAT = "<H"
VALUE_FORMAT = "<Bi"  # id, value


def pack_settings(revision: int, values: "dict[int, int]") -> bytes:
    """Return the revision and all values by id, as they are sent and as they lie in flash."""
    data = struct.pack(REVISION_FORMAT, revision)
    for id, value in values.items():
        data += struct.pack(VALUE_FORMAT, id, value)
    return data


def unpack_settings(data: bytes) -> "tuple[int, dict[int, int]]":
    """Return the revision and the values by id, also of ids unknown here; raises ValueError for a wrong length."""
    start, size = struct.calcsize(REVISION_FORMAT), struct.calcsize(VALUE_FORMAT)
    if len(data) < start or (len(data) - start) % size:
        raise ValueError("settings of %d bytes" % len(data))
    revision: int = struct.unpack_from(REVISION_FORMAT, data)[0]
    return revision, dict([struct.unpack_from(VALUE_FORMAT, data, at) for at in range(start, len(data), size)])


def in_range(id: int, value: int) -> bool:
    """Return whether there is a setting of this id, and it may have this value."""
    limits = RANGES.get(id)
    return limits is not None and limits[0] <= value <= limits[1]


def are_consistent(values: "dict[int, int]") -> bool:
    """Return whether the values of all settings, by id, go together: at a hysteresis as large as the threshold a slouch
    could not end."""
    return values[HYSTERESIS_DEG] < values[THRESHOLD_DEG]


def setting_by_id(id: int) -> "Setting | None":
    """Return the setting of this id, or None."""
    for setting in SETTINGS:
        if setting.id == id:
            return setting
    return None
