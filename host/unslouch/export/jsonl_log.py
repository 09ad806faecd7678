"""JSON Lines: one object a line. A line `day` for each day, one for each row of its tables, and one at the end."""

import json
from pathlib import Path
from typing import Any

from unslouch.analysis.day import Day

from .hashing import HashingFile
from .json_log import event_entry, json_rows
from .tables import DERIVED, EPOCHS, EVENT_TABLE, OBSERVED, Table
from .writer import Contents, LogWriter

DAY_LINE = "day"
END_LINE = "end"
FORMAT = "unslouch-lines"
FIRST_BYTES = b'{"table"'
"""What such a file begins with, and no other log."""


class JsonLinesWriter(LogWriter):
    """Writes lines whose member `table` says what they are; the last one carries the hash of all."""

    def __init__(self, path: Path, contents: Contents) -> None:
        super().__init__(path, contents)
        self._raw = path.open("wb")
        self._file = HashingFile(self._raw)
        self._lines = 0

    def add(self, day: Day) -> None:
        from .json_log import day_head

        head = {"table": DAY_LINE, **day_head(day, self.contents), "format": FORMAT}
        self._write([json.dumps(head, allow_nan=False)])
        for table in (*OBSERVED, *DERIVED, EPOCHS):
            if table in self.contents.tables:
                self._write(_table_lines(table, day))

    def _write(self, lines: list[str]) -> None:
        self._lines += len(lines)
        self._file.write("".join(f"{line}\n" for line in lines).encode())

    def finish(self) -> None:
        self._file.end_with_hash(f'{{"table": "{END_LINE}", "lines": {self._lines}, ', "}\n")
        self._raw.close()

    def abandon(self) -> None:
        self._raw.close()


def _table_lines(table: Table, day: Day) -> list[str]:
    tz = day.start.tzinfo
    begin = f'{{"table": {json.dumps(table.name)}, "date": "{day.day}", '
    if table is EVENT_TABLE:
        entries: list[dict[str, Any]] = [event_entry(event, tz) for event in day.events]
        return [begin + json.dumps(entry, allow_nan=False)[1:] for entry in entries]
    return [begin + row[1:] for row in json_rows(table, day, tz)]
