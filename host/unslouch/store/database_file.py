"""The database's file: connections to it, its mode, and what SQLite keeps beside it."""

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from unslouch.errors import StoreError
from unslouch.files import make_folder

from .identity import cannot_open
from .schema import is_empty

log = logging.getLogger(__name__)


def connect(path: Path, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    """Connect in a mode of SQLite's URIs (https://www.sqlite.org/uri.html); this reads nothing yet."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )


def connect_and_read(path: Path, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    """Connect and read once, so that what SQLite can't work with is met now; raises sqlite3.Error."""
    connection = connect(path, mode, busy_timeout_s)
    try:
        is_empty(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def create_private(path: Path) -> None:
    """Create a database file and its folder for their owner's eyes only; raises StoreError.

    SQLite gives its -wal and -shm files the mode of the database (https://www.sqlite.org/src/file/src/os_unix.c,
    findCreateFileMode), so the mode has to be right before SQLite sees the file.
    """
    try:
        make_folder(path.parent)
        # Only a new file: closing one that exists takes this process's locks on it away, see `identity`.
        with suppress(FileExistsError):
            os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except (FileExistsError, NotADirectoryError) as error:  # what should be a folder is a file
        raise cannot_open(path, error) from error
    except OSError as error:
        raise _not_writable(path, error.strerror) from error


def make_private(path: Path) -> None:
    """Take a database out of other users' sight; raises StoreError if it can't be written at all."""
    if not is_writable(path):
        raise _not_writable(path, "it is read-only")
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError:
        log.debug("The drive of %s keeps no modes.", path)  # like FAT, whose modes belong to the mount


def _not_writable(path: Path, reason: str | None) -> StoreError:
    return StoreError(
        f"{path} can't be opened for writing ({reason}): make the file and its folder writable, or choose another file "
        "with --db."
    )


def is_writable(path: Path) -> bool:
    """Return whether this user may write to a file or folder, on a drive that takes writes."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def is_closed(path: Path) -> bool:
    """Return whether nothing lies beside a database that belongs to it and is not in it yet."""
    return not any(file.is_file() and file.stat().st_size for file in (beside(path, "-wal"), beside(path, "-journal")))


def beside(path: Path, suffix: str) -> Path:
    """Return the path of a file that SQLite keeps beside a database."""
    file = path.resolve()
    return file.with_name(file.name + suffix)
