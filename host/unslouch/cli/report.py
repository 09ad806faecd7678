"""`unslouch report`: writes a day, week, month or year as one HTML file."""

import argparse
import time
from pathlib import Path

from unslouch.errors import ExitCode

from .arguments import add_database_argument, day_hours

EXAMPLES = """\
examples:
  unslouch report --open                 today, into ./unslouch-report-DATE.html, and open it in the browser
  unslouch report --day 2025-03-14
  unslouch report --week                 this week, from Monday to Sunday
  unslouch report --week 2025-03-14      the week of that day
  unslouch report --month yesterday      the month of that day
  unslouch report --year 2025-03-14 --output 2025.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write a report of a day, week, month or year as one HTML file, to read on any screen or to print. The file "
        "needs no network and no program but a browser."
    )
    parser.epilog = EXAMPLES
    span = parser.add_mutually_exclusive_group()
    day = "today, yesterday or YYYY-MM-DD"
    span.add_argument("--day", nargs="?", const="today", metavar="DAY", help=f"{day} (default: today)")
    for name in ("week", "month", "year"):
        span.add_argument(
            f"--{name}", nargs="?", const="today", metavar="DAY", help=f"the {name} of a day (default: today)"
        )
    parser.add_argument("--output", metavar="FILE", help="- for stdout; default: ./unslouch-report-PERIOD.html")
    parser.add_argument("--open", action="store_true", help="open the file in the browser")
    parser.add_argument(
        "--valid-hours",
        type=day_hours,
        default=4.0,
        metavar="H",
        help="hours that must be valid for a day to be so (default: 4)",
    )
    parser.add_argument("--timezone", metavar="ZONE", help="like Europe/Berlin; default: this computer's")
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="read the simulated wearer's days instead"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import zone
    from unslouch.coach.pictures import exercise_picture
    from unslouch.errors import BadInput
    from unslouch.export.output import check_place, write_file
    from unslouch.export.report.periods import default_name, period_named
    from unslouch.export.report.writer import write_report

    from .console import emit_bytes, log_line
    from .databases import open_database, store_what_waits
    from .days import check_days
    from .progress import Progress

    if args.open and args.output == "-":
        raise BadInput("A report that goes to stdout can't be opened: leave out --open or --output -.")
    tz = zone(args.timezone)
    kind = next((name for name in ("week", "month", "year") if getattr(args, name) is not None), "day")
    word = "today" if getattr(args, kind) is None else getattr(args, kind)
    check_days(word)
    if args.output not in (None, "-"):
        check_place(Path(args.output))
    store_what_waits(args.db, args.demo)
    bar = Progress()
    with open_database(args.db, args.demo, keeps_summaries=True) as store:
        history = History(store, tz)
        current = history.current_date(time.time_ns() // 1_000_000)
        period = period_named(kind, word, current)
        try:
            least_min = args.valid_hours * 60
            data = write_report(history, period, least_min=least_min, on_progress=bar.show, pictures=exercise_picture)
        finally:
            bar.end()
        name = default_name(period, is_demo=store.simulated)
    if args.output == "-":
        emit_bytes(data)
        return ExitCode.OK
    path = Path(args.output or name)
    write_file(path, data)
    log_line(f"Wrote the report of {period.title} to {path}.")
    if args.open:
        _open(path)
    return ExitCode.OK


def _open(path: Path) -> None:
    import webbrowser

    from .console import log_line

    if not webbrowser.open(path.resolve().as_uri()):
        log_line(f"No browser could be started: open {path} yourself.")
