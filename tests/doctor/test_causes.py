"""Every cause is found by a check on a set-up that has it, and stands in the troubleshooting page under its id."""

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unslouch.analysis.model import NO_BOUND
from unslouch.cli.parsing import parser
from unslouch.doctor import radio
from unslouch.doctor.cable import check_cable
from unslouch.doctor.causes import CAUSES
from unslouch.doctor.computer import Computer, PortAccess
from unslouch.doctor.connecting import _look, explain
from unslouch.doctor.database import check_database, check_times
from unslouch.doctor.finding import Finding, Good, Result
from unslouch.doctor.movement import check_lean, check_noise
from unslouch.doctor.sensor import check_self_test, check_sensor
from unslouch.errors import SensorBusy, UnslouchError
from unslouch.flashing.errors import BoardError
from unslouch.link.ble.failures import Failure
from unslouch.link.client import OtherVersion, Unanswered, Unrecognised
from unslouch.link.diagnostics import Diagnostics
from unslouch.link.model import BoardStatus, LiveSample, SensorInfo
from unslouch.sensor.deep_sleep import DeepSleep, SensorAsleep
from unslouch.sensor.health import OWN_FIRMWARE
from unslouch_device.contract import records, states

ROOT = Path(__file__).parents[2]
MAY = PortAccess(True, "dialout", True, True)


def computer(
    root: Path,
    *,
    vendor: str = "303a",
    product: str = "4001",
    ports: tuple[str, ...] = ("ttyACM0",),
    processes: tuple[str, ...] = (),
    access: PortAccess = MAY,
    plugged: bool = True,
) -> Computer:
    """Lay out a computer with one board."""
    (root / "sys/bus/usb/devices").mkdir(parents=True, exist_ok=True)
    if plugged:
        device = root / "sys/bus/usb/devices/1-2"
        device.mkdir()
        for name, text in (("idVendor", vendor), ("idProduct", product), ("product", "XIAO ESP32S3")):
            (device / name).write_text(text + "\n")
        (device / "1-2:1.0").mkdir()
        for port in ports:
            (device / "1-2:1.0/tty" / port).mkdir(parents=True)
            (root / "sys/class/tty" / port).mkdir(parents=True)
            (root / "sys/class/tty" / port / "dev").write_text("166:0\n")
    for number, name in enumerate(processes, 100):
        (root / f"proc/{number}/fd").mkdir(parents=True)
        (root / f"proc/{number}/comm").write_text(name + "\n")
    return Computer(root, lambda path: access)


def ids(results: Iterator[Result] | list[Result]) -> list[str]:
    return [result.cause_id for result in results if isinstance(result, Finding)]


def test_a_board_that_may_be_opened_is_good(tmp_path: Path) -> None:
    (result,) = check_cable(computer(tmp_path))
    assert isinstance(result, Good)
    assert "XIAO ESP32S3 is plugged in at /dev/ttyACM0" in result.sentence


def test_no_board_or_a_cable_that_only_charges(tmp_path: Path) -> None:
    assert ids(check_cable(computer(tmp_path, plugged=False))) == ["no-board"]


def test_brltty_that_took_the_bridge(tmp_path: Path) -> None:
    setup = computer(tmp_path, vendor="1a86", product="7523", ports=(), processes=("brltty",))
    assert ids(check_cable(setup)) == ["brltty"]


def test_a_board_without_a_port(tmp_path: Path) -> None:
    assert ids(check_cable(computer(tmp_path, ports=(), processes=("brltty",)))) == ["no-port"]


def test_a_port_of_a_group_that_the_user_is_not_in(tmp_path: Path) -> None:
    (finding,) = check_cable(computer(tmp_path, access=PortAccess(False, "uucp", False, False)))
    assert isinstance(finding, Finding)
    assert (finding.cause_id, finding.detail) == ("port-group", "/dev/ttyACM0 belongs to the group uucp.")


def test_a_session_that_is_older_than_the_membership(tmp_path: Path) -> None:
    assert ids(check_cable(computer(tmp_path, access=PortAccess(False, "dialout", False, True)))) == ["login-again"]


def test_modem_manager_that_may_probe_the_port(tmp_path: Path) -> None:
    setup = computer(tmp_path, processes=("ModemManager",))
    data = tmp_path / "run/udev/data/c166:0"
    data.parent.mkdir(parents=True)
    data.write_text("S:serial/by-id/usb\nE:ID_MM_CANDIDATE=1\n")
    assert ids(check_cable(setup)) == ["modem-manager"]
    data.write_text("E:ID_MM_CANDIDATE=1\nE:ID_MM_DEVICE_IGNORE=1\n")
    assert ids(check_cable(setup)) == []


def test_a_program_that_has_the_port_open_is_named(tmp_path: Path) -> None:
    setup = computer(tmp_path, processes=("minicom",))
    (tmp_path / "proc/100/fd/3").symlink_to("/dev/ttyACM0")
    (finding,) = check_cable(setup)
    assert isinstance(finding, Finding)
    assert (finding.cause_id, finding.detail) == ("port-busy", "/dev/ttyACM0 is open in minicom (100).")


