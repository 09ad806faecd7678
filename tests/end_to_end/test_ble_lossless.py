"""Nothing is lost over Bluetooth, whatever happens to the link, and little of the link's time is wasted."""

import asyncio
import contextlib
import random
import time
from pathlib import Path

import pytest

from link.fake_board import MemorySink
from twin.radio.firmware import SENSOR, OnAirWorld, on_air, synced, until
from unslouch.errors import UnslouchError
from unslouch.sensor.sync import StuckFetch
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.records import RECORD_BYTES

EPOCHS_PER_H = 720
CUTS = 100
FORTNIGHT_EPOCHS = 14 * 12 * EPOCHS_PER_H
LEAST_SHARE = 0.6
SYNC_S = 2.2  # of eight hours, without cuts


@pytest.mark.soak
def test_eight_hours_come_whole_over_a_link_that_is_cut_a_hundred_times(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        await world.to_rest()
        await world.wait(8 * 3600)
        await until(lambda: not world.app.radio.on)
        await until(lambda: world.app.radio.on, world.app.radio.gap_s + 5)  # a window has just begun
        writer, stuck = MemorySink(), StuckFetch()
        chance = random.Random(1)
        cuts = 0
        parts: set[int] = set()
        while cuts < CUTS:
            with contextlib.suppress(UnslouchError):
                async with world.linked() as client:
                    sync = asyncio.create_task(synced(client, writer, stuck))
                    await asyncio.wait([sync], timeout=chance.uniform(0, SYNC_S / 2))
                    amid = not sync.done()
                    cuts += world.air.cut(SENSOR) and amid
                    await sync
                    assert writer.pages == world.journal_pages()
                    if cuts < CUTS:  # begin anew, since a cut must have something to cut
                        writer = MemorySink()
            assert writer.pages == world.journal_pages()[: len(writer.pages)]
            parts.add(len(writer.pages))
        async with world.linked() as client:
            await synced(client, writer, stuck)
        assert writer.pages == world.journal_pages()
        assert not writer.gaps
        assert len(parts) >= 5  # the cuts came at every stage of the sync
        assert unpack_page(writer.pages[-1]).next_sequence >= 8 * EPOCHS_PER_H

    on_air(tmp_path, story)


@pytest.mark.parametrize(
    "watched", [pytest.param(False, marks=pytest.mark.soak), True], ids=["nobody looks", "somebody looks"]
)
def test_a_fortnight_comes_in_less_than_a_minute_and_uses_most_of_the_link(tmp_path: Path, watched: bool) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        world.write_epochs(FORTNIGHT_EPOCHS)
        writer = MemorySink()
        pictures = 0

        def look(kind: int, payload: bytes) -> None:
            nonlocal pictures
            pictures += 1

        async with world.linked() as client:
            client.connection.on_frame = look
            await client.subscribe(25 if watched else 0)
            began_s, real_began_s = world.world.clock.now_s, time.monotonic()
            await synced(client, writer)
            took_s = world.world.clock.now_s - began_s
        size = sum(len(page) for page in writer.pages)
        share = size / took_s / world.air.limits.bytes_per_s(0.03)
        print(f"{size} bytes in {took_s:.1f} s, {share:.0%} of the link, {pictures} pictures")
        print(f"{time.monotonic() - real_began_s:.1f} s of the computer's time")
        assert writer.pages == world.journal_pages()
        assert size > FORTNIGHT_EPOCHS * RECORD_BYTES
        assert took_s < 60
        assert share >= LEAST_SHARE

    on_air(tmp_path, story)
