"""A vibration motor (ERM) on a PWM pin, and the patterns it plays."""

from ..contract.payloads import TEST_IMPOSSIBLE
from ..port import sleep_ms

# Milliseconds on, off, on, …
ALERT_PATTERNS = (  # the first, second and third alert of one slouch
    (300, 200, 300),
    (300, 200, 300, 200, 300),
    (600, 200, 600, 200, 600),
)
PULSE_PATTERN = (120,)  # gentle: a correction was seen
BUZZ_PATTERN = (200,)
DONE_PATTERN = (80, 80, 80)
REFUSED_PATTERN = (600,)  # what the wearer asked for could not be done


class Motor:
    """Plays one pattern at a time; `running` while it does."""

    calibrated = True  # there is nothing to find out about it
    bus_errors = 0  # nor a bus to it
    _brake_ms = 0  # nor does anything brake it

    def __init__(self, pwm) -> None:
        """pwm: a machine.PWM, or what sets an amplitude like one."""
        self._pwm = pwm
        self._pattern_number = 0  # of the pattern that has the motor
        self.running = False

    def off(self) -> None:
        """Stop at once."""
        self._pattern_number += 1
        self._pwm.duty_u16(0)
        self.running = False

    async def test(self) -> int:
        """Return TEST_… of contract.payloads: nothing tells whether a motor on a pin turns."""
        return TEST_IMPOSSIBLE

    async def play(self, pattern: "tuple[int, ...]", strength_percent: int, urgent: bool = False) -> None:
        """Play a pattern. While another plays, an urgent one takes its place, and any other is left out."""
        if self.running and not urgent:
            return
        self._pattern_number += 1
        number = self._pattern_number
        self.running = True
        try:
            for i in range(len(pattern)):
                self._pwm.duty_u16(0 if i & 1 else strength_percent * 65535 // 100)
                await sleep_ms(pattern[i])
                if number != self._pattern_number:
                    return
            if self._brake_ms:
                self._pwm.duty_u16(0)
                await sleep_ms(self._brake_ms)
        finally:
            if number == self._pattern_number:
                self.off()
