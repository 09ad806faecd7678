"""Reading logs back: the days of a log with their rows, one day in memory at a time."""

import csv
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from unslouch.errors import BadInput

from .epoch_columns import EPOCH_COLUMNS
from .json_log import DAY_FORMAT
from .jsonl_log import DAY_LINE, END_LINE
from .tables import OBSERVED

Columns = dict[str, Sequence[Any]]


class LoggedDay(NamedTuple):
    """A day of a log."""

    head: dict[str, Any]
    """Its object as JSON has it, with the lists of what was observed, if the log has them."""
    epochs: Columns | None
    """The values of each column of its epochs; None if the log has no epochs."""


def json_days(path: Path) -> Iterator[LoggedDay]:
    """Yield the days of a log in JSON. Every member of a day is a line, so a range need not be read as a whole."""
    lines: list[str] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line == "{\n":
                lines = []
            if lines or line == "{\n":
                lines.append(line)
            if line.startswith("}") and lines:
                day = json.loads("".join(lines).rstrip().rstrip(","))
                lines = []
                if day.get("format") == DAY_FORMAT:
                    yield LoggedDay(day, day.pop("epochs"))


def json_lines_days(path: Path) -> Iterator[LoggedDay]:
    """Yield the days of a log in JSON Lines."""
    names = [column.name for column in EPOCH_COLUMNS]
    observed = {each.name for each in OBSERVED}
    with path.open(encoding="utf-8") as file:
        day: dict[str, Any] | None = None
        epochs: list[list[Any]] = [[] for _ in names]
        for line in file:
            row = json.loads(line)
            table = row["table"]
            if table in (DAY_LINE, END_LINE):
                if day is not None:
                    yield LoggedDay(day, dict(zip(names, epochs, strict=True)))
                day = row | {name: [] for name in observed} if table == DAY_LINE else None
                epochs = [[] for _ in names]
            elif day is None:
                raise ValueError("a row before its day")
            elif table == "epochs":
                for values, name in zip(epochs, names, strict=True):
                    values.append(row[name])
            elif table in observed:
                day[table].append(row)


def csv_epoch_days(path: Path, heads: dict[str, dict[str, Any]]) -> Iterator[LoggedDay]:
    """Yield the days of a CSV log of epochs, given the heads of its manifest by date."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        names = next(rows)
        date_at = names.index("local")
        seen = set()
        for date, of_day in groupby(rows, key=lambda row: row[date_at][:10]):
            seen.add(date)
            yield LoggedDay(heads[date], dict(zip(names, zip(*of_day, strict=True), strict=True)))
    for date, head in heads.items():
        if date not in seen:  # a day off the body has no epochs
            yield LoggedDay(head, {name: [] for name in names})


def parquet_epochs(path: Path, head: dict[str, Any]) -> LoggedDay:
    """Return the day of a Parquet file of epochs, given its head; raises BadInput without pyarrow."""
    from .formats import FORMATS

    FORMATS["parquet"].load()
    from pyarrow import parquet

    table = parquet.ParquetFile(path).read()
    return LoggedDay(head, {name: table.column(name).to_pylist() for name in table.column_names})


def csv_rows(path: Path) -> list[list[str]]:
    """Return all rows of a CSV log, its header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a manifest; raises BadInput if it is none."""
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != "unslouch-manifest":
            raise ValueError("another format")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is no manifest of a log: export the days again.") from error
    return manifest
