"""Progress: which step of an exercise the wearer does, and which exercises are left out because they hurt.

`PROGRESS_TABLE` is part of a released schema: never change it, but append a migration to `schema.MIGRATIONS`.
"""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from .transactions import read_all, transaction

PROGRESS_TABLE = (
    """CREATE TABLE exercise_progress (
        exercise TEXT PRIMARY KEY,
        step INTEGER,
        left_out_utc_ms INTEGER
    ) WITHOUT ROWID""",
)


class ExerciseProgress(NamedTuple):
    """Where the wearer is with one exercise."""

    exercise: str
    """Its key in the coach's catalogue."""
    step: int | None = None
    """The index of the step, None for the one that the catalogue begins with."""
    left_out_utc_ms: int | None = None
    """When it hurt, None if it may be offered."""


class Progress:
    """The wearer's progress in an open database. Every method raises StoreError if the database can't be used."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def all(self) -> dict[str, ExerciseProgress]:
        """Return the progress of every exercise that has one, by the exercise's key."""
        query = "SELECT exercise, step, left_out_utc_ms FROM exercise_progress ORDER BY exercise"
        rows = read_all(self._connection, self._path, query)
        return {row[0]: ExerciseProgress(*row) for row in rows}

    def left_out(self) -> frozenset[str]:
        """Return the exercises that are left out because they hurt."""
        return frozenset(key for key, progress in self.all().items() if progress.left_out_utc_ms is not None)

    def set_step(self, exercise: str, step: int) -> None:
        """Store the step that the wearer does from now on."""
        self._put(exercise, "step", step)

    def leave_out(self, exercise: str, utc_ms: int) -> None:
        """Leave an exercise out, from a time on, until allow() is called."""
        self._put(exercise, "left_out_utc_ms", utc_ms)

    def allow(self, exercise: str) -> bool:
        """Let an exercise be offered again; return whether it was left out."""
        if exercise not in self.left_out():
            return False
        self._put(exercise, "left_out_utc_ms", None)
        return True

    def _put(self, exercise: str, column: str, value: int | None) -> None:
        with transaction(self._connection, self._path):
            self._connection.execute(
                f"INSERT INTO exercise_progress (exercise, {column}) VALUES (?, ?) "
                f"ON CONFLICT (exercise) DO UPDATE SET {column} = excluded.{column}",
                (exercise, value),
            )
