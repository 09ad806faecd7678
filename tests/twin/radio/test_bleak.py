"""bleak's public API on the simulated air, with BlueZ's habits."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.exc import BleakBluetoothNotAvailableReason as Reason

from twin.radio.peripheral import ADVERTISED, GUARDED, OPEN, SERVICE, Scene, on_air, until
from unslouch.twin.radio.air import SENSITIVITY_DBM
from unslouch.twin.radio.bleak_client import client_on
from unslouch.twin.radio.bleak_scanner import scanner_on


def test_discovery_tells_address_name_services_and_strength() -> None:
    async def story(scene: Scene) -> None:
        found = await BleakScanner.discover(1, return_adv=True, backend=scanner_on(scene.laptop))
        ((address, (device, advertised)),) = found.items()
        assert address == device.address == "74:4D:BD:00:00:01"
        assert device.name == advertised.local_name == "sensor"
        assert advertised.service_uuids == [SERVICE]
        assert advertised.rssi == -60
        assert bytes(advertised.platform_data[0].data).startswith(ADVERTISED)

    on_air(story)


def test_a_filter_by_service_hides_other_devices() -> None:
    async def story(scene: Scene) -> None:
        other = "5a5a0009-7e57-4b1e-8d3c-0123456789ab"
        for uuid, expected in ((SERVICE, 1), (other, 0)):
            found = await BleakScanner.discover(1, service_uuids=[uuid], backend=scanner_on(scene.laptop))
            assert len(found) == expected

    on_air(story)


def test_services_and_characteristics_are_found_with_their_properties() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        async with client:
            service = client.services.get_service(SERVICE)
            assert service is not None
            properties = {one.uuid: set(one.properties) for one in service.characteristics}
            both = {"read", "write", "write-without-response"}
            assert properties == {OPEN: both | {"notify"}, GUARDED: both | {"indicate"}}
        assert not client.is_connected

    on_air(story)


def test_values_are_read_and_written_with_and_without_response_and_in_parts() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.ble.gatts_set_buffer(board.open, 600)
        async with await scene.client() as client:
            await client.write_gatt_char(OPEN, b"with", response=True)
            assert await client.read_gatt_char(OPEN) == b"with"
            await client.write_gatt_char(OPEN, b"without", response=False)
            await until(lambda: board.ble.gatts_read(board.open) == b"without")
            await client.write_gatt_char(OPEN, bytes(500), response=True)
            assert board.ble.gatts_read(board.open) == bytes(500)
            with pytest.raises(BleakGATTProtocolError):
                await client.write_gatt_char(OPEN, bytes(500), response=False)

    on_air(story)


def test_notifications_come_in_order_until_they_are_stopped() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        got: list[bytes] = []
        async with await scene.client() as client:
            await client.start_notify(OPEN, lambda _, data: got.append(bytes(data)))
            with pytest.raises(BleakError):
                await client.start_notify(OPEN, lambda *_: None)
            for number in range(10):
                board.ble.gatts_notify(0, board.open, bytes((number,)))
            await until(lambda: len(got) == 10)
            assert got == [bytes((number,)) for number in range(10)]
            await client.stop_notify(OPEN)
            board.ble.gatts_write(board.open, b"late", True)
            await client.read_gatt_char(OPEN)
            assert len(got) == 10

    on_air(story)


def test_a_refused_read_pairs_and_is_tried_again() -> None:
    async def story(scene: Scene) -> None:
        async with await scene.client() as client:
            assert await client.read_gatt_char(GUARDED) == b"posture"
        assert scene.peripheral.bonds == 1

    on_air(story)


def test_without_an_agent_nothing_is_paired() -> None:
    async def story(scene: Scene) -> None:
        scene.laptop.agent = False
        async with await scene.client() as client:
            with pytest.raises(BleakError, match="AuthenticationFailed"):
                await client.pair()
        assert scene.peripheral.bonds == 0

    on_air(story)


def test_a_device_that_has_lost_its_bond_is_reached_again_only_after_unpairing_and_a_new_scan() -> None:
    async def story(scene: Scene) -> None:
        async with await scene.client() as client:
            await client.pair()
        scene.peripheral.secrets.clear()
        lost: list[BleakClient] = []
        client = await scene.client(timeout=5, disconnected_callback=lost.append)
        with pytest.raises(TimeoutError):
            await client.connect()
        assert len(lost) > 5
        await client.unpair()
        with pytest.raises(BleakDeviceNotFoundError):
            await client.connect()
        async with await scene.client() as client:
            assert await client.read_gatt_char(GUARDED) == b"posture"
        assert scene.peripheral.bonds == 1

    on_air(story)


def test_an_absent_device_takes_the_whole_timeout_and_an_unknown_one_isnt_found() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client(timeout=7)
        scene.air.place("sensor", "laptop", SENSITIVITY_DBM - 1)
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            await client.connect()
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(7, abs=0.1)
        unknown = BleakClient("11:22:33:44:55:66", timeout=2, backend=client_on(scene.laptop))
        with pytest.raises(BleakDeviceNotFoundError):
            await unknown.connect()

    on_air(story)


def test_the_loss_of_a_link_is_called_back_and_spoils_a_read_under_way_and_those_to_come() -> None:
    async def story(scene: Scene) -> None:
        lost: list[BleakClient] = []
        client = await scene.client(disconnected_callback=lost.append)
        await client.connect()
        reading = asyncio.create_task(client.read_gatt_char(OPEN))
        await asyncio.sleep(0.001)
        scene.air.cut("sensor")
        with pytest.raises(BleakGATTProtocolError) as spoilt:
            await reading
        assert spoilt.value.code == 14
        assert lost == [client]
        with pytest.raises(BleakError, match="Service Discovery has not been performed yet"):
            await client.read_gatt_char(OPEN)

    on_air(story)


def test_cancelling_a_connection_under_way_leaves_the_adapter_free() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        scene.air.place("sensor", "laptop", SENSITIVITY_DBM - 1)
        connecting = asyncio.create_task(client.connect())
        await asyncio.sleep(1)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        scene.air.place("sensor", "laptop", -60)
        await client.connect()
        await client.disconnect()

    on_air(story)


def test_the_mtu_that_bleak_reports_is_bluezs() -> None:
    async def story(scene: Scene) -> None:
        async with await scene.client() as client:
            assert client.mtu_size == 23
            characteristic = client.services.get_characteristic(OPEN)
            assert characteristic is not None
            assert characteristic.max_write_without_response_size == 244

    on_air(story)


@pytest.mark.parametrize("reason", [Reason.POWERED_OFF, Reason.NO_BLUETOOTH, Reason.DENIED_BY_USER])
def test_a_host_without_bluetooth_says_why(reason: Reason) -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        scene.laptop.unavailable = reason
        with pytest.raises(BleakBluetoothNotAvailableError) as scanning:
            await BleakScanner.discover(1, backend=scanner_on(scene.laptop))
        with pytest.raises(BleakBluetoothNotAvailableError) as connecting:
            await client.connect()
        assert scanning.value.reason is connecting.value.reason is reason

    on_air(story)


def test_one_scanner_that_stops_leaves_the_others_listening() -> None:
    async def story(scene: Scene) -> None:
        heard: list[int] = []
        backend = scanner_on(scene.laptop)
        async with BleakScanner(lambda _, advertised: heard.append(advertised.rssi), backend=backend):
            await scene.find()
            heard.clear()
            await until(lambda: heard)
            async with await scene.client() as client:
                await client.read_gatt_char(OPEN)
        heard.clear()
        await asyncio.sleep(1)
        assert heard == []

    on_air(story)
