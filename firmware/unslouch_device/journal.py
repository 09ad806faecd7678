"""The posture journal in flash: an append-only log of pages, in segment files named by their first sequence.

Records gather in memory and become durable with flush(), as whole pages; only flushed pages can be read, so a number
that anybody has seen is never used again. Until then they are also in memory that a reset leaves alone, where the chip
has some. After a power cut, opening finds the last whole page by scanning; a torn tail is left as it is and the next
page goes into a new segment. When the log is full its oldest segment is dropped. A page that flash has lost is passed
over, so that the numbers of those behind it are not used again. What takes long is done in steps, with an interlude
before each.
"""

import os

from .contract.pages import MAX_PAGE_BYTES, RECORDS_PER_PAGE, Page, pack_page, unpack_page
from .contract.records import EPOCH_MS, RECORD_BYTES, pack_event
from .files import make_folder, remove, remove_folder
from .port import rename
from .segment import SUFFIX, Segment, read_page, room_in_block
from .tail import Tail

# 16 blocks of LittleFS less the pointers that it keeps in them. With smaller ones, and so more files, a flush takes
# longer: LittleFS looks at each of a folder's files to find free blocks, and at each pair where it tidies up.
SEGMENT_BYTES = 65432
UNFLUSHED_PAGES = 64  # that are held in memory while flash fails: an hour and a half
FLUSH_PAGES = 3  # that gather before flush_due() writes them: four minutes
FLUSH_MS = 300_000  # after which it writes whatever there is
RETRY_MS = 30_000
_ENOSPC = 28  # which MicroPython's errno leaves out


def _nothing() -> None:
    pass


