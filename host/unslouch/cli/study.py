"""`unslouch study`: puts the exported days of many wearers into one table, and sums up the group."""

import argparse
import re
from pathlib import Path

from unslouch.errors import BadInput, ExitCode

from .arguments import day_hours, path

EXAMPLES = """\
examples:
  unslouch export --from 2025-03-01 --to today --format parquet --table summary --pseudonym backs-2025
                                           what each wearer exports and gives to the study
  unslouch study wearer-1 wearer-2         ./unslouch-study-days.csv and -group.csv
  unslouch study all --table epochs        compute the metrics from exported epochs
  unslouch study all --table epochs --engine spark://host:7077
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Read the Parquet that wearers have exported, and write one row for each wearer and day, and a summary of the "
        "group over valid days: all, weekdays and weekends."
    )
    parser.epilog = EXAMPLES
    parser.add_argument("folder", nargs="+", type=path, metavar="FOLDER", help="folders with wearer=…/date=…")
    parser.add_argument(
        "--table",
        choices=("summary", "epochs"),
        help="take exported summaries, or compute the metrics from epochs (default: summaries where there are any)",
    )
    parser.add_argument(
        "--engine",
        type=_engine,
        default="duckdb",
        metavar="ENGINE",
        help="where epochs are computed: duckdb, on this machine; spark, or spark://HOST:PORT (default: duckdb)",
    )
    parser.add_argument(
        "--valid-hours",
        type=day_hours,
        default=4.0,
        metavar="H",
        help="hours that must be valid for a day to be so (default: 4)",
    )
    parser.add_argument(
        "--output",
        type=path,
        default=Path("unslouch-study-days.csv"),
        metavar="FILE",
        help="CSV or .parquet, of the days",
    )
    parser.add_argument(
        "--group",
        type=path,
        default=Path("unslouch-study-group.csv"),
        metavar="FILE",
        help="where the group goes (default: ./unslouch-study-group.csv)",
    )


def _engine(text: str) -> str:
    if not re.fullmatch(r"duckdb|spark|spark://[^/\s:]+:\d+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no engine: write duckdb, spark or spark://HOST:PORT")
    return text


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.export.output import check_place
    from unslouch.study.group import DAYS, GROUP
    from unslouch.study.study import run_study

    from .console import log_line
    from .progress import Progress

    if args.output.resolve() == args.group.resolve():
        raise BadInput(f"--output and --group are both {args.output}: name two files.")
    check_place(args.output)
    check_place(args.group)
    bar = Progress()
    try:
        tables = run_study(
            args.folder,
            table=args.table,
            engine=args.engine,
            least_min=args.valid_hours * 60,
            on_progress=bar.show,
        )
    finally:
        bar.end()
    try:
        tables.write(DAYS, args.output)
        tables.write(GROUP, args.group)
        days, wearers = (
            tables.count("SELECT count(*) FROM days"),
            tables.count("SELECT count(DISTINCT wearer) FROM days"),
        )
    finally:
        tables.close()
    what = f"{days} day{'' if days == 1 else 's'} of {wearers} wearer{'' if wearers == 1 else 's'}"
    log_line(f"Wrote {what} to {args.output}, and the group to {args.group}.")
    return ExitCode.OK
