"""The day that the Day mode shows, as its keys need it."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from unslouch.tui.shared import Shared
from unslouch.tui.widgets.day_timeline import DayTimeline
from unslouch.tui.widgets.hour_bars import HourBars

from .mode_screen import ModeScreen

if TYPE_CHECKING:
    from unslouch.analysis.day import Day
    from unslouch.store import Sensor
    from unslouch.tui.widgets.day_table import ListingTable


@dataclass(frozen=True)
class Reading:
    """A day as it was read, and what belongs to it."""

    today: date
    day: "Day"
    sensors: "list[Sensor]"
    is_simulated: bool


class DayReader(ModeScreen):
    """A screen with a day, its timeline and its tables."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._wanted: date | None = None
        """The day to show; None: today."""
        self._reading: Reading | None = None
        self._timeline = DayTimeline()
        self._bars = HourBars()
        self._tables: dict[str, ListingTable] = {}

    async def _read(self, wanted: date | None) -> None:
        """Read a day and show it; None is today."""
        raise NotImplementedError

    def _clock(self, utc_ms: int) -> str:
        """Return when a moment was on the clock of the day."""
        from unslouch.tui.day_texts import clock

        return "" if self._reading is None else clock(self._reading.day, utc_ms)
