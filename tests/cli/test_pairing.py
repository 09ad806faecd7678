"""`unslouch pair`, `forget` and `scan` as processes of their own: what they print, and how they end."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from link.ble_board import ADDRESS
from unslouch.cli.scan import HEADINGS, row
from unslouch.cli.tables import table_text
from unslouch.errors import ExitCode
from unslouch.sensor.paired import PairedSensor, add_paired, paired_sensors, sensors_file
from unslouch.sensor.scanning import BLUETOOTH, USB, ScannedSensor

BACK = PairedSensor("Rücken", "0102030405060708", ADDRESS)


@pytest.fixture(autouse=True)
def nothing_paired() -> Iterator[None]:
    sensors_file().unlink(missing_ok=True)
    yield
    sensors_file().unlink(missing_ok=True)


def unslouch(*arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "unslouch", *arguments], capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    return done


def test_forget_takes_a_sensor_off_the_list_by_its_name_as_it_reads() -> None:
    done = unslouch("forget", "Rücken")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "You have paired no sensor named 'Rücken': there is none to forget." in done.stderr
    add_paired(BACK)
    done = unslouch("forget", "RU\u0308CKEN")
    assert done.returncode == ExitCode.OK
    assert "'Rücken' is no longer paired with this computer. What it recorded stays" in done.stderr
    assert paired_sensors() == []


def test_pair_refuses_a_demo() -> None:
    done = unslouch("pair", "--for", "0.1", "--demo")
    assert done.returncode == ExitCode.USAGE


def test_scan_lists_paired_sensors_as_json_too() -> None:
    add_paired(BACK)
    done = unslouch("scan", "--for", "0.1", "--json")
    assert done.returncode == ExitCode.OK
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["address"], row["known"]) == ("Rücken", ADDRESS, True)


def test_the_table_of_a_scan_stands_in_columns() -> None:
    sensors = [
        ScannedSensor(BLUETOOTH, "my back", ADDRESS, -60, 80, True, "known"),
        ScannedSensor(USB, "XIAO ESP32-S3", "/dev/ttyACM0", None, None, False, "new"),
    ]
    assert table_text(HEADINGS, [row(sensor) for sensor in sensors]).splitlines() == [
        "link       name           port or address    signal   battery",
        "Bluetooth  my back        74:4D:BD:00:00:01  -60 dBm  80 %     known",
        "USB        XIAO ESP32-S3  /dev/ttyACM0       -        -        new",
    ]
