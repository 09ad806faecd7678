"""What the dashboard needs of a sensor and of the store, and how a recorder gives it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from unslouch.errors import NoData, NoSensor

if TYPE_CHECKING:
    from unslouch.analysis.model import Day
    from unslouch.link.ble.devices import Backends
    from unslouch.link.client import Client
    from unslouch.link.model import Profile
    from unslouch.sensor.publisher import Consumer
    from unslouch.sensor.recorder import Recorder

Door = Callable[[], AbstractAsyncContextManager[str | None]]
"""Gives the port or URL of a sensor, None to look for one; what the sensor needs lives inside."""


class Feed(Protocol):
    """A sensor and the store its journal goes to.

    Commands raise UnslouchError, whose text is a sentence for the wearer.
    """

    simulated: bool
    """It was opened as a simulation, whatever the sensor says of itself."""

    async def run(self, consumer: "Consumer") -> None:
        """Look for the sensor and follow it until cancelled; the consumer gets its events in this event loop.

        Raises UnslouchError where trying again would not help.
        """

    def retry(self) -> None:
        """Look for the sensor now rather than after the delay."""

    def watch(self, watched: bool) -> None:
        """Somebody looks at the live sensor, or nobody does, and the sensor may rest."""

    async def calibrate(self) -> int:
        """Take the present posture, held still for 3 s, as upright; return the calibration id."""

    async def rezero(self) -> int:
        """Move upright to the present posture, keeping the axes of the calibration; return the calibration id."""

    async def bow(self) -> int:
        """Learn from a bow, which the wearer makes now, which way is forward; return the calibration id."""

    async def stand(self) -> tuple[float, float]:
        """Take where standing is, held still for 5 s; return its (forward, lateral) tilt in degrees."""

    async def profiles(self) -> "list[Profile]":
        """Return the sensor's profiles, in order."""

    async def select_profile(self, index: int) -> None:
        """Put a profile in force."""

    async def name_profile(self, index: int, name: str) -> None:
        """Name a profile."""

    async def buzz(self) -> None:
        """Let the motor vibrate once."""

    async def snooze(self, minutes: int | None) -> int:
        """Keep the motor quiet: None for as long as the setting says, 0 to end it; returns the minutes."""

    async def settings(self) -> dict[str, int]:
        """Return the value of each setting by key."""

    def load_today(self) -> "Day | None":
        """Read today from the store, None if it holds nothing of it; blocks, so call it in a thread."""

    def export_today(self) -> Path:
        """Write today's epochs as CSV into the working directory and return the file; blocks likewise."""


@asynccontextmanager
async def found(sensor: str | None) -> AsyncIterator[str | None]:
    """The door to a sensor that is there by itself."""
    yield sensor


@asynccontextmanager
async def simulated() -> AsyncIterator[str | None]:
    """The door to a simulated sensor, which ends with the context."""
    from unslouch.twin.child import simulated_sensor

    async with simulated_sensor() as address:
        yield address


class RecorderFeed:
    """A Feed from a recorder; store_path is the database, None for the default one of the kind of sensor.

    backends play Bluetooth in a simulation.
    """

    def __init__(
        self, door: Door, store_path: Path | None, simulated: bool = False, backends: "Backends | None" = None
    ) -> None:
        self.simulated = simulated
        self._door = door
        self._store_path = store_path
        self._backends = backends
        self._recorder: Recorder | None = None

    async def run(self, consumer: "Consumer") -> None:
        """Record until cancelled; raises StoreError, or NoSensor if a simulated one doesn't start."""
        from unslouch.sensor.recorder import Recorder

        async with self._door() as sensor:
            self._recorder = Recorder(sensor, self._store_path, backends=self._backends)
            self._recorder.subscribe(consumer, "The dashboard")
            try:
                await self._recorder.run()
            finally:
                self._recorder = None

    def retry(self) -> None:
        """Look for the sensor now."""
        if self._recorder is not None:
            self._recorder.retry()

    def watch(self, watched: bool) -> None:
        """Pass it on."""
        if self._recorder is not None:
            self._recorder.watch(watched)

    @property
    def _client(self) -> "Client":
        if self._recorder is None:
            raise NoSensor("No sensor is linked at the moment; wait until it is.")
        return self._recorder.client

    async def calibrate(self) -> int:
        """Calibrate."""
        return await self._client.calibrate()

    async def rezero(self) -> int:
        """Re-zero."""
        return await self._client.rezero()

    async def bow(self) -> int:
        """Learn from a bow."""
        return await self._client.bow()

    async def stand(self) -> tuple[float, float]:
        """Take the standing zero."""
        return await self._client.stand()

    async def profiles(self) -> "list[Profile]":
        """List the profiles."""
        return await self._client.profiles()

    async def select_profile(self, index: int) -> None:
        """Select a profile."""
        await self._client.select_profile(index)

    async def name_profile(self, index: int, name: str) -> None:
        """Name a profile; raises BadInput for what can't be a name."""
        from unslouch.sensor.profiles import rename_profile

        await rename_profile(self._client, index, name)

    async def buzz(self) -> None:
        """Buzz."""
        await self._client.buzz()

    async def snooze(self, minutes: int | None) -> int:
        """Snooze."""
        return await self._client.snooze(minutes)

    async def settings(self) -> dict[str, int]:
        """Read the settings."""
        _, values = await self._client.settings()
        return values

    def load_today(self) -> "Day | None":
        """Read today; raises StoreError if the database can't be read."""
        from unslouch.analysis.day import has_data
        from unslouch.analysis.history import History
        from unslouch.store import Store

        try:
            with Store.open(self._database(), simulated=None, readonly=True) as store:
                today = History(store).today(time.time_ns() // 1_000_000)
        except NoData:
            return None
        return today if has_data(today) else None

    def export_today(self) -> Path:
        """Write today; raises NoData, StoreError or OutputError."""
        from unslouch.analysis.history import History
        from unslouch.export.daily_log import default_path, recorded_day, render
        from unslouch.export.output import write_file
        from unslouch.store import Store

        with Store.open(self._database(), simulated=None, readonly=True) as store:
            history = History(store)
            today = history.current_date(time.time_ns() // 1_000_000)
            data = render(recorded_day(history, today), simulated=store.simulated)
            path = default_path(today, demo=store.simulated)
        write_file(path, data)
        return path

    def _database(self) -> Path:
        from unslouch.store import default_path

        info = self._recorder.info if self._recorder is not None else None
        return self._store_path or default_path(self.simulated if info is None else info.simulated)
