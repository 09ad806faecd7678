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
    return _texts(printable(column, values, tz), values.known, text_of, unknown="")


def csv_field(value: object) -> str:
    """Return a value as a field of CSV, in quotes where RFC 4180 needs them; None is empty."""
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if any(each in text for each in ',"\r\n') else text


def json_texts(column: Column, values: Values, tz: tzinfo | None) -> list[str]:
    """Return every value in JSON; null for a value that is not known."""
    text_of: Callable[[Any], str] = _json_text if column.kind in _TEXTUAL else str
    return _texts(printable(column, values, tz), values.known, text_of, unknown="null")


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
    return values.array


def _times(values: Values) -> NDArray[np.int64]:
    return values.array if values.known is None else np.where(values.known, values.array, 0)


_json_text = json.JSONEncoder().encode  # for a text several times faster than json.dumps

_SAMPLE = 64


def _texts(
    array: NDArray[Any], known: NDArray[np.bool_] | None, text_of: Callable[[Any], str], unknown: str
) -> list[str]:
    plain = array.tolist()
    if len(set(plain[:_SAMPLE])) > _SAMPLE // 2:
        texts = list(map(text_of, plain))
    else:
        # Most columns repeat few values, and to look a text up is faster than to format it again.
        text_by_value = {value: text_of(value) for value in set(plain)}
        texts = list(map(text_by_value.__getitem__, plain))
    if known is None or known.all():
        return texts
    return [text if is_known else unknown for text, is_known in zip(texts, known.tolist(), strict=True)]
