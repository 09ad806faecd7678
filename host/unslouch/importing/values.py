"""Values: the fields of a log's row, whatever format they come from.

CSV gives texts, "" for what is not known. JSON and Parquet give numbers, texts and moments, None for what is not known.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from unslouch.errors import BadInput

Row = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class BadRow(BadInput):
    """A row that no log of ours can hold."""


def is_known(row: Row, name: str) -> bool:
    """Return whether a row has a value of that name."""
    return row.get(name) not in (None, "")


def number(row: Row, name: str) -> float | None:
    """Return a number, None if it is not known, which NaN says, too."""
    if not is_known(row, name):
        return None
    try:
        value = float(row[name])
        if math.isinf(value):
            raise ValueError("infinite")
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRow(f"{name} is {row[name]!r}, which is no number") from error
    return None if math.isnan(value) else value


def integer(row: Row, name: str, greatest: int, default: int | None = None) -> int:
    """Return a whole number from 0 to a greatest one; one that is missing is the default, or BadRow without any."""
    value = number(row, name)
    if value is None and default is not None:
        return default
    if value is None or value != int(value) or not 0 <= value <= greatest:
        raise BadRow(f"{name} is {row.get(name)!r}, not a whole number from 0 to {greatest}")
    return int(value)


def text(row: Row, name: str) -> str | None:
    """Return a text, None if it is not known."""
    return str(row[name]) if is_known(row, name) else None


def index(row: Row, name: str, names: list[str]) -> int:
    """Return the place of a text in a list of names."""
    try:
        return names.index(str(row.get(name)))
    except ValueError as error:
        raise BadRow(f"{name} is {row.get(name)!r}, which is none of {', '.join(names)}") from error


def moment_ms(row: Row, name: str) -> int | None:
    """Return a moment in ms of UTC, from the column of that name and `_utc`, or of that name; None if not known."""
    column = f"{name}_utc" if is_known(row, f"{name}_utc") else name
    if not is_known(row, column):
        return None
    value = row[column]
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return (moment - _EPOCH) // _MS
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRow(f"{column} is {value!r}, which is no time with an offset like 2025-03-14T08:00:00Z") from error


def known_moment_ms(row: Row, name: str) -> int:
    """Return a moment in ms of UTC; raises BadRow if it is not known."""
    value = moment_ms(row, name)
    if value is None:
        raise BadRow(f"{name} is missing")
    return value
