"""Connects a sensor for a few requests, and reads all that it says of itself at one moment."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unslouch.errors import NoSensor
from unslouch.link.client import Client
from unslouch.link.model import BoardStatus, LiveSample, Profile, SensorInfo
from unslouch.link.telemetry import TelemetryError, decode_live, decode_status
from unslouch_device.contract import messages

from .handshake import open_sensor
from .locator import SharedLocator

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends

TELEMETRY_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Snapshot:
    """A sensor at one moment."""

    info: SensorInfo
    status: BoardStatus
    live: LiveSample
    profiles: list[Profile]
    settings: dict[str, int]
    """Values by key."""

    @property
    def profile(self) -> Profile | None:
        """The active profile; None if its number isn't known to this host."""
        return next((profile for profile in self.profiles if profile.index == self.status.profile), None)


@asynccontextmanager
async def connect_sensor(
    sensor: str | None, on_frame: Callable[[int, bytes], None] | None = None, backends: "Backends | None" = None
) -> AsyncIterator[tuple[Client, SensorInfo]]:
    """Connect a sensor, directly or through its owner, and give (client, info) for as long as the context lasts.

    sensor and backends are as for Recorder. Its journal is not stored. Raises what kept it from being connected.
    """
    async with open_sensor(SharedLocator(sensor, backends), on_frame) as (client, info):
        yield client, info


class FirstTelemetry:
    """The first status and the first live sample of a link; `on_frame` is to be given to open_sensor()."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._frames: dict[int, asyncio.Future[bytes]] = {
            messages.STATUS: loop.create_future(),
            messages.LIVE: loop.create_future(),
        }

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Take a frame; all but the first of each kind are left out."""
        frame = self._frames.get(kind)
        if frame is not None and not frame.done():
            frame.set_result(payload)

    async def status(self) -> BoardStatus:
        """Wait for the status; raises TelemetryError if it can't be read."""
        return decode_status(await self._frames[messages.STATUS])

    async def live(self, uptime_ms: int) -> LiveSample:
        """Wait for the live sample; uptime_ms is a recent one. Raises TelemetryError if it can't be read."""
        return decode_live(await self._frames[messages.LIVE], uptime_ms)


async def read_snapshot(
    client: Client, info: SensorInfo, telemetry: FirstTelemetry, timeout_s: float = TELEMETRY_TIMEOUT_S
) -> Snapshot:
    """Ask a connected sensor for everything; raises NoSensor if no telemetry comes, LinkLost, Refused."""
    await client.subscribe(1 if info.own_clock else messages.MAX_LIVE_HZ)
    try:
        async with asyncio.timeout(timeout_s):
            status = await telemetry.status()
            live = await telemetry.live(status.uptime_ms)
    except (TimeoutError, TelemetryError) as error:
        raise NoSensor(
            f"The sensor at {client.name} answers, but sends no status; unplug it, plug it in again and repeat."
        ) from error
    await client.subscribe(0)
    _, settings = await client.settings()
    return Snapshot(info, status, live, await client.profiles(), settings)
