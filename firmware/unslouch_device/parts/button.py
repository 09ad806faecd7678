"""A push button: series of short presses, distinguished by number, and long presses, distinguished by length."""

from ..contract.records import (
    HELD_DOWN,
    HELD_FOR_BATTERY,
    HELD_TO_ERASE,
    HELD_TO_PAIR,
    HELD_TO_STOP,
    HELD_TO_SWITCH_OFF,
)
from ..port import ThreadSafeFlag, sleep_ms
from ..uptime import TICKS_MASK

POLL_MS = 20
_DEBOUNCE_MS = 30  # contacts bounce for less
LONG_MS = 1000  # a longer press is not a short one, and makes its series invalid
# For how long at least, what that means, and what is felt at that moment: letting go now does it.
HOLDS = (
    (30_000, HELD_DOWN, ()),
    (20_000, HELD_TO_STOP, (350, 150, 350)),
    (10_000, HELD_TO_ERASE, (350,)),
    (6000, HELD_TO_SWITCH_OFF, (350, 150, 80)),
    (3000, HELD_TO_PAIR, (80, 80, 80, 80, 80)),
    (1500, HELD_FOR_BATTERY, (80,)),
)
_MOST = 99  # presses that are counted
_LATE_MS = 100  # by which something else has held up the reader: the touch counts, though its end was missed
PAUSE_MS = 400  # without a press that ends a series


class Presses:
    """Follows one series of presses; feed update() until `over`.

    Then `count` says how many short ones there were, or it is HELD_TO_PAIR and so on for a single press of that
    length; one as long as HELD_DOWN is no request, and counts as 0. `held` is what it would be if the button
    were released now, 0 before it is one of these.
    """

    def __init__(self, now_ms: int) -> None:
        self.count = 0
        self.over = False
        self.held = 0
        self._down = False
        self._since_ms = now_ms  # when it went down or up
        self._other_ms = -1  # since when the contact says otherwise, -1: it doesn't
        self._spoilt = False
        self._hold = 0  # what a press that is over was held for

    def update(self, now_ms: int, down: bool) -> None:
        """Take what the contact says at a time."""
        if down == self._down:
            self._other_ms = -1
        elif self._other_ms < 0:
            self._other_ms = now_ms
        elif now_ms - self._other_ms >= _DEBOUNCE_MS:
            self._change(down)
        self.held = self._holds(now_ms) if self._down else 0
        if not self._down and self._other_ms < 0 and now_ms - self._since_ms >= PAUSE_MS:
            self.over = True
            self.count = self._meaning()

    def _meaning(self) -> int:
        if self._spoilt or (self._hold and self.count > 1):
            return 0
        return self._hold or min(self.count, _MOST)

    def _holds(self, now_ms: int) -> int:
        """Return what a press so far is held for."""
        held_ms = now_ms - self._since_ms
        if self.count:
            return 0
        for least_ms, meaning, _ in HOLDS:
            if held_ms >= least_ms:
                return meaning
        return 0

    def _change(self, down: bool) -> None:
        if not down:
            hold = self._holds(self._other_ms)
            if hold and hold != HELD_DOWN:
                self._hold = hold
            elif self._other_ms - self._since_ms >= LONG_MS:
                self._spoilt = True
            self.count += 1
        self._down = down
        self._since_ms = self._other_ms
        self._other_ms = -1


class Button:
    """A button from a pin to ground. Between presses it costs nothing: the pin's interrupt wakes the reader."""

    def __init__(self, machine, pin: int, ticks_ms) -> None:
        """ticks_ms: see App."""
        self._ticks_ms = ticks_ms
        self._touched_ticks = 0
        self._mode = machine.Pin.IN, machine.Pin.PULL_UP
        self._pin = machine.Pin(pin, *self._mode)
        self._touched = ThreadSafeFlag()
        self.pressed = False  # whether a series of presses is under way
        self._machine = machine
        self.wakes = hasattr(machine.Pin, "WAKE_LOW")  # whether its pin can end sleep
        self._held_down = False
        self._listen()

    def _listen(self) -> None:
        """Take notice of presses, which end light sleep too (MicroPython's ports/esp32/machine_pin.c)."""
        self._pin.irq(self._touch, self._machine.Pin.IRQ_FALLING)  # which ends waking, too
        if self.wakes and not self._held_down:
            try:
                self._pin.irq(trigger=self._machine.Pin.WAKE_LOW, wake=self._machine.SLEEP)
            except ValueError:
                self.wakes = False  # this chip's pin can't: a short press between two batches then goes unseen

    def is_down(self) -> bool:
        """Return whether it is pressed now, or something lies on it."""
        return not self._pin.value()

    def _touch(self, pin) -> None:
        self.pressed = True  # so that the board doesn't fall asleep before the reader has woken up
        self._touched_ticks = self._ticks_ms()
        self._touched.set()

    def resume(self) -> None:
        """After light sleep: take the pin back, and see whether a press ended it, for its edge raises no interrupt.

        What waits for a level in light sleep takes the pin away from the digital inputs (ESP-IDF's sleep_modes.c,
        ext0_wakeup_prepare()); initialising it gives it back (MicroPython's ports/esp32/machine_pin.c).
        """
        if self.wakes:
            self._pin.init(*self._mode)
        if not self._pin.value() and not self._held_down:
            self._touch(self._pin)

    async def presses(self, now_ms, feel) -> int:
        """Wait for a series of presses and return what it says, see Presses; 0 if that is nothing.

        now_ms: a function that tells the time. feel: one that is called each time a press gets another meaning, with
        it, so that who holds the button knows when to let go.
        """
        self.pressed = False
        await self._touched.wait()
        self.pressed = True
        late_ms = (self._ticks_ms() - self._touched_ticks) & TICKS_MASK
        presses = Presses(now_ms() - late_ms)
        if late_ms > _LATE_MS:
            presses.update(now_ms() - late_ms, True)
            presses.update(now_ms(), True)
        held = 0
        while not presses.over:
            presses.update(now_ms(), not self._pin.value())
            if presses.held != held:
                held = presses.held
                feel(held)
                if held == HELD_DOWN:  # at its wake level the pin would refuse every light sleep
                    self.pressed = False
                    self._held_down = True
                    self._listen()
            await sleep_ms(POLL_MS)
        self.pressed = False
        self._touched.clear()  # by the later presses of this series
        if self._held_down:
            self._held_down = False
            self._listen()
        return presses.count
