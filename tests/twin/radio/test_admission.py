"""The firmware's rules of admission on the board's Bluetooth stack, against hosts and strangers."""

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakError
from bumble.hci import Address

from link.ble_board import set_secret
from twin.radio.peripheral import GUARDED, Peripheral, Scene, on_air, until
from unslouch.twin.radio import irq
from unslouch.twin.radio.air import Air
from unslouch.twin.radio.central import Central
from unslouch_device.link import admission as a
from unslouch_device.link.bonds import Bonds

LAPTOP = "C0:C1:C2:C3:C4:C5"


class Doorkeeper(Peripheral):
    """A peripheral whose secrets and links the firmware's own rules look after."""

    def __init__(self, air: Air, folder: Path) -> None:
        self.store = Bonds(str(folder / "bonds"))
        self.admission = a.Admission(self.store, self._hang_up)
        super().__init__(air)
        self.answers = {
            irq.CENTRAL_CONNECT: self._came,
            irq.CENTRAL_DISCONNECT: self._went,
            irq.ENCRYPTION_UPDATE: lambda data: self.admission.encrypted(data[0], data[1], data[3], data[4]),
        }

    def _hang_up(self, handle: int) -> None:
        with contextlib.suppress(OSError):  # it ends already
            self.ble.gap_disconnect(handle)

    def _came(self, data: tuple[object, ...]) -> None:
        self.admission.connected(*data)

    def _went(self, data: tuple[object, ...]) -> None:
        self.admission.disconnected(data[0])
        self.advertise()

    def get_secret(self, kind: object, index: object, key: object) -> bytes | None:
        return self.store.get(kind, index, None if key is None else bytes(key))

    def set_secret(self, kind: object, key: object, value: object) -> bool:
        return set_secret(self.store, self.admission, kind, key, value)


def with_doorkeeper(folder: Path, story: Callable[[Scene, Doorkeeper], Awaitable[None]]) -> None:
    """As on_air(), with the pairing window shut."""

    async def run(scene: Scene) -> None:
        scene.peripheral.bluetooth.lose_power()
        door = Doorkeeper(scene.air, folder)
        scene.peripheral = door
        await story(scene, door)
        assert door.ble.hung is None
        assert door.ble.events.error is None

    on_air(run)


async def let_in(scene: Scene, door: Doorkeeper, central: Central | None = None) -> None:
    """Pair in the window, and go."""
    door.admission.window_open = True
    async with await scene.client(central) as client:
        await client.pair()
        await until(lambda: door.admission.admits(0))
    door.admission.window_open = False
    door.store.save()


async def welcomed(scene: Scene, door: Doorkeeper, client: BleakClient) -> None:
    """Connect with a bond, be admitted, and go."""
    async with client:
        await until(lambda: door.admission.admits(0))
        assert await client.read_gatt_char(GUARDED) == b"posture"


async def turned_away(client: BleakClient) -> None:
    """Connect, try to pair, and be disconnected."""
    with pytest.raises((BleakDBusError, TimeoutError, BleakError)):
        await client.connect()
        await client.pair()
        await until(lambda: not client.is_connected)
        raise TimeoutError
    await until(lambda: not client.is_connected)


