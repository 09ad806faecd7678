"""Greeting: from the ports there are to the one sensor that answers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from unslouch.errors import NoSensor, NotOurs, Refused, SensorBusy

from .client import Client, OtherVersion
from .connection import Connection
from .discovery import likely_ports, transport_for
from .model import LinkState, SensorInfo
from .transport import Transport

NO_SENSOR = (
    "No sensor was found; plug one in, name its port with --sensor, or try a simulated one with `unslouch --demo`."
)


class Dialer(Protocol):
    """Knows which sensors to try, and how to open a link to one."""

    probing: bool
    """Whether the sensors are guesses: one that turns out to be something else is passed over."""

    async def sensors(self) -> list[str]:
        """Return ports and URLs to try, likeliest first."""

    async def open(self, sensor: str) -> Transport:
        """Return an open transport; raises LinkUnavailable or SensorBusy."""


class DirectDialer:
    """Opens the ports themselves, without asking who else uses them."""

    def __init__(self, sensor: str | None = None) -> None:
        self.probing = sensor is None
        self._sensor = sensor

    async def sensors(self) -> list[str]:
        return likely_ports() if self._sensor is None else [self._sensor]

    async def open(self, sensor: str) -> Transport:
        return await opened(transport_for(sensor))


async def opened(transport: Transport) -> Transport:
    """Open a transport; closed again if that fails or is cancelled."""
    try:
        await transport.open()
    except BaseException:
        await transport.close()
        raise
    return transport


@asynccontextmanager
async def greeted(
    dialer: Dialer,
    on_frame: Callable[[int, bytes], None] | None = None,
    on_state: Callable[[LinkState, str], None] = lambda state, reason: None,
) -> AsyncIterator[tuple[Client, SensorInfo]]:
    """Give the first sensor that answers hello, as (client, info), for as long as the context lasts.

    Raises what kept the only sensor from answering, or the most telling of several such errors.
    """
    on_state(LinkState.SEARCHING, "")
    errors: list[Exception] = []
    async with AsyncExitStack() as stack:
        for sensor in await dialer.sensors():
            on_state(LinkState.CONNECTING, f"Opening {sensor}.")
            async with AsyncExitStack() as attempt:
                try:
                    connection = await attempt.enter_async_context(Connection(await dialer.open(sensor), on_frame))
                    on_state(LinkState.GREETING, f"Greeting {sensor}.")
                    client = Client(connection)
                    info = await client.hello()
                except (NoSensor, NotOurs, Refused, SensorBusy) as error:
                    errors.append(error)
                    continue
                stack.push_async_exit(attempt.pop_all())
            break
        else:
            raise _most_telling(errors, dialer.probing)
        yield client, info


def _most_telling(errors: list[Exception], probing: bool) -> Exception:
    for kind in (OtherVersion, Refused, SensorBusy):
        for error in errors:
            if isinstance(error, kind):
                return error
    if not errors:
        return NoSensor(NO_SENSOR)
    if probing:
        return NoSensor("No sensor was found. " + " ".join(str(error) for error in errors))
    return errors[0]
