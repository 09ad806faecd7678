"""Derived tables: what is taken from the stored pages, so that no reader has to look through all of them.

    boot   one row for each boot of a journal: where its records begin and end, how many there are, which clocks it saw
    event  the events that say how other records are to be read: host clocks, calibrations, profiles, delays

Triggers update both with every stored page, also if a recorder of an older release stores it.
Everything here is part of a released schema: never change it, but append a migration to `schema.MIGRATIONS`.
"""

from unslouch_device.contract import records
from unslouch_device.contract.pages import PAGE_HEADER_BYTES, RECORDS_PER_PAGE
from unslouch_device.contract.records import RECORD_BYTES

from .pages import holds_event

SETUP_CODES = (
    records.CALIBRATED,
    records.STANDING_ZERO,
    records.PROFILE_SELECTED,
    records.PROFILE_NAMED,
    records.SETTING_CHANGED,
    records.DELAY_ADAPTED,
)
"""The events that say under which calibration, profile and delay later records were made."""
_CODES = (records.HOST_CLOCK, *SETUP_CODES)
HOLDS_DERIVED = sum(holds_event(code) for code in _CODES)
"""The bits of the column `holds` for pages with such an event."""

EARLIEST_CLOCK_MS = 1_577_836_800_000
"""2020-01-01: before it there were no sensors that a host with a right clock could have met."""
AFTER_LAST_CLOCK_MS = 253_402_128_000_000
"""9999-12-30: a day short of where Python's dates end, for what a zone adds."""
# `subject` has the UTC of a host clock as 12 hexadecimal digits.
_FIRST_CLOCK, _AFTER_LAST_CLOCK = (f"{utc_ms:012X}" for utc_ms in (EARLIEST_CLOCK_MS, AFTER_LAST_CLOCK_MS))

# last_uptime_ms   where the boot's last record ends
# setups, clocks   how many of the boot's events are of SETUP_CODES, and how many are host clocks that can be right
# *_clock          the least and the greatest of those clocks; NULL without any
# change           grows with every change of any boot
_BOOT_TABLE = """CREATE TABLE boot (
    journal INTEGER NOT NULL,
    boot INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_uptime_ms INTEGER NOT NULL,
    records INTEGER NOT NULL,
    setups INTEGER NOT NULL,
    clocks INTEGER NOT NULL,
    earliest_clock TEXT,
    latest_clock TEXT,
    change INTEGER NOT NULL,
    PRIMARY KEY (journal, boot)
) WITHOUT ROWID"""
_BOOT_INDEX = "CREATE INDEX boot_by_change ON boot (change)"

# subject  what the event is about, in hexadecimal digits as they stand in the record: the calibration's id, the
#          profile and part of a name, the setting's id; of a host clock its UTC, the highest digit first
# record   the 12 bytes of the event; base_uptime_ms is that of its page
_EVENT_TABLE = """CREATE TABLE event (
    journal INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    boot INTEGER NOT NULL,
    code INTEGER NOT NULL,
    subject TEXT NOT NULL,
    base_uptime_ms INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (journal, sequence)
) WITHOUT ROWID"""
_EVENT_INDEXES = (
    "CREATE INDEX clock_by_boot ON event (journal, boot) WHERE code = 2",
    "CREATE INDEX setup_by_subject ON event (journal, code, subject, sequence) WHERE code <> 2",
)


def _bytes_of(record: str, first: int, count: int) -> str:
    return f"hex(substr({record}, {first + 1}, {count}))"


def _subject(record: str) -> str:
    first_field = 5
    utc = " || ".join(_bytes_of(record, at, 1) for at in range(first_field + 5, first_field - 1, -1))
    subjects = {
        records.HOST_CLOCK: utc,
        records.CALIBRATED: _bytes_of(record, first_field, 2),
        records.STANDING_ZERO: _bytes_of(record, first_field, 2),
        records.PROFILE_SELECTED: _bytes_of(record, first_field + 1, 2),
        records.PROFILE_NAMED: _bytes_of(record, first_field, 1),
        records.SETTING_CHANGED: _bytes_of(record, first_field, 1),
    }
    cases = " ".join(f"WHEN x'{0x80 | code:02X}' THEN {digits}" for code, digits in subjects.items())
    return f"CASE substr({record}, 1, 1) {cases} ELSE '' END"


