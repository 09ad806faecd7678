"""A light, where the board has one: on its battery it only blinks for a moment now and then."""

from ..port import sleep_ms

_ON_MS = 30
_OFF_MS = 200


class Led:
    """Blinks, or shines all the time."""

    def __init__(self, machine, pin: "int | None", on: int) -> None:
        """on: the level at which it shines."""
        self._on = on
        self._pin = None if pin is None else machine.Pin(pin, machine.Pin.OUT, value=1 - on)

    def shine(self, shines: bool) -> None:
        """Shine from now on, or stop it."""
        if self._pin is not None:
            self._pin.value(self._on if shines else 1 - self._on)

    async def blink(self, times: int, on_ms: int = _ON_MS) -> None:
        """Shine so many times, for a while each."""
        if self._pin is None:
            return
        try:
            for _ in range(times):
                self._pin.value(self._on)
                await sleep_ms(on_ms)
                self._pin.value(1 - self._on)
                await sleep_ms(_OFF_MS)
        finally:
            self._pin.value(1 - self._on)
