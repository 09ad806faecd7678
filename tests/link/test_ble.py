"""The Bluetooth link on the simulated radio: pairing, frames both ways, and every failure as a sentence."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from bleak.exc import BleakBluetoothNotAvailableReason as Reason

from link.ble_board import ADDRESS, BleScene, backends_of, on_air, until
from link.fake_board import MemorySink
from unslouch.errors import ExitCode, NotOurs
from unslouch.link.ble import devices as ble_devices
from unslouch.link.ble import transport as ble
from unslouch.link.ble.failures import BluetoothUnavailable, NotPaired, OutOfReach
from unslouch.link.ble.transport import BleTransport
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.transport import LinkLost
from unslouch.sensor.sync import JournalSync, StuckFetch
from unslouch.twin.radio.air import SENSITIVITY_DBM
from unslouch_device.contract import messages

Story = Callable[[BleScene], Awaitable[None]]


async def connect(scene: BleScene, **options: object) -> Client:
    """Open a link and do the handshake; the caller closes it."""
    transport = BleTransport(ADDRESS, scene.backends, **options)
    try:
        await transport.open()
    except BaseException:
        await transport.close()
        raise
    connection = await Connection(transport).__aenter__()
    client = Client(connection)
    await client.hello()
    return client


async def leave(client: Client) -> None:
    await client.connection.__aexit__(None, None, None)


async def refused(scene: BleScene, kind: type[Exception], sentence: str, **options: object) -> None:
    """Try to open a link, which fails with a sentence, and leaves nothing behind."""
    transport = BleTransport(ADDRESS, scene.backends, **options)
    with pytest.raises(kind, match=sentence):
        await transport.open()
    await transport.close()


def test_a_sensor_is_heard_with_its_name_and_strength(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        (heard,) = await ble_devices.listen(1, scene.backends)
        assert heard == ble_devices.Heard(ADDRESS, "unslouch", -60)

    on_air(tmp_path, story)


def test_a_paired_computer_comes_back_with_its_bond_and_asks_everything(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await scene.pair()
        client = await connect(scene)
        assert (await client.settings())[0] == scene.board.board.revision
        assert await client.calibrate() == scene.board.board.calibration_id
        await leave(client)
        assert scene.board.admission.refusals == []

    on_air(tmp_path, story)


def test_the_journal_comes_whole_and_is_acknowledged_on_the_way(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.board.builder.epochs(0, 2000)
        await scene.pair()
        client = await connect(scene)
        writer = MemorySink()
        sync = JournalSync(client, await client.hello(), writer, StuckFetch())
        await sync.begin()
        while sync.behind:
            await sync.step()
        assert writer.pages == scene.board.board.pages
        await until(lambda: scene.board.journal_values - scene.board.acknowledged[-1] < ble.ACK_EVERY)
        assert len(scene.board.acknowledged) < scene.board.journal_values / 4
        await leave(client)

    on_air(tmp_path, story)


def test_requests_and_replies_longer_than_a_value_come_in_pieces(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.restart(mtu=23)
        await scene.pair()
        client = await connect(scene)
        await client.name_profile(2, "by the window")
        assert (await client.profiles())[2].name == "by the window"
        await leave(client)

    on_air(tmp_path, story)


def test_a_second_computer_pairs_beside_the_first(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await scene.pair()
        other = await scene.another_computer("other", "C0:00:00:00:00:02")
        await scene.pair(other)
        for central in (scene.laptop, other):
            transport = BleTransport(ADDRESS, backends_of(central))
            await transport.open()
            await transport.close()
        assert scene.board.admission.refusals == []

    on_air(tmp_path, story)


def test_without_a_pairing_the_sensor_refuses_and_the_error_says_how_to_pair(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await refused(scene, NotPaired, "button for 3 s, and run `unslouch pair`")

    on_air(tmp_path, story)


def test_pairing_outside_the_window_says_that_it_is_closed(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await refused(scene, NotPaired, "pairing window is closed", pair=True)

    on_air(tmp_path, story)


def test_pairing_without_a_confirmation_names_the_agent(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.laptop.agent = False
        scene.board.admission.window_open = True
        await refused(scene, NotPaired, "default-agent", pair=True)

    on_air(tmp_path, story)


def test_a_sensor_that_lost_its_bond_differs_from_an_absent_one_and_pairing_helps(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await scene.pair()
        scene.board.forget()
        await refused(scene, NotPaired, "no longer knows this computer.*forgets the old pairing")
        await scene.pair()
        client = await connect(scene)
        await leave(client)

    on_air(tmp_path, story)


def test_looking_at_a_sensor_that_lost_its_bond_does_not_forget_it(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await scene.pair()
        kept = await scene.laptop.keystore.get_all()
        scene.board.forget()
        await refused(scene, NotPaired, "no longer knows")
        assert await scene.laptop.keystore.get_all() == kept

    on_air(tmp_path, story)


def test_a_sensor_out_of_reach_is_absent_after_a_while(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.air.place("sensor 01", "laptop", SENSITIVITY_DBM - 1)
        began_s = asyncio.get_running_loop().time()
        await refused(scene, OutOfReach, "isn't heard")
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(ble_devices.LISTEN_S, abs=0.5)

    on_air(tmp_path, story)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason.POWERED_OFF, "switched off.*switch it on"),
        (Reason.NO_BLUETOOTH, "no Bluetooth adapter.*plug one in"),
        (Reason.NO_BLE_CENTRAL_ROLE, "no Bluetooth adapter.*plug one in"),
        (Reason.DENIED_BY_USER, "may not use Bluetooth.*System Settings"),
        (Reason.DENIED_BY_SYSTEM, "group bluetooth"),
        (Reason.UNKNOWN, "can't be used"),
    ],
)
def test_a_computer_without_bluetooth_is_named_with_the_remedy(tmp_path: Path, reason: Reason, sentence: str) -> None:
    async def story(scene: BleScene) -> None:
        scene.laptop.unavailable = reason
        await refused(scene, BluetoothUnavailable, sentence)
        with pytest.raises(BluetoothUnavailable, match=sentence):
            await ble_devices.listen(1, scene.backends)

    on_air(tmp_path, story)


def test_another_device_under_the_address_is_no_sensor(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await scene.pair()
        scene.restart(service="5a5a0001-7e57-4b1e-8d3c-0123456789ab")
        await refused(scene, NotOurs, "no unslouch sensor")

    on_air(tmp_path, story)


def test_a_lost_link_ends_what_waits_and_every_later_call(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        await scene.pair()
        client = await connect(scene)
        waiting = asyncio.create_task(client.calibrate())
        scene.board.board.deaf_to = {messages.CALIBRATE}
        await asyncio.sleep(0.1)
        scene.air.cut("sensor 01")
        with pytest.raises(LinkLost, match=f"Bluetooth link to {ADDRESS} was lost"):
            await waiting
        with pytest.raises(LinkLost):
            await client.ping()
        await leave(client)

    on_air(tmp_path, story)


def test_the_mtu_that_bleak_reports_is_never_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_: object) -> int:
        raise AssertionError

    monkeypatch.setattr("bleak.BleakClient.mtu_size", property(asked))

    async def story(scene: BleScene) -> None:
        await scene.pair()
        client = await connect(scene)
        await leave(client)

    on_air(tmp_path, story)


def test_errors_of_pairing_have_an_exit_code_of_their_own() -> None:
    assert NotPaired("").exit_code is ExitCode.NOT_PAIRED
