"""The dashboard without any colour, for those who ask for that: shapes, words and bold, reversed or underlined text.

Textual's own filters for NO_COLOR turn colours into greys, or name the terminal's default colours in each cell.
"""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class ColourlessFilter(LineFilter):
    """Removes every colour, and keeps what else there is of a style."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colours."""
        return [Segment(text, style and without_colour(style), control) for text, style, control in segments]


@lru_cache(4096)
def without_colour(style: Style) -> Style:
    """Return a style with its attributes alone."""
    return style.without_color
