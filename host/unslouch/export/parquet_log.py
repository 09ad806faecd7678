"""Parquet: one table with typed columns; a range is a folder partitioned as Hive does it, wearer=…/date=…"""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.registry import ALGORITHM_VERSION
from unslouch.analysis.metrics.table import Values
from unslouch.files import PRIVATE_FILE_MODE, make_folder

from . import standing_zeros
from .columns import Column, Kind
from .iso_times import local_wall_ms
from .tables import EPOCHS, EpochsOfDay
from .texts import printable
from .writer import Contents, LogWriter

if TYPE_CHECKING:
    import pyarrow

METADATA_KEY = b"unslouch"
_SAMPLE = 64
_WHOLE = (Kind.UTC, Kind.LOCAL, Kind.INTEGER)
"""Where such columns don't repeat their values, they count up: the differences take a tenth of the room."""
PARTITION_COLUMN = "date"
"""The column that a partitioned file leaves to the name of its folder."""


class ParquetWriter(LogWriter):
    """Writes a file, or for a range a folder with a file for each day."""

    def __init__(self, path: Path, contents: Contents) -> None:
        super().__init__(path, contents)
        self._table = contents.table or EPOCHS
        kept = [
            (at, column)
            for at, column in enumerate(self._table.columns)
            if not (contents.is_range and column.name == PARTITION_COLUMN)
        ]
        self._columns = kept
        if contents.is_range:
            make_folder(path)

    def add(self, day: EpochsOfDay) -> None:
        import pyarrow
        from pyarrow import parquet

        values = self._table.read(day)
        arrays = [_array(column, values[at], day) for at, column in self._columns]
        schema = pyarrow.schema(
            [(column.name, _type(column)) for _, column in self._columns], metadata={METADATA_KEY: self._metadata(day)}
        )
        rows = pyarrow.Table.from_arrays(arrays, schema=schema)
        path = self._day_path(day.day)
        repeating = {column.name for at, column in self._columns if _repeats(values[at])}
        counting = [
            column.name for _, column in self._columns if column.kind in _WHOLE and column.name not in repeating
        ]
        parquet.write_table(
            rows,
            path,
            compression="zstd",
            use_dictionary=sorted(repeating),
            column_encoding=dict.fromkeys(counting, "DELTA_BINARY_PACKED"),
        )
        path.chmod(PRIVATE_FILE_MODE)

    def _metadata(self, day: EpochsOfDay) -> bytes:
        metadata = {
            "table": self._table.name,
            "date": day.day.isoformat(),
            "timezone": str(self.contents.tz),
            "wearer": self.contents.wearer,
            "simulated": self.contents.simulated,
            "algorithm": ALGORITHM_VERSION,
        }
        if self._table is EPOCHS:
            metadata[standing_zeros.MEMBER] = standing_zeros.standing_zeros(day.calibrations)
        return json.dumps(metadata).encode()

    def _day_path(self, day: date) -> Path:
        if not self.contents.is_range:
            return self.path
        folder = self.path / f"wearer={self.contents.wearer}"
        make_folder(folder)
        make_folder(folder / f"date={day}")
        return folder / f"date={day}" / f"{self._table.name}.parquet"

    def finish(self) -> None:
        """Do nothing: each file is complete."""


def _repeats(values: Values) -> bool:
    """Whether a column repeats its values, so that a dictionary of them saves room."""
    some = values.array[:_SAMPLE]
    return len(np.unique(some)) <= len(some) // 2


def _type(column: Column) -> "pyarrow.DataType":
    import pyarrow

    return {
        Kind.UTC: pyarrow.timestamp("ms", "UTC"),
        Kind.LOCAL: pyarrow.timestamp("ms"),
        Kind.DATE: pyarrow.date32(),
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.TEXT: pyarrow.string(),
        Kind.FLAG: pyarrow.bool_(),
    }[column.kind]


def _array(column: Column, values: Values, day: EpochsOfDay) -> "pyarrow.Array[Any]":
    import pyarrow

    if column.kind is Kind.LOCAL:
        array = local_wall_ms(values.array, day.start.tzinfo).view("datetime64[ms]")
    elif column.kind is Kind.UTC:
        array = values.array.view("datetime64[ms]")
    elif column.kind is Kind.DATE:
        array = values.array.astype("datetime64[D]")
    elif column.kind is Kind.FLAG:
        array = values.array.astype(bool)
    elif values.names is not None:
        names = pyarrow.array(values.names)
        return names.take(pyarrow.array(values.array, mask=_mask(values), from_pandas=False))
    else:
        array = printable(column, values, None)
    return pyarrow.array(array, type=_type(column), mask=_mask(values), from_pandas=False)


def _mask(values: Values) -> NDArray[np.bool_] | None:
    """Return where values are not known, as pyarrow wants it."""
    return None if values.known is None else ~values.known
