"""Connections: a database opened for writing or for reading, whatever state its file and its drive are in."""

import logging
import sqlite3
from pathlib import Path

from unslouch.errors import NoData, StoreError

from .copies import check_integrity, check_now_and_then, copy_database, migration_copy
from .database_file import connect, connect_and_read, create_private, is_closed, is_writable, make_private
from .deletion import erase, is_erasing
from .faults import SHARED_MEMORY, error_code, explained
from .identity import Identity, identify
from .journal_mode import lacks_shared_memory, leave_wal, with_journal
from .schema import check, is_current, is_empty, migrate, pragma

log = logging.getLogger(__name__)


def connect_writer(path: Path, simulated: bool | None, busy_timeout_s: float) -> sqlite3.Connection:
    """Open a database for writing, as schema.check() and migrate() describe; create it if it is missing.

    Raises StoreError. A file that is not the database that is asked for is left as it was, its mode included.
    """
    identity = identify(path, simulated)
    if identity is Identity.MISSING:
        create_private(path)
    elif identity is Identity.OURS:
        make_private(path)
    with explained(str(path)):
        connection = _connect_recovered(path, "rw", busy_timeout_s)
        try:
            if not is_empty(connection):
                check(connection, str(path), simulated)
            if identity is Identity.BLANK:
                make_private(path)
            connection = with_journal(connection, path, busy_timeout_s)
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted or replaced is overwritten with zeros
            _secure_before_migration(connection, path)
            migrate(connection, simulated)
            # Another process may have created it as the other kind since.
            check(connection, str(path), simulated)
            check_now_and_then(connection, path)
            _finish_deletion(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _secure_before_migration(connection: sqlite3.Connection, path: Path) -> None:
    """Check an older database for damage and copy it, before it is migrated; raises StoreError, and nothing happens."""
    if is_empty(connection) or is_current(connection):
        return
    connection.execute("BEGIN")  # one snapshot: another program may migrate it meanwhile
    try:
        version = pragma(connection, "user_version")
        if is_current(connection):
            return
        check_integrity(connection, path)
        copy = migration_copy(path, version)
        copy_database(connection, path, copy)
    finally:
        connection.execute("ROLLBACK")
    log.info("The database is migrated; a copy of the old one is %s.", copy)


def _finish_deletion(connection: sqlite3.Connection, path: Path) -> None:
    """Take the second step of a deletion that was ended before it; if it can't be done now, the next start does it."""
    if is_erasing(connection):
        try:
            erase(connection, path)
        except StoreError as error:
            log.warning("%s", error)


def connect_reader(path: Path, simulated: bool | None, busy_timeout_s: float) -> sqlite3.Connection:
    """Open a database for reading; one with an older schema is migrated, or a copy in memory if it can't be written.

    Raises NoData if it is missing or empty, StoreError if it can't be read or is not the one that is asked for.
    """
    if identify(path, simulated) is Identity.MISSING:
        raise NoData(
            f"Nothing has been recorded yet: {path} doesn't exist; run `{_recording_command(simulated)}` first."
        )
    with explained(str(path)):
        connection = _connect_any_reader(path, busy_timeout_s)
        try:
            if is_empty(connection):
                raise NoData(
                    f"Nothing has been recorded yet: {path} is empty; run `{_recording_command(simulated)}` first."
                )
            check(connection, str(path), simulated)
            if is_current(connection):
                return connection
            if not _is_migrated(path, simulated, busy_timeout_s):
                return _migrated_copy(connection)
        except BaseException:
            connection.close()
            raise
    connection.close()
    return connect_reader(path, simulated, busy_timeout_s)


def _recording_command(simulated: bool | None) -> str:
    return "unslouch --demo" if simulated else "unslouch record"


def _is_migrated(path: Path, simulated: bool | None, busy_timeout_s: float) -> bool:
    """Migrate a database if it can be written; a full drive or a long write of another process prevents it, too."""
    if not is_writable(path) or not is_writable(path.resolve().parent):
        return False
    try:
        connect_writer(path, simulated, busy_timeout_s).close()
    except StoreError as error:
        log.warning("the database stays at its older schema for now: %s", error)
        return False
    return True


def _migrated_copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in memory with the current schema, and close the connection that was given."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        connection.backup(copy)
        migrate(copy, None)
        copy.execute("PRAGMA query_only = ON")
    except BaseException:
        copy.close()
        raise
    connection.close()
    return copy


def _connect_any_reader(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    # Without write access to the folder SQLite can't make the -shm that a WAL database needs, and nobody else writes.
    if is_closed(path) and not is_writable(path.resolve().parent):
        return connect(path, "ro&immutable=1", busy_timeout_s)
    try:
        return _connect_recovered(path, "ro", busy_timeout_s)
    except sqlite3.Error as error:
        if error_code(error) in SHARED_MEMORY and is_closed(path):
            return connect(path, "ro&immutable=1", busy_timeout_s)  # it may not be written, so it is read as it is
        if error_code(error) & 0xFF == sqlite3.SQLITE_CANTOPEN and not is_closed(path):
            raise _not_closed(path) from error
        raise


def _connect_recovered(path: Path, mode: str, busy_timeout_s: float) -> sqlite3.Connection:
    """Connect and read once.

    A reader can neither roll back an unfinished transaction nor give up a write-ahead log. Then a writer does it first.
    """
    try:
        return connect_and_read(path, mode, busy_timeout_s)
    except sqlite3.Error as error:
        try:
            if lacks_shared_memory(path, error):
                leave_wal(path, busy_timeout_s)
            elif error_code(error) == sqlite3.SQLITE_READONLY_ROLLBACK:
                connect_and_read(path, "rw", busy_timeout_s).close()
            else:
                raise
        except sqlite3.Error as also:
            if error_code(also) & 0xFF == sqlite3.SQLITE_BUSY:
                raise  # this passes, so it is the error to report
            raise error from also
        return connect_and_read(path, mode, busy_timeout_s)


def _not_closed(path: Path) -> StoreError:
    return StoreError(
        f"{path} was not closed properly, and its folder is read-only, so what was stored last can't be read. Make the "
        f"folder writable, or copy {path.name} and {path.name}-wal to one that is."
    )
