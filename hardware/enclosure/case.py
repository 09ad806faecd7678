"""The enclosure's printed parts as solids: base, lid, plunger, and the backs."""

from build123d import (
    Align,
    Axis,
    Cone,
    Cylinder,
    Location,
    Part,
    Plane,
    Polygon,
    Pos,
    Rectangle,
    RectangleRounded,
    Sketch,
    extrude,
)
from build123d import (
    Box as Cuboid,
)

from . import dimensions as d

UPWARDS = (Align.CENTER, Align.CENTER, Align.MIN)
MIDDLE_Y = d.INNER_Y / 2
PROUD, TRAVEL = 0.8, 0.3
"""How far a plunger stands out of the lid, and how far it moves before it meets its button."""


def _polygon(*points: tuple[float, float]) -> Sketch:
    """Return a polygon whose face points upwards, in whatever order its corners come; others don't fuse."""
    turns = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True))
    return Polygon(*(points if turns > 0 else points[::-1]), align=None)


def solid(box: d.Box) -> Part:
    """Return a box of the table as a solid."""
    return Pos(*box.middle) * Cuboid(*box.size)


def _prism(size_x: float, size_y: float, radius: float, bottom: float, height: float) -> Part:
    return Pos(0, MIDDLE_Y, bottom) * extrude(RectangleRounded(size_x, size_y, radius), height)


def base() -> Part:
    """Return the tub that lies against the back."""
    tub = _prism(d.OUTER_X, d.OUTER_Y, d.CORNER, 0, d.TOP) - _prism(
        d.INNER_X, d.INNER_Y, d.INNER_CORNER, d.FLOOR, d.TOP
    )
    for box in (d.STOP, d.SIDE_STOP, *d.POSTS, d.LEDGE, *d.TEETH):
        tub += solid(box) & _prism(d.INNER_X + 0.2, d.INNER_Y + 0.2, d.INNER_CORNER, d.FLOOR - 0.1, d.TOP)
    x, y, _ = d.MOTOR.middle
    tub -= Pos(x, y, d.FLOOR - d.MOTOR_RECESS) * Cylinder(5.2, d.TOP, align=UPWARDS)
    for hole_x, hole_y in imu_holes():
        tub += Pos(hole_x, hole_y, d.FLOOR - 0.1) * Cylinder(1.1, 2.6, align=UPWARDS)
    tub -= usb_slot()
    tub += rails()
    for side in (-1, 1):
        tub -= _ridge(side, d.SNAP)
    return tub


def imu_holes() -> list[tuple[float, float]]:
    """Return where the breakout's four holes are."""
    x, y, _ = d.IMU.middle
    across, along = d.IMU_HOLES
    return [(x + sx * across / 2, y + sy * along / 2) for sx in (-1, 1) for sy in (-1, 1)]


def usb_slot() -> Part:
    """Return the way in for a plug; it is open to the top, so that it needs no support, and the lid's tab closes it."""
    x, _, z = d.USB.middle
    bottom = z - d.USB_PLUG_Z / 2
    return Pos(x, -d.WALL / 2, bottom) * Cuboid(d.USB_PLUG_X, d.WALL + 1, d.TOP, align=UPWARDS)


def rails() -> Part:
    """Return the two rails of a dovetail at foot and head end: 45 degrees, so that they need no support."""
    half = d.OUTER_Y / 2
    out, edge = d.FLANGE_OUT, d.FLANGE_EDGE
    profile = Sketch()
    for sign in (-1, 1):
        points = [
            (sign * (half - 1), 0),
            (sign * (half + out), 0),
            (sign * (half + out), edge),
            (sign * half, edge + out),
            (sign * (half - 1), edge + out),
        ]
        profile += Plane.YZ * Pos(MIDDLE_Y, 0) * _polygon(*points)
    return Pos(-d.FLANGE_X / 2, 0, 0) * extrude(profile, d.FLANGE_X, dir=(1, 0, 0))


