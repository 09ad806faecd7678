"""The wiring diagram of each build, as WireViz's YAML and its picture."""

import json
import subprocess
from pathlib import Path

from .boards import Board
from .parts import Part

SPLICE = {
    "driver": "Motor driver (perfboard)",
    "dividers": "Dividers (perfboard)",
}
"""Assemblies that the schematic shows the inside of."""


def harness(board: Board, parts: dict[str, Part]) -> dict:
    """Return WireViz's description: one connector per part, one bundle of wires to each."""
    connectors: dict[str, dict] = {"BOARD": _board_connector(board, parts)}
    cables, connections = {}, []
    for part in dict.fromkeys(wire.part for wire in board.wires):
        wires = [wire for wire in board.wires if wire.part == part]
        name = part.upper()
        connectors[name] = _connector(SPLICE.get(part) or parts[part].name, [wire.pin for wire in wires])
        cables[f"to {name}"] = {
            "category": "bundle",
            "wirecount": len(wires),
            "colors": [wire.colour for wire in wires],
            "show_name": False,
            "show_wirecount": False,
        }
        connections.append(
            [
                {"BOARD": [wire.pad for wire in wires]},
                {f"to {name}": list(range(1, len(wires) + 1))},
                {name: [wire.pin for wire in wires]},
            ]
        )
    if "DRIVER" in connectors:
        connectors["DRIVER"]["pins"] += ["M+", "M-"]
        connectors["MOTOR"] = _connector(parts["motor"].name, ["+", "-"])
        cables["to MOTOR"] = {
            "category": "bundle",
            "wirecount": 2,
            "colors": ["RD", "BU"],
            "show_name": False,
            "show_wirecount": False,
        }
        connections.append([{"DRIVER": ["M+", "M-"]}, {"to MOTOR": [1, 2]}, {"MOTOR": ["+", "-"]}])
    return {
        "options": {"fontname": "DejaVu Sans", "bgcolor": "WH"},
        "connectors": connectors,
        "cables": cables,
        "connections": connections,
    }


def write_wiring(board: Board, parts: dict[str, Part], folder: Path) -> None:
    """Write the harness as JSON, which is YAML too, and draw it as SVG and PNG; needs Graphviz."""
    source = folder / f"{board.id}-wiring.yml"
    source.write_text(json.dumps(harness(board, parts), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    subprocess.run(
        ["wireviz", "--format", "ps", "--output-dir", str(folder), str(source)], check=True, stdout=subprocess.DEVNULL
    )


def _board_connector(board: Board, parts: dict[str, Part]) -> dict:
    gpios = {wire.pad: "supply" if wire.gpio is None else f"GPIO {wire.gpio}" for wire in board.wires}
    return {**_connector(parts[board.module].name, list(gpios)), "pinlabels": list(gpios.values())}


def _connector(title: str, pins: list[str]) -> dict:
    return {"type": title, "pins": list(dict.fromkeys(pins)), "show_name": False, "show_pincount": False}
