"""Imported: records of exported logs as pages and timebases, so that a day is read from them like from the journal.

A page supersedes the imported records of its sequences. What is left keeps the times that its log gave it, since the
clock marks that they came from need not be in the log.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unslouch.store import ImportedRecord, Queries, StoredEvent
from unslouch.store.imports import STANDING_ZERO_ALONE
from unslouch_device.contract.pages import RECORDS_PER_PAGE, Page, pack_page
from unslouch_device.contract.records import EPOCH_MS, EVENT_MARK, HOST_CLOCK

from .boot_index import BootId, BootIndex, DeepSleep
from .decode import unpack_stored_event
from .model import Calibration, DelayStep
from .timebase import (
    BEFORE_ALL_MS,
    MOST_DRIFT,
    STEP_MS,
    UNCERTAIN,
    BootTimebase,
    ClockMark,
    Piece,
    Timestamps,
    timebase_from_marks,
)

_ISLAND_GAP_MS = 60_000
"""Imported records that are further apart than this say nothing about the time between them."""
_AFTER_ALL_MS = 1 << 62
_LAST_SEQUENCE = (1 << 32) - 1


def pages_of(records: Iterable[ImportedRecord]) -> list[bytes]:
    """Return pages of imported records, which come in order of journal and sequence."""
    pages: list[Page] = []
    epochs = 0
    before: ImportedRecord | None = None
    for record in records:
        is_epoch = record.record[0] < EVENT_MARK
        if before is None or not _follows(pages[-1], epochs, before, record):
            names = record.journal, record.boot, record.sequence, record.uptime_ms
            pages.append(Page(*names, record.settings_revision, record.calibration_id, record.record))
            epochs = int(is_epoch)
        else:
            pages[-1].records += record.record
            epochs += is_epoch
        before = record
    return [pack_page(page) for page in pages]


def _follows(page: Page, epochs: int, before: ImportedRecord, record: ImportedRecord) -> bool:
    """Return whether a record can be the next one of a page that has so many epochs."""
    setup = record.journal, record.boot, record.settings_revision, record.calibration_id
    if setup != (page.journal, page.boot, page.settings_revision, page.calibration_id):
        return False
    if record.sequence != before.sequence + 1 or record.sequence - page.first_sequence >= RECORDS_PER_PAGE:
        return False
    due_ms = page.base_uptime_ms + epochs * EPOCH_MS
    return record.uptime_ms == due_ms if record.record[0] < EVENT_MARK else record.uptime_ms >= page.base_uptime_ms


class RecordedTimebase(BootTimebase):
    """The timebase of a boot of which records were imported.

    Where clock marks that are known give each imported record just its own time, they date everything. Else the records
    keep their times, what lies between them is interpolated, and the rest is dated as the boot's pages are.
    """

    def __init__(
        self, records: list[ImportedRecord], by_marks: BootTimebase | None, by_pages: BootTimebase | None
    ) -> None:
        """Take the records of one boot, at least one, in any order.

        by_marks: the timebase by all clock marks, imported ones too; by_pages: that of the boot's pages; None without.
        """
        rows = {record.uptime_ms: record for record in records}
        ordered = [rows[uptime_ms] for uptime_ms in sorted(rows)]
        self._base = by_pages
        self._uptime_ms, self._utc_ms, self._error_ms, self._quality = (
            np.array([getattr(row, name) for row in ordered], np.int64)
            for name in ("uptime_ms", "utc_ms", "utc_error_ms", "time_quality")
        )
        gap_ms = _ISLAND_GAP_MS if by_pages else _AFTER_ALL_MS
        breaks = (np.flatnonzero(np.diff(self._uptime_ms) > gap_ms) + 1).tolist()
        islands = list(pairwise([0, *breaks, len(ordered)]))
        self._bounds = np.array(
            [(self._uptime_ms[first], self._uptime_ms[after - 1] + EPOCH_MS) for first, after in islands], np.int64
        )
        if by_marks is not None and np.array_equal(by_marks.timestamps(self._uptime_ms).utc_ms, self._utc_ms):
            self._base = by_marks
            super().__init__(by_marks.pieces, [])
        else:
            super().__init__(self._all_pieces(islands), [])
            # Where imported records and pages meet, their times may differ a little: no time is lost there.
            self.jumps_ms = {at_ms: jump_ms for at_ms, jump_ms in self.jumps_ms.items() if abs(jump_ms) > STEP_MS}
        has_mark = any(record.record[0] == EVENT_MARK | HOST_CLOCK for record in records)
        self.is_disputed = has_mark and bool((self._quality == UNCERTAIN).any())

    def timestamps(self, uptime_ms: NDArray[np.int64]) -> Timestamps:
        """Return the UTC of uptimes, with its error bound and quality."""
        times = super().timestamps(uptime_ms)
        at = np.maximum(np.searchsorted(self._uptime_ms, uptime_ms, side="right") - 1, 0)
        error_ms, quality = self._error_ms[at], self._quality[at].astype(np.uint8)
        if self._base is not None:
            others = self._base.timestamps(uptime_ms)
            island = np.maximum(np.searchsorted(self._bounds[:, 0], uptime_ms, side="right") - 1, 0)
            inside = (uptime_ms >= self._bounds[island, 0]) & (uptime_ms < self._bounds[island, 1])
            error_ms = np.where(inside, error_ms, others.error_ms)
            quality = np.where(inside, quality, others.quality)
        return Timestamps(times.utc_ms, error_ms, quality)

    def _all_pieces(self, islands: list[tuple[int, int]]) -> list[Piece]:
        pieces: list[Piece] = []
        begin_ms = BEFORE_ALL_MS
        for island, (first, after) in enumerate(islands):
            start_ms, end_ms = self._bounds[island].tolist()
            pieces += self._base_pieces(begin_ms, start_ms)
            pieces += self._island_pieces(first, after)
            begin_ms = end_ms
        pieces += self._base_pieces(begin_ms, _AFTER_ALL_MS)
        return [pieces[0]._replace(start_uptime_ms=BEFORE_ALL_MS), *pieces[1:]]

    def _base_pieces(self, start_ms: int, end_ms: int) -> list[Piece]:
        if self._base is None or start_ms >= end_ms:
            return []
        pieces = self._base.pieces_between(start_ms, end_ms - 1)
        return [piece._replace(start_uptime_ms=max(piece.start_uptime_ms, start_ms)) for piece in pieces]

    def _island_pieces(self, first: int, after: int) -> list[Piece]:
        """Return pieces that give each record its own time, and go straight from one record to the next."""
        uptime_ms, utc_ms = self._uptime_ms[first:after], self._utc_ms[first:after]
        ahead_ms = utc_ms - uptime_ms
        changes = np.flatnonzero(np.diff(ahead_ms))
        anchors = np.unique(np.concatenate(([0], changes, changes + 1)))
        pieces = []
        for at in anchors.tolist():
            drift = 0.0
            if at + 1 < len(uptime_ms):
                lasted_ms = int(uptime_ms[at + 1] - uptime_ms[at])
                drift = int(ahead_ms[at + 1] - ahead_ms[at]) / lasted_ms
            anchor = int(uptime_ms[at]), int(utc_ms[at])
            row = first + at
            pieces.append(
                Piece(
                    anchor[0],
                    *anchor,
                    drift if abs(drift) <= MOST_DRIFT else 0.0,
                    int(self._error_ms[row]),
                    int(self._quality[row]),
                )
            )
        return pieces


class IndexWithImports:
    """A boot index as a range of time sees it whose records are partly imported."""

    def __init__(self, index: BootIndex, store: Queries, start_utc_ms: int, end_utc_ms: int) -> None:
        """Take the imported records of [start, end) and those around that show the states at both ends.

        The index must be up to date, and the store in the same snapshot. Where nothing was ever imported, this reads
        nothing.
        """
        self._index = index
        self._store = store
        self.has_imports = bool(index.revisions.imports)
        self._end_ms = store.imports.end_utc_ms() if self.has_imports else None
        records = store.imports.around(start_utc_ms, end_utc_ms) if self.has_imports else []
        self._records: dict[BootId, list[ImportedRecord]] = defaultdict(list)
        for record in records:
            self._records[record.journal, record.boot].append(record)
        self._timebases: dict[BootId, BootTimebase] = {}

    def boots(self) -> list[BootId]:
        """Return the boots of which records were imported, ascending."""
        return sorted(self._records)

    def records(self, boot_id: BootId) -> list[ImportedRecord]:
        """Return the imported records of a boot, in order of sequence."""
        return self._records.get(boot_id, [])

    def deep_sleeps(self, start_utc_ms: int, end_utc_ms: int) -> list[DeepSleep]:
        """Return the deep sleeps between stored boots of which a part lies in [start, end)."""
        return self._index.deep_sleeps(start_utc_ms, end_utc_ms)

    def timebase(self, boot_id: BootId) -> BootTimebase:
        """Return the timebase of a boot; raises KeyError for one that can't be dated."""
        if boot_id in self._timebases:
            return self._timebases[boot_id]
        records = self._records.get(boot_id, [])
        by_pages = self._by_pages(boot_id)
        if not records and by_pages is None and self.has_imports:
            # A boot of another time, which a calibration was made in.
            events = self._store.imports.setup_events(boot_id[0], _LAST_SEQUENCE)
            records = [event for event in events if event.boot == boot_id[1]]
        if records:
            by_pages = RecordedTimebase(records, self._by_marks(boot_id), by_pages)
        if by_pages is None:
            raise KeyError(boot_id)
        self._timebases[boot_id] = by_pages
        return by_pages

    def _by_marks(self, boot_id: BootId) -> BootTimebase | None:
        stored = self._store.clocks(*boot_id)
        stored += [
            StoredEvent(row.journal, row.boot, row.sequence, row.uptime_ms, row.record)
            for row in self._store.imports.clocks(*boot_id)
        ]
        marks = [ClockMark(event.uptime_ms, event.fields["utc_ms"]) for event in map(unpack_stored_event, stored)]
        usable = [mark for mark in marks if mark.is_usable]
        return timebase_from_marks(usable) if usable else None

    def _by_pages(self, boot_id: BootId) -> BootTimebase | None:
        try:
            return self._index.timebase(boot_id)
        except KeyError:
            return None

    def last_record_utc_ms(self) -> int | None:
        """Return where the last record of all ends; None if none can be dated."""
        ends = self._index.last_record_utc_ms(), self._end_ms
        return max((end for end in ends if end is not None), default=None)

    def undated(self) -> dict[int, int]:
        """Return how many records each journal has that can't be dated."""
        return self._index.undated()


