"""A board file with mistakes is refused before anything is installed, with all of them in one sentence."""

import re
from pathlib import Path

import pytest

from unslouch.errors import BadInput
from unslouch.flashing.board_file import check_board_file, problems_in
from unslouch.flashing.compile import board_names, firmware_folder
from unslouch.flashing.targets import TARGETS, target_of

BOARDS = firmware_folder() / "boards"
REFERENCE = (BOARDS / "xiao_esp32s3.py").read_text()


def changed(name: str, value: str) -> str:
    text, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", REFERENCE)
    assert count == 1
    return text


@pytest.mark.parametrize("board", board_names(firmware_folder()))
def test_the_boards_of_the_firmware_have_none(board: str) -> None:
    target = target_of(board)
    assert target is not None
    check_board_file(BOARDS / f"{board}.py", target.chip.name)


def test_every_board_of_the_firmware_has_a_target() -> None:
    assert {target.board for target in TARGETS} == set(board_names(firmware_folder()))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BUTTON_PIN", "99", "BUTTON_PIN is 99, but must be a pin of the ESP32S3"),
        ("BUTTON_PIN", "'D0'", "BUTTON_PIN is 'D0'"),
        ("BUTTON_PIN", "D0", "BUTTON_PIN must be a plain value"),
        ("IMU", "'lsm9ds1'", "must be one of lsm6dsox, lsm6ds3trc, mpu6886, mpu6050"),
        ("IMU_INT_PIN", "40", "None, or a pin that can wake"),
        ("MOTOR", "'lra'", "MOTOR is 'lra'"),
        ("MOTOR_PIN", "5", "I2C_SDA and MOTOR_PIN share pin 5"),
        ("BATTERY_PIN", "15", "a pin that measures voltages"),
        ("FORWARD", "(0, 1)", "FORWARD is (0, 1)"),
        ("SPARE", "(0, 0, -1)", "FORWARD and SPARE lie on the same axis"),
        ("FIRST_LEVELS", "((3, 2),)", "FIRST_LEVELS"),
        ("JOURNAL_BYTES", "1000", "JOURNAL_BYTES is 1000"),
        ("LED_ON", "True and 1", "LED_ON must be a plain value"),
    ],
)
def test_a_mistake_is_named_with_what_must_stand_there(name: str, value: str, words: str) -> None:
    (problem,) = problems_in(changed(name, value), "ESP32S3")
    assert words in problem


def test_what_is_missing_and_what_has_a_new_name_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(re.sub(r"(?m)^(FIRST_LEVELS|NAME) = .*$", r"HOLD_PIN = 4", REFERENCE, count=2))
    with pytest.raises(BadInput) as caught:
        check_board_file(path, "ESP32S3")
    said = str(caught.value)
    for words in ("mine.py", "HOLD_PIN is now", "NAME is missing", "FIRST_LEVELS is missing", "Nothing was changed"):
        assert words in said


def test_an_lra_driver_needs_no_pin_of_its_own() -> None:
    text = re.sub(r"(?m)^MOTOR_PIN = .*\n", "", changed("MOTOR", "'drv2605-lra'"))
    assert list(problems_in(text, "ESP32S3")) == []
