"""What a report costs: a day, a week, and a year whose summaries are kept, beside the same year computed anew.

    python tests/benchmarks/report.py [--days N] [--json]

Goal: a year's report takes at most 3 s once its summaries are kept. Times are processor time, and sizes those of the
file.
"""

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from long_history import fill
from unslouch.analysis.history import History
from unslouch.export.report.periods import period_named
from unslouch.export.report.writer import write_report
from unslouch.store import Store

FIRST = date(2025, 1, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    figures: dict[str, float] = {"days": options.days}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.db"
        fill(path, FIRST, options.days)
        for name, kind in (("year_computed", "year"), ("year_kept", "year"), ("week", "week"), ("day", "day")):
            with Store.open(path, simulated=False) as store:
                begin_s = time.process_time()
                page = write_report(History(store, UTC), period_named(kind, "2025-01-15", FIRST), least_min=240)
                figures[f"{name}_s"] = round(time.process_time() - begin_s, 2)
                figures[f"{name}_kB"] = round(len(page) / 1000)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24}{value:>10}")


if __name__ == "__main__":
    main()
