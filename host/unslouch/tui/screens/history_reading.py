"""Reading a year of days for the History mode, which keeps what it has read."""

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

from unslouch.errors import NoData
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.calendar_map import MOST_WEEKS
from unslouch.tui.widgets.programme_row import ProgrammeRow

from .mode_screen import ModeScreen

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.analysis.metrics.summary import Summary

DAYS_AT_ONCE = 28
"""So many days are read in one go, the newest first, so that the first read of a year shows something at once."""
FAST_READ_S = 0.2
"""Twice as many days are read next where this was enough: their summaries are kept."""
SHOW_EVERY_S = 1.0
"""How often a read that takes long shows what it has until then; to show a year costs as much as to read it."""
RECENT_DAYS = 3
"""So many days are read again when records came; all of them once REREAD_S have passed."""
REREAD_S = 600.0


def _exercised_days(history: "History", now_utc_ms: int) -> frozenset[date]:
    """Return the days on which an exercise was done."""
    from unslouch.analysis.zones import to_local

    sessions = history.store.words.sessions(0, now_utc_ms + 1)
    return frozenset(to_local(each.start_utc_ms, history.tz).date() for each in sessions if each.is_complete)


class HistoryReader(ModeScreen):
    """Reads the summaries of a year, and only the last days again while records come."""

    keys_need_data = True

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._summaries: dict[date, Summary] = {}
        self._exercised: frozenset[date] = frozenset()
        """The days on which an exercise was done."""
        self._today: date | None = None
        self._zone = ""
        """Where the days that were read begin and end."""
        self._read_all_at_s = float("-inf")

    def _show(self) -> None:
        """Show what was read."""
        raise NotImplementedError

    def _show_nothing(self) -> None:
        """Say that nothing is recorded."""
        raise NotImplementedError

    async def refresh_data(self) -> None:
        """Read the last days again, or, now and then, all of the year; what was read before stays shown meanwhile."""
        try:
            now_ms = self.shared.coach.utc_ms
            current = await self.shared.read_history(lambda history: (history.current_date(now_ms), str(history.tz)))
            is_due = self.shared.clock() - self._read_all_at_s >= REREAD_S or (self._today, self._zone) != current
            today, self._zone = current
            self._today = today
            await self.query_one(ProgrammeRow).read(self.shared)
            self._exercised = await self.shared.read_history(lambda history: _exercised_days(history, now_ms))
            days = MOST_WEEKS * 7 if is_due else RECENT_DAYS
            await self._read_back(today, days)
            if is_due:
                self._read_all_at_s = self.shared.clock()
        except NoData:
            self._show_nothing()

    async def _read_back(self, today: date, days: int) -> None:
        """Read the last days, the newest first, and show them."""
        back, at_once, shown_at_s, is_shown = 0, DAYS_AT_ONCE, float("-inf"), True
        while back < days:
            begun_s = time.monotonic()
            last, length = today - timedelta(days=back), min(at_once, days - back)
            is_shown = not await self._read(last - timedelta(days=length - 1), last) and is_shown
            back += length
            now_s = time.monotonic()
            if now_s - begun_s < FAST_READ_S:
                at_once *= 2
            if not is_shown and now_s - shown_at_s >= SHOW_EVERY_S:
                self._show()
                self.note_data()
                shown_at_s, is_shown = now_s, True
        if not is_shown:
            self._show()

    async def _read(self, first: date, last: date) -> bool:
        """Read days; return whether something about them is new."""

        def read(history: "History") -> "dict[date, Summary]":
            return history.summaries(first, last)

        summaries = await self.shared.read_history(read)
        is_new = any(self._summaries.get(day) != summary for day, summary in summaries.items())
        self._summaries |= summaries
        return is_new

    def forget_sensor(self) -> None:
        """Show the other sensor's database, once it is read."""
        self._summaries = {}
        self._today = None
        self._read_all_at_s = float("-inf")
