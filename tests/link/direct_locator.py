"""A locator that opens a port directly, without asking whether another process owns the sensor."""

from collections.abc import Collection

from unslouch.link.discovery import likely_ports, transport_for
from unslouch.link.model import SensorInfo
from unslouch.link.transport import Transport
from unslouch.sensor.handshake import open_transport


class DirectLocator:
    """Opens ports directly, without asking whether another process owns the sensor."""

    over_air = False

    def __init__(self, sensor: str | None = None) -> None:
        self.is_probing = sensor is None
        self._sensor = sensor

    async def candidates(self) -> list[str]:
        return likely_ports() if self._sensor is None else [self._sensor]

    async def listen(self, tried: Collection[str]) -> str | None:
        return None

    async def is_heard(self, sensor: str, listen_s: float) -> bool:
        return False

    def accepts(self, info: SensorInfo) -> bool:
        return True

    def new_ports(self) -> list[str]:
        return []

    def clear_refusals(self) -> None:
        pass

    async def open(self, sensor: str) -> Transport:
        return await open_transport(transport_for(sensor))
