"""Group: the rows of all wearers in DuckDB, their summary, and both as files."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unslouch.analysis.metrics.minutes import MEASURED_MIN
from unslouch.errors import BadInput
from unslouch.export.output import write_file

from .files import StudyFile
from .local_engine import Progress

DAYS, GROUP = "days", "study_group"
_NUMBERS = ("DOUBLE", "BIGINT", "INTEGER", "FLOAT")
_NOT_METRICS = ("wearer", "date", "timezone")
_FILES_AT_ONCE = 100
_ROWS_AT_ONCE = 1000

_SUMMARIES_SQL = """
CREATE OR REPLACE TEMP TABLE part AS
SELECT wearer::VARCHAR AS wearer, strftime("date"::DATE, '%Y-%m-%d') AS "date", * EXCLUDE (wearer, "date")
FROM read_parquet(?, hive_partitioning = true, union_by_name = true, hive_types_autocast = false)
ORDER BY wearer, "date"
"""

_GROUP_SQL = """
CREATE TABLE study_group AS
WITH valid AS (
    SELECT *, CASE WHEN isodow("date"::DATE) >= 6 THEN 'weekend' ELSE 'weekday' END AS kind
    FROM days WHERE {measured} >= {least_min}
), long AS (
    UNPIVOT (SELECT wearer, kind, {columns} FROM valid) ON {names} INTO NAME metric VALUE value
), of_kind AS (
    SELECT * FROM long UNION ALL SELECT wearer, 'all' AS kind, metric, value FROM long
), each_wearer AS (
    SELECT metric, kind, wearer, count(*) AS days, avg(value) AS mean FROM of_kind GROUP BY ALL
)
SELECT metric, kind AS days_of, count(*) AS wearers, sum(days)::BIGINT AS days, avg(mean) AS mean_of_wearers,
    stddev_samp(mean) AS sd_of_wearers, min(mean) AS least_wearer, median(mean) AS median_wearer,
    max(mean) AS greatest_wearer
FROM each_wearer GROUP BY ALL ORDER BY metric, days_of
"""
"""Each wearer counts once, however many days there are of him: means of the wearers' means. Days that are too short for
a metric have no value, and count for nothing."""


class StudyTables:
    """The table of days, and the summary of the group, in a DuckDB database in memory."""

    def __init__(self) -> None:
        import duckdb

        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(config={"memory_limit": "1GB"})

    def load_summaries(self, files: Sequence[StudyFile], on_progress: Progress) -> None:
        """Take the exported summaries as they are: one row for each wearer and day.

        DuckDB keeps what it knows of every file of a query, about 0.4 MiB each, so a query reads some files only. Files
        of different versions may have different columns. Raises BadInput for a file that is no table of summaries.
        """
        for first in range(0, len(files), _FILES_AT_ONCE):
            some = files[first : first + _FILES_AT_ONCE]
            self._read_part([file.path for file in some])
            if first == 0:
                self._connection.execute("CREATE TABLE days AS FROM part")
            else:
                for name, kind in self._columns("part").items() - self._columns("days").items():
                    self._connection.execute(f'ALTER TABLE days ADD COLUMN IF NOT EXISTS "{name}" {kind}')
                self._connection.execute("INSERT INTO days BY NAME FROM part")
            on_progress(first + len(some), len(files))
        self._connection.execute("DROP TABLE IF EXISTS part")

    def _read_part(self, paths: list[str]) -> None:
        import duckdb

        try:
            self._connection.execute(_SUMMARIES_SQL, [paths])
            if not self.count(f'SELECT count(*) FROM part WHERE "{MEASURED_MIN.column}" IS NULL'):
                return
            cause = None
        except duckdb.Error as error:
            cause = error
        for path in paths:
            if reason := self._why_no_summaries(path):
                raise BadInput(f"{path} is no table of summaries ({reason}): export it again, or remove it.") from cause
        raise BadInput(f"The summaries don't go together ({_first_line(cause)}): export all of them again.") from cause

    def _why_no_summaries(self, path: str) -> str:
        """Return why a file can't be a table of summaries, "" if it can."""
        import duckdb

        column = MEASURED_MIN.column
        query = f'SELECT count(*) FROM read_parquet(?) WHERE "{column}" IS NULL'
        try:
            row = self._connection.execute(query, [path]).fetchone()
        except duckdb.Error as error:
            return _first_line(error)
        return f"{column} is missing" if row is None or row[0] else ""

    def _columns(self, table: str) -> dict[str, str]:
        """Return the type of each column of a table by its name."""
        return {row[0]: row[1] for row in self._connection.execute(f"DESCRIBE {table}").fetchall()}

    def load_rows(self, rows: Sequence[dict[str, Any]], is_text: "dict[str, bool]") -> None:
        """Take rows that were computed; is_text says of each column whether it holds texts."""
        types = {"wearer": "VARCHAR", "date": "VARCHAR"}
        types |= {name: "VARCHAR" if text else "DOUBLE" for name, text in is_text.items()}
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        self._connection.execute(f"CREATE TABLE days ({columns})")
        # Rows one by one would take 4 ms each.
        lists = ", ".join(f"unnest(?::{kind}[])" for kind in types.values())
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            self._connection.execute(
                f"INSERT INTO days SELECT {lists}", [[row[name] for row in some] for name in types]
            )

    def summarise(self, least_min: float) -> None:
        """Compute the summary of the group over days with at least so many valid minutes."""
        numbers = [
            name for name, kind in self._columns("days").items() if name not in _NOT_METRICS and kind in _NUMBERS
        ]
        self._connection.execute(
            _GROUP_SQL.format(
                measured=f'"{MEASURED_MIN.column}"',
                least_min=least_min,
                columns=", ".join(f'"{name}"::DOUBLE AS "{name}"' for name in numbers),
                names=", ".join(f'"{name}"' for name in numbers),
            )
        )

    def count(self, query: str) -> int:
        """Return the number that a query counts."""
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def write(self, table: str, path: Path) -> None:
        """Write a table as CSV, or as Parquet if the path says so; raises OutputError."""
        format = "PARQUET" if path.suffix.lower() == ".parquet" else "CSV, HEADER"
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "table"
            self._connection.execute(f"COPY {table} TO '{written}' (FORMAT {format})")
            write_file(path, written.read_bytes())

    def close(self) -> None:
        """Free the memory."""
        self._connection.close()


def _first_line(error: Exception | None) -> str:
    return str(error).splitlines()[0]
