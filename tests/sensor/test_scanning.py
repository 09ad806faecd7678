"""Scanning for sensors over the simulated radio and on cables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bleak.exc import BleakBluetoothNotAvailableReason as Reason

from link.ble_board import ADDRESS, BleScene, on_air
from link.both_links import DEVICE
from link.fake_board import FakeBoard
from sensor.test_pairing import OTHER, open_window
from unslouch.errors import NoSensor
from unslouch.link.ble.failures import BluetoothUnavailable
from unslouch.sensor.lock import SensorLock
from unslouch.sensor.paired import PairedSensor, add_paired, sensors_file
from unslouch.sensor.pairing import Pairing
from unslouch.sensor.scanning import BLUETOOTH, USB, ScannedSensor, scan


@pytest.fixture(autouse=True)
def nothing_paired() -> Iterator[None]:
    sensors_file().unlink(missing_ok=True)
    yield
    sensors_file().unlink(missing_ok=True)


def test_known_sensors_are_marked_and_only_they_are_asked_for_their_battery(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        await Pairing(lambda step: None, scene.backends, list).pair(None, "back", 60)
        other = scene.another_board(OTHER)
        scene.air.place("sensor 02", "laptop", -75)
        assert (await scan(3, scene.backends, list)).sensors == [
            ScannedSensor(BLUETOOTH, "back", ADDRESS, -60, 80, True, "known"),
            ScannedSensor(BLUETOOTH, "unslouch", OTHER, -75, None, False, "new"),
        ]
        assert other.connections == 0

    on_air(tmp_path, story)


def test_a_sensor_that_another_program_owns_is_left_to_it(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        add_paired(PairedSensor("back", DEVICE, ADDRESS))
        recorder = SensorLock(ADDRESS)
        assert recorder.take()
        (row,) = (await scan(3, scene.backends, list)).sensors
        recorder.release()
        assert "in use by another unslouch program" in row.remark
        assert scene.board.connections == 0

    on_air(tmp_path, story)


def test_a_known_sensor_that_is_not_found_or_lost_its_bond_is_listed(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        open_window(scene)
        await Pairing(lambda step: None, scene.backends, list).pair(None, "back", 60)
        scene.board.forget()
        (row,) = (await scan(3, scene.backends, list)).sensors
        assert "no longer knows this computer" in row.remark
        scene.board.rest()
        assert (await scan(3, scene.backends, list)).sensors == [
            ScannedSensor(BLUETOOTH, "back", ADDRESS, None, None, True, "known, not found")
        ]

    on_air(tmp_path, story)


def test_no_sensor_at_all_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.power_off()
        with pytest.raises(NoSensor, match="press its button"):
            await scan(3, scene.backends, list)
        scene.laptop.unavailable = Reason.POWERED_OFF
        with pytest.raises(BluetoothUnavailable):
            await scan(3, scene.backends, list)

    on_air(tmp_path, story)


@pytest.mark.skipif("sys.platform == 'win32'", reason="there are no ptys")
async def test_what_is_plugged_in_is_listed_even_without_bluetooth(tmp_path: Path) -> None:
    board = FakeBoard()
    async with board.on_pty(tmp_path / "port") as port:
        ports = [port, str(tmp_path / "gone")]
        rows = (await scan(0.1, ports=lambda: ports)).sensors
        assert rows[0] == ScannedSensor(USB, "fake board", port, None, 80, False, "new")
        assert "There is no port" in rows[1].remark
        add_paired(PairedSensor("back", DEVICE, ADDRESS))
        assert (await scan(0.1, ports=lambda: ports)).sensors[0] == ScannedSensor(
            USB, "back", port, None, 80, True, "known"
        )
