"""What this project's host and the firmware go through together, for the simulated radio and for real BlueZ.

As flows.py, but a flow takes the whole firmware's world, and the host is the one that users run. The board was started
from a pack (twin.updates.slots_in()).
"""

import asyncio
import hashlib
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from link.fake_board import MemorySink
from twin.radio.firmware import SENSOR, OnAirWorld, synced, until
from unslouch.flashing.over_link import connected_patiently
from unslouch.link.ble.devices import unpair
from unslouch.link.ble.failures import NotPaired
from unslouch.link.ble.transport import BleTransport
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost
from unslouch.link.update import begin_update, board_firmware, end_update, send_pack
from unslouch.sensor.settings import setting_by_key
from unslouch.sensor.sync import StuckFetch
from unslouch_device import MAIN_EDITION
from unslouch_device.contract import messages as m
from unslouch_device.contract.gatt import WINDOW
from unslouch_device.contract.records import BOOT_HARD_RESET
from unslouch_device.link.bonds import IDENTITY

EPOCHS = 6000
CUTS = 3
LIVE_HZ = 10
PACK_BYTES = 55_000
RESTART_S = 60.0
Flow = Callable[[OnAirWorld], Awaitable[None]]
FLOWS: dict[str, Flow] = {}


def flow(story: Flow) -> Flow:
    """List a flow under its name."""
    FLOWS[story.__name__] = story
    return story


@flow
async def a_host_pairs_calibrates_looks_and_changes_a_setting(world: OnAirWorld) -> None:
    await world.pair()
    async with world.linked() as client:
        kinds: list[int] = []
        client.connection.on_frame = lambda kind, _: kinds.append(kind)
        assert await client.calibrate() == world.app.config.calibration_id
        await client.subscribe(LIVE_HZ)
        await until(lambda: kinds.count(m.LIVE) >= 2 * LIVE_HZ and kinds.count(m.STATUS) >= 2)
        revision, values = await client.settings()
        await client.set_setting(revision, setting_by_key("delay"), values["delay"] + 5)
        assert (await client.settings())[1]["delay"] == values["delay"] + 5
        assert client.connection.frame_errors == 0


@flow
async def the_journal_comes_whole_over_a_link_that_is_cut(world: OnAirWorld) -> None:
    await world.pair()
    world.write_epochs(EPOCHS)
    writer, stuck = MemorySink(), StuckFetch()
    for _ in range(CUTS):
        with pytest.raises(LinkLost):
            await cut_amid_sync(world, writer, stuck)
        assert writer.pages == world.journal_pages()[: len(writer.pages)]
    async with world.linked() as client:
        await synced(client, writer, stuck)
        assert writer.pages == world.journal_pages()
    assert not writer.gaps


async def cut_amid_sync(world: OnAirWorld, writer: MemorySink, stuck: StuckFetch) -> None:
    """Let some more pages come, and break the link."""
    held = len(writer.pages)
    async with world.linked() as client:
        sync = asyncio.create_task(synced(client, writer, stuck))
        await until(lambda: len(writer.pages) > held or sync.done())
        world.air.cut(SENSOR)
        await sync


@flow
async def a_link_that_a_program_left_behind_is_ended_and_another_begun(world: OnAirWorld) -> None:
    await world.pair()
    world.write_epochs(EPOCHS)
    address = await world.address()
    writer = MemorySink()
    async with world.linked() as client:
        sync = asyncio.create_task(synced(client, writer, StuckFetch()))
        await until(lambda: len(writer.pages) > WINDOW)
        await world.abandon(client.connection.transport)
        with pytest.raises(LinkLost):
            await sync
        writer = MemorySink()
        transport = BleTransport(address, world.backends())
        await transport.open()
        async with Connection(transport) as connection:
            await synced(Client(connection), writer)
    assert writer.pages == world.journal_pages()


@flow
async def the_bond_outlives_a_power_cut_of_the_board(world: OnAirWorld) -> None:
    await world.pair()
    await world.firmware.cut_power()
    world.power_on()
    async with world.linked() as client:
        await client.ping()


@flow
async def outside_the_window_nobody_is_let_in(world: OnAirWorld) -> None:
    with pytest.raises(NotPaired, match="accepts no new computer"):
        async with world.transport(pair=True):
            pass
    assert not world.posture_was_heard()


@flow
async def where_nobody_confirms_a_pairing_that_is_said(world: OnAirWorld) -> None:
    await world.have_agent(False)
    world.app.pairing_window.open()
    with pytest.raises(NotPaired, match="default-agent"):
        async with world.transport(pair=True):
            pass


@flow
async def a_sensor_that_lost_its_bond_is_told_from_one_that_is_gone_and_cured_by_pairing(world: OnAirWorld) -> None:
    await world.pair()
    address = await world.address()
    bonds = world.app.radio.hosts._bonds
    for secret in [secret for secret in bonds._secrets if secret[0] != IDENTITY]:
        del bonds._secrets[secret]
    transport = BleTransport(address, world.backends())
    with pytest.raises(NotPaired, match="no longer knows"):
        await transport.open()
    await transport.close()
    assert await unpair(address, world.backends())
    await world.pair()
    async with world.linked() as client:
        await client.ping()


@asynccontextmanager
async def session(world: OnAirWorld) -> AsyncIterator[tuple[Client, SensorInfo]]:
    """A link with its handshake, as updates want it."""
    async with world.transport() as transport, Connection(transport) as connection:
        client = Client(connection)
        yield client, await client.hello()


@flow
async def new_firmware_comes_over_the_air_and_is_started(world: OnAirWorld) -> None:
    pack = random.Random(1).randbytes(PACK_BYTES)
    await world.pair()
    async with world.linked() as client:
        await begin_update(client, len(pack), hashlib.sha256(pack).digest(), MAIN_EDITION, 0)
        await send_pack(client, pack, 0, lambda done, total: None)
        await end_update(client)
    await until(lambda: world.app.boot_cause == BOOT_HARD_RESET)
    async with connected_patiently(lambda: session(world), RESTART_S) as (client, _):
        state = await board_firmware(client)
        assert state.active == (PACK_BYTES, zlib.crc32(pack))
        assert not state.was_taken_back
