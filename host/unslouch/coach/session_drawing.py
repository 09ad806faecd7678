"""Session drawing: the moment of the figure that a scene shows, and the curve of the tilt with its target band."""

from collections.abc import Sequence

from .figure_drawing import DOTS
from .figure_file import Figure
from .session_model import Scene
from .session_plan import Phase
from .session_sensing import CURVE_S, Band

LEAST_RANGE_DEG = 30.0
"""The curve shows at least this range."""


def figure_time_s(figure: Figure, scene: Scene) -> float:
    """Return the time of the figure's movement that shows what the wearer does now: out, held, and back.

    Where no timer paces the movement, the figure moves by itself.
    """
    stage = scene.stage
    share = 0.0 if not stage.length_s or scene.left_s is None else 1 - scene.left_s / stage.length_s
    start_s, turn_s = figure.end_s(1), figure.end_s(figure.turn)
    if scene.step.breaths is not None:
        return scene.figure_s
    match stage.phase:
        case Phase.SETTLE | Phase.COUNTDOWN:
            return start_s
        case Phase.MOVE:
            return start_s + share * (turn_s - start_s)
        case Phase.HOLD:
            return turn_s
        case Phase.RETURN:
            return turn_s + share * (figure.length_s + start_s - turn_s)
    return scene.figure_s


def curve_range(curve: Sequence[tuple[float, float]], band: Band | None) -> tuple[float, float]:
    """Return the least and the greatest tilt (°) to show."""
    tilts = [tilt for _, tilt in curve]
    if band is not None:
        tilts += [band.low_deg, band.high_deg]
    if not tilts:
        return -LEAST_RANGE_DEG / 2, LEAST_RANGE_DEG / 2
    missing = max(0.0, LEAST_RANGE_DEG - (max(tilts) - min(tilts)))
    return min(tilts) - missing / 2 - 1, max(tilts) + missing / 2 + 1


def band_rows(curve: Sequence[tuple[float, float]], band: Band | None, height: int) -> range:
    """Return the lines of a drawn curve that lie within its band."""
    if band is None:
        return range(0)
    low, high = curve_range(curve, band)
    first, last = ((high - edge) / (high - low) * (4 * height - 1) for edge in (band.high_deg, band.low_deg))
    return range(int(first // 4), int(last // 4) + 1)


def draw_curve(curve: Sequence[tuple[float, float]], band: Band | None, width: int, height: int) -> list[str]:
    """Return the last CURVE_S of the tilt as `height` lines of `width` braille characters, now at the right.

    More forward is higher. The band's edges are dotted lines.
    """
    low, high = curve_range(curve, band)
    columns, rows = 2 * width, 4 * height
    dots: set[tuple[int, int]] = set()

    def row_of(tilt: float) -> int:
        return round((high - tilt) / (high - low) * (rows - 1))

    for edge in () if band is None else (band.low_deg, band.high_deg):
        dots.update((column, row_of(edge)) for column in range(0, columns, 4))
    last_s = curve[-1][0] if curve else 0.0
    before: int | None = None
    for time_s, tilt in curve:
        column, row = columns - 1 - round((last_s - time_s) / CURVE_S * (columns - 1)), row_of(tilt)
        for between in range(
            min(row, row if before is None else before), max(row, row if before is None else before) + 1
        ):
            dots.add((column, between))
        before = row
    bits = [[0] * width for _ in range(height)]
    for column, row in dots:
        if 0 <= column < columns and 0 <= row < rows:
            bits[row // 4][column // 2] |= DOTS[row % 4][column % 2]
    return ["".join(chr(0x2800 + cell) for cell in line) for line in bits]
