"""Patterns: what alerts may feel like, and how the wearer's own is packed: the motor's times on, off, on, …."""

PULSES = 0  # values of the setting PATTERN: two or three pulses …
HEARTBEAT = 1  # … two quick beats …
LONG = 2  # … one long pulse …
OWN = 3  # … or the wearer's own
OWN_TIMES = 16  # at most, the last of which may be a pause
TIME_UNIT_MS = 10
LONGEST_TIME_MS = 255 * TIME_UNIT_MS
LONGEST_MS = 5000  # in all


def pack_pattern(times_ms: "tuple[int, ...] | list[int]") -> bytes:
    """Return times in ms, rounded to TIME_UNIT_MS, padded with zeros; they are those that is_pattern() accepts."""
    times = bytes([(time_ms + TIME_UNIT_MS // 2) // TIME_UNIT_MS for time_ms in times_ms])
    return times + bytes(OWN_TIMES - len(times))


def unpack_pattern(data: bytes) -> "tuple[int, ...]":
    """Return the times in ms of what pack_pattern() made; empty if there is no pattern."""
    return tuple([time * TIME_UNIT_MS for time in data.rstrip(b"\0")])


def is_pattern(data: bytes) -> bool:
    """Return whether bytes are a pattern: times without a zero between them, not too long in all."""
    times = data.rstrip(b"\0")
    return 0 < len(times) <= OWN_TIMES and min(times) > 0 and sum(times) * TIME_UNIT_MS <= LONGEST_MS
