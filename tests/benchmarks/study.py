"""What a study of many wearers costs: from exported summaries, and with every metric computed from exported epochs.

    python tests/benchmarks/study.py [--wearers N] [--days N] [--json]

Goal: 500 wearers of 14 days take at most 150 s on two processors and 2 GiB. Every wearer has the files of one
made-up wearer, whose days are all different, as hard links. On a busy machine the time of the processors says more: two
of them give 300 s in 150 s.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lively_days import lively_days
from unslouch.cli.main import main as unslouch
from unslouch.store import Store
from unslouch.study.study import run_study

FIRST = date(2025, 3, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wearers", type=int, default=500)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.wearers, options.days)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24}{value:>10}")


def measure(folder: Path, wearers: int, days: int) -> dict[str, float]:
    export(folder, days)
    figures: dict[str, float] = {"wearers": wearers, "days": wearers * days}
    for table in ("summary", "epochs"):
        spread(folder / table, wearers)
        with PeakMemory() as memory:
            begin_s, begin_cpu_s = time.perf_counter(), cpu_s()
            run_study([folder / table], table=table, engine="duckdb", least_min=240, on_progress=lambda *_: 0).close()
            figures[f"from_{table}_s"] = round(time.perf_counter() - begin_s, 1)
            figures[f"from_{table}_cpu_s"] = round(cpu_s() - begin_cpu_s, 1)
        figures[f"from_{table}_MiB"] = round(memory.peak_bytes / (1 << 20))
    return figures


def cpu_s() -> float:
    """The time of the processors that this process, its workers and the watch over their memory have taken."""
    return sum(os.times()[:4])


class PeakMemory:
    """The most memory that this process and its workers had together, looked at twice a second.

    It is their PSS, in which a page that several share counts once. The kernel's own peak of a worker is of no use: it
    is at least that of the parent at the moment when the worker was started.
    """

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._done.wait(0.5):
            used = 0
            for process in (own, *own.children(recursive=True)):
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    used += process.memory_full_info().pss
            self.peak_bytes = max(self.peak_bytes, used)


def export(folder: Path, days: int) -> None:
    """Export the days of one wearer as both tables."""
    with Store.open(folder / "days.db", simulated=False) as store:
        store.add_pages(lively_days(FIRST, days, hours=14).pages())
    words = ["--db", str(folder / "days.db"), "--timezone", "UTC", "--format", "parquet"]
    span = ["--from", str(FIRST), "--to", str(FIRST + timedelta(days=days - 1))]
    for table in ("summary", "epochs"):
        with quiet():
            assert unslouch(["export", *words, *span, "--table", table, "--output", str(folder / table)]) == 0


@contextmanager
def quiet() -> Iterator[None]:
    with redirect_stderr(StringIO()):
        yield


def spread(folder: Path, wearers: int) -> None:
    """Give every file of the one wearer to others."""
    (one,) = folder.glob("wearer=*")
    for number in range(1, wearers):
        for file in one.rglob("*.parquet"):
            copy = folder / f"wearer=w{number:04d}" / file.relative_to(one)
            copy.parent.mkdir(parents=True)
            os.link(file, copy)


if __name__ == "__main__":
    main()
