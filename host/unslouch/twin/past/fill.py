"""Fill: gives a demo's database the three weeks before the demo, as far as it does not have them yet.

The records are made as a sensor makes them and stored as pages of a journal, so that everything reads them as it reads
a real journal. What an earlier demo recorded stays; the wearer has lived on since it ended, so no time is lost. The
same holds for another simulated sensor that was recorded there before the first demo.
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
    begin_ms = until_utc_ms - PAST_DAYS * DAY_MS
    with Store.open(path, simulated=True) as store:
        first_ms, known_ms = _known(store, until_utc_ms)
        spans = [(max(begin_ms, known_ms), until_utc_ms)]
        if all(boot.journal != journal for boot in store.boots()):
            spans.insert(0, (begin_ms, min(first_ms, known_ms)))
        return sum(_add(store, sensor, journal, span, tz, wearer) for span in spans)


def _add(
    store: Store, sensor: Sensor, journal: int, span_utc_ms: tuple[int, int], tz: tzinfo | None, wearer: int
) -> int:
    """Store the records of a span of time as a boot of their own; return how many they are."""
    start_ms, until_ms = span_utc_ms
    if start_ms >= until_ms:
        return 0
    boot = max((boot.boot for boot in store.boots() if boot.journal == journal), default=0) + 1
    past = PastJournal(journal, boot, store.cursor(journal))
    PastLife(past, start_ms, until_ms, tz, wearer).write()
    store.add_sensor(sensor._replace(journal=journal))
    return store.add_pages(past.pages())


def _known(store: Store, until_utc_ms: int) -> tuple[int, int]:
    """Return where the records that begin before a moment begin and end; the moment and 0 without any.

    A boot is dated by its last clock, whose sensor is simulated by this computer and so never wrong by much.
    """
    first_ms, known_ms = until_utc_ms, 0
    for boot in store.boots():
        clocks = store.clocks(boot.journal, boot.boot)
        if clocks:
            _, low_ms, (utc_low_ms, utc_high_ms, _) = unpack_event(clocks[-1].record)
            boot_utc_ms = (utc_high_ms << 32 | utc_low_ms) - full_uptime_ms(low_ms, clocks[-1].base_uptime_ms)
            if boot_utc_ms < until_utc_ms:
                first_ms = min(first_ms, boot_utc_ms)
                known_ms = max(known_ms, boot_utc_ms + boot.last_uptime_ms)
    return first_ms, known_ms
