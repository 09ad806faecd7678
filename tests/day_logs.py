"""Logs of days, as their writers make them."""

import tempfile
from pathlib import Path

from unslouch.analysis.day import Day
from unslouch.export.formats import FORMATS
from unslouch.export.tables import TABLES
from unslouch.export.writer import Contents


def log_of(*days: Day, format: str = "csv", table: str | None = None, simulated: bool = False) -> bytes:
    """Return the bytes of a log of a day or, given several, of a range."""
    contents = Contents(
        days[0].day,
        days[-1].day,
        days[0].start.tzinfo,  # type: ignore[arg-type]
        table=TABLES[table] if table else None,
        is_range=len(days) > 1,
        simulated=simulated,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        writer = FORMATS[format].load()(path, contents)
        for day in days:
            writer.add(day)
        writer.finish()
        return path.read_bytes()
