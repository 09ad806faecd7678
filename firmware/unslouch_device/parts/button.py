"""A push button: series of short presses, told apart by how many there are."""

from ..port import ThreadSafeFlag, sleep_ms

POLL_MS = 20
_DEBOUNCE_MS = 30  # contacts bounce for less
_LONG_MS = 1000  # a press of that length is not a short one, and spoils its series
_PAUSE_MS = 400  # without a press that ends a series


class Presses:
    """Follows one series of presses; feed update() until `over`, then `count` says how many short ones there were."""

    def __init__(self, now_ms: int) -> None:
        self.count = 0
        self.over = False
        self._down = False
        self._since_ms = now_ms  # when it went down or up
        self._other_ms = -1  # since when the contact says otherwise, -1: it doesn't
        self._spoilt = False

    def update(self, now_ms: int, down: bool) -> None:
        """Take what the contact says at a time."""
        if down == self._down:
            self._other_ms = -1
        elif self._other_ms < 0:
            self._other_ms = now_ms
        elif now_ms - self._other_ms >= _DEBOUNCE_MS:
            self._turn(down)
        if not self._down and self._other_ms < 0 and now_ms - self._since_ms >= _PAUSE_MS:
            self.over = True
            if self._spoilt:
                self.count = 0

    def _turn(self, down: bool) -> None:
        if not down:
            if self._other_ms - self._since_ms >= _LONG_MS:
                self._spoilt = True
            self.count += 1
        self._down = down
        self._since_ms = self._other_ms
        self._other_ms = -1


class Button:
    """A button from a pin to ground. Between presses it costs nothing: the pin's interrupt wakes the reader."""

    def __init__(self, machine, pin: int) -> None:
        self._pin = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        self._touched = ThreadSafeFlag()
        self._pin.irq(self._touch, machine.Pin.IRQ_FALLING)

    def _touch(self, pin) -> None:
        self._touched.set()

    async def presses(self, now_ms) -> int:
        """Wait for a series of short presses and return how many; now_ms: a function that tells the time."""
        while True:
            await self._touched.wait()
            presses = Presses(now_ms())
            while not presses.over:
                presses.update(now_ms(), not self._pin.value())
                await sleep_ms(POLL_MS)
            if presses.count:
                return presses.count
