"""Draws the wearer: from the side, leaning as the sensor says, and from behind, with the place of the sensor.

Lines are polylines in cm, as figure_drawing has them, so that the dashboard draws them in braille and the docs as SVG.
"""

from itertools import groupby
from math import cos, pi, radians, sin

from .figure import HEAD_RADIUS_CM, LENGTH_CM, Point, Pose, Skeleton, pose_skeleton
from .figure_drawing import Box, Line, braille_lines

SIDE_BOX: Box = (-46.0, -2.0, 92.0, 142.0)
"""What the side view shows (cm): a seated wearer, leaning backward by up to 30° or forward by up to 90°."""
BACK_BOX: Box = (-36.0, -2.0, 36.0, 88.0)
"""What the view from behind shows (cm): head, shoulders and back of a wearer."""
LEAST_DEG, MOST_DEG = -30.0, 90.0
HIP: Point = (0.0, 55.0)
SEAT_CM = 46.0
BLANK = "\u2800"
SENSOR_CM = 4.0
SHARE_OF_PELVIS = 0.6
"""How much of the upper back's lean the drawn pelvis follows: the sensor knows the upper back alone (ours)."""


def side_lines(forward_deg: float, limit_deg: float | None = None, is_stiff: bool = False) -> list[Line]:
    """Return a seated wearer from the side, facing right, with the sensor on the upper back.

    forward_deg: the lean of the upper back, drawn from LEAST_DEG to MOST_DEG. limit_deg: a ray from the hip at an angle
    that matters, such as that of the bow. is_stiff: bow from the hips with a straight back, instead of rounding it.
    """
    lean_deg = max(LEAST_DEG, min(MOST_DEG, forward_deg))
    pelvis_deg = lean_deg if is_stiff else SHARE_OF_PELVIS * lean_deg
    arm = (160 + lean_deg / 6, 110 + lean_deg / 4)
    pose = Pose(HIP, pelvis_deg, lean_deg, 0.8 * lean_deg, 90 + 0.8 * lean_deg, arm, leg=(96, 180))
    skeleton = pose_skeleton(pose)
    lines: list[Line] = [[skeleton.joints[one], skeleton.joints[other]] for one, other in skeleton.lines]
    lines += [_circle(skeleton.joints["head"], HEAD_RADIUS_CM), *_chair(), *_sensor_beside(skeleton, lean_deg)]
    lines.append([(SIDE_BOX[0], 0.0), (SIDE_BOX[2], 0.0)])
    if limit_deg is not None:
        lines += _dashes(HIP, limit_deg)
    return lines


def side_braille(
    forward_deg: float, width: int, height: int, limit_deg: float | None = None, is_stiff: bool = False
) -> list[str]:
    """Return the wearer from the side, as `height` lines of `width` braille characters."""
    return braille_lines(side_lines(forward_deg, limit_deg, is_stiff), SIDE_BOX, width, height)


def back_lines() -> list[Line]:
    """Return head, shoulders and blades from behind; the sensor is not among them."""
    outline = [(8, 66), (9, 60), (24, 55), (29, 48), (31, 34), (27, 16), (25, 0)]
    inner = [(22, 42), (20, 24), (18, 0)]
    blade = [(6, 46), (17, 43), (9, 27), (6, 46)]
    lines: list[Line] = [_circle((0.0, 75.0), HEAD_RADIUS_CM)]
    for side in (-1.0, 1.0):
        lines += [[(side * x, float(y)) for x, y in part] for part in (outline, inner, blade)]
    lines += [[(0.0, y), (0.0, y + 1.5)] for y in range(2, 60, 5)]
    return lines


def sensor_on_back_lines() -> list[Line]:
    """Return the sensor between the blades, as lines beside each other."""
    return [[(x / 2, 33.0), (x / 2, 41.0)] for x in range(-7, 8)]


def back_braille(width: int, height: int) -> list[str]:
    """Return the view from behind with the sensor, as `height` lines of `width` braille characters."""
    return braille_lines([*back_lines(), *sensor_on_back_lines()], BACK_BOX, width, height)


def back_with_sensor_braille(width: int, height: int) -> list[list[tuple[str, bool]]]:
    """Return the view from behind as `height` rows of (braille characters, whether they show the sensor)."""
    whole = back_braille(width, height)
    sensor = braille_lines(sensor_on_back_lines(), BACK_BOX, width, height)
    rows = []
    for row, mask in zip(whole, sensor, strict=True):
        runs = groupby(zip(row, mask, strict=True), key=lambda pair: pair[1] != BLANK)
        rows.append([("".join(character for character, _ in run), is_sensor) for is_sensor, run in runs])
    return rows


def _chair() -> list[Line]:
    return [
        [(-24, SEAT_CM + 30), (-20, SEAT_CM)],
        [(-20, SEAT_CM), (24, SEAT_CM)],
        [(-18, SEAT_CM), (-18, 0)],
        [(22, SEAT_CM), (22, 0)],
    ]


def _sensor_beside(skeleton: Skeleton, lean_deg: float) -> list[Line]:
    """Return a thick stroke behind the upper half of the thorax."""
    waist, shoulder = skeleton.joints["waist"], skeleton.joints["shoulder"]
    along = sin(radians(lean_deg)), cos(radians(lean_deg))
    behind = -along[1], along[0]
    lines: list[Line] = []
    for depth in (2.5, 4.0, 5.5):
        ends = [
            (
                waist[0] + share * (shoulder[0] - waist[0]) + depth * behind[0],
                waist[1] + share * (shoulder[1] - waist[1]) + depth * behind[1],
            )
            for share in (0.5, 0.5 + 2 * SENSOR_CM / LENGTH_CM["thorax"])
        ]
        lines.append(ends)
    return lines


def _dashes(start: Point, direction_deg: float) -> list[Line]:
    x, y = sin(radians(direction_deg)), cos(radians(direction_deg))
    return [
        [(start[0] + x * at, start[1] + y * at), (start[0] + x * (at + 2), start[1] + y * (at + 2))]
        for at in range(20, 92, 7)
    ]


def _circle(centre: Point, radius: float) -> Line:
    return [(centre[0] + radius * sin(step * pi / 12), centre[1] + radius * cos(step * pi / 12)) for step in range(25)]
