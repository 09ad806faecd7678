"""Dictionary: what each table, column and metric of the log means, from the definitions that the writers use."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from unslouch.analysis.metrics.registry import METRICS

from .tables import SUMMARY, TABLES


class DictionaryRow(NamedTuple):
    """One entry of the data dictionary."""

    table: str
    name: str
    type: str
    """The unit of a metric, or else the type of a column."""
    meaning: str
    source: str
    """The standard or paper that defines it, or "ours"; empty for what needs no definition."""


def dictionary_rows(names: Iterable[str] = TABLES) -> Iterator[DictionaryRow]:
    """Yield a row for every column of the tables of these names, in their order, and for every metric."""
    for name in names:
        table = TABLES[name]
        yield DictionaryRow(name, "", "table", table.meaning, table.source)
        if table is SUMMARY:
            for metric in METRICS:
                yield DictionaryRow(name, metric.column, metric.unit.value, metric.definition, metric.source)
        else:
            for column in table.columns:
                yield DictionaryRow(name, column.name, column.kind.value, column.meaning, "")
