"""The dashboard in ASCII, for terminals that show nothing else: each character becomes one of about the same look."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

BRAILLE = range(0x2800, 0x2900)
BRAILLE_ROWS = (0x09, 0x12, 0x24, 0xC0)
"""The bits of both dots of each row, from the top."""
SHAPES = {
    "●": "@", "○": "o", "▼": "V", "▲": "^", "►": ">", "◄": "<", "▬": "=", "≈": "~", "×": "x",
    "░": ".", "▒": ":", "▓": "#", "█": "#", "▀": '"', "▄": "_", "▌": "|", "▐": "|", "▎": "|", "▊": "|", "▁": "_",
    "▔": '"', "▂": "_", "▃": "_", "▅": "=", "▆": "#", "▇": "#", "△": "w", "✎": "n", "•": "*", "┤": "|",
    "─": "-", "━": "-", "═": "=", "╌": "-", "│": "|", "┃": "|", "║": "|", "╵": "'", "╷": ",", "╴": "-", "╶": "-",
    "°": "'", "·": "-", "…": ".", "–": "-", "—": "-", "−": "-", "“": '"', "”": '"', "‘": "'", "’": "'",
    "→": ">", "←": "<", "↑": "^", "↓": "v", "⇄": "=", "≥": ">", "≤": "<", "μ": "u", "⏎": "<",
}  # fmt: skip


class AsciiFilter(LineFilter):
    """Replaces what ASCII doesn't have; widths stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in ASCII."""
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]


def to_ascii(text: str) -> str:
    """Return a text of the same width in ASCII."""
    return text if text.isascii() else "".join(map(_ascii_character, text))


@lru_cache(2048)
def _ascii_character(character: str) -> str:
    if character.isascii():
        return character
    if ord(character) in BRAILLE:
        return _ascii_dots(ord(character) - BRAILLE.start)
    if character in SHAPES:
        return SHAPES[character]
    if "\u2500" <= character <= "\u257f":
        return "+"  # corners and crossings of lines
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and cell_len(character) == 1 else "?" * cell_len(character)


def _ascii_dots(bits: int) -> str:
    """Return the character that has its ink where the dots of a cell of braille are."""
    rows = [bool(bits & row) for row in BRAILLE_ROWS]
    if bits.bit_count() == 1:
        return "'" if rows[0] else "."
    match rows:
        case [False, False, False, False]:
            return " "
        case [True, False, False, False]:
            return "'"
        case [False, False, False, True]:
            return "_"
        case [False, False, True, True]:
            return "."
        case [False, _, _, False] | [True, True, False, False]:
            return "-"
        case [_, True, True, _] if rows[0] or rows[3]:
            return "|"
        case _:
            return ":"
