"""What reading days costs with ten years of 12-hour days stored, beside the same day alone and beside the earlier way.

    python tests/benchmarks/history.py [--days N] [--json]

Goals: a day among ten years takes at most 1.2 times as long as alone; a year as columns takes at most 3 s; a year of
summaries takes at most 300 ms once they are kept.

`cold` opens the database and reads the day, as `export` does; else the history is kept, as the dashboard does. The
earlier way is what schema 1 asked of the database before it read the day's pages: it grouped the whole page table three
times, and took every page with a clock or a calibration out of it. Figures are the least of several runs that take
turns, in processor time, so that other programs matter less.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from long_history import fill, nth_day
from unslouch.analysis.decode import decode
from unslouch.analysis.history import History
from unslouch.analysis.model import Epochs
from unslouch.store import Store
from unslouch.store.derived import SETUP_CODES
from unslouch.store.pages import holds_event

TEN_YEARS = 3653
FIRST = date(2020, 1, 2)
ZONE = ZoneInfo("Europe/Berlin")
REPEATS = 9

Figures = dict[str, float | int]


def least_ms(works: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Run the works in turns and return the least processor time of each in ms."""
    least = dict.fromkeys(works, float("inf"))
    for _ in range(repeats):
        for name, work in works.items():
            begin_s = time.process_time()
            work()
            least[name] = min(least[name], (time.process_time() - begin_s) * 1000)
    return {name: round(taken_ms, 1) for name, taken_ms in least.items()}


def the_earlier_way(path: Path) -> None:
    """Do what schema 1 needed before the pages of a day could be read."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    for _ in range(3):
        connection.execute(
            "SELECT journal, boot, min(first_sequence), max(last_uptime_ms) FROM page GROUP BY journal, boot"
        ).fetchall()
    setups = sum(holds_event(code) for code in SETUP_CODES)
    for holds in (4, setups):
        rows = connection.execute(
            "SELECT data FROM page WHERE (journal, first_sequence) IN "
            "(SELECT journal, first_sequence FROM page INDEXED BY page_by_time WHERE holds & ?)",
            (holds,),
        )
        decode([row[0] for row in rows])
    connection.close()


def one_day(many: Path, alone: Path, wanted: date) -> Figures:
    """Measure a day, kept and cold."""

    def cold(path: Path) -> None:
        with Store.open(path, simulated=False, readonly=True) as store:
            History(store, ZONE).day(wanted)

    with (
        Store.open(many, simulated=False, readonly=True) as many_store,
        Store.open(alone, simulated=False, readonly=True) as alone_store,
    ):
        among, by_itself = History(many_store, ZONE), History(alone_store, ZONE)
        epochs = len(among.day(wanted).epochs)
        assert epochs == len(by_itself.day(wanted).epochs)
        taken = least_ms(
            {
                "day_alone_ms": lambda: by_itself.day(wanted),
                "day_among_ten_years_ms": lambda: among.day(wanted),
                "cold_alone_ms": lambda: cold(alone),
                "cold_among_ten_years_ms": lambda: cold(many),
            }
        )
    before = least_ms({"earlier_way_among_ten_years_ms": lambda: the_earlier_way(many)}, repeats=2)
    return {
        "epochs": epochs,
        **taken,
        "ratio": round(taken["day_among_ten_years_ms"] / taken["day_alone_ms"], 2),
        "cold_ratio": round(taken["cold_among_ten_years_ms"] / taken["cold_alone_ms"], 2),
        **before,
    }


def one_year(many: Path, first: date) -> Figures:
    """Measure a year as columns, and its summaries when they are computed and once they are kept."""
    last = first + timedelta(days=364)
    with Store.open(many, simulated=False) as store:
        columns: list[Epochs] = []
        taken = least_ms({"year_columns_ms": lambda: columns.append(History(store, ZONE).epochs(first, last))}, 1)
        epochs = columns.pop()
        megabytes = sum(getattr(epochs, name).nbytes for name in Epochs.__dataclass_fields__) / 1e6
        taken |= least_ms({"year_summaries_computed_ms": lambda: History(store, ZONE).summaries(first, last)}, 1)
        history = History(store, ZONE)
        taken |= least_ms(
            {
                "year_summaries_kept_ms": lambda: history.summaries(first, last),
                "year_summaries_kept_cold_ms": lambda: History(store, ZONE).summaries(first, last),
            },
            5,
        )
    return {"year_epochs": len(epochs), "year_columns_mb": round(megabytes), **taken}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--days", type=int, default=TEN_YEARS, help="how many are stored, at least 400")
    args = parser.parse_args()
    wanted = nth_day(FIRST, args.days // 2)
    with tempfile.TemporaryDirectory() as folder:
        many, alone = Path(folder) / "many.db", Path(folder) / "alone.db"
        begin_s = time.perf_counter()
        fill(many, FIRST, args.days)
        built_s = time.perf_counter() - begin_s
        fill(alone, wanted - timedelta(days=1), 3)  # its night before and after belong to a day
        figures: Figures = {
            "days": args.days,
            "database_mb": round(many.stat().st_size / 1e6),
            "built_s": round(built_s, 1),
            **one_day(many, alone, wanted),
            **one_year(many, nth_day(FIRST, args.days - 380)),
        }
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):34} {value:>12,}")


if __name__ == "__main__":
    main()
