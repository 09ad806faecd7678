"""Wears a sensor for weeks on a simulated flash chip and counts what the chip is asked for.

usage: count_operations.py unwatched|watched|connected|stock [DAYS]

The filesystem is one of 2 MiB with two packs of firmware and all small files in it. The journal is full from the first
day that counts: it is filled by as many days as it takes. `connected` has a host that connects every minute; `stock`
mounts in MicroPython's own sizes. Prints one line of JSON: `mean` is of the flushes, `worst` of the steps between which
the sampler has its turn, while the sensor is worn, `save` of saving one of the small files, `boot` of starting the
board, `wipe` of the steps of wiping. All but the mean are lists, in which no one is less in every count than another.
Wear is erases.
"""

import json
import sys

import vfs
from flash_chip import FlashChip, Power
from wearing import POINT, Board, fill, format_chip, free_blocks, mount, unmount

from unslouch_device.boards.xiao_esp32s3 import JOURNAL_BYTES
from unslouch_device.contract import records as r

BLOCKS = 512
PACK_BYTES = 57_344  # the most that tests let `unslouch flash` make
MAIN_BYTES = 4000
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
        self.forget()
        for path, size in (("/a.pack", PACK_BYTES), ("/b.pack", PACK_BYTES), ("/main.py", MAIN_BYTES), ("/slot", 1)):
            fill(path, size)
        self.boot()
        self.board.save_everything()
        self.forget()

    def forget(self):
        """Begin to count."""
        self.step_began = self.chip.counts.copy()
        self.flushes = 0
        self.total = [0] * len(COUNTED)
        self.worst = []
        self.saving = []

    def boot(self):
        """Start the board."""
        if self.kind == "stock":
            unmount()
            vfs.mount(vfs.VfsLfs2(Power(self.chip)), POINT)
        else:
            mount(self.chip)
        before = self.chip.counts.copy()
        self.board = Board(JOURNAL_BYTES)
        self.board.journal.interlude = self.end_step
        self.boot_cost = self.chip.counts.since(before)

    def day(self):
        """Wear it for a day, then put it aside for the night."""
        watched = self.kind == "watched"
        for i in range(EPOCHS_PER_DAY):
            self.counted(self.board.wear, 1, watched)
            if i % (EPOCHS_PER_DAY // EVENTS_PER_DAY) == 0:
                self.board.event()
            if self.kind == "connected" and i % 12 == 0:
                self.counted(self.board.journal.flush)
            if i % (EPOCHS_PER_DAY // SAVES_PER_DAY) == 0:
                self.save(self.board.fade)
                self.save(self.board.remember_walking)
        self.board.event()  # taken off
        self.board.now_ms += NIGHT_MS
        self.counted(self.board.journal.flush_due, self.board.now_ms, False)

    def counted(self, work, *arguments):
        """Do one thing, and count what it costs."""
        self.step_began = before = self.chip.counts.copy()
        flushed = self.board.journal.flushed_sequence
        work(*arguments)
        self.end_step()
        if self.board.journal.flushed_sequence != flushed:
            self.flushes += 1
            self.total = [total + each for total, each in zip(self.total, self.chip.counts.since(before))]

    def end_step(self):
        """Note what has been done since the last step ended."""
        cost = self.chip.counts.since(self.step_began)
        self.step_began = self.chip.counts.copy()
        if not any(covers(other, cost) for other in self.worst):
            self.worst = [other for other in self.worst if not covers(cost, other)] + [cost]

    def save(self, work):
        """Save a small file, and count what it costs."""
        worst, self.worst = self.worst, self.saving
        self.counted(work)
        self.worst, self.saving = worst, self.worst

    def wipe(self):
        """Wipe the journal, and return the worst steps of that."""
        self.forget()
        self.counted(self.board.journal.wipe, 2)
        return self.worst


def covers(one, other):
    """Tell whether no count of the other is higher."""
    return all(a >= b for a, b in zip(one, other))


def named(cost):
    return dict(zip(COUNTED, cost))


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
    mean = [total / wearing.flushes for total in wearing.total]
    worst = wearing.worst
    saving = wearing.saving
    flushes = wearing.flushes
    wearing.boot()
    print(
        json.dumps(
            {
                "blocks": BLOCKS,
                "free_blocks": free,
                "room_when_empty_days": room[0] / (EPOCHS_PER_DAY + EVENTS_PER_DAY + 1),
                "days_held": min(held),
                "flushes_per_day": flushes / int(days),
                "erases_per_day": erases / int(days),
                "erases_per_day_of_most_worn_block": worn / int(days),
                "mean": named(mean),
                "worst": [named(cost) for cost in worst],
                "save": [named(cost) for cost in saving],
                "boot": [named(wearing.boot_cost)],
                "wipe": [named(cost) for cost in wearing.wipe()],
            }
        )
    )


main(*sys.argv[1:])
