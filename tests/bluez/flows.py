"""What a host and a peripheral go through together, written once for the simulated radio and for real BlueZ.

A flow takes a Scene: who plays the laptop is the scene's affair. Each begins with neither side knowing the other.
"""

import asyncio
import warnings
from collections.abc import Awaitable, Callable

import pytest
from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from twin.radio.peripheral import GUARDED, OPEN, SERVICE, Scene, until
from unslouch.twin.radio import irq
from unslouch.twin.radio.air import SENSITIVITY_DBM

Flow = Callable[[Scene], Awaitable[None]]
FLOWS: dict[str, Flow] = {}


def flow(story: Flow) -> Flow:
    """List a flow under its name."""
    FLOWS[story.__name__] = story
    return story


@flow
async def services_are_found_as_they_are(scene: Scene) -> None:
    async with await scene.client() as client:
        service = client.services.get_service(SERVICE)
        assert service is not None
        properties = {one.uuid: set(one.properties) for one in service.characteristics}
        both = {"read", "write", "write-without-response"}
        assert properties == {OPEN: both | {"notify"}, GUARDED: both | {"indicate"}}
    assert not client.is_connected


@flow
async def values_are_written_with_and_without_response_and_in_parts(scene: Scene) -> None:
    board = scene.peripheral
    board.ble.gatts_set_buffer(board.open, 600)
    async with await scene.client() as client:
        await client.write_gatt_char(OPEN, b"with", response=True)
        assert await client.read_gatt_char(OPEN) == b"with"
        await client.write_gatt_char(OPEN, b"without", response=False)
        await until(lambda: board.ble.gatts_read(board.open) == b"without")
        await client.write_gatt_char(OPEN, bytes(500), response=True)
        assert board.ble.gatts_read(board.open) == bytes(500)


@flow
async def a_refused_read_pairs_and_is_tried_again(scene: Scene) -> None:
    async with await scene.client() as client:
        assert await client.read_gatt_char(GUARDED) == b"posture"
    assert scene.peripheral.bonds == 1
    (update,) = scene.peripheral.events_of(irq.ENCRYPTION_UPDATE)
    assert update[1:] == (1, 0, 1, 16)  # encrypted by Just Works, bonded, with a key of full length


@flow
async def notifications_come_in_order_until_they_are_stopped(scene: Scene) -> None:
    board = scene.peripheral
    got: list[bytes] = []
    sent = [bytes((number,)) * 244 for number in range(100)]
    async with await scene.client() as client:
        await client.start_notify(OPEN, lambda _, data: got.append(bytes(data)))
        for value in sent:
            await until(lambda value=value: _notified(scene, value))
        await until(lambda: len(got) == len(sent))
        assert got == sent
        await client.stop_notify(OPEN)
        board.ble.gatts_write(board.open, b"late", True)
        await client.read_gatt_char(OPEN)
        assert len(got) == len(sent)


def _notified(scene: Scene, value: bytes) -> bool:
    try:
        scene.peripheral.ble.gatts_notify(0, scene.peripheral.open, value)
    except OSError:  # all buffers are full
        return False
    return True


@flow
async def a_bonded_device_is_encrypted_again_without_pairing(scene: Scene) -> None:
    board = scene.peripheral
    async with await scene.client() as client:
        await client.pair()
    await until(lambda: board.events_of(irq.CENTRAL_DISCONNECT))
    keys = dict(board.secrets)
    board.events.clear()
    async with await scene.client() as client:
        assert await client.read_gatt_char(GUARDED) == b"posture"
    (update,) = board.events_of(irq.ENCRYPTION_UPDATE)
    assert update[1:] == (1, 0, 1, 16)
    assert board.secrets == keys
    assert not board.events_of(irq.SET_SECRET)


@flow
async def a_device_that_lost_its_bond_is_reached_only_after_unpairing_and_a_new_scan(scene: Scene) -> None:
    async with await scene.client() as client:
        await client.pair()
    scene.peripheral.secrets.clear()
    client = await scene.client(timeout=4)
    with pytest.raises((TimeoutError, BleakError)):  # BlueZ says the one or the other, as luck will have it
        await client.connect()
    await client.unpair()
    scanning = asyncio.create_task(scene.client())
    while not (await asyncio.wait({scanning}, timeout=1))[0]:
        scene.peripheral.ble.gap_disconnect(
            0
        )  # BlueZ may have come back by itself: firmware sends away who stays silent
    async with await scanning as client:
        assert await client.read_gatt_char(GUARDED) == b"posture"
    assert scene.peripheral.bonds == 1


@flow
async def without_an_agent_nothing_is_paired(scene: Scene) -> None:
    await scene.have_agent(False)
    async with await scene.client() as client:
        with pytest.raises(BleakDBusError, match="AuthenticationFailed"):
            await client.pair()
    assert scene.peripheral.bonds == 0


@flow
async def an_absent_device_takes_the_whole_timeout(scene: Scene) -> None:
    client = await scene.client(timeout=5)
    scene.air.place("sensor", "laptop", SENSITIVITY_DBM - 1)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    with pytest.raises(TimeoutError):
        await client.connect()
    assert loop.time() - began_s > 4


@flow
async def the_loss_of_a_link_is_called_back_and_spoils_what_is_under_way_and_to_come(scene: Scene) -> None:
    lost: list[BleakClient] = []
    client = await scene.client(disconnected_callback=lost.append)
    await client.connect()

    def cut_instead_of_answering(_: tuple[object, ...]) -> None:
        scene.air.cut("sensor")

    scene.peripheral.answers[irq.GATTS_READ_REQUEST] = cut_instead_of_answering
    with pytest.raises(BleakGATTProtocolError) as spoilt:
        await client.read_gatt_char(OPEN)
    assert spoilt.value.code == 14
    await until(lambda: lost)
    with pytest.raises(BleakError, match="Service Discovery has not been performed yet"):
        await client.read_gatt_char(OPEN)


@flow
async def the_mtu_that_bleak_reports_is_no_good_and_the_room_for_writing_is(scene: Scene) -> None:
    async with await scene.client() as client:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert client.mtu_size == 23
        characteristic = client.services.get_characteristic(OPEN)
        assert characteristic is not None
        assert characteristic.max_write_without_response_size == 244
