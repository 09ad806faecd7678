"""Metric: what one number of the daily log is called, what it means, where it comes from and how it is computed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from .observations import Observations

Value = float | str | None
"""A value of a metric; None is a value that is not known, or a score of a day that is too short."""
Number = TypeVar("Number", bound=Value, covariant=True)

OURS = "ours"
"""The source of a definition that no standard or paper gives."""


class Unit(StrEnum):
    """The unit of a metric or of a table's column, as the log writes it."""

    MINUTES = "min"
    HOURS = "h"
    SECONDS = "s"
    DAYS = "d"
    SHARE = "share"
    COUNT = "count"
    DEGREES = "deg"
    DEGREES_PER_S = "deg/s"
    PER_HOUR = "1/h"
    PER_MIN = "1/min"
    BITS = "bit"
    NAME = "name"
    """The value is a text."""
    TIME = "time"
    """ISO 8601 with offset; in a table ms since 1970, UTC."""


_SUFFIXES = {
    Unit.MINUTES: "_min",
    Unit.HOURS: "_h",
    Unit.SECONDS: "_s",
    Unit.DAYS: "_d",
    Unit.SHARE: "_share",
    Unit.DEGREES: "_deg",
    Unit.DEGREES_PER_S: "_deg_s",
    Unit.PER_HOUR: "_per_h",
    Unit.PER_MIN: "_per_min",
    Unit.BITS: "_bit",
}


class Theme(StrEnum):
    """The part of the log that a metric belongs to: what a report puts under one heading."""

    DAY = "what the day was"
    VALIDITY = "how far the numbers can be trusted"
    ZONES = "time in zones"
    HOLDING = "holding"
    VARIATION = "variation"
    SLOUCHES = "slouches"
    ALERTS = "alerts"
    BREAKS = "breaks"


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
    formula: str
    """How the value follows from the observations."""
    theme: Theme
    is_score: bool = False
    """It judges the day, so it has no value where too little of the day is valid."""
    refers_to_standing: bool = False
    """Its angles count from standing upright, see `standing`; without a standing zero from seated upright."""
    bound_of: str | None = None
    """The name of the metric of which this is the lower or upper bound; None for a metric in its own right."""

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.unit is Unit.NAME

    @property
    def column(self) -> str:
        """Its name with its unit, for a table with one row for each day."""
        suffix = _SUFFIXES.get(self.unit, "")
        return self.name if self.name.endswith(suffix) else self.name + suffix
