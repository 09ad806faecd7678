"""Time since the boot, from a tick counter that wraps."""

TICKS_MASK = (1 << 30) - 1  # MicroPython's ticks_ms() wraps at 2**30 ms, 12.4 days


class Uptime:
    """Adds up tick differences, so that it survives the wrap and never goes back.

    now_ms() must be called at least once in 12 days; the sampler does so all the time.
    """

    def __init__(self, ticks_ms) -> None:
        self._ticks_ms = ticks_ms
        self._last = ticks_ms()
        self._ms = 0
        self.slept_ms = 0  # of it, in light sleep

    def catch_up(self, missed_ms: int) -> None:
        """Add time in which the tick counter stood still, as it does on some chips in light sleep."""
        self._ms += missed_ms

    def now_ms(self) -> int:
        """Return the milliseconds since this object was made."""
        ticks = self._ticks_ms()
        self._ms += (ticks - self._last) & TICKS_MASK
        self._last = ticks
        return self._ms
