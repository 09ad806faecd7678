"""Reading logs back: the days of a log with their rows, one day in memory at a time."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile

from unslouch.analysis.metrics.registry import METRICS
from unslouch.errors import BadInput

from .epoch_columns import EPOCH_COLUMNS
from .formats import FORMATS
from .json_log import DAY_FORMAT
from .jsonl_log import DAY_LINE, END_LINE
from .parquet_log import METADATA_KEY, PARTITION_COLUMN
from .tables import EPOCHS, OBSERVED

if TYPE_CHECKING:
    from openpyxl import Workbook

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
        yield from _days_of_rows(names, rows, heads, lambda local: local[:10])


def xlsx_epoch_days(book: "Workbook", heads: dict[str, dict[str, Any]]) -> Iterator[LoggedDay]:
    """Yield the days of a workbook, given the heads of its manifest by date."""
    rows = iter(book[EPOCHS.name].iter_rows(values_only=True))
    names = [str(name) for name in next(rows)]
    yield from _days_of_rows(names, rows, heads, lambda local: local.date().isoformat())


def _days_of_rows(
    names: list[str], rows: Iterable[Sequence[Any]], heads: dict[str, dict[str, Any]], date_of: Callable[[Any], str]
) -> Iterator[LoggedDay]:
    local_at = names.index("local")
    seen = set()
    for date, of_day in groupby(rows, key=lambda row: date_of(row[local_at])):
        seen.add(date)
        yield LoggedDay(heads[date], dict(zip(names, zip(*of_day, strict=True), strict=True)))
    for date, head in heads.items():
        if date not in seen:  # a day off the body has no epochs
            yield LoggedDay(head, {name: [] for name in names})


def open_workbook(path: Path) -> "Workbook":
    """Return a workbook; raises BadInput without openpyxl, KeyError, ValueError or OSError for what is none."""
    try:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise BadInput(
            f"To verify the workbook {path.name} takes openpyxl, which isn't installed: pip install 'unslouch[xlsx]'."
        ) from error
    try:
        return openpyxl.load_workbook(path, read_only=True)
    except (BadZipFile, InvalidFileException) as error:
        raise ValueError("no workbook") from error


def parquet_columns(path: Path) -> dict[str, Any]:
    """Return the columns of a Parquet file; raises BadInput without pyarrow, ValueError for what is none."""
    FORMATS["parquet"].load()
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            table = file.read(use_threads=False)
        return {
            name: column.to_pylist() if pyarrow.types.is_string(column.type) else column.to_numpy()
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    except pyarrow.ArrowException as error:
        raise ValueError("no Parquet file") from error


def parquet_metadata(path: Path) -> dict[str, Any]:
    """Return what a Parquet file of ours says of itself, empty for another; raises as parquet_columns()."""
    FORMATS["parquet"].load()
    import pyarrow
    from pyarrow import parquet

    try:
        metadata = parquet.read_schema(path).metadata or {}
    except pyarrow.ArrowException as error:
        raise ValueError("no Parquet file") from error
    found: dict[str, Any] = json.loads(metadata.get(METADATA_KEY, b"{}"))
    return found


def summary_values(path: Path, format: str) -> list[dict[str, Any]]:
    """Return the rows of a summary in CSV or Parquet; those of a single day's CSV, one for each metric, as one row."""
    if format == "parquet":
        return [
            row
            for file in ([path] if path.is_file() else sorted(path.rglob("*.parquet")))
            for row in _parquet_rows(file)
        ]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if rows and "metric" in rows[0]:
        columns = {metric.name: metric.column for metric in METRICS}
        return [{"date": rows[0]["date"], **{columns[row["metric"]]: row["value"] for row in rows}}]
    return list(rows)


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    columns = parquet_columns(path)
    columns.setdefault(PARTITION_COLUMN, [path.parent.name.removeprefix(f"{PARTITION_COLUMN}=")])
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [row | {PARTITION_COLUMN: str(row[PARTITION_COLUMN])} for row in rows]
