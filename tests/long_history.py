"""Years of journal pages, made by repeating the pages of one day instead of writing record by record."""

import sqlite3
import struct
from binascii import crc32
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from journals import JournalBuilder, working_day
from unslouch.store import Store
from unslouch.store.pages import PageRow, page_row
from unslouch.store.schema import MIGRATIONS, WEARER_ID
from unslouch_device.contract import records
from unslouch_device.contract.pages import PAGE_CRC_BYTES, PAGE_HEADER_BYTES
from unslouch_device.contract.records import RECORD_BYTES

JOURNAL = 0x10C9
DAY_MS = 86_400_000
BEGIN_HOUR = 7
"""The hour UTC at which each day's boot begins."""
_CLOCK_AT = PAGE_HEADER_BYTES + RECORD_BYTES + 5  # after the BOOT record and the clock's code and uptime
_CALIBRATION_AT = PAGE_HEADER_BYTES + 2 * RECORD_BYTES + 5


def worn_days(first: date, days: int, hours: float = 12) -> Iterator[PageRow]:
    """Yield the pages of days of wear in order, each day a boot with a clock, a re-zero and a night on the charger."""
    builder = JournalBuilder(JOURNAL).start_boot().clock(0).event(records.CALIBRATED, 0, records.CALIBRATED_REZERO, 0)
    working_day(builder, hours=hours).charging(10 * 3_600_000)
    template = [page_row(page) for page in builder.pages()]
    begin_ms = int(datetime(first.year, first.month, first.day, BEGIN_HOUR, tzinfo=UTC).timestamp() * 1000)
    for day in range(days):
        for nth, row in enumerate(template):
            data = bytearray(row.data)
            struct.pack_into("<HI", data, 8, day + 1, row.first_sequence + day * builder.sequence)
            struct.pack_into("<H", data, PAGE_HEADER_BYTES - 2, day + 1)
            if nth == 0:
                utc_ms = begin_ms + day * DAY_MS
                struct.pack_into("<IH", data, _CLOCK_AT, utc_ms & 0xFFFFFFFF, utc_ms >> 32)
                struct.pack_into("<H", data, _CALIBRATION_AT, day + 1)
            struct.pack_into("<I", data, len(data) - PAGE_CRC_BYTES, crc32(data[:-PAGE_CRC_BYTES]))
            yield row._replace(
                first_sequence=row.first_sequence + day * builder.sequence,
                next_sequence=row.next_sequence + day * builder.sequence,
                boot=day + 1,
                data=bytes(data),
            )


def fill(path: Path, first: date, days: int, hours: float = 12) -> None:
    """Make a database of those days without syncing the disk: of schema 1, which takes pages fastest, then migrated."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {WEARER_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.executemany("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", worn_days(first, days, hours))
    connection.execute("COMMIT")
    connection.close()
    Store.open(path, simulated=False).close()


def nth_day(first: date, day: int) -> date:
    """Return the date of a day, counted from 0."""
    return first + timedelta(days=day)
