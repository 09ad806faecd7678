"""What `delete` and `prune` share: asking, deleting, and naming the copies that still hold what was deleted."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, ExitCode, NoData

from .numbers import counted

if TYPE_CHECKING:
    from unslouch.store import Store

SENSOR_HINT = (
    "The sensor's own journal may hold these records for about two weeks more, and does not send them again; "
    "`unslouch flash --wipe` erases it."
)


def add_deletion_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what both commands take."""
    from .arguments import add_database_argument

    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument("--timezone", metavar="ZONE", help="like Europe/Berlin; default: this computer's")
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="use the simulated wearer's days instead"
    )


def delete_days(args: argparse.Namespace, store: "Store", first: date, last: date) -> ExitCode:
    """Delete local days of an open database, from one to another, once the user has agreed."""
    from unslouch.analysis.deletion import deletion_of_days
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import zone

    deletion = deletion_of_days(History(store, zone(args.timezone)), first, last)
    count = sum(after - before for _, before, after in deletion.ranges)
    days = str(first) if first == last else f"{first} to {last}"
    window = deletion.start_utc_ms, deletion.end_utc_ms
    words = store.words.alert_marks(*window), store.words.notes(*window), store.words.sessions(*window)
    if not count and not any(words):
        if store.deleted_times(*window):
            raise NoData(f"The records of {days} were deleted from {store.path} already; there is nothing to delete.")
        raise NoData(f"Nothing is recorded for {days} in {store.path}; there is nothing to delete.")
    what = f"{counted(count, 'record')} of {days}, with your marks, notes and exercise sessions of that time"
    return _delete(args, store, what, lambda: store.delete(deletion))


def delete_all(args: argparse.Namespace, store: "Store") -> ExitCode:
    """Delete all that an open database holds, once the user has agreed."""
    from unslouch.analysis.deletion import recorded_days
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import local_day, to_utc_ms, zone

    tz = zone(args.timezone)
    days = recorded_days(History(store, tz))
    time = (
        (None, None) if days is None else (to_utc_ms(local_day(days[0], tz)[0]), to_utc_ms(local_day(days[1], tz)[1]))
    )
    what = f"all {counted(store.records(), 'record')}, and all your marks, notes and exercise sessions"
    return _delete(args, store, what, lambda: store.delete_everything(*time))


def _delete(args: argparse.Namespace, store: "Store", what: str, delete: Callable[[], int]) -> ExitCode:
    from unslouch.store.copies import migration_copies

    from .console import log_line

    if not confirmed(args, f"Delete {what}, from {store.path}? This can't be undone. [y/N] ", "to delete them"):
        log_line("Nothing was deleted.")
        return ExitCode.OK
    count = delete()
    copies = migration_copies(store.path)
    for copy in copies:
        copy.unlink()
        log_line(f"Removed {copy}, the copy from before a new unslouch changed the database.")
    _name_backups(store.backups())
    store.erase()
    log_line(f"Deleted {counted(count, 'record')} from {store.path}.")
    if not store.simulated:
        log_line(SENSOR_HINT)
    return ExitCode.OK


def _name_backups(backups: list[Path]) -> None:
    from .console import log_line

    for backup in backups:
        log_line(f"The copy {backup} may still hold what was deleted: remove it too, if you want that deleted.")


def confirmed(args: argparse.Namespace, question: str, purpose: str) -> bool:
    """Return whether the user agrees; raises BadInput where nobody can be asked."""
    from .console import ask, can_ask

    if args.yes:
        return True
    if not can_ask():
        raise BadInput(f"Nothing was changed, because there is no terminal to ask in: add --yes {purpose}.")
    return ask(question).lower() in ("y", "yes")
