"""Study: from the folders of many wearers to the two tables."""

from collections.abc import Sequence
from pathlib import Path

from unslouch.errors import BadInput

from .files import study_files
from .group import StudyTables
from .local_engine import Progress, local_rows

LOCAL_ENGINE = "duckdb"
_SPARK = "spark"


def run_study(
    folders: Sequence[Path], *, table: str | None, engine: str, least_min: float, on_progress: Progress
) -> StudyTables:
    """Return the tables of a study.

    table: `summary` takes the metrics that the wearers exported, `epochs` computes them from their epochs, None takes
    summaries where there are any. engine: where epochs are computed, `duckdb`, `spark` or `spark://host:port`.
    Raises BadInput for folders without such files, or if a package is missing.
    """
    _check_duckdb()
    found = study_files(folders)
    chosen = table or ("summary" if "summary" in found and engine == LOCAL_ENGINE else "epochs")
    files = found.get(chosen)
    if not files:
        wanted = f"no table `{chosen}`" if table else "neither summaries nor epochs"
        others = ", ".join(sorted(found))
        raise BadInput(
            f"These folders have {wanted}, but {others}: export the days with `--table {table or 'summary'}`, or name "
            "another --table or folder."
        )
    tables = StudyTables()
    if chosen == "summary":
        tables.load_summaries(files, on_progress)
    else:
        from unslouch.analysis.metrics.of_epochs import METRICS_OF_EPOCHS

        if engine == LOCAL_ENGINE:
            rows = local_rows(files, on_progress)
        else:
            from .spark_engine import spark_rows

            rows = spark_rows(files, "local[2]" if engine == _SPARK else engine)
        tables.load_rows(rows, {metric.column: metric.is_text for metric in METRICS_OF_EPOCHS})
    tables.summarise(least_min)
    return tables


def _check_duckdb() -> None:
    try:
        import duckdb  # noqa: F401
    except ImportError as error:
        raise BadInput("A study needs DuckDB: install unslouch[study].") from error
