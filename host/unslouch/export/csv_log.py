"""CSV: the epochs of a day or its summary. The same day gives the same bytes."""

import csv
import io
from collections.abc import Iterable, Sequence

from unslouch.analysis.day import Day

from .columns import COLUMNS
from .summary_rows import SummaryRow, summary_rows
from .texts import csv_texts


def epochs_csv(day: Day) -> bytes:
    """Return a header row and a row for each epoch; fields that are not known are empty."""
    columns = [csv_texts(column.read(day.epochs, day.start.tzinfo)) for column in COLUMNS]
    return _csv([column.name for column in COLUMNS], zip(*columns, strict=True))


def summary_csv(day: Day) -> bytes:
    """Return one row for each metric: date, timezone, metric, value, unit.

    The rows of several days can be put into one table and pivoted by metric.
    """
    rows = [(day.day.isoformat(), day.timezone, *row) for row in summary_rows(day.summary)]
    return _csv(("date", "timezone", *SummaryRow._fields), rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
