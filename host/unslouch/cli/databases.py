"""Databases of commands that read recorded days: which one it is, and what is still to be stored in it."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unslouch.store import Store


def database(db: Path | None, demo: bool) -> tuple[Path, bool | None]:
    """Return the path of the database that the arguments name, and its kind as Store.open() takes it."""
    from unslouch.store import default_path

    return db or default_path(simulated=demo), True if demo else None if db else False


def check_database(db: Path | None) -> None:
    """Raise StoreError if the user named a file that can't be a database, before there is anything to store."""
    from unslouch.store.identity import identify

    if db is not None:
        identify(db, None)


def open_database(db: Path | None, demo: bool, *, keeps_summaries: bool = False, for_writing: bool = False) -> "Store":
    """Open the database that the arguments name, for reading; without a path the wearer's own, or the demo's.

    keeps_summaries: let summaries that are computed be kept in it, if it can be written; for_writing: open it for
    writing. Raises NoData if it is missing or empty, and StoreError.
    """
    from unslouch.errors import StoreError
    from unslouch.store import Store

    path, kind = database(db, demo)
    if keeps_summaries and path.exists():
        try:
            return Store.open(path, simulated=kind)
        except StoreError:
            pass  # it can't be written; reading says what else is wrong
    store = Store.open(path, simulated=kind, readonly=True)
    if not for_writing:
        return store
    store.close()
    return Store.open(path, simulated=kind)


def store_what_waits(db: Path | None, demo: bool) -> None:
    """Have the programs that record into the database fetch what their sensors still hold; say what is missing."""
    from unslouch.errors import UnslouchError
    from unslouch.sensor.owner import owners_storing_in
    from unslouch.store import default_path

    from .console import log_line

    try:
        owners = owners_storing_in(db or default_path(simulated=demo))
    except UnslouchError:  # without a folder for sockets nobody shares a sensor
        return
    if not owners:
        return
    from unslouch.sensor.sharing.flush import flush_owners

    for flushed in flush_owners(owners):
        if flushed.missing:
            log_line(flushed.missing)


def demo_hint(db: Path | None, demo: bool) -> str:
    """Return a sentence that says where the demo's days are, if there are any."""
    from unslouch.errors import UnslouchError
    from unslouch.store import Store, default_path

    if db or demo:
        return ""
    try:
        with Store.open(default_path(simulated=True), simulated=True, readonly=True) as store:
            return " The demo's days are kept apart: add --demo to export one." if store.records() else ""
    except UnslouchError:
        return ""
