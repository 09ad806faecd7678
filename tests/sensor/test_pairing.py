"""Pairing with a sensor over the simulated radio, and removing a pairing."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from bleak.exc import BleakBluetoothNotAvailableReason as Reason
from bleak.exc import BleakDeviceNotFoundError

from link.ble_board import ADDRESS, BleScene, on_air, until
from link.both_links import DEVICE, PORT, Usb
from link.fake_board import FakeBoard
from unslouch.errors import BadInput, SensorBusy
from unslouch.link.ble.devices import listen
from unslouch.link.ble.failures import BluetoothUnavailable, NotPaired, OutOfReach
from unslouch.link.ble.transport import BleTransport
from unslouch.sensor import locator
from unslouch.sensor.lock import SensorLock
from unslouch.sensor.owner import owner_of
from unslouch.sensor.paired import PairedSensor, add_paired, paired_sensors, sensors_file
from unslouch.sensor.pairing import Pairing, remove_pairing
from unslouch.sensor.pairing_steps import (
    AddressUnconfirmed,
    AttemptBegan,
    AttemptFailed,
    BondNotRemoved,
    ButtonNeeded,
    PairingStep,
    WindowOpened,
)
from unslouch.sensor.scanning import scan
from unslouch.twin.radio.bleak_client import RadioClient
from unslouch_device.contract import messages

OTHER = "74:4D:BD:00:00:02"


@pytest.fixture(autouse=True)
def nothing_paired() -> Iterator[None]:
    sensors_file().unlink(missing_ok=True)
    yield
    sensors_file().unlink(missing_ok=True)


def open_window(scene: BleScene, after_s: float = 0) -> None:
    """Hold the button after some seconds."""

    def hold() -> None:
        scene.board.admission.window_open = True

    asyncio.get_running_loop().call_later(after_s, hold)


def ignore(step: PairingStep) -> None:
    pass


async def pair(
    scene: BleScene,
    choice: str | None = None,
    name: str | None = None,
    for_s: float = 60,
    steps: list[PairingStep] | None = None,
    ports: Callable[[], Sequence[str]] = list,
) -> PairedSensor:
    """Pair without a cable, unless there are ports."""
    on_step = ignore if steps is None else steps.append
    return (await Pairing(on_step, scene.backends, ports).pair(choice, name, for_s)).sensor


# Pairing


def test_the_only_sensor_within_reach_is_paired_and_listed(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        steps: list[PairingStep] = []
        sensor = await pair(scene, None, "my back", steps=steps)
        assert sensor == PairedSensor("my back", DEVICE, ADDRESS)
        assert paired_sensors() == [sensor]
        assert scene.board.admission.refusals == []
        assert steps == [ButtonNeeded(), AttemptBegan(ADDRESS)]

    on_air(tmp_path, story)


def test_a_sensor_that_has_no_calibration_says_so_when_it_is_paired(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        for calibration_id in (0, 1):
            scene.board.board.calibration_id = calibration_id
            open_window(scene)
            result = await Pairing(ignore, scene.backends, list).pair(None, None, 60)
            assert result.is_calibrated is bool(calibration_id)
            scene.board.forget()

    on_air(tmp_path, story)


def test_a_sensor_whose_address_changes_is_listed_under_the_one_that_lasts(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.restart(addr_mode=2)
        open_window(scene)
        (first,) = await listen(1, scene.backends)
        sensor = await pair(scene, None, "back")
        assert sensor.address != first.address
        scene.board.admission.window_open = False
        scene.board.bonds.save()
        await asyncio.sleep(1000)  # its address has changed
        (row,) = (await scan(3, scene.backends, list)).sensors
        assert (row.name, row.remark) == ("back", "known")

    on_air(tmp_path, story)


def test_where_the_system_does_not_give_the_lasting_address_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(scene: BleScene) -> None:
        scene.restart(addr_mode=2)
        open_window(scene)
        (first,) = await listen(1, scene.backends)
        sensor = await pair(scene, None, "back")
        (again,) = await listen(1, scene.backends)
        assert sensor.address == again.address != first.address

    monkeypatch.setattr(RadioClient, "_use_identity", lambda self, address: None)
    on_air(tmp_path, story)


def test_an_address_at_which_the_sensor_was_not_found_again_is_a_step(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        steps: list[PairingStep] = []
        pairing = asyncio.create_task(pair(scene, ADDRESS, "back", steps=steps))
        await until(lambda: scene.board.connections)
        scene.board.rest()
        scene.board.closed = True
        assert (await pairing).address == ADDRESS
        assert steps[-1] == AddressUnconfirmed(ADDRESS)
        assert "pair once more" in str(steps[-1])

    on_air(tmp_path, story)


def test_a_button_held_late_is_waited_for(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene, 45)  # after a first attempt, in which the system connects again and again
        steps: list[PairingStep] = []
        await pair(scene, steps=steps)
        assert [sensor.name for sensor in paired_sensors()] == ["sensor"]
        failed = [step for step in steps if isinstance(step, AttemptFailed)]
        assert failed
        assert all("pairing window is closed" in str(step) for step in failed)
        assert str(failed[0]).endswith("Trying again in 10 s.")

    on_air(tmp_path, story)


def test_how_long_is_waited_between_attempts_can_be_said(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        loop = asyncio.get_running_loop()
        began_at_s: list[float] = []

        def on_step(step: PairingStep) -> None:
            if isinstance(step, AttemptBegan):
                began_at_s.append(loop.time())

        with pytest.raises(NotPaired):
            await Pairing(on_step, scene.backends, list, between_attempts_s=25).pair(ADDRESS, None, 60)
        assert len(began_at_s) >= 2
        assert all(later - earlier >= 25 for earlier, later in pairwise(began_at_s))

    on_air(tmp_path, story)


def test_a_window_that_nobody_opens_is_an_error_in_the_end(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        with pytest.raises(NotPaired, match="pairing window is closed"):
            await pair(scene, for_s=30)
        assert paired_sensors() == []
        assert await scene.laptop.keystore.get_all() == []

    on_air(tmp_path, story)


def test_a_sensor_that_lost_its_bond_is_paired_again_under_its_name(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        first = await pair(scene, None, "back")
        scene.board.forget()
        open_window(scene)
        assert await pair(scene, "back", None) == first

    on_air(tmp_path, story)


def test_one_that_changes_its_address_is_found_by_its_name_though_its_bond_is_lost(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.restart(addr_mode=2)
        open_window(scene)
        first = await pair(scene, None, "back")
        scene.board.forget()
        scene.restart(addr_mode=2)
        open_window(scene)
        again = await pair(scene, "back", None, 90)
        assert (again.name, again.device_id) == ("back", first.device_id)
        assert paired_sensors() == [again]

    on_air(tmp_path, story)


def test_another_sensor_is_not_taken_for_the_one_that_was_named(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        add_paired(PairedSensor("back", "somebodyelses", OTHER))
        open_window(scene)
        with pytest.raises(BadInput, match=f"is not 'back' but {DEVICE}"):
            await pair(scene, "back", None)
        assert [sensor.name for sensor in paired_sensors()] == ["back"]
        assert await scene.laptop.keystore.get_all() == []

    on_air(tmp_path, story)


def test_among_several_sensors_one_is_to_be_chosen_unless_only_one_is_new(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        other = scene.another_board(OTHER)
        open_window(scene)
        with pytest.raises(BadInput, match=f"{OTHER} at -60 dBm.*--sensor ADDRESS"):
            await pair(scene)
        await pair(scene, ADDRESS, "mine")
        other.admission.window_open = True
        other.board.hello = lambda: FakeBoard.hello(other.board).replace(b"\1\2\3\4\5\6\7\x08", b"another!")
        assert (await pair(scene, None, "spare")).address == OTHER

    on_air(tmp_path, story)


def test_no_sensor_and_no_bluetooth_are_different_errors(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.rest()
        with pytest.raises(OutOfReach, match="No sensor was found over Bluetooth"):
            await pair(scene, for_s=30)
        scene.laptop.unavailable = Reason.POWERED_OFF
        with pytest.raises(BluetoothUnavailable, match="switched off"):
            await pair(scene, for_s=30)

    on_air(tmp_path, story)


def test_a_pairing_that_is_cancelled_once_both_have_bonded_is_listed(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        pairing = asyncio.create_task(pair(scene, ADDRESS, "back"))
        await until(lambda: scene.board.connections)
        await until(lambda: not scene.board._tasks)  # it listens where the sensor is from now on
        pairing.cancel()
        await asyncio.wait([pairing])
        assert paired_sensors() == [PairedSensor("back", DEVICE, ADDRESS)]
        assert owner_of(ADDRESS) is None

    on_air(tmp_path, story)


def test_bluetooth_that_goes_off_after_a_pairing_does_not_undo_it(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        pairing = asyncio.create_task(pair(scene, ADDRESS, "back"))
        await until(lambda: scene.board.connections)
        scene.board.rest()
        await until(lambda: not scene.board._tasks)
        scene.laptop.unavailable = Reason.POWERED_OFF
        assert await pairing == PairedSensor("back", DEVICE, ADDRESS)

    on_air(tmp_path, story)


def test_a_sensor_that_another_program_is_linked_to_is_neither_paired_nor_removed(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        add_paired(PairedSensor("back", DEVICE, ADDRESS))
        open_window(scene)
        recorder = SensorLock(ADDRESS)
        assert recorder.take()
        recorder.announce(None)
        try:
            with pytest.raises(SensorBusy, match="end that program first"):
                await pair(scene, "back", None)
            with pytest.raises(SensorBusy, match="end that program first"):
                await remove_pairing("back", ignore, scene.backends)
        finally:
            recorder.release()
        assert scene.board.connections == 0
        assert [sensor.name for sensor in paired_sensors()] == ["back"]

    on_air(tmp_path, story)


def test_a_program_that_only_looks_for_the_sensor_is_waited_for(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        recorder = SensorLock(ADDRESS)
        assert recorder.take()
        asyncio.get_running_loop().call_later(6, recorder.release)
        await pair(scene, ADDRESS, None)
        assert recorder.take()
        with pytest.raises(SensorBusy):
            await remove_pairing(ADDRESS, ignore, scene.backends)
        recorder.release()

    on_air(tmp_path, story)


@pytest.fixture
def usb(monkeypatch: pytest.MonkeyPatch) -> Usb:
    """A computer with one sensor plugged in."""
    usb = Usb()
    usb.plugged[PORT] = FakeBoard()
    monkeypatch.setattr(locator, "transport_for", usb.transport_for)
    return usb


@pytest.mark.parametrize(
    ("choice", "device_id", "opens"),
    [(None, None, True), ("back", DEVICE, True), ("back", "somebodyelses", False), (ADDRESS, None, False)],
)
def test_only_the_sensor_that_is_wanted_opens_its_window_over_its_cable(
    tmp_path: Path, usb: Usb, choice: str | None, device_id: str | None, opens: bool
) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.rest()
        if device_id is not None:
            add_paired(PairedSensor("back", device_id, ADDRESS))
        steps: list[PairingStep] = []
        with pytest.raises(OutOfReach):
            await pair(scene, choice, for_s=1, steps=steps, ports=usb.ports)
        assert (messages.PAIR in usb.plugged[PORT].requests) is opens
        assert steps[0] == (WindowOpened(DEVICE, PORT, 120) if opens else ButtonNeeded())

    on_air(tmp_path, story)


def test_the_sensor_at_a_port_that_is_named_is_asked_to_open_its_window(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        steps: list[PairingStep] = []
        await pair(scene, PORT, "back", steps=steps, ports=usb.ports)
        assert usb.plugged[PORT].requests.count(messages.PAIR) == 1
        assert steps == [WindowOpened(DEVICE, PORT, 120), AttemptBegan(ADDRESS)]

    on_air(tmp_path, story)


def test_without_bluetooth_no_step_is_taken(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.laptop.unavailable = Reason.POWERED_OFF
        steps: list[PairingStep] = []
        with pytest.raises(BluetoothUnavailable):
            await pair(scene, for_s=30, steps=steps)
        with pytest.raises(BluetoothUnavailable):
            await remove_pairing(ADDRESS, steps.append, scene.backends)
        assert steps == []

    on_air(tmp_path, story)


def test_every_step_is_a_sentence() -> None:
    error = OutOfReach("The sensor is out of reach.")
    steps: list[PairingStep] = [ButtonNeeded(), WindowOpened("x", PORT, 120), AttemptBegan(ADDRESS)]
    steps += [AttemptFailed(error, 10.0), AddressUnconfirmed(ADDRESS), BondNotRemoved("It stays.")]
    assert {type(step) for step in steps} == set(get_args(PairingStep))
    for step in steps:
        assert str(step)[0].isupper()
        assert str(step).endswith(".")


def test_names_that_can_not_be_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        with pytest.raises(BadInput, match="can't be named"):
            await pair(scene, None, "/dev/ttyACM0")
        with pytest.raises(BadInput, match="You have paired no sensor named 'front'"):
            await pair(scene, "front", None)
        assert scene.board.connections == 0

    on_air(tmp_path, story)


# Removing a pairing


def test_a_removed_sensor_is_off_the_list_and_its_bond_is_deleted(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        await pair(scene, None, "back")
        scene.board.admission.window_open = False
        await remove_pairing("back", ignore, scene.backends)
        assert paired_sensors() == []
        assert await scene.laptop.keystore.get_all() == []
        transport = BleTransport(ADDRESS, scene.backends)
        with pytest.raises(NotPaired):
            await transport.open()
        await transport.close()
        with pytest.raises(BadInput, match="there is none to forget"):
            await remove_pairing("back", ignore, scene.backends)

    on_air(tmp_path, story)


@pytest.mark.parametrize("name_or_address", ["back", ADDRESS.lower()])
def test_a_bond_that_could_not_be_deleted_is_a_step_or_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name_or_address: str
) -> None:
    """As on BlueZ, which keeps a resting sensor under the address that it had before it was paired."""

    async def not_found(client: RadioClient) -> None:
        raise BleakDeviceNotFoundError(client.address, "not found")

    monkeypatch.setattr(RadioClient, "unpair", not_found)

    async def story(scene: BleScene) -> None:
        add_paired(PairedSensor("back", DEVICE, ADDRESS))
        scene.board.rest()
        await asyncio.sleep(1)
        steps: list[PairingStep] = []
        assert await remove_pairing(name_or_address, steps.append, scene.backends) == "back"
        assert paired_sensors() == []
        (step,) = steps
        assert f"run `unslouch forget {ADDRESS}` again" in str(step)
        with pytest.raises(OutOfReach, match=f"run `unslouch forget {ADDRESS}` again"):
            await remove_pairing(ADDRESS, ignore, scene.backends)

    on_air(tmp_path, story)


def test_a_system_that_keeps_its_bonds_to_itself_is_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""

    async def not_implemented(client: RadioClient) -> None:
        raise NotImplementedError

    monkeypatch.setattr(RadioClient, "unpair", not_implemented)

    async def story(scene: BleScene) -> None:
        add_paired(PairedSensor("back", DEVICE, ADDRESS))
        steps: list[PairingStep] = []
        await remove_pairing("back", steps.append, scene.backends)
        assert "Bluetooth settings" in str(*steps)

    on_air(tmp_path, story)


def test_a_sensor_is_removed_even_where_bluetooth_is_off(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        add_paired(PairedSensor("back", DEVICE, ADDRESS))
        scene.laptop.unavailable = Reason.POWERED_OFF
        steps: list[PairingStep] = []
        await remove_pairing("Back", steps.append, scene.backends)
        assert paired_sensors() == []
        assert "The pairing itself couldn't be removed: Bluetooth is switched off" in str(*steps)

    on_air(tmp_path, story)
