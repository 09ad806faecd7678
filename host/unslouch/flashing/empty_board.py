"""Finds boards that wait at MicroPython's prompt, so that firmware can be offered for them.

Looking sends Ctrl+B and Return and nothing else: they interrupt no program on a board, and a sensor ignores them.
Ctrl+B leaves the raw prompt, into which the search for a sensor may have led the board: its frames contain Ctrl+A.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from unslouch.errors import SensorBusy
from unslouch.link.discovery import likely_ports
from unslouch.link.serial import SerialTransport
from unslouch.link.transport import LinkLost, LinkUnavailable
from unslouch.sensor.handshake import open_transport
from unslouch.sensor.lock import SensorLock

ASK = b"\x02\r"
PROMPT = b">>> "
ANSWER_S = 1.5
"""A board that opening its port has restarted shows its prompt within this time."""
ASK_EVERY_S = 0.4


@dataclass(frozen=True)
class EmptyBoard:
    """A board at MicroPython's prompt: no firmware of ours runs on it."""

    port: str


def find_empty_boards(
    ports: Callable[[], Sequence[str]] = likely_ports, answer_s: float = ANSWER_S
) -> list[EmptyBoard]:
    """Return the boards at their prompt, in the order of the ports. Blocks for up to answer_s.

    Ports that another program uses, or that can't be opened, are left out. Must not be called in an event loop.
    """
    return asyncio.run(_find(ports(), answer_s))


async def _find(ports: Sequence[str], answer_s: float) -> list[EmptyBoard]:
    at_prompt = await asyncio.gather(*(_is_at_prompt(port, answer_s) for port in ports))
    return [EmptyBoard(port) for port, is_empty in zip(ports, at_prompt, strict=True) if is_empty]


async def _is_at_prompt(port: str, answer_s: float) -> bool:
    lock = SensorLock(port)
    if not lock.take():
        return False
    try:
        transport = SerialTransport(port)
        await open_transport(transport)
        try:
            return await _shows_prompt(transport, answer_s)
        finally:
            await transport.close()
    except (LinkLost, LinkUnavailable, SensorBusy):
        return False
    finally:
        lock.release()


async def _shows_prompt(transport: SerialTransport, answer_s: float) -> bool:
    heard = b""

    async def listen() -> None:
        nonlocal heard
        while PROMPT not in heard:
            heard = heard[-len(PROMPT) :] + await transport.read()

    async def ask() -> None:
        while True:
            await transport.write(ASK)
            await asyncio.sleep(ASK_EVERY_S)

    asking = asyncio.ensure_future(ask())
    try:
        async with asyncio.timeout(answer_s):
            await listen()
        return True
    except TimeoutError:
        return False
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError, LinkLost):
            await asking
