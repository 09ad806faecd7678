"""The schematic of a build around a XIAO: motor driver, dividers, motion sensor, button."""

import os
from pathlib import Path

import schemdraw
from matplotlib import rcParams
from schemdraw import elements as elm

from .boards import Board


def write_schematic(board: Board, folder: Path) -> None:
    """Draw it as SVG and PNG."""
    drawing = draw(board)
    rcParams["svg.hashsalt"] = "unslouch"  # the same drawing is the same bytes
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    for suffix in ("svg", "png"):
        drawing.save(str(folder / f"{board.id}-schematic.{suffix}"), transparent=False, dpi=150)


def draw(board: Board) -> schemdraw.Drawing:
    """Return the drawing: each block by itself, joined by the names of the nets, which are the labels on the board."""
    pads = {(wire.part, wire.pin): wire for wire in board.wires}

    def net(part: str, pin: str) -> str:
        wire = pads[part, pin]
        return wire.pad if wire.gpio is None else f"{wire.pad} (GPIO {wire.gpio})"

    drawing = schemdraw.Drawing(show=False, fontsize=11, unit=2.2)
    drawing.config(bgcolor="white", font="DejaVu Sans", lw=1.4)
    _motor_driver(drawing, net, (0, 0))
    _battery_divider(drawing, net, (11, 0))
    _usb_divider(drawing, net, (17.5, 0))
    _imu(drawing, net, (2.5, -11.2))
    _button(drawing, board, (17.5, -8.0))
    return drawing


def _title(drawing: schemdraw.Drawing, text: str, at: tuple[float, float]) -> None:
    drawing.add(elm.Label().at(at).label(text, fontsize=13, halign="left"))


def _motor_driver(drawing, net, at) -> None:
    x, y = at
    _title(drawing, "Motor driver", (x - 0.4, y + 3.4))
    drawing.add(elm.Dot(open=True).at((x, y - 2)).label(net("driver", "GATE"), "top", halign="left", ofst=(-0.3, 0.25)))
    drawing.add(elm.Resistor().right().at((x, y - 2)).length(3).label("R1  100 Ω", "bottom"))
    gate = drawing.add(elm.Dot())
    drawing.add(elm.Resistor().down().at(gate.center).length(2.4).label("R2\n10 kΩ", "top", ofst=0.2))
    drawing.add(elm.Ground())
    drawing.add(elm.Line().right().at(gate.center).length(1.5))
    fet = drawing.add(elm.NFet(bulk=False).anchor("gate").theta(0).reverse())
    drawing.add(elm.Label().at((fet.source[0] + 0.3, y - 2.35)).label("Q1\nAO3400A", halign="left"))
    drawing.add(elm.Line().down().at(fet.source).toy(y - 4.4))
    drawing.add(elm.Ground())
    drawing.add(elm.Line().up().at(fet.drain).toy(y - 0.6))
    low = drawing.add(elm.Dot())
    drawing.add(elm.Motor().up().at(low.center).length(2.2).label("M1\nERM", "bottom", ofst=0.2))
    high = drawing.add(elm.Dot())
    drawing.add(elm.Line().right().at(low.center).length(2.2))
    drawing.add(elm.Schottky().up().length(2.2).label("D1\n1N5819", "bottom", ofst=0.2))
    drawing.add(elm.Line().left().tox(high.center))
    drawing.add(elm.Line().up().at(high.center).length(0.5))
    drawing.add(elm.Vdd().label(net("driver", "3V3")))


def _battery_divider(drawing, net, at) -> None:
    tap = _divider(drawing, at, "Battery divider", net("dividers", "CELL"), ("R3\n220 kΩ", "R4\n220 kΩ"))
    drawing.add(elm.Capacitor().down().at(tap.center).length(2.4).label("C1\n100 nF", "bottom", ofst=0.2))
    drawing.add(elm.Ground())
    drawing.add(elm.Line().right().at(tap.center).length(0.9))
    drawing.add(elm.Dot(open=True).label(net("dividers", "CELL/2"), "top", ofst=(0, 0.2)))


def _usb_divider(drawing, net, at) -> None:
    tap = _divider(drawing, at, "5 V sense", net("dividers", "5V"), ("R5\n220 kΩ", "R6\n330 kΩ"))
    drawing.add(elm.Dot(open=True).at(tap.center).label(net("dividers", "5V SENSE"), "top", ofst=(0, 0.2)))


def _divider(drawing, at, title: str, supply: str, resistors: tuple[str, str]) -> elm.Element:
    """Draw two resistors from a supply to ground, and return the dot beside their middle."""
    x, y = at
    _title(drawing, title, (x - 1, y + 3.4))
    drawing.add(elm.Vdd().at((x, y + 1)).label(supply))
    drawing.add(elm.Resistor().down().at((x, y + 1)).length(2.4).label(resistors[0], "top", ofst=0.2))
    middle = drawing.add(elm.Dot())
    drawing.add(elm.Resistor().down().at(middle.center).length(2.4).label(resistors[1], "top", ofst=0.2))
    drawing.add(elm.Ground())
    drawing.add(elm.Line().right().at(middle.center).length(1.8))
    return drawing.add(elm.Dot())


def _imu(drawing, net, at) -> None:
    _title(drawing, "Motion sensor, and the cell", (at[0] - 2.9, at[1] + 4.2))
    pins = ("VIN", "GND", "SDA", "SCL", "INT1")
    box = elm.Ic(
        pins=[elm.IcPin(name=pin, side="left", anchorname=f"pin_{pin}") for pin in reversed(pins)],
        pinspacing=0.75,
        edgepadW=1.6,
        edgepadH=0.3,
        leadlen=1,
        label="LSM6DSOX\nbreakout",
        lblofst=(0.6, 0),
    )
    imu = drawing.add(box.at(at))
    for pin in pins:
        drawing.add(elm.Dot(open=True).at(getattr(imu, f"pin_{pin}")).label(net("imu", pin), "left", ofst=0.15))
    x, y = at[0] + 6.5, at[1] + 0.3
    drawing.add(
        elm.BatteryCell().up().at((x, y)).length(2.4).reverse().label("B1\n400 mAh\nprotected", "bottom", ofst=0.2)
    )
    drawing.add(elm.Dot(open=True).label(net("cell", "+"), "top", ofst=(0, 0.2)))
    drawing.add(elm.Dot(open=True).at((x, y)).label(net("cell", "-"), "bottom", ofst=(0, -0.2)))


def _button(drawing, board: Board, at) -> None:
    x, y = at
    _title(drawing, "Button and light, on the board", (x - 3.6, y + 1.2))
    pins = board.pins
    button, led = pins["BUTTON_PIN"], pins["LED_PIN"]
    drawing.add(elm.Dot(open=True).at((x - 2.6, y - 0.8)).label(f"GPIO {button}", "top", ofst=(0, 0.2)))
    drawing.add(elm.Button().right().at((x - 2.6, y - 0.8)).length(2.6).label("B", "top", ofst=0.3))
    drawing.add(elm.Ground())
    drawing.add(elm.Vdd().at((x - 2.6, y - 3)).label("3V3"))
    drawing.add(elm.Resistor().right().at((x - 2.6, y - 3)).length(2.2))
    drawing.add(elm.LED().right().length(2))
    drawing.add(elm.Dot(open=True).label(f"GPIO {led}", "top", ofst=(0, 0.2)))
