"""`unslouch export`: writes the posture log of a day or a range of days to a file."""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, ExitCode, NoData

from .arguments import add_database_argument

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.export.export_log import Written
    from unslouch.export.formats import Format
    from unslouch.export.pseudonym import Pseudonym
    from unslouch.export.writer import Contents

EXAMPLES = """\
examples:
  unslouch export                                  today, into ./unslouch-DATE.csv
  unslouch export --day yesterday --table summary  minutes in each state, slouches, alerts, coverage
  unslouch export --day 2025-03-14 --format json --output march-14.json
  unslouch export --from 2025-03-01 --to 2025-03-31 --table summary   one row for each day
  unslouch export --from 2025-01-01 --to today --format parquet       a folder for DuckDB, Polars or pyarrow
  unslouch export --from 2025-03-01 --to today --format parquet --pseudonym backs-2025   to give to a study
  unslouch export --output - | column -s, -t | less -S
  unslouch export --timezone America/New_York      days as they begin and end there
  unslouch export --describe                       what each table, column and metric means
  unslouch verify unslouch-2025-03-14.csv          whether a log is as it was exported
"""


class _Names:
    """Names that are looked up when they are needed: to import them takes longer than to parse a command line."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names = names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __contains__(self, name: object) -> bool:
        return name in set(self._names())


def _table_names() -> Iterable[str]:
    from unslouch.export.tables import TABLES

    return TABLES


def _format_names() -> Iterable[str]:
    from unslouch.export.formats import FORMATS

    return FORMATS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the posture log of a local day or of a range of days: one table as CSV or Parquet, or all of it as "
        "JSON, JSON Lines, an XLSX workbook or a FHIR bundle."
    )
    parser.epilog = EXAMPLES
    parser.add_argument(
        "--day",
        metavar="DAY",
        help="today (the default; for a simulated log the day of its last record), yesterday or YYYY-MM-DD",
    )
    parser.add_argument("--from", dest="first", metavar="DAY", help="first day of a range")
    parser.add_argument("--to", dest="last", metavar="DAY", help="last day of a range; default: today")
    parser.add_argument(
        "--format",
        choices=_Names(_format_names),
        metavar="FORMAT",
        help="csv, json, jsonl, parquet, xlsx or fhir; default: what --output ends in, or else csv",
    )
    parser.add_argument(
        "--table",
        choices=_Names(_table_names),
        metavar="TABLE",
        help="what a CSV or Parquet file holds: epochs (the default), summary, events, … (--describe lists them); "
        "a summary has one row for each metric, or for a range of days one row for each day",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="- for stdout; default: ./unslouch-DATE.csv, -summary.csv, .json, …",
    )
    parser.add_argument("--timezone", metavar="ZONE", help="like Europe/Berlin; default: this computer's")
    parser.add_argument(
        "--pseudonym",
        nargs="?",
        const="",
        metavar="STUDY",
        help="put pseudonyms in the place of sensors' ids and leave out names and notes; each STUDY gets its own",
    )
    parser.add_argument("--describe", action="store_true", help="print what each table, column and metric means")
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="read the simulated wearer's days instead"
    )


def run(args: argparse.Namespace) -> ExitCode:
    if args.describe:
        return _describe()
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import zone
    from unslouch.export.formats import format_of
    from unslouch.export.pseudonym import Pseudonym, own_key

    from .databases import demo_hint, open_database, store_what_waits
    from .progress import Progress

    tz = zone(args.timezone)
    _check_days(args)
    format = format_of(args.format, args.output)
    if args.table is not None and not (format.takes_table or format.may_take_table):
        raise BadInput(
            f"--table is for CSV, Parquet and JSON Lines; {format.name} holds its tables in one: leave it out."
        )
    _check_output(args, format)
    format.load()
    pseudonym = None if args.pseudonym is None else Pseudonym(own_key(), args.pseudonym)
    store_what_waits(args.db, args.demo)
    progress = Progress()
    try:
        with open_database(args.db, args.demo) as store:
            history = History(store, tz)
            contents = _contents(args, history, None if pseudonym is None else pseudonym.wearer)
            written = _export(args, history, contents, format, pseudonym, progress.show)
    except NoData as error:
        raise NoData(f"{error}{demo_hint(args.db, args.demo)}") from error
    finally:
        progress.end()
    _report(written, contents)
    return ExitCode.OK


def _check_days(args: argparse.Namespace) -> None:
    from .days import check_days, check_range

    check_days(args.day, args.first, args.last)
    check_range(args.first, args.last)
    if args.day is not None and (args.first or args.last):
        raise BadInput("--day names one day, --from and --to a range: give the one or the other.")
    if args.last is not None and args.first is None:
        raise BadInput("--to ends a range that needs --from, too: say where it begins.")


def _check_output(args: argparse.Namespace, format: "Format") -> None:
    """Raise BadInput or OutputError for a place that can't take the log, before days are read."""
    from unslouch.export.export_log import check_stream
    from unslouch.export.output import check_place

    is_range = args.first is not None
    if args.output == "-":
        check_stream(format, is_range)
    elif args.output:
        check_place(Path(args.output), is_folder=format.folder_for_range and is_range)


