"""Memory that runs short: the heap is locked during one call of a method, so whatever it allocates is a MemoryError.

To be imported before the app. MicroPython alone can do that.
"""

import random

import micropython

from unslouch_device import feedback, journal, link, on_demand, profiles, sampler, supervisor  # noqa: F401
from unslouch_device.link import server, telemetry

METHODS = (
    (journal.Journal, "append_epoch"),
    (journal.Journal, "append_event"),
    (journal.Journal, "_close_page"),
    (journal.Journal, "_keep_tail"),
    (journal.Journal, "_write_some"),
    (journal.Journal, "read_page"),
    (profiles.Profiles, "_save"),
    (feedback.Feedback, "play"),
    (sampler.Sampler, "catch_up"),
    (supervisor.Supervisor, "_measure_heap"),
    (telemetry.Telemetry, "status"),
    (server.LinkServer, "send_event"),
)
"""Those that tasks call, and steps within them after which something is half done. None of them waits."""


class Shortage:
    """Once armed, it strikes the next call of one of METHODS. `struck`: whether it ever did; `count`: how often."""

    def __init__(self) -> None:
        self._armed = ""
        self.count = 0
        self.struck = False

    def prepare(self) -> None:
        """Let METHODS be struck from now on."""
        for owner, name in METHODS:
            setattr(owner, name, self._watched(name, getattr(owner, name)))

    def arm(self) -> None:
        """Let memory run short in the next call of a method that is drawn."""
        self._armed = random.choice(METHODS)[1]

    def disarm(self) -> None:
        """Strike no more."""
        self._armed = ""

    def _watched(self, name: str, method):
        def call(*arguments, **named):
            if self._armed != name:
                return method(*arguments, **named)
            self._armed = ""
            micropython.heap_lock()
            try:
                return method(*arguments, **named)
            except MemoryError:
                self.count += 1
                self.struck = True
                raise
            finally:
                micropython.heap_unlock()

        return call


shortage = Shortage()