def with_imported_calibrations(calibrations: Iterable[Calibration], store: Queries) -> Iterator[Calibration]:
    """Yield a day's calibrations, with what no event says of them as imported logs know it."""
    for calibration in calibrations:
        for kind in ("calibration", STANDING_ZERO_ALONE):
            known = {setup.subject: setup.values for setup in store.imports.setups(kind, calibration.journal)}
            values = json.loads(known.get(calibration.calibration_id, "{}"))
            missing = {name: value for name, value in values.items() if getattr(calibration, name) is None}
            calibration = replace(calibration, **missing)
        yield calibration


def with_imported_firmware(
    versions: dict[int, str], journals: Iterable[int], start_utc_ms: int, end_utc_ms: int, store: Queries
) -> dict[int, str]:
    """Return a day's firmware versions by journal; where no boot says it, as imported logs know it of [start, end)."""
    versions = dict(versions)
    for journal in set(journals) - set(versions):
        known = store.imports.setups("firmware", journal)
        inside = [setup.values for setup in known if start_utc_ms <= setup.subject < end_utc_ms]
        if inside:
            versions[journal] = json.loads(inside[-1])
    return versions


def with_imported_delays(
    steps: Iterable[DelayStep], journals: Iterable[int], start_utc_ms: int, store: Queries
) -> list[DelayStep]:
    """Return a day's delays; where no event says with which one the day begins, as imported logs know it."""
    steps = list(steps)
    begun = {step.journal for step in steps if step.utc_ms is None or step.utc_ms < start_utc_ms}
    imported: list[DelayStep] = []
    for journal in set(journals) - begun:
        earlier = [setup for setup in store.imports.setups("delay", journal) if setup.subject < start_utc_ms]
        imported += [DelayStep(**json.loads(setup.values)) for setup in earlier[-1:]]
    ordered = sorted(imported + steps, key=lambda step: step.journal)
    same = [(after.journal, after.delay_s) == (before.journal, before.delay_s) for before, after in pairwise(ordered)]
    return [step for step, is_repeated in zip(ordered, [False, *same], strict=False) if not is_repeated]
