"""Faults: what SQLite reports, in a sentence that says what happened and what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from unslouch.errors import StoreError

SHARED_MEMORY = {
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
"""The extended codes of a write-ahead log whose shared memory can't be had, as on FUSE and network drives.

The last one is also that of a full drive, which has no room for it.
"""

NO_DATABASE = (
    "{name} is no database, or is damaged, and was left as it is. Move it aside, or choose another file with --db."
)
_LOCKED = "{name} is locked by another program: close what holds it and try again; nothing was changed."
_NO_LOCKS = (
    "The drive under {name} can't lock files ({reason}), and without locks the database could be damaged: choose a "
    "file on another drive with --db."
)
_UNREADABLE = (
    "The drive under {name} can't be read ({reason}): see that it is still connected. What the sensor holds is kept."
)
_FAILED_OR_FULL = (
    "The drive under {name} failed or is full ({reason}): the last records weren't stored. The sensor keeps them and "
    "sends them again."
)
_READ_ONLY = (
    "{name} can't be written: its file or folder is read-only. Make both writable, or choose another file with --db."
)
_NOT_CLOSED = (
    "{name} was not closed properly, and its folder is read-only, so what was stored last can't be read. Make the "
    "folder writable, or copy {name} and the files beside it whose names begin like its own to a folder that is."
)
_NO_SHARED_MEMORY = (
    "The drive under {name} has no shared memory, as on a network or FUSE drive, and the database could not be changed "
    "to do without ({reason}). Close what uses it, or choose a file on another drive with --db."
)

# Extended codes come first, then the primary ones: https://www.sqlite.org/rescode.html
_SENTENCES = {
    **dict.fromkeys(SHARED_MEMORY, _NO_SHARED_MEMORY),
    **dict.fromkeys(
        (
            sqlite3.SQLITE_IOERR_LOCK,
            sqlite3.SQLITE_IOERR_UNLOCK,
            sqlite3.SQLITE_IOERR_RDLOCK,
            sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
            sqlite3.SQLITE_PROTOCOL,
            sqlite3.SQLITE_NOLFS,
        ),
        _NO_LOCKS,
    ),
    **dict.fromkeys(
        (
            sqlite3.SQLITE_IOERR_READ,
            sqlite3.SQLITE_IOERR_SHORT_READ,
            sqlite3.SQLITE_IOERR_FSTAT,
            sqlite3.SQLITE_IOERR_ACCESS,
            sqlite3.SQLITE_IOERR_MMAP,
            sqlite3.SQLITE_IOERR_SEEK,
        ),
        _UNREADABLE,
    ),
    **dict.fromkeys(
        (
            sqlite3.SQLITE_IOERR_WRITE,
            sqlite3.SQLITE_IOERR_FSYNC,
            sqlite3.SQLITE_IOERR_DIR_FSYNC,
            sqlite3.SQLITE_IOERR_TRUNCATE,
            sqlite3.SQLITE_IOERR_SHMSIZE,
        ),
        _FAILED_OR_FULL,
    ),
    **dict.fromkeys(
        (
            sqlite3.SQLITE_READONLY_ROLLBACK,
            sqlite3.SQLITE_READONLY_RECOVERY,
            sqlite3.SQLITE_READONLY_CANTINIT,
        ),
        _NOT_CLOSED,
    ),
    sqlite3.SQLITE_READONLY_DBMOVED: "{name} was moved or deleted while it was in use: start again. What the sensor "
    "still holds is stored anew.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "{name} can't be opened: see that its folder exists and that you may read and write it.",
    sqlite3.SQLITE_FULL: "The disk is full: {name} took nothing of the last records. Free some space; the sensor keeps "
    "them and sends them again.",
    sqlite3.SQLITE_NOMEM: "There is not enough memory to use {name}: close other programs and try again.",
    sqlite3.SQLITE_IOERR: "The drive under {name} reported an error ({reason}, {code}): see that it is connected and "
    "sound. The sensor keeps what was not stored and sends it again.",
    sqlite3.SQLITE_CORRUPT: "{name} is damaged ({reason}) and was left as it is: run `unslouch restore` with a backup "
    "of it, or move it aside; a new one is filled with all that the sensor still holds.",
    sqlite3.SQLITE_NOTADB: NO_DATABASE,
}
_OTHER = "{name} can't be used: {reason}."


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raise StoreError, with a sentence about the file of that name, in place of SQLite's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(sentence(name, error)) from error


def sentence(name: str, error: sqlite3.Error) -> str:
    """Return what an error of SQLite means for the file of that name."""
    extended = error_code(error)
    template = _SENTENCES.get(extended) or _SENTENCES.get(extended & 0xFF, _OTHER)
    code = getattr(error, "sqlite_errorname", "no code")
    return template.format(name=name, reason=error, code=code)


def error_code(error: sqlite3.Error) -> int:
    """Return the extended code of an error; 0 for one of Python's own, such as the use of a closed connection."""
    return int(getattr(error, "sqlite_errorcode", 0))
