"""The journal in flash: what was flushed is there, in order, once, whatever was cut off after it."""

import os

from expect import raises
from flash import Folder, read, remove, write
from unslouch_device import journal as journal_module
from unslouch_device.contract import records as r
from unslouch_device.contract.pages import MAX_PAGE_BYTES, RECORDS_PER_PAGE, page_bytes, unpack_page
from unslouch_device.journal import Journal
from unslouch_device.segment import room_in_block
from unslouch_device.tail import TAIL_BYTES, rtc_memory

CAPACITY = 400_000  # six segments
FIRST_ID = 0x11111111
NEXT_ID = 0x22222222


def open_journal(folder, capacity=CAPACITY, new_id=NEXT_ID):
    return Journal(folder + "/journal", capacity, new_id)


def epoch(number):
    """Return an epoch that can be told from others."""
    return bytes([number & 0x7F, number >> 7 & 0xFF, number >> 15 & 0xFF]) + bytes(9)


def add_epochs(journal, count, begin_ms=0):
    for i in range(count):
        journal.append_epoch(epoch(journal.next_sequence), begin_ms + i * r.EPOCH_MS)


def flush_epochs(journal, count):
    """Add whole pages of epochs, some flushes full of them."""
    for begin in range(0, count, 50 * RECORDS_PER_PAGE):
        add_epochs(journal, min(count - begin, 50 * RECORDS_PER_PAGE), begin * r.EPOCH_MS)
        journal.flush()


def pages_of(journal, sequence=0):
    """Return the pages from a sequence on, taken apart."""
    pages = []
    while True:
        data = journal.read_page(sequence)
        if data is None:
            return pages
        pages.append(unpack_page(data))
        sequence = journal.read_sequence
        assert sequence == pages[-1].next_sequence


