"""Faults: what SQLite reports, in a sentence that says what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from unslouch.errors import StoreError

_SENTENCES = {
    sqlite3.SQLITE_BUSY: "{name} is locked by another program: close what holds it and try again; nothing was changed.",
    sqlite3.SQLITE_READONLY: "{name} can't be written: its file or folder is read-only. Make both writable, or choose "
    "another file with --db.",
    sqlite3.SQLITE_CANTOPEN: "{name} can't be opened: see that its folder exists and that you may read and write it.",
    sqlite3.SQLITE_FULL: "The disk is full: {name} took nothing of the last records. Free some space; the sensor keeps "
    "them and sends them again.",
    sqlite3.SQLITE_IOERR: "The disk under {name} failed or is full ({reason}): the last records weren't stored. The "
    "sensor keeps them and sends them again.",
    sqlite3.SQLITE_CORRUPT: "{name} is damaged ({reason}) and was left as it is. Move it aside and start again: a new "
    "one is filled with all that the sensor still holds.",
    sqlite3.SQLITE_NOTADB: "{name} is no database, or is damaged, and was left as it is. Move it aside, or choose "
    "another file with --db.",
}
_SENTENCES[sqlite3.SQLITE_LOCKED] = _SENTENCES[sqlite3.SQLITE_BUSY]
_SENTENCES[sqlite3.SQLITE_PERM] = _SENTENCES[sqlite3.SQLITE_CANTOPEN]


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raise StoreError, with a sentence about the file of that name, in place of SQLite's errors."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the primary code: https://www.sqlite.org/rescode.html
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        sentence = _SENTENCES.get(code, "{name} can't be used: {reason}.")
        raise StoreError(sentence.format(name=name, reason=error)) from error
