"""Kept summaries: the numbers of a day in the database, beside a fingerprint of all that they depend on.

A fingerprint stands for the day's pages, the timebases of their boots, the calibrations and profiles before them, the
wearer's marks and exercise sessions, what was imported or deleted, the day's begin and end in its zone, and the version
of the algorithms. It is computed without reading a page. A kept summary whose fingerprint differs is computed again.
"""

from collections.abc import Iterable
from datetime import date, tzinfo
from hashlib import blake2b
from typing import NamedTuple

from unslouch.store import KeptSummary, Store, StoredBoot

from .boot_index import BootIndex
from .day import LocalDay, words_of_day
from .metrics.registry import SUMMARY_KEY
from .metrics.summary import Summary

_IMPORTS_MS = 86_400_000
"""Imported records that are further away from a day don't matter to it."""
_KEEP_AT_ONCE = 32
"""So many computed summaries are kept in one transaction, which takes milliseconds."""


class PageWindow(NamedTuple):
    """Pages of one boot: those that begin from one uptime to another, both included."""

    boot: StoredBoot
    first_base_ms: int
    last_base_ms: int


def fingerprint(
    local: LocalDay, windows: Iterable[PageWindow], index: BootIndex, store: Store, last_record_utc_ms: int | None
) -> str:
    """Return the fingerprint of a day, given the windows of pages that it is read from, and where all records end.

    Pages are only ever added, so their number stands for them. The zone's rules count by where they let the day begin
    and end; so a new release of the time zone database matters to the days that it changes, and to no others.
    """
    parts: list[object] = [
        SUMMARY_KEY,
        local.start.isoformat(),
        local.end.isoformat(),
        local.until_ms(last_record_utc_ms),
    ]
    for boot, first_ms, last_ms in windows:
        pages = store.count_pages(boot.journal, boot.boot, first_ms, last_ms)
        pieces = index.timebase(boot[:2]).pieces_between(first_ms, min(last_ms, boot.last_uptime_ms))
        parts.append((*boot[:2], first_ms, last_ms, pages, index.setups_until(boot[:2]), pieces))
    parts.append(store.deleted_times(local.start_ms, local.end_ms) if index.revisions.deletions else [])
    if index.revisions.imports and store.imports.has_any(local.start_ms - _IMPORTS_MS, local.end_ms + _IMPORTS_MS):
        parts.append(index.revisions.imports)
    if sleeps := index.deep_sleeps(local.start_ms, local.end_ms):
        parts.append(sleeps)
    words = words_of_day(local, store)
    parts.append((words.alert_marks, words.sessions))
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


class KeptSummaries:
    """The summaries that a store keeps of a range of days in a zone."""

    def __init__(self, store: Store, tz: tzinfo, first: date, last: date) -> None:
        self._store = store
        self._zone = str(tz)
        rows = store.kept_summaries(self._zone, first.isoformat(), last.isoformat())
        self._rows = {row.day: row for row in rows}
        self._computed: list[KeptSummary] = []

    def get(self, local: LocalDay, fingerprint: str) -> Summary | None:
        """Return the summary of a day if it was computed of what the fingerprint stands for."""
        row = self._rows.get(local.date.isoformat())
        return Summary.from_json(row.values) if row and row.fingerprint == fingerprint else None

    def put(self, local: LocalDay, fingerprint: str, summary: Summary) -> None:
        """Keep a summary. Call it outside of a snapshot, since it writes now and then."""
        self._computed.append(KeptSummary(local.date.isoformat(), fingerprint, summary.to_json()))
        if len(self._computed) >= _KEEP_AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write what was put; where the database is busy or can't be written, nothing is kept."""
        if self._computed:
            self._store.keep_summaries(self._zone, self._computed)
            self._computed = []
