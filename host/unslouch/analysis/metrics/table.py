"""Table: the parts of a day that are lists or grids, with the meaning of each column, so that no writer names one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .metric import Theme, Unit

if TYPE_CHECKING:
    from .observations import Observations


class Values(NamedTuple):
    """The values of one column, all of one length."""

    array: NDArray[Any]
    """Integers, floats, booleans or texts; see `names`."""
    known: NDArray[np.bool_] | None = None
    """False where the value is not known and the array's element means nothing; None if all are known."""
    names: tuple[str, ...] | None = None
    """Of a column that repeats few texts: the array then holds indices into these, not texts."""


class Kind(StrEnum):
    """The type of a column's values."""

    TIME = "time"
    """int64, ms since 1970, UTC; a writer adds local time."""
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    """bool"""


@dataclass(frozen=True)
class TableColumn:
    """One column of a table."""

    name: str
    """Its name in the log, with its unit; it never changes once it was exported."""
    kind: Kind
    unit: Unit | None
    """None for flags and plain numbers such as ids."""
    definition: str
    decimals: int = 0
    """To how many decimals a writer rounds a NUMBER."""


@dataclass(frozen=True, eq=False)
class Table:
    """A list of a day, such as its bouts: one row for each."""

    name: str
    definition: str
    source: str
    theme: Theme
    columns: tuple[TableColumn, ...]
    read: "Callable[[Observations], Mapping[str, Values]]" = field(repr=False)
    """Returns the values of every column by name, rows in order of time."""
    refers_to_standing: bool = False


@dataclass(frozen=True)
class Axis:
    """One axis of a distribution: classes [edges[i], edges[i + 1])."""

    name: str
    unit: Unit
    edges: tuple[float, ...]
    """One more than there are classes; the outermost may be infinite."""
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Distribution:
    """A day's time over classes of one or two quantities: a histogram or a matrix."""

    name: str
    unit: Unit
    """SECONDS: a writer that wants shares divides by the sum, so that days can be added up."""
    definition: str
    formula: str
    source: str
    theme: Theme
    axes: tuple[Axis, ...]
    measure: "Callable[[Observations], NDArray[np.int64]]" = field(repr=False)
    """Returns the seconds in each class as an array with one dimension for each axis."""