def _ridge(side: int, out: float) -> Part:
    """Return a ridge with 45-degree flanks along one long side; it reaches `out` beyond the inner wall."""
    z = d.TOP - d.LIP_HEIGHT / 2
    wall = side * d.INNER_X / 2
    points = [
        (wall - side * 1.0, z - 0.6 - 1.0),
        (wall + side * out, z - 0.2),
        (wall + side * out, z + 0.2),
        (wall - side * 1.0, z + 0.6 + 1.0),
    ]
    profile = Plane.XZ * _polygon(*points)
    return Pos(0, MIDDLE_Y + 12, 0) * extrude(profile, 24)


def lid() -> Part:
    """Return the lid in its place on the base."""
    plate = _prism(d.OUTER_X, d.OUTER_Y, d.CORNER, d.TOP, d.LID)
    outer = _prism(d.INNER_X - 2 * d.SLACK, d.INNER_Y - 2 * d.SLACK, d.INNER_CORNER, d.TOP - d.LIP_HEIGHT, d.LIP_HEIGHT)
    inner = _prism(
        d.INNER_X - 2 * d.SLACK - 2 * d.LIP,
        d.INNER_Y - 2 * d.SLACK - 2 * d.LIP,
        0.4,
        d.TOP - d.LIP_HEIGHT - 1,
        d.LIP_HEIGHT + 1,
    )
    foot = Pos(0, 0, d.TOP - d.LIP_HEIGHT - 1) * Cuboid(d.OUTER_X, 16, d.LIP_HEIGHT + 1, align=UPWARDS)
    ring = outer - inner - foot
    for side in (-1, 1):
        ring += _ridge(side, d.SNAP - d.SLACK) & _prism(
            d.INNER_X + 2, 2 * (MIDDLE_Y - 10), 0.4, d.TOP - d.LIP_HEIGHT, d.LIP_HEIGHT
        )
    result = plate + ring + solid(d.RIB) + usb_tab()
    for button in d.BUTTONS:
        x, y, _ = button.middle
        result -= Pos(x, y, d.TOP - 1) * Cylinder(d.BUTTON_HOLE / 2, d.LID + 2, align=UPWARDS)
    return result


def usb_tab() -> Part:
    """Return the lid's tab that closes the slot above a plug."""
    x, _, z = d.USB.middle
    bottom = z + d.USB_PLUG_Z / 2
    return Pos(x, -d.WALL / 2, bottom) * Cuboid(d.USB_PLUG_X - 2 * d.SLACK, d.WALL, d.TOP - bottom, align=UPWARDS)


def plunger() -> Part:
    """Return the pin that carries a press through the lid to a button, standing on its outer end as it is printed."""
    cap, collar = d.LID + PROUD, 1.2
    reach = d.TOP - d.BUTTONS[0].z[1] - TRAVEL
    pin = Cylinder(d.BUTTON_HOLE / 2 - 0.2, cap, align=UPWARDS)
    pin += Pos(0, 0, cap) * Cone(d.BUTTON_HOLE / 2 - 0.2, d.BUTTON_HOLE / 2 + 1.0, collar, align=UPWARDS)
    return pin + Pos(0, 0, cap) * Cylinder(1.2, reach, align=UPWARDS)


def plungers() -> list[Part]:
    """Return a plunger in each of its two places."""
    upright = Pos(0, 0, d.OUTER_Z + PROUD) * plunger().rotate(Axis.X, 180)
    return [Pos(button.middle[0], button.middle[1], 0) * upright for button in d.BUTTONS]


