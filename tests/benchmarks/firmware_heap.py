"""The least heap with which a board lives a day: `python tests/benchmarks/firmware_heap.py [--json] [--minutes M]`.

The pack of the reference board boots through root/main.py in native i386 MicroPython, whose objects are as large as a
board's, on LittleFS, with simulated chips. A phone pairs over Bluetooth, calibrates, follows telemetry, and takes the
journal every few minutes. Prints, in bytes beyond what this harness holds before main.py runs: what the loaded code
takes, what is in use at the end and at most, and the greatest holders among the app's objects; then the least heap in
KiB with which the day succeeds, found by bisection. Holes between what is in use make the difference.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

BENCHMARKS = Path(__file__).parent
sys.path[:0] = [str(BENCHMARKS.parent / part) for part in ("interpreters", "flashing")]

from heap import PLENTY_KIB, Bench  # noqa: E402
from interpreters import MICROPYTHON_I386  # noqa: E402

MINUTES = 21  # of the day, after pairing and calibrating
HOLDERS = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--minutes", type=int, default=MINUTES)
    options = parser.parse_args()
    if (problem := MICROPYTHON_I386.missing()) is not None:
        sys.exit(problem)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.minutes)
        life = bench.live(PLENTY_KIB, measure=True)
        if isinstance(life, str):
            sys.exit(f"the day failed with {PLENTY_KIB} KiB: {life}")
        least_kib = bench.least_kib(life)
    result = {"least_heap_kib": least_kib} | asdict(life)
    result["holders"] = dict(list(life.holders.items())[:HOLDERS])
    if options.json:
        print(json.dumps(result))
        return
    holders = result.pop("holders")
    for name, value in result.items():
        print(f"{name:22}{value:>10}")
    print("greatest holders in the app, bytes")
    for name, value in holders.items():
        print(f"  {name:20}{value:>10}")


if __name__ == "__main__":
    main()
