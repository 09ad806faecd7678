"""Session drawing: the curve of the tilt with its target band, as braille."""

from collections.abc import Sequence

from .figure_drawing import DOTS
from .session_sensing import CURVE_S, Band

LEAST_RANGE_DEG = 30.0
"""The curve shows at least this range."""


def curve_range(curve: Sequence[tuple[float, float]], band: Band | None) -> tuple[float, float]:
    """Return the least and the greatest tilt (°) to show."""
    tilts = [tilt for _, tilt in curve]
    if band is not None:
        tilts += [band.low_deg, band.high_deg]
    if not tilts:
        return -LEAST_RANGE_DEG / 2, LEAST_RANGE_DEG / 2
    missing = max(0.0, LEAST_RANGE_DEG - (max(tilts) - min(tilts)))
    return min(tilts) - missing / 2 - 1, max(tilts) + missing / 2 + 1


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
