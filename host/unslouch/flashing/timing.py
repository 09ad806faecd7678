"""How long an installation waits for a board."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Timeouts in s."""

    prompt_s: float = 3.0
    """For entering MicroPython's prompt, in each attempt."""
    command_s: float = 15.0
    """For one command at the prompt."""
    hello_s: float = 2.5
    """For the answer of the firmware's app to HELLO."""
    restart_s: float = 30.0
    """From a restart until the app answers."""


TIMING = Timing()
