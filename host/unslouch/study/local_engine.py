"""Local engine: computes the days on the processors of this machine, a file at a time."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from .day_metrics import day_values
from .files import StudyFile

_FILES_AT_ONCE = 4
FEW = 8
"""So few files are computed in this process, since another takes a second to start."""

Progress = Callable[[int, int], object]
Row = dict[str, Any]


def local_rows(files: Sequence[StudyFile], on_progress: Progress, few: int = FEW) -> list[Row]:
    """Return a row for each file; on_progress is called with how many are done, and of how many."""
    paths = [file.path for file in files]
    rows: list[Row] = []
    if len(paths) <= few:
        found = map(day_values, paths)
        _collect(files, found, rows, on_progress)
        return rows
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(os.cpu_count(), mp_context=context, initializer=_begin_worker)
    try:
        _collect(files, executor.map(day_values, paths, chunksize=_FILES_AT_ONCE), rows, on_progress)
    finally:
        executor.shutdown(cancel_futures=True)
    return rows


def _collect(files: Sequence[StudyFile], found: Any, rows: list[Row], on_progress: Progress) -> None:
    for file, values in zip(files, found, strict=True):
        rows.append({"wearer": file.wearer, "date": file.date.isoformat(), **values})
        on_progress(len(rows), len(files))


def _begin_worker() -> None:
    """Leave Ctrl+C to the parent, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
