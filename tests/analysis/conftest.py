"""Days of synthetic journals."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from journals import JournalBuilder
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.store import Store


@pytest.fixture
def day_of(tmp_path: Path) -> Iterator[Callable[..., Day]]:
    """Stores journals in a database of their own and reads a day of it, March 14 UTC unless another is named."""
    stores: list[Store] = []

    def build(*journals: JournalBuilder, wanted: date = date(2025, 3, 14), tz: Any = UTC) -> Day:
        stores.append(Store.open(tmp_path / f"{len(stores)}.db", simulated=False))
        stores[-1].add_pages(page for journal in journals for page in journal.pages())
        return History(stores[-1], tz).day(wanted)

    yield build
    for store in stores:
        store.close()


@pytest.fixture
def machine_zone() -> Iterator[Callable[[str], None]]:
    """Sets this machine's zone by its name or by the path of a file with its rules."""
    if sys.platform == "win32":
        pytest.skip("the zone is set by TZ")
    with pytest.MonkeyPatch.context() as patch:
        yield lambda name: patch.setenv("TZ", name)
    time.tzset()
