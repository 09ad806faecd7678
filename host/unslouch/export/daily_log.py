"""The daily posture log: a day of a store as the bytes of a file, and the name of that file."""

from datetime import date
from pathlib import Path

from unslouch.analysis.day import Day, has_data
from unslouch.analysis.history import History
from unslouch.errors import NoData

from .csv_log import epochs_csv, summary_csv
from .json_log import day_json


def recorded_day(history: History, wanted: date) -> Day:
    """Return a day with records; raises NoData for one without, and names the nearest days that have some."""
    read = history.day(wanted)
    if has_data(read):
        return read
    near = history.nearest_days(wanted)
    path = history.store.path
    if not near:
        raise NoData(f"Nothing is recorded for {wanted}, nor for any other day, in {path}.")
    raise NoData(
        f"Nothing is recorded for {wanted} in {path}. The nearest days with records: "
        f"{' and '.join(map(str, near))}; choose one with --day."
    )


def render(day: Day, *, simulated: bool, format: str = "csv", table: str = "epochs") -> bytes:
    """Return the bytes of a file in the format csv or json; CSV holds the table epochs or summary, JSON both."""
    if format == "json":
        return day_json(day, simulated)
    return summary_csv(day) if table == "summary" else epochs_csv(day)


def default_path(day: date, *, demo: bool = False, format: str = "csv", table: str = "epochs") -> Path:
    """Return where a log goes if no path is given, like ./unslouch-2025-03-14.csv.

    The log of a simulated wearer has a name of its own, so that it never replaces a real wearer's.
    """
    suffix = "-summary" if table == "summary" and format == "csv" else ""
    return Path(f"unslouch{'-demo' if demo else ''}-{day}{suffix}.{format}")
