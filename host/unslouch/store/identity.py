"""Identity: whether a path is a database of ours, found out without changing anything there.

A file that turns out to belong to somebody else keeps its bytes, its mode and its neighbours: it is read, never opened
for writing, and SQLite sees it only as an immutable file, for which it makes no -wal and -shm.

Only SQLite opens the file. When a process closes any descriptor of a file, POSIX takes away all locks that the process
has on it, also those of its open connections; SQLite waits with that until its last connection has no lock any more
(https://www.sqlite.org/howtocorrupt.html, section 2.2). Without those locks another program takes the database for
closed, and removes the write-ahead log that this one still writes to.
"""

import os
import sqlite3
import stat
from contextlib import closing
from enum import Enum, auto
from pathlib import Path

from unslouch.errors import StoreError

from .faults import explained
from .schema import check_stamps, is_empty, pragma

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Identity(Enum):
    """What a path is, as far as the file itself shows."""

    MISSING = auto()
    BLANK = auto()
    """An empty file, or a database in which nothing has been created, as far as its main file says."""
    OURS = auto()


def identify(path: Path, simulated: bool | None) -> Identity:
    """Return what a path is; raises StoreError with the reason if it can't be the database that is asked for.

    simulated: the kind that is asked for, None for either.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return Identity.MISSING
    except OSError as error:
        raise cannot_open(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(_no_file(path, status.st_mode))
    if not status.st_size:
        return Identity.BLANK
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise cannot_open(path, PermissionError())
    kind, version, has_tables = _stamps(path)
    # One write to page 1 stamps a database and creates its tables, so either both are there or neither is.
    if not kind and not has_tables:
        return Identity.BLANK
    check_stamps(kind, version, str(path), simulated)
    return Identity.OURS


def cannot_open(path: Path, error: OSError) -> StoreError:
    """Return the error for a path that the system doesn't let us open."""
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        file = next((folder for folder in path.parents if folder.is_file()), path.parent)
        return StoreError(f"{path} can't exist, because {file} is a file, not a folder: choose another file with --db.")
    if isinstance(error, PermissionError):
        return StoreError(
            f"{path} can't be opened: you may not read it, or not enter its folder. Change the permissions, or choose "
            "another file with --db."
        )
    return StoreError(f"{path} can't be opened ({error.strerror}): choose another file with --db.")


def _no_file(path: Path, mode: int) -> str:
    kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), "no ordinary file")
    if stat.S_ISDIR(mode):
        return f"{path} is {kind}, and the database is a file: name one with --db, like {path / 'posture.db'}."
    return f"{path} is {kind}, and the database is a file: choose a file with --db."


def _stamps(path: Path) -> tuple[int, int, bool]:
    """Return the application id and the schema's version of a database, and whether an unstamped one has tables."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with explained(str(path)), closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        # Without this SQLite calls a file damaged that is shorter than its header says, as it is in the middle of a
        # checkpoint: https://www.sqlite.org/src/file/src/btree.c, lockBtree.
        connection.execute("PRAGMA writable_schema = ON")
        kind = pragma(connection, "application_id")
        return kind, pragma(connection, "user_version"), not kind and not is_empty(connection)
