"""The handshake: tries the sensors that may be there, side by side, and gives the first that answers HELLO."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol

from unslouch.background import start_in_background
from unslouch.errors import BadInput, NoSensor, NotOurs, Refused, SensorBusy
from unslouch.link.ble.failures import NotHeard, NotPaired
from unslouch.link.client import HELLO_TIMEOUT_S, HELLO_TRY_S, Client, OtherVersion
from unslouch.link.connection import Connection
from unslouch.link.model import LinkState, SensorInfo
from unslouch.link.transport import Transport

from .deep_sleep import SensorAsleep
from .no_sensor import NO_SENSOR

HEAD_START_S = 0.5
"""A sensor on its cable has answered by then; a silent port must not delay the next, whose window may be short."""


class SensorLocator(Protocol):
    """Knows which sensors may be meant, and how to open a link to each."""

    is_probing: bool
    """Whether the candidates are guesses, so that one which is no sensor is passed over."""

    over_air: bool
    """Whether some of them can only be reached over the air."""

    async def candidates(self) -> list[str]:
        """Return the ports, URLs and addresses to try, likeliest first."""

    async def listen(self, tried: Collection[str]) -> str | None:
        """Listen for sensors over the air, and return the address of one that is not among those tried.

        None if there is none to listen for. Raises LinkUnavailable if none of them is heard.
        """

    async def is_heard(self, sensor: str, listen_s: float) -> bool:
        """Listen for a resting sensor, and return whether it advertises; False for one that isn't linked over the air.

        Raises LinkUnavailable if this computer can't listen.
        """

    def accepts(self, info: SensorInfo) -> bool:
        """Whether the sensor that answered is the one that was asked for; that one is preferred from then on."""

    def new_ports(self) -> list[str]:
        """Return the ports that have appeared lately, behind which the linked sensor may be."""

    def clear_refusals(self) -> None:
        """Try again the sensors that are left alone because they refused this computer."""

    async def open(self, sensor: str) -> Transport:
        """Return an open transport; raises LinkUnavailable or SensorBusy."""


async def open_transport(transport: Transport) -> Transport:
    """Open a transport and return it; it is closed again if that fails or is cancelled."""
    try:
        await transport.open()
    except BaseException:
        await transport.close()
        raise
    return transport


@asynccontextmanager
async def open_sensor(
    locator: SensorLocator,
    on_frame: Callable[[int, bytes], None] | None = None,
    on_state: Callable[[LinkState, str], None] = lambda state, reason: None,
    *,
    hello_s: float = HELLO_TIMEOUT_S,
    hello_try_s: float = HELLO_TRY_S,
) -> AsyncIterator[tuple[Client, SensorInfo]]:
    """Give the first sensor that answers HELLO, as (client, info), for as long as the context lasts.

    HELLO is sent each hello_try_s until a sensor has answered or hello_s have passed. Raises the error of the only
    sensor, or of several errors the one that helps the user most.
    """
    on_state(LinkState.SEARCHING, "")
    race = _Race(locator, on_frame, on_state, hello_s, hello_try_s)
    try:
        yield await race.won()
    finally:
        await race.end()


class _Race:
    """Attempts at several sensors, each begun as soon as the one before has failed or had its head start."""

    def __init__(
        self,
        locator: SensorLocator,
        on_frame: Callable[[int, bytes], None] | None,
        on_state: Callable[[LinkState, str], None],
        hello_s: float,
        hello_try_s: float,
    ) -> None:
        self._locator = locator
        self._on_frame = on_frame
        self._on_state = on_state
        self._hello_s = hello_s
        self._hello_try_s = hello_try_s
        self._errors: list[Exception] = []
        self._attempts: list[asyncio.Task[None]] = []
        self._winner: asyncio.Future[tuple[asyncio.Task[None] | None, Client, SensorInfo]] = (
            asyncio.get_running_loop().create_future()
        )

    async def won(self) -> tuple[Client, SensorInfo]:
        """Return the first sensor that answers, once the links to all others are closed."""
        sensors = await self._locator.candidates()
        begins: list[Callable[[], Coroutine[Any, Any, None]]] = [
            partial(self._try_sensor, sensor) for sensor in sensors
        ]
        for begin in [*begins, self._try_audible]:
            self._attempts.append(start_in_background(begin(), "an attempt to connect a sensor"))
            await self._wait([self._attempts[-1]], HEAD_START_S)
            if self._winner.done():
                break
        while not self._winner.done() and (left := [each for each in self._attempts if not each.done()]):
            await self._wait(left)
        if not self._winner.done():
            for attempt in self._attempts:
                attempt.result()
            raise _most_helpful(self._errors, self._locator.is_probing)
        winner, client, info = self._winner.result()
        await _cancelled([attempt for attempt in self._attempts if attempt is not winner])
        return client, info

    async def end(self) -> None:
        """Close every link."""
        await _cancelled(self._attempts)

    async def _wait(self, attempts: list[asyncio.Task[None]], timeout_s: float | None = None) -> None:
        news: list[asyncio.Future[Any]] = [self._winner, *attempts]
        await asyncio.wait(news, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)

    async def _try_sensor(self, sensor: str) -> None:
        """Open a link to a sensor; the first that answers keeps its link until cancelled."""
        self._on_state(LinkState.CONNECTING, f"Opening {sensor}.")
        try:
            async with Connection(await self._locator.open(sensor), self._on_frame) as connection:
                self._on_state(LinkState.HANDSHAKE, f"Connecting to {sensor}.")
                client = Client(connection)
                info = await client.hello(self._hello_s, self._hello_try_s)
                if self._winner.done():
                    return
                if not self._locator.accepts(info):
                    raise NotOurs(f"{sensor} leads to another sensor, {info.device_id}.")
                self._winner.set_result((asyncio.current_task(), client, info))
                await asyncio.Event().wait()
        except (BadInput, NoSensor, NotOurs, Refused, SensorBusy) as error:
            self._errors.append(error)

    async def _try_audible(self) -> None:
        """Try the sensors that advertise, one after the other: adapters connect to one at a time."""
        tried: list[str] = []
        try:
            while (address := await self._locator.listen(tried)) is not None:
                tried.append(address)
                await self._try_sensor(address)
        except NoSensor as error:
            self._errors.append(error)


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def _most_helpful(errors: list[Exception], is_probing: bool) -> Exception:
    for kind in (OtherVersion, Refused, SensorBusy, NotPaired, SensorAsleep):
        for error in errors:
            if isinstance(error, kind):
                return error
    if not errors:
        return NoSensor(NO_SENSOR)
    if is_probing:
        is_silent = any(isinstance(error, NotHeard) for error in errors)
        return (NotHeard if is_silent else NoSensor)("No sensor was found. " + " ".join(map(str, errors)))
    return errors[0]
