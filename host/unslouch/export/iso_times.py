"""ISO 8601 times with milliseconds, one at a time or for a whole column."""

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.zones import to_local

_MS_PER_MIN = 60_000
_LOCAL_CHARACTERS = 19  # of 2025-03-14T09:00:00, before the offset


def iso_utc(utc_ms: int) -> str:
    """Return ms since 1970 like 2025-03-14T08:00:00.000Z."""
    return to_local(utc_ms, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_local(utc_ms: int, tz: tzinfo | None) -> str:
    """Return ms since 1970 like 2025-03-14T09:00:00.000+01:00."""
    return to_local(utc_ms, tz or UTC).isoformat(timespec="milliseconds")


def iso_utc_column(utc_ms: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return iso_utc() of every element."""
    return np.char.add(_texts(utc_ms), "Z")


def iso_local_column(utc_ms: NDArray[np.int64], tz: tzinfo | None) -> NDArray[np.str_]:
    """Return iso_local() of every element."""
    moments, index = _moments(utc_ms, tz)
    suffixes = np.array([moment.isoformat()[_LOCAL_CHARACTERS:] for moment in moments], np.str_)
    return np.char.add(_texts(utc_ms + _offsets_ms(moments)[index]), suffixes[index])


def local_wall_ms(utc_ms: NDArray[np.int64], tz: tzinfo | None) -> NDArray[np.int64]:
    """Return what a clock on the wall shows, as ms since 1970-01-01 00:00 on that clock."""
    moments, index = _moments(utc_ms, tz)
    return utc_ms + _offsets_ms(moments)[index]


def _moments(utc_ms: NDArray[np.int64], tz: tzinfo | None) -> tuple[list[datetime], NDArray[np.int64]]:
    """Return the local moment of each minute that occurs, and which of them belongs to each element.

    The zone is asked once per minute: since 1972 offsets change on minutes.
    """
    minutes, index = np.unique(utc_ms // _MS_PER_MIN, return_inverse=True)
    return [to_local(minute * _MS_PER_MIN, tz or UTC) for minute in minutes.tolist()], index


def _offsets_ms(moments: list[datetime]) -> NDArray[np.int64]:
    return np.array([_offset_ms(moment) for moment in moments], np.int64)


def _offset_ms(moment: datetime) -> int:
    return (moment.utcoffset() or timedelta()) // timedelta(milliseconds=1)


def _texts(utc_ms: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.datetime_as_string(utc_ms.astype("datetime64[ms]"))
