"""An angle in digits three rows high."""

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

_BLOCKS = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", "▀▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    "-": ("   ", "▀▀▀", "   "),
    ".": (" ", " ", "▀"),
    "°": ("°", " ", " "),
    " ": ("   ", "   ", "   "),
}
_ASCII = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    "-": ("   ", " _ ", "   "),
    ".": (" ", " ", "."),
    "°": ("o", " ", " "),
    " ": ("   ", "   ", "   "),
}
ROWS = 3


def big_digits(text: str, in_ascii: bool = False) -> tuple[str, ...]:
    """Return the rows of a text of digits, sign, point and degree sign."""
    glyphs = _ASCII if in_ascii else _BLOCKS
    return tuple(" ".join(glyphs[character][row] for character in text) for row in range(ROWS))


class Angle(Widget):
    """Shows degrees with one decimal, and dashes while the angle is unknown."""

    DEFAULT_CSS = """
    Angle { height: 3; width: 1fr; text-style: bold; }
    Angle.-unknown { color: $text-muted; text-style: none; }
    """

    def __init__(self, positive: str, negative: str, id: str, in_ascii: bool = False) -> None:
        super().__init__(id=id)
        self._in_ascii = in_ascii
        self._positive = positive
        self._negative = negative
        self._text = "--.-"
        self._rows = big_digits(self._text, in_ascii)
        self.add_class("-unknown")

    def show(self, degrees: float | None, is_old: bool = False) -> str:
        """Draw an angle if it has changed, and return the name of its direction, which is empty at zero.

        is_old: in grey, since it isn't the angle of this moment.
        """
        self.set_class(is_old or degrees is None, "-unknown")
        text = "--.-" if degrees is None else f"{degrees:.1f}°".replace("-0.0", "0.0")
        if text != self._text:
            self._text = text
            self._rows = big_digits(text.rjust(5) if degrees is not None else text, self._in_ascii)
            self.refresh()
        if degrees is None:
            return "unknown"
        return "" if text == "0.0°" else self._positive if degrees > 0 else self._negative

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the width of the widest angle."""
        return len(big_digits("-00.0°")[0])

    def render_line(self, y: int) -> Strip:
        """Draw one row of the digits, centred."""
        row = self._rows[y] if y < len(self._rows) else ""
        return Strip([Segment(row.center(self.size.width), self.rich_style)])
