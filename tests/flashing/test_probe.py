"""A suitable board is recognised; for any other the message says what it needs first."""

from dataclasses import replace
from pathlib import Path

import pytest

from unslouch.errors import BadInput, NotOurs
from unslouch.flashing import probe
from unslouch.flashing.compile import board_names, firmware_folder
from unslouch.flashing.probe import MOTION_SENSORS, Runtime, choose_board, motion_sensors, runtime, wiring
from unslouch.flashing.shrink.program import SENSORS
from unslouch.flashing.targets import TARGETS, chip_in, target_of
from unslouch_device.parts import imu

FIRMWARE = firmware_folder()
ESP32S3 = 6 | 3 << 8 | 10 << 10


class Answering:
    """A prompt with one answer to every question."""

    port = "COM7"

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def run(self, code: str) -> str:
        return ""

    def ask(self, code: str) -> object:
        self.asked.append(code)
        return self.answer


@pytest.mark.parametrize(
    ("machine", "chip"),
    [
        ("Generic ESP32S3 module with ESP32-S3", "ESP32S3"),
        ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "ESP32S3"),
        ("ESP32C6 module with ESP32C6", "ESP32C6"),
        ("Generic ESP32 module with ESP32", "ESP32"),
        ("", ""),
    ],
)
def test_the_chip_is_the_last_word_of_the_machine(machine: str, chip: str) -> None:
    assert chip_in(machine) == chip


def test_every_board_file_has_a_chip_and_a_build() -> None:
    assert {name for name in board_names(FIRMWARE) if target_of(name) is None} == set()


def test_micropython_that_is_new_enough_is_recognised() -> None:
    answer = ("micropython", (1, 25, 0), ESP32S3, "Generic ESP32S3 module with ESP32-S3")
    found = runtime(Answering(answer))  # type: ignore[arg-type]
    assert found.chip == "ESP32S3"
    assert found.architecture == "xtensawin"


@pytest.mark.parametrize(
    ("name", "version", "says"),
    [
        ("micropython", (1, 24, 1), "runs MicroPython 1.24.1, which is too old"),
        ("circuitpython", (9, 2, 0), "runs circuitpython, not MicroPython"),
    ],
)
def test_anything_else_gets_the_file_to_fetch_and_the_commands(name: str, version: tuple[int, ...], says: str) -> None:
    prompt = Answering((name, version, 0, "Seeed with ESP32C6"))
    with pytest.raises(NotOurs) as caught:
        runtime(prompt)  # type: ignore[arg-type]
    text = str(caught.value)
    assert says in text
    assert "ESP32_GENERIC_C6 (xiao_esp32c6), version 1.25 or newer" in text
    assert "esptool --chip esp32c6 --port COM7 --baud 460800 write_flash 0x0 ESP32_GENERIC_C6" in text
    assert "esp32s3" not in text


def test_the_board_is_chosen_by_its_chip() -> None:
    found = Runtime((1, 25, 0), ESP32S3, "Generic ESP32S3 module with ESP32-S3")
    assert choose_board(Answering([]), found, FIRMWARE) == "xiao_esp32s3"  # type: ignore[arg-type]


def test_among_boards_with_one_chip_the_motion_sensor_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boards").mkdir()
    for name, sda in (("one", 5), ("two", 9)):
        text = f"I2C_ID = 0\nI2C_SDA = {sda}\nI2C_SCL = 6\nI2C_HZ = 400_000\n"
        (tmp_path / "boards" / f"{name}.py").write_text(text)
    monkeypatch.setattr(probe, "target_of", lambda name: replace(TARGETS[0], board=name))
    found = Runtime((1, 25, 0), ESP32S3, "x with ESP32S3")
    monkeypatch.setattr(probe, "motion_sensors", lambda prompt, bus: [MOTION_SENSORS[0]] if bus.sda == 9 else [])
    assert choose_board(Answering([]), found, tmp_path) == "two"  # type: ignore[arg-type]
    monkeypatch.setattr(probe, "motion_sensors", lambda prompt, bus: [])
    with pytest.raises(BadInput, match="its chip could be that of one or two; name it with --board"):
        choose_board(Answering([]), found, tmp_path)  # type: ignore[arg-type]


def test_a_plain_esp32_is_only_taken_for_a_board_whose_sensor_answers() -> None:
    found = Runtime((1, 25, 0), 0, "Generic ESP32 module with ESP32")
    with pytest.raises(BadInput, match="its chip could be that of m5stickc_plus2; name it with --board"):
        choose_board(Answering([]), found, FIRMWARE)  # type: ignore[arg-type]
    assert choose_board(Answering([(0x68, 0x75, 0x19)]), found, FIRMWARE) == "m5stickc_plus2"  # type: ignore[arg-type]


def test_the_bus_is_read_from_the_board_file_without_running_it(tmp_path: Path) -> None:
    bus = wiring(FIRMWARE, "xiao_esp32s3")
    assert bus is not None
    assert (bus.sda, bus.scl) == (5, 6)
    own = tmp_path / "own.py"
    own.write_text("raise SystemExit\n")
    assert wiring(FIRMWARE, own) is None
    own.write_text("this is no Python\n")
    with pytest.raises(BadInput, match=r"own\.py can't be read as Python"):
        wiring(FIRMWARE, own)


def test_a_motion_sensor_is_named_by_its_id() -> None:
    prompt = Answering([(0x6B, 0x0F, 0x6A)])
    (found,) = motion_sensors(prompt, wiring(FIRMWARE, "xiao_esp32s3"))  # type: ignore[arg-type]
    assert found.name == "LSM6DS3TR-C"
    assert "_identify(0, 6, 5, 400000, " in prompt.asked[0]


def test_host_and_board_know_the_same_motion_sensors() -> None:
    known = [(each.addresses, each.register, each.id, each.part) for each in MOTION_SENSORS]
    assert known == list(imu._KNOWN)
    assert [each.part for each in MOTION_SENSORS] == list(SENSORS)
