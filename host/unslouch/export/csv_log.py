"""CSV as RFC 4180 has it: one table, a header row, CRLF after each row. The same days give the same bytes."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from unslouch.analysis.day import Day

from .summary_rows import SummaryRow, summary_rows
from .tables import EPOCHS, SUMMARY, EpochsOfDay, Table
from .texts import csv_field, csv_texts
from .writer import Contents, LogWriter


class CsvWriter(LogWriter):
    """Writes one table. The summary of a single day has a row for each metric, that of a range a row for each day."""

    def __init__(self, path: Path, contents: Contents) -> None:
        super().__init__(path, contents)
        self._table = contents.table or EPOCHS
        self._is_long = self._table is SUMMARY and not contents.is_range
        self._file = path.open("wb")
        names = ("date", "timezone", *SummaryRow._fields)
        self._file.write(_csv([names if self._is_long else [column.name for column in self._table.columns]]))

    def add(self, day: Day | EpochsOfDay) -> None:
        if self._is_long and isinstance(day, Day):
            self._file.write(
                _csv(
                    [csv_field(value) for value in (day.day.isoformat(), day.timezone, *row)]
                    for row in summary_rows(day.summary)
                )
            )
        else:
            self._file.write(_csv(_rows(self._table, day)))

    def finish(self) -> None:
        self._file.close()

    def abandon(self) -> None:
        self._file.close()


def _rows(table: Table, day: Day | EpochsOfDay) -> Iterable[Sequence[str]]:
    """Return the texts of a table's rows; fields that are not known are empty."""
    pairs = zip(table.columns, table.read(day), strict=True)
    return zip(*(csv_texts(column, values, day.start.tzinfo) for column, values in pairs), strict=True)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows of fields as lines; joining them is several times faster than csv.writer."""
    return "".join([",".join(row) + "\r\n" for row in rows]).encode()
