"""A light, where the board has one: it blinks for a moment now and then, and costs nothing otherwise."""

from ..port import sleep_ms

_ON_MS = 30
_OFF_MS = 200


class Led:
    """Blinks."""

    def __init__(self, machine, pin: "int | None", on: int) -> None:
        """on: the level at which it shines."""
        self._on = on
        self._pin = None if pin is None else machine.Pin(pin, machine.Pin.OUT, value=1 - on)

    async def blink(self, times: int) -> None:
        """Shine so many times."""
        if self._pin is None:
            return
        try:
            for _ in range(times):
                self._pin.value(self._on)
                await sleep_ms(_ON_MS)
                self._pin.value(1 - self._on)
                await sleep_ms(_OFF_MS)
        finally:
            self._pin.value(1 - self._on)
