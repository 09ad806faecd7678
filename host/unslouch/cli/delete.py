"""`unslouch delete`: deletes recorded days for good."""

import argparse
import time

from unslouch.errors import BadInput, ExitCode

EPILOG = """\
Records, and your marks, notes and exercise sessions of that time, are overwritten in the database and its side files.
Where they were, the log shows no data, named deleted, and a sensor that still has them does not bring them back.
The sensor's clock marks and calibrations stay as long as other days depend on them. Files that you have exported and
backups stay; the command names the backups it knows.

examples:
  unslouch delete --day 2025-03-14
  unslouch delete --from 2025-03-10 --to 2025-03-14
  unslouch delete --all
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from .deleting import add_deletion_arguments

    parser.description = "Delete recorded days, or all that was ever recorded, so that nothing of it is left."
    parser.epilog = EPILOG
    parser.add_argument("--day", metavar="DAY", help="today, yesterday or YYYY-MM-DD")
    parser.add_argument("--from", dest="first", metavar="DAY", help="the first of several days")
    parser.add_argument("--to", dest="last", metavar="DAY", help="the last of them")
    parser.add_argument("--all", action="store_true", help="everything that the database holds")
    add_deletion_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import zone

    from .databases import open_database, store_what_waits
    from .days import check_days, check_range, named_day, named_range
    from .deleting import delete_all, delete_days

    chosen = [args.day is not None, args.first is not None or args.last is not None, args.all]
    if sum(chosen) != 1:
        raise BadInput("Say what to delete: --day DAY, --from DAY with --to DAY, or --all.")
    if (args.first is None) != (args.last is None):
        raise BadInput("--from and --to go together: name the first and the last day to delete.")
    check_days(args.day, args.first, args.last)
    check_range(args.first, args.last)
    tz = zone(args.timezone)
    store_what_waits(args.db, args.demo)
    with open_database(args.db, args.demo, for_writing=True) as store:
        if args.all:
            return delete_all(args, store)
        current = History(store, tz).current_date(time.time_ns() // 1_000_000)
        if args.day is not None:
            day = named_day(args.day, current)
            return delete_days(args, store, day, day)
        return delete_days(args, store, *named_range(args.first, args.last, current))
