"""The wiring that hardware/reference.md shows is the board files'."""

import importlib
import re
from pathlib import Path

import pytest

from unslouch.twin.board import IMUS
from unslouch_device.boards import m5stickc_plus2, xiao_esp32c6, xiao_esp32s3

REFERENCE = Path(__file__).parents[2] / "hardware" / "reference.md"
BOARDS = (xiao_esp32s3, xiao_esp32c6, m5stickc_plus2)

XIAO_ESP32S3 = {"D0": 1, "D1": 2, "D2": 3, "D3": 4, "D4": 5, "D5": 6, "D6": 43, "D7": 44, "D8": 7, "D9": 8, "D10": 9}
"""GPIO by the label on the board (wiki.seeedstudio.com/xiao_esp32s3_getting_started, "Pin map")."""


def wiring() -> list[tuple[str, int, str]]:
    """(label, GPIO, name in the board file) of every row of the wiring table."""
    text = REFERENCE.read_text(encoding="utf-8").partition("## Wiring")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| .+? \| (.+?) \| (\d+) \| `(\w+)` \|$", text, re.MULTILINE)
    return [(label, int(gpio), name) for label, gpio, name in rows]


def pins_of(board) -> dict[str, int]:
    return {
        name: value
        for name, value in vars(board).items()
        if name.endswith("_PIN") or name in ("I2C_SDA", "I2C_SCL")
        if value is not None
    }


def test_the_table_wires_every_pin_of_the_board_file_as_it_is() -> None:
    documented = {name: gpio for _, gpio, name in wiring()}
    for name, gpio in pins_of(xiao_esp32s3).items():
        assert documented[name] == gpio, name


def test_labels_on_the_board_belong_to_the_gpios_beside_them() -> None:
    labelled = 0
    for row_label, gpio, _ in wiring():
        for label in re.findall(r"D\d+", row_label):
            assert XIAO_ESP32S3[label] == gpio
            labelled += 1
    assert labelled >= 6


def test_no_pin_is_wired_twice() -> None:
    gpios = [gpio for _, gpio, _ in wiring()]
    assert len(gpios) == len(set(gpios)) == 8
    for board in BOARDS:
        assert len(set(pins_of(board).values())) == len(pins_of(board)), board.NAME


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.NAME)
def test_board_files_define_the_same_names(board) -> None:
    assert set(vars(board)) == set(vars(xiao_esp32s3))


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.NAME)
def test_a_board_file_holds_nothing_but_values(board) -> None:
    for name, value in vars(board).items():
        if not name.startswith("__"):
            assert name == name.upper() or name.endswith("_mV")
            assert value is None or isinstance(value, (int, str, tuple)), name


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.NAME)
def test_axes_are_unit_vectors_at_right_angles(board) -> None:
    forward, spare = board.FORWARD, board.SPARE
    assert sum(a * a for a in forward) == sum(a * a for a in spare) == 1
    assert sum(a * b for a, b in zip(forward, spare, strict=True)) == 0


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.NAME)
def test_a_board_names_a_motion_sensor_that_there_is(board) -> None:
    assert board.IMU in IMUS
    assert importlib.import_module(f"unslouch_device.parts.{board.IMU}")


def test_other_boards_are_named_with_their_bus() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    for board in (xiao_esp32c6, m5stickc_plus2):
        assert f"| {board.NAME} | `boards/{board.__name__.rpartition('.')[2]}.py` |" in text
        assert f"| SDA {board.I2C_SDA}, SCL {board.I2C_SCL} |" in text
