"""`unslouch restore`: makes the database what a backup holds."""

import argparse
from pathlib import Path

from unslouch.errors import ExitCode, SensorBusy

EPILOG = """\
The present database is kept under another name beside it, whole or damaged. What you have deleted since the backup
stays deleted, unless you say --with-deleted. Backups of earlier versions of unslouch can be restored, too. What the
sensor still holds of the time since the backup is fetched anew.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from .arguments import add_database_argument

    parser.description = "Put a backup in the place of the database."
    parser.epilog = EPILOG
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that `unslouch backup` has written")
    parser.add_argument("--with-deleted", action="store_true", help="bring back what was deleted since the backup, too")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="restore the simulated wearer's days instead"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.owner import owners_storing_in
    from unslouch.store import Store
    from unslouch.store.restore import check_backup, restore

    from .console import log_line
    from .databases import database
    from .deleting import confirmed
    from .numbers import counted
    from .progress import Progress

    path, kind = database(args.db, args.demo)
    check_backup(args.file, path, kind)
    if owners_storing_in(path):
        raise SensorBusy(f"A program is recording into {path}: end `unslouch record` or the dashboard, and try again.")
    question = f"Replace {path} with what {args.file} holds? The present database is kept beside it. [y/N] "
    if path.exists() and not confirmed(args, question, "to replace the database"):
        log_line("Nothing was changed.")
        return ExitCode.OK
    progress = Progress()
    try:
        restored = restore(args.file, path, simulated=kind, with_deleted=args.with_deleted, progress=progress.show)
    finally:
        progress.end()
    with Store.open(path, simulated=None, readonly=True) as store:
        log_line(f"{path} holds {counted(store.records(), 'record')} now.")
    if restored.deleted:
        were = "record of the backup was" if restored.deleted == 1 else "records of the backup were"
        log_line(f"{restored.deleted:,} {were} left out, because you have deleted them since.")
    if restored.kept is not None:
        log_line(f"The database that was there is now {restored.kept}.")
    return ExitCode.OK
