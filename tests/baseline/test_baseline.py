"""What an earlier release wrote can be opened, migrated and exported, and the exports stay as they were."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from baseline.exports import EXPORTS, exported
from baseline.make_baseline import SECOND_SENSOR, SIMULATED, simulated_sensor, wearer_pages
from unslouch.sensor.paired import PairedSensor, paired_sensors, sensors_file
from unslouch.store import Sensor, Store
from unslouch.store.pages import page_row
from unslouch_device.contract.pages import page_bytes

BASELINES = sorted(Path(__file__).parent.glob("schema_*"))


@pytest.fixture(params=BASELINES, ids=lambda folder: folder.name)
def baseline(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def databases(baseline: Path, tmp_path: Path) -> Path:
    """A folder with copies of the baseline's databases."""
    for database in baseline.glob("*.db"):
        shutil.copy(database, tmp_path)
    return tmp_path


def split_pages(data: bytes) -> list[bytes]:
    pages = []
    while data:
        size = page_bytes(data)
        pages.append(data[:size])
        data = data[size:]
    return pages


@pytest.mark.parametrize("name", EXPORTS)
def test_a_baseline_exports_what_it_did_then(baseline: Path, databases: Path, name: str) -> None:
    then, now = (baseline / name).read_bytes(), exported(databases, name)
    if name.endswith(".json"):
        earlier, later = json.loads(then), json.loads(now)
        assert earlier.pop("units").keys() <= later["units"].keys()
        assert len(earlier.pop("notes")) <= len(later["notes"])
        assert_holds(later, earlier, name)
    elif name.endswith("-summary.csv"):
        assert [line for line in now.splitlines() if line in then.splitlines()] == then.splitlines()
    else:
        assert now.splitlines() == then.splitlines()


def assert_holds(later: Any, earlier: Any, where: str) -> None:
    """What an earlier release wrote is there with the same values, though there may be more beside it."""
    if isinstance(earlier, dict):
        for key, value in earlier.items():
            assert key in later, f"{where}/{key}"
            assert_holds(later[key], value, f"{where}/{key}")
    elif isinstance(earlier, list):
        assert len(later) == len(earlier), where
        for index, value in enumerate(earlier):
            assert_holds(later[index], value, f"{where}/{index}")
    else:
        assert later == earlier, where


def test_a_baseline_migrates_with_all_that_it_holds(baseline: Path, databases: Path) -> None:
    with Store.open(databases / "wearer.db", simulated=False) as store:
        assert sorted(store.pages()) == sorted(wearer_pages())
        assert store.gaps(SECOND_SENSOR) == [(0, 400)]
        assert Sensor(SECOND_SENSOR, "44556677ccdd", "M5StickC Plus2", "0.1.0") in store.sensors()
    with Store.open(databases / "simulated.db", simulated=True) as store:
        assert store.pages() == simulated_sensor().pages()
        assert store.sensors() == [Sensor(SIMULATED, "5117", "simulated", "0.1.0")]


def test_a_migrated_baseline_exports_the_same_as_one_that_is_filled_anew(databases: Path, tmp_path: Path) -> None:
    (tmp_path / "anew").mkdir()
    with Store.open(tmp_path / "anew" / "wearer.db", simulated=False) as store:
        store.add_pages(wearer_pages())
    name = "wearer-2025-03-14.json"
    assert exported(tmp_path / "anew", name) == exported(databases, name)


def test_the_schema_of_a_baseline_is_the_one_in_its_name(baseline: Path) -> None:
    for database in baseline.glob("*.db"):
        connection = sqlite3.connect(f"{database.as_uri()}?immutable=1", uri=True)
        assert connection.execute("PRAGMA user_version").fetchone() == (int(baseline.name.removeprefix("schema_")),)
        connection.close()


def test_the_pages_of_a_baseline_are_read_and_written_byte_for_byte(baseline: Path) -> None:
    pages = split_pages((baseline / "wearer.pages").read_bytes())
    assert pages == wearer_pages()
    connection = sqlite3.connect(f"{(baseline / 'wearer.db').as_uri()}?immutable=1", uri=True)
    cursor = connection.execute("SELECT * FROM page")
    columns = [column[0] for column in cursor.description]
    stored = cursor.fetchall()
    connection.close()
    found = [tuple(getattr(page_row(page), column) for column in columns) for page in pages]
    assert sorted(found) == sorted(stored)


def test_the_paired_sensors_of_a_baseline_are_read(baseline: Path) -> None:
    sensors_file().parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(baseline / "sensors.json", sensors_file())
    try:
        assert paired_sensors() == [
            PairedSensor("Rücken", "00112233aabb", "AA:BB:CC:DD:EE:01"),
            PairedSensor("sensor 2", "5117", "F0:00:00:00:00:01", simulated=True),
        ]
    finally:
        sensors_file().unlink()
