"""NimBLE's host lock beside the interpreter's: two tasks, each of which may hold one lock and wait for the other.

NimBLE asks for secrets inside ble_hs_lock() (ble_store.c), in callbacks that wait for the interpreter
(invoke_irq_handler() of MicroPython's extmod/modbluetooth.c). The firmware's task holds the interpreter while
gatts_notify(), gap_advertise() and gap_disconnect() wait for ble_hs_lock(). Where both happen at once, neither goes on,
until the watchdog resets the board. The twin runs everything in one thread, so this keeps account of who would wait.

MicroPython also lets other tasks have the interpreter every few jumps (MICROPY_PY_THREAD_GIL_VM_DIVISOR). That is left
out, which is the unkinder.
"""

from collections.abc import Callable


class Deadlock(Exception):
    """Both tasks wait for each other."""


class HostLock:
    """Who holds NimBLE's lock, as the firmware's task finds it."""

    def __init__(self) -> None:
        self._callback: Callable[[], object] | None = None

    def ask(self, callback: Callable[[], object]) -> None:
        """NimBLE takes its lock and asks the firmware for something; it waits until the interpreter is released."""
        self._callback = callback

    def release_interpreter(self) -> None:
        """The firmware calls machine.idle(): NimBLE is answered, and releases its lock."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()

    def take(self, what: str) -> None:
        """The firmware's task takes NimBLE's lock without releasing the interpreter; raises Deadlock where it can't."""
        if self._callback is not None:
            raise Deadlock(f"{what} waits for NimBLE's lock, and NimBLE inside it for the interpreter")
