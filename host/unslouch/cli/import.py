"""`unslouch import`: brings exported logs back into the database."""

import argparse
from pathlib import Path

from unslouch.errors import ExitCode

EPILOG = """\
Records that the database has already, from the sensor or from an earlier import, stay as they are, so importing twice
changes nothing. What the sensor sends later takes the place of what was imported. CSV holds one table; JSON, JSON Lines
and a folder of Parquet files hold whole days. A file whose SHA-256 is another one than when it was exported is refused.

examples:
  unslouch import unslouch-2025-03-14.json
  unslouch import posture/            a folder of Parquet files
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from .arguments import add_database_argument

    parser.description = "Bring logs that `unslouch export` has written back into the database."
    parser.epilog = EPILOG
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV, JSON, JSON Lines or Parquet")
    parser.add_argument("--with-deleted", action="store_true", help="bring back what you have deleted, too")
    parser.add_argument(
        "--with-changed", action="store_true", help="import a file even if it was changed after it was exported"
    )
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="import into the simulated wearer's days instead"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.importing.importer import check_log, import_log
    from unslouch.store import Store

    from .console import log_line
    from .databases import database
    from .numbers import counted

    path, kind = database(args.db, args.demo)
    if not path.exists():
        for file in args.files:  # so that no empty database is made for what is no log
            check_log(file)
    with Store.open(path, simulated=kind) as store:
        for file in args.files:
            imported = import_log(store, file, with_deleted=args.with_deleted, with_changed=args.with_changed)
            records = imported.records
            line = f"{file}: {counted(records.added, 'new record')}"
            line += f", {records.known:,} known already" if records.known else ""
            words = f", {imported.words:,} new marks, notes, sessions and answers to the coach"
            line += words if imported.words else ""
            log_line(f"{line}.")
            if not imported.was_checked:
                log_line(f"{file} has no SHA-256 and no manifest beside it: whether it was changed is unknown.")
            if records.deleted:
                log_line(
                    f"{records.deleted:,} of its records were left out, because you have deleted them; --with-deleted "
                    "brings them back."
                )
    return ExitCode.OK
