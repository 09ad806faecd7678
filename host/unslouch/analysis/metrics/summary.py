"""Summary: the values of a day's metrics."""

import json
from collections.abc import Mapping
from typing import Any

from .metric import Metric, Number, Value
from .validity import DATA, TOO_SHORT

Shares = list[int] | list[list[int]]
"""A distribution: the seconds in each class, one list for each class of a first axis if there are two."""


class Summary:
    """The values of a day's metrics, not rounded: `summary[COVERAGE]`.

    `values` has them by exported name, `distributions` the seconds of each class by name. They are numbers, texts,
    lists or None, so JSON keeps them as they are.
    """

    def __init__(self, values: Mapping[str, Value], distributions: Mapping[str, Shares] | None = None) -> None:
        self.values = dict(values)
        self.distributions = dict(distributions or {})

    def __getitem__(self, metric: Metric[Number]) -> Number:
        value: Any = self.values[metric.name]
        return value  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Summary) and self.values == other.values and self.distributions == other.distributions

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Summary({self.values})"

    def replaced(self, metric: Metric[Number], value: Value) -> "Summary":
        """Return the same summary with another value of one metric."""
        return Summary({**self.values, metric.name: value}, self.distributions)

    @property
    def is_too_short(self) -> bool:
        """Whether too little of the day is valid for a score."""
        return self.values.get(DATA.name) == TOO_SHORT

    def why_missing(self, metric: Metric[Any]) -> str | None:
        """Return why a metric has no value: `too short` for a score of too short a day, else `not known`."""
        if self.values[metric.name] is not None:
            return None
        return TOO_SHORT if metric.is_score and self.is_too_short else "not known"

    def to_json(self) -> str:
        """Return a text that from_json() reads."""
        return json.dumps({"values": self.values, "distributions": self.distributions})

    @classmethod
    def from_json(cls, text: str) -> "Summary":
        """Return what to_json() wrote."""
        return cls(**json.loads(text))
