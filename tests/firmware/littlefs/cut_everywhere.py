"""Cuts the power at every erase and program of a day's log, and starts the board on what is left.

usage: cut_everywhere.py short|long [EVERY [FIRST [careless]]]

A day is lived once, and each operation of the chip is noted, with what the board had acknowledged as durable by then.
Then the operations are done again one by one; before each, it is torn in every way that TEARS has, and a board boots on
that. `short` is a few hours with small segments in a small filesystem; `long` is a 12-hour day in a nearly full one of
2 MiB. Of all operations only each EVERYth is cut, from the FIRST. `careless` writes small files in place, which has to
be noticed. Prints one line of JSON.
"""

import gc
import json
import struct
import sys
from binascii import crc32

import wearing
from flash_chip import GARBAGE, HALF, TEARS, FlashChip, Power
from wearing import Board, Memory, check_records, fill, format_chip, free_blocks, mount, pages, saved

from unslouch_device import config, crashes, profiles
from unslouch_device import journal as journal_module
from unslouch_device.contract.pages import RECORDS_PER_PAGE

TRIAL_ID = 0x7FFF0000
READ_BACK = 3000  # records from the end, in a trial: more than the segment that a cut can touch


class Mark:
    """What the board had acknowledged after so many operations."""

    def __init__(self, operations, journal, kept):
        self.operations = operations
        self.id = journal.id
        self.boot = journal.boot if journal.durable else journal.boot - 1
        self.oldest = journal.oldest_sequence
        self.second = journal._segments[1].first if len(journal._segments) > 1 else self.oldest
        self.end = journal.flushed_sequence
        self.saved = kept


class Day:
    """A day as it is lived once: operations of the chip, marks, and the pages that a host could have fetched."""

    def __init__(self, blocks, capacity_bytes):
        self.chip = FlashChip(blocks)
        self.image = bytearray(len(self.chip.memory))  # while the heap is whole
        self.capacity_bytes = capacity_bytes
        self.memory = Memory()
        self.operations = []
        self.tails = []  # of RTC memory when an operation begins
        self.appended = []  # (journal id, next sequence) likewise
        self.marks = []
        self.pages = {}  # by (journal id, first sequence)
        self.board = None
        self.free_blocks = blocks
        format_chip(self.chip)
        mount(self.chip)

    def begin(self):
        """Note operations from here on; the image to begin with is what the chip holds now."""
        self.image[:] = self.chip.memory
        self.chip.log = self

    def append(self, operation):
        """Take one operation of the chip, which is about to return."""
        journal = self.board.journal if self.board else None
        self.operations.append(operation)
        self.tails.append(self.memory.content)
        self.appended.append((journal.id, journal.next_sequence) if journal else (0, 0))

    def boot(self, new_id=1):
        """Start the board anew: whatever was not flushed is gone, RTC memory too."""
        self.memory.content = b""
        self.board = None
        mount(self.chip)
        self.board = Board(self.capacity_bytes, new_id, self.memory)
        self.mark()

    def mark(self):
        """Note what is acknowledged by now."""
        journal = self.board.journal
        last = self.marks[-1] if self.marks else None
        known = last.end if last and last.id == journal.id else max(0, journal.flushed_sequence - READ_BACK)
        for data, page in pages(journal, known):
            self.pages[(page.journal, page.first_sequence)] = data
        self.marks.append(Mark(len(self.operations), journal, saved()))
        self.free_blocks = min(self.free_blocks, free_blocks())

    def wear(self, epochs, watched=False):
        """Wear it for so many epochs."""
        journal = self.board.journal
        for _ in range(epochs):
            before = journal.flushed_sequence
            self.board.wear(1, watched)
            if journal.flushed_sequence != before:
                self.mark()

    def do(self, step):
        """Do one of the board's other things."""
        step()
        self.mark()


def savings(board):
    """Return what each saves one of the small files."""
    return (board.change_setting, board.calibrate, board.fade, board.calibrate_motor, board.crash, board.bond)


def short_day():
    """Return a few hours: the ring turns, hosts come and go, everything is saved, the power fails, all is wiped."""
    journal_module.SEGMENT_BYTES = 2 * 4096 - 4
    day = Day(40, 3 * journal_module.SEGMENT_BYTES)
    fill("/firmware", 18 * 4096)
    day.begin()
    day.boot()
    for _ in range(2):
        for step in savings(day.board):
            day.do(step)
            day.wear(20)
    day.wear(1200)
    day.boot()
    day.wear(700, watched=True)
    for _ in range(8):  # hosts that connect
        day.wear(9)
        day.do(day.board.journal.flush)
    day.do(day.board.event)
    day.boot()
    day.wear(200)
    day.do(day.board.bond)

    def wipe():
        day.board.journal.wipe(2)
        day.board.event()
        day.board.journal.flush()

    day.do(wipe)
    day.wear(120)
    return day


