"""Columns: what one column of a table of the log is called, what it holds, and what type its values have."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The type of a column's values."""

    UTC = "UTC"
    """int64, ms since 1970; writers print it as ISO 8601 with a Z."""
    LOCAL = "local time"
    """int64, ms since 1970, UTC as well; writers print it in the zone of the day, with its offset."""
    DATE = "date"
    """A text, YYYY-MM-DD."""
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    """0 or 1."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table."""

    name: str
    """Its name in the log, which never changes once it was exported."""
    kind: Kind
    meaning: str
    """What it holds, with its unit, as the data dictionary prints it."""
    decimals: int | None = None
    """To how many decimals writers round a NUMBER; None if its values have no more than they mean."""
