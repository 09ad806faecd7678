"""Writers: the interface of all formats. A writer gets one day after another and holds no more than one in memory."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import Any

from .tables import Table

OWN_WEARER = "me"
DEMO_WEARER = "demo"
"""The names of the wearer, and of the simulated one, in a log without a pseudonym."""


@dataclass(frozen=True)
class Contents:
    """What a log holds."""

    first: date
    last: date
    tz: tzinfo
    table: Table | None = None
    """The only table to write; None for all of the day, in formats that can hold it."""
    is_range: bool = False
    """Whether several days were asked for; then a summary has one row for each day."""
    simulated: bool = False
    wearer: str = OWN_WEARER
    is_pseudonymous: bool = False

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables to write, for formats that hold several."""
        from .tables import TABLES

        tables = tuple(TABLES.values()) if self.table is None else (self.table,)
        return tuple(table for table in tables if not (table.is_private and self.is_pseudonymous))


class LogWriter(ABC):
    """Writes days to a path that only the writer uses meanwhile. Every method raises OSError if it can't be written."""

    def __init__(self, path: Path, contents: Contents) -> None:
        self.path = path
        self.contents = contents

    @abstractmethod
    def add(self, day: Any) -> None:
        """Write a day, which has records; days come in order."""

    @abstractmethod
    def finish(self) -> None:
        """Write what ends the log, and close it."""

    def abandon(self) -> None:  # noqa: B027 - a writer without open files has nothing to do
        """Close what is open, without finishing: the path is removed by the caller."""