def long_day():
    """Return a 12-hour day in a filesystem of 2 MiB that is as full as it gets."""
    from unslouch_device.boards.xiao_esp32s3 import JOURNAL_BYTES

    day = Day(512, JOURNAL_BYTES)
    for path in ("/a.pack", "/b.pack"):
        fill(path, 57_344)
    day.boot()
    journal = day.board.journal
    while not journal.oldest_sequence:
        day.board.wear(40 * RECORDS_PER_PAGE)
        journal.flush()
    day.board.save_everything()
    day.marks.clear()
    day.begin()
    day.mark()
    day.boot()
    for hour in range(12):
        day.wear(600, watched=hour in (3, 7))
        day.do(savings(day.board)[hour % 6])
        day.wear(120)
    return day


def try_all(day, every, first):
    """Cut at each everyth operation from the first; returns the number of cuts."""
    chip = day.chip
    chip.log = None
    chip.memory[:] = day.image
    trials = 0
    at_mark = -1
    for n in range(len(day.operations)):
        while at_mark + 1 < len(day.marks) and day.marks[at_mark + 1].operations <= n:
            at_mark += 1
        before = day.marks[at_mark] if at_mark >= 0 else None
        after = day.marks[at_mark + 1] if at_mark + 1 < len(day.marks) else None
        if n % every == first:
            for how in TEARS:
                Trial(day, n, how, before, after).run(None)
            Trial(day, n, (HALF, GARBAGE)[n % 2], before, after).run(Memory(day.tails[n]))
            trials += len(TEARS) + 1
            gc.collect()
        chip.repeat(day.operations[n])
    return trials


class Trial:
    """One cut, and what the board makes of it. `before` and `after` are the marks about it, or None."""

    def __init__(self, day, n, how, before, after):
        self.day = day
        self.n = n
        self.how = how
        self.before = before
        self.after = after
        self.seen = {}

    def run(self, tail):
        """Tear the operation, boot, cut that boot too, boot again.

        tail: RTC memory, where it was a reset; None where the power was gone.
        """
        chip = self.day.chip
        chip.begin_trial()
        chip.tear(self.day.operations[self.n], self.how)
        self._boot(Power(chip, (5 * self.n + self.how) % 9, self.how), tail)
        board = self._boot(Power(chip), tail)
        self._check(board.journal, tail)
        board.wear(40)
        board.journal.flush()
        self._check(board.journal, tail)
        chip.end_trial()

    def _boot(self, power, tail):
        if tail:
            tail.power = power
        try:
            mount(self.day.chip, power)
            board = Board(self.day.capacity_bytes, TRIAL_ID + self.n, tail)
        except OSError:
            assert power.gone
            return None
        if not power.gone:
            self._check(board.journal, tail)
        return board

    def _check(self, journal, tail):
        before = self.before
        wiped = before and self.after and self.after.id != before.id and journal.id != before.id
        if before and not wiped:
            assert journal.id == before.id, "another journal"
            assert journal.boot > before.boot, "a boot's number is used again"
            limit = self.after if self.after and self.after.id == before.id else before
            assert journal.oldest_sequence <= limit.second, "records are gone"  # one segment, in making room
            assert journal.flushed_sequence > before.end, "acknowledged records are gone"
        if tail and not wiped and before:
            assert (journal.id, journal.flushed_sequence) > self.day.appended[self.n], "the tail is gone"
        self._check_pages(journal, wiped)
        self._check_saved()

    def _check_pages(self, journal, wiped):
        following = max(journal.oldest_sequence, journal.flushed_sequence - READ_BACK)
        for data, page in pages(journal, following):
            assert page.journal == journal.id
            assert page.first_sequence <= following, "a gap"
            known = None if wiped or not self.before else self.day.pages.get((journal.id, page.first_sequence))
            if known and page.first_sequence < self.before.end:
                assert data == known, "not the page that a host has seen"
            else:
                check_records(page)
            again = self.seen.get(page.first_sequence)
            assert again is None or again == data, "a number is used again"
            if page.next_sequence <= journal.flushed_sequence:
                self.seen[page.first_sequence] = data
            following = page.next_sequence
        assert following == journal.flushed_sequence

    def _check_saved(self):
        found = saved()
        for i in range(len(found)):
            assert found[i] is not None, "a damaged file"
            if self.before:
                allowed = [mark.saved[i] for mark in (self.before, self.after) if mark]
                assert found[i] in allowed, "neither the old content nor the new"


def save_in_place(path, data):
    """Replace a file as files.save() must not."""
    with open(path, "wb") as file:
        file.write(data + struct.pack("<I", crc32(data)))


def main(kind, every="1", first="0", careless=""):
    if careless:
        wearing.save = config.save = crashes.save = profiles.save = save_in_place
    day = short_day() if kind == "short" else long_day()
    trials = try_all(day, int(every), int(first))
    last = day.marks[-1]
    print(
        json.dumps(
            {
                "operations": len(day.operations),
                "cuts": trials,
                "marks": len(day.marks),
                "records": last.end,
                "blocks": day.chip.blocks,
                "free_blocks": day.free_blocks,
                "dropped_records": max([mark.oldest for mark in day.marks]),
            }
        )
    )


main(*sys.argv[1:])
