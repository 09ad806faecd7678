"""Writes the tables of docs/log.md out of the registry of metrics and the columns; the text between them stays.

python docs/log_tables.py
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from unslouch.analysis.metrics.registry import METRICS
from unslouch.export.columns import COLUMNS

DOCUMENT = Path(__file__).with_name("log.md")
BLOCK = re.compile(r"(<!-- from the code: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def columns() -> str:
    """What each column of the epochs holds."""
    return table(("column", "meaning"), [(f"`{column.name}`", column.meaning) for column in COLUMNS])


def metrics() -> str:
    """The data dictionary of the summary."""
    rows = [
        (f"`{metric.name}`", metric.unit.value, metric.decimals, metric.definition, metric.source) for metric in METRICS
    ]
    return table(("metric", "unit", "decimals", "definition", "source"), rows)


BLOCKS = {"columns": columns, "metrics": metrics}


def written(text: str) -> str:
    """The document with its tables made anew."""
    return BLOCK.sub(lambda block: f"{block[1]}{BLOCKS[block[2]]()}{block[3]}", text)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
