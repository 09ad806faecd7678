"""JSON: all of a day as one object, or all days of a range in one. The same days give the same bytes."""

import json
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION
from unslouch.analysis.model import NO_BOUND, Event

from .columns import Column, Kind
from .hashing import HashingFile
from .iso_times import iso_local, iso_utc
from .summary_rows import summary_rows
from .tables import DERIVED, EPOCHS, EVENT_TABLE, OBSERVED, Table
from .texts import json_texts
from .writer import Contents, LogWriter

DAY_FORMAT = "unslouch-day"
RANGE_FORMAT = "unslouch-days"
VERSION = 1


class JsonWriter(LogWriter):
    """Writes one object, which carries its hash at its end."""

    def __init__(self, path: Path, contents: Contents) -> None:
        super().__init__(path, contents)
        self._raw = path.open("wb")
        self._file = HashingFile(self._raw)
        self._days = 0
        if contents.is_range:
            head = {
                "format": RANGE_FORMAT,
                "version": VERSION,
                "first": contents.first.isoformat(),
                "last": contents.last.isoformat(),
                "timezone": str(contents.tz),
            }
            lines = [f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in head.items()]
            self._file.write(("{\n" + "".join(lines) + '"days": [').encode())

    def add(self, day: Day) -> None:
        members = ",\n".join(f"{json.dumps(name)}: {value}" for name, value in day_members(day, self.contents))
        if self.contents.is_range:
            self._file.write(((",\n" if self._days else "\n") + "{\n" + members + "\n}").encode())
        else:
            self._file.write(("{\n" + members).encode())
        self._days += 1

    def finish(self) -> None:
        self._file.end_with_hash("\n],\n" if self.contents.is_range else ",\n", "\n}\n")
        self._raw.close()

    def abandon(self) -> None:
        self._raw.close()


def day_members(day: Day, contents: Contents, is_complete: bool = True) -> Iterator[tuple[str, str]]:
    """Yield the name and the JSON of each member of a day's object; what is not known is null, times are ISO 8601.

    `epochs` holds a list for each column, `units` says what they are. Not complete, the object is without epochs and
    without the lists that are derived from the rest.
    """
    tz = day.start.tzinfo
    yield from ((name, json.dumps(value, allow_nan=False)) for name, value in day_head(day, contents).items())
    for table in OBSERVED:
        if not (table.is_private and contents.is_pseudonymous):
            yield table.name, _list(table, day, tz)
    if is_complete:
        derived = (f"{json.dumps(table.name)}: {_list(table, day, tz)}" for table in DERIVED)
        yield "derived", "{" + ", ".join(derived) + "}"
        yield "distributions", json.dumps(day.summary.distributions)
        yield "units", json.dumps({column.name: column.meaning for column in EPOCHS.columns})
        yield EPOCHS.name, _lists(day, tz)


def day_head(day: Day, contents: Contents) -> dict[str, Any]:
    """Return the members of a day's object that are no tables."""
    return {
        "format": DAY_FORMAT,
        "version": VERSION,
        "date": day.day.isoformat(),
        "timezone": day.timezone,
        "start": day.start.isoformat(),
        "end": day.end.isoformat(),
        "hours": day.hours,
        "until": iso_local(day.until_utc_ms, day.start.tzinfo),
        "simulated": contents.simulated,
        "wearer": contents.wearer,
        "algorithm": ALGORITHM_VERSION,
        "notes": day.caveats,
        "summary": {row.metric: {"value": row.value, "unit": row.unit} for row in summary_rows(day.summary)},
    }


def json_columns(table: Table) -> list[tuple[int, Column]]:
    """Return the columns that JSON has, with their places: of a moment the local time alone says what UTC was."""
    names = {column.name for column in table.columns}
    return [
        (at, column)
        for at, column in enumerate(table.columns)
        if not (column.kind is Kind.UTC and column.name.removesuffix("_utc") in names - {column.name})
    ]


def json_rows(table: Table, day: Any, tz: tzinfo | None) -> list[str]:
    """Return each row of a table as an object."""
    values = table.read(day)
    columns = json_columns(table)
    texts = [json_texts(column, values[at], tz) for at, column in columns]
    pattern = ", ".join(f"{json.dumps(column.name)}: %s" for _, column in columns)
    return ["{" + pattern % row + "}" for row in zip(*texts, strict=True)]


def _lists(day: Day, tz: tzinfo | None) -> str:
    pairs = zip(EPOCHS.columns, EPOCHS.read(day), strict=True)
    lists = (f"{json.dumps(column.name)}: [{', '.join(json_texts(column, values, tz))}]" for column, values in pairs)
    return "{" + ", ".join(lists) + "}"


def _list(table: Table, day: Day, tz: tzinfo | None) -> str:
    rows = _events(day, tz) if table is EVENT_TABLE else json_rows(table, day, tz)
    return f"[{', '.join(rows)}]"


def _events(day: Day, tz: tzinfo | None) -> list[str]:
    """Return each event with its own fields alone, which a table would fill up with unknown ones."""
    return [json.dumps(event_entry(event, tz), allow_nan=False) for event in day.events]


def event_entry(event: Event, tz: tzinfo | None) -> dict[str, Any]:
    """Return an event as an object."""
    return {
        "utc": iso_utc(event.utc_ms),
        "local": iso_local(event.utc_ms, tz),
        "utc_error_s": None if event.utc_error_ms == NO_BOUND else event.utc_error_ms / 1000,
        "dating": event.time_quality.value,
        "event": event.name,
        **event.fields,
        "off_body": int(event.off_body),
        "boot": event.boot,
        "uptime_ms": event.uptime_ms,
        "journal": event.journal,
        "sequence": event.sequence,
    }
