"""Hours in which a sensor is attacked over Bluetooth, is short of memory and panics, and its host misses nothing.

A stack that waits for the interpreter inside its own lock (see host_lock) is among the troubles.
"""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from link.fake_board import MemorySink
from twin.radio.attacks import ATTACKER, ATTACKS, attacked
from twin.radio.firmware import OnAirWorld, on_air, synced
from unslouch.errors import UnslouchError
from unslouch.twin.radio import irq
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.records import EPOCH_MS, RECORD_BYTES, is_event
from unslouch_device.link.bonds import OURS

HOURS = 2.5
ROUNDS = 15
VISIT_S = 1300.0  # the longest gap between two windows is 900 s
"""Within which the host has everything, whatever goes on: a window may be three minutes away."""


class Soak:
    """A sensor in trouble, and its host, which visits after each."""

    def __init__(self, world: OnAirWorld, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.sink = MemorySink()
        self.visits_s: list[float] = []
        self.troubles: Counter[str] = Counter()

    async def live(self) -> None:
        troubles = {
            "attack": self.attack,
            "short memory": self.run_short,
            "panic": self.panic,
            "lock": self.hold_lock,
        }
        for number in range(ROUNDS):
            name = list(troubles)[number] if number < len(troubles) else self.chance.choice(list(troubles))
            self.troubles[name] += 1
            await troubles[name]()
            await self.world.wait(3600 * HOURS / ROUNDS)

    async def visit(self) -> None:
        """Take everything new, trying again until it is complete."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        async with asyncio.timeout(VISIT_S):
            while True:
                try:
                    async with self.world.linked() as client:
                        await synced(client, self.sink)
                    break
                except (UnslouchError, TimeoutError):
                    await asyncio.sleep(1)
        self.visits_s.append(loop.time() - began_s)

    async def attack(self) -> None:
        stranger = await self.world.computer("attacker", ATTACKER)  # anew: an attack may end it at any of its steps
        async with attacked(self.world, stranger, self.chance.choice(ATTACKS)):
            await self.visit()
        stranger.power_off()

    async def run_short(self) -> None:
        """The radio can't be switched on for a while, which must not stop the sensor from recording."""
        ble = self.world.firmware.bluetooth.ble
        ble.memory_short = True
        self.world.app.radio.off()
        await self.world.wait(self.chance.uniform(30, 200))
        assert not self.world.app.radio.on
        ble.memory_short = False
        await self.visit()

    async def panic(self) -> None:
        boot = self.world.app.journal.boot
        self.world.firmware.panic()
        while self.world.app.journal.boot == boot:
            await asyncio.sleep(1)
        await self.visit()

    async def hold_lock(self) -> None:
        """While the host is served, NimBLE again and again waits for the interpreter inside its lock."""
        visit = asyncio.create_task(self.visit())
        while not visit.done():
            self.world.firmware.bluetooth.ble.host_lock.ask(self.answer_for_secret)
            await asyncio.sleep(self.chance.uniform(0.005, 0.5))
        await visit
        self.world.firmware.bluetooth.ble.host_lock.release_interpreter()

    def answer_for_secret(self) -> None:
        self.world.app.radio.hosts.interrupt(irq.GET_SECRET, (OURS, 0, None))


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_a_sensor_that_is_attacked_short_of_memory_and_panicking_loses_nothing(seed: int, tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        began_s = world.world.clock.now_s
        soak = Soak(world, random.Random(seed))
        await soak.live()
        await soak.visit()
        lasted_s = world.world.clock.now_s - began_s
        stored = b"".join(soak.sink.pages)
        assert stored == b"".join(world.journal_pages())
        records = b"".join(unpack_page(page).records for page in soak.sink.pages)
        rows = [records[at : at + RECORD_BYTES] for at in range(0, len(records), RECORD_BYTES)]
        epochs = sum(not is_event(row) for row in rows)
        longest_s = max(soak.visits_s)
        print(f"{dict(soak.troubles)}; visits of {longest_s:.0f} s at most; {epochs} epochs in {lasted_s:.0f} s")
        lost_s = lasted_s - epochs * EPOCH_MS / 1000
        assert lost_s < 15 * (1 + soak.troubles["panic"])  # around each start

    on_air(tmp_path, story)
