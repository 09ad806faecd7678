"""Epoch file: what an exported Parquet file has of a day, as far as the metrics of epochs need it."""

import json
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.model import NO_BOUND, Calibration, Epochs
from unslouch.errors import BadInput
from unslouch.export.parquet_log import METADATA_KEY
from unslouch.export.standing_zeros import calibrations_in
from unslouch_device.contract.records import SECONDS_PER_EPOCH, TILT_UNKNOWN
from unslouch_device.contract.states import STATE_NAMES

if TYPE_CHECKING:
    import duckdb

Columns = dict[str, "np.ma.MaskedArray | NDArray"]  # type: ignore[type-arg]
_SECONDS = [f"forward_{number}_deg" for number in range(1, SECONDS_PER_EPOCH + 1)]
_STATE_NAMES = ", ".join(f"'{name}'" for name in STATE_NAMES)
_SELECTED = (
    "epoch_ms(utc) AS utc",
    # A text takes ten times as long as its number. Another text counts as the first state, which stands for unknown.
    f"coalesce(list_position([{_STATE_NAMES}], state), 1) - 1 AS state",
    *("forward_deg", "lateral_deg", *_SECONDS, "speed_deg_s"),
    *("journal", "boot", "uptime_ms", "calibration_id"),
)
_QUERY = f"SELECT {', '.join(_SELECTED)} FROM read_parquet(?, hive_partitioning = false)"
"""Half of the columns take half of the time."""
_METADATA_QUERY = "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?"


def read_day(path: str) -> tuple[Epochs, list[Calibration]]:
    """Return the epochs of an exported file, and the standing zeros set by hand that it has.

    Of the epochs it is tilt, speed, state, moment, boot and calibration; the rest is 0. Raises BadInput for a file that
    DuckDB can't read or that lacks a column.
    """
    import duckdb

    try:
        columns = _connection().execute(_QUERY, [path]).fetchnumpy()
        metadata = _connection().execute(_METADATA_QUERY, [path, METADATA_KEY]).fetchone()
        return _epochs(columns), calibrations_in(json.loads(metadata[0]) if metadata else {})
    except (duckdb.Error, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"{path} is no table of epochs ({reason}): export it again, or remove it.") from error


@cache
def _connection() -> "duckdb.DuckDBPyConnection":
    """Return the connection of this process; to make one takes longer than to read a day."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


def _epochs(columns: Columns) -> Epochs:
    length = len(columns["utc"])
    return Epochs(
        journal=columns["journal"].astype(np.uint32),
        sequence=np.zeros(length, np.uint32),
        boot=columns["boot"].astype(np.uint16),
        uptime_ms=columns["uptime_ms"].astype(np.int64),
        utc_ms=np.asarray(columns["utc"], np.int64),
        utc_error_ms=np.full(length, NO_BOUND, np.int64),
        time_quality=np.zeros(length, np.uint8),
        state=columns["state"].astype(np.uint8),
        activity=np.zeros(length, np.uint8),
        flags=np.zeros(length, np.uint8),
        forward_cdeg=_cdeg(columns["forward_deg"]).astype(np.int16),
        lateral_cdeg=_cdeg(columns["lateral_deg"]).astype(np.int16),
        second_cdeg=np.column_stack([_cdeg(columns[name]) for name in _SECONDS]),
        speed_cdeg_s=np.rint(np.ma.filled(columns["speed_deg_s"], 0) * 100).astype(np.uint16),
        settings_revision=np.zeros(length, np.uint16),
        calibration_id=np.ma.filled(columns["calibration_id"], 0).astype(np.uint16),
    )


def _cdeg(degrees: "np.ma.MaskedArray | NDArray") -> NDArray[np.int32]:  # type: ignore[type-arg]
    known = np.rint(np.ma.filled(degrees, 0.0) * 100).astype(np.int32)
    return np.where(np.ma.getmaskarray(degrees), TILT_UNKNOWN, known).astype(np.int32)
