"""Pages: the columns by which a stored page is found, taken from its bytes."""

from typing import NamedTuple

from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.records import EPOCH_MS, EVENT_MARK, RECORD_BYTES, full_uptime_ms, unpack_event

HOLDS_EPOCH = 1


class PageRow(NamedTuple):
    """A row of the table `page`."""

    journal: int
    first_sequence: int
    next_sequence: int
    boot: int
    base_uptime_ms: int
    last_uptime_ms: int
    holds: int
    data: bytes


def holds_event(code: int) -> int:
    """Return the bit of `holds` for pages with an event of this code; 0 for a code without one."""
    return 1 << code if code < 63 else 0  # SQLite's integers are signed and have 64 bits


def page_row(data: bytes) -> PageRow:
    """Return the row of a page; raises PageError (a ValueError) for bytes that are no page or have a wrong CRC."""
    page = unpack_page(data)
    records = page.records
    base_ms = last_ms = page.base_uptime_ms
    epochs = len(records) // RECORD_BYTES
    holds = 0
    if max(records[::RECORD_BYTES]) >= EVENT_MARK:
        for start in range(0, len(records), RECORD_BYTES):
            if records[start] >= EVENT_MARK:
                epochs -= 1
                code, low_ms, _ = unpack_event(records[start : start + RECORD_BYTES])
                holds |= holds_event(code)
                last_ms = max(last_ms, full_uptime_ms(low_ms, base_ms))
    if epochs:
        holds |= HOLDS_EPOCH
        last_ms = max(last_ms, base_ms + epochs * EPOCH_MS)
    return PageRow(page.journal, page.first_sequence, page.next_sequence, page.boot, base_ms, last_ms, holds, data)
