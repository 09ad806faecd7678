"""The pairing window: the time in which a new host may pair, which the wearer opens."""

from ..contract.records import PAIRING
from ..parts.motor import DONE_PATTERN

PAIRING_MS = 120_000
PAIRING_BLINKS = 5


class PairingWindow:
    """Opens for PAIRING_MS; the first pairing closes it."""

    def __init__(self, app) -> None:
        self._uptime = app.uptime
        self._log = app.event_log
        self._feedback = app.feedback
        self._until_ms = 0  # an uptime

    def open(self) -> int:
        """Let a new host pair for a while, and return for how many seconds."""
        self._until_ms = self._uptime.now_ms() + PAIRING_MS
        self._log.note_now(PAIRING, PAIRING_MS // 1000)
        self._feedback.play(DONE_PATTERN)
        self._feedback.blink(PAIRING_BLINKS)
        return PAIRING_MS // 1000

    def close(self) -> None:
        """Let no new host pair any more."""
        self._until_ms = 0

    def left_ms(self) -> int:
        """Return for how long it stays open, 0 if it is closed."""
        return max(0, self._until_ms - self._uptime.now_ms())
