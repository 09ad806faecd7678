"""XLSX: a workbook with the summary, epochs, episodes, alerts and the data dictionary, for Excel and LibreOffice."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.table import Values
from unslouch.errors import BadInput

from .columns import Column, Kind
from .dictionary import DictionaryRow, dictionary_rows
from .iso_times import local_wall_ms
from .tables import ALERTS, EPISODES, EPOCHS, SUMMARY, Table
from .texts import printable
from .writer import Contents, LogWriter

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""Rows of a sheet, its header included, as the file format limits them."""
_MS_PER_DAY = 86_400_000
_EPOCH_IN_DAYS = 25_569
"""1970-01-01 as the file format counts days."""
_WIDTHS = {Kind.UTC: 21, Kind.LOCAL: 21, Kind.DATE: 11, Kind.TEXT: 14}
_DATE, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"

TABLES_IN_ORDER = (SUMMARY, EPOCHS, EPISODES, ALERTS)


_MOST_EPOCHS_PER_DAY = 26 * 3600 // 5


def fits_surely(days: int) -> bool:
    """Whether so many days of one sensor fit into a sheet, however long they were worn."""
    return days * _MOST_EPOCHS_PER_DAY < MOST_ROWS


def check_rows(rows: int) -> None:
    """Raise BadInput if a sheet has no room for so many rows beside its header."""
    if rows + 1 > MOST_ROWS:
        raise BadInput(
            f"A sheet of an XLSX file has {MOST_ROWS:,} rows and these days have more epochs: choose fewer days with "
            "--from and --to, or --format parquet or csv."
        )


class XlsxWriter(LogWriter):
    """Writes one workbook; of all rows only those of one day are in memory."""

    def __init__(self, path: Path, contents: Contents) -> None:
        import xlsxwriter

        super().__init__(path, contents)
        options = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        first = contents.first
        self._book.set_properties(
            {"title": "unslouch posture log", "created": datetime(first.year, first.month, first.day)}
        )
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._formats: dict[Kind, Format] = {
            Kind.DATE: self._book.add_format({"num_format": _DATE}),
            Kind.UTC: self._book.add_format({"num_format": _TIME}),
            Kind.LOCAL: self._book.add_format({"num_format": _TIME}),
        }
        self._sheets = {table.name: self._sheet(table) for table in TABLES_IN_ORDER}
        self._next_row = dict.fromkeys(self._sheets, 1)
        self._dictionary()

    def _sheet(self, table: Table) -> "Worksheet":
        sheet = self._book.add_worksheet(table.name)
        for at, column in enumerate(table.columns):
            sheet.set_column(at, at, max(_WIDTHS.get(column.kind, 9), len(column.name) + 1))
        sheet.write_row(0, 0, [column.name for column in table.columns], self._bold)
        sheet.freeze_panes(1, 0)
        return sheet

    def _dictionary(self) -> None:
        sheet = self._book.add_worksheet("dictionary")
        for at, width in enumerate((12, 28, 12, 100, 40)):
            sheet.set_column(at, at, width)
        sheet.write_row(0, 0, DictionaryRow._fields, self._bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(dictionary_rows(table.name for table in TABLES_IN_ORDER), 1):
            sheet.write_row(number, 0, row)

    def add(self, day: Day) -> None:
        for table in TABLES_IN_ORDER:
            values = table.read(day)
            rows = len(values[0].array)
            check_rows(self._next_row[table.name] - 1 + rows)
            self._write(table, values, day)
            self._next_row[table.name] += rows

    def _write(self, table: Table, values: Any, day: Day) -> None:
        sheet, first = self._sheets[table.name], self._next_row[table.name]
        cells = [_cells(column, each, day) for column, each in zip(table.columns, values, strict=True)]
        formats = [self._formats.get(column.kind) for column in table.columns]
        for number, row in enumerate(zip(*cells, strict=True), first):
            for at, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, at, value)
                elif value is not None:
                    sheet.write_number(number, at, value, formats[at])

    def finish(self) -> None:
        self._book.close()

    def abandon(self) -> None:
        for sheet in self._book.worksheets():  # the workbook's own close() would write it
            sheet.row_data_fh.close()


def _cells(column: Column, values: Values, day: Day) -> list[Any]:
    """Return the values as cells: times as days since the format's begin, None where a value is not known."""
    if column.kind in (Kind.UTC, Kind.LOCAL):
        is_local = column.kind is Kind.LOCAL
        clock_ms = local_wall_ms(values.array, day.start.tzinfo) if is_local else values.array
        plain = (clock_ms / _MS_PER_DAY + _EPOCH_IN_DAYS).tolist()
    elif column.kind is Kind.DATE:
        plain = (values.array.astype("datetime64[D]").astype(np.int64) + _EPOCH_IN_DAYS).tolist()
    else:
        plain = printable(column, values, None).tolist()
    if values.known is None:
        return list(plain)
    return [value if known else None for value, known in zip(plain, values.known.tolist(), strict=True)]
