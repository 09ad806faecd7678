"""Looks, while a sensor is linked over the air, whether it has been plugged in: the cable is faster and charges it."""

import asyncio
import logging

from unslouch.errors import NoSensor, NotOurs, Refused, SensorBusy
from unslouch.link.client import Client
from unslouch.link.connection import Connection

from .handshake import SensorLocator
from .timing import Timing

log = logging.getLogger(__name__)


class MovedToCable(Exception):
    """The sensor that is linked over the air answers at a port, too."""


class CableWatch:
    """Looks for one sensor behind the ports that have appeared."""

    def __init__(self, locator: SensorLocator, device_id: str, timing: Timing) -> None:
        self._locator = locator
        self._device_id = device_id
        self._timing = timing
        self.due_s = asyncio.get_running_loop().time() + timing.ports_s
        """When the next look is due, in the event loop's time."""

    async def look(self) -> None:
        """Look if it is due; raises MovedToCable if the sensor is there."""
        if asyncio.get_running_loop().time() < self.due_s:
            return
        for port in self._locator.new_ports():
            if await self._device_behind(port) == self._device_id:
                raise MovedToCable(f"the sensor has been plugged in at {port}")
        self.due_s = asyncio.get_running_loop().time() + self._timing.ports_s

    async def _device_behind(self, port: str) -> str | None:
        try:
            async with Connection(await self._locator.open(port)) as connection:
                return (await Client(connection).hello(self._timing.port_hello_s)).device_id
        except (NoSensor, NotOurs, Refused, SensorBusy) as error:
            log.debug("%s", error)
            return None
