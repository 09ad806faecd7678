"""Bluetooth's failures by the names that operating systems give them, and the permission that macOS asks for."""

import asyncio
import sys
from types import SimpleNamespace

import pytest
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError

from unslouch.errors import NotOurs
from unslouch.link import permission
from unslouch.link.ble import devices as ble_devices
from unslouch.link.ble import transport as ble
from unslouch.link.ble.devices import Backends
from unslouch.link.ble.failures import BluetoothUnavailable, Failure, NotPaired, OutOfReach, is_address
from unslouch.link.ble.transport import BleTransport
from unslouch.link.transport import LinkLost
from unslouch_device.contract import gatt

ADDRESS = "74:4D:BD:00:00:01"


class Scanner(BaseBleakScanner):
    """Hears one sensor, as soon as somebody listens."""

    error: Exception | None = None

    def __init__(self, callback: object, service_uuids: object, scanning_mode: object = "active", **_: object) -> None:
        super().__init__(callback, service_uuids)

    async def start(self) -> None:
        if self.error is not None:
            raise self.error
        said = AdvertisementData(None, {}, {}, [gatt.SERVICE], None, -50, ())
        device = self.create_or_update_device(ADDRESS, ADDRESS, "unslouch", {}, said)
        asyncio.get_running_loop().call_later(0.001, self.call_detection_callbacks, device, said)

    async def stop(self) -> None:
        pass


class Deaf(Scanner):
    """Hears no sensor."""

    async def start(self) -> None:
        pass


class Client(BaseBleakClient):
    """Fails to connect."""

    error: Exception = BleakError("no reason")
    is_connected = False
    name = "unslouch"
    mtu_size = 23

    def __init__(self, device: BLEDevice | str, **options: object) -> None:
        super().__init__(device, **options)

    async def connect(self, pair: bool, **options: object) -> None:
        raise self.error

    async def disconnect(self) -> None:
        pass

    async def unpair(self) -> None:
        raise self.error

    pair = read_gatt_char = read_gatt_descriptor = disconnect
    write_gatt_char = write_gatt_descriptor = start_notify = stop_notify = disconnect


