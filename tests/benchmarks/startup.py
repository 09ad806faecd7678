"""How soon the command answers: `unslouch --help` beside a bare interpreter, in one run.

usage: startup.py [--json] [--runs N]

The goal is 150 ms for --help. dashboard.py measures the first frame of the dashboard.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

GOAL_MS = 150.0


def median_ms(arguments: list[str], runs: int) -> float:
    """Return the median time of a command, ms."""
    took_ms = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True, timeout=60)
        took_ms.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took_ms), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=11, help="of each, whose median counts (default 11)")
    args = parser.parse_args()
    figures = {
        "python": {"median_ms": median_ms(["-c", "pass"], args.runs)},
        "unslouch --help": {"median_ms": median_ms(["-m", "unslouch", "--help"], args.runs), "goal_ms": GOAL_MS},
        "unslouch --version": {"median_ms": median_ms(["-m", "unslouch", "--version"], args.runs)},
    }
    if args.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        goal = f"   goal {figure['goal_ms']:.0f} ms" if "goal_ms" in figure else ""
        print(f"{name:20} {figure['median_ms']:7.1f} ms{goal}")


if __name__ == "__main__":
    main()
