"""Summary: the values of a day's metrics."""

from collections.abc import Mapping
from typing import Any

from .metric import Metric, Number


class Summary:
    """The values of a day's metrics, not rounded: `summary[COVERAGE]`.

    `values` has them by exported name. They are numbers or None, so JSON keeps them as they are.
    """

    def __init__(self, values: Mapping[str, float | None]) -> None:
        self.values = dict(values)

    def __getitem__(self, metric: Metric[Number]) -> Number:
        value: Any = self.values[metric.name]
        return value  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Summary) and self.values == other.values

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Summary({self.values})"

    def replaced(self, metric: Metric[Number], value: float | None) -> "Summary":
        """Return the same summary with another value of one metric."""
        return Summary({**self.values, metric.name: value})
