"""Epoch file: the epochs of an exported Parquet file, as they were before the export."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.model import NO_BOUND, Epochs
from unslouch.errors import BadInput
from unslouch.export.epoch_columns import ACTIVITIES, EPOCH_COLUMNS, STATES, TIME_QUALITIES
from unslouch_device.contract.records import (
    EPOCH_ALERTED,
    EPOCH_PARTIAL,
    EPOCH_SATURATED,
    EPOCH_SNOOZED,
    EPOCH_TRACKING_ONLY,
    SECONDS_PER_EPOCH,
    TILT_UNKNOWN,
)

if TYPE_CHECKING:
    import duckdb

Columns = dict[str, "np.ma.MaskedArray | NDArray"]  # type: ignore[type-arg]
_TEXTS = {"state": STATES, "activity": ACTIVITIES, "dating": TIME_QUALITIES}
"""Columns that hold one of these texts; another text counts as the first, which stands for unknown."""
_FLAGS = {
    "partial": EPOCH_PARTIAL,
    "snoozed": EPOCH_SNOOZED,
    "tracking_only": EPOCH_TRACKING_ONLY,
    "alerted": EPOCH_ALERTED,
    "saturated": EPOCH_SATURATED,
}


def read_epochs(path: str) -> Epochs:
    """Return the epochs of an exported file; raises BadInput for one that DuckDB can't read or that lacks a column."""
    import duckdb

    try:
        columns = _connection().execute(_QUERY, [path]).fetchnumpy()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"{path} is no table of epochs ({reason}): export it again, or remove it.") from error
    return epochs_from_columns(columns)


@cache
def _connection() -> "duckdb.DuckDBPyConnection":
    """Return the connection of this process; to make one takes longer than to read a day."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


def _selected(name: str) -> str:
    """Return what is read of a column: times in ms, and texts as their numbers, which takes a tenth of the time."""
    if name == "utc":
        return "epoch_ms(utc) AS utc"
    if name in _TEXTS:
        names = ", ".join(f"'{each}'" for each in _TEXTS[name].tolist())
        return f"coalesce(list_position([{names}], {name}), 1) - 1 AS {name}"
    return name


_QUERY = (
    f"SELECT {', '.join(_selected(column.name) for column in EPOCH_COLUMNS if column.name != 'local')} "
    "FROM read_parquet(?, hive_partitioning = false)"
)


def epochs_from_columns(columns: Columns) -> Epochs:
    """Return epochs given the columns that _QUERY selects."""
    forward_cdeg = _cdeg(columns["forward_deg"])
    seconds = [_cdeg(columns[f"forward_{number}_deg"]) for number in range(1, SECONDS_PER_EPOCH + 1)]
    error_s = columns["utc_error_s"]
    flags = sum(
        (columns[name].astype(np.uint8) * flag for name, flag in _FLAGS.items()), np.zeros(len(forward_cdeg), np.uint8)
    )
    return Epochs(
        journal=columns["journal"].astype(np.uint32),
        sequence=columns["sequence"].astype(np.uint32),
        boot=columns["boot"].astype(np.uint16),
        uptime_ms=columns["uptime_ms"].astype(np.int64),
        utc_ms=np.asarray(columns["utc"], np.int64),
        utc_error_ms=np.where(np.ma.getmaskarray(error_s), NO_BOUND, np.rint(np.ma.filled(error_s, 0) * 1000)).astype(
            np.int64
        ),
        time_quality=columns["dating"].astype(np.uint8),
        state=columns["state"].astype(np.uint8),
        activity=columns["activity"].astype(np.uint8),
        flags=flags,
        forward_cdeg=forward_cdeg.astype(np.int16),
        lateral_cdeg=_cdeg(columns["lateral_deg"]).astype(np.int16),
        second_cdeg=np.column_stack(seconds),
        speed_cdeg_s=np.rint(np.ma.filled(columns["speed_deg_s"], 0) * 100).astype(np.uint16),
        settings_revision=columns["settings_revision"].astype(np.uint16),
        calibration_id=np.ma.filled(columns["calibration_id"], 0).astype(np.uint16),
    )


def _cdeg(degrees: "np.ma.MaskedArray | NDArray") -> NDArray[np.int32]:  # type: ignore[type-arg]
    known = np.rint(np.ma.filled(degrees, 0.0) * 100).astype(np.int32)
    return np.where(np.ma.getmaskarray(degrees), TILT_UNKNOWN, known).astype(np.int32)
