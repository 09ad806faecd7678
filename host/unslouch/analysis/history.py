"""History: the days of a database, one or many, over one index of its boots that is kept and brought up to date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from unslouch.store import Store, StoredBoot
from unslouch.store.queries import LAST_UPTIME_MS
from unslouch_device.contract.pages import RECORDS_PER_PAGE

from .boot_index import BootId, BootIndex
from .configuration import with_standing_zeros_alone
from .day import Day, LocalDay, epochs_with_time, joined, read_day
from .decode import Records, decode
from .imported import IndexWithImports, pages_of, with_imported_calibrations
from .kept_summaries import KeptSummaries, PageWindow, fingerprint
from .metrics.summary import Summary
from .model import Calibration, Epochs
from .timebase import BootTimebase
from .wear import HINDSIGHT_MS, NOTICED_LATE, hindsight_intervals, states_in_hindsight
from .zones import AFTER_LAST_UTC_MS, FIRST_UTC_MS, is_in_calendar, to_local, zone

_DAYS_AT_ONCE = 7
"""So many days of epochs are read at a time: at most 126,000 epochs, 10 MB."""
_PAGES_AT_ONCE = 8192
"""So many pages are decoded at a time: 139,000 epochs, 30 MB while it lasts."""


@dataclass(frozen=True)
class DayEpochs:
    """The epochs of one local day and what their tilt counts from, without anything that is computed from them."""

    day: date
    timezone: str
    start: datetime
    end: datetime
    epochs: Epochs
    calibrations: list[Calibration]
    """Those of the epochs, with their standing zeros and nothing else of them."""


class History:
    """The recorded days of one store, as they begin and end in a zone.

    What another process stores meanwhile is seen by the next call. Every method raises StoreError if the store can't be
    read, and BadInput for a date of which no record can be. Like its store, it serves one thread at a time.
    """

    def __init__(self, store: Store, tz: tzinfo | None = None) -> None:
        """Read days in a zone; None is this computer's, whatever it is when a day is asked for."""
        self.store = store
        self._tz = tz
        self._index = BootIndex(store)

    @property
    def tz(self) -> tzinfo:
        """The zone in which days begin and end now."""
        return zone() if self._tz is None else self._tz

    def day(self, wanted: date) -> Day:
        """Return a local day; one before all records has no spans. The same pages give the same day."""
        local = LocalDay(wanted, self.tz)
        with self.store.snapshot():
            self._index.refresh()
            return self._read(local, self._windows(local.start_ms, local.end_ms))

    def days(self, first: date, last: date) -> Iterator[Day]:
        """Yield each day from one date to another, both included, also those without records."""
        for wanted in _dates(first, last):
            yield self.day(wanted)

    def _windows(self, start_utc_ms: int, end_utc_ms: int) -> list[PageWindow]:
        """Return which pages hold the records of [start, end), and those around it that say how it goes on."""
        windows = []
        for boot, (start_ms, end_ms) in self._index.overlapping(start_utc_ms, end_utc_ms):
            first_ms, last_ms = self.store.page_window(*boot[:2], start_ms, end_ms + HINDSIGHT_MS)
            windows.append(PageWindow(boot, first_ms, last_ms))
        return windows

    def _read(self, local: LocalDay, windows: list[PageWindow]) -> Day:
        pages: list[bytes] = []
        for boot, first_ms, last_ms in windows:
            pages += self.store.pages_between(*boot[:2], first_ms, last_ms)
        index = self._with_imports(local.start_ms, local.end_ms)
        for boot_id in index.boots():
            pages += pages_of(index.records(boot_id))
        return read_day(local, decode(pages), index, self.store)

    def _with_imports(self, start_utc_ms: int, end_utc_ms: int) -> IndexWithImports:
        return IndexWithImports(self._index, self.store, start_utc_ms, end_utc_ms + HINDSIGHT_MS)

    def last_record_utc_ms(self) -> int | None:
        """Return where the last record of all ends; None if none can be dated."""
        with self.store.snapshot():
            self._index.refresh()
            return self._last_record_utc_ms()

    def _last_record_utc_ms(self) -> int | None:
        return self._with_imports(AFTER_LAST_UTC_MS, AFTER_LAST_UTC_MS).last_record_utc_ms()

    def summaries(self, first: date, last: date) -> dict[date, Summary]:
        """Return the summary of each day from one date to another, both included, also of those without records.

        It is that of day(date). Once computed it is kept in the database until something that it depends on changes;
        where the database can't be written it is computed each time.
        """
        tz = self.tz
        kept = KeptSummaries(self.store, tz, first, last)
        summaries: dict[date, Summary] = {}
        for wanted in _dates(first, last):
            local = LocalDay(wanted, tz)
            with self.store.snapshot():
                self._index.refresh()
                windows = self._windows(local.start_ms, local.end_ms)
                current = fingerprint(local, windows, self._index, self.store, self._last_record_utc_ms())
                summary = kept.get(local, current)
                day = self._read(local, windows) if summary is None else None
            if day is not None:
                summary = day.summary
                kept.put(local, current, summary)
            assert summary is not None
            summaries[wanted] = summary
        kept.write()
        return summaries

    def epochs(self, first: date, last: date) -> Epochs:
        """Return all epochs from one date to another, both included, in order of (journal, boot, uptime).

        A year of 12 h a day is about 3 million epochs, and takes 200 MB and 40 MB more while it is read.
        """
        tz = self.tz
        start_ms, end_ms = LocalDay(first, tz).start_ms, LocalDay(last, tz).end_ms
        with self.store.snapshot():
            self._index.refresh()
            windows = self._windows(start_ms, end_ms)
            index = self._with_imports(start_ms, end_ms)
            most = sum(self.store.count_pages(*boot[:2], *window) for boot, *window in windows) * RECORDS_PER_PAGE
            most += sum(len(index.records(boot_id)) for boot_id in index.boots())
            by_boot = {window.boot[:2]: window for window in windows}
            boot_ids = [*by_boot, *(boot_id for boot_id in index.boots() if boot_id not in by_boot)]
            if index.boots():
                boot_ids.sort()
            parts = (
                part
                for boot_id in boot_ids
                for part in self._epochs_of(boot_id, by_boot.get(boot_id), index, start_ms, end_ms)
            )
            return joined(parts, most)

    def epochs_by_day(self, first: date, last: date) -> Iterator[DayEpochs]:
        """Yield each day from one date to another, both included, with the epochs that day(date) has."""
        for begin in range(first.toordinal(), last.toordinal() + 1, _DAYS_AT_ONCE):
            end = min(begin + _DAYS_AT_ONCE - 1, last.toordinal())
            # A generator of its own lets go of some days' epochs before those of the next days are read.
            yield from self._epochs_of_days([date.fromordinal(ordinal) for ordinal in range(begin, end + 1)])

    def _epochs_of_days(self, dates: list[date]) -> Iterator[DayEpochs]:
        epochs = self.epochs(dates[0], dates[-1])
        days = [LocalDay(each, self.tz) for each in dates]
        day_of_epoch = np.searchsorted([day.start_ms for day in days], epochs.utc_ms, side="right") - 1
        for number, day in enumerate(days):
            rows = np.flatnonzero(day_of_epoch == number)
            part = Epochs(**{name: column[rows] for name, column in vars(epochs).items()})
            calibrations = with_standing_zeros_alone(self.store, part)
            if self._index.revisions.imports:
                calibrations = list(with_imported_calibrations(calibrations, self.store))
            yield DayEpochs(day.date, str(self.tz), day.start, day.end, part, calibrations)

    def _epochs_of(
        self, boot_id: BootId, window: PageWindow | None, index: IndexWithImports, start_ms: int, end_ms: int
    ) -> Iterator[Epochs]:
        records = index.records(boot_id)
        if window is not None and not records:
            yield from self._boot_epochs(window, start_ms, end_ms)
            return
        pages = pages_of(records)
        if window is not None:
            pages += self.store.pages_between(*boot_id, window.first_base_ms, window.last_base_ms)
        stored = decode(pages, NOTICED_LATE)
        rows: NDArray[np.int64] = np.arange(len(stored.state))
        state = states_in_hindsight(stored.uptime_ms, stored.state, hindsight_intervals(stored.events))
        times = index.timebase(boot_id).timestamps(stored.uptime_ms)
        yield epochs_with_time(stored, rows, state, times, start_ms, end_ms)

    def _boot_epochs(self, window: PageWindow, start_ms: int, end_ms: int) -> Iterator[Epochs]:
        boot, *uptimes = window
        timebase = self._index.timebase(boot[:2])
        noticed = self.store.pages_holding(NOTICED_LATE, *boot[:2], *uptimes)
        hindsight = hindsight_intervals(decode(noticed, NOTICED_LATE).events)
        for pages in self.store.page_batches(*boot[:2], *uptimes, size=_PAGES_AT_ONCE):
            stored = decode(pages, ())
            rows: NDArray[np.int64] = np.arange(len(stored.state))
            state = states_in_hindsight(stored.uptime_ms, stored.state, hindsight)
            yield epochs_with_time(stored, rows, state, timebase.timestamps(stored.uptime_ms), start_ms, end_ms)

    def record_times(self, start_utc_ms: int, end_utc_ms: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield (journal, an array of (sequence, UTC in ms)) of records, among them all that lie in [start, end).

        Each journal comes in several parts. Take them inside one snapshot of the store.
        """
        self._index.refresh()
        index = self._with_imports(start_utc_ms, end_utc_ms)
        for boot, *uptimes in self._windows(start_utc_ms, end_utc_ms):
            for pages in self.store.page_batches(*boot[:2], *uptimes, size=_PAGES_AT_ONCE):
                yield boot.journal, _record_times(decode(pages), self._index.timebase(boot[:2]))
        for boot_id in index.boots():
            yield boot_id[0], _record_times(decode(pages_of(index.records(boot_id))), index.timebase(boot_id))

    def current_date(self, now_utc_ms: int) -> date:
        """Return today's local date; for simulated sensors, which may keep a time of their own, the last record's."""
        last_ms = None
        if self.store.simulated:
            with self.store.snapshot():
                self._index.refresh()
                last_ms = self._last_record_utc_ms()
        return to_local(last_ms if last_ms is not None and is_in_calendar(last_ms) else now_utc_ms, self.tz).date()

    def today(self, now_utc_ms: int) -> Day:
        """Return the day that current_date() names."""
        return self.day(self.current_date(now_utc_ms))

    def nearest_days(self, wanted: date) -> list[date]:
        """Return the last local day before a date and the first one after it in which pages begin, where there are."""
        local = LocalDay(wanted, self.tz)
        with self.store.snapshot():
            self._index.refresh()
            before_ms, after_ms = self._last_page_before(local.start_ms), self._first_page_from(local.end_ms)
            if self._index.revisions.imports:
                imported = self.store.imports.nearest(local.start_ms, local.end_ms)
                before_ms = max(_some(before_ms) + _some(imported[0]), default=None)
                after_ms = min(_some(after_ms) + _some(imported[1]), default=None)
        return [to_local(utc_ms, local.tz).date() for utc_ms in (before_ms, after_ms) if utc_ms is not None]

    def _last_page_before(self, utc_ms: int) -> int | None:
        nearest_ms: int | None = None
        for boot, earliest_ms, latest_ms in sorted(self._index.dated_boots(), key=lambda bounded: -bounded[2]):
            if nearest_ms is not None and latest_ms <= nearest_ms:
                break
            if earliest_ms < utc_ms:
                pages_ms = self._page_times(boot)
                nearest_ms = max(pages_ms[pages_ms < utc_ms].tolist() + _some(nearest_ms), default=None)
        return nearest_ms

    def _first_page_from(self, utc_ms: int) -> int | None:
        nearest_ms: int | None = None
        for boot, earliest_ms, latest_ms in sorted(self._index.dated_boots(), key=lambda bounded: bounded[1]):
            if nearest_ms is not None and earliest_ms >= nearest_ms:
                break
            if latest_ms >= utc_ms:
                pages_ms = self._page_times(boot)
                nearest_ms = min(pages_ms[pages_ms >= utc_ms].tolist() + _some(nearest_ms), default=None)
        return nearest_ms

    def _page_times(self, boot: StoredBoot) -> NDArray[np.int64]:
        """Return the UTC at which the pages of a boot begin, of those that a calendar has days for."""
        bases_ms = np.array(self.store.page_uptimes(*boot[:2], 0, LAST_UPTIME_MS), np.int64)
        pages_ms = self._index.timebase(boot[:2]).timestamps(bases_ms).utc_ms
        return pages_ms[(pages_ms >= FIRST_UTC_MS) & (pages_ms < AFTER_LAST_UTC_MS)]


def _record_times(stored: Records, timebase: BootTimebase) -> NDArray[np.int64]:
    """Return (n, 2): the sequence and the UTC of each record of one boot."""
    sequences = np.concatenate((stored.sequence.astype(np.int64), [event.sequence for event in stored.events]))
    uptime_ms = np.concatenate((stored.uptime_ms, [event.uptime_ms for event in stored.events])).astype(np.int64)
    return np.column_stack((sequences.astype(np.int64), timebase.timestamps(uptime_ms).utc_ms))


def _some(value: int | None) -> list[int]:
    return [] if value is None else [value]


def _dates(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)