def failing(kind: type, error: Exception) -> type:
    return type("Failing", (kind,), {"error": error})


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (BleakDBusError("org.bluez.Error.NotReady", []), BluetoothUnavailable, "switched off"),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []), BluetoothUnavailable, "BlueZ"),
        (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", []), BluetoothUnavailable, "may not use"),
        (BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"]), NotPaired, "isn't paired"),
        (BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort"]), OutOfReach, "le-connection-abort"),
        (BleakGATTProtocolError(5), NotPaired, "isn't paired"),
        (BleakGATTProtocolError(14), OutOfReach, "Unlikely Error"),
        (BleakError("Peer removed pairing information"), NotPaired, "no longer knows"),
        (FileNotFoundError(2, "No such file"), BluetoothUnavailable, "systemctl"),
        (EOFError(), OutOfReach, "EOFError"),
        (TimeoutError(), OutOfReach, "no answer"),
    ],
)
async def test_every_failure_to_connect_is_a_sentence(error: Exception, kind: type, sentence: str) -> None:
    transport = BleTransport(ADDRESS, Backends(failing(Client, error), Scanner))
    with pytest.raises(kind, match=sentence):
        await transport.open()
    await transport.close()


class Flapping(Client):
    """A link that begins and ends before it is of use, some times over; then it stands."""

    left = 0
    made = 0
    is_connected = True  # as bleak on BlueZ believes after that

    async def connect(self, pair: bool, **options: object) -> None:
        Flapping.made += 1
        if self.made <= self.left:
            self._disconnected_callback()
            raise self.error
        raise BleakGATTProtocolError(5)


NO_SERVICES = BleakError("failed to discover services, device disconnected")


@pytest.mark.parametrize(
    ("left", "why", "made", "sentence"),
    [
        (9, NO_SERVICES, 3, "no longer knows"),
        (2, NO_SERVICES, 3, "isn't paired"),
        (9, BleakGATTProtocolError(5), 1, "isn't paired"),
    ],
)
async def test_links_that_end_at_once_are_tried_again_and_three_in_a_row_mean_a_lost_bond(
    monkeypatch: pytest.MonkeyPatch, left: int, why: Exception, made: int, sentence: str
) -> None:
    monkeypatch.setattr(Flapping, "error", why)
    monkeypatch.setattr(Flapping, "left", left)
    monkeypatch.setattr(Flapping, "made", 0)
    transport = BleTransport(ADDRESS, Backends(Flapping, Scanner))
    with pytest.raises(NotPaired, match=sentence):
        await transport.open()
    assert Flapping.made == made
    await transport.close()


async def test_a_system_that_goes_on_by_itself_for_ever_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Looping(Client):
        made = 0

        async def connect(self, pair: bool, **options: object) -> None:
            Looping.made += 1
            for _ in range(40):
                self._disconnected_callback()
            raise TimeoutError

    transport = BleTransport(ADDRESS, Backends(Looping, Scanner))
    with pytest.raises(NotPaired, match="no longer knows"):
        await transport.open()
    assert Looping.made == 1
    await transport.close()


class Dropping(Client):
    """Connects, and loses the link while it is being encrypted."""

    written = 0
    lost = 0
    is_connected = True

    async def connect(self, pair: bool, **options: object) -> None:
        value = SimpleNamespace(uuid=gatt.JOURNAL, properties=[])
        self.services = SimpleNamespace(get_characteristic=lambda uuid: value)

    async def write_gatt_char(self, characteristic: object, data: object, response: bool) -> None:
        Dropping.written += 1
        if self.written <= self.lost:
            self._disconnected_callback()
            raise BleakGATTProtocolError(14)

    async def start_notify(self, characteristic: object, callback: object, **_: object) -> None:
        pass


@pytest.mark.parametrize(("lost", "kind"), [(0, None), (2, None), (3, NotPaired)])
async def test_a_link_lost_while_it_is_encrypted_is_bad_luck_unless_it_always_is(
    monkeypatch: pytest.MonkeyPatch, lost: int, kind: type[Exception] | None
) -> None:
    monkeypatch.setattr(Dropping, "lost", lost)
    monkeypatch.setattr(Dropping, "written", 0)
    transport = BleTransport(ADDRESS, Backends(Dropping, Scanner))
    if kind is None:
        await transport.open()
        assert Dropping.written == lost + 1
    else:
        with pytest.raises(kind, match="isn't paired"):
            await transport.open()
    await transport.close()


class Paired(Scanner):
    """Tells, as BlueZ does, whether there is a bond."""

    paired = True

    def create_or_update_device(
        self, key: str, address: str, name: str | None, details: object, said: AdvertisementData
    ) -> BLEDevice:
        props = {"Paired": self.paired}
        return super().create_or_update_device(key, address, name, {"path": "/", "props": props}, said)


class Unpaired(Paired):
    paired = False


@pytest.mark.parametrize(
    ("scanner", "lost", "written"), [(Paired, 2, 3), (Paired, 3, 3), (Unpaired, 1, 1), (Scanner, 1, 1)]
)
async def test_pairing_again_over_a_bad_link_costs_no_bond_and_a_refusal_is_reported_at_once(
    monkeypatch: pytest.MonkeyPatch, scanner: type[Scanner], lost: int, written: int
) -> None:
    monkeypatch.setattr(Dropping, "lost", lost)
    monkeypatch.setattr(Dropping, "written", 0)
    monkeypatch.setattr(Dropping, "error", BleakDeviceNotFoundError(ADDRESS, "gone"))
    transport = BleTransport(ADDRESS, Backends(Dropping, scanner), pair=True)
    if lost < written:
        await transport.open()
    else:
        with pytest.raises(NotPaired, match="accepts no new computer"):
            await transport.open()
    assert Dropping.written == written
    await transport.close()


async def test_a_sensor_that_bluez_knows_no_bond_with_is_left_in_peace() -> None:
    transport = BleTransport(ADDRESS, Backends(failing(Client, AssertionError()), Unpaired))
    with pytest.raises(NotPaired, match="isn't paired"):
        await transport.open()
    await transport.close()


async def test_a_computer_without_bluez_says_so_when_it_listens() -> None:
    with pytest.raises(BluetoothUnavailable, match="service isn't running"):
        await ble_devices.listen(0.01, Backends(Client, failing(Scanner, FileNotFoundError(2, "No such file"))))


async def test_a_system_that_can_not_unpair_is_reported() -> None:
    assert not await ble_devices.unpair(ADDRESS, Backends(failing(Client, NotImplementedError()), Scanner))


async def test_a_pairing_that_is_not_there_is_removed_only_where_the_sensor_is_heard() -> None:
    unknown = failing(Client, BleakDeviceNotFoundError(ADDRESS, "BlueZ has filed it under another address"))
    assert await ble_devices.unpair(ADDRESS, Backends(unknown, Scanner))
    with pytest.raises(OutOfReach, match=f"couldn't be removed.*unslouch forget {ADDRESS}.*Bluetooth settings"):
        await ble_devices.unpair(ADDRESS, Backends(unknown, Deaf), listen_s=0.01)


class Joining(Client):
    """Lists whom it joins and leaves; the last link is refused."""

    done: list[str]
    is_connected = True

    async def connect(self, pair: bool, **options: object) -> None:
        self.done.append("join")
        if len(self.done) > 1:
            raise BleakGATTProtocolError(5)

    async def disconnect(self) -> None:
        self.done.append("leave")


async def test_a_link_that_a_dead_program_left_behind_is_ended_before_a_new_one_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def left_behind(addresses: list[str], backends: Backends) -> BLEDevice | None:
        return BLEDevice(ADDRESS, "unslouch", {}) if not Joining.done else None

    monkeypatch.setattr(Joining, "done", [], raising=False)
    for module in (ble, ble_devices):
        monkeypatch.setattr(module, "left_behind", left_behind)
    transport = BleTransport(ADDRESS, Backends(Joining, Scanner))
    with pytest.raises(NotPaired):
        await transport.open()
    await transport.close()
    assert Joining.done[:3] == ["join", "leave", "join"]


async def test_a_link_is_ended_though_its_closing_is_cancelled_at_any_time() -> None:
    async def ending_slowly() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(0.05)

    left = asyncio.Event()

    async def disconnect() -> None:
        left.set()

    transport = BleTransport(ADDRESS)
    transport._client = SimpleNamespace(address=ADDRESS, disconnect=disconnect)  # type: ignore[assignment]
    transport._acknowledging = asyncio.create_task(ending_slowly())
    await asyncio.sleep(0)
    closing = asyncio.create_task(transport.close())
    await asyncio.sleep(0.01)
    closing.cancel()
    async with asyncio.timeout(1):
        await left.wait()
    await asyncio.wait([closing])


async def test_a_sensor_that_the_system_is_still_linked_to_is_found_although_it_is_not_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    class Adapter:
        @classmethod
        async def get(cls) -> "Adapter":
            return cls()

        async def get_connected_devices(self, uuids: list[str]) -> list[BLEDevice]:
            asked.append(uuids)
            return [BLEDevice(ADDRESS, "unslouch", {})]

    monkeypatch.setattr("bleak.BleakAdapter", Adapter)
    found = await ble_devices.left_behind([ADDRESS], Backends())
    assert found is not None
    assert (found.address, asked) == (ADDRESS, [[gatt.SERVICE]])


@pytest.mark.parametrize("failure", Failure, ids=lambda failure: failure.name.lower())
def test_every_trouble_is_a_sentence_about_the_sensor_or_the_computer(failure: Failure) -> None:
    text = str(failure.as_error("the one", "reason"))
    assert text[-1] == "."
    assert "{" not in text
    assert "the one" in text or isinstance(failure.as_error(""), BluetoothUnavailable)
    assert isinstance(failure.as_error(""), BluetoothUnavailable | NotPaired | OutOfReach | LinkLost | NotOurs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ADDRESS, True),
        (ADDRESS.lower(), True),
        ("7D0F0001-5B1C-4C6E-9D0A-75B7E2A96F51", True),
        ("/dev/ttyACM0", False),
        ("COM3", False),
        ("74:4D:BD:00:00", False),
        ("socket://localhost:1", False),
    ],
)
def test_an_address_differs_from_a_port(text: str, expected: bool) -> None:
    assert is_address(text) is expected


