"""Draws a figure as polylines, and as braille for a terminal; `figure_svg` draws it as SVG."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import ceil, cos, pi, radians, sin
from typing import TYPE_CHECKING

from .figure import HEAD_RADIUS_CM, Point, Pose, Skeleton, pose_skeleton

if TYPE_CHECKING:
    from .figure_file import Figure, Prop

MARGIN_CM = 6.0
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character, by row and column (Unicode chart U+2800)."""

Line = list[Point]
Box = tuple[float, float, float, float]
"""The least x and y and the greatest x and y (cm) of what is drawn."""


def figure_lines(figure: "Figure", pose: Pose) -> tuple[list[Line], list[Line]]:
    """Return what to draw of a pose, as polylines (cm): the things beside the person, and the person."""
    skeleton = pose_skeleton(pose, figure.view == "front")
    things = [line for prop in figure.props for line in _prop_lines(prop, skeleton)]
    person: list[Line] = [[skeleton.joints[one], skeleton.joints[other]] for one, other in skeleton.lines]
    person.append(_circle(skeleton.joints["head"], HEAD_RADIUS_CM))
    person += _face(skeleton)
    return things, person


def _face(skeleton: Skeleton) -> list[Line]:
    x, y = skeleton.joints["head"]
    if skeleton.facing_reader:
        turn = (skeleton.face - 90) / 15
        return [_circle((x + side + turn, y + 1), 0.8) for side in (-4, 4)]
    direction = radians(skeleton.face)
    tip = x + 14 * sin(direction), y + 14 * cos(direction)
    return [[_at_angle((x, y), skeleton.face - 18), tip, _at_angle((x, y), skeleton.face + 12)]]


def _at_angle(centre: Point, direction: float) -> Point:
    angle = radians(direction)
    return centre[0] + HEAD_RADIUS_CM * sin(angle), centre[1] + HEAD_RADIUS_CM * cos(angle)


def _circle(centre: Point, radius: float, squeeze: float = 1.0) -> Line:
    steps = [2 * pi * step / 24 for step in range(25)]
    return [(centre[0] + radius * sin(step), centre[1] + squeeze * radius * cos(step)) for step in steps]


def _prop_lines(prop: "Prop", skeleton: Skeleton) -> list[Line]:
    x, y = prop.at
    if prop.kind == "band":
        assert prop.ends is not None
        return [[skeleton.joints[end] if isinstance(end, str) else end for end in prop.ends]]
    if prop.kind == "chair" and skeleton.facing_reader:
        return [[(x - 22, y), (x + 22, y)], [(x - 20, y), (x - 20, 0)], [(x + 20, y), (x + 20, 0)]]
    if prop.kind == "chair":
        back: Line = [(x - 20, y + 42), (x - 16, y)]
        return [back, [(x - 16, y), (x + 26, y)], [(x - 14, y), (x - 14, 0)], [(x + 24, y), (x + 24, 0)]]
    if prop.kind == "wall" and skeleton.facing_reader:
        return [[(-85, 0), (-85, 215), (85, 215), (85, 0)]]
    if prop.kind in ("wall", "post"):
        return [[(x, 0), (x, 205)], [(x + 3, 0), (x + 3, 205)]]
    if prop.kind == "screen":
        return [[(x, y - 16), (x, y + 16)], [(x, y), (x + 8, y), (x + 8, 62)], [(x - 42, 62), (x + 14, 62)]]
    return [_circle(prop.at, prop.radius, 0.42 if prop.kind == "pillow" else 1.0)]


def extent(figure: "Figure") -> Box:
    """Return the least x and y and the largest x and y (cm) of all that the figure ever shows, with a margin."""
    poses = [figure.at(step * figure.length_s / 24)[0] for step in range(24)]
    poses += [keyframe.pose for keyframe in figure.keyframes]
    points = [point for pose in poses for lines in figure_lines(figure, pose) for line in lines for point in line]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs) - MARGIN_CM, -MARGIN_CM, max(xs) + MARGIN_CM, max(ys) + MARGIN_CM


def braille(figure: "Figure", time_s: float, width: int, height: int) -> list[str]:
    """Return a frame as lines of braille characters, `height` lines of `width` characters, the floor at the bottom."""
    left, bottom, right, top = extent(figure)
    things, person = figure_lines(figure, figure.at(time_s)[0])
    lines = [[(left, 0.0), (right, 0.0)], *things, *person]
    return braille_lines(lines, (left, bottom, right, top), width, height)


def braille_lines(lines: Iterable[Line], box: Box, width: int, height: int) -> list[str]:
    """Return polylines in braille, `height` lines of `width` characters.

    The box is drawn as large as fits, at the bottom and in the middle.
    """
    left, bottom, right, top = box
    scale = min((2 * width - 1) / (right - left), (4 * height - 1) / (top - bottom))
    offset = (2 * width - 1 - scale * (right - left)) / 2
    dots: set[tuple[int, int]] = set()
    for line in lines:
        dotted = [(offset + scale * (x - left), 4 * height - 1 - scale * (y - bottom)) for x, y in line]
        dots.update(_dots(dotted))
    rows = [[0] * width for _ in range(height)]
    for x, y in dots:
        if 0 <= x < 2 * width and 0 <= y < 4 * height:
            rows[y // 4][x // 2] |= DOTS[y % 4][x % 2]
    return ["".join(chr(0x2800 + bits) for bits in row) for row in rows]


def fitting_height(figure: "Figure", width: int, most: int) -> int:
    """Return how many lines, at most `most`, a figure needs that is drawn as wide as `width` characters."""
    left, bottom, right, top = extent(figure)
    return min(most, max(3, ceil((2 * width - 1) * (top - bottom) / (right - left) / 4)))


def strip(figure: "Figure", width: int, height: int) -> list[str]:
    """Return all keyframes in braille beside each other, each `width` wide, with their captions numbered below."""
    ends_s = [sum(keyframe.seconds for keyframe in figure.keyframes[:nth]) for nth in range(len(figure.keyframes))]
    moments_s = [end_s + keyframe.seconds - 1e-6 for end_s, keyframe in zip(ends_s, figure.keyframes, strict=True)]
    pictures = [braille(figure, moment_s, width, height) for moment_s in moments_s]
    captions = [f"{nth}: {keyframe.caption}" for nth, keyframe in enumerate(figure.keyframes, 1)]
    rows = [" ".join(row).rstrip("\u2800 ") for row in zip(*pictures, strict=True)]
    first = next(nth for nth, row in enumerate(rows) if row)
    return [*rows[first:], *captions]


def _dots(line: Line) -> Iterator[tuple[int, int]]:
    for (x0, y0), (x1, y1) in pairwise(line):
        steps = max(1, ceil(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(steps + 1):
            share = step / steps
            yield round(x0 + share * (x1 - x0)), round(y0 + share * (y1 - y0))
