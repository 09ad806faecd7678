"""The journal under any order of appends, flushes, failures and power cuts."""

import errno
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from unslouch_device import journal as journal_module
from unslouch_device.contract import records as r
from unslouch_device.contract.pages import MAX_PAGE_BYTES, PAGE_HEADER_BYTES, Page, page_bytes, unpack_page
from unslouch_device.journal import Journal

SEGMENT_BYTES = 700  # three full pages: many segments in few steps
CAPACITY = 5 * SEGMENT_BYTES


class JournalUnderFire(RuleBasedStateMachine):
    """Compares a journal with the plain list of the records that were flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(journal_module, "SEGMENT_BYTES", SEGMENT_BYTES)
        self.folder = Path(tempfile.mkdtemp())
        self.ids = 0
        self.flushed: list[tuple[bytes, int]] = []  # record and full uptime, by sequence
        self.pending: list[tuple[bytes, int]] = []
        self.flushed_boot = 0  # the last boot of which anything was flushed
        self.oldest = 0
        self.uptime_ms = 0
        self.id = 0

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    @initialize()
    def first_boot(self) -> None:
        self._open()

    def _open(self) -> None:
        self.ids += 1
        self.journal = Journal(str(self.folder / "journal"), CAPACITY, self.ids)
        self.pending = []
        self.uptime_ms = 0
        if not self.flushed:  # nobody has seen anything of what there was
            self.id, self.flushed_boot = self.ids, 0
        self.boot = self.flushed_boot + 1
        self._append(r.pack_event(r.BOOT, 0, 1, 0, 1, 0), 0)
        self.journal.append_event(r.BOOT, 0, 1, 0, 1, 0)

    def _append(self, record: bytes, uptime_ms: int) -> None:
        self.pending.append((record, uptime_ms))

    @rule(count=st.integers(1, 40), gap_ms=st.sampled_from((0, 0, 0, 1, 60_000)))
    def append_epochs(self, count: int, gap_ms: int) -> None:
        self.uptime_ms += gap_ms
        for _ in range(count):
            record = bytes([9, 0]) + len(self.flushed + self.pending).to_bytes(4, "little") + bytes(6)
            self.journal.append_epoch(record, self.uptime_ms)
            self._append(record, self.uptime_ms)
            self.uptime_ms += r.EPOCH_MS

    @rule(count=st.integers(1, 5), late_ms=st.integers(0, 10_000))
    def append_events(self, count: int, late_ms: int) -> None:
        for i in range(count):
            uptime_ms = max(0, self.uptime_ms - late_ms)
            record = self.journal.append_event(r.BATTERY, uptime_ms, 3000 + i, 50)
            self._append(record, uptime_ms)

    @rule(revision=st.integers(0, 3), calibration=st.integers(0, 3))
    def change_context(self, revision: int, calibration: int) -> None:
        self.journal.context(revision, calibration)

    @rule()
    def flush(self) -> None:
        self.journal.flush()
        self._note_flushed(len(self.flushed) + len(self.pending))

    @rule(days=st.integers(1, 100))
    def pass_days(self, days: int) -> None:
        """Nothing happens for long; by then the app has flushed."""
        self.flush()
        self.uptime_ms += days * 86_400_000

    @rule()
    def lose_power(self) -> None:
        self._open()

    @rule(data=st.data())
    @precondition(lambda self: self.pending)
    def lose_power_while_flushing(self, data: st.DataObject) -> None:
        """Write only part of what a flush writes."""
        before = self._sizes()
        self.journal.flush()
        flushed_to = self._cut(before, data)
        self._note_flushed(flushed_to)
        self._open()

    @rule()
    @precondition(lambda self: self.pending)
    def fail_to_flush(self) -> None:
        """Flash neither writes nor removes for a moment, and says so: what it holds stays."""

        def fail(*_: object) -> None:
            raise OSError(errno.EIO, "flash failed")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(journal_module, "open", fail, raising=False)
            patch.setattr(journal_module, "remove", fail)
            with pytest.raises(OSError, match="flash failed"):
                self.journal.flush()

    def _sizes(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in (self.folder / "journal").iterdir()}

    def _cut(self, before: dict[str, int], data: st.DataObject) -> int:
        """Take back the last bytes of what was written since `before`; returns the end of what is whole."""
        for name in sorted(self._sizes(), reverse=True):
            path = self.folder / "journal" / name
            content = path.read_bytes()
            keep = data.draw(st.integers(before.get(name, 0), len(content)))
            if keep == 0 and data.draw(st.booleans()):
                path.unlink()
            else:
                path.write_bytes(content[:keep])
            whole = _whole_pages(content[:keep], before.get(name, 0))
            if keep > before.get(name, 0) or name in before:
                return whole if whole is not None else max(int(name[:8], 16), len(self.flushed))
        return len(self.flushed)

    def _note_flushed(self, end: int) -> None:
        count = end - len(self.flushed)
        self.flushed += self.pending[:count]
        del self.pending[:count]
        if count:
            self.flushed_boot = self.boot

    @invariant()
    def numbers_go_on_where_the_flushed_ones_end(self) -> None:
        if not hasattr(self, "journal"):
            return
        assert self.journal.id == self.id
        assert self.journal.boot == self.boot
        assert self.journal.flushed_sequence == len(self.flushed)
        assert self.journal.unflushed == len(self.pending)

    @invariant()
    def every_flushed_record_that_the_ring_holds_is_read_back_once(self) -> None:
        if not hasattr(self, "journal"):
            return
        sequence = self.journal.oldest_sequence
        assert sequence >= self.oldest
        self.oldest = sequence
        found = []
        while (data := self.journal.read_page(sequence)) is not None:
            page = unpack_page(data)
            assert page.first_sequence == sequence
            found += _records(page)
            sequence = self.journal.read_sequence
        assert found == self.flushed[self.oldest :]

    @invariant()
    def the_ring_stays_within_its_capacity(self) -> None:
        if hasattr(self, "journal"):
            assert sum(self._sizes().values()) <= CAPACITY + MAX_PAGE_BYTES  # a torn tail is not counted


def _records(page: Page) -> list[tuple[bytes, int]]:
    """The records of a page with their full uptimes."""
    found = []
    epochs = 0
    for at in range(0, len(page.records), r.RECORD_BYTES):
        record = page.records[at : at + r.RECORD_BYTES]
        if r.is_event(record):
            uptime_ms = r.full_uptime_ms(r.unpack_event(record)[1], page.base_uptime_ms)
        else:
            uptime_ms = page.base_uptime_ms + epochs * r.EPOCH_MS
            epochs += 1
        found.append((record, uptime_ms))
    return found


def _whole_pages(content: bytes, offset: int) -> int | None:
    """The end, as a sequence, of the last whole page at or behind an offset."""
    end = None
    while offset + PAGE_HEADER_BYTES <= len(content):
        length = page_bytes(content[offset : offset + PAGE_HEADER_BYTES])
        if offset + length > len(content):
            break
        end = unpack_page(content[offset : offset + length]).next_sequence
        offset += length
    return end


TestJournalUnderFire = JournalUnderFire.TestCase
TestJournalUnderFire.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
