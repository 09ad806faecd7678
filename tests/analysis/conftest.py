"""Days of synthetic journals."""

from collections.abc import Callable, Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from journals import JournalBuilder
from unslouch.analysis.day import day
from unslouch.analysis.model import Day
from unslouch.store import Store


@pytest.fixture
def day_of(tmp_path: Path) -> Iterator[Callable[..., Day]]:
    """Stores journals in a database of their own and tells a day of it, March 14 UTC unless told otherwise."""
    stores: list[Store] = []

    def build(*journals: JournalBuilder, which: date = date(2025, 3, 14), tz: Any = UTC) -> Day:
        stores.append(Store.open(tmp_path / f"{len(stores)}.db", simulated=False))
        stores[-1].add_pages(page for journal in journals for page in journal.pages())
        return day(stores[-1], which, tz)

    yield build
    for store in stores:
        store.close()
