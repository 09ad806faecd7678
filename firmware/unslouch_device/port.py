"""What MicroPython and CPython call differently."""

import asyncio
import gc
import io
import os
import sys

try:
    from asyncio import sleep_ms
except ImportError:

    async def sleep_ms(delay_ms: int) -> None:  # type: ignore[no-redef]
        """Let other tasks run for a while."""
        await asyncio.sleep(delay_ms / 1000)


class SameThreadFlag:
    """Wakes one task from an interrupt that is simulated, in the same thread."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wake the task, or let its next wait() return at once."""
        self._event.set()

    def clear(self) -> None:
        """Forget set()."""
        self._event.clear()

    async def wait(self) -> None:
        """Wait for set(), and clear the flag."""
        await self._event.wait()
        self._event.clear()


try:
    from asyncio import ThreadSafeFlag
except ImportError:
    ThreadSafeFlag = SameThreadFlag  # type: ignore[misc, assignment]


# Replaces an existing file on LittleFS and POSIX alike; CPython on Windows has that only as replace().
rename = getattr(os, "replace", None) or os.rename


def may_wake(wake_on_high, pin) -> bool:
    """Let a pin end sleep, see App; returns False where this chip, or its MicroPython, has none that can."""
    try:
        wake_on_high(pin)
    except (TypeError, ValueError, AttributeError):  # there is no such function, no pin, or not by this pin
        return False
    return True


def random_id() -> int:
    """Return a random number of 32 bits, never 0."""
    return int.from_bytes(os.urandom(4), "little") or 1


def traceback_of(error: Exception) -> str:
    """Return the traceback and message of an exception as text."""
    if hasattr(sys, "print_exception"):
        text = io.StringIO()
        sys.print_exception(error, text)
        return text.getvalue()
    import traceback

    return "".join(traceback.format_exception(error))


def free_heap_bytes() -> int:
    """Return how much of the heap is free, the garbage collected; 0 where that says nothing."""
    if not hasattr(gc, "mem_free"):
        return 0
    gc.collect()
    return gc.mem_free()
