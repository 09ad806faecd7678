"""How long the export of a year of 16-hour days takes, and how much memory, for the formats that are made for it.

    python tests/benchmarks/export_year.py [--days 365] [--json]

Each export runs in a process of its own, beside one of a month, whose memory shows whether it grows with the range. The
goals for a year are 8 s to Parquet and 40 s to CSV. On a busy machine the time of the processors says more.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from long_history import fill

FIRST = date(2025, 1, 1)
MONTH = 31
LOGS = ("parquet", "csv", "summary")


def export(database: Path, log: str, days: int) -> dict[str, float]:
    """Export so many days and return the seconds that it took, those of the processors, and the most memory in MB."""
    what = ["--format", "csv", "--table", "summary"] if log == "summary" else ["--format", log]
    last = FIRST + timedelta(days=days - 1)
    code = (
        "import resource, sys; from unslouch.cli.main import main; code = main(sys.argv[1:]); "
        "used = resource.getrusage(resource.RUSAGE_SELF); "
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, "export", "--db", str(database), "--from", str(FIRST), "--to", str(last)]
    command += ["--timezone", "Europe/Berlin", "--output", str(database.with_name(f"{log}-{days}")), *what]
    begin_s = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cpu_s, most = map(float, done.stdout.split())
    most_MB = most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return {"s": round(time.perf_counter() - begin_s, 2), "cpu_s": round(cpu_s, 2), "MB": round(most_MB)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "posture.db"
        fill(database, FIRST, args.days, hours=16)
        for log in LOGS:
            month_MB = export(database, log, min(MONTH, args.days))["MB"]
            figures[log] = {**export(database, log, args.days), "month_MB": month_MB}
    if args.json:
        print(json.dumps({"days": args.days, **figures}))
        return
    print(f"{args.days} days of 16 h")
    for log, row in figures.items():
        print(f"{log:8} {row['s']:>7.1f} s (processors {row['cpu_s']:.1f} s) {row['MB']:>5.0f} MB", end="")
        print(f", a month {row['month_MB']:.0f} MB")


if __name__ == "__main__":
    main()
