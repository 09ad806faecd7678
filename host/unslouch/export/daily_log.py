"""The daily posture log: a day of a store as a file."""

from datetime import date, tzinfo
from pathlib import Path

from unslouch.analysis.calendar import days_with_data, nearest_days
from unslouch.analysis.day import day, has_data
from unslouch.analysis.model import Day
from unslouch.errors import NoData
from unslouch.store import Store

from .render import day_json, epochs_csv, summary_csv


def recorded_day(store: Store, which: date, tz: tzinfo) -> Day:
    """Return a day of which something is known; raises NoData, naming the nearest that there are, for any other."""
    found = day(store, which, tz)
    if has_data(found):
        return found
    near = nearest_days(days_with_data(store, tz), which)
    if not near:
        raise NoData(f"Nothing is recorded for {which}, nor for any other day, in {store.path}.")
    raise NoData(
        f"Nothing is recorded for {which} in {store.path}. The nearest days with records: "
        f"{' and '.join(map(str, near))}; choose one with --day."
    )


def render(of: Day, *, simulated: bool, format: str = "csv", table: str = "epochs") -> bytes:
    """Return the bytes of a file in the format csv or json; CSV holds the table epochs or summary, JSON both."""
    if format == "json":
        return day_json(of, simulated)
    return summary_csv(of) if table == "summary" else epochs_csv(of)


def default_path(which: date, *, demo: bool = False, format: str = "csv", table: str = "epochs") -> Path:
    """Return where a log goes when nobody says, like ./unslouch-DATE.csv; a demo's never replaces a wearer's."""
    suffix = "-summary" if table == "summary" and format == "csv" else ""
    return Path(f"unslouch{'-demo' if demo else ''}-{which}{suffix}.{format}")
