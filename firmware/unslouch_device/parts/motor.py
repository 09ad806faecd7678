"""A vibration motor (ERM) on a PWM pin, and the patterns it plays."""

from ..contract.board_test import TEST_IMPOSSIBLE
from ..contract.settings import RANGES, STRENGTH_PERCENT
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
LEAST_PERCENT = RANGES[STRENGTH_PERCENT][0]  # with which every motor starts
_STEP_MS = 100  # of rising strength


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
        """Return TEST_… of contract.board_test: nothing tells whether a motor on a pin turns."""
        return TEST_IMPOSSIBLE

    async def play(
        self, pattern: "tuple[int, ...]", strength_percent: int, urgent: bool = False, rises: bool = False
    ) -> None:
        """Play a pattern. While another plays, an urgent one takes its place, and any other is left out.

        rises: from the least strength at its beginning to strength_percent at its end.
        """
        if self.running and not urgent:
            return
        self._pattern_number += 1
        number = self._pattern_number
        self.running = True
        length_ms = sum(pattern)
        played_ms = 0
        try:
            for i in range(len(pattern)):
                left_ms = pattern[i]
                while left_ms:
                    step_ms = min(left_ms, _STEP_MS) if rises and not i & 1 else left_ms
                    played_ms += step_ms
                    percent = strength_percent
                    if rises:
                        percent = LEAST_PERCENT + (percent - LEAST_PERCENT) * played_ms // length_ms
                    self._pwm.duty_u16(0 if i & 1 else percent * 65535 // 100)
                    await sleep_ms(step_ms)
                    if number != self._pattern_number:
                        return
                    left_ms -= step_ms
            if self._brake_ms:
                self._pwm.duty_u16(0)
                await sleep_ms(self._brake_ms)
        finally:
            if number == self._pattern_number:
                self.off()
