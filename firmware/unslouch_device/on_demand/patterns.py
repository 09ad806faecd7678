"""What an alert feels like beside the pulses of parts.motor: the other named patterns, and the wearer's own."""

from ..contract.patterns import HEARTBEAT, LONG, LONGEST_MS, OWN, OWN_TIMES, is_pattern, unpack_pattern
from ..files import load, save

ONCE = {HEARTBEAT: (90, 110, 160), LONG: (1000,)}  # ms on, off, on, …
_PAUSE_MS = 350


def alert_pattern(config, which: int, number: int) -> "tuple[int, ...] | None":
    """Return the pattern of a slouch's alert: the named one, as often as its number, for LONGEST_MS at most.

    None if the wearer has no own.
    """
    once = unpack_pattern(own_pattern(config)) if which == OWN else ONCE[which]
    if not once:
        return None
    if not len(once) & 1:
        once = once[:-1]  # a pause at its end
    times = min(number, (LONGEST_MS + _PAUSE_MS) // (sum(once) + _PAUSE_MS))
    return (once + (_PAUSE_MS,)) * (times - 1) + once


def own_pattern(config) -> bytes:
    """Return the wearer's own pattern as it is sent; zeros if there is none."""
    data = load(config.pattern_path) or b""
    return data if len(data) == OWN_TIMES and is_pattern(data) else bytes(OWN_TIMES)


def keep_own_pattern(config, data: bytes) -> bool:
    """Keep a pattern as it was sent; returns False if it is none. Raises OSError if flash fails."""
    if not is_pattern(data):
        return False
    save(config.pattern_path, data)
    return True
