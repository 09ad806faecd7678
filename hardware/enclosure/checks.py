"""What must hold of the enclosure before anybody prints it; each check returns its findings as sentences."""

import math
from collections.abc import Iterator

import numpy as np
import trimesh
from build123d import Align, Cylinder, Part, Pos
from build123d import Box as Cuboid

from . import case
from . import dimensions as d

PLAY = 0.2
"""Least distance in mm between two things that must not touch."""
PEG_PLAY = 0.1
"""Between a peg and the breakout's hole, which hold each other in place."""
OVERHANG_DEG = 46.0
"""From the vertical: steeper than this a printer needs support."""
OVERHANG_MM2 = 12.0
"""Area of one part that may overhang: the flat ends of ridges, too short to droop."""
THIN_SHARE = 0.01
"""Share of the surface that may measure thinner than LEAST_WALL: rays through the tips of ridges and hooks."""


def check(parts: dict[str, Part]) -> list[str]:
    """Return everything that is wrong with the parts; empty if they can be printed."""
    findings = [*volumes(parts), *clearances(parts), *openings(parts), *motor(parts)]
    for name, part in parts.items():
        printed = mesh_of(case.as_printed(name, part))
        findings += [*watertight(name, printed), *overhangs(name, printed)]
        if name != "plunger":  # a pin, which has no walls
            findings += walls(name, mesh_of(part))
    return findings


def mesh_of(part: Part, tolerance: float = 0.03) -> trimesh.Trimesh:
    """Return a solid's surface as triangles."""
    vertices, triangles = part.tessellate(tolerance, 0.15)
    mesh = trimesh.Trimesh([tuple(vertex) for vertex in vertices], triangles, process=True)
    mesh.merge_vertices(digits_vertex=5)
    return mesh


def expected_base_mm3() -> float:
    """Return the base's volume as a sum of prisms: a fillet or an offset that failed shows as a difference."""

    def rounded(x: float, y: float, radius: float) -> float:
        return x * y - (4 - math.pi) * radius**2

    tub = rounded(d.OUTER_X, d.OUTER_Y, d.CORNER) * d.TOP
    tub -= rounded(d.INNER_X, d.INNER_Y, d.INNER_CORNER) * (d.TOP - d.FLOOR)
    inside = sum(math.prod(box.size) for box in (d.STOP, d.SIDE_STOP, *d.POSTS, d.LEDGE, *d.TEETH))
    motor = math.pi * 5.2**2 * d.MOTOR_RECESS
    pegs = 4 * math.pi * 1.1**2 * 2.5
    slot = d.USB_PLUG_X * d.WALL * (d.TOP - (d.USB.middle[2] - d.USB_PLUG_Z / 2))
    rails = 2 * d.FLANGE_X * (d.FLANGE_OUT * d.FLANGE_EDGE + d.FLANGE_OUT**2 / 2)
    ridges = 2 * 24 * (0.4 + 2 * 0.2 + 1.2) / 2 * d.SNAP
    return tub + inside - motor + pegs - slot + rails - ridges


def volumes(parts: dict[str, Part]) -> Iterator[str]:
    """Compare the base's volume with a sum of prisms, and look for parts in several pieces."""
    expected, measured = expected_base_mm3(), parts["base"].volume
    if abs(measured / expected - 1) > 0.01:
        yield f"the base's volume is {measured:.0f} mm³, expected {expected:.0f}"
    for name, part in parts.items():
        if len(part.solids()) != 1:
            yield f"{name} falls into {len(part.solids())} pieces"


def watertight(name: str, mesh: trimesh.Trimesh) -> Iterator[str]:
    if not mesh.is_watertight:
        yield f"{name} is not watertight"
    elif mesh.volume <= 0:
        yield f"{name} is inside out"


def overhangs(name: str, mesh: trimesh.Trimesh) -> Iterator[str]:
    """Sum the area that looks down more than a printer can do without support."""
    down = mesh.face_normals[:, 2] < -math.sin(math.radians(OVERHANG_DEG))
    lifted = mesh.triangles[:, :, 2].min(axis=1) > mesh.bounds[0][2] + 0.05
    area = float(mesh.area_faces[down & lifted].sum())
    if area > OVERHANG_MM2:
        yield f"{area:.0f} mm² of {name} overhang by more than {OVERHANG_DEG:.0f}°"


def walls(name: str, mesh: trimesh.Trimesh, rays: int = 6000, seed: int = 1) -> Iterator[str]:
    """Measure the thickness along rays into the solid from points spread over its surface.

    The dovetails beyond both ends taper to an edge, so they are left out.
    """
    points, thickness = wall_thickness(mesh, rays, seed)
    thickness = thickness[np.abs(points[:, 1] - d.INNER_Y / 2) < d.OUTER_Y / 2 - 0.1]
    thin = float(np.mean(thickness < d.LEAST_WALL - 0.02))
    if thin > THIN_SHARE:
        least_mm = np.percentile(thickness, 1)
        yield (
            f"{thin:.1%} of the surface of {name} is thinner than {d.LEAST_WALL} mm, "
            f"1 % of it thinner than {least_mm:.2f} mm"
        )