class Authorization:
    """macOS's answer, before and after somebody was asked."""

    def __init__(self, *answers: int) -> None:
        self._answers = list(answers)

    def authorization(self) -> int:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(permission, "_allowed", False)
    return monkeypatch


def answer(macos: pytest.MonkeyPatch, *answers: int) -> None:
    macos.setitem(sys.modules, "CoreBluetooth", SimpleNamespace(CBManager=Authorization(*answers)))


@pytest.mark.parametrize("answered", [1, 2])
async def test_without_permission_macos_is_not_even_asked_for_bluetooth(
    macos: pytest.MonkeyPatch, answered: int
) -> None:
    answer(macos, answered)
    with pytest.raises(BluetoothUnavailable, match="Privacy & Security"):
        await BleTransport(ADDRESS, Backends(Client, Scanner)).open()


async def test_permission_is_looked_up_once(macos: pytest.MonkeyPatch) -> None:
    answer(macos, 3)
    await permission.check_permission()
    answer(macos, 2)
    await permission.check_permission()


@pytest.mark.skipif("sys.platform == 'win32'", reason="nothing there is ended by a signal")
async def test_a_program_that_macos_would_abort_sends_another_ahead(macos: pytest.MonkeyPatch) -> None:
    answer(macos, 0)
    macos.setattr(permission, "_ASK", "import os; os.abort()")
    with pytest.raises(BluetoothUnavailable, match="Privacy & Security"):
        await permission.check_permission()


async def test_who_says_yes_when_asked_is_let_on(macos: pytest.MonkeyPatch) -> None:
    answer(macos, 0, 3)
    macos.setattr(permission, "_ASK", "pass")
    await permission.check_permission()
