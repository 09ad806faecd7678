"""bleak's public API on the simulated air, beyond what tests/bluez/flows.py holds against real BlueZ."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDeviceNotFoundError,
    BleakGATTProtocolError,
)
from bleak.exc import BleakBluetoothNotAvailableReason as Reason

from twin.radio.peripheral import ADVERTISED, GUARDED, OPEN, SERVICE, Scene, on_air, until
from unslouch.twin.radio.air import SENSITIVITY_DBM
from unslouch.twin.radio.bleak_client import client_on
from unslouch.twin.radio.bleak_scanner import scanner_on


def test_discovery_gives_address_name_services_and_strength() -> None:
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


def test_a_device_that_has_lost_its_bond_is_tried_until_the_timeout() -> None:
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


def test_a_device_that_never_advertised_is_not_found() -> None:
    async def story(scene: Scene) -> None:
        unknown = BleakClient("11:22:33:44:55:66", timeout=2, backend=client_on(scene.laptop))
        with pytest.raises(BleakDeviceNotFoundError):
            await unknown.connect()

    on_air(story)


def test_more_than_fits_one_packet_is_not_written_without_response() -> None:
    async def story(scene: Scene) -> None:
        async with await scene.client() as client:
            with pytest.raises(BleakGATTProtocolError):
                await client.write_gatt_char(OPEN, bytes(500), response=False)

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
