"""Schema: the tables of the database, and the migrations from older versions."""

import sqlite3

from unslouch.errors import StoreError

from .derived import DERIVED_TABLES
from .own_tables import COACH_TABLES, OWN_TABLES

WEARER_ID = 0x55507772  # "UPwr", PRAGMA application_id of a wearer's database
SIMULATED_ID = 0x5550736D  # "UPsm", of a simulated wearer's

# MIGRATIONS[n] holds the statements that turn version n (PRAGMA user_version) into version n + 1. Never change a
# released one: append another.
#
# page: the bytes of a journal page as they came, in `data`. The other columns are taken from them, to find the page by:
#   last_uptime_ms  where its last record ends
#   holds           bit 0: an epoch; bit n: an event of code n
# gap: sequences that the sensor dropped before any host fetched them.
# boot, event: see `derived`.
# alert_mark and others: see `own_tables`.
# summary: the metrics of a local day, as JSON; `fingerprint` stands for all that they were computed from.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE page (
            journal INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL,
            next_sequence INTEGER NOT NULL,
            boot INTEGER NOT NULL,
            base_uptime_ms INTEGER NOT NULL,
            last_uptime_ms INTEGER NOT NULL,
            holds INTEGER NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (journal, first_sequence)
        ) WITHOUT ROWID""",
        "CREATE INDEX page_by_time ON page (journal, boot, base_uptime_ms, last_uptime_ms, holds)",
        "CREATE INDEX page_with_clock ON page (journal, boot) WHERE holds & 4",
        """CREATE TABLE gap (
            journal INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL,
            next_sequence INTEGER NOT NULL,
            PRIMARY KEY (journal, first_sequence)
        ) WITHOUT ROWID""",
        """CREATE TABLE sensor (
            journal INTEGER PRIMARY KEY,
            device_id TEXT NOT NULL,
            board TEXT NOT NULL,
            firmware_version TEXT NOT NULL
        )""",
    ),
    (
        *DERIVED_TABLES,
        "DROP INDEX page_with_clock",
        """CREATE TABLE summary (
            zone TEXT NOT NULL,
            day TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            "values" TEXT NOT NULL,
            PRIMARY KEY (zone, day)
        ) WITHOUT ROWID""",
    ),
    OWN_TABLES,
    COACH_TABLES,
)


class NewerSchema(StoreError):
    """A database was written by a newer version of unslouch."""


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether nothing has been created in a database yet."""
    return not connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """Return the value of a numeric pragma."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def check(connection: sqlite3.Connection, name: str, simulated: bool | None) -> None:
    """Call check_stamps() with the application id and the schema version of a database."""
    check_stamps(pragma(connection, "application_id"), pragma(connection, "user_version"), name, simulated)


def check_stamps(kind: int, version: int, name: str, simulated: bool | None) -> None:
    """Raise StoreError unless a database is ours, of the kind that is asked for, and of a version that is known.

    kind: its application id; version: its schema; simulated: the kind that is asked for, None for either.
    """
    if kind not in (WEARER_ID, SIMULATED_ID):
        raise StoreError(f"{name} is a database of another program: choose another file with --db.")
    if simulated is not None and simulated != (kind == SIMULATED_ID):
        holds, asked_for = ("simulated", "real") if kind == SIMULATED_ID else ("real", "simulated")
        raise StoreError(
            f"{name} is the log of a {holds} wearer, and that of a {asked_for} one is kept apart from it: choose "
            "another file with --db."
        )
    if version > len(MIGRATIONS):
        raise NewerSchema(
            f"{name} was written by a newer unslouch (schema {version}; this one knows up to {len(MIGRATIONS)}): "
            "upgrade unslouch to use it."
        )


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether a database has the latest schema."""
    return pragma(connection, "user_version") == len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, simulated: bool | None) -> None:
    """Migrate to the latest schema in one transaction.

    An empty database becomes a simulated wearer's if simulated is True, and a real wearer's otherwise.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if is_empty(connection):
            connection.execute(f"PRAGMA application_id = {SIMULATED_ID if simulated else WEARER_ID}")
        for statements in MIGRATIONS[pragma(connection, "user_version") :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
