"""Fill: gives a demo's database the three weeks before the demo, as far as it does not have them yet.

The records are made as a sensor makes them and stored as pages of a journal, so that everything reads them as it reads
a real journal. What an earlier demo recorded stays; the wearer has lived on since it ended, so no time is lost.
"""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

from unslouch.store import Sensor, Store
from unslouch_device.contract.records import full_uptime_ms, unpack_event

from .journal import PastJournal
from .life import PastLife

PAST_DAYS = 21
DAY_MS = 86_400_000
FIRST_JOURNAL = 0x0DE30000
"""The journal of the first wearer's past; the number of the wearer is added."""


def fill_past(path: Path, sensor: Sensor, until_utc_ms: int, wearer: int = 0, tz: tzinfo | None = None) -> int:
    """Store what is missing of the three weeks before a moment in a simulated wearer's database; return the records.

    sensor: the one that the demo uses, whatever its journal; tz: the wearer's zone, None for this computer's. Raises
    StoreError; a real wearer's database is refused.
    """
    journal = FIRST_JOURNAL + wearer
    with Store.open(path, simulated=True) as store:
        start_ms = max(until_utc_ms - PAST_DAYS * DAY_MS, _known_until(store, until_utc_ms))
        if start_ms >= until_utc_ms:
            return 0
        boot = max((boot.boot for boot in store.boots() if boot.journal == journal), default=0) + 1
        past = PastJournal(journal, boot, store.cursor(journal))
        PastLife(past, start_ms, until_utc_ms, tz, wearer).write()
        store.add_sensor(sensor._replace(journal=journal))
        return store.add_pages(past.pages())


def _known_until(store: Store, until_utc_ms: int) -> int:
    """Return where the records end that begin before a moment; 0 without any.

    A boot is dated by its last clock, whose sensor is simulated by this computer and so never wrong by much.
    """
    known_ms = 0
    for boot in store.boots():
        clocks = store.clocks(boot.journal, boot.boot)
        if clocks:
            _, low_ms, (utc_low_ms, utc_high_ms, _) = unpack_event(clocks[-1].record)
            boot_utc_ms = (utc_high_ms << 32 | utc_low_ms) - full_uptime_ms(low_ms, clocks[-1].base_uptime_ms)
            if boot_utc_ms < until_utc_ms:
                known_ms = max(known_ms, boot_utc_ms + boot.last_uptime_ms)
    return known_ms
