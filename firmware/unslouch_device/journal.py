"""The posture journal in flash: an append-only log of pages, in segment files named by their first sequence.

Records gather in memory and become durable with flush(), as whole pages; only flushed pages can be read, so a number
that anybody has seen is never used again. After a power cut, open() finds the last whole page by scanning; a torn
tail is left as it is and the next page goes into a new segment. When the log is full its oldest segment is dropped. A
page that flash has lost is passed over, lest the numbers of those behind it be used again.
"""

import os

from .contract.records import (
    EPOCH_MS,
    MAX_PAGE_BYTES,
    PAGE_HEADER_BYTES,
    PAGE_MAGIC,
    PAGE_VERSION,
    RECORD_BYTES,
    RECORDS_PER_PAGE,
    Page,
    PageError,
    pack_event,
    pack_page,
    page_bytes,
    unpack_page,
)
from .files import make_folder

SEGMENT_BYTES = 32724  # eight blocks of LittleFS less the pointers that it keeps in them
UNFLUSHED_PAGES = 64  # that are held in memory while flash fails: an hour and a half
_SUFFIX = ".seg"
_ENOSPC = 28  # which MicroPython's errno leaves out
_PAGE_BEGIN = bytes((PAGE_MAGIC & 0xFF, PAGE_MAGIC >> 8, PAGE_VERSION))


class _Segment:
    def __init__(self, first: int) -> None:
        self.first = first
        self.size = 0  # bytes of whole pages


