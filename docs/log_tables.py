"""Writes the tables of docs/log.md and the JSON schemas of docs/schema/ out of the definitions of the log.

The text between the tables stays.

python docs/log_tables.py
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from unslouch.analysis.metrics.registry import DISTRIBUTIONS, METRICS
from unslouch.export.epoch_columns import EPOCH_COLUMNS
from unslouch.export.schema import schemas
from unslouch.export.tables import EPOCHS, SUMMARY, TABLES

DOCUMENT = Path(__file__).with_name("log.md")
BLOCK = re.compile(r"(<!-- from the code: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def columns() -> str:
    """What each column of the epochs holds."""
    return table(("column", "meaning"), [(f"`{column.name}`", column.meaning) for column in EPOCH_COLUMNS])


def metrics() -> str:
    """The data dictionary of the summary; a metric with bounds has them in one row with it."""
    with_bounds = {metric.bound_of for metric in METRICS}
    rows = [
        (
            f"`{metric.name}`" + (f", `{metric.name}_low`, `{metric.name}_high`" if metric.name in with_bounds else ""),
            metric.unit.value,
            metric.decimals,
            metric.definition + (" · score" if metric.is_score else ""),
            metric.formula,
            metric.source,
        )
        for metric in METRICS
        if metric.bound_of is None
    ]
    return table(("metric", "unit", "decimals", "definition", "formula", "source"), rows)


def distributions() -> str:
    """What the histograms and matrices hold, and their classes."""
    rows = [
        (
            f"`{each.name}`",
            each.unit.value,
            each.definition,
            " × ".join(f"{len(axis.labels)} classes of `{axis.name}`" for axis in each.axes),
            each.formula,
            each.source,
        )
        for each in DISTRIBUTIONS
    ]
    return table(("distribution", "unit", "definition", "axes", "formula", "source"), rows)


def tables() -> str:
    """The lists of a day and their columns."""
    lists = [each for each in TABLES.values() if each not in (EPOCHS, SUMMARY)]
    rows = [
        (f"`{each.name}`", f"`{column.name}`", column.kind.value, column.meaning)
        for each in lists
        for column in each.columns
    ]
    definitions = table(("table", "rows", "source"), [(f"`{each.name}`", each.meaning, each.source) for each in lists])
    return definitions + "\n" + table(("table", "column", "type", "meaning"), rows)


BLOCKS = {"columns": columns, "metrics": metrics, "distributions": distributions, "tables": tables}


def written(text: str) -> str:
    """The document with its tables made anew."""
    return BLOCK.sub(lambda block: f"{block[1]}{BLOCKS[block[2]]()}{block[3]}", text)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        DOCUMENT.with_name("schema").joinpath(name).write_text(text, encoding="utf-8")
