"""The load of the journal on flash: reads, programs and erases counted under LittleFS, and their consequences.

usage: flash_wear.py [--json] [--days D]

Native MicroPython wears a sensor for 12 hours a day, 200 events among the epochs, on a simulated chip of 2 MiB with
two packs of firmware and all small files, until its journal is full; then D days count. A step is what is done between
two turns of the sampler: of a flush, it is a block's worth.

Times and lifetime are those of Winbond's W25Q series, as a stand-in for whatever chip a board has: erasing 4 KiB takes
45 ms, at worst 400 (tSE); programming 256 bytes 0.4 ms, at worst 3 (tPP); a block stands 100,000 erases. Drivers quote
them so from the datasheets of the W25Q32 and W25Q128; those themselves were not at hand. That a read takes 0.1 ms, and
1 ms more for every 10 kB, is an assumption to be checked on a board.
"""

import argparse
import json
import math
import sys
from typing import Any

from _everywhere import MICROPYTHON_I386, ROOT

from unslouch.errors import ExitCode

SCRIPTS = ROOT / "tests" / "firmware" / "littlefs"
KINDS = {
    "unwatched": "no host",
    "watched": "a dashboard without a break",
    "connected": "a host that connects each minute",
    "stock": "no host, mounted in MicroPython's own sizes",
}
LABELS = {"mean": "a flush", "worst": "a step", "save": "saving", "boot": "a start", "wipe": "wiping"}
ENDURANCE_ERASES = 100_000
DAYS_PER_YEAR = 365
ERASE_MS = (45.0, 400.0)  # typical, worst
PROGRAM_MS = (0.4, 3.0)
PROGRAM_BYTES = 256
READ_MS = 0.1
READ_BYTES_PER_MS = 10_000


def duration_ms(cost: dict[str, float], worst: bool) -> float:
    """Return how long the counted operations take on the chip, typically or at worst."""
    programs = cost["programs"] + math.ceil(cost["program_bytes"] / PROGRAM_BYTES)
    reading_ms = cost["reads"] * READ_MS + cost["read_bytes"] / READ_BYTES_PER_MS
    return reading_ms + cost["erases"] * ERASE_MS[worst] + programs * PROGRAM_MS[worst]


def counted(kind: str, days: int) -> dict[str, Any]:
    """Return what count_operations.py counts, with times and lifetime; raises RuntimeError where it fails."""
    run = MICROPYTHON_I386.run(
        SCRIPTS / "count_operations.py",
        kind,
        str(days),
        path=(ROOT / "firmware", SCRIPTS),
        heap_kib=16 * 1024,
    )
    if run.returncode:
        raise RuntimeError(run.stdout + run.stderr)
    counts: dict[str, Any] = json.loads(run.stdout)
    for what in ("worst", "save", "boot", "wipe"):
        counts[what] = max(counts[what], key=lambda cost: duration_ms(cost, True))
    for what in ("mean", "worst", "save", "boot", "wipe"):
        counts[what]["typical_ms"] = round(duration_ms(counts[what], False), 1)
        counts[what]["worst_ms"] = round(duration_ms(counts[what], True), 1)
    counts["lifetime_years"] = round(ENDURANCE_ERASES / counts["erases_per_day_of_most_worn_block"] / DAYS_PER_YEAR, 1)
    evenly = ENDURANCE_ERASES * counts["blocks"] / counts["erases_per_day"] / DAYS_PER_YEAR
    counts["lifetime_years_if_evenly_worn"] = round(evenly)
    return counts


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object, by how the sensor is used")
    parser.add_argument("--days", type=int, default=14, help="that count, once the journal is full (default 14)")
    options = parser.parse_args()
    if (missing := MICROPYTHON_I386.missing()) is not None:
        print(missing, file=sys.stderr)
        return ExitCode.OK
    figures = {kind: counted(kind, options.days) for kind in KINDS}
    if options.json:
        print(json.dumps(figures))
    else:
        for kind, counts in figures.items():
            _print(KINDS[kind], counts)
    return ExitCode.OK


def _print(title: str, counts: dict[str, Any]) -> None:
    print(f"{title}: holds {counts['days_held']:.1f} days, {counts['free_blocks']} of {counts['blocks']} blocks free")
    print(
        f"  {counts['flushes_per_day']:.0f} flushes and {counts['erases_per_day']:.0f} erases a day; the most worn "
        f"block lasts {counts['lifetime_years']:.0f} years, all worn evenly {counts['lifetime_years_if_evenly_worn']}"
    )
    for what, label in LABELS.items():
        cost = counts[what]
        print(
            f"  {label:<10}{cost['reads']:8.0f} reads {cost['erases']:6.2f} erases {cost['programs']:6.1f} programs "
            f"of {cost['program_bytes']:6.0f} B: {cost['typical_ms']:6.0f} ms, {cost['worst_ms']:6.0f} ms at worst"
        )


if __name__ == "__main__":
    sys.exit(main())
