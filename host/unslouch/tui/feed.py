"""What the dashboard needs of a sensor and of the store, and how a recorder provides it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from unslouch.errors import NoData, NoSensor, StoreError, UnslouchError
from unslouch.link.model import LinkKind

from .kept_history import KeptHistory

if TYPE_CHECKING:
    from unslouch.analysis.day import Day
    from unslouch.analysis.history import History
    from unslouch.link.ble.devices import Backends
    from unslouch.link.client import Client
    from unslouch.sensor.publisher import Consumer
    from unslouch.sensor.quiet import QuietKeeper
    from unslouch.sensor.recorder import Recorder
    from unslouch.store import Store

T = TypeVar("T")


class OpenedSensor(NamedTuple):
    """A sensor that can be linked."""

    address: str | None
    """Its port or URL; None to look for one."""
    database: Path | None
    """Where its journal is stored; None for the default database of its kind."""
    notice: str = ""
    """What the wearer is to know of it, as a sentence."""
    backends: "Backends | None" = None
    """What replaces the Bluetooth stack in a simulation."""


OpenSensor = Callable[[Path | None], AbstractAsyncContextManager[OpenedSensor]]
"""Takes the database that was asked for, and returns a context; a simulated sensor lives as long as that."""


class Feed(Protocol):
    """A sensor and the store its journal goes to; every UnslouchError that it raises is a sentence for the wearer."""

    is_simulated: bool
    """Whether it was opened as a simulation, whatever the sensor says of itself."""
    notice: str
    """What the wearer is to know of the sensor that was opened, as a sentence; empty if there is nothing."""

    @property
    def link_kind(self) -> LinkKind:
        """How the sensor is linked now."""

    async def run(self, consumer: "Consumer") -> None:
        """Look for the sensor and follow it until cancelled; the consumer gets its events in this event loop.

        Raises UnslouchError where trying again would not help.
        """

    def retry(self) -> None:
        """Look for the sensor now rather than after a delay."""

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks at the dashboard; while nobody does, the sensor may rest."""

    @property
    def client(self) -> "Client":
        """For requests to the sensor; raises NoSensor while none is linked."""

    async def flush(self) -> None:
        """Have everything stored that the sensor has recorded until now, if one is linked."""

    def history(self) -> "History":
        """Return the history of the store. Blocks; called, and the history used, in the thread of load_today().

        Raises NoData as long as there is no database, and StoreError.
        """

    def change_store(self, change: "Callable[[Store], T]") -> T:
        """Call a function with the store opened for writing, and return what it returns. Blocks; in that thread.

        Raises StoreError, and what the function raises.
        """

    def load_today(self) -> "Day | None":
        """Read today from the store; None if it has no records of today. Blocks; always called in the same thread."""

    def export_today(self) -> Path:
        """Write today's epochs as CSV into the working directory and return the file. Blocks; called in that thread."""

    def close(self) -> None:
        """Close the store. Blocks; called in that thread."""


@asynccontextmanager
async def open_sensor(sensor: str | None, database: Path | None) -> AsyncIterator[OpenedSensor]:
    """Give a real sensor as it is: unlike a simulated one, it needs no start."""
    yield OpenedSensor(sensor, database)


@asynccontextmanager
async def open_simulated_sensor(database: Path | None) -> AsyncIterator[OpenedSensor]:
    """Start a simulated sensor whose wearer has three weeks behind them; it ends with the context."""
    from unslouch.twin.demo import running_demo

    async with running_demo(database) as demo:
        yield OpenedSensor(demo.address, demo.database, demo.notice)


class RecorderFeed:
    """A Feed from a recorder, which links the sensor and stores its journal.

    store_path is the database, None for the default one of the kind of sensor. quiet keeps the sensor quiet in quiet
    hours and meetings. follows_only is as for Recorder.
    """

    def __init__(
        self,
        open_sensor: OpenSensor,
        store_path: Path | None,
        is_simulated: bool = False,
        quiet: "QuietKeeper | None" = None,
        *,
        follows_only: bool = False,
    ) -> None:
        self.is_simulated = is_simulated
        self._open_sensor = open_sensor
        self._store_path = store_path
        self._database_path = store_path
        self._quiet = quiet
        self._follows_only = follows_only
        self.notice = ""
        self._recorder: Recorder | None = None
        self._history = KeptHistory()

    async def run(self, consumer: "Consumer") -> None:
        """Record until cancelled; raises StoreError, or NoSensor if a simulated one doesn't start."""
        from unslouch.sensor.recorder import Recorder

        async with self._open_sensor(self._store_path) as sensor:
            self._database_path, self.notice = sensor.database, sensor.notice
            self._recorder = Recorder(
                sensor.address, sensor.database, backends=sensor.backends, follows_only=self._follows_only
            )
            self._recorder.subscribe(consumer, "The dashboard")
            try:
                async with nullcontext() if self._quiet is None else self._quiet.following(self._recorder):
                    await self._recorder.run()
            finally:
                self._recorder = None

    def retry(self) -> None:
        if self._recorder is not None:
            self._recorder.retry()

    def watch(self, watched: bool) -> None:
        if self._recorder is not None:
            self._recorder.watch(watched)

    @property
    def link_kind(self) -> LinkKind:
        return "" if self._recorder is None else self._recorder.link_kind

    @property
    def client(self) -> "Client":
        if self._recorder is None:
            raise NoSensor("No sensor is linked at the moment; wait until it is.")
        return self._recorder.client

    async def flush(self) -> None:
        """Have everything stored; without effect if no sensor is linked, or if it refuses or takes too long."""
        if self._recorder is not None:
            with suppress(UnslouchError, TimeoutError):
                await self._recorder.flush()

    def history(self) -> "History":
        return self._history.open(self._database())

    def change_store(self, change: "Callable[[Store], T]") -> T:
        from unslouch.store import Store

        path = self._database()
        with Store.open(path, simulated=None if path.exists() else self._is_of_simulated) as store:
            return change(store)

    def load_today(self) -> "Day | None":
        """Read today; raises StoreError if the database can't be read."""
        from unslouch.analysis.day import has_data

        try:
            today = self.history().today(time.time_ns() // 1_000_000)
        except NoData:
            return None
        except StoreError:
            self._history.close()
            raise
        return today if has_data(today) else None

    def export_today(self) -> Path:
        """Write today, with its manifest; raises NoData, StoreError or OutputError."""
        from unslouch.export.export_log import default_path, export_to_file
        from unslouch.export.formats import FORMATS
        from unslouch.export.writer import DEMO_WEARER, OWN_WEARER, Contents

        history = self.history()
        today = history.current_date(time.time_ns() // 1_000_000)
        simulated = history.store.simulated
        wearer = DEMO_WEARER if simulated else OWN_WEARER
        contents = Contents(today, today, history.tz, simulated=simulated, wearer=wearer)
        path = default_path(contents, FORMATS["csv"])
        export_to_file(history, contents, FORMATS["csv"], path)
        return path

    def close(self) -> None:
        self._history.close()

    def _database(self) -> Path:
        from unslouch.store import default_path

        recorder = self._recorder
        if recorder is not None and recorder.database is not None:
            return recorder.database
        return self._database_path or default_path(self._is_of_simulated)

    @property
    def _is_of_simulated(self) -> bool:
        info = None if self._recorder is None else self._recorder.info
        return self.is_simulated if info is None else info.simulated
