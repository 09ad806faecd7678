"""Trying again what a sensor refuses because its buffers are full of what it sends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bleak.exc import BleakGATTProtocolError

INSUFFICIENT_RESOURCES: Final = 0x11  # Core 5.4, vol. 3, part F, 3.4.1.1
RETRY_S: Final = 0.05


async def while_busy(action: Callable[[], Awaitable[None]], patience_s: float) -> None:
    """Do something, again and again while the sensor answers that it has no buffers; raises that after patience_s.

    NimBLE answers a write in a new buffer, and notifications to all hosts share those few.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + patience_s
    while True:
        try:
            await action()
            return
        except BleakGATTProtocolError as error:
            if error.code != INSUFFICIENT_RESOURCES or loop.time() >= until_s:
                raise
        await asyncio.sleep(RETRY_S)
