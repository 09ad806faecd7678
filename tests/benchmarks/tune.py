"""What replaying a month under 36 settings costs, beside feeding the detector with every sample.

    python tests/benchmarks/tune.py [--days N] [--json]

Goal: 30 days of 14 h under 36 settings take at most 60 s.
"""

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lively_days import lively_days
from unslouch.analysis.history import History
from unslouch.store import Store
from unslouch.tuning.replay import replay
from unslouch.tuning.series import journal_series
from unslouch.tuning.tuner import Recording, grid
from unslouch_device.contract.settings import DEFAULTS

FIRST = date(2025, 3, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "days.db", simulated=False) as store:
        store.add_pages(lively_days(FIRST, options.days).pages())
        history = History(store, UTC)
        begin_s = time.perf_counter()
        days = list(history.days(FIRST, FIRST + timedelta(days=options.days - 1)))
        read_s = time.perf_counter() - begin_s
    figures = {"days": options.days, "read_s": round(read_s, 2), **measure(days)}
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24}{value:>10}")


def measure(days: list) -> dict[str, float]:
    recording = Recording(days, DEFAULTS)
    choices = grid(range(8, 19, 2), range(10, 61, 10), 0, DEFAULTS)
    begin_s = time.perf_counter()
    list(recording.outcomes(choices))
    all_s = time.perf_counter() - begin_s
    series = [each for day in days[:1] for each in journal_series(day.epochs, {})]
    begin_s = time.perf_counter()
    for each in series:
        replay(each, DEFAULTS, skip_dull=False)
    every_sample_s = time.perf_counter() - begin_s
    return {
        "settings": len(choices),
        "samples": sum(len(day.epochs) for day in days) * 5,
        "all_settings_s": round(all_s, 1),
        "with_every_sample_s": round(every_sample_s * len(choices) * len(days), 1),
    }


if __name__ == "__main__":
    main()
