"""What MicroPython and CPython call differently."""

import asyncio
import os

try:
    from asyncio import sleep_ms
except ImportError:

    async def sleep_ms(delay_ms: int) -> None:
        """Let other tasks run for a while."""
        await asyncio.sleep(delay_ms / 1000)


# Replaces an existing file on LittleFS and POSIX alike; CPython on Windows has that only as replace().
rename = getattr(os, "replace", None) or os.rename


def random_id() -> int:
    """Return a random number of 32 bits, never 0."""
    return int.from_bytes(os.urandom(4), "little") or 1
