"""Reading sheets back: whether the summary, episodes and alerts of a workbook are those of its manifest.

Its epochs are compared as those of any other log.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.analysis.zones import to_utc_ms

from .columns import Column, Kind
from .json_log import json_columns
from .tables import ALERTS, EPISODES, SUMMARY, Table

if TYPE_CHECKING:
    from openpyxl import Workbook


def different_sheets(book: "Workbook", heads: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each cell that differs from the days' objects of the manifest; raises KeyError."""
    summaries = [
        {
            "date": head["date"],
            "timezone": head["timezone"],
            **{METRICS_BY_NAME[name].column: entry["value"] for name, entry in head["summary"].items()},
        }
        for head in heads
    ]
    yield from _different(book, SUMMARY, list(enumerate(SUMMARY.columns)), summaries)
    for table in (EPISODES, ALERTS):
        rows = [row for head in heads for row in head[table.name]]
        yield from _different(book, table, json_columns(table), rows)


def _different(
    book: "Workbook", table: Table, columns: list[tuple[int, Column]], expected: list[dict[str, Any]]
) -> Iterator[str]:
    rows = list(book[table.name].iter_rows(min_row=2, values_only=True))
    if len(rows) != len(expected):
        yield f"the sheet {table.name} has {len(rows)} rows, the manifest has {len(expected)}"
        return
    for number, (row, wanted) in enumerate(zip(rows, expected, strict=True), 2):
        cells = [*row, *[None] * (len(table.columns) - len(row))]  # empty cells at the end are not there
        for at, column in columns:
            value = _plain(column, cells[at])
            if value != _plain(column, wanted[column.name]):
                yield f"the sheet {table.name} has {value} in row {number} for {column.name}, not {wanted[column.name]}"


def _plain(column: Column, cell: Any) -> Any:
    """Return a cell, or a value of JSON, so that both can be compared: a local time is one on the wall."""
    if cell is None or cell == "":
        return None
    if column.kind in (Kind.LOCAL, Kind.UTC):
        moment = datetime.fromisoformat(cell) if isinstance(cell, str) else cell
        return to_utc_ms(moment.replace(tzinfo=UTC))
    if column.kind is Kind.DATE and isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell
