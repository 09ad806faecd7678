"""Restore: makes a database what a backup holds, without bringing back what was deleted since."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from unslouch.errors import NoData, StoreError
from unslouch.files import make_folder

from .connection import connect_writer
from .copies import (
    DamagedDatabase,
    Progress,
    check_integrity,
    copy_database,
    is_damage,
    migration_copies,
    move_aside,
    name_beside,
    put_back,
    remember_backup,
)
from .database_file import connect, create_private
from .deletion import Deletion, SequenceRange, delete, erase
from .identity import Identity, identify
from .schema import NewerSchema
from .transactions import read_all, transaction

_BUSY_TIMEOUT_S = 5.0
_NAME_A_BACKUP = "name a file that `unslouch backup` has written."


class Restored(NamedTuple):
    """What a restoration did."""

    kept: Path | None
    """Where the former database is now; None if there was none."""
    deleted: int
    """The records of the backup that were left out because they had been deleted since."""


class _DeletedRow(NamedTuple):
    """A row of the table `deleted`."""

    sequences: SequenceRange
    start_utc_ms: int | None
    end_utc_ms: int | None


class FormerState(Enum):
    """What there is at a path before a restoration."""

    MISSING = auto()
    SOUND = auto()
    DAMAGED = auto()


class _Former(NamedTuple):
    """What is known of the database before a restoration."""

    state: FormerState
    deleted: list[_DeletedRow]
    deletions: int
    """Its revision of the deletions."""


def restore(
    backup: Path, path: Path, *, simulated: bool | None, with_deleted: bool = False, progress: Progress | None = None
) -> Restored:
    """Make the database at a path what a backup holds, of this or an earlier schema.

    The former database is kept beside it under another name, whole or damaged. What was deleted from it stays deleted,
    unless with_deleted. Whatever happens, the path has either the old or the new content. Raises StoreError, and NoData
    for a backup that is missing or empty.
    """
    now = datetime.now(UTC)
    check_backup(backup, path, simulated)
    kept = name_beside(path, "before-restore", now)
    former = _former(path, simulated, kept)
    if with_deleted:
        former = former._replace(deleted=[])
    new = path.with_name(f"{path.stem}.restoring{path.suffix}")
    with closing(connect(backup, "ro", _BUSY_TIMEOUT_S)) as source:
        _check_integrity(source, backup)
        make_folder(path.parent)
        copy_database(source, backup, new, progress)
    try:
        copies = [backup, kept] if former.state is FormerState.SOUND else [backup]
        deleted = _prepare(new, simulated, former, copies)
        if former.state is FormerState.DAMAGED:
            kept = move_aside(path, now)
        if former.state is not FormerState.SOUND:
            create_private(path)
        put_back(new, path, _BUSY_TIMEOUT_S)
    finally:
        new.unlink(missing_ok=True)
    return Restored(None if former.state is FormerState.MISSING else kept, deleted)


def check_backup(backup: Path, path: Path, simulated: bool | None) -> None:
    """Raise StoreError unless a file can be a backup for the database at a path; NoData if it is missing or empty.

    simulated: the kind of wearer that is asked for, None for either.
    """
    try:
        identity = identify(backup, None)
    except NewerSchema:
        raise
    except StoreError as error:
        raise StoreError(f"{backup} {_why_no_backup(backup)}: {_NAME_A_BACKUP}") from error
    if identity is not Identity.OURS:
        what = "doesn't exist" if identity is Identity.MISSING else "is empty"
        raise NoData(f"{backup} {what}: {_NAME_A_BACKUP}")
    try:
        identify(backup, simulated)
    except StoreError as error:
        holds, remedy = ("real", "leave --demo out") if simulated else ("simulated", "add --demo")
        raise StoreError(f"{backup} is a backup of a {holds} wearer's days: {remedy} to restore them.") from error
    if backup.resolve() == path.resolve():
        raise StoreError(f"{path} can't be restored from itself: name a backup of it.")


def _why_no_backup(file: Path) -> str:
    with suppress(OSError):
        if file.is_dir():
            return "is a folder"
    return "is no database of unslouch, or is damaged" if os.access(file, os.R_OK) else "can't be read"


def _check_integrity(connection: sqlite3.Connection, backup: Path) -> None:
    """Call check_integrity() for a backup, of which there may be another one."""
    try:
        check_integrity(connection, backup)
    except StoreError as error:
        if not is_damage(error):
            raise
        raise DamagedDatabase(f"{backup} is damaged, and nothing was changed: restore another backup.") from error


def _former(path: Path, simulated: bool | None, kept: Path) -> _Former:
    """Return what is known of the present database; a sound one is copied to `kept`."""
    if identify(path, simulated) is not Identity.OURS:
        return _Former(FormerState.MISSING, [], 0)
    try:
        with closing(connect_writer(path, simulated, _BUSY_TIMEOUT_S)) as connection:
            check_integrity(connection, path)
            copy_database(connection, path, kept)
            rows = read_all(connection, path, "SELECT * FROM deleted")
            deletions = read_all(connection, path, "SELECT number FROM revision WHERE name = 'deletions'")[0][0]
    except StoreError as error:
        if is_damage(error):
            return _Former(FormerState.DAMAGED, [], 0)
        raise
    return _Former(FormerState.SOUND, [_DeletedRow(SequenceRange(*row[:3]), *row[3:]) for row in rows], deletions)


def _prepare(new: Path, simulated: bool | None, former: _Former, copies: list[Path]) -> int:
    """Migrate the copy, delete what was deleted since, and name the copies in it; return how many records went."""
    count = 0
    with closing(connect_writer(new, simulated, _BUSY_TIMEOUT_S)) as connection:
        with transaction(connection, new):
            for row in former.deleted:
                # A time of length 0 deletes no words but those of the records themselves.
                count += delete(connection, Deletion([row.sequences], row.start_utc_ms or 0, row.end_utc_ms or 0))
            for copy in copies:
                remember_backup(connection, copy)
            # Programs that have the database open see by this number that all of it has changed.
            connection.execute(
                "UPDATE revision SET number = number + ? WHERE name = 'deletions'", (former.deletions + 1,)
            )
        if former.deleted:
            erase(connection, new)
        connection.execute("PRAGMA journal_mode = DELETE")
    for copy in migration_copies(new):
        copy.unlink()
    return count
