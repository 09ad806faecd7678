"""`unslouch backup`: writes the database into one file that can be kept elsewhere."""

import argparse
from datetime import datetime
from pathlib import Path

from unslouch.errors import BadInput, ExitCode

EPILOG = """\
The file is a database of its own, readable by you alone, checked for damage, and complete up to this moment. Programs
that record go on meanwhile. `unslouch restore FILE` puts it back.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from .arguments import add_database_argument

    parser.description = "Write a copy of all that was recorded, with your marks, notes and exercise sessions."
    parser.epilog = EPILOG
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: ./unslouch-backup-DATE.db")
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="use the simulated wearer's days instead"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from .console import log_line
    from .databases import open_database, store_what_waits
    from .numbers import counted
    from .progress import Progress

    if args.file is not None:
        _check_new(args.file)
    store_what_waits(args.db, args.demo)
    with open_database(args.db, args.demo) as store:
        name = "unslouch-demo-backup" if store.simulated else "unslouch-backup"
        path = args.file or Path(f"{name}-{datetime.now():%Y-%m-%dT%H%M%S}.db")
        _check_new(path)
        progress = Progress()
        try:
            is_known = store.backup(path, progress.show)
        finally:
            progress.end()
        log_line(f"Wrote {counted(store.records(), 'record')} to {path}.")
        if not is_known:
            log_line(f"{store.path} can't be written, so `unslouch delete` will not know of this backup.")
    return ExitCode.OK


def _check_new(path: Path) -> None:
    """Raise BadInput if a backup can't be written to a path, or would replace something."""
    if path.exists():
        raise BadInput(f"{path} exists already: choose another name for the backup.")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"{path} can't be written, because its folder doesn't exist: name another place.")
