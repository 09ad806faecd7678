"""Transactions: reading and writing a database, with SQLite's errors in sentences."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .faults import explained

Value = int | str | bytes | None


def read_all(connection: sqlite3.Connection, path: Path, query: str, *values: Value) -> list[Any]:
    """Return all rows of a query; raises StoreError."""
    with explained(str(path)):
        return connection.execute(query, values).fetchall()


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Make all writes inside happen together or not at all; raises StoreError."""
    with explained(str(path)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            # After a full disk SQLite may have rolled back itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
