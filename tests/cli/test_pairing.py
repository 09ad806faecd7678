"""Scan, pair and forget over the simulated radio, and by their command lines."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bleak.exc import BleakBluetoothNotAvailableReason as Reason
from bleak.exc import BleakDeviceNotFoundError

from link.ble_board import ADDRESS, BleScene, on_air, until
from link.both_links import PORT, Usb
from link.fake_board import FakeBoard
from unslouch.cli import pairing, scanning
from unslouch.cli.pairing import forget_sensor, pair_sensor
from unslouch.cli.scanning import BLUETOOTH, USB, Row, table, within_reach
from unslouch.errors import BadInput, ExitCode, NoSensor, SensorBusy
from unslouch.link.ble.devices import listen
from unslouch.link.ble.failures import BluetoothUnavailable, NotPaired, OutOfReach
from unslouch.link.ble.transport import BleTransport
from unslouch.sensor import locator as locator
from unslouch.sensor import paired
from unslouch.sensor.lock import SensorLock
from unslouch.sensor.owner import owner_of
from unslouch.sensor.paired import PairedSensor
from unslouch.twin.radio.bleak_client import RadioClient
from unslouch_device.contract import messages

DEVICE = "0102030405060708"
OTHER = "74:4D:BD:00:00:02"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    paired.sensors_file().unlink(missing_ok=True)
    yield
    paired.sensors_file().unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def nothing_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "likely_ports", list)
    monkeypatch.setattr(scanning, "likely_ports", list)


def open_window(scene: BleScene, after_s: float = 0) -> None:
    """Hold the button after some seconds."""

    def hold() -> None:
        scene.board.admission.window_open = True

    asyncio.get_running_loop().call_later(after_s, hold)


def unslouch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "unslouch", *arguments], capture_output=True, text=True, timeout=60)


# Pairing


def test_the_only_sensor_that_is_heard_is_paired_and_remembered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        sensor = await pair_sensor(None, "my back", 60, scene.backends)
        assert sensor == PairedSensor("my back", DEVICE, ADDRESS)
        assert paired.paired_sensors() == [sensor]
        assert scene.board.admission.refusals == []

    on_air(tmp_path, story)
    told = capsys.readouterr()
    assert "button for 3 s" in told.err
    assert "'my back' is found from now on" in told.err
    assert told.out == ""


def test_a_sensor_whose_address_changes_is_remembered_by_the_one_it_keeps(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.restart(addr_mode=2)
        open_window(scene)
        (heard,) = await listen(1, scene.backends)
        sensor = await pair_sensor(None, "back", 60, scene.backends)
        assert sensor.address != heard.address
        scene.board.admission.window_open = False
        scene.board.bonds.save()
        await asyncio.sleep(1000)  # its address has changed
        (row,) = await within_reach(3, scene.backends)
        assert (row.name, row.remark) == ("back", "known")

    on_air(tmp_path, story)


def test_where_the_system_does_not_tell_the_lasting_address_it_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(scene: BleScene) -> None:
        scene.restart(addr_mode=2)
        open_window(scene)
        (heard,) = await listen(1, scene.backends)
        sensor = await pair_sensor(None, "back", 60, scene.backends)
        (again,) = await listen(1, scene.backends)
        assert sensor.address == again.address != heard.address

    monkeypatch.setattr(RadioClient, "_file_anew", lambda self, address: None)
    on_air(tmp_path, story)


def test_an_address_that_nobody_heard_again_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        pairing = asyncio.create_task(pair_sensor(ADDRESS, "back", 60, scene.backends))
        await until(lambda: scene.board.connections)
        scene.board.rest()
        scene.board.closed = True
        assert (await pairing).address == ADDRESS

    on_air(tmp_path, story)
    assert "pair once more" in capsys.readouterr().err


def test_a_button_held_late_is_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene, 15)
        await pair_sensor(None, None, 60, scene.backends)
        assert [sensor.name for sensor in paired.paired_sensors()] == ["sensor"]

    on_air(tmp_path, story)
    assert "window for pairing is shut" in capsys.readouterr().err


def test_a_window_that_nobody_opens_is_told_in_the_end(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        with pytest.raises(NotPaired, match="window for pairing is shut"):
            await pair_sensor(None, None, 30, scene.backends)
        assert paired.paired_sensors() == []
        assert await scene.laptop.keystore.get_all() == []

    on_air(tmp_path, story)


def test_a_sensor_that_lost_its_bond_is_paired_again_under_its_name(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        first = await pair_sensor(None, "back", 60, scene.backends)
        scene.board.forget()
        open_window(scene)
        assert await pair_sensor("back", None, 60, scene.backends) == first

    on_air(tmp_path, story)


def test_one_that_changes_its_address_is_found_by_its_name_though_its_bond_is_lost(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.restart(addr_mode=2)
        open_window(scene)
        first = await pair_sensor(None, "back", 60, scene.backends)
        scene.board.forget()
        scene.restart(addr_mode=2)
        open_window(scene)
        again = await pair_sensor("back", None, 90, scene.backends)
        assert (again.name, again.device_id) == ("back", first.device_id)
        assert paired.paired_sensors() == [again]

    on_air(tmp_path, story)


def test_another_sensor_is_not_taken_for_the_one_that_was_named(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        paired.add_paired(PairedSensor("back", "somebodyelses", OTHER))
        open_window(scene)
        with pytest.raises(BadInput, match=f"is not 'back' but {DEVICE}"):
            await pair_sensor("back", None, 60, scene.backends)
        assert [sensor.name for sensor in paired.paired_sensors()] == ["back"]
        assert await scene.laptop.keystore.get_all() == []

    on_air(tmp_path, story)


def test_of_several_sensors_one_has_to_be_named_unless_one_alone_is_new(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        other = scene.another_board(OTHER)
        open_window(scene)
        with pytest.raises(BadInput, match=f"{OTHER} at -60 dBm.*--sensor ADDRESS"):
            await pair_sensor(None, None, 60, scene.backends)
        await pair_sensor(ADDRESS, "mine", 60, scene.backends)
        other.admission.window_open = True
        other.board.hello = lambda: FakeBoard.hello(other.board).replace(b"\1\2\3\4\5\6\7\x08", b"another!")
        assert (await pair_sensor(None, "spare", 60, scene.backends)).address == OTHER

    on_air(tmp_path, story)


def test_a_silent_air_and_a_computer_without_bluetooth_are_told_apart(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.rest()
        with pytest.raises(OutOfReach, match="No sensor is heard"):
            await pair_sensor(None, None, 30, scene.backends)
        scene.laptop.unavailable = Reason.POWERED_OFF
        with pytest.raises(BluetoothUnavailable, match="switched off"):
            await pair_sensor(None, None, 30, scene.backends)

    on_air(tmp_path, story)


def test_a_pairing_that_is_broken_off_once_both_have_bonded_is_remembered(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        pairing = asyncio.create_task(pair_sensor(ADDRESS, "back", 60, scene.backends))
        await until(lambda: scene.board.connections)
        await until(lambda: not scene.board._tasks)  # it listens where the sensor is from now on
        pairing.cancel()
        await asyncio.wait([pairing])
        assert paired.paired_sensors() == [PairedSensor("back", DEVICE, ADDRESS)]
        assert owner_of(ADDRESS) is None

    on_air(tmp_path, story)


def test_bluetooth_that_goes_off_after_a_pairing_does_not_undo_it(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        pairing = asyncio.create_task(pair_sensor(ADDRESS, "back", 60, scene.backends))
        await until(lambda: scene.board.connections)
        scene.board.rest()
        await until(lambda: not scene.board._tasks)
        scene.laptop.unavailable = Reason.POWERED_OFF
        assert await pairing == PairedSensor("back", DEVICE, ADDRESS)

    on_air(tmp_path, story)


def test_a_sensor_that_another_program_is_linked_to_is_neither_paired_nor_forgotten(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
        open_window(scene)
        recorder = SensorLock(ADDRESS)
        assert recorder.take()
        recorder.announce(None)
        try:
            with pytest.raises(SensorBusy, match="end that program first"):
                await pair_sensor("back", None, 60, scene.backends)
            with pytest.raises(SensorBusy, match="end that program first"):
                await forget_sensor("back", scene.backends)
        finally:
            recorder.release()
        assert scene.board.connections == 0
        assert [sensor.name for sensor in paired.paired_sensors()] == ["back"]

    on_air(tmp_path, story)


def test_a_program_that_only_looks_for_the_sensor_is_waited_for(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        recorder = SensorLock(ADDRESS)
        assert recorder.take()
        asyncio.get_running_loop().call_later(6, recorder.release)
        await pair_sensor(ADDRESS, None, 60, scene.backends)
        assert recorder.take()
        with pytest.raises(SensorBusy):
            await forget_sensor(ADDRESS, scene.backends)
        recorder.release()

    on_air(tmp_path, story)


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> FakeBoard:
    """A sensor that is plugged in."""
    usb, board = Usb(), FakeBoard()
    usb.plugged[PORT] = board
    monkeypatch.setattr(pairing, "likely_ports", usb.ports)
    monkeypatch.setattr(locator, "transport_for", usb.transport_for)
    return board


@pytest.mark.parametrize(
    ("which", "device_id", "opens"),
    [(None, None, True), ("back", DEVICE, True), ("back", "somebodyelses", False), (ADDRESS, None, False)],
)
def test_only_the_sensor_that_is_wanted_is_let_open_by_its_cable(
    tmp_path: Path,
    plugged: FakeBoard,
    capsys: pytest.CaptureFixture[str],
    which: str | None,
    device_id: str | None,
    opens: bool,
) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.rest()
        if device_id is not None:
            paired.add_paired(PairedSensor("back", device_id, ADDRESS))
        with pytest.raises(OutOfReach):
            await pair_sensor(which, None, 1, scene.backends)
        assert (messages.PAIR in plugged.requests) is opens

    on_air(tmp_path, story)
    assert ("Hold the sensor's button" in capsys.readouterr().err) is not opens


def test_the_sensor_at_a_port_that_is_named_is_asked_to_let_us_in(
    tmp_path: Path, plugged: FakeBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        await pair_sensor(PORT, "back", 60, scene.backends)
        assert plugged.requests.count(messages.PAIR) == 1

    on_air(tmp_path, story)
    assert "Hold the sensor's button" not in capsys.readouterr().err


def test_without_bluetooth_nobody_is_told_to_hold_a_button(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def story(scene: BleScene) -> None:
        scene.laptop.unavailable = Reason.POWERED_OFF
        with pytest.raises(BluetoothUnavailable):
            await pair_sensor(None, None, 30, scene.backends)
        with pytest.raises(BluetoothUnavailable):
            await within_reach(3, scene.backends)
        with pytest.raises(BluetoothUnavailable):
            await forget_sensor(ADDRESS, scene.backends)

    on_air(tmp_path, story)
    assert capsys.readouterr().err == ""


def test_names_that_can_not_be_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        with pytest.raises(BadInput, match="can't be named"):
            await pair_sensor(None, "/dev/ttyACM0", 60, scene.backends)
        with pytest.raises(BadInput, match="No sensor of yours is called 'front'"):
            await pair_sensor("front", None, 60, scene.backends)
        assert scene.board.connections == 0

    on_air(tmp_path, story)


# Forgetting


def test_a_forgotten_sensor_is_unknown_and_unpaired(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        await pair_sensor(None, "back", 60, scene.backends)
        scene.board.admission.window_open = False
        await forget_sensor("back", scene.backends)
        assert paired.paired_sensors() == []
        assert await scene.laptop.keystore.get_all() == []
        transport = BleTransport(ADDRESS, scene.backends)
        with pytest.raises(NotPaired):
            await transport.open()
        await transport.close()
        with pytest.raises(BadInput, match="those paired: none"):
            await forget_sensor("back", scene.backends)

    on_air(tmp_path, story)


@pytest.mark.parametrize("which", ["back", ADDRESS.lower()])
def test_a_pairing_that_could_not_be_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], which: str
) -> None:
    """As on BlueZ, which has filed a resting sensor under the address that it had before it was paired."""

    async def not_found(client: RadioClient) -> None:
        raise BleakDeviceNotFoundError(client.address, "not found")

    monkeypatch.setattr(RadioClient, "unpair", not_found)

    async def story(scene: BleScene) -> None:
        paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
        scene.board.rest()
        await asyncio.sleep(1)
        assert await forget_sensor(which, scene.backends) is ExitCode.OK
        assert paired.paired_sensors() == []
        assert await forget_sensor(ADDRESS, scene.backends) is ExitCode.NO_SENSOR

    on_air(tmp_path, story)
    told = capsys.readouterr().err
    assert told.count(f"run `unslouch forget {ADDRESS}` again") == 2
    assert told.count("Forgot") == 1


def test_a_sensor_is_forgotten_even_where_bluetooth_is_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = unslouch("forget", "back")
    assert done.returncode == ExitCode.BAD_INPUT
    paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
    done = unslouch("forget", "Back")
    assert done.returncode == ExitCode.OK
    assert "Forgot 'back'" in done.stderr
    assert paired.paired_sensors() == []


# Scanning


def test_the_scan_tells_known_from_new_and_asks_only_the_known_one_for_its_battery(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        await pair_sensor(None, "back", 60, scene.backends)
        other = scene.another_board(OTHER)
        scene.air.place("sensor 02", "laptop", -75)
        assert await within_reach(3, scene.backends) == [
            Row(BLUETOOTH, "back", ADDRESS, -60, 80, True, "known"),
            Row(BLUETOOTH, "unslouch", OTHER, -75, None, False, "new"),
        ]
        assert other.connections == 0

    on_air(tmp_path, story)


def test_the_scan_leaves_a_sensor_to_the_program_that_has_it(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
        recorder = SensorLock(ADDRESS)
        assert recorder.take()
        (row,) = await within_reach(3, scene.backends)
        recorder.release()
        assert "in use by another unslouch program" in row.remark
        assert scene.board.connections == 0

    on_air(tmp_path, story)


def test_a_known_sensor_that_is_not_heard_or_lost_its_bond_stays_in_the_table(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        await pair_sensor(None, "back", 60, scene.backends)
        scene.board.forget()
        (row,) = await within_reach(3, scene.backends)
        assert "no longer knows this computer" in row.remark
        scene.board.rest()
        assert await within_reach(3, scene.backends) == [
            Row(BLUETOOTH, "back", ADDRESS, None, None, True, "known, not heard")
        ]

    on_air(tmp_path, story)


def test_nothing_within_reach_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.power_off()
        with pytest.raises(NoSensor, match="press its button"):
            await within_reach(3, scene.backends)

    on_air(tmp_path, story)


@pytest.mark.skipif("sys.platform == 'win32'", reason="there are no ptys")
async def test_what_is_plugged_in_is_in_the_same_table_even_without_bluetooth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    board = FakeBoard()
    async with board.on_pty(tmp_path / "port") as port:
        monkeypatch.setattr(scanning, "likely_ports", lambda: [port, str(tmp_path / "gone")])
        rows = await within_reach(0.1)
        assert rows[0] == Row(USB, "fake board", port, None, 80, False, "new")
        assert "There is no port" in rows[1].remark
        paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
        assert (await within_reach(0.1))[0] == Row(USB, "back", port, None, 80, True, "known")


def test_the_table_stands_in_columns() -> None:
    rows = [
        Row(BLUETOOTH, "my back", ADDRESS, -60, 80, True, "known"),
        Row(USB, "XIAO ESP32-S3", "/dev/ttyACM0", None, None, False, "new"),
    ]
    assert table(rows).splitlines() == [
        "link       name           port or address    signal   battery",
        "Bluetooth  my back        74:4D:BD:00:00:01  -60 dBm  80 %     known",
        "USB        XIAO ESP32-S3  /dev/ttyACM0       -        -        new",
    ]


def test_the_commands_end_with_sentences_and_codes() -> None:
    paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
    done = unslouch("scan", "--for", "0.1", "--json")
    assert done.returncode == ExitCode.OK
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["address"], row["known"]) == ("back", ADDRESS, True)
    done = unslouch("pair", "--for", "0.1", "--demo")
    assert done.returncode == ExitCode.USAGE
    assert "Traceback" not in done.stderr
