"""Spark engine: computes the days on a Spark cluster with the same function as the local engine.

Every worker needs unslouch with the extra `spark`, and sees the files under the same paths.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

from unslouch.analysis.metrics.metric import Metric
from unslouch.analysis.metrics.of_epochs import METRICS_OF_EPOCHS
from unslouch.errors import BadInput

from .day_metrics import rows_of_files
from .files import StudyFile

_FILES_AT_ONCE = 64


def spark_rows(files: Sequence[StudyFile], master: str) -> list[dict[str, Any]]:
    """Return a row for each file, computed by the Spark cluster at a master like spark://host:7077 or local[2]."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise BadInput("Spark is not installed: install unslouch[spark], or leave out --engine.") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = (
        SparkSession.builder.master(master)
        .appName("unslouch study")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", _FILES_AT_ONCE)
        .getOrCreate()
    )
    try:
        frame = spark.createDataFrame(
            [(file.wearer, file.date.isoformat(), file.path) for file in files],
            "wearer string, date string, path string",
        ).repartition(max(2, -(-len(files) // _FILES_AT_ONCE)))
        rows = frame.mapInPandas(rows_of_files, spark_schema()).collect()
    finally:
        spark.stop()
    found: list[dict[str, Any]] = sorted((row.asDict() for row in rows), key=lambda row: (row["wearer"], row["date"]))
    return found


def spark_schema() -> str:
    """Return the columns of the rows as Spark's DDL."""
    columns = [f"`{metric.column}` {_type(metric)}" for metric in METRICS_OF_EPOCHS]
    return ", ".join(["wearer string", "date string", *columns])


def _type(metric: Metric[Any]) -> str:
    return "string" if metric.is_text else "double"
