"""Own tables: what the wearer adds to the journal, and what the wearer brings back or takes out.

    alert_mark        what the wearer said of an alert, which is named by the journal and the sequence of its record
    moment_note       the wearer's note to a moment
    exercise_session  an exercise that the wearer did
    imported_record   records that came back from an exported log, each with the time that the log gave it
    imported_span     states that the records in the database don't show: of imported logs, and beside deleted records
    imported_setup    calibrations, first delays and firmware of imported logs whose events the logs don't hold
    deleted           sequences that the wearer has deleted, and the time that was deleted; both times are NULL for
                      records that had no date
    coach_answer      what the coach suggested and what the wearer answered (since schema 4)
    backup            backups that were made, so that a deletion can name them
    revision          numbers that grow with each change of the tables above: `words`, `imports` and `deletions`;
                      `erasing` is above zero while deleted bytes may still be in the files, `checked_day` is when the
                      database was last checked for damage, in days since 1970

A stored page supersedes the imported records of its sequences, also if a recorder of an older release stores it. The
same holds for deleted sequences: whatever stores a page of them stores nothing.
Everything here is part of a released schema: never change it, but append a migration to `schema.MIGRATIONS`.
"""

from unslouch_device.contract.records import HOST_CLOCK

from .derived import HOLDS_DERIVED, SETUP_CODES, insert_events

_FIRST_BYTES = ", ".join(f"x'{0x80 | code:02X}'" for code in (HOST_CLOCK, *SETUP_CODES))
IS_DERIVED = f"substr(record, 1, 1) IN ({_FIRST_BYTES})"
"""The condition for imported records that say how others are to be read, as the table `event` has them of pages."""

_TABLES = (
    """CREATE TABLE alert_mark (
        journal INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        alert_utc_ms INTEGER NOT NULL,
        mark TEXT NOT NULL,
        PRIMARY KEY (journal, sequence)
    ) WITHOUT ROWID""",
    "CREATE INDEX alert_mark_by_time ON alert_mark (alert_utc_ms)",
    """CREATE TABLE moment_note (
        note_id TEXT PRIMARY KEY,
        utc_ms INTEGER NOT NULL,
        text TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX moment_note_by_time ON moment_note (utc_ms)",
    """CREATE TABLE exercise_session (
        session_id TEXT PRIMARY KEY,
        start_utc_ms INTEGER NOT NULL,
        end_utc_ms INTEGER NOT NULL,
        exercise TEXT NOT NULL,
        repetitions INTEGER,
        is_complete INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX exercise_session_by_time ON exercise_session (start_utc_ms)",
    """CREATE TABLE imported_record (
        journal INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        boot INTEGER NOT NULL,
        uptime_ms INTEGER NOT NULL,
        utc_ms INTEGER NOT NULL,
        utc_error_ms INTEGER NOT NULL,
        time_quality INTEGER NOT NULL,
        settings_revision INTEGER NOT NULL,
        calibration_id INTEGER NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (journal, sequence)
    ) WITHOUT ROWID""",
    "CREATE INDEX imported_record_by_time ON imported_record (utc_ms)",
    f"CREATE INDEX imported_event ON imported_record (journal, sequence) WHERE {IS_DERIVED}",
    """CREATE TABLE imported_span (
        start_utc_ms INTEGER NOT NULL,
        end_utc_ms INTEGER NOT NULL,
        state INTEGER NOT NULL,
        PRIMARY KEY (start_utc_ms, end_utc_ms, state)
    ) WITHOUT ROWID""",
    """CREATE TABLE imported_setup (
        kind TEXT NOT NULL,
        journal INTEGER NOT NULL,
        subject INTEGER NOT NULL,
        "values" TEXT NOT NULL,
        PRIMARY KEY (kind, journal, subject)
    ) WITHOUT ROWID""",
    """CREATE TABLE deleted (
        journal INTEGER NOT NULL,
        first_sequence INTEGER NOT NULL,
        next_sequence INTEGER NOT NULL,
        start_utc_ms INTEGER,
        end_utc_ms INTEGER,
        PRIMARY KEY (journal, first_sequence)
    ) WITHOUT ROWID""",
    """CREATE TABLE backup (
        path TEXT PRIMARY KEY,
        made_utc_ms INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE revision (
        name TEXT PRIMARY KEY,
        number INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "INSERT INTO revision VALUES ('words', 0), ('imports', 0), ('deletions', 0), ('erasing', 0), ('checked_day', 0)",
)

_REVISION_OF_TABLE = {
    "alert_mark": "words",
    "moment_note": "words",
    "exercise_session": "words",
    "imported_record": "imports",
    "imported_span": "imports",
    "imported_setup": "imports",
    "deleted": "deletions",
}

_REVISION_TRIGGERS = tuple(
    f"CREATE TRIGGER {table}_{change.lower()} AFTER {change} ON {table} "
    f"BEGIN UPDATE revision SET number = number + 1 WHERE name = '{revision}'; END"
    for table, revision in _REVISION_OF_TABLE.items()
    for change in ("INSERT", "UPDATE", "DELETE")
)

# As derived's trigger of schema 2, but for the parts of a page that is repacked: their events may be known already. And
# the page supersedes imported records.
_PAGE_TRIGGER = f"""CREATE TRIGGER page_added AFTER INSERT ON page BEGIN
    INSERT INTO boot VALUES (
        NEW.journal, NEW.boot, NEW.first_sequence, NEW.last_uptime_ms, NEW.next_sequence - NEW.first_sequence,
        0, 0, NULL, NULL, (SELECT coalesce(max(change), 0) + 1 FROM boot)
    ) ON CONFLICT (journal, boot) DO UPDATE SET
        first_sequence = min(first_sequence, excluded.first_sequence),
        last_uptime_ms = max(last_uptime_ms, excluded.last_uptime_ms),
        records = records + excluded.records,
        change = excluded.change;
    {insert_events("NEW", f"WHERE NEW.holds & {HOLDS_DERIVED}")} ON CONFLICT DO NOTHING;
    DELETE FROM imported_record
    WHERE journal = NEW.journal AND sequence >= NEW.first_sequence AND sequence < NEW.next_sequence;
END"""

_DELETED_TRIGGER = """CREATE TRIGGER page_of_deleted BEFORE INSERT ON page WHEN EXISTS (
    SELECT 1 FROM deleted WHERE journal = NEW.journal
    AND first_sequence < NEW.next_sequence AND next_sequence > NEW.first_sequence
) BEGIN SELECT RAISE(IGNORE); END"""

COACH_TABLES = (
    """CREATE TABLE coach_answer (
        number INTEGER PRIMARY KEY,
        answer_id TEXT NOT NULL UNIQUE,
        utc_ms INTEGER NOT NULL,
        answer TEXT NOT NULL,
        exercise TEXT,
        until_utc_ms INTEGER,
        step INTEGER
    )""",
    "CREATE INDEX coach_answer_by_time ON coach_answer (utc_ms)",
)
"""The statements that make the table of the coach."""

OWN_TABLES = (*_TABLES, *_REVISION_TRIGGERS, "DROP TRIGGER page_added", _PAGE_TRIGGER, _DELETED_TRIGGER)
"""The statements that make the tables and their triggers."""