def test_a_host_let_in_is_welcome_after_a_reboot(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        await let_in(scene, door)
        door.bluetooth.lose_power()
        rebooted = Doorkeeper(scene.air, tmp_path)
        await welcomed(scene, rebooted, await scene.client())
        rebooted.bluetooth.lose_power()

    with_doorkeeper(tmp_path, story)


def test_two_hosts_keep_their_bonds_apart(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        phone = await scene.another("phone", "C0:00:00:00:00:02")
        for central in (scene.laptop, phone):
            await let_in(scene, door, central)
        for central in (scene.laptop, phone):
            await welcomed(scene, door, await scene.client(central))

    with_doorkeeper(tmp_path, story)


def test_a_stranger_who_pairs_while_the_window_is_shut_is_hung_up_on(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        await let_in(scene, door)
        before = dict(door.store._secrets)
        stranger = await scene.another("stranger", "C0:00:00:00:00:09")
        await turned_away(await scene.client(stranger))
        assert set(door.admission.refusals) == {a.REFUSED_UNKNOWN}  # the computer tries several times
        assert door.store._secrets == before
        await welcomed(scene, door, await scene.client())

    with_doorkeeper(tmp_path, story)


def test_a_stranger_with_the_hosts_address_neither_gets_in_nor_costs_it_its_bond(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        await let_in(scene, door)
        scene.laptop.power_off()
        for _ in range(3):
            stranger = await scene.another("stranger", LAPTOP)
            await turned_away(await scene.client(stranger))
            stranger.power_off()
        assert door.admission.refusals == [a.REFUSED_REPEAT] * 3
        back = await scene.another("laptop", LAPTOP, keystore=scene.laptop.keystore)
        await welcomed(scene, door, await scene.client(back))

    with_doorkeeper(tmp_path, story)


def test_a_host_that_forgot_the_sensor_is_let_in_again_in_the_window(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        await let_in(scene, door)
        scene.laptop.power_off()
        forgetful = await scene.another("laptop", LAPTOP)
        await let_in(scene, door, forgetful)
        await welcomed(scene, door, await scene.client(forgetful))

    with_doorkeeper(tmp_path, story)


def test_a_short_key_is_refused_in_the_window(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        door.admission.window_open = True
        scene.laptop.most_key_bytes = 15
        await turned_away(await scene.client())
        assert door.admission.refusals == [a.REFUSED_SHORT_KEY]

    with_doorkeeper(tmp_path, story)


def test_legacy_pairing_is_refused_in_the_window(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        door.admission.window_open = True
        scene.laptop.secure_connections = False
        await turned_away(await scene.client())
        assert door.admission.refusals == [a.REFUSED_PAIRING]
        scene.laptop.power_off()
        secure = await scene.another("phone", "C0:00:00:00:00:02")
        await let_in(scene, door, secure)

    with_doorkeeper(tmp_path, story)


def test_who_pairs_under_an_address_of_zeros_hangs_nothing_and_is_not_kept(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        door.admission.window_open = True
        liar = await scene.another("liar", "C0:00:00:00:00:09")
        liar.device.static_address = Address("00:00:00:00:00:00", Address.RANDOM_DEVICE_ADDRESS)
        await turned_away(await scene.client(liar))
        assert door.admission.refusals == [a.REFUSED_PAIRING]
        await let_in(scene, door)
        door.bluetooth.lose_power()
        rebooted = Doorkeeper(scene.air, tmp_path)
        await let_in(scene, rebooted, await scene.another("phone", "C0:00:00:00:00:02"))
        assert rebooted.ble.hung is None
        rebooted.bluetooth.lose_power()

    with_doorkeeper(tmp_path, story)


def test_a_host_with_a_wrong_key_is_never_admitted(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        await let_in(scene, door)
        (keys,) = scene.laptop.keystore.all_keys.values()
        assert keys.ltk is not None
        keys.ltk.value = bytes(16)
        client = await scene.client(timeout=3)
        with pytest.raises((TimeoutError, BleakError)):
            await client.connect()
        assert not any(door.admission.admits(handle) for handle in range(4))

    with_doorkeeper(tmp_path, story)


def test_who_only_connects_is_hung_up_on_in_time(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        door.admission.window_open = True
        client = await scene.client()
        await client.connect()
        for _ in range(20):
            door.admission.pass_second()
        await until(lambda: not client.is_connected)
        assert door.admission.refusals == [a.REFUSED_SILENT]

    with_doorkeeper(tmp_path, story)


def test_forgetting_sends_every_host_away_for_good(tmp_path: Path) -> None:
    async def story(scene: Scene, door: Doorkeeper) -> None:
        await let_in(scene, door)
        client = await scene.client()
        await client.connect()
        door.admission.forget()
        await until(lambda: not client.is_connected)
        client = await scene.client(timeout=3)
        with pytest.raises((TimeoutError, BleakError)):
            await client.connect()

    with_doorkeeper(tmp_path, story)
