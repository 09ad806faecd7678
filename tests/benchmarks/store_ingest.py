"""How fast the store adds epochs: whole pages, as it keeps them, beside a row for each record.

    python tests/benchmarks/store_ingest.py [--json]

Both run in this one process, over the same pages in the same batches, into files in the same folder; each page's CRC is
checked both times. The goals are 200,000 epochs/s, and at most 500 kB for a day of 16 h.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from journals import JournalBuilder, working_day
from unslouch.store import Store
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.records import RECORD_BYTES

DAYS = 20
PAGES_PER_BATCH = 256


def a_long_journal() -> tuple[list[bytes], int]:
    """Return the pages of some days of wear, and how many records they hold."""
    journal = JournalBuilder().start_boot().clock(1_741_932_000_000)
    for _ in range(DAYS):
        working_day(journal)
    return journal.pages(), journal.sequence


def as_pages(path: Path, batches: list[list[bytes]]) -> None:
    """Keep pages whole, as the store does."""
    with Store.open(path, simulated=False) as store:
        for batch in batches:
            store.add_pages(batch)


def as_rows(path: Path, batches: list[list[bytes]]) -> None:
    """Keep a row for each record."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(
        "CREATE TABLE record (journal INTEGER, sequence INTEGER, boot INTEGER, uptime_ms INTEGER, data BLOB, "
        "PRIMARY KEY (journal, sequence)) WITHOUT ROWID"
    )
    for batch in batches:
        rows = []
        for page in map(unpack_page, batch):
            for n in range(len(page.records) // RECORD_BYTES):
                record = page.records[n * RECORD_BYTES : (n + 1) * RECORD_BYTES]
                rows.append((page.journal, page.first_sequence + n, page.boot, page.base_uptime_ms + n * 5000, record))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()


def measure(store: Callable[[Path, list[list[bytes]]], None], batches: list[list[bytes]]) -> tuple[float, int]:
    """Return the seconds that storing takes and the size of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.db"
        begin_s = time.perf_counter()
        store(path, batches)
        return time.perf_counter() - begin_s, path.stat().st_size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args()
    pages, records = a_long_journal()
    batches = [pages[start : start + PAGES_PER_BATCH] for start in range(0, len(pages), PAGES_PER_BATCH)]
    found = {}
    for name, store in (("pages", as_pages), ("rows", as_rows)):
        seconds, size = measure(store, batches)
        found[name] = {
            "epochs_per_s": round(records / seconds),
            "bytes_per_epoch": round(size / records, 1),
            "kb_per_day": round(size / DAYS / 1000),
        }
    if args.json:
        print(json.dumps({"epochs": records, "pages_per_batch": PAGES_PER_BATCH, **found}))
        return
    print(f"{records} epochs in batches of {PAGES_PER_BATCH} pages")
    for name, figures in found.items():
        on_disk = f"{figures['bytes_per_epoch']:>6} bytes/epoch and {figures['kb_per_day']:>6} kB/day on disk"
        print(f"{name:6} {figures['epochs_per_s']:>10,} epochs/s {on_disk}")


if __name__ == "__main__":
    main()
