"""Talks to the app on the board: asks it for MicroPython's prompt, and waits until it answers after the restart."""

import asyncio
from contextlib import suppress

from unslouch.errors import BadInput, NotOurs, Refused
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.discovery import transport_for
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost, LinkUnavailable, Transport
from unslouch.sensor.handshake import open_transport
from unslouch_device.contract import messages

from .timing import TIMING, Timing

REPL_TIMEOUT_S = 1.0
RETRY_S = 0.3


def ask_for_prompt(port: str, patience_s: float = 0, timing: Timing = TIMING) -> None:
    """Ask the app to end, if one runs; wait up to patience_s for the port to appear.

    Raises LinkUnavailable or SensorBusy if the port can't be opened, BadInput for a simulated sensor.
    """
    asyncio.run(_ask_for_prompt(port, patience_s, timing))


async def _ask_for_prompt(port: str, patience_s: float, timing: Timing) -> None:
    async with Connection(await _opened_patiently(port, patience_s)) as connection:
        with suppress(NotOurs, Refused, LinkLost):  # no app runs, or it speaks another protocol
            info = await Client(connection).hello(timing.hello_s)
            if info.simulated:
                raise BadInput(f"The sensor at {port} is simulated and takes no firmware; name a board's port.")
        with suppress(LinkLost):
            await connection.request(messages.REPL, timeout_s=REPL_TIMEOUT_S)


async def _opened_patiently(port: str, patience_s: float) -> Transport:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        try:
            return await open_transport(transport_for(port))
        except LinkUnavailable:
            if loop.time() >= deadline:
                raise
        await asyncio.sleep(RETRY_S)


def wait_for_app(port: str, timing: Timing = TIMING) -> SensorInfo:
    """Wait until the app answers on a port that may disappear meanwhile, and return its info.

    Raises NotOurs or NoSensor with what happened instead.
    """
    return asyncio.run(_wait_for_app(port, timing))


async def _wait_for_app(port: str, timing: Timing) -> SensorInfo:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timing.restart_s
    while True:
        try:
            async with Connection(await open_transport(transport_for(port))) as connection:
                return await Client(connection).hello(timing.hello_s)
        except (NotOurs, LinkLost, LinkUnavailable):
            if loop.time() >= deadline:
                raise
        await asyncio.sleep(RETRY_S)
