"""Tables: rows in columns, folded to the width of a terminal, or one field a line where columns don't fit at all."""

import io
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

GAP = 2
"""Spaces between columns."""
LONGEST_WHOLE_WORD = 17
"""Words of up to this width, which a Bluetooth address has, are never folded."""


def table_text(
    headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = (), width: int | None = None
) -> str:
    """Return rows under their headings, without an end of line.

    right: the headings of the columns whose cells are aligned to the right. width: of the terminal, None for lines that
    are never folded.
    """
    columns = [[heading, *cells] for heading, *cells in zip(headings, *rows, strict=True)]
    widths = [max(map(cell_len, cells)) for cells in columns]
    room = sum(widths) if width is None else width - GAP * (len(columns) - 1)
    narrowed = narrow(widths, [least_width(cells) for cells in columns], room)
    if narrowed is None:
        return _one_field_a_line(headings, rows, width)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="")
    for heading, column_width in zip(headings, narrowed, strict=True):
        table.add_column(
            Text(heading), justify="right" if heading in right else "left", width=column_width, overflow="fold"
        )
    return _rendered(table, rows, width)


def narrow(widths: Sequence[int], least: Sequence[int], room: int) -> list[int] | None:
    """Return the widths of columns that share some room, the widest narrowed first; None if it isn't enough."""
    narrowed = list(widths)
    while sum(narrowed) > room:
        foldable = [index for index, width in enumerate(narrowed) if width > least[index]]
        if not foldable:
            return None
        narrowed[max(foldable, key=lambda index: narrowed[index])] -= 1
    return narrowed


def least_width(cells: Sequence[str]) -> int:
    """Return the width below which a column's words would have to be folded, or LONGEST_WHOLE_WORD."""
    words = [word for cell in cells for word in cell.split()]
    return min(LONGEST_WHOLE_WORD, max(map(cell_len, words), default=0))


def _one_field_a_line(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> str:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    lines = [list(zip(headings, row, strict=True)) for row in rows]
    fields = [field for line in lines for field in [*line, ("", "")]]
    return _rendered(table, fields[:-1], width)


def _rendered(table: Table, rows: Sequence[Sequence[str]], width: int | None) -> str:
    for row in rows:
        table.add_row(*map(Text, row))
    output = io.StringIO()
    # Wide enough for any line where none is to be folded: the columns have their own widths.
    console = Console(file=output, width=width or 10_000, color_system=None, legacy_windows=False)
    console.print(table)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines())