def _contents(args: argparse.Namespace, history: "History", wearer: str | None) -> "Contents":
    from unslouch.export.tables import TABLES
    from unslouch.export.writer import DEMO_WEARER, OWN_WEARER, Contents

    first, last = _named_days(args, history.current_date(time.time_ns() // 1_000_000))
    simulated = history.store.simulated
    return Contents(
        first,
        last,
        history.tz,
        table=TABLES[args.table] if args.table else None,
        is_range=args.first is not None,
        simulated=simulated,
        wearer=wearer or (DEMO_WEARER if simulated else OWN_WEARER),
        is_pseudonymous=wearer is not None,
    )


def _named_days(args: argparse.Namespace, today: date) -> tuple[date, date]:
    from .days import named_day, named_range

    if args.first is None:
        day = named_day(args.day or "today", today)
        return day, day
    if args.last is not None:
        return named_range(args.first, args.last, today)
    first = named_day(args.first, today)
    if first > today:
        raise BadInput(f"--from {first} is after {today}, where a range without --to ends: name an earlier day.")
    return first, today


def _export(
    args: argparse.Namespace,
    history: "History",
    contents: "Contents",
    format: "Format",
    pseudonym: "Pseudonym | None",
    on_progress: Callable[[int, int], None],
) -> "Written":
    from unslouch.export.export_log import default_path, export_to_file, export_to_stream

    from .console import emit_bytes

    if args.output == "-":
        return export_to_stream(history, contents, format, emit_bytes, pseudonym, on_progress)
    path = Path(args.output) if args.output else default_path(contents, format)
    return export_to_file(history, contents, format, path, pseudonym, on_progress)


def _report(written: "Written", contents: "Contents") -> None:
    """Say what was written where, and what limits the numbers of a single day."""
    from .console import log_line

    epochs = f"{written.epochs} epoch{'' if written.epochs == 1 else 's'}"
    if written.path is not None:
        days = f"{contents.first}"
        if contents.is_range:
            days += f" to {contents.last}"
            epochs = f"{written.days} recorded day{'' if written.days == 1 else 's'}, {epochs}"
        manifest = f" Its hash and summary are in {written.manifest}." if written.manifest else ""
        log_line(f"Wrote {days} ({contents.tz}, {epochs}) to {written.path}.{manifest}")
    for caveat in written.caveats:
        log_line(f"Note: {caveat}")


def _describe() -> ExitCode:
    from unslouch.export.dictionary import DictionaryRow, dictionary_rows

    from .console import emit_table

    emit_table(DictionaryRow._fields, list(dictionary_rows()))
    return ExitCode.OK