async def radio_ids(setup: Computer) -> list[str]:
    return ids([result async for result in radio.check_radio(setup)])


async def test_no_adapter(tmp_path: Path) -> None:
    assert await radio_ids(computer(tmp_path)) == ["no-adapter"]


@pytest.mark.parametrize("kind", ["hard", "soft"])
async def test_bluetooth_that_is_blocked(tmp_path: Path, kind: str) -> None:
    setup = computer(tmp_path)
    (tmp_path / "sys/class/bluetooth/hci0").mkdir(parents=True)
    switch = tmp_path / "sys/class/rfkill/rfkill0"
    switch.mkdir(parents=True)
    for name in ("hard", "soft"):
        (switch / name).write_text("1\n" if name == kind else "0\n")
    (switch / "type").write_text("bluetooth\n")
    assert await radio_ids(setup) == ["bluetooth-off"]


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (Failure.OFF, "bluetooth-off"),
        (Failure.NO_ADAPTER, "no-adapter"),
        (Failure.NO_SERVICE, "no-bluez"),
        (Failure.DENIED, "bluetooth-denied"),
    ],
)
async def test_what_the_system_says_of_bluetooth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Failure, cause: str
) -> None:
    async def listen(duration_s: float, backends: object) -> None:
        raise failure.as_error("")

    monkeypatch.setattr(radio, "listen", listen)
    (tmp_path / "sys/class/bluetooth/hci0").mkdir(parents=True)
    assert await radio_ids(computer(tmp_path)) == [cause]


async def test_bluetooth_that_works_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def listen(duration_s: float, backends: object) -> list[object]:
        return []

    monkeypatch.setattr(radio, "listen", listen)
    (tmp_path / "sys/class/bluetooth/hci0").mkdir(parents=True)
    assert await radio_ids(computer(tmp_path)) == []


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OtherVersion("The sensor speaks another version."), "other-protocol"),
        (Failure.BOND_LOST.as_error("C0:FF:EE:00:00:01"), "bond-lost"),
        (Failure.NOT_PAIRED.as_error("C0:FF:EE:00:00:01"), "not-paired"),
        (Failure.ABSENT.as_error("C0:FF:EE:00:00:01"), "out-of-reach"),
        (SensorAsleep(DeepSleep(records.ASLEEP_OFF_BODY, True)), "asleep"),
        (SensorAsleep(DeepSleep(records.ASLEEP_BY_HAND, True)), "switched-off"),
        (SensorAsleep(DeepSleep(records.ASLEEP_EMPTY, True)), "empty"),
        (SensorBusy("The port is in use."), "port-busy"),
        (Unanswered("Nothing comes."), "silent"),
        (Unrecognised("Something else comes."), "other-program"),
    ],
)
def test_why_a_sensor_could_not_be_connected(tmp_path: Path, error: UnslouchError, cause: str) -> None:
    (finding,) = explain(error, computer(tmp_path), lambda port: iter(()))
    assert isinstance(finding, Finding)
    assert (finding.cause_id, finding.detail) == (cause, str(error))


def test_a_chip_that_waits_in_its_loader(tmp_path: Path) -> None:
    setup = computer(tmp_path, product="1001")
    assert ids(explain(Unanswered("Nothing comes."), setup, lambda port: iter(()))) == ["rom-loader"]


class FakePrompt:
    """A prompt whose Python and memory are given."""

    port = "/dev/ttyACM0"

    def __init__(self, version: tuple[int, ...], free_bytes: int, name: str = "micropython") -> None:
        self._answers = {"_measure()": (free_bytes, 200_000)}
        self._implementation = (name, version, 0x2C06, "Generic ESP32S3 module with ESP32S3")

    def run(self, code: str) -> str:
        return ""

    def ask(self, code: str) -> object:
        return self._answers.get(code, self._implementation)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (FakePrompt((1, 27, 0), 8_000_000), ["no-firmware"]),
        (FakePrompt((1, 27, 0), 60_000), ["wrong-build"]),
        (FakePrompt((1, 20, 0), 8_000_000), ["old-micropython"]),
        (FakePrompt((9, 2, 0), 8_000_000, "circuitpython"), ["old-micropython"]),
    ],
)
def test_what_stands_at_the_prompt_instead(prompt: FakePrompt, expected: list[str]) -> None:
    assert ids(_look(prompt, "/dev/ttyACM0")) == expected