def insert_events(page: str, source: str) -> str:
    """Return the statement that inserts the events of `page`; source continues its FROM clause."""
    record = f"substr({page}.data, {PAGE_HEADER_BYTES + 1} + {RECORD_BYTES} * column1, {RECORD_BYTES})"
    numbers = ", ".join(f"({n})" for n in range(RECORDS_PER_PAGE))
    marks = ", ".join(f"x'{0x80 | code:02X}'" for code in _CODES)
    code = "CASE substr(record, 1, 1) " + " ".join(f"WHEN x'{0x80 | code:02X}' THEN {code}" for code in _CODES) + " END"
    return (
        f"INSERT INTO event SELECT journal, sequence, boot, {code}, {_subject('record')}, base_uptime_ms, record FROM ("
        f"SELECT {page}.journal AS journal, {page}.first_sequence + column1 AS sequence, {page}.boot AS boot, "
        f"{page}.base_uptime_ms AS base_uptime_ms, {record} AS record "
        f"FROM (VALUES {numbers}) {source} AND column1 < {page}.next_sequence - {page}.first_sequence"
        f") WHERE substr(record, 1, 1) IN ({marks})"
    )


_EVENT_TRIGGER = f"""CREATE TRIGGER event_added AFTER INSERT ON event BEGIN
    UPDATE boot SET setups = setups + 1 WHERE journal = NEW.journal AND boot = NEW.boot AND NEW.code <> 2;
    UPDATE boot SET
        clocks = clocks + 1,
        earliest_clock = min(coalesce(earliest_clock, NEW.subject), NEW.subject),
        latest_clock = max(coalesce(latest_clock, NEW.subject), NEW.subject)
    WHERE journal = NEW.journal AND boot = NEW.boot AND NEW.code = 2
        AND NEW.subject >= '{_FIRST_CLOCK}' AND NEW.subject < '{_AFTER_LAST_CLOCK}';
END"""

_PAGE_TRIGGER = f"""CREATE TRIGGER page_added AFTER INSERT ON page BEGIN
    INSERT INTO boot VALUES (
        NEW.journal, NEW.boot, NEW.first_sequence, NEW.last_uptime_ms, NEW.next_sequence - NEW.first_sequence,
        0, 0, NULL, NULL, (SELECT coalesce(max(change), 0) + 1 FROM boot)
    ) ON CONFLICT (journal, boot) DO UPDATE SET
        first_sequence = min(first_sequence, excluded.first_sequence),
        last_uptime_ms = max(last_uptime_ms, excluded.last_uptime_ms),
        records = records + excluded.records,
        change = excluded.change;
    {insert_events("NEW", f"WHERE NEW.holds & {HOLDS_DERIVED}")};
END"""

_FILL_BOOTS = (
    "INSERT INTO boot SELECT journal, boot, min(first_sequence), max(last_uptime_ms), "
    "sum(next_sequence - first_sequence), 0, 0, NULL, NULL, 1 FROM page GROUP BY journal, boot"
)
_FILL_EVENTS = insert_events(
    "page",
    ", page WHERE (page.journal, page.first_sequence) IN "
    f"(SELECT journal, first_sequence FROM page INDEXED BY page_by_time WHERE holds & {HOLDS_DERIVED})",
)


DERIVED_TABLES = (
    _BOOT_TABLE,
    _BOOT_INDEX,
    _EVENT_TABLE,
    *_EVENT_INDEXES,
    _EVENT_TRIGGER,
    _FILL_BOOTS,
    _FILL_EVENTS,
    _PAGE_TRIGGER,
)
"""The statements that make the tables and fill them."""
