"""Looks at the database: can it be read, and how sure are the times of its latest records?"""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.history import History
from unslouch.analysis.model import NO_BOUND
from unslouch.errors import NoData, StoreError
from unslouch.store import Store, default_path

from .finding import Finding, Good, Result

CLOCK_FIT_MS = 60_000
"""Times that may be off by more are named (ours): a minute is what the log's shortest rows show."""


def check_database(
    path: Path | None = None, now_utc_ms: int | None = None, *, simulated: bool = False
) -> Iterator[Result]:
    """Yield what is wrong with a database; by default the wearer's own, or the simulated wearer's."""
    path = path or default_path(simulated)
    try:
        with Store.open(path, simulated=None, readonly=True) as store:
            today = History(store).today(time.time_ns() // 1_000_000 if now_utc_ms is None else now_utc_ms)
    except NoData:
        yield Good("Nothing is recorded yet.")
        return
    except StoreError as error:
        yield Finding("database", str(error))
        return
    if len(today.epochs.utc_error_ms):
        yield check_times(today.epochs.utc_error_ms)
    else:
        yield Good(f"The database {path} can be read; nothing is recorded of today.")


def check_times(errors_ms: NDArray[np.int64]) -> Result:
    """Judge by how much the times of epochs may be off."""
    if np.any(errors_ms == NO_BOUND):
        return Finding("clock", "Times of today may be off by an unknown time.")
    most_ms = int(errors_ms.max())
    if most_ms > CLOCK_FIT_MS:
        return Finding("clock", f"Times of today may be off by up to {most_ms / 60_000:.0f} min.")
    return Good(f"The database can be read; today's times are right to {most_ms / 1000:.1f} s.")
