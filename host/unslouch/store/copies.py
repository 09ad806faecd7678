"""Copies: whole databases in one private file each, made while the database is in use, and put back.

copy_database()   writes a checked copy, in one step
restore()         makes a database what a copy holds
copies_of()       lists the copies that still exist, so that a deletion can name them
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from unslouch.errors import StoreError
from unslouch.files import TEMPORARY_PREFIX

from .database_file import beside, connect
from .faults import explained

Progress = Callable[[int, int], None]
"""Is called with how many pages of how many are copied."""

_PAGES_AT_ONCE = 2048
_CHECK_DAYS = 7


def check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError if a database is damaged. This reads all of it."""
    with explained(str(path)):
        problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise _damaged(path, str(problem).splitlines()[-1])


class DamagedDatabase(StoreError):
    """A database in which SQLite's own check finds faults."""


def is_damage(error: StoreError) -> bool:
    """Return whether an error means that a database of ours is damaged."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0)
    return isinstance(error, DamagedDatabase) or code & 0xFF == sqlite3.SQLITE_CORRUPT


def _damaged(path: Path, problem: str) -> StoreError:
    return DamagedDatabase(
        f"{path} is damaged ({problem}) and was left as it is: run `unslouch restore` with a backup of it, or move it "
        "aside; a new one is filled with all that the sensor still holds."
    )


def check_now_and_then(connection: sqlite3.Connection, path: Path) -> None:
    """Check a database for damage if the last check is a week ago; raises StoreError if it is damaged."""
    today = int(time.time() // 86_400)
    checked = connection.execute("SELECT number FROM revision WHERE name = 'checked_day'").fetchone()[0]
    if abs(today - checked) < _CHECK_DAYS:
        return
    check_integrity(connection, path)
    with suppress(sqlite3.OperationalError):  # another program writes; then the next start checks again
        connection.execute("UPDATE revision SET number = ? WHERE name = 'checked_day'", (today,))


def copy_database(source: sqlite3.Connection, path: Path, target: Path, progress: Progress | None = None) -> None:
    """Write the database at path, which source is connected to, into a private file, which is replaced in one step.

    The copy is one file, in no journal mode that needs others, and is checked for damage. Other programs may go on
    writing; the copy holds what was stored when it began. Raises StoreError.
    """
    with _temporary(target) as temporary:
        with explained(str(target)), closing(sqlite3.connect(temporary, isolation_level=None)) as copy:
            source.backup(copy, pages=_PAGES_AT_ONCE, progress=_reported(progress))
            copy.execute("PRAGMA journal_mode = DELETE")
            check_integrity(copy, path)
        _sync(temporary)
        try:
            temporary.replace(target)
        except OSError as error:
            raise _not_written(target, error) from error


def _reported(progress: Progress | None) -> Callable[[int, int, int], None] | None:
    if progress is None:
        return None
    return lambda status, remaining, total: progress(total - remaining, total)


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Give the path of an empty private file beside a target, which is removed at the end if it is still there."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, suffix=".db", dir=target.parent)
    except OSError as error:
        raise _not_written(target, error) from error
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
    finally:
        for file in (temporary, *(beside(temporary, suffix) for suffix in ("-wal", "-shm", "-journal"))):
            with suppress(OSError):
                file.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _not_written(target: Path, error: OSError) -> StoreError:
    reason = (error.strerror or str(error)).lower()
    return StoreError(f"{target} can't be written ({reason}): choose another place for the copy.")


def migration_copy(path: Path, version: int) -> Path:
    """Return where the copy of a database is that was made before its schema of that version was migrated."""
    return path.with_name(f"{path.stem}.schema-{version}{path.suffix}")


def migration_copies(path: Path) -> list[Path]:
    """Return the copies that were made before migrations and still exist."""
    return sorted(path.parent.glob(f"{path.stem}.schema-*{path.suffix}"))


def remember_backup(connection: sqlite3.Connection, backup: Path) -> None:
    """Keep in a database where a backup of it was written, so that a deletion can name it."""
    made_utc_ms = int(datetime.now(UTC).timestamp() * 1000)
    connection.execute("INSERT OR REPLACE INTO backup VALUES (?, ?)", (str(backup.resolve()), made_utc_ms))


def backups(connection: sqlite3.Connection) -> list[Path]:
    """Return the backups of a database that still exist."""
    rows = connection.execute("SELECT path FROM backup ORDER BY made_utc_ms").fetchall()
    return [path for path in (Path(row[0]) for row in rows) if path.exists()]


def put_back(copy: Path, path: Path, busy_timeout_s: float, progress: Progress | None = None) -> None:
    """Make an existing database what a checked copy holds, in one transaction, while others may have it open.

    Raises StoreError; then the database is as it was.
    """
    with (
        explained(str(path)),
        closing(connect(copy, "ro", busy_timeout_s)) as source,
        closing(connect(path, "rw", busy_timeout_s)) as target,
    ):
        source.backup(target, pages=-1, progress=_reported(progress))


def name_beside(path: Path, what: str, now: datetime) -> Path:
    """Return a name that is free beside a database, like posture.damaged-20260302T140500Z.db."""
    name = f"{path.stem}.{what}-{now:%Y%m%dT%H%M%SZ}"
    free, number = path.with_name(f"{name}{path.suffix}"), 1
    while free.exists():
        number += 1
        free = path.with_name(f"{name}-{number}{path.suffix}")
    return free


def move_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged database and what lies beside it; return its new path."""
    aside = name_beside(path, "damaged", now)
    try:
        for suffix in ("-wal", "-shm", "-journal", ""):
            file = beside(path, suffix)
            if file.exists():
                file.rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise _not_written(aside, error) from error
    return aside
