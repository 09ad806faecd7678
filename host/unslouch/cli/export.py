"""`unslouch export`: writes the posture log of a day to a file."""

import argparse
import time
from datetime import date
from pathlib import Path

from unslouch.errors import BadInput, ExitCode, NoData

from .arguments import add_database_argument

EXAMPLES = """\
examples:
  unslouch export                                  today, into ./unslouch-DATE.csv
  unslouch export --day yesterday --table summary  minutes in each state, slouches, alerts, coverage
  unslouch export --day 2025-03-14 --format json --output march-14.json
  unslouch export --output - | column -s, -t | less -S
  unslouch export --timezone America/New_York      days as they begin and end there
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the posture log of a local day: its 5 s epochs or its summary as CSV, or all of it as JSON."
    )
    parser.epilog = EXAMPLES
    parser.add_argument(
        "--day",
        type=_day,
        default="today",
        metavar="DAY",
        help="today (the default; for a simulated log the day of its last record), yesterday or YYYY-MM-DD",
    )
    parser.add_argument("--format", choices=("csv", "json"), help="default: what --output ends in, or else csv")
    parser.add_argument(
        "--table", choices=("epochs", "summary"), help="what a CSV file holds, default epochs; JSON holds both"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="- for stdout; default: ./unslouch-DATE.csv, -summary.csv or .json",
    )
    parser.add_argument("--timezone", metavar="ZONE", help="like Europe/Berlin; default: this computer's")
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="read the simulated wearer's days instead"
    )


def _day(word: str) -> str:
    from unslouch.analysis.zones import day_named

    try:
        day_named(word, date.today())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{word!r} is no day: write today, yesterday or YYYY-MM-DD") from error
    return word


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import day_named, zone
    from unslouch.export.daily_log import default_path, recorded_day, render
    from unslouch.export.output import write_file

    from .console import emit_bytes, log_line
    from .databases import demo_hint, open_database, store_what_waits

    tz = zone(args.timezone)
    format = args.format or ("json" if args.output and args.output.lower().endswith(".json") else "csv")
    if args.table is not None and format == "json":
        raise BadInput("--table is for CSV files; JSON holds both tables: leave it out, or write CSV.")
    table = args.table or "epochs"
    store_what_waits(args.db, args.demo)
    try:
        with open_database(args.db, args.demo) as store:
            history = History(store, tz)
            day = day_named(args.day, history.current_date(time.time_ns() // 1_000_000))
            recorded = recorded_day(history, day)
            simulated = store.simulated
            data = render(recorded, simulated=simulated, format=format, table=table)
    except NoData as error:
        raise NoData(f"{error}{demo_hint(args.db, args.demo)}") from error
    if args.output == "-":
        emit_bytes(data)
    else:
        default = default_path(day, demo=simulated, format=format, table=table)
        path = Path(args.output) if args.output else default
        write_file(path, data)
        epochs = f"{len(recorded.epochs)} epoch{'' if len(recorded.epochs) == 1 else 's'}"
        log_line(f"Wrote {day} ({recorded.timezone}, {epochs}) to {path}.")
    for caveat in recorded.caveats:
        log_line(f"Note: {caveat}")
    return ExitCode.OK
