"""Every dimension of the enclosure in mm, and where each part lies in it.

x runs from the wearer's left to the right, y from the foot end to the head end, z away from the skin: the floor lies
against the back. The inside of the foot wall is y = 0, the middle is x = 0, the skin side of the floor is z = 0.
"""

from dataclasses import dataclass

WALL = 2.0
FLOOR = 2.6
LID = 2.0
LEAST_WALL = 1.6
"""Four lines of a 0.4 mm nozzle: what a printed wall needs to be tight and stiff."""
CORNER = 3.4
"""Radius of the outer vertical edges."""
INNER_CORNER = 0.6
"""Of the inner ones: small, because boards have square corners."""
SLACK = 0.15
"""Between two printed parts, on each side."""

INNER_X, INNER_Y = 30.0, 60.8
SHELF = FLOOR + 5.6
"""Height of the cell's underside: the lower storey is 5.6 mm high."""
CELL_SWELLING = 0.8
"""Room for a cell that ages: pouch cells grow by up to 10 %, and some foam holds a new one."""
TOP = SHELF + 5.2 + CELL_SWELLING
"""Upper edge of the base, lower face of the lid."""
OUTER_X, OUTER_Y, OUTER_Z = INNER_X + 2 * WALL, INNER_Y + 2 * WALL, TOP + LID

MOTOR_RECESS = 1.0
"""How deep the motor sits in the floor: 1.6 mm of it carry the vibration to the skin."""
USB_PLUG_X, USB_PLUG_Z = 12.8, 6.7
"""The largest body of a plug (USB Type-C specification 2.0, section 3.2: 12.35 × 6.5 mm), and some slack."""
BUTTON_HOLE = 4.0
FLANGE_OUT, FLANGE_EDGE, FLANGE_X = 1.5, 0.6, 26.0
"""The rail at both ends that the backs slide onto: how far it stands out, how thick its edge is, how long it is."""
LIP, LIP_HEIGHT = 1.6, 2.4
SNAP = 0.4
"""How far the lid's ridges reach into the base."""


@dataclass(frozen=True)
class Box:
    """A part as the box that holds it."""

    name: str
    x: tuple[float, float]
    y: tuple[float, float]
    z: tuple[float, float]

    @property
    def middle(self) -> tuple[float, float, float]:
        return sum(self.x) / 2, sum(self.y) / 2, sum(self.z) / 2

    @property
    def size(self) -> tuple[float, float, float]:
        return self.x[1] - self.x[0], self.y[1] - self.y[0], self.z[1] - self.z[0]


TAPE = 0.1
"""Double-sided tape under a part."""
XIAO = Box("XIAO", (-14.6, 3.2), (0.3, 21.3), (FLOOR + TAPE, FLOOR + TAPE + 1.2))
XIAO_PARTS = Box("parts on the XIAO", (-13.0, 1.6), (6.5, 20.5), (XIAO.z[1], XIAO.z[1] + 2.5))
USB = Box("USB receptacle", (-10.2, -1.2), (-1.2, 6.2), (XIAO.z[1], XIAO.z[1] + 3.2))
BUTTONS = tuple(
    Box(name, (x - 1.0, x + 1.0), (1.9, 3.9), (XIAO.z[1], XIAO.z[1] + 1.5))
    for name, x in (("button at the left", -12.6), ("button at the right", 1.2))
)
"""B and R stand on both sides of the receptacle; each has a hole above it, whichever of them is which."""
IMU = Box("motion sensor", (-12.8, 12.8), (35.2, 53.0), (FLOOR + TAPE, FLOOR + TAPE + 4.6))
IMU_HOLES = (20.32, 12.7)
"""Distances of the four holes of a 1.0 × 0.7 inch breakout."""
MOTOR = Box("motor", (4.4, 14.4), (2.6, 12.6), (FLOOR - MOTOR_RECESS, FLOOR - MOTOR_RECESS + 2.7))
DRIVER = Box("perfboard", (-9.0, 9.0), (23.6, 34.6), (FLOOR + TAPE, FLOOR + TAPE + 3.5))
CELL = Box("cell", (-12.75, 12.75), (18.2, 55.2), (SHELF, SHELF + 5.2))
ANTENNA = Box("antenna", (-14.7, 14.7), (57.2, 60.5), (FLOOR + 0.3, TOP - LIP_HEIGHT - 0.3))
"""Where the film antenna stands against the head wall. Nothing of metal may be in it but the antenna."""
PARTS = (XIAO, XIAO_PARTS, USB, *BUTTONS, IMU, MOTOR, DRIVER, CELL)

STOP = Box("stop behind the XIAO", (-11.0, -1.0), (21.6, 23.2), (FLOOR, FLOOR + 3.0))
SIDE_STOP = Box("stop beside the XIAO", (3.6, 5.2), (14.5, 19.5), (FLOOR, FLOOR + 3.0))
POSTS = tuple(Box("post under the cell", x, (25.0, 32.0), (FLOOR, SHELF)) for x in ((-15.0, -10.6), (10.6, 15.0)))
LEDGE = Box("ledge under the cell", (-15.0, 15.0), (53.4, 57.0), (FLOOR, SHELF))
TEETH = tuple(
    Box("stop before the antenna", x, (55.4, 57.0), (SHELF, SHELF + 3.0)) for x in ((-15.0, -6.0), (6.0, 15.0))
)
RIB = Box("stop on the lid", (-8.0, 8.0), (16.2, 17.8), (SHELF + 1.5, TOP))