WELL = Diagnostics(
    boot_cause="power on",
    crashes_in_a_row=0,
    free_heap_bytes=60_000,
    least_free_heap_bytes=40_000,
    idf_free_bytes=None,
    idf_largest_block_bytes=None,
    late_ms=20,
    slept_s=0,
    bus_errors=0,
    flash_errors=0,
    frame_errors=0,
    records_refused=0,
    records_left=200_000,
    records_held=100,
    connection_interval_ms=None,
    round_trip_ms=4.0,
)
INFO = SensorInfo("c0ffee", "XIAO ESP32-S3", OWN_FIRMWARE, 3, 1, 1, 0, 10, 1000, 1, 7, False, False, 180)
STATUS = BoardStatus(1000, 3900, 70, False, 0, 0, 10, 0, 0, 1, 7, 0, False, 30)
LIVE = LiveSample(1000, 3.0, 0.5, states.UPRIGHT, 0, False, False, False, 0)


def test_a_sensor_that_is_well() -> None:
    (result,) = check_sensor(INFO, STATUS, LIVE, WELL)
    assert isinstance(result, Good)


@pytest.mark.parametrize(
    ("cause", "info", "status", "live", "figures"),
    [
        ("old-firmware", replace(INFO, firmware_version="0.0.1"), STATUS, LIVE, WELL),
        ("imu-silent", INFO, STATUS, replace(LIVE, state=states.UNKNOWN, forward_deg=None), WELL),
        ("imu-bus", INFO, STATUS, LIVE, replace(WELL, bus_errors=40)),
        ("uncalibrated", INFO, replace(STATUS, calibration_id=0), LIVE, WELL),
        ("moved", INFO, replace(STATUS, sensor_moved=True), LIVE, WELL),
        ("crashes", INFO, STATUS, LIVE, replace(WELL, crashes_in_a_row=2)),
        ("watchdog", INFO, STATUS, LIVE, replace(WELL, boot_cause="watchdog")),
        ("memory", INFO, STATUS, LIVE, replace(WELL, least_free_heap_bytes=4_000)),
        ("samples-lost", INFO, replace(STATUS, samples_lost=90), LIVE, WELL),
        ("battery-low", INFO, replace(STATUS, battery_percent=8), LIVE, WELL),
        ("flash-errors", INFO, STATUS, LIVE, replace(WELL, flash_errors=1)),
        ("journal-full", INFO, STATUS, LIVE, replace(WELL, records_left=1_000)),
    ],
)
def test_what_ails_a_sensor(
    cause: str, info: SensorInfo, status: BoardStatus, live: LiveSample, figures: Diagnostics
) -> None:
    assert ids(check_sensor(info, status, live, figures)) == [cause]


def test_a_noisy_sensor_and_a_quiet_one() -> None:
    assert ids(check_noise([0.0, 1.0] * 50, [0.0] * 100)) == ["noise"]
    assert ids(check_noise([2.0, 2.1] * 50, [1.0] * 100)) == []
    assert ids(check_noise([], [])) == ["imu-silent"]


def test_axes_the_wrong_way_round() -> None:
    assert ids(check_lean([0.0], [25.0], "forward")) == []
    assert ids(check_lean([0.0], [-25.0], "forward")) == ["axes"]
    assert ids(check_lean([0.0], [2.0], "to the right")) == ["axes"]


def test_a_motion_sensor_that_fails_its_own_test() -> None:
    assert ids(check_self_test({"acceleration x": True, "rate z": False})) == ["imu-faulty"]
    assert ids(check_self_test({"acceleration x": True, "rate z": True})) == []


def test_times_that_may_be_far_off() -> None:
    assert ids([check_times(np.array([20, 40]))]) == []
    assert ids([check_times(np.array([20, 7_200_000]))]) == ["clock"]
    assert ids([check_times(np.array([20, NO_BOUND]))]) == ["clock"]


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "unslouch.db"
    assert ids(check_database(path)) == []
    path.write_bytes(b"no database at all" * 100)
    assert ids(check_database(path)) == ["database"]


def test_the_page_is_made_from_the_causes() -> None:
    spec = importlib.util.spec_from_file_location("troubleshooting", ROOT / "docs" / "troubleshooting.py")
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    text = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    assert text == writer.page(), "run docs/troubleshooting.py"
    assert sorted(re.findall(r'<a id="(.+?)">', text)) == sorted(CAUSES)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == sorted(set(headings), key=lambda heading: heading.strip("`").lower())


def test_every_command_that_a_cure_names_exists() -> None:
    known = parser().format_help()
    for cause in CAUSES.values():
        for command in re.findall(r"`unslouch (\w+)", cause.cure):
            assert f" {command} " in known, cause.id


def test_every_cause_has_a_test_in_this_file() -> None:
    """Some causes are what `unslouch flash` says itself."""
    text = Path(__file__).read_text(encoding="utf-8")
    elsewhere = {"boot-not-held", "update-refused", "update-taken-back"}
    assert {cause for cause in CAUSES if f'"{cause}"' not in text.partition("def test_every_cause")[0]} == elsewhere


def test_a_board_that_fails_at_its_prompt_ends_in_a_sentence() -> None:
    class Failing(FakePrompt):
        def ask(self, code: str) -> object:
            raise BoardError("The board failed.")

    with pytest.raises(UnslouchError, match="The board failed"):
        list(_look(Failing((1, 27, 0), 0), "/dev/ttyACM0"))