class Journal:
    """The log of one board. `boot` is the number of this boot; sequences are of records."""

    def __init__(self, folder: str, capacity_bytes: int, new_id: int) -> None:
        """Open the log in a folder or begin one under new_id."""
        self._folder = folder
        self._capacity = capacity_bytes
        self._segments = []
        self._torn = False
        self.id = new_id
        self.boot = 1
        self.next_sequence = 0  # of the next record
        self.flushed_sequence = 0  # of the next record to be flushed
        self.settings_revision = 0
        self.calibration_id = 0
        self._records = bytearray()
        self._base_ms = 0
        self._epochs = 0  # in the page being filled
        self._closed = []
        self.refused = 0  # records
        self._read_segment = None  # where the last read ended
        self._read_offset = 0
        self.read_sequence = 0  # where the last page read ended
        make_folder(folder)
        self._recover()

    @property
    def oldest_sequence(self) -> int:
        """The first sequence still held."""
        return self._segments[0].first if self._segments else self.flushed_sequence

    @property
    def unflushed(self) -> int:
        """How many records would be lost by a power cut now."""
        return self.next_sequence - self.flushed_sequence

    def context(self, settings_revision: int, calibration_id: int) -> None:
        """Name the settings and the calibration under which the records that follow are made."""
        if (settings_revision, calibration_id) != (self.settings_revision, self.calibration_id):
            self._close_page()
            self.settings_revision = settings_revision
            self.calibration_id = calibration_id

    def append_epoch(self, record: bytes, begin_ms: int) -> None:
        """Append the epoch that began at an uptime; refused, and counted, while too much waits for a failing flash."""
        if self._overfull():
            return
        if self._epochs and begin_ms != self._base_ms + self._epochs * EPOCH_MS:
            self._close_page()
        if not self._epochs:
            self._base_ms = begin_ms
        self._epochs += 1
        self._append(record)

    def append_event(self, code: int, uptime_ms: int, *fields: int) -> bytes:
        """Append an event, unless refused like an epoch, and return its record."""
        record = pack_event(code, uptime_ms, *fields)
        if self._overfull():
            return record
        if not self._records:
            self._base_ms = uptime_ms
        self._append(record)
        return record

    def flush(self) -> None:
        """Make every record so far durable; raises OSError, and keeps what it could not write for the next time."""
        self._write_closed()
        self._close_page()  # not before: while flash fails, the page goes on filling
        self._write_closed()

    def read_page(self, sequence: int) -> "bytes | None":
        """Return the flushed page that holds a sequence, or the next one after it, or None at the end of the log."""
        if sequence >= self.flushed_sequence:
            return None
        index = self._segment_index(sequence)
        while index < len(self._segments):
            data = self._find(self._segments[index], sequence)
            if data is not None:
                return data
            index += 1
        return None

    def highest_calibration_id(self) -> int:
        """Return the highest calibration id that a page in flash names. Reads the whole log, which takes seconds."""
        highest = 0
        for segment in self._segments:
            try:
                with open(self._path(segment), "rb") as file:
                    found = _read_page(file, 0)
                    while found is not None:
                        data, offset = found
                        highest = max(highest, unpack_page(data).calibration_id)
                        found = _read_page(file, offset)
            except OSError:
                continue  # what can't be read names nothing that a host could fetch
        return highest

    # Filling pages

    def _overfull(self) -> bool:
        full = len(self._closed) >= UNFLUSHED_PAGES
        self.refused += full
        return full

    def _append(self, record: bytes) -> None:
        self._records.extend(record)
        self.next_sequence += 1
        if len(self._records) == RECORDS_PER_PAGE * RECORD_BYTES:
            self._close_page()

    def _close_page(self) -> None:
        if self._records:
            first = self.next_sequence - len(self._records) // RECORD_BYTES
            self._closed.append(
                pack_page(
                    Page(
                        self.id,
                        self.boot,
                        first,
                        self._base_ms,
                        self.settings_revision,
                        self.calibration_id,
                        bytes(self._records),
                    )
                )
            )
        self._records = bytearray()
        self._epochs = 0

    def _write_closed(self) -> None:
        while self._closed:  # one by one: after a failure none is written twice
            self._write(self._closed[0])
            del self._closed[0]

    # Segments

    def _path(self, segment: _Segment) -> str:
        return "%s/%08x%s" % (self._folder, segment.first, _SUFFIX)

    def _write(self, page: bytes) -> None:
        if self._torn and self._segments and not self._segments[-1].size:
            del self._segments[-1]  # its first page was never whole; the new one takes its name
        if not self._segments or self._torn or self._segments[-1].size + len(page) > SEGMENT_BYTES:
            self._make_room()
            self._segments.append(_Segment(self.flushed_sequence))
            self._torn = False
        segment = self._segments[-1]
        self._torn = True  # until the page is known to be whole
        try:
            with open(self._path(segment), "ab" if segment.size else "wb") as file:
                file.write(page)
        except OSError as error:
            if error.errno == _ENOSPC and len([held for held in self._segments if held.size]) > 1:
                self._drop_oldest()  # the filesystem is smaller than we were told: room for the next try
            raise
        self._torn = False
        segment.size += len(page)
        self.flushed_sequence += (len(page) - PAGE_HEADER_BYTES) // RECORD_BYTES

    def _make_room(self) -> None:
        held = sum([segment.size for segment in self._segments])
        while self._segments and held + SEGMENT_BYTES > self._capacity:
            held -= self._segments[0].size
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        try:
            os.remove(self._path(self._segments[0]))
        except OSError:
            pass  # it can't be read either then
        del self._segments[0]
        self._read_segment = None

    def _recover(self) -> None:
        """Find out where the log ends, and let numbers that lie in damaged flash go rather than use them again."""
        names = sorted([name for name in os.listdir(self._folder) if name.endswith(_SUFFIX)])
        found = [_Segment(int(name[: -len(_SUFFIX)], 16)) for name in names]
        damaged_bytes = 0
        for segment in reversed(found):
            last = None
            if not self._segments:
                last, unread_bytes = self._last_page(segment)
                if unread_bytes > MAX_PAGE_BYTES:
                    damaged_bytes += unread_bytes
                    self.next_sequence = max(self.next_sequence, segment.first)
                elif last is None:  # a power cut tore its only page, which nobody has seen
                    os.remove(self._path(segment))
                if last is None:
                    continue
                self._begin_after(last)
            else:
                segment.size = self._size(segment)
            self._segments.insert(0, segment)
        if damaged_bytes:
            self.next_sequence += damaged_bytes // RECORD_BYTES + 1
        self.flushed_sequence = self.next_sequence

    def _size(self, segment: _Segment) -> int:
        try:
            return os.stat(self._path(segment))[6]
        except OSError:
            return 0

    def _begin_after(self, last: Page) -> None:
        self.id = last.journal
        self.boot = last.boot + 1
        self.next_sequence = max(self.next_sequence, last.next_sequence)

    def _last_page(self, segment: _Segment) -> "tuple[Page | None, int]":
        """Return the last whole page of a segment, and how many bytes of it can't be read; set the segment's size."""
        page = None
        try:
            with open(self._path(segment), "rb") as file:
                while True:
                    found = _read_page(file, segment.size)
                    if found is None:
                        break
                    data, segment.size = found
                    page = unpack_page(data)
            unread_bytes = self._size(segment) - segment.size
        except OSError:
            return None, SEGMENT_BYTES
        self._torn = unread_bytes > 0
        return page, unread_bytes

    # Reading

    def _segment_index(self, sequence: int) -> int:
        index = 0
        while index + 1 < len(self._segments) and self._segments[index + 1].first <= sequence:
            index += 1
        return index

    def _find(self, segment: _Segment, sequence: int) -> "bytes | None":
        """Return the first page of a segment that reaches beyond a sequence; pages read in order are found at once."""
        offset = 0
        if self._read_segment is segment and self.read_sequence <= sequence:
            offset = self._read_offset
        if offset >= segment.size:
            return None
        with open(self._path(segment), "rb") as file:
            while offset < segment.size:
                found = _read_page(file, offset)
                if found is None:
                    return None
                data, offset = found
                page = unpack_page(data)
                if page.next_sequence > sequence:
                    self._read_segment = segment
                    self._read_offset = offset
                    self.read_sequence = page.next_sequence
                    return data
        return None


def _read_page(file, offset: int) -> "tuple[bytes, int] | None":
    """Return the whole page at an offset, or the first one after it if flash has lost some, and where it ends."""
    while True:
        file.seek(offset)
        window = file.read(2 * MAX_PAGE_BYTES)
        last = len(window) < 2 * MAX_PAGE_BYTES
        at = window.find(_PAGE_BEGIN)
        while at >= 0 and (at < MAX_PAGE_BYTES or last):
            data = _page_at(window, at)
            if data is not None:
                return data, offset + at + len(data)
            at = window.find(_PAGE_BEGIN, at + 1)
        if last:
            return None
        offset += MAX_PAGE_BYTES


def _page_at(window: bytes, at: int) -> "bytes | None":
    try:
        data = window[at : at + page_bytes(window[at : at + PAGE_HEADER_BYTES])]
        unpack_page(data)
    except PageError:
        return None
    return data
