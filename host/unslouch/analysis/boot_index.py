"""Boot index: when each boot in a database began and ended, kept in memory and brought up to date as pages arrive.

For every boot it holds between which UTC its records can lie; the exact timebase is made when a boot is asked for.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.store import Queries, StoredBoot
from unslouch.store.queries import NO_REVISIONS
from unslouch_device.contract.records import ASLEEP_OFF_BODY, DEEP_SLEEP_ENDED

from .decode import decode, unpack_stored_event
from .timebase import MOST_DRIFT, STEP_MS, BootTimebase, ClockMark, timebase_from_marks
from .unmarked_boots import UNKNOWN_GAP, Gap, timebases_across_sleep, unmarked_timebases

BootId = tuple[int, int]
"""(journal, boot)."""

_SLACK_MS = 60_000
"""More than jitter between marks moves a record."""
_NEVER_MS = 1 << 62


class DeepSleep(NamedTuple):
    """The time between two boots that was a deep sleep."""

    start_utc_ms: int
    end_utc_ms: int
    is_off_body: bool
    contradiction_ms: int
    """By how much its clock and the clock marks around it differ beyond what drift explains; 0 if they agree."""


class BootIndex:
    """The boots of one database. Call refresh(), then everything else, inside one snapshot of the store."""

    def __init__(self, store: Queries) -> None:
        self._store = store
        self.revisions = NO_REVISIONS
        """How often what is stored beside the pages had changed when refresh() was called."""
        self._clear()

    def _clear(self) -> None:
        self._boots: dict[BootId, StoredBoot] = {}
        self._by_marks: dict[BootId, BootTimebase] = {}
        """The timebases by a boot's own marks alone."""
        self._timebases: dict[BootId, BootTimebase] = {}
        self._sleeps: dict[BootId, tuple[int, bool]] = {}
        """By boot, how many seconds of deep sleep came before it, and whether off the body."""
        self._order: list[StoredBoot] = []
        self._position: dict[BootId, int] = {}
        self._runs: dict[int, tuple[int, int]] = {}
        self._earliest_ms: NDArray[np.int64] = np.zeros(0, np.int64)
        self._latest_ms: NDArray[np.int64] = np.zeros(0, np.int64)
        self._setups: NDArray[np.int64] = np.zeros(0, np.int64)
        self._end: tuple[int, int | None] = (0, None)
        self.change = 0
        """The revision of the pages that the index knows of."""

    def refresh(self) -> None:
        """Take in what was stored since the last call; costs one query if that is nothing."""
        revisions = self._store.revisions()
        if revisions.deletions != self.revisions.deletions:
            self._clear()  # boots may be gone
        self.revisions = revisions
        change = revisions.pages
        if change == self.change:
            return
        changed = {boot[:2]: boot for boot in self._store.boots(since_change=self.change)}
        for boot_id in self._by_marks.keys() & changed.keys():
            if self._boots[boot_id].clocks != changed[boot_id].clocks:
                del self._by_marks[boot_id]
        for event in decode(self._store.pages_after_deep_sleep(self.change), (DEEP_SLEEP_ENDED,)).events:
            self._sleeps[event.journal, event.boot] = (
                event.fields["slept_s"],
                event.fields["why"] == ASLEEP_OFF_BODY,
            )
        self._boots |= changed
        self._timebases.clear()
        self.change = change
        self._order = sorted(self._boots.values(), key=lambda boot: (boot.journal, boot.first_sequence))
        self._position = {boot[:2]: at for at, boot in enumerate(self._order)}
        self._setups = np.cumsum([boot.setups for boot in self._order], dtype=np.int64)
        self._bound()

    def _bound(self) -> None:
        """Bound the UTC of each boot: by its own marks, or by those of its neighbours in the journal."""
        earliest_ms = np.full(len(self._order), _NEVER_MS)
        latest_ms = np.full(len(self._order), -_NEVER_MS)
        marked = [at for at, boot in enumerate(self._order) if boot.clocks]
        boots = [self._order[at] for at in marked]
        last_uptime_ms = np.array([boot.last_uptime_ms for boot in boots], np.int64)
        reach_ms = (last_uptime_ms * (1 + MOST_DRIFT)).astype(np.int64) + _SLACK_MS
        earliest_ms[marked] = _from_hexadecimal([boot.earliest_clock or "" for boot in boots]) - reach_ms
        latest_ms[marked] = _from_hexadecimal([boot.latest_clock or "" for boot in boots]) + reach_ms
        runs = self._unmarked_runs()
        self._runs = {at: run for run in runs for at in range(run[0], run[1] + 1)}
        for first, last in runs:
            total_ms = sum(boot.last_uptime_ms for boot in self._order[first : last + 1])
            total_ms += sum(gap.most_ms for at in range(first, last + 2) if (gap := self._gap_before(at)).is_known)
            before, after = self._next_marked(first, -1), self._next_marked(last, 1)
            starts, ends = [], []
            if before is not None:
                starts.append(earliest_ms[before])
                ends.append(latest_ms[before] + total_ms)
            if after is not None:
                starts.append(earliest_ms[after] - total_ms)
                ends.append(latest_ms[after])
            if starts:
                earliest_ms[first : last + 1], latest_ms[first : last + 1] = min(starts), max(ends)
        self._earliest_ms, self._latest_ms = earliest_ms, latest_ms

    def _unmarked_runs(self) -> list[tuple[int, int]]:
        """Return (first, last) position of each run of boots of one journal that have no clock mark."""
        runs: list[tuple[int, int]] = []
        for at, boot in enumerate(self._order):
            if boot.clocks:
                continue
            if runs and runs[-1][1] == at - 1 and self._order[at - 1].journal == boot.journal:
                runs[-1] = runs[-1][0], at
            else:
                runs.append((at, at))
        return runs

    def _gap_before(self, position: int) -> Gap:
        """Return how long it can have been from the last record of the boot before to the start of one.

        A deep sleep says so, if no record is missing in between.
        """
        if not 0 < position < len(self._order):
            return UNKNOWN_GAP
        before, boot = self._order[position - 1], self._order[position]
        slept = self._sleeps.get(boot[:2])
        follows = (before.journal, before.boot + 1) == boot[:2]
        if slept is None or not follows or before.first_sequence + before.records != boot.first_sequence:
            return UNKNOWN_GAP
        return Gap.of_deep_sleep(slept[0])

    def deep_sleeps(self, start_utc_ms: int, end_utc_ms: int) -> list[DeepSleep]:
        """Return the deep sleeps of which a part lies in [start, end), in order of journal and sequence."""
        sleeps = []
        for boot_id in self._sleeps:
            position = self._position[boot_id]
            gap = self._gap_before(position)
            if not gap.is_known or self._earliest_ms[position - 1] >= end_utc_ms:
                continue
            if self._latest_ms[position] <= start_utc_ms or -_NEVER_MS in self._latest_ms[position - 1 : position + 1]:
                continue
            before = self._order[position - 1]
            end_ms, end_error_ms = self.timebase(before[:2]).timestamp(before.last_uptime_ms)
            start_ms, start_error_ms = self.timebase(boot_id).timestamp(0)
            if end_ms < end_utc_ms and start_ms > start_utc_ms and start_ms > end_ms:
                slack_ms = STEP_MS + max(0, end_error_ms) + max(0, start_error_ms)
                lasted_ms = start_ms - end_ms
                beyond_ms = max(gap.least_ms - slack_ms - lasted_ms, lasted_ms - gap.most_ms - slack_ms, 0)
                sleeps.append(DeepSleep(end_ms, start_ms, self._sleeps[boot_id][1], beyond_ms))
        return sleeps

    def overlapping(self, start_utc_ms: int, end_utc_ms: int) -> list[tuple[StoredBoot, tuple[int, int]]]:
        """Return each boot with records that may lie in [start, end) of UTC, by journal and sequence.

        With each comes the [start, end) of its uptime that holds all of them.
        """
        near = np.flatnonzero((self._earliest_ms < end_utc_ms) & (self._latest_ms > start_utc_ms))
        boots = []
        for boot in (self._order[at] for at in near):
            uptimes = self.timebase(boot[:2]).uptime_range(start_utc_ms, end_utc_ms)
            if uptimes and uptimes[0] <= boot.last_uptime_ms and uptimes[1] >= 0:
                boots.append((boot, uptimes))
        return boots

    def timebase(self, boot_id: BootId) -> BootTimebase:
        """Return the timebase of a boot; raises KeyError for one that can't be dated."""
        if boot_id not in self._timebases:
            position = self._position[boot_id]
            if self._order[position].clocks:
                own = self._timebase_by_marks(position)
                self._timebases[boot_id] = own.disputed_by(self._contradiction_ms(position))
            else:
                self._place_run(position)
        return self._timebases[boot_id]

    def _timebase_by_marks(self, position: int) -> BootTimebase:
        boot_id = self._order[position][:2]
        if boot_id not in self._by_marks:
            events = [unpack_stored_event(stored) for stored in self._store.clocks(*boot_id)]
            marks = [ClockMark(event.uptime_ms, event.fields["utc_ms"]) for event in events]
            self._by_marks[boot_id] = timebase_from_marks([mark for mark in marks if mark.is_usable])
        return self._by_marks[boot_id]

    def _contradiction_ms(self, position: int) -> int:
        """Return by how much the marks of a boot contradict those of the one before it and the one after it."""
        before, after = self._next_marked(position, -1), self._next_marked(position, 1)
        contradictions_ms = [0]
        if before is not None and (overlap_ms := self._overlap_ms(before, position)):
            others_agree = not self._overlap_ms(before, after)
            if others_agree or self._overlap_ms(self._next_marked(before, -1), position):
                contradictions_ms.append(overlap_ms)
        if after is not None and (overlap_ms := self._overlap_ms(position, after)):
            others_agree = not self._overlap_ms(before, after)
            if others_agree or self._overlap_ms(position, self._next_marked(after, 1)):
                contradictions_ms.append(overlap_ms)
        return max(contradictions_ms)

    def _overlap_ms(self, earlier: int | None, later: int | None) -> int:
        """Return for how long one boot still runs by its marks when a later one begins by its own."""
        if earlier is None or later is None:
            return 0
        end_ms, end_error_ms = self._timebase_by_marks(earlier).timestamp(self._order[earlier].last_uptime_ms)
        start_ms, start_error_ms = self._timebase_by_marks(later).timestamp(0)
        return end_ms - start_ms if end_ms - start_ms > STEP_MS + end_error_ms + start_error_ms else 0

    def _next_marked(self, position: int | None, step: int) -> int | None:
        """Return the position of the next boot of the same journal that has a mark, in either direction."""
        if position is None:
            return None
        journal = self._order[position].journal
        position += step
        if position in self._runs:
            position = self._runs[position][0 if step < 0 else 1] + step
        if 0 <= position < len(self._order) and self._order[position].journal == journal:
            return position
        return None

    def _place_run(self, position: int) -> None:
        first, last = self._runs[position]
        neighbours = self._next_marked(first, -1), self._next_marked(last, 1)
        before, after = (None if at is None else self._order[at] for at in neighbours)
        if before is None and after is None:
            return
        run = self._order[first : last + 1]
        lengths_ms = [boot.last_uptime_ms for boot in run]
        end_before = self.timebase(before[:2]).timestamp(before.last_uptime_ms) if before else None
        start_after = self.timebase(after[:2]).timestamp(0) if after else None
        gaps = [self._gap_before(at) for at in range(first, last + 2)]
        if any(gap.is_known for gap in gaps):
            timebases = timebases_across_sleep(lengths_ms, gaps, end_before, start_after)
        else:
            timebases = unmarked_timebases(lengths_ms, end_before, start_after)
        self._timebases |= {boot[:2]: timebase for boot, timebase in zip(run, timebases, strict=True)}

    def last_record_utc_ms(self) -> int | None:
        """Return where the last record of all ends; None if none can be dated."""
        if self._end[0] != self.change:
            self._end = self.change, self._find_end()
        return self._end[1]

    def _find_end(self) -> int | None:
        end_ms = None
        for at in np.argsort(self._latest_ms)[::-1]:
            latest_ms = int(self._latest_ms[at])
            if latest_ms == -_NEVER_MS or (end_ms is not None and end_ms >= latest_ms):
                break
            boot = self._order[at]
            boot_end_ms = self.timebase(boot[:2]).timestamp(boot.last_uptime_ms)[0]
            end_ms = boot_end_ms if end_ms is None else max(end_ms, boot_end_ms)
        return end_ms

    def undated(self) -> dict[int, int]:
        """Return how many records each journal has that can't be dated."""
        dated = {boot.journal for boot in self._order if boot.clocks}
        counts: dict[int, int] = {}
        for boot in self._order:
            if boot.journal not in dated:
                counts[boot.journal] = counts.get(boot.journal, 0) + boot.records
        return counts

    def setups_until(self, boot_id: BootId) -> int:
        """Return a number that changes with every event of derived.SETUP_CODES in a boot or an earlier one."""
        return int(self._setups[self._position[boot_id]])

    def dated_boots(self) -> list[tuple[StoredBoot, int, int]]:
        """Return each boot that can be dated with bounds of the UTC of its records, the latest first."""
        return [
            (self._order[at], int(self._earliest_ms[at]), int(self._latest_ms[at]))
            for at in np.argsort(self._latest_ms)[::-1]
            if self._latest_ms[at] != -_NEVER_MS
        ]


def _from_hexadecimal(digits: list[str]) -> NDArray[np.int64]:
    """Return the numbers that are written with 12 hexadecimal digits each."""
    padded = bytes.fromhex("".join("0000" + number for number in digits))
    return np.frombuffer(padded, ">i8").astype(np.int64)
