"""Texts: the values of a column as a writer puts them down. Up to here a column is a numpy array."""

import json
from collections.abc import Callable
from datetime import tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.table import Values

from .columns import Column, Kind
from .iso_times import iso_local_column, iso_utc_column

_TEXTUAL = (Kind.UTC, Kind.LOCAL, Kind.DATE, Kind.TEXT)


def csv_texts(column: Column, values: Values, tz: tzinfo | None) -> list[str]:
    """Return every value as a field of CSV; an empty one for a value that is not known."""
    text_of = csv_field if column.kind is Kind.TEXT else str
    return _texts(column, values, tz, text_of, unknown="")


def csv_field(value: object) -> str:
    """Return a value as a field of CSV, in quotes where RFC 4180 needs them; None is empty."""
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if any(each in text for each in ',"\r\n') else text


def json_texts(column: Column, values: Values, tz: tzinfo | None) -> list[str]:
    """Return every value in JSON; null for a value that is not known."""
    text_of: Callable[[Any], str] = _json_text if column.kind in _TEXTUAL else str
    return _texts(column, values, tz, text_of, unknown="null")


def printable(column: Column, values: Values, tz: tzinfo | None) -> NDArray[Any]:
    """Return the values as they are printed: times as ISO 8601, numbers rounded, flags as 0 and 1."""
    if column.kind is Kind.UTC:
        return iso_utc_column(_times(values))
    if column.kind is Kind.LOCAL:
        return iso_local_column(_times(values), tz)
    if column.kind is Kind.FLAG:
        return values.array.astype(np.uint8)
    if column.kind is Kind.NUMBER and column.decimals is not None:
        return np.round(values.array.astype(np.float64), column.decimals) + 0.0  # no "-0.0"
    return values.array if values.names is None else np.array(values.names)[values.array]


def _times(values: Values) -> NDArray[np.int64]:
    return values.array if values.known is None else np.where(values.known, values.array, 0)


_json_text = json.JSONEncoder().encode  # for a text several times faster than json.dumps

_FEW = 64
"""So few values are faster put down one by one."""
_PARTS = (1, 100, 1000)
"""Most numbers are whole, or whole hundredths or thousandths."""
_MOST_PLACES = 1 << 16


def _texts(column: Column, values: Values, tz: tzinfo | None, text_of: Callable[[Any], str], unknown: str) -> list[str]:
    if values.names is not None:
        texts = np.array([text_of(name) for name in values.names], object)[values.array]
    else:
        array = printable(column, values, tz)
        places = None if len(array) <= _FEW else _places(array)
        texts = (
            np.array(list(map(text_of, array.tolist())), object) if places is None else _each(array, places, text_of)
        )
    if values.known is not None:
        texts[~values.known] = unknown
    return texts.tolist()  # type: ignore[no-any-return]


def _each(array: NDArray[Any], places: NDArray[np.intp], text_of: Callable[[Any], str]) -> NDArray[np.object_]:
    """Return the texts of values with places: to look a text up is many times faster than to format it again."""
    index = np.zeros(int(places.max()) + 1, np.intp)
    index[places] = np.arange(len(places))
    occurring = np.flatnonzero(np.bincount(places))
    text_at = np.empty(len(index), object)
    text_at[occurring] = list(map(text_of, array[index[occurring]].tolist()))
    return text_at[places]


def _places(array: NDArray[Any]) -> NDArray[np.intp] | None:
    """Return a place from 0 for each number, the same for equal ones; None for texts, and if it takes too many."""
    if array.dtype.kind in "iu":
        return _from_least(array)
    if array.dtype.kind == "f" and np.abs(array).max() < _MOST_PLACES:
        for parts in _PARTS:
            whole = np.rint(array * parts).astype(np.int64)
            # Their bits are compared, because -0.0 has a text of its own.
            if np.array_equal((whole / parts).view(np.int64), array.view(np.int64)):
                return _from_least(whole)
    return None


def _from_least(whole: NDArray[Any]) -> NDArray[np.intp] | None:
    least = int(whole.min())
    return (whole - least).astype(np.intp) if int(whole.max()) - least < _MOST_PLACES else None
