"""How long the export of a 16-hour day takes, out of a database that holds many more.

    python tests/benchmarks/export_day.py [--json]

From opening the database to the bytes on disk, for each kind of file; the best of three. The goal is 1 s.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


from journals import JournalBuilder, working_day
from unslouch.analysis.history import History
from unslouch.export.export_log import export_to_file
from unslouch.export.formats import FORMATS
from unslouch.export.tables import TABLES
from unslouch.export.writer import Contents
from unslouch.store import Store

DAYS = 30
FIRST = datetime(2025, 3, 1, 5, 30, tzinfo=UTC)
EXPORTED_DAY = date(2025, 3, 20)
ZONE = ZoneInfo("Europe/Berlin")
HOUR_MS = 3_600_000


def fill(path: Path) -> None:
    """Store days of 16 hours' wear, with a night on the charger and a boot after each."""
    journal = JournalBuilder()
    for number in range(DAYS):
        journal.start_boot().clock(int((FIRST + timedelta(days=number)).timestamp() * 1000))
        working_day(journal).charging(7 * HOUR_MS)
    with Store.open(path, simulated=False) as store:
        store.add_pages(journal.pages())


def export(database: Path, format: str, table: str) -> int:
    """Export one day and return how many epochs it has."""
    with Store.open(database, simulated=False, readonly=True) as store:
        contents = Contents(EXPORTED_DAY, EXPORTED_DAY, ZONE, table=TABLES[table])
        log = database.with_name("log")
        return export_to_file(History(store, ZONE), contents, FORMATS[format], log).epochs


def read(database: Path) -> int:
    """Read the day alone, as the dashboard does, and return how many epochs it has."""
    with Store.open(database, simulated=False, readonly=True) as store:
        return len(History(store, ZONE).day(EXPORTED_DAY).epochs)


def best_s(work: Callable[[], object]) -> float:
    """Return the least of three durations."""
    durations = []
    for _ in range(3):
        begin_s = time.perf_counter()
        work()
        durations.append(time.perf_counter() - begin_s)
    return round(min(durations), 4)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "posture.db"
        fill(database)
        epochs = read(database)
        seconds = {
            "read_s": best_s(lambda: read(database)),
            "csv_s": best_s(lambda: export(database, "csv", "epochs")),
            "summary_s": best_s(lambda: export(database, "csv", "summary")),
            "json_s": best_s(lambda: export(database, "json", "epochs")),
        }
    if args.json:
        print(json.dumps({"epochs": epochs, "days_in_database": DAYS, **seconds}))
        return
    print(f"a day of {epochs} epochs out of {DAYS} days")
    for name, took_s in seconds.items():
        print(f"{name.removesuffix('_s'):8} {took_s * 1000:>7.0f} ms")


if __name__ == "__main__":
    main()
