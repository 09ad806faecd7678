"""The list of paired sensors: a private file that is written whole or not at all, and names that are no ports."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from unslouch.errors import BadInput, StoreError
from unslouch.sensor.owner import canonical
from unslouch.sensor.paired import (
    PairedSensor,
    add_paired,
    checked_sensor_name,
    name_for,
    paired_sensor_named,
    paired_sensors,
    pairings_version,
    remove_paired,
    sensors_file,
    similar_names,
)

BACK = PairedSensor("Back", "24ec4a0c9f51d3e8", "74:4D:BD:00:00:01")
DEMO = PairedSensor("demo", "00000000000000aa", "7D0F0001-5B1C-4C6E-9D0A-75B7E2A96F51", simulated=True)


@pytest.fixture(autouse=True)
def nothing_paired() -> Iterator[None]:
    sensors_file().unlink(missing_ok=True)
    yield
    sensors_file().unlink(missing_ok=True)


def test_sensors_are_listed_in_the_order_of_pairing_until_they_are_removed() -> None:
    assert paired_sensors() == []
    add_paired(BACK)
    add_paired(DEMO)
    assert paired_sensors() == [BACK, DEMO]
    remove_paired(BACK)
    assert paired_sensors() == [DEMO]


@pytest.mark.parametrize(("typed", "names"), [("bcak", ["Back"]), ("BACKK", ["Back"]), ("dmo", ["demo"]), ("COM3", [])])
def test_a_mistyped_name_is_like_those_of_few_sensors(typed: str, names: list[str]) -> None:
    add_paired(BACK)
    add_paired(DEMO)
    assert similar_names(typed) == names


def test_pairing_again_replaces_the_entry() -> None:
    add_paired(BACK)
    moved = PairedSensor("back", BACK.device_id, "74:4D:BD:00:00:02")
    add_paired(moved)
    assert paired_sensors() == [moved]


def test_each_pairing_changes_the_version_even_if_nothing_else_changes(tmp_path: Path) -> None:
    add_paired(BACK)
    os.utime(sensors_file(), (1, 1))
    before = pairings_version()
    add_paired(BACK)
    assert pairings_version() != before


@pytest.mark.parametrize("text", ["back", "BACK", "74:4d:bd:00:00:01", "24EC4A0C9F51D3E8"])
def test_a_sensor_is_found_by_name_address_or_device_id_in_any_case(text: str) -> None:
    add_paired(BACK)
    assert paired_sensor_named(text) == BACK
    assert paired_sensor_named("front") is None


def test_processes_that_pair_at_the_same_time_lose_no_sensor() -> None:
    add = (
        "import sys; from unslouch.sensor.paired import PairedSensor, add_paired\n"
        "for n in range(5): add_paired(PairedSensor(f'{sys.argv[1]} {n}', f'{sys.argv[1]}{n}', f'{sys.argv[1]}-{n}'))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", add, name]) for name in "abcd"]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert {sensor.name for sensor in paired_sensors()} == {f"{name} {n}" for name in "abcd" for n in range(5)}


@pytest.mark.skipif("os.name == 'nt'", reason="no modes")
def test_the_file_is_the_users_alone_and_nothing_is_left_beside_it() -> None:
    add_paired(BACK)
    assert stat.S_IMODE(sensors_file().stat().st_mode) == 0o600
    assert not list(sensors_file().parent.glob(".unslouch-*"))


def test_a_write_that_fails_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    add_paired(BACK)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        add_paired(DEMO)
    assert paired_sensors() == [BACK]
    assert not list(sensors_file().parent.glob(".unslouch-*"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sensors": [{"name": "x"}]}', '{"sensors": 5}', "\x00"])
def test_a_damaged_list_is_an_error_with_the_remedy(text: str) -> None:
    sensors_file().parent.mkdir(parents=True, exist_ok=True)
    sensors_file().write_text(text)
    with pytest.raises(StoreError, match=r"sensors\.json, is damaged: delete it and pair your sensors again\.$"):
        paired_sensors()


def test_a_list_that_cannot_be_read_is_not_to_be_deleted() -> None:
    sensors_file().parent.mkdir(parents=True, exist_ok=True)
    sensors_file().mkdir()
    try:
        with pytest.raises(StoreError, match=r"can't be read \(Is a directory\): make it readable\.$"):
            paired_sensors()
    finally:
        sensors_file().rmdir()


def test_a_name_is_given_once_and_a_new_sensor_gets_one_of_its_own() -> None:
    assert name_for("x") == "sensor"
    add_paired(PairedSensor("sensor", "a", "74:4D:BD:00:00:03"))
    assert name_for("x") == "sensor 2"
    assert name_for("a") == "sensor"
    with pytest.raises(BadInput, match="already"):
        add_paired(PairedSensor("Sensor", "b", "74:4D:BD:00:00:04"))


@pytest.mark.parametrize(
    "name", ["", "  ", "/dev/ttyACM0", "socket://x", "a\nb", "74:4D:BD:00:00:01", "x" * 41, "C:\\"]
)
def test_what_could_be_a_port_or_an_address_is_no_name(name: str) -> None:
    with pytest.raises(BadInput, match="can't be named"):
        checked_sensor_name(name)


def test_a_name_loses_the_spaces_around_it() -> None:
    assert checked_sensor_name(" my back ") == "my back"


def test_an_address_is_one_sensor_however_it_is_written() -> None:
    assert canonical("74:4d:bd:00:00:01") == canonical(BACK.address)


# Names that read the same

DECOMPOSED = "Ru\u0308cken"
"""As macOS and some terminals give it: u and a diaeresis."""


@pytest.mark.parametrize("stored", ["Rücken", DECOMPOSED])
@pytest.mark.parametrize("typed", ["Rücken", DECOMPOSED, "RÜCKEN", DECOMPOSED.lower()])
def test_a_name_is_found_however_its_accents_are_encoded(stored: str, typed: str) -> None:
    add_paired(PairedSensor(stored, "a", "74:4D:BD:00:00:03"))
    sensor = paired_sensor_named(typed)
    assert sensor is not None
    assert sensor.device_id == "a"


def test_two_sensors_never_have_names_that_read_the_same() -> None:
    add_paired(PairedSensor(DECOMPOSED, "a", "74:4D:BD:00:00:03"))
    with pytest.raises(BadInput, match="already"):
        add_paired(PairedSensor("Rücken", "b", "74:4D:BD:00:00:04"))


def test_a_name_is_stored_composed() -> None:
    assert checked_sensor_name(f" {DECOMPOSED} ") == "Rücken"
    assert checked_sensor_name("u\u0308" * 40) == "ü" * 40, "it counts as many letters as a reader sees"
