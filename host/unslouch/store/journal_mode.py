"""Journal mode: a write-ahead log, or a rollback journal where the drive has no shared memory.

A write-ahead log lets readers and a writer work side by side, but it needs memory that processes share, which FUSE and
network drives (NFS, SMB, 9p) may lack. There the pragma still answers `wal` and the next statement fails. With a
rollback journal reading and storing wait for each other, and a warning says so.
"""

import logging
import sqlite3
from pathlib import Path

from .database_file import beside, connect, connect_and_read
from .drives import has_shared_memory, is_network_drive
from .faults import SHARED_MEMORY, error_code
from .schema import check, is_empty

log = logging.getLogger(__name__)

_warned: set[Path] = set()
"""The databases of which a warning was given: one in each process is enough."""


def with_journal(connection: sqlite3.Connection, path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Return a connection with a write-ahead log, or with a rollback journal where the drive has no shared memory.

    It is the given connection, or else that one is closed. Raises sqlite3.Error.
    """
    folder = path.resolve().parent
    is_wal = _journal_mode(connection) == "wal"
    if is_wal and is_network_drive(folder):
        connection = _without_wal(connection, path, busy_timeout_s)
    elif is_wal or has_shared_memory(folder):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            is_empty(connection)
        except sqlite3.Error as error:
            if not lacks_shared_memory(path, error):
                raise
            connection = _without_wal(connection, path, busy_timeout_s)
    if _journal_mode(connection) == "wal":
        # NORMAL syncs at checkpoints only. A killed process loses nothing; a power cut can take back the last
        # transactions as a whole (https://www.sqlite.org/wal.html#performance_considerations), and as the cursor is
        # derived from the pages, the sensor is then asked for them again.
        connection.execute("PRAGMA synchronous = NORMAL")
    else:
        connection.execute("PRAGMA synchronous = FULL")
        _warn_of_rollback_journal(path)
    return connection


def _without_wal(connection: sqlite3.Connection, path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    connection.close()
    leave_wal(path, busy_timeout_s)
    return connect_and_read(path, "rw", busy_timeout_s)


def _journal_mode(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def leave_wal(path: Path, busy_timeout_s: float) -> None:
    """Take in what a write-ahead log still holds and go over to a rollback journal, all without shared memory.

    A connection that holds the file alone needs none (https://www.sqlite.org/wal.html#noshm).
    """
    connection = connect(path, "rw", busy_timeout_s)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        if not is_empty(connection):
            check(connection, str(path), None)
        connection.execute("PRAGMA journal_mode = DELETE")
        beside(path, "-shm").unlink(missing_ok=True)
    finally:
        connection.close()
    _warn_of_rollback_journal(path)


def lacks_shared_memory(path: Path, error: sqlite3.Error) -> bool:
    """Return whether an error means that the drive of a database has no shared memory."""
    code = error_code(error)
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:
        return not has_shared_memory(path.resolve().parent)
    return code in SHARED_MEMORY


def _warn_of_rollback_journal(path: Path) -> None:
    if path not in _warned:
        _warned.add(path)
        log.warning(
            "The drive of %s has no shared memory, as on a network or FUSE drive: reading and storing wait for each "
            "other there, and nothing is lost by it. A file on a local drive is faster; choose one with --db.",
            path,
        )
