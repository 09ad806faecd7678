"""Writer: reads what a report is about and returns the bytes of the file."""

from collections.abc import Callable

from unslouch.analysis.comparison import earlier_range
from unslouch.analysis.day import Day, has_data
from unslouch.analysis.history import History
from unslouch.errors import NoData
from unslouch.export.export_log import recorded_day

from .day import day_report
from .exercises import Pictures, no_pictures
from .period import period_report
from .periods import Period

MOST_DAYS_READ = 31
"""A longer period is shown by its summaries alone, which are kept; reading a day takes 10 to 50 ms."""

Progress = Callable[[int, int], object]


def write_report(
    history: History,
    period: Period,
    *,
    least_min: float,
    on_progress: Progress | None = None,
    pictures: Pictures = no_pictures,
) -> bytes:
    """Return the report of a period; raises NoData if nothing was recorded in it.

    least_min: the valid minutes of a valid day. on_progress is called with how many of its days were read, and of how
    many. pictures shows the exercises that were done.
    """
    is_simulated = history.store.simulated
    earlier = history.summaries(*earlier_range(period.first))
    if period.kind == "day":
        day = recorded_day(history, period.first)
        return day_report(day, earlier, is_simulated=is_simulated, least_min=least_min, pictures=pictures)
    summaries = history.summaries(period.first, period.last)
    days = _days(history, period, on_progress) if len(period.dates) <= MOST_DAYS_READ else []
    if not days and not any(summary.values.get("worn") for summary in summaries.values()):
        raise NoData(
            f"Nothing is recorded from {period.first} to {period.last} in {history.store.path}: name another day."
        )
    return period_report(
        period.title,
        period.kind,
        str(history.tz),
        summaries,
        days,
        earlier,
        is_simulated=is_simulated,
        least_min=least_min,
        pictures=pictures,
    )


def _days(history: History, period: Period, on_progress: Progress | None) -> list[Day]:
    dates, days = period.dates, []
    for done, wanted in enumerate(dates):
        if on_progress:
            on_progress(done, len(dates))
        day = history.day(wanted)
        if has_data(day):
            days.append(day)
    return days
