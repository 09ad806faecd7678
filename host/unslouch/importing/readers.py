"""Readers: the rows of an exported file, table by table, whatever its format."""

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from unslouch.errors import BadInput
from unslouch.export.json_log import DAY_FORMAT, RANGE_FORMAT
from unslouch.export.jsonl_log import FIRST_BYTES
from unslouch.export.jsonl_log import FORMAT as LINES_FORMAT
from unslouch.export.manifest import FORMAT as MANIFEST_FORMAT
from unslouch.export.parquet_log import METADATA_KEY
from unslouch.export.standing_zeros import MEMBER as STANDING_ZEROS

from .rows import ADD, table_with
from .values import Row

_ROWS_AT_ONCE = 4096


class Batch(NamedTuple):
    """Some rows of one table."""

    table: str
    rows: list[Row]
    simulated: bool | None = None
    """Whether the log says that its sensor was a simulated one; None if it doesn't say."""


def read_log(path: Path) -> Iterator[Batch]:
    """Yield the rows of a file, or of all Parquet files in a folder; raises BadInput if it is no log of ours."""
    try:
        if path.is_dir():
            yield from _read_folder(path)
        elif path.suffix.lower() == ".parquet":
            yield from _read_parquet(path)
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield from _read_text(path, file)
    except UnicodeDecodeError as error:
        raise no_log(path) from error
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> BadInput:
    """Return the error for a file that can't be read."""
    reason = (error.strerror or str(error)).lower()
    what = "doesn't exist" if isinstance(error, FileNotFoundError) else f"can't be read ({reason})"
    return BadInput(f"{path} {what}: name a file that `unslouch export` has written.")


def no_log(path: Path) -> BadInput:
    """Return the error for a file that is no log of ours."""
    return BadInput(f"{path} is no log of unslouch: import CSV, JSON, JSON Lines or Parquet that it has exported.")


def _read_text(path: Path, file: IO[str]) -> Iterator[Batch]:
    first = file.readline()
    file.seek(0)
    if not first.startswith("{"):
        yield from _read_csv(path, file)
    elif first.startswith(FIRST_BYTES.decode()):
        yield from _read_lines(path, file)
    else:
        yield from _read_json(path, file)


def _read_csv(path: Path, file: IO[str]) -> Iterator[Batch]:
    reader = csv.DictReader(file)
    table = table_with(set(reader.fieldnames or ()))
    if table is None:
        raise BadInput(
            f"{path} holds no table that can be imported: import the epochs, the events or your own notes, marks and "
            "sessions; everything else is computed from them."
        )
    try:
        yield from _batches(table, reader)
    except csv.Error as error:
        raise BadInput(f"{path} is damaged at line {reader.line_num} ({error}): export it again.") from error


def _batches(table: str, rows: Iterable[Row], simulated: bool | None = None) -> Iterator[Batch]:
    rows = iter(rows)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield Batch(table, some, simulated)


def _read_json(path: Path, file: IO[str]) -> Iterator[Batch]:
    try:
        document = json.load(file)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{path} is damaged ({error}): export it again.") from error
    format = document.get("format")
    if format == MANIFEST_FORMAT:
        raise BadInput(f"{path} is the manifest of a log, not the log: import {path.with_suffix('')}.")
    if format not in (DAY_FORMAT, RANGE_FORMAT):
        raise no_log(path)
    for day in document.get("days", []) if format == RANGE_FORMAT else [document]:
        yield from _json_day(path, day)


def _json_day(path: Path, day: dict[str, Any]) -> Iterator[Batch]:
    simulated = day.get("simulated")
    derived = day.get("derived", {})
    for table in ADD:
        held = day.get(table, derived.get(table, []))
        if isinstance(held, dict):  # columns
            try:
                rows = (dict(zip(held, values, strict=True)) for values in zip(*held.values(), strict=True))
                yield from _batches(table, rows, simulated)
            except ValueError as error:
                raise BadInput(f"{path} is damaged (columns of {table} differ in length): export it again.") from error
        else:
            yield from _batches(table, held, simulated)


def _read_lines(path: Path, file: IO[str]) -> Iterator[Batch]:
    simulated: bool | None = None
    pending: dict[str, list[Row]] = {}
    for number, line in enumerate(file, 1):
        try:
            row = json.loads(line)
            table = row["table"]
        except (json.JSONDecodeError, KeyError, TypeError, RecursionError) as error:
            raise BadInput(f"{path} is damaged at line {number}: export it again.") from error
        if number == 1 and row.get("format") != LINES_FORMAT:
            raise no_log(path)
        if table == "day":
            simulated = row.get("simulated")
        elif table in ADD:
            pending.setdefault(table, []).append(row)
            if len(pending[table]) >= _ROWS_AT_ONCE:
                yield Batch(table, pending.pop(table), simulated)
    for table, rows in pending.items():
        yield Batch(table, rows, simulated)


def _read_folder(folder: Path) -> Iterator[Batch]:
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        raise BadInput(f"{folder} holds no Parquet files: name a folder that `unslouch export` has written, or a file.")
    for file in files:
        yield from _read_parquet(file)


def _read_parquet(path: Path) -> Iterator[Batch]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise BadInput(f"{path} is Parquet, which needs pyarrow: pip install 'unslouch[parquet]'.") from error
    try:
        with parquet.ParquetFile(path) as file:
            table = table_with(set(file.schema_arrow.names))
            if table is None:
                return
            head = json.loads((file.schema_arrow.metadata or {}).get(METADATA_KEY, b"{}"))
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                yield Batch(table, batch.to_pylist(), head.get("simulated"))
            yield from _batches(STANDING_ZEROS, head.get(STANDING_ZEROS, []), head.get("simulated"))
    except (pyarrow.ArrowException, json.JSONDecodeError) as error:
        raise BadInput(f"{path} is damaged or no Parquet file: export it again.") from error
