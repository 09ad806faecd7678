"""Wears a sensor for weeks on a simulated flash chip and counts what the chip is asked for.

usage: count_operations.py unwatched|watched|greeted|stock [DAYS]

The filesystem is one of 2 MiB with two packs of firmware in it. The journal is full from the first day that counts:
it is filled by as many days as it takes. `greeted` has a host that greets every minute; `stock` mounts in MicroPython's
own sizes. Prints one line of JSON: counts are of one flush (of starting the board, of wiping), wear is erases.
"""

import json
import sys

import vfs
from flash_chip import FlashChip, Power
from wearing import POINT, Board, fill, format_chip, free_blocks, mount, unmount

from unslouch_device.boards.xiao_esp32s3 import JOURNAL_BYTES
from unslouch_device.contract import records as r

BLOCKS = 512
PACK_BYTES = 60_000
EPOCHS_PER_DAY = 12 * 3600 * 1000 // r.EPOCH_MS
EVENTS_PER_DAY = 200
SAVES_PER_DAY = 24  # of how somebody walks, and of the fading
NIGHT_MS = 12 * 3600 * 1000
COUNTED = ("reads", "read_bytes", "programs", "program_bytes", "erases")


class Wearing:
    """A board, and the costs of each of its flushes."""

    def __init__(self, kind):
        self.kind = kind
        self.chip = FlashChip(BLOCKS)
        format_chip(self.chip)
        mount(self.chip)
        fill("/a.pack", PACK_BYTES)
        fill("/b.pack", PACK_BYTES)
        fill("/main.py", 3000)
        self.boot()
        self.forget()

    def forget(self):
        """Begin to count."""
        self.flushes = 0
        self.total = [0] * len(COUNTED)
        self.worst = [0] * len(COUNTED)

    def boot(self):
        """Start the board."""
        if self.kind == "stock":
            unmount()
            vfs.mount(vfs.VfsLfs2(Power(self.chip)), POINT)
        else:
            mount(self.chip)
        before = self.chip.counts.copy()
        self.board = Board(JOURNAL_BYTES)
        self.boot_cost = self.chip.counts.since(before)

    def day(self):
        """Wear it for a day, then put it aside for the night."""
        watched = self.kind == "watched"
        for i in range(EPOCHS_PER_DAY):
            self.counted(self.board.wear, 1, watched)
            if i % (EPOCHS_PER_DAY // EVENTS_PER_DAY) == 0:
                self.board.event()
            if self.kind == "greeted" and i % 12 == 0:
                self.counted(self.board.journal.flush)
            if i % (EPOCHS_PER_DAY // SAVES_PER_DAY) == 0:
                self.board.fade()
        self.board.event()  # taken off
        self.board.now_ms += NIGHT_MS
        self.board.journal.flush_due(self.board.now_ms, False)

    def counted(self, work, *arguments):
        """Do some work, and count what it costs if it is a flush."""
        before = self.chip.counts.copy()
        flushed = self.board.journal.flushed_sequence
        work(*arguments)
        if self.board.journal.flushed_sequence != flushed:
            cost = self.chip.counts.since(before)
            self.flushes += 1
            self.total = [total + each for total, each in zip(self.total, cost)]
            self.worst = [max(worst, each) for worst, each in zip(self.worst, cost)]


def days_held(journal):
    """Return how many days the journal holds."""
    return (journal.flushed_sequence - journal.oldest_sequence) / (EPOCHS_PER_DAY + EVENTS_PER_DAY + 1)


def main(kind, days="7"):
    wearing = Wearing(kind)
    room = wearing.board.journal.room()
    while not wearing.board.journal.oldest_sequence:
        wearing.day()
    wearing.boot()
    wearing.forget()
    wear = list(wearing.chip.wear)
    erases = wearing.chip.counts.erases
    held = []
    for _ in range(int(days)):
        wearing.day()
        held.append(days_held(wearing.board.journal))
    erases = wearing.chip.counts.erases - erases
    worn = max([now - then for now, then in zip(wearing.chip.wear, wear)])
    free = free_blocks()
    wearing.boot()
    before = wearing.chip.counts.copy()
    wearing.board.journal.wipe(2)
    wipe_cost = wearing.chip.counts.since(before)
    print(
        json.dumps(
            {
                "blocks": BLOCKS,
                "free_blocks": free,
                "room_when_empty_days": room[0] / (EPOCHS_PER_DAY + EVENTS_PER_DAY + 1),
                "days_held": min(held),
                "flushes_per_day": wearing.flushes / int(days),
                "erases_per_day": erases / int(days),
                "erases_per_day_of_most_worn_block": worn / int(days),
                "mean": {name: wearing.total[i] / wearing.flushes for i, name in enumerate(COUNTED)},
                "worst": {name: wearing.worst[i] for i, name in enumerate(COUNTED)},
                "boot": {name: wearing.boot_cost[i] for i, name in enumerate(COUNTED)},
                "wipe": {name: wipe_cost[i] for i, name in enumerate(COUNTED)},
            }
        )
    )


main(*sys.argv[1:])
