"""What a study of many wearers costs: from exported summaries, and with every metric computed from exported epochs.

    python tests/benchmarks/study.py [--wearers N] [--days N] [--json]

Goal: 500 wearers of 14 days take at most 150 s on two processors and 2 GiB. Every wearer has the files of one
made-up wearer, whose days are all different, as hard links.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

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
        begin_s = time.perf_counter()
        run_study([folder / table], table=table, engine="duckdb", least_min=240, on_progress=lambda *_: None).close()
        figures[f"from_{table}_s"] = round(time.perf_counter() - begin_s, 1)
    own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    figures["peak_MiB"] = round((own + (os.cpu_count() or 1) * workers) / 1024)
    return figures


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
