"""Metric: what one number of the daily log is called, what it means, where it comes from and how it is computed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from .observations import Observations

Number = TypeVar("Number", bound=float | None, covariant=True)

OURS = "ours"
"""The source of a definition that no standard or paper gives."""


class Unit(StrEnum):
    """The unit of a metric, as the log writes it."""

    MINUTES = "min"
    HOURS = "h"
    SHARE = "share"
    COUNT = "count"


@dataclass(frozen=True, eq=False)
class Metric(Generic[Number]):
    """One metric of a day; it is also the key under which a Summary holds its value."""

    name: str
    """Its name in the log, which never changes once it was exported."""
    unit: Unit
    definition: str
    """What it measures, as the data dictionary prints it."""
    source: str
    """The standard or paper that defines it, or OURS."""
    decimals: int
    """To how many decimals a writer rounds it. Kept values are not rounded."""
    measure: "Callable[[Observations], Number]" = field(repr=False)
    """Computes the value from a day's observations alone; None is a value that is not known."""