def records_of(journal):
    """Return (sequence, record) of all that can be read."""
    found = []
    for page in pages_of(journal):
        for i in range(len(page.records) // r.RECORD_BYTES):
            found.append((page.first_sequence + i, page.records[12 * i : 12 * i + 12]))
    return found


def assert_numbered(journal, first, end):
    """Hold, a page at a time, that the epochs from first to before end can be read, and nothing else."""
    while first < end:
        page = unpack_page(journal.read_page(first))
        assert page.first_sequence == first
        for i in range(len(page.records) // r.RECORD_BYTES):
            assert page.records[12 * i : 12 * i + 12] == epoch(first + i)
        first = page.next_sequence
    assert first == end
    assert journal.read_page(end) is None


def numbered(first, end):
    return [(i, epoch(i)) for i in range(first, end)]


def test_an_empty_journal_has_nothing_to_read():
    with Folder() as folder:
        journal = open_journal(folder)
        assert (journal.id, journal.boot) == (NEXT_ID, 1)
        assert (journal.oldest_sequence, journal.next_sequence, journal.unflushed) == (0, 0, 0)
        assert journal.read_page(0) is None


def test_what_is_flushed_is_read_back_in_order():
    with Folder() as folder:
        journal = open_journal(folder)
        add_epochs(journal, 100)
        journal.flush()
        assert records_of(journal) == numbered(0, 100)


def test_nothing_is_shown_before_it_is_flushed():
    with Folder() as folder:
        journal = open_journal(folder)
        add_epochs(journal, 40)
        assert journal.unflushed == 40
        assert journal.read_page(0) is None
        journal.flush()
        assert (journal.unflushed, journal.flushed_sequence) == (0, 40)


def test_flushing_nothing_writes_nothing():
    with Folder() as folder:
        journal = open_journal(folder)
        journal.flush()
        journal.flush()
        assert os.listdir(folder + "/journal") == []


def test_a_page_says_where_and_when_its_records_belong():
    with Folder() as folder:
        journal = open_journal(folder)
        journal.context(3, 4)
        journal.append_event(r.BUZZED, 11_000)
        add_epochs(journal, 3, begin_ms=12_000)
        journal.flush()
        (page,) = pages_of(journal)
        assert (page.journal, page.boot, page.first_sequence) == (NEXT_ID, 1, 0)
        assert (page.settings_revision, page.calibration_id) == (3, 4)
        assert page.base_uptime_ms == 12_000


def test_an_event_alone_gives_its_page_the_time():
    with Folder() as folder:
        journal = open_journal(folder)
        record = journal.append_event(r.PUT_ON, 5 << 32)
        journal.flush()
        (page,) = pages_of(journal)
        assert page.base_uptime_ms == 5 << 32
        assert page.records == record


def test_a_break_in_the_row_of_epochs_begins_a_new_page():
    with Folder() as folder:
        journal = open_journal(folder)
        add_epochs(journal, 3, begin_ms=0)
        add_epochs(journal, 2, begin_ms=15_000)  # no break
        add_epochs(journal, 2, begin_ms=25_001)
        add_epochs(journal, 1, begin_ms=20_000)
        journal.flush()
        assert [(page.first_sequence, page.base_uptime_ms) for page in pages_of(journal)] == [
            (0, 0),
            (5, 25_001),
            (7, 20_000),
        ]


def test_other_settings_or_another_calibration_begin_a_new_page():
    with Folder() as folder:
        journal = open_journal(folder)
        for revision, calibration in ((0, 0), (1, 0), (1, 0), (1, 1)):
            journal.context(revision, calibration)
            add_epochs(journal, 1, begin_ms=journal.next_sequence * r.EPOCH_MS)
        journal.flush()
        found = [(page.settings_revision, page.calibration_id, page.first_sequence) for page in pages_of(journal)]
        assert found == [(0, 0, 0), (1, 0, 1), (1, 1, 3)]


def test_the_highest_calibration_id_is_that_of_any_page_in_flash():
    with Folder() as folder:
        journal = open_journal(folder)
        assert journal.highest_calibration_id() == 0
        for calibration in (3, 700, 5):
            journal.context(1, calibration)
            flush_epochs(journal, 30 * RECORDS_PER_PAGE)
            journal._torn = True  # each in a segment of its own
        again = open_journal(folder)
        assert len(again._segments) == 3
        assert again.highest_calibration_id() == 700
        segment = again._segments[1].path
        damaged = bytearray(read(segment))
        for at in range(0, len(damaged), 100):
            damaged[at] ^= 1
        write(segment, damaged)
        assert open_journal(folder).highest_calibration_id() == 5


def test_a_full_page_is_closed_and_the_next_goes_on_in_time():
    with Folder() as folder:
        journal = open_journal(folder)
        add_epochs(journal, 2 * RECORDS_PER_PAGE + 1)
        journal.flush()
        pages = pages_of(journal)
        assert [page.first_sequence for page in pages] == [0, 17, 34]
        assert [page.base_uptime_ms for page in pages] == [0, 17 * r.EPOCH_MS, 34 * r.EPOCH_MS]


def test_the_next_boot_goes_on_where_the_last_one_flushed():
    with Folder() as folder:
        for boot in range(1, 5):
            journal = open_journal(folder, new_id=FIRST_ID + boot)
            assert (journal.id, journal.boot) == (FIRST_ID + 1, boot)
            assert journal.next_sequence == journal.flushed_sequence == 20 * (boot - 1)
            add_epochs(journal, 20)
            journal.flush()
            add_epochs(journal, 5)  # lost with the power
        assert records_of(open_journal(folder)) == numbered(0, 80)


def grown(folder, pages=5):
    """Write pages of 1 to 17 records; returns the number of records flushed after each, and the file's size then."""
    journal = open_journal(folder, new_id=FIRST_ID)
    marks = []
    for count in (17, 3, 1, 17, 8)[:pages]:
        add_epochs(journal, count, begin_ms=journal.next_sequence * 7777)
        journal.flush()
        (name,) = os.listdir(folder + "/journal")
        marks.append((journal.flushed_sequence, os.stat(folder + "/journal/" + name)[6]))
    return folder + "/journal/" + name, marks


def test_a_power_cut_at_any_byte_of_the_last_pages_loses_only_what_was_not_yet_whole():
    with Folder() as folder:
        path, marks = grown(folder)
        whole = read(path)
        for cut in range(marks[1][1], len(whole) + 1):
            remove(folder + "/journal")
            os.mkdir(folder + "/journal")
            write(path, whole[:cut])
            kept = max([flushed for flushed, size in marks if size <= cut])
            journal = open_journal(folder)
            assert (journal.id, journal.boot, journal.next_sequence) == (FIRST_ID, 2, kept), cut
            assert records_of(journal) == numbered(0, kept), cut
            add_epochs(journal, 2)
            journal.flush()
            again = open_journal(folder)
            assert again.boot == 3
            assert records_of(again) == numbered(0, kept + 2), cut


def test_a_power_cut_within_the_very_first_page_begins_a_new_journal():
    with Folder() as folder:
        path, _ = grown(folder, pages=1)
        whole = read(path)
        for cut in range(len(whole)):
            write(path, whole[:cut])
            journal = open_journal(folder, new_id=NEXT_ID)
            assert (journal.id, journal.boot, journal.next_sequence) == (NEXT_ID, 1, 0)
            add_epochs(journal, 1)
            journal.flush()
            assert records_of(open_journal(folder)) == numbered(0, 1)
            remove(folder + "/journal")
            os.mkdir(folder + "/journal")


def test_cuts_upon_cuts_lose_nothing_that_was_flushed():
    with Folder() as folder:
        expected = 0
        for boot in range(12):
            journal = open_journal(folder, new_id=FIRST_ID + boot)
            assert journal.boot == boot + 1
            assert journal.next_sequence == expected
            add_epochs(journal, 5)
            journal.flush()
            expected = journal.flushed_sequence
            add_epochs(journal, 9)
            journal.flush()
            last = sorted(os.listdir(folder + "/journal"))[-1]
            path = folder + "/journal/" + last
            write(path, read(path)[: -1 - 11 * boot])  # into the last page only
        assert records_of(open_journal(folder)) == numbered(0, expected)


def test_a_tail_of_zeros_is_a_torn_one():
    with Folder() as folder:
        path, marks = grown(folder)
        write(path, read(path) + bytes(200))
        journal = open_journal(folder)
        assert records_of(journal) == numbered(0, marks[-1][0])
        add_epochs(journal, 30)
        journal.flush()
        assert records_of(open_journal(folder)) == numbered(0, marks[-1][0] + 30)


def test_the_ring_drops_its_oldest_and_stays_within_its_capacity():
    with Folder() as folder:
        capacity = 4 * journal_module.SEGMENT_BYTES
        journal = open_journal(folder, capacity)
        while journal.next_sequence < 25_000:
            add_epochs(journal, 68, begin_ms=journal.next_sequence * r.EPOCH_MS)
            journal.flush()
            held = sum([os.stat(folder + "/journal/" + name)[6] for name in os.listdir(folder + "/journal")])
            assert held <= capacity
        assert journal.oldest_sequence > 0
        pages = pages_of(journal, journal.next_sequence - 100)
        assert pages[-1].next_sequence == journal.next_sequence
        held_records = journal.next_sequence - journal.oldest_sequence
        assert held_records > 0.7 * capacity / 14  # 14 bytes a record, headers included


def test_reading_what_was_dropped_gives_the_oldest_that_is_held():
    with Folder() as folder:
        journal = open_journal(folder, 2 * journal_module.SEGMENT_BYTES)
        while not journal.oldest_sequence:
            add_epochs(journal, 170, begin_ms=journal.next_sequence * r.EPOCH_MS)
            journal.flush()
        page = unpack_page(journal.read_page(0))
        assert page.first_sequence == journal.oldest_sequence


def test_the_ring_survives_reopening():
    with Folder() as folder:
        capacity = 2 * journal_module.SEGMENT_BYTES
        journal = open_journal(folder, capacity)
        flush_epochs(journal, 10_400)
        again = open_journal(folder, capacity)
        assert again.oldest_sequence == journal.oldest_sequence > 0
        assert_numbered(again, again.oldest_sequence, 10_400)


def test_reading_from_within_a_page_gives_that_page():
    with Folder() as folder:
        journal = open_journal(folder)
        add_epochs(journal, 50)
        journal.flush()
        for sequence in (40, 3, 16, 17, 49, 0):
            page = unpack_page(journal.read_page(sequence))
            assert page.first_sequence <= sequence < page.next_sequence
        assert journal.read_page(50) is None


def test_pages_flushed_while_somebody_reads_are_found():
    with Folder() as folder:
        journal = open_journal(folder)
        sequence = 0
        for _ in range(40):
            add_epochs(journal, 30)
            journal.flush()
            for page in pages_of(journal, sequence):
                assert page.first_sequence == sequence
                sequence = page.next_sequence
            assert sequence == journal.flushed_sequence


def test_a_flush_that_fails_loses_nothing():
    with Folder() as folder:
        journal = open_journal(folder)
        add_epochs(journal, 20)
        journal.flush()
        os.rename(folder + "/journal", folder + "/away")
        add_epochs(journal, 40, begin_ms=20 * r.EPOCH_MS)
        for _ in range(3):
            with raises(OSError):
                journal.flush()
        assert journal.flushed_sequence == 20
        os.rename(folder + "/away", folder + "/journal")
        add_epochs(journal, 3, begin_ms=60 * r.EPOCH_MS)
        assert records_of(journal) == numbered(0, 20)
        journal.flush()
        assert records_of(journal) == numbered(0, 63)
        assert records_of(open_journal(folder)) == numbered(0, 63)


class FullFlash:
    """Stands for open(): of what is written, only so many bytes fit."""

    def __init__(self, room):
        self.room = room

    def __call__(self, path, mode):
        self._file = open(path, mode)
        return self

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self._file.close()

    def write(self, data):
        self._file.write(data[: self.room])
        raise OSError(28, "no space left")


def flush_into(journal, room):
    """Flush where there is room for so many bytes only."""
    journal_module.open = FullFlash(room)
    try:
        with raises(OSError):
            journal.flush()
    finally:
        del journal_module.open


def test_flash_that_is_full_in_the_middle_of_a_page_loses_nothing():
    for room in (0, 1, 23, 24, 100):
        for before in (0, 20):
            with Folder() as folder:
                journal = open_journal(folder)
                add_epochs(journal, before)
                journal.flush()
                add_epochs(journal, 40, begin_ms=before * r.EPOCH_MS)
                flush_into(journal, room)
                flush_into(journal, room + 1)
                assert records_of(journal) == numbered(0, before)
                if before:
                    assert open_journal(folder).next_sequence == before
                journal.flush()
                add_epochs(journal, 5, begin_ms=60 * r.EPOCH_MS)
                journal.flush()
                assert records_of(journal) == numbered(0, before + 45)
                assert records_of(open_journal(folder)) == numbered(0, before + 45)


def test_the_ring_turns_on_after_a_flush_that_failed():
    with Folder() as folder:
        journal = open_journal(folder, 2 * journal_module.SEGMENT_BYTES)
        add_epochs(journal, 1)
        flush_into(journal, 10)
        while journal.next_sequence < 12_000:
            add_epochs(journal, 170, begin_ms=journal.next_sequence * r.EPOCH_MS)
            journal.flush()
        assert journal.oldest_sequence > 0
        assert pages_of(journal, 11_900)[-1].next_sequence == journal.next_sequence


def test_a_page_that_has_rotted_costs_no_other_page():
    with Folder() as folder:
        journal = open_journal(folder)
        flush_epochs(journal, 2800)
        oldest = folder + "/journal/" + sorted(os.listdir(folder + "/journal"))[0]
        damaged = bytearray(read(oldest))
        damaged[MAX_PAGE_BYTES + 40] ^= 0xFF
        write(oldest, damaged)
        found = records_of(open_journal(folder))
        assert found == numbered(0, RECORDS_PER_PAGE) + numbered(2 * RECORDS_PER_PAGE, 2800)


def test_a_page_that_has_rotted_in_the_last_segment_brings_no_number_back():
    with Folder() as folder:
        path, marks = grown(folder)
        damaged = bytearray(read(path))
        damaged[marks[0][1] + 40] ^= 0xFF  # in the second of five pages
        write(path, damaged)
        assert open_journal(folder).next_sequence == marks[-1][0]


def test_other_files_in_the_folder_are_left_alone():
    with Folder() as folder:
        journal = open_journal(folder)
        write(folder + "/journal/notes.txt", b"mine")
        add_epochs(journal, 3)
        journal.flush()
        assert records_of(open_journal(folder)) == numbered(0, 3)
        assert read(folder + "/journal/notes.txt") == b"mine"


def test_a_segment_ends_where_a_block_of_littlefs_ends():
    size = 0
    for _ in range(16):
        size += room_in_block(size)
    assert size == journal_module.SEGMENT_BYTES
    assert [room_in_block(n) for n in (0, 1, 4095, 4096, 4096 + 4091, 4096 + 4092)] == [4096, 4095, 1, 4092, 1, 4088]


def test_the_sampler_has_its_turn_before_each_block_that_is_written_and_before_a_file_goes():
    with Folder() as folder:
        journal = open_journal(folder, 2 * journal_module.SEGMENT_BYTES)
        turns = []
        journal.interlude = lambda: turns.append(journal.oldest_sequence)
        add_epochs(journal, 3 * RECORDS_PER_PAGE)
        journal.flush_due(1000, False)
        assert len(turns) == 1
        journal.flush_due(2000, False)
        assert len(turns) == 1
        add_epochs(journal, 15 * RECORDS_PER_PAGE, journal.next_sequence * r.EPOCH_MS)
        journal.flush()
        assert len(turns) == 3  # in the first block, and beyond it
        while not journal.oldest_sequence:
            del turns[:]
            add_epochs(journal, RECORDS_PER_PAGE, journal.next_sequence * r.EPOCH_MS)
            journal.flush()
        assert turns == [0, journal.oldest_sequence]
        journal.wipe(NEXT_ID + 1)
        assert len(turns) == 5


def test_what_the_sampler_adds_in_its_turn_is_written_in_order():
    with Folder() as folder:
        journal = open_journal(folder)
        journal.interlude = lambda: add_epochs(journal, 5, journal.next_sequence * r.EPOCH_MS)
        while journal.next_sequence < 12_000:
            add_epochs(journal, 20, journal.next_sequence * r.EPOCH_MS)
            journal.flush()
        end = journal.flushed_sequence
        assert_numbered(journal, 0, end)
        assert_numbered(open_journal(folder), 0, end)


def test_a_flash_that_never_takes_anything_does_not_fill_the_memory():
    with Folder() as folder:
        journal = open_journal(folder)
        held = journal_module.UNFLUSHED_PAGES * RECORDS_PER_PAGE
        add_epochs(journal, held + 100)
        assert journal.refused == 100
        assert journal.unflushed == held
        journal.flush()
        add_epochs(journal, 10, (held + 100) * r.EPOCH_MS)
        journal.flush()
        assert records_of(journal) == numbered(0, held + 10)  # what was refused has no number


def test_numbers_that_may_lie_in_damaged_flash_are_not_used_again():
    with Folder() as folder:
        journal = open_journal(folder)
        flush_epochs(journal, 20 * RECORDS_PER_PAGE)
        path = folder + "/journal/" + os.listdir(folder + "/journal")[0]
        content = bytearray(read(path))
        for at in range(5 * MAX_PAGE_BYTES, len(content)):
            content[at] = 0xFF
        write(path, content)
        again = open_journal(folder)
        assert again.id == journal.id
        assert again.next_sequence >= journal.next_sequence
        assert records_of(again) == numbered(0, 5 * RECORDS_PER_PAGE)


def test_pages_behind_damaged_ones_are_found():
    with Folder() as folder:
        journal = open_journal(folder)
        flush_epochs(journal, 20 * RECORDS_PER_PAGE)
        path = folder + "/journal/" + os.listdir(folder + "/journal")[0]
        content = bytearray(read(path))
        for at in range(5 * MAX_PAGE_BYTES + 100, 9 * MAX_PAGE_BYTES - 50):
            content[at] = 0xFF
        write(path, content)
        again = open_journal(folder)
        assert again.next_sequence == journal.next_sequence
        kept = numbered(0, 5 * RECORDS_PER_PAGE) + numbered(9 * RECORDS_PER_PAGE, 20 * RECORDS_PER_PAGE)
        assert records_of(again) == kept


def test_a_segment_that_cannot_be_opened_does_not_keep_the_board_from_starting():
    with Folder() as folder:
        journal = open_journal(folder)
        flush_epochs(journal, 5)
        os.mkdir(folder + "/journal/00000100.seg")
        again = open_journal(folder)
        assert again.id == journal.id
        assert again.next_sequence > 0x100
        flush_epochs(again, 5)
        assert len(records_of(again)) == 10


def test_flash_that_is_smaller_than_told_gives_up_its_oldest():
    with Folder() as folder:
        journal = open_journal(folder)
        flush_epochs(journal, 6800)
        add_epochs(journal, 20, 6800 * r.EPOCH_MS)
        flush_into(journal, 10)
        assert journal.oldest_sequence > 0
        journal.flush()
        assert records_of(journal) == numbered(journal.oldest_sequence, 6820)


def wear(journal, epochs, begin_ms=0, watched=False):
    """Add epochs one by one, flushing what is due after each; returns how many were flushed after each."""
    flushed = []
    for i in range(epochs):
        add_epochs(journal, 1, begin_ms + i * r.EPOCH_MS)
        journal.flush_due(begin_ms + (i + 1) * r.EPOCH_MS, watched)
        flushed.append(journal.flushed_sequence)
    return flushed


def test_while_epochs_come_only_full_pages_are_flushed():
    for watched, waiting in ((False, 3 * RECORDS_PER_PAGE), (True, RECORDS_PER_PAGE)):
        with Folder() as folder:
            journal = open_journal(folder)
            flushed = wear(journal, 1000, watched=watched)
            assert max([i + 1 - flushed[i] for i in range(1000)]) == waiting - 1
            lengths = [len(page.records) for page in pages_of(journal)]
            assert lengths == [RECORDS_PER_PAGE * r.RECORD_BYTES] * len(lengths)


def test_what_waits_alone_is_flushed_after_five_minutes():
    with Folder() as folder:
        journal = open_journal(folder)
        journal.flush_due(1000, False)
        journal.append_event(r.TAKEN_OFF, 1500, 0, 1)
        for now_ms in range(2000, 1000 + journal_module.FLUSH_MS, 1000):
            journal.flush_due(now_ms, False)
            assert journal.flushed_sequence == 0
        journal.flush_due(1000 + journal_module.FLUSH_MS, False)
        assert journal.flushed_sequence == 1


def test_flash_that_fails_is_not_tried_every_second():
    with Folder() as folder:
        journal = open_journal(folder)
        add_epochs(journal, 3 * RECORDS_PER_PAGE)
        os.rename(folder + "/journal", folder + "/away")
        tried_ms = []
        for now_ms in range(255_000, 355_000, 1000):
            try:
                journal.flush_due(now_ms, False)
            except OSError:
                tried_ms.append(now_ms)
        assert tried_ms == [255_000, 285_000, 315_000, 345_000]
        os.rename(folder + "/away", folder + "/journal")
        journal.flush_due(375_000, False)
        assert journal.unflushed == 0


def test_the_journal_tells_how_much_it_will_still_hold():
    with Folder() as folder:
        journal = open_journal(folder)
        left, holds = journal.room()
        assert (left, holds) == (6 * 4794, 5 * 4794)  # segments of 282 pages
        flush_epochs(journal, 3 * RECORDS_PER_PAGE)
        assert journal.room() == (left - 3 * RECORDS_PER_PAGE, holds)
        while journal.room()[0]:
            assert journal.oldest_sequence == 0
            flush_epochs(journal, 3 * RECORDS_PER_PAGE)
        assert journal.oldest_sequence == 0
        flush_epochs(journal, RECORDS_PER_PAGE)
        assert journal.oldest_sequence > 0
        assert journal.next_sequence - journal.oldest_sequence >= holds


def test_a_boots_number_is_durable_once_something_of_it_is_flushed():
    with Folder() as folder:
        for _ in range(2):
            journal = open_journal(folder)
            assert not journal.durable
            add_epochs(journal, 1)
            assert not journal.durable
            journal.flush()
            assert journal.durable


def test_a_wiped_journal_is_another_one_and_nothing_of_the_old_can_be_read():
    with Folder() as folder:
        memory = Memory()
        journal = Journal(folder + "/journal", CAPACITY, FIRST_ID, memory)
        flush_epochs(journal, 5000)
        add_epochs(journal, 3)
        journal.wipe(NEXT_ID)
        assert memory() == b""
        assert os.listdir(folder) == ["journal"]
        assert (journal.id, journal.boot, journal.next_sequence, journal.durable) == (NEXT_ID, 1, 0, False)
        assert journal.read_page(0) is None
        add_epochs(journal, 20)
        journal.flush()
        again = Journal(folder + "/journal", CAPACITY, 7, memory)
        assert (again.id, again.boot) == (NEXT_ID, 2)
        assert records_of(again) == numbered(0, 20)


def test_a_wipe_that_was_cut_off_is_finished_at_the_next_boot():
    with Folder() as folder:
        journal = open_journal(folder, new_id=FIRST_ID)
        flush_epochs(journal, 5000)
        os.rename(folder + "/journal", folder + "/journal.old")
        journal = open_journal(folder)
        assert (journal.id, journal.next_sequence) == (NEXT_ID, 0)
        assert os.listdir(folder) == ["journal"]


class Memory:
    """Stands for RTC memory, which a reset leaves alone."""

    def __init__(self, content=b""):
        self.content = content

    def __call__(self, data=None):
        if data is None:
            return self.content
        assert len(data) <= TAIL_BYTES
        self.content = bytes(data)
        return None


def open_with(folder, memory):
    return Journal(folder + "/journal", CAPACITY, NEXT_ID, memory)


def test_a_reset_loses_nothing_where_the_chip_has_memory_that_survives_it():
    with Folder() as folder:
        memory = Memory()
        end = first_boot(folder, memory).next_sequence
        for count in (5, 17, 40, 1, 64, 0, 3):
            journal = open_with(folder, memory)
            assert journal.next_sequence == end
            add_epochs(journal, count, begin_ms=1000)
            end += count
        journal.flush()
        assert memory() == b""
        assert records_of(journal) == numbered(0, end)
        assert journal.boot == 7


def first_boot(folder, memory):
    """Flush 20 epochs as the first boot; returns the journal."""
    journal = open_with(folder, memory)
    add_epochs(journal, 20)
    journal.flush()
    return journal


def test_the_tail_comes_back_with_its_numbers_its_boot_and_its_time():
    with Folder() as folder:
        memory = Memory()
        journal = first_boot(folder, memory)
        journal.context(5, 6)
        add_epochs(journal, 30, begin_ms=100_000)
        again = open_with(folder, memory)
        assert (again.boot, again.next_sequence, again.flushed_sequence) == (2, 50, 20)
        assert not again.durable
        again.append_event(r.BUZZED, 0)
        again.flush()
        tail = [page for page in pages_of(again) if page.first_sequence >= 20]
        assert [(page.boot, page.base_uptime_ms, page.calibration_id) for page in tail] == [
            (1, 100_000, 6),
            (1, 100_000 + 17 * r.EPOCH_MS, 6),
            (2, 0, 0),
        ]
        assert records_of(again)[:50] == numbered(0, 50)


def test_a_tail_that_was_flushed_just_before_the_reset_is_not_there_twice():
    with Folder() as folder:
        memory = Memory()
        journal = first_boot(folder, memory)
        add_epochs(journal, 30)
        tail = memory()
        journal.flush()
        again = open_with(folder, Memory(tail))
        assert again.next_sequence == again.flushed_sequence == 50


def test_a_tail_that_does_not_go_on_where_flash_ends_is_let_go():
    with Folder() as folder:
        memory = Memory()
        journal = first_boot(folder, memory)
        add_epochs(journal, 30)
        tail = memory()
        other = Journal(folder + "/other", CAPACITY, FIRST_ID, Memory(tail))  # with nothing in flash
        assert (other.id, other.next_sequence) == (FIRST_ID, 0)
        add_epochs(other, 20)
        other.flush()
        other = Journal(folder + "/other", CAPACITY, FIRST_ID, Memory(tail))  # of another id
        assert other.next_sequence == 20
        other = open_journal(folder)  # which knows nothing of the tail, and uses its numbers
        add_epochs(other, 10)
        other.flush()
        assert open_with(folder, Memory(tail)).next_sequence == 30


def test_memory_that_lost_its_power_is_no_tail():
    with Folder() as folder:
        memory = Memory()
        journal = first_boot(folder, memory)
        add_epochs(journal, 30)
        tail = memory()
        second = page_bytes(tail)
        for at in range(0, len(tail), 7):
            damaged = bytearray(tail)
            damaged[at] ^= 0x10
            again = open_with(folder, Memory(bytes(damaged)))
            assert again.next_sequence == (37 if at >= second else 20)
        for content in (b"", bytes(2048), bytes([255] * 2048), tail[:10], tail[: second - 1]):
            assert open_with(folder, Memory(content)).next_sequence == 20


def test_a_tail_longer_than_the_memory_keeps_its_beginning():
    with Folder() as folder:
        memory = Memory()
        journal = first_boot(folder, memory)
        add_epochs(journal, 20 * RECORDS_PER_PAGE)
        again = open_with(folder, memory)
        assert again.next_sequence == 20 + 8 * RECORDS_PER_PAGE
        again.flush()
        assert records_of(again) == numbered(0, again.next_sequence)


def test_only_a_chip_that_has_it_offers_its_memory():
    class Chip:
        pass

    class Clock:
        memory = Memory()

    assert rtc_memory(Chip) is None
    Chip.RTC = Chip
    assert rtc_memory(Chip) is None
    Chip.RTC = Clock
    assert rtc_memory(Chip) is Clock.memory