class Journal:
    """The log of one board. `boot` is the number of this boot; sequences are of records."""

    def __init__(self, folder: str, capacity_bytes: int, new_id: int, rtc_memory=None) -> None:
        """Open the log in a folder or begin one under new_id.

        rtc_memory: see tail.rtc_memory().
        """
        self.interlude = _nothing  # is called before each step that takes long
        self._folder = folder
        self._tail = Tail(rtc_memory)
        self._capacity = capacity_bytes
        self._segments: list = []
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
        self._closed: list = []
        self._flushed_ms = 0  # when flush_due() last found nothing waiting, or tried to write it
        self._failed = False
        self.refused = 0  # records
        self._read_segment: "Segment | None" = None  # where the last read ended
        self._read_offset = 0
        self.read_sequence = 0  # where the last page read ended
        self.durable = False  # whether this boot's number is in flash, as it must be before a host sees it
        remove_folder(self._doomed())
        make_folder(folder)
        self._recover()
        self._recover_tail()

    @property
    def oldest_sequence(self) -> int:
        """The first sequence still held."""
        return self._segments[0].first if self._segments else self.flushed_sequence

    @property
    def unflushed(self) -> int:
        """How many records would be lost by a power cut now."""
        return self.next_sequence - self.flushed_sequence

    def room(self) -> "tuple[int, int]":
        """Return how many records still fit until the oldest are dropped, and how many are held at least from then on.

        Both for full pages, as they are while nothing interrupts wearing.
        """
        segments = self._capacity // SEGMENT_BYTES
        free_bytes = max(0, segments - len(self._segments)) * SEGMENT_BYTES
        if self._segments and not self._torn:
            free_bytes += SEGMENT_BYTES - self._segments[-1].size
        per_segment = SEGMENT_BYTES // MAX_PAGE_BYTES * RECORDS_PER_PAGE
        return free_bytes // MAX_PAGE_BYTES * RECORDS_PER_PAGE, (segments - 1) * per_segment

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

    def flush_due(self, now_ms: int, watched: bool) -> None:
        """Flush what has waited long enough, to be called every second or so; raises OSError like flush().

        As long as epochs come, only full pages are written, so that none of flash is wasted: as soon as there is one
        while somebody watches, else some together, which wears flash less.
        """
        waited_ms = now_ms - self._flushed_ms
        if not self.unflushed:
            self._flushed_ms = now_ms
        elif self._failed and waited_ms < RETRY_MS:
            return
        elif len(self._closed) >= (1 if watched else FLUSH_PAGES) or waited_ms >= FLUSH_MS:
            self._flushed_ms = now_ms
            self._failed = True
            if waited_ms >= FLUSH_MS:
                self.flush()
            else:
                self._write_closed()
            self._failed = False

    def wipe(self, new_id: int) -> None:
        """Forget every record and begin another journal; raises OSError, and keeps all, if flash fails.

        After a power cut all is there or nothing is.
        """
        remove_folder(self._doomed())
        self.interlude()
        rename(self._folder, self._doomed())
        self.interlude()
        remove_folder(self._doomed())
        self.interlude()  # while what it appends still goes with the rest
        self._forget(new_id)
        make_folder(self._folder)

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
                highest = max(highest, segment.highest_calibration_id())
            except OSError:
                continue  # what can't be read names nothing that a host could fetch
        return highest

    # Filling pages

    def _forget(self, new_id: int) -> None:
        self._segments = []
        self._closed = []
        self._records = bytearray()
        self._epochs = 0
        self._torn = self.durable = False
        self._read_segment = None
        self.id = new_id
        self.boot = 1
        self.next_sequence = self.flushed_sequence = 0
        self._keep_tail()

    def _overfull(self) -> bool:
        full = len(self._closed) >= UNFLUSHED_PAGES
        self.refused += full
        return full

    def _append(self, record: bytes) -> None:
        self._records.extend(record)
        self.next_sequence += 1
        if len(self._records) == RECORDS_PER_PAGE * RECORD_BYTES:
            self._close_page()
        self._keep_tail()

    def _open_page(self) -> bytes:
        """Return the page being filled as it is now."""
        first = self.next_sequence - len(self._records) // RECORD_BYTES
        return pack_page(
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

    def _close_page(self) -> None:
        if self._records:
            records = bytearray()  # where memory ends here, the records must not be in two pages
            self._closed.append(self._open_page())
            self._records = records
        self._epochs = 0

    def _write_closed(self) -> None:
        while self._closed:
            self._write_some()
        self._keep_tail()

    # The tail

    def _keep_tail(self) -> None:
        """Keep what is unflushed where a reset leaves it alone, as the pages that it would be flushed as."""
        if self._tail.possible:
            self._tail.keep(self._closed + ([self._open_page()] if self._records else []))

    def _recover_tail(self) -> None:
        """Take in the pages that the last boot had not flushed, if they go on exactly where flash ends."""
        for data in self._tail.pages():
            page = unpack_page(data)
            if page.journal != self.id or page.boot not in (self.boot - 1, self.boot):
                return
            if page.next_sequence <= self.next_sequence:  # flushed just before the reset
                continue
            if page.first_sequence != self.next_sequence:
                return
            self._closed.append(data)
            self.next_sequence = page.next_sequence
            self.boot = page.boot + 1

    # Segments

    def _write_some(self) -> None:
        """Write the first of the closed pages, as many as go into one segment: a file is written block by block."""
        if self._torn and self._segments and not self._segments[-1].size:
            del self._segments[-1]  # its first page was never whole; the new one takes its name
        if not self._segments or self._torn or self._segments[-1].size + len(self._closed[0]) > SEGMENT_BYTES:
            self._make_room()
            self._segments.append(Segment(self._folder, self.flushed_sequence))
            self._torn = False
        segment = self._segments[-1]
        end = segment.size
        count = 0
        for page in self._closed:
            if end + len(page) > SEGMENT_BYTES:
                break
            end += len(page)
            count += 1
        last = unpack_page(self._closed[count - 1])  # now: once they are written, nothing may fail
        self._torn = True  # until the pages are known to be whole
        try:
            with open(segment.path, "ab" if segment.size else "wb") as file:
                self._write(file, segment.size, b"".join(self._closed[:count]))
        except OSError as error:
            if error.errno == _ENOSPC and len([held for held in self._segments if held.size]) > 1:
                self._drop_oldest()  # the filesystem is smaller than `capacity_bytes`: make room for the next try
            raise
        self._torn = False
        segment.size = end
        self.flushed_sequence = last.next_sequence
        self.durable = last.boot == self.boot
        for _ in range(count):
            self._closed.pop(0)

    def _write(self, file, at: int, data: bytes) -> None:
        """Append to a file of `at` bytes, block by block: each that is touched has to be erased."""
        while data:
            self.interlude()
            room = room_in_block(at)
            at += file.write(data[:room])
            file.flush()
            data = data[room:]

    def _make_room(self) -> None:
        held = sum([segment.size for segment in self._segments])
        while self._segments and held + SEGMENT_BYTES > self._capacity:
            held -= self._segments[0].size
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self.interlude()
        remove(self._segments[0].path)
        del self._segments[0]
        self._read_segment = None

    def _doomed(self) -> str:
        return self._folder + ".old"  # what wipe() is about to remove

    def _recover(self) -> None:
        """Find out where the log ends, and let numbers that lie in damaged flash go rather than use them again."""
        names = sorted([name for name in os.listdir(self._folder) if name.endswith(SUFFIX)])
        found = [Segment(self._folder, int(name[: -len(SUFFIX)], 16)) for name in names]
        damaged_bytes = 0
        for segment in reversed(found):
            last = None
            if not self._segments:
                last, unread_bytes = self._last_page(segment)
                if unread_bytes > MAX_PAGE_BYTES:
                    damaged_bytes += unread_bytes
                    self.next_sequence = max(self.next_sequence, segment.first)
                elif last is None:  # a power cut tore its only page, which nobody has seen
                    remove(segment.path)
                if last is None:
                    continue
                self._begin_after(last)
            else:
                segment.size = segment.bytes_in_flash()
            self._segments.insert(0, segment)
        if damaged_bytes:
            self.next_sequence += damaged_bytes // RECORD_BYTES + 1
        self.flushed_sequence = self.next_sequence

    def _begin_after(self, last: Page) -> None:
        self.id = last.journal
        self.boot = last.boot + 1
        self.next_sequence = max(self.next_sequence, last.next_sequence)

    def _last_page(self, segment: Segment) -> "tuple[Page | None, int]":
        """Return the last whole page of a segment, and how many bytes of it can't be read."""
        try:
            data = segment.last_page()
        except OSError:
            return None, SEGMENT_BYTES
        unread_bytes = segment.bytes_in_flash() - segment.size
        self._torn = unread_bytes > 0
        return unpack_page(data) if data else None, unread_bytes

    # Reading

    def _segment_index(self, sequence: int) -> int:
        index = 0
        while index + 1 < len(self._segments) and self._segments[index + 1].first <= sequence:
            index += 1
        return index

    def _find(self, segment: Segment, sequence: int) -> "bytes | None":
        """Return the first page of a segment that reaches beyond a sequence; pages read in order are found at once."""
        offset = 0
        if self._read_segment is segment and self.read_sequence <= sequence:
            offset = self._read_offset
        if offset >= segment.size:
            return None
        with open(segment.path, "rb") as file:
            while offset < segment.size:
                found = read_page(file, offset)
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
