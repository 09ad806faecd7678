"""Day metrics: the metrics that the exported epochs of a day give, with the functions of the registry.

The same function serves the engine of one machine and Spark's `mapInPandas`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from unslouch.analysis.metrics.of_epochs import METRICS_OF_EPOCHS, measure_epochs

from .epoch_file import read_day

if TYPE_CHECKING:
    import pandas


def day_values(path: str) -> dict[str, Any]:
    """Return the metrics of an exported file of epochs by the names of their columns; raises BadInput."""
    values = measure_epochs(*read_day(path))
    return {metric.column: values[metric.name] for metric in METRICS_OF_EPOCHS}


def rows_of_files(frames: "Iterator[pandas.DataFrame]") -> "Iterator[pandas.DataFrame]":
    """Return frames of rows given frames with wearer, date and path of files, as Spark's mapInPandas wants it."""
    import pandas

    for frame in frames:
        rows = [
            {"wearer": wearer, "date": day, **day_values(path)}
            for wearer, day, path in frame[["wearer", "date", "path"]].itertuples(index=False)
        ]
        yield pandas.DataFrame(rows, columns=["wearer", "date", *(metric.column for metric in METRICS_OF_EPOCHS)])