def _hooks(thickness: float) -> Sketch:
    """Return the profile of a plate that grips both rails, in the y–z plane; z = 0 is the skin side of the base."""
    half, out, edge, slack = d.OUTER_Y / 2, d.FLANGE_OUT, d.FLANGE_EDGE, d.SLACK
    end = half + out + slack
    reach = end + 2.0
    top = edge + out - 0.1
    profile = Rectangle(2 * reach, thickness, align=(Align.CENTER, Align.MAX))
    for sign in (-1, 1):
        points = [
            (sign * end, -0.1),
            (sign * reach, -0.1),
            (sign * reach, top),
            (sign * (end - (top - edge - slack)), top),
            (sign * end, edge + slack),
        ]
        profile += _polygon(*points)
    return Pos(0, -d.SLACK) * profile


def _extruded(profile: Sketch) -> Part:
    return Pos(-d.FLANGE_X / 2, MIDDLE_Y, 0) * extrude(Plane.YZ * profile, d.FLANGE_X, dir=(1, 0, 0))


def clip_back(thickness: float = 2.0, gap: float = 2.4, tongue: float = 2.0) -> Part:
    """Return the back with a spring clip for a collar or a bra strap; printed on its side, nothing overhangs."""
    half = d.OUTER_Y / 2
    profile = _hooks(thickness)
    under = -d.SLACK - thickness - gap
    start, end = half + 1.0, -half * 0.55
    profile += Pos((start + end) / 2, under - tongue / 2) * Rectangle(start - end, tongue)
    profile += Pos(start, (under - tongue - d.SLACK) / 2) * Rectangle(2.4, -(under - tongue) - d.SLACK)
    bump = [(end, under - 0.5), (end, under), (end + 3.2, under + 1.6), (end + 6.4, under), (end + 6.4, under - 0.5)]
    lead = [(end + 1, under), (end + 1, under - tongue), (end - 5, under - tongue - 2.6), (end - 5, under - 2.6)]
    return _extruded(profile + _polygon(*bump) + _polygon(*lead))


def strap_back(thickness: float = 2.0, width: float = 26.0, gap: float = 2.8, bar: float = 2.0) -> Part:
    """Return the back with a tunnel for a 25 mm strap that runs across; printed on its side."""
    under = -d.SLACK - thickness - gap
    profile = _hooks(thickness)
    profile += Pos(0, under - bar / 2) * Rectangle(width + 2 * 2.0, bar)
    for sign in (-1, 1):
        profile += Pos(sign * (width / 2 + 1.0), under / 2 - d.SLACK / 2) * Rectangle(2.0, -under - d.SLACK + 0.02)
    return _extruded(profile)


MAGNET, MAGNET_DEPTH, MAGNET_PLATE = 10.2, 2.1, 3.8


def magnet_back() -> Part:
    """Return the back with pockets for two magnets, which the case closes."""
    back = _extruded(_hooks(MAGNET_PLATE))
    for sign in (-1, 1):
        back -= Pos(0, MIDDLE_Y + sign * 18, -d.SLACK - MAGNET_DEPTH) * Cylinder(MAGNET / 2, 5, align=UPWARDS)
    return back


def counter_plate() -> Part:
    """Return the plate with the other two magnets, worn under the shirt; its pockets face the shirt."""
    plate = extrude(RectangleRounded(16, 52, 6), MAGNET_PLATE)
    for sign in (-1, 1):
        plate -= Pos(0, sign * 18, MAGNET_PLATE - MAGNET_DEPTH) * Cylinder(MAGNET / 2, 5, align=UPWARDS)
    return plate


PRINTED = {
    "base": base,
    "lid": lid,
    "plunger": plunger,
    "clip-back": clip_back,
    "strap-back": strap_back,
    "magnet-back": magnet_back,
    "counter-plate": counter_plate,
}


def as_printed(name: str, part: Part) -> Part:
    """Return a part turned as it lies on the printer's bed, whose surface is z = 0."""
    if name == "lid":
        part = part.rotate(Axis.X, 180)
    elif name in ("clip-back", "strap-back"):
        part = part.rotate(Axis.Y, 90)
    low = part.bounding_box().min
    return Location((0, 0, -low.Z)) * part
