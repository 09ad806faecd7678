"""Cuts the power at every erase and program of an update over a link, and looks what root/main.py would start.

usage: cut_update.py BYTES [EVERY]

A pack of so many bytes comes in frames, as a host sends it, into a filesystem of 2 MiB with both packs. Then each
EVERYth operation of the chip is torn in every way that TEARS has. EVERY 0 only counts. Prints a line of JSON:
operations, cuts, how many of them leave the old pack and the new one active, what the update asks of the chip, and the
same of the most expensive step, which is what is done between two turns of the sampler.
"""

import asyncio
import json
import sys
from hashlib import sha256

from flash_chip import TEARS, FlashChip, Power
from wearing import POINT, fill, format_chip, mount

from unslouch_device.contract import messages as m
from unslouch_device.on_demand import load
from unslouch_device.slots import Trial

FOLDER = POINT + "/"
BLOCKS = 512
OLD_BYTES = 20_000
STEP_ERASE_MS, STEP_PROGRAM_MS = 45, 1  # to find the most expensive step


def pack_of(size, seed):
    """Return so many bytes that look like a pack's."""
    return b"".join([sha256(b"%d %d" % (seed, at)).digest() for at in range(0, size, 32)])[:size]


class Steps:
    """The sampler's turns, and the greatest cost of what is done between two of them."""

    def __init__(self, chip):
        self._chip = chip
        self._before = chip.counts.copy()
        self.worst = (0, 0, 0, 0, 0)

    def interlude(self):
        cost = self._chip.counts.since(self._before)
        if duration(cost) > duration(self.worst):
            self.worst = cost
        self._before = self._chip.counts.copy()


def duration(cost):
    """Return about how long counted operations take, in ms."""
    return cost[4] * STEP_ERASE_MS + (cost[2] + cost[3] // 256) * STEP_PROGRAM_MS


class App:
    """What an update needs of the app."""

    imu_part = "lsm6dsox"
    battery_percent = 80

    def __init__(self, journal):
        self.slot_folder = FOLDER
        self.trial = Trial(FOLDER)
        self.power = self
        self.journal = journal
        self.restarts = False

    def external(self):
        return False

    def restart(self):
        self.restarts = True


async def update(app, pack):
    """Take a pack in as a host sends it."""
    updating = load("updating").Updating(app)
    server = object()
    assert await updating.answer(server, m.UPDATE_BEGIN, len(pack), sha256(pack).digest(), 2, 0) == (m.OK, b"")
    size = m.UPDATE_DATA_BYTES
    for at in range(0, len(pack), size):
        part = pack[at : at + size]
        status, _ = await updating.answer(server, m.UPDATE_DATA, at, part + bytes(size - len(part)))
        assert status == m.OK
    app.journal.interlude()
    assert await updating.answer(server, m.UPDATE_END) == (m.OK, b"")
    app.journal.interlude()
    assert app.restarts


def content(name):
    """Return a file's bytes, None if there is none."""
    try:
        with open(FOLDER + name, "rb") as file:
            return file.read()
    except OSError:
        return None


def check(old, before, new):
    """Fail unless the board starts a whole pack; return whether it is the new one."""
    state = content("slot")
    assert content("a.pack") == old, "the pack that runs is damaged"
    held = content("b.pack")
    if state == b"a":
        assert held is None or held == before or held == new[: len(held)], "what has arrived is damaged"
        return False
    assert state == b"ba3", state
    assert held == new, "a pack that isn't whole would start"
    assert content("slot.air") == b"b0", "it would start without its stricter trial"
    return True


def main():
    size, every = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chip = FlashChip(BLOCKS)
    format_chip(chip)
    mount(chip)
    old, before, new = pack_of(OLD_BYTES, 1), pack_of(OLD_BYTES, 2), pack_of(size, 3)
    for name, data in (("a.pack", old), ("b.pack", before), ("main.py", b"EDITION = 2\n"), ("slot", b"a")):
        with open(FOLDER + name, "wb") as file:
            file.write(data)
    fill("/data", 200 * 4096)
    mount(chip)
    image = bytes(chip.memory)
    chip.log = log = []
    steps = Steps(chip)
    counts = chip.counts.copy()
    asyncio.run(update(App(steps), new))
    cost = chip.counts.since(counts)
    assert check(old, before, new)
    chip.log = None
    chip.memory[:] = image
    cuts = news = 0
    for n, operation in enumerate(log):
        if every and n % every == 0:
            for how in TEARS:
                chip.begin_trial()
                chip.tear(operation, how)
                mount(chip, Power(chip))
                news += check(old, before, new)
                cuts += 1
                chip.end_trial()
        chip.repeat(operation)
    mount(chip)
    assert check(old, before, new)
    names = ("reads", "read_bytes", "programs", "program_bytes", "erases")
    print(
        json.dumps(
            {
                "operations": len(log),
                "cuts": cuts,
                "old": cuts - news,
                "new": news,
                "update": dict(zip(names, cost)),
                "step": dict(zip(names, steps.worst)),
            }
        )
    )


main()
