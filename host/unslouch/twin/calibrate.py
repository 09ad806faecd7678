"""Calibrates a twin like a host would: with a CALIBRATE frame, when its wearer sits upright for the first time."""

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
"""Longer than the board's patience: after it, a host has open_sensor meanwhile, and there will be no answer."""
TRIES = 3


async def calibrate_when_upright(world: World, port: Port) -> bool:
    """Wait for the first upright stretch and calibrate; returns whether the board said that it took it."""
    deframer = Deframer()
    replies: asyncio.Queue[int] = asyncio.Queue()

    def watch(data: bytes) -> None:
        for kind, payload in deframer.feed(data):
            if kind == m.REPLY and len(payload) >= 2 and payload[0] == m.PRIVATE_TAG:
                replies.put_nowait(payload[1])

    await asyncio.sleep(max(0.0, world.motion.upright_at_s + SETTLE_S - world.clock.now_s))
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
