"""Calibrates a simulated sensor as a host would: with a CALIBRATE frame, when its wearer first sits upright."""

from __future__ import annotations

import asyncio
import logging

from unslouch_device.contract import messages as m
from unslouch_device.contract.frames import Deframer, to_wire

from .port import Port
from .world import World

log = logging.getLogger(__name__)

SETTLE_S = 0.5
ANSWER_S = 30.0
"""Longer than the board tries. Without a reply by then, a host has connected meanwhile, and none will come."""
TRIES = 3


async def calibrate_when_upright(world: World, port: Port, upright_at_s: float) -> bool:
    """Wait for upright_at_s, when the wearer sits upright, and calibrate; returns whether the board has succeeded."""
    deframer = Deframer()
    replies: asyncio.Queue[int] = asyncio.Queue()

    def watch(data: bytes) -> None:
        for kind, payload in deframer.feed(data):
            if kind == m.REPLY and len(payload) >= 2 and payload[0] == m.PRIVATE_TAG:
                replies.put_nowait(payload[1])

    await asyncio.sleep(max(0.0, upright_at_s + SETTLE_S - world.clock.now_s))
    port.taps.append(watch)
    try:
        for _ in range(TRIES):
            port.inject(to_wire(m.CALIBRATE, m.pack_request(m.CALIBRATE, m.PRIVATE_TAG)))
            try:
                async with asyncio.timeout(ANSWER_S):
                    status = await replies.get()
            except TimeoutError:
                return False
            if status == m.OK:
                return True
            log.warning("The simulated wearer could not be calibrated: %s.", m.STATUS_NAMES[status])
        return False
    finally:
        port.taps.remove(watch)
