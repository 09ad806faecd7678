"""A dashboard's feed on a real database with some recorded days."""

from datetime import UTC, date, timedelta
from pathlib import Path

from lively_days import lively_days
from tui.fake_feed import INFO, FakeFeed, a_day
from unslouch.analysis.history import History
from unslouch.store import Sensor, Store

FIRST = date(2026, 2, 25)
DAYS = 5
LAST = FIRST + timedelta(days=DAYS - 1)
JOURNAL = 0x11FE


def recorded_feed(folder: Path, *, days: int = DAYS, hours: float = 5) -> FakeFeed:
    """Return a feed whose database has days on end from FIRST on; it is a simulated wearer's, so its last day is today.

    Its History and Store must be used in one thread at a time; close it with feed.stored.store.close().
    """
    store = Store.open(folder / "recorded.db", simulated=True)
    store.add_sensor(Sensor(JOURNAL, INFO.device_id, INFO.board, INFO.firmware_version))
    store.add_pages(lively_days(FIRST, days, hours=hours, journal=JOURNAL).pages())
    feed = FakeFeed(day=a_day())
    feed.stored = History(store, UTC)
    return feed
