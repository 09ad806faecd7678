"""Greeting: from the ports there are to the one sensor that answers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from unslouch.errors import NoSensor, NotOurs, Refused, SensorBusy

from .ble_troubles import NotPaired
from .client import Client, OtherVersion
from .connection import Connection
from .discovery import likely_ports, transport_for
from .model import LinkState, SensorInfo
from .transport import Transport

NO_SENSOR = (
    "No sensor was found; plug one in, pair one with `unslouch pair`, name its port with --sensor, or try a simulated "
    "one with `unslouch --demo`."
)


class Dialer(Protocol):
    """Knows which sensors to try, and how to open a link to one."""

    probing: bool
    """Whether the sensors are guesses: one that turns out to be something else is passed over."""

    over_air: bool
    """Whether some of them are waited for over the air."""

    async def sensors(self) -> list[str]:
        """Return ports, URLs and addresses to try, likeliest first."""

    def wants(self, info: SensorInfo) -> bool:
        """Whether it is the sensor that was asked for."""

    def ports_that_came(self) -> list[str]:
        """Return the ports that have come lately, and may lead to the sensor in use."""

    def try_again(self) -> None:
        """Try what seemed hopeless again."""

    async def open(self, sensor: str) -> Transport:
        """Return an open transport; raises LinkUnavailable or SensorBusy."""


class DirectDialer:
    """Opens the ports themselves, without asking who else uses them."""

    over_air = False

    def __init__(self, sensor: str | None = None) -> None:
        self.probing = sensor is None
        self._sensor = sensor

    async def sensors(self) -> list[str]:
        return likely_ports() if self._sensor is None else [self._sensor]

    def wants(self, info: SensorInfo) -> bool:
        return True

    def ports_that_came(self) -> list[str]:
        return []

    def try_again(self) -> None:
        pass

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
                    if not dialer.wants(info):
                        raise NotOurs(f"{sensor} leads to another sensor, {info.device_id}.")
                except (NoSensor, NotOurs, Refused, SensorBusy) as error:
                    errors.append(error)
                    continue
                stack.push_async_exit(attempt.pop_all())
            break
        else:
            raise _most_telling(errors, dialer.probing)
        yield client, info


def _most_telling(errors: list[Exception], probing: bool) -> Exception:
    for kind in (OtherVersion, Refused, SensorBusy, NotPaired):
        for error in errors:
            if isinstance(error, kind):
                return error
    if not errors:
        return NoSensor(NO_SENSOR)
    if probing:
        return NoSensor("No sensor was found. " + " ".join(str(error) for error in errors))
    return errors[0]
