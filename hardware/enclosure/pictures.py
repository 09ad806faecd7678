"""The enclosure's pictures: each part as it is printed, and all of them pulled apart."""

from pathlib import Path

import numpy as np
from build123d import Cylinder, Part, Pos

from . import case
from . import dimensions as d
from .render import Shape, render

PRINT = (236, 152, 72)
COLOURS = {
    "cell": (176, 186, 196),
    "XIAO": (46, 52, 64),
    "parts on the XIAO": (150, 156, 164),
    "USB receptacle": (200, 204, 210),
    "motion sensor": (52, 110, 160),
    "motor": (206, 174, 92),
    "perfboard": (74, 140, 98),
}
LIFTS = {
    "base": 0.0,
    "motor": 16.0,
    "XIAO": 16.0,
    "motion sensor": 16.0,
    "perfboard": 16.0,
    "cell": 34.0,
    "lid": 52.0,
    "plunger": 66.0,
}
"""How far above its place each thing is drawn, in mm."""


def shape(part: Part, colour: tuple[int, int, int]) -> Shape:
    """Return a solid's triangles in a colour."""
    vertices, triangles = part.tessellate(0.05, 0.2)
    points = np.array([tuple(vertex) for vertex in vertices])
    return Shape(points[np.array(triangles)], colour)


def draw_part(name: str, part: Part, folder: Path) -> None:
    """Draw a part as it lies on the printer's bed."""
    render([shape(case.as_printed(name, part), PRINT)], 32, 34, 640, folder / f"{name}.png")


def draw_exploded(parts: dict[str, Part], back: str, folder: Path) -> None:
    """Draw everything above its place, with one of the backs below."""
    shapes = [shape(Pos(0, 0, -20) * parts[back], PRINT)]
    shapes += [shape(Pos(0, 0, LIFTS[name]) * parts[name], PRINT) for name in ("base", "lid")]
    shapes += [shape(Pos(0, 0, LIFTS["plunger"]) * pin, PRINT) for pin in case.plungers()]
    for box in d.PARTS:
        if box.name in COLOURS:
            lift = LIFTS.get(box.name, LIFTS["XIAO"])
            solid = Pos(*d.MOTOR.middle) * Cylinder(5, d.MOTOR.size[2]) if box is d.MOTOR else case.solid(box)
            shapes.append(shape(Pos(0, 0, lift) * solid, COLOURS[box.name]))
    render(shapes, 30, 22, 900, folder / "exploded.png")


def draw_open(parts: dict[str, Part], folder: Path) -> None:
    """Draw the base from above with what lies in its lower storey, and the cell beside it."""
    shapes = [shape(parts["base"], PRINT)]
    for box in d.PARTS:
        if box.name in COLOURS and box is not d.CELL:
            solid = Pos(*d.MOTOR.middle) * Cylinder(5, d.MOTOR.size[2]) if box is d.MOTOR else case.solid(box)
            shapes.append(shape(solid, COLOURS[box.name]))
    shapes.append(shape(Pos(d.OUTER_X + 2, 0, -d.SHELF) * case.solid(d.CELL), COLOURS["cell"]))
    render(shapes, 0, 78, 800, folder / "open.png")
