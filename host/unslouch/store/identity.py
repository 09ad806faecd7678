"""Identity: whether a path is a database of ours, found out without changing anything there.

A file that turns out to belong to somebody else keeps its bytes, its mode and its neighbours: it is read, never opened
for writing, and SQLite sees it only as an immutable file, for which it makes no -wal and -shm.
"""

import sqlite3
import stat
from enum import Enum, auto
from pathlib import Path

from unslouch.errors import StoreError

from .faults import NO_DATABASE, explained
from .schema import check_stamps, is_empty

# https://www.sqlite.org/fileformat.html#the_database_header
_HEADER_BYTES = 100
_MAGIC = b"SQLite format 3\0"
_VERSION, _KIND = slice(60, 64), slice(68, 72)
"""The user version and the application id."""

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
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise StoreError(_no_file(path, mode))
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return Identity.MISSING
    except OSError as error:
        raise cannot_open(path, error) from error
    if not header:
        return Identity.BLANK
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise StoreError(NO_DATABASE.format(name=path))
    # One write to page 1 stamps a database and creates its tables, so either both are there or neither is.
    kind, version = (int.from_bytes(header[field], "big") for field in (_KIND, _VERSION))
    if not kind and not _has_tables(path):
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


def _has_tables(path: Path) -> bool:
    with explained(str(path)):
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            return not is_empty(connection)
        finally:
            connection.close()