def wall_thickness(mesh: trimesh.Trimesh, rays: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return so many points of the surface, and the thickness in mm below each of them."""
    points, faces = trimesh.sample.sample_surface(mesh, rays, seed=seed)
    inwards = -mesh.face_normals[faces]
    starts = points + inwards * 1e-3
    hits, index, _ = mesh.ray.intersects_location(starts, inwards, multiple_hits=False)
    thickness = np.full(rays, np.inf)
    thickness[index] = np.linalg.norm(hits - starts[index], axis=1)
    return points, thickness


def overlap_mm3(one: Part, other: Part) -> float:
    """Return the volume that two solids share."""
    shared = one & other
    return 0.0 if shared is None else sum(solid.volume for solid in shared.solids())


def _from_walls(parts: dict[str, Part], name: str, thing: Part) -> Iterator[str]:
    """Measure how far a thing is from walls, stops, posts and lid; it lies on the floor, the cell on its ledges."""
    floor = Pos(0, d.INNER_Y / 2, 0) * Cuboid(100, 200, d.FLOOR + 0.01, align=case.UPWARDS)
    on_ledges = name == "cell"
    apart = (parts["base"] - floor).distance_to(Pos(0, 0, PLAY if on_ledges else 0) * thing)
    least = PEG_PLAY if name == "motion sensor" else PLAY
    if apart < least - 1e-6:
        yield f"{name} is {apart:.2f} mm from the base"
    if parts["lid"].distance_to(thing) < PLAY - 1e-6:
        yield f"{name} is {parts['lid'].distance_to(thing):.2f} mm from the lid"


def clearances(parts: dict[str, Part]) -> Iterator[str]:
    """Measure the exact distance between each thing inside and each other, and to the case."""
    inside = {box.name: case.solid(box) for box in d.PARTS}
    inside["motor"] = Pos(*d.MOTOR.middle) * Cylinder(d.MOTOR.size[0] / 2, d.MOTOR.size[2])
    for x, y in case.imu_holes():
        inside["motion sensor"] -= Pos(x, y, 0) * Cylinder(1.25, d.OUTER_Z, align=case.UPWARDS)
    may_touch = {
        ("parts on the XIAO", "XIAO"),
        ("USB receptacle", "XIAO"),
        ("button at the left", "XIAO"),
        ("button at the right", "XIAO"),
    }
    names = list(inside)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            touching = (one, other) in may_touch or (other, one) in may_touch
            if not touching and inside[one].distance_to(inside[other]) < PLAY:
                yield f"{one} and {other} are {inside[one].distance_to(inside[other]):.2f} mm apart"
        yield from _from_walls(parts, one, inside[one])
        for shell in ("base", "lid"):
            if overlap_mm3(parts[shell], inside[one]) > 0.01:
                yield f"{one} and the {shell} overlap"
    keep_out = case.solid(d.ANTENNA)
    for name, part in inside.items():
        if part.distance_to(keep_out) < PLAY:
            yield f"{name} is {part.distance_to(keep_out):.2f} mm from the antenna's room"
    if overlap_mm3(parts["lid"], Pos(0, 0, d.CELL_SWELLING - 0.01) * inside["cell"]) > 0.01:
        yield f"a cell can't swell by {d.CELL_SWELLING} mm under the lid"
    if overlap_mm3(parts["base"], parts["lid"]) > 0.01:
        yield "lid and base overlap"
    for name in ("clip-back", "strap-back", "magnet-back"):
        if overlap_mm3(parts["base"], parts[name]) > 0.01:
            yield f"base and {name} overlap"
        if parts["base"].distance_to(parts[name]) > 0.25:
            yield f"{name} is loose: {parts['base'].distance_to(parts[name]):.2f} mm from the base"


def openings(parts: dict[str, Part]) -> Iterator[str]:
    """Push a plug into the receptacle, and press each button through the lid."""
    x, _, z = d.USB.middle
    plug = Pos(x, d.USB.y[0], z) * Cuboid(12.35, 30, 6.5, align=(Align.CENTER, Align.MAX, Align.CENTER))
    for name in ("base", "lid", "clip-back", "strap-back", "magnet-back"):
        if overlap_mm3(parts[name], plug) > 0.01:
            yield f"a USB plug hits the {name}"
    for button in d.BUTTONS:
        x, y, _ = button.middle
        way = Pos(x, y, button.z[1]) * Cylinder(1.2, d.OUTER_Z, align=case.UPWARDS)
        for thing in (parts["base"], parts["lid"], case.solid(d.CELL)):
            if thing.distance_to(way) < PLAY:
                yield f"{button.name} can't be pressed"
    for button, pin in zip(d.BUTTONS, case.plungers(), strict=True):
        if abs(pin.distance_to(case.solid(button)) - case.TRAVEL) > 0.01:
            yield f"the plunger is {pin.distance_to(case.solid(button)):.2f} mm from the {button.name}"
        if overlap_mm3(pin, parts["lid"]) > 0.01 or pin.distance_to(case.solid(d.CELL)) < PLAY:
            yield f"the plunger of the {button.name} jams"


def motor(parts: dict[str, Part]) -> Iterator[str]:
    """Measure the floor under the motor: thin enough to carry its vibration, thick enough to last."""
    x, y, _ = d.MOTOR.middle
    core = Pos(x, y, -0.01) * Cylinder(4.5, d.FLOOR, align=case.UPWARDS)
    thickness = overlap_mm3(parts["base"], core) / (math.pi * 4.5**2)
    if not d.LEAST_WALL - 0.01 <= thickness <= 2.0:
        yield f"the floor under the motor is {thickness:.2f} mm thick"
    imu_x, imu_y, _ = d.IMU.middle
    apart = math.hypot(imu_x - x, imu_y - y)
    if apart < 15:
        yield f"motor and motion sensor are {apart:.0f} mm apart, not 15"
