"""`unslouch prune`: deletes the days that are older than you want to keep."""

import argparse
import time
from datetime import timedelta

from unslouch.errors import ExitCode, NoData

EPILOG = """\
Works like `unslouch delete` on all days before a date.

examples:
  unslouch prune --keep 365          keep the last 365 days and today
  unslouch prune --before 2025-01-01
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from .arguments import whole_number
    from .deleting import add_deletion_arguments

    parser.description = "Delete all days before a date, so that nothing of them is left."
    parser.epilog = EPILOG
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--keep", type=whole_number(1, 36_500), metavar="DAYS", help="keep so many days before today")
    which.add_argument("--before", metavar="DAY", help="delete the days before YYYY-MM-DD")
    add_deletion_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.analysis.deletion import recorded_days
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import zone

    from .databases import open_database, store_what_waits
    from .days import check_days, named_day
    from .deleting import delete_days

    check_days(args.before)
    tz = zone(args.timezone)
    store_what_waits(args.db, args.demo)
    with open_database(args.db, args.demo, for_writing=True) as store:
        history = History(store, tz)
        current = history.current_date(time.time_ns() // 1_000_000)
        before = current - timedelta(days=args.keep) if args.before is None else named_day(args.before, current)
        days = recorded_days(history)
        if days is None or days[0] >= before:
            raise NoData(f"Nothing is recorded before {before} in {store.path}, so there is nothing to delete.")
        return delete_days(args, store, days[0], min(days[1], before - timedelta(days=1)))
