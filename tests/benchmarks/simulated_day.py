"""How fast a simulated day passes: the whole firmware on simulated chips, at full speed, per interpreter in one run.

usage: simulated_day.py [--json] [--hours H]

The goal is an 8-hour day in under 2 minutes on one core of CPython. The figures include starting up.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "interpreters"))

from interpreters import CPYTHON, MICROPYTHON_AMD64, MICROPYTHON_I386, Interpreter

GOAL_S = 120.0


def day_s(interpreter: Interpreter, hours: float) -> float | None:
    """Return how long a day of so many hours takes, s; None where the interpreter is missing."""
    if interpreter.missing() is not None:
        return None
    name = "cpython" if interpreter is CPYTHON else str(interpreter.executable)
    command = ["simulate", "--socket", "--speed", "max", "--end", "--hours", str(hours), "--interpreter", name]
    with tempfile.TemporaryDirectory() as flash:
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "unslouch", *command, "--flash", flash],
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=1200,
        )
        return round(time.perf_counter() - began, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--hours", type=float, default=8.0, help="length of the day (default 8)")
    args = parser.parse_args()
    figures = {each.name: day_s(each, args.hours) for each in (CPYTHON, MICROPYTHON_I386, MICROPYTHON_AMD64)}
    if args.json:
        print(json.dumps({"hours": args.hours, "goal_s": GOAL_S, "seconds": figures}))
        return
    for name, seconds in figures.items():
        text = "missing; `make interpreters` fetches it" if seconds is None else f"{seconds:7.2f} s"
        speed = "" if seconds is None else f"  {args.hours * 3600 / seconds:6.0f} times real time"
        print(f"{name:20} {text}{speed}")
    print(f"goal for 8 hours under CPython: {GOAL_S:.0f} s")


if __name__ == "__main__":
    main()
