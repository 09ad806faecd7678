"""The wiring, the pages and the parts of each build agree with the board files, pin by pin and part by part."""

import json
import re
from collections import Counter

import pytest
from hardware.make.boards import Board, read_boards
from hardware.make.pages import WEARING, page, with_rules
from hardware.make.parts import BOM, HARDWARE, bill_of_materials, read_parts
from hardware.make.placement import placement
from hardware.make.values import derive

from unslouch.twin.board import IMUS

PARTS, BOARDS = read_parts(), read_boards()
XIAOS = [board for board in BOARDS.values() if board.id.startswith("xiao")]
every_board = pytest.mark.parametrize("board", BOARDS.values(), ids=lambda board: board.id)


@every_board
def test_every_pin_of_the_board_file_is_wired_or_on_the_board(board: Board) -> None:
    wired = {wire.constant: wire.gpio for wire in board.wires if wire.constant}
    for name, gpio in board.pins.items():
        if name in wired:
            assert wired[name] == gpio, name
        else:
            assert gpio in board.on_board, f"{name}: GPIO {gpio} goes nowhere"


@every_board
def test_the_label_of_a_wire_belongs_to_its_gpio(board: Board) -> None:
    for wire in board.wires:
        if wire.gpio is not None:
            assert board.labels[wire.pad] == wire.gpio
            assert getattr(board.file, wire.constant) == wire.gpio


@every_board
def test_no_pin_is_used_twice_and_none_that_is_wired_decides_how_the_chip_starts(board: Board) -> None:
    uses = Counter([*board.pins.values(), *(pin for pin, _ in board.file.FIRST_LEVELS)])
    assert [gpio for gpio, times in uses.items() if times > 1] == []
    assert not {wire.gpio for wire in board.wires} & set(board.straps)


@every_board
def test_every_wire_ends_at_a_part_of_the_build(board: Board) -> None:
    assemblies = {"driver": "mosfet", "dividers": "divider-upper"}
    for wire in board.wires:
        part = PARTS[assemblies.get(wire.part, wire.part)]
        assert board.id in part.boards
    assert board.id in PARTS[board.module].boards


@pytest.mark.parametrize("board", XIAOS, ids=lambda board: board.id)
def test_the_motion_sensor_that_is_listed_is_the_one_that_the_board_file_names(board: Board) -> None:
    assert board.file.IMU in IMUS
    assert PARTS["imu"].name.lower().startswith(board.file.IMU)


def test_labels_are_those_of_the_boards() -> None:
    # wiki.seeedstudio.com/xiao_esp32s3_getting_started and xiao_esp32c6_getting_started, "Pin map"
    s3, c6 = BOARDS["xiao_esp32s3"].labels, BOARDS["xiao_esp32c6"].labels
    assert [s3[f"D{n}"] for n in range(11)] == [1, 2, 3, 4, 5, 6, 43, 44, 7, 8, 9]
    assert [c6[f"D{n}"] for n in range(11)] == [0, 1, 2, 21, 22, 23, 16, 17, 19, 20, 18]


def test_every_part_says_why_what_and_for_how_much() -> None:
    for part in PARTS.values():
        assert all((part.why, part.package, part.example, part.alternatives, part.boards)), part.id
        assert part.price_eur > 0
        assert part.quantity >= 0
        assert set(part.boards) <= set(BOARDS), part.id
        assert part.quantity or part.wait.startswith(("Optional", "Never")), f"{part.id} is optional and doesn't say so"


def test_the_bill_of_materials_is_made_from_the_parts() -> None:
    assert BOM.read_text(encoding="utf-8") == bill_of_materials(PARTS), "run `make hardware`"


@every_board
def test_the_page_is_made_from_the_board(board: Board) -> None:
    written = (HARDWARE / "boards" / f"{board.id}.md").read_text(encoding="utf-8")
    assert written == page(PARTS, board), "run `make hardware`"


@every_board
def test_the_wiring_diagram_shows_every_wire(board: Board) -> None:
    harness = json.loads((HARDWARE / "drawings" / f"{board.id}-wiring.yml").read_text(encoding="utf-8"))
    drawn = set()
    for ours, _, theirs in harness["connections"]:
        (source, pads), (part, pins) = *ours.items(), *theirs.items()
        if source == "BOARD":
            drawn |= {(pad, part.lower(), pin) for pad, pin in zip(pads, pins, strict=True)}
    assert drawn == {(wire.pad, wire.part, wire.pin) for wire in board.wires}, "run `make hardware`"


@every_board
def test_the_drawings_name_every_pad(board: Board) -> None:
    drawing = (HARDWARE / "drawings" / f"{board.id}-wiring.svg").read_text(encoding="utf-8")
    for wire in board.wires:
        assert f">{wire.pad}<" in drawing or f">{wire.pad.replace('-', '&#45;')}<" in drawing, wire.pad


@pytest.mark.parametrize("board", XIAOS, ids=lambda board: board.id)
def test_every_derived_value_holds(board: Board) -> None:
    values = derive(board)
    assert len(values) >= 7
    assert [value.subject for value in values if not value.holds] == []


def test_a_value_that_does_not_do_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.make.values.USB_UPPER_OHM", 330_000)
    assert [value.subject for value in derive(XIAOS[0]) if not value.holds] == ["5 V divider"]
    monkeypatch.setattr("hardware.make.values.GATE_SERIES_OHM", 47)
    assert "gate resistor" in [value.subject for value in derive(XIAOS[0]) if not value.holds]


def test_the_page_about_wearing_has_the_safety_rules_of_today() -> None:
    text = WEARING.read_text(encoding="utf-8")
    assert with_rules(text) == text, "run `make hardware`"


def test_the_picture_of_the_place_is_the_one_that_the_code_draws() -> None:
    assert (HARDWARE / "drawings" / "placement.svg").read_text(encoding="utf-8") == placement(), "run `make hardware`"


def test_every_picture_has_a_text_for_those_who_do_not_see_it() -> None:
    for path in [*HARDWARE.glob("*.md"), *HARDWARE.glob("boards/*.md")]:
        for text, file in re.findall(r"!\[(.*?)\]\((.+?)\)", path.read_text(encoding="utf-8"), re.DOTALL):
            assert len(text) > 20, f"{path.name}: {file}"
            assert (path.parent / file).is_file(), f"{path.name}: {file}"
