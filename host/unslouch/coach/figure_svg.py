"""Draws a figure as SVG: moving by itself, or its keyframes beside each other. It needs no script and no network.

The moving one holds still where the reader prefers reduced motion. Both have a title, a description, and dark colours
for dark pages.
"""

from collections.abc import Iterable
from html import escape

from .figure import Point
from .figure_drawing import Box, Line, extent, figure_lines
from .figure_file import Figure

FRAMES_PER_S = 5
"""Between them the browser interpolates."""
GAP_CM = 12.0
_STYLE = (
    ".fig-person,.fig-thing,.fig-floor{fill:none;stroke-linecap:round;stroke-linejoin:round}"
    ".fig-person{stroke:#1f2328;stroke-width:5}.fig-thing{stroke:#2f74b5;stroke-width:3}"
    ".fig-floor{stroke:#8c959f;stroke-width:2}"
    "@media screen and (prefers-color-scheme:dark){.fig-person{stroke:#e6edf3}.fig-thing{stroke:#6cb0f0}}"
)
_MOTION = (
    "@media (prefers-reduced-motion:reduce){.fig-moving{display:none}}"
    "@media not (prefers-reduced-motion:reduce){.fig-still{display:none}}"
)


def moving_svg(figure: Figure, name: str) -> str:
    """Return the figure of an exercise with this name as SVG that moves (SMIL)."""
    box = extent(figure)
    left, bottom, right, top = box
    frames = max(2, round(figure.length_s * FRAMES_PER_S))
    drawn = [figure_lines(figure, figure.at(step * figure.length_s / frames)[0]) for step in range(frames)]
    moving = "".join(
        _animated([frame[group][index] for frame in drawn], figure.length_s, top, kind)
        for group, kind in ((0, "thing"), (1, "person"))
        for index in range(len(drawn[0][group]))
    )
    still = _still(figure, 1, top)
    body = f'<g class="fig-moving">{moving}</g><g class="fig-still">{still}</g>'
    return _document(figure, name, (left, right - left, top - bottom), _STYLE + _MOTION, _floor(box) + body)


def steps_svg(figure: Figure, name: str) -> str:
    """Return the keyframes of the figure of an exercise with this name, beside each other, as SVG."""
    box = extent(figure)
    left, bottom, right, top = box
    count, step_cm = len(figure.keyframes), right - left + GAP_CM
    parts = [
        f'<g transform="translate({nth * step_cm:.1f} 0)">{_floor(box)}{_still(figure, nth, top)}</g>'
        for nth in range(count)
    ]
    return _document(figure, name, (left, count * step_cm - GAP_CM, top - bottom), _STYLE, "".join(parts))


def description(figure: Figure) -> str:
    """Return what the keyframes show, numbered, as one line."""
    return " ".join(f"{nth}: {keyframe.caption}" for nth, keyframe in enumerate(figure.keyframes, 1))


def _still(figure: Figure, nth: int, top: float) -> str:
    things, person = figure_lines(figure, figure.keyframes[nth].pose)
    shapes = [_polyline(line, top, "thing") for line in things]
    return "".join([*shapes, *(_polyline(line, top, "person") for line in person)])


def _document(figure: Figure, name: str, size: tuple[float, float, float], style: str, body: str) -> str:
    left, width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.1f} 0 {width:.1f} {height:.1f}" role="img">'
        f"<title>{escape(name)}</title><desc>{escape(description(figure))}</desc><style>{style}</style>{body}</svg>"
    )


def _floor(box: Box) -> str:
    left, _, right, top = box
    return _polyline([(left, 0.0), (right, 0.0)], top, "floor")


def _polyline(line: Iterable[Point], top: float, kind: str) -> str:
    return f'<polyline class="fig-{kind}" points="{_points(line, top)}"/>'


def _animated(frames: list[Line], length_s: float, top: float, kind: str) -> str:
    shapes = [_points(line, top) for line in frames]
    if len(set(shapes)) == 1:
        return _polyline(frames[0], top, kind)
    values = ";".join([*shapes, shapes[0]])
    animate = f'<animate attributeName="points" dur="{length_s:g}s" repeatCount="indefinite" values="{values}"/>'
    return f'<polyline class="fig-{kind}" points="{shapes[0]}">{animate}</polyline>'


def _points(line: Iterable[Point], top: float) -> str:
    return " ".join(f"{x:.1f},{top - y:.1f}" for x, y in line)
