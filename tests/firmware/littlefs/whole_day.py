"""Cuts the power at every operation of a 12-hour day's log in a filesystem of 2 MiB that is as full as it gets.

usage: whole_day.py

What test_littlefs.py does at some of the operations, in as many processes as there are processors; takes minutes.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "interpreters"))

from interpreters import MICROPYTHON_I386, ROOT  # noqa: E402

PARTS = 12
TIMEOUT_S = 3600


def cuts(part: int) -> dict[str, int]:
    """Cut at each PARTSth operation; raises RuntimeError where something was lost."""
    done = MICROPYTHON_I386.run(
        HERE / "cut_everywhere.py",
        "long",
        str(PARTS),
        str(part),
        timeout_s=TIMEOUT_S,
        path=(ROOT / "firmware", HERE),
        heap_kib=24 * 1024,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    report: dict[str, int] = json.loads(done.stdout)
    return report


def main() -> int:
    """Run it and return the exit code."""
    if (missing := MICROPYTHON_I386.missing()) is not None:
        print(missing, file=sys.stderr)
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = list(pool.map(cuts, range(PARTS)))
    print(
        f"{sum(report['cuts'] for report in reports)} cuts at {reports[0]['operations']} operations: nothing that was "
        "acknowledged is lost, no number is used twice, and the board starts."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
