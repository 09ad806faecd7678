"""What all screens of the dashboard share: the sensor's state, the store, and what they need to draw."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from unslouch.config import Config
from unslouch.link.model import LiveSample
from unslouch.sensor.quiet import QuietKeeper

from .background import BackgroundThread
from .board_set_up import BoardSetUp
from .coaching import Coaching
from .feed import Feed
from .modes import MODES, Mode
from .sensor_state import SensorState
from .sensor_tools import SensorTools
from .tilt_history import TiltHistory

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.store import Store

    from .past import PastState

T = TypeVar("T")


async def _release_nothing() -> None:
    """Stand in where nothing is linked."""


@dataclass
class Shared:
    """One object that the app and every screen have; `follow` puts another feed, sensor and coach into it."""

    feed: Feed
    sensor: SensorState
    coach: Coaching
    clock: Callable[[], float]
    """Returns seconds that never go back."""
    retry: Callable[[], None]
    """Looks for the sensor now."""
    modes: Sequence[Mode] = MODES
    in_ascii: bool = False
    """Whether the screen shows ASCII alone."""
    config: Config = field(default_factory=Config)
    """The settings of this computer."""
    config_path: Path | None = None
    """The settings file, which may not exist yet; None: settings are not kept."""
    quiet: QuietKeeper = field(default_factory=QuietKeeper)
    """Why it is quiet now; begins and ends meetings."""
    moment: "PastState | None" = None
    """The moment of the past that Live shows; None: now."""
    release: Callable[[], Awaitable[None]] = _release_nothing
    """Ends the link to the sensor and waits for that, so that something else can use it; `retry` links it again."""
    show_demo: Callable[[], Awaitable[None]] | None = None
    """Follows a simulated sensor instead; None where there is none."""
    tools: SensorTools = field(default_factory=SensorTools)
    disk: BackgroundThread = field(default_factory=lambda: BackgroundThread("dashboard-disk"))
    """Where everything that reads or writes the database or a file runs."""
    is_installing: bool = False
    """Whether firmware is being put on a board: until it is done, the first steps stay."""
    has_read_rules: bool = False
    """Whether the rules before the first session were shown since the dashboard began."""
    set_up: BoardSetUp = field(default_factory=BoardSetUp)
    tilts: TiltHistory = field(default_factory=TiltHistory)

    @property
    def shown_sensor(self) -> SensorState:
        """The sensor as Live shows it: now, or at the chosen moment of the past."""
        return self.sensor if self.moment is None else self.moment.sensor

    async def read_history(self, function: "Callable[[History], T]") -> T:
        """Call a function with the history of the sensor's database, in the disk thread, and return what it returns.

        Raises NoData while there is no database, StoreError if it can't be read, and what the function raises.
        """
        feed = self.feed
        return await self.disk.call(lambda: function(feed.history()))

    async def change_store(self, change: "Callable[[Store], T]") -> T:
        """Call a function with the store opened for writing, in the disk thread; raises as Feed.change_store()."""
        feed = self.feed
        return await self.disk.call(lambda: feed.change_store(change))

    def take_samples(self) -> list[LiveSample]:
        """Hand the samples since the last call to the coach and to the plot's history, and return them."""
        samples = self.sensor.take_undrawn()
        for sample in samples:
            self.coach.observe(sample)
            self.tilts.add(sample)
        return samples

    async def refresh_coach(self) -> None:
        """Store the coach's answers, and read what its rules ask for."""
        sensor = self.sensor
        threshold_deg = sensor.settings["threshold"]
        await self.coach.refresh(self.feed, self.disk, self.clock, sensor.records_stored, threshold_deg)

    def follow(self, feed: Feed, sensor: SensorState, coach: Coaching) -> None:
        """Take another sensor, and close the store of the one before without waiting for it."""
        self.close_store()
        self.feed, self.sensor, self.coach = feed, sensor, coach
        self.tilts = TiltHistory()
        self.moment = None
        self.set_up.forget()

    def close_store(self) -> None:
        """Close the store in its own thread, without waiting for it."""
        self.disk.post(self.feed.close)
