"""A wearer uses Bluetooth, from pairing to a second computer: the real host on the firmware's simulated radio."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from link.fake_board import ReceivedEvents
from twin.poses import Poses
from twin.radio.firmware import OnAirWorld, backends_of, on_air, until
from unslouch.errors import Refused
from unslouch.link.model import LinkState
from unslouch.sensor.recorder import Recorder
from unslouch.sensor.settings import setting_by_key
from unslouch.store.store import Store
from unslouch.twin.radio.central import Central
from unslouch_device.contract import messages as m
from unslouch_device.contract.records import EPOCH_MS
from unslouch_device.contract.states import SLOUCHING, UPRIGHT

ADDRESS = "74:4D:BD:00:00:01"
PHONE = "C0:00:00:00:00:02"
LEANS_S = 60.0
PATIENCE_S = 300.0


@asynccontextmanager
async def followed(
    world: OnAirWorld, database: Path, central: Central | None = None
) -> AsyncIterator[tuple[Recorder, ReceivedEvents]]:
    """A recorder that is live over Bluetooth, as in the dashboard."""
    received = ReceivedEvents()
    recorder = Recorder(ADDRESS, database, backends=backends_of(central or world.laptop))
    recorder.subscribe(received, "the test")
    task = asyncio.create_task(recorder.run())
    try:
        await until(lambda: recorder.state is LinkState.LIVE, PATIENCE_S)
        yield recorder, received
    finally:
        task.cancel()
        await asyncio.wait([task])


def stored(database: Path) -> list[bytes]:
    with Store.open(database, simulated=True, readonly=True) as store:
        return [data for (data,) in store._connection.execute("SELECT data FROM page ORDER BY first_sequence")]


def test_a_first_evening_with_the_sensor(tmp_path: Path) -> None:
    database = tmp_path / "one.db"

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with followed(world, database) as (recorder, received):
            client = recorder.client
            assert await client.calibrate() == 1
            await until(lambda: received.live and received.live[-1].state == UPRIGHT)
            assert received.live[-1].forward_deg == pytest.approx(0, abs=1)

            revision, settings = await client.settings()
            await client.set_setting(revision, setting_by_key("delay"), 10)
            with pytest.raises(Refused, match="changed by somebody else"):
                await client.set_setting(revision, setting_by_key("delay"), 15)
            assert (await client.settings())[1] == settings | {"delay": 10}

            await until(lambda: received.live[-1].state == SLOUCHING, PATIENCE_S)
            assert world.world.clock.now_s > LEANS_S + 10
            assert "alert" in [event.name for event in received.journal_events]
            await client.buzz()
            assert await client.snooze(5) == 5

    on_air(tmp_path, story, Poses((LEANS_S, 30, 0)))


def test_a_link_that_breaks_comes_back_with_its_bond_and_leaves_no_gap(tmp_path: Path) -> None:
    database = tmp_path / "one.db"

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with followed(world, database) as (recorder, _):
            for _ in range(3):
                await world.wait(20)
                world.air.place("sensor", "laptop", -120)  # out of reach
                await until(lambda: recorder.state is not LinkState.LIVE)
                await world.wait(20)
                world.air.place("sensor", "laptop", -60)
                await until(lambda: recorder.state is LinkState.LIVE, PATIENCE_S)
        world.app.event_log.flush()
        async with followed(world, database) as (recorder, _):
            await world.wait(5)
            assert recorder.gaps_added == 0
        pages = world.journal_pages()
        kept = stored(database)
        assert kept == pages[: len(kept)]
        assert len(kept) >= len(pages) - 1
        assert len(pages) * 17 > world.app.uptime.now_ms() / EPOCH_MS / 2

    on_air(tmp_path, story)


def test_a_second_computer_has_the_same_journal_and_both_may_look(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        phone = await world.computer("phone", PHONE)
        await world.pair()
        await world.pair(phone)
        world.write_epochs(500)
        first, second = tmp_path / "one.db", tmp_path / "two.db"
        async with followed(world, first) as (one, received):
            await until(lambda: one.records_added > 500)
            async with world.linked(phone) as other:
                await other.subscribe(5)
                await world.wait(2)
                assert (await other.connection.request(m.PING)).status == m.OK
            seen = len(received.live)
            await world.wait(2)
            assert len(received.live) > seen + 20
        async with followed(world, second, phone) as (two, _):
            await until(lambda: two.records_added > 500)
        common = min(len(stored(first)), len(stored(second)))
        assert stored(first)[:common] == stored(second)[:common] == world.journal_pages()[:common]
        assert common > 500 // 17

    on_air(tmp_path, story)
