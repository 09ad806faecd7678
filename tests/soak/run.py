"""The soak: simulated weeks of the whole firmware in native i386 MicroPython, with a real host: `make soak`.

usage: run.py [--periods N] [--period-hours H] [--kind rough|steady] [--seed S] [--fault leak|record]

A rough week has power cuts, panics in C, memory that runs short, empty batteries, updates of the firmware that are cut
short or taken back, and reboots without a clock all the time; a steady one is five days in two boots, in which a leak
shows, and two with deep sleeps and updates. Both have bus errors, button presses, hosts, and a tick counter that wraps
after an hour; both run at once. It fails if the firmware raises anything but the MemoryError of a shortage, if a crash
isn't journaled once, if a damaged pack is started, if the heap after the last period (of a steady week: of the same
boot) isn't that after the second ± 2 %, or if what the host has stored isn't what was journaled. --fault breaks the
firmware on purpose.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from comparing import Differs, compare, read_truth
from hosting import Host

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "interpreters"))

from interpreters import MICROPYTHON_I386  # noqa: E402 - found through the line above

KINDS = {
    "rough": (
        *("cuts", "panics", "short_of_memory", "out_of_memory"),
        *("deep_sleeps", "interrupted", "presses", "bus_failures", "gone"),
        *("updates", "cut_updates", "resumed_updates", "taken_back", "switches"),
    ),
    "steady": (
        *("presses", "bus_failures", "gone", "deep_sleeps"),
        *("updates", "cut_updates", "resumed_updates", "switches"),
    ),
}
"""The faults that each kind of week has to contain."""
WEEK_H = 7 * 24
PATH = (ROOT / "firmware", ROOT / "host" / "unslouch" / "twin" / "micropython", HERE)
HEAP_KIB = 2048
LINE_BYTES = 1 << 20
GRACE_S = 5.0
LEAK = 0.02  # of the heap, from the second period's end to the last's


class Failed(Exception):
    """A week did not pass; the message says why."""


async def live(kind: str, folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Run one week, serving as its host, and return its periods' figures; raises Failed or Differs."""
    host = Host(folder / "host.db", options.seed)
    words = [kind, options.periods, options.period_hours, options.seed, options.fault]
    process = await asyncio.create_subprocess_exec(
        *(str(MICROPYTHON_I386.executable), "-X", f"heapsize={HEAP_KIB}k", str(HERE / "week.py"), str(folder)),
        *map(str, words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"MICROPYPATH": ":".join([*map(str, PATH), ".frozen"])},
        limit=LINE_BYTES,
    )
    try:
        periods = await _serve(process, host, kind)
    finally:
        await _end(process)
        await host.writer.close()
    if not host.complete:
        raise Failed("the last visit was not completed")
    return periods


async def _end(process: asyncio.subprocess.Process) -> None:
    """Wait for a process whose other end is closed."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), GRACE_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _serve(process: asyncio.subprocess.Process, host: Host, kind: str) -> list[dict[str, Any]]:
    assert process.stdout is not None
    periods: list[dict[str, Any]] = []
    began = time.monotonic()
    while True:
        line = (await process.stdout.readline()).decode()
        word, _, rest = line.partition(" ")
        if word == "visit":
            await host.visit(process, None if rest.strip() == "-" else int(rest))
        elif word == "period":
            figures = json.loads(rest) | {"stored": host.writer.records_added}
            counted = ("visits", "interrupted", "updates", "cut_updates", "resumed_updates", "taken_back")
            periods.append(figures | {name: getattr(host, name) for name in counted})
            print(f"{kind:6} {time.monotonic() - began:5.0f} s ", _in_words(periods[-1]), flush=True)
        elif word.strip() == "done":
            return periods
        else:
            raise Failed(f"the week broke off: {line or 'see above'}")


def _in_words(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())


def check_heap(kind: str, periods: list[dict[str, Any]]) -> str:
    """Return how the heap has changed, in words; raises Failed where that looks like a leak.

    The first period doesn't count: MicroPython keeps the names of each module that it loads, and the modules that are
    loaded on demand need not all have been.
    """
    second = periods[min(1, len(periods) - 1)]
    compared = [period for period in periods if kind == "rough" or period["boots"] == second["boots"]][-1]
    first, last = second["heap_bytes"], compared["heap_bytes"]
    words = f"heap after period {second['period']}: {first} bytes, after period {compared['period']}: {last}"
    words += f" ({last / first - 1:+.2%})"
    if abs(last / first - 1) > LEAK:
        raise Failed(words)
    return words


def check_hardships(kind: str, met: dict[str, Any]) -> None:
    """Raise Failed where a week was too kind to prove anything."""
    if missing := [name for name in KINDS[kind] if not met[name]]:
        raise Failed(f"the week had no {', '.join(missing)}")


async def soak(kind: str, folder: Path, options: argparse.Namespace) -> bool:
    """Run one week and check it; print the result, and return whether it passed."""
    folder.mkdir()
    try:
        periods = await live(kind, folder, options)
        heap = check_heap(kind, periods)
        found = compare(folder / "host.db", folder / "flash" / "journal", read_truth(folder / "truth.bin"))
        if options.periods * options.period_hours >= WEEK_H:
            check_hardships(kind, periods[-1] | found)
    except (Failed, Differs) as error:
        print(f"{kind}: FAILED: {error}", flush=True)
        return False
    print(f"{kind}: passed: {heap}; host and journal agree: {_in_words(found)}", flush=True)
    return True


async def main() -> int:
    """Run the weeks, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--periods", type=int, default=7, help="after each, figures are printed")
    parser.add_argument("--period-hours", type=float, default=24)
    parser.add_argument("--kind", choices=list(KINDS), action="append", help="only this one")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--fault", choices=("none", "leak", "record"), default="none")
    parser.add_argument("--keep", type=Path, help="a folder to keep flash and database in, which must not exist")
    options = parser.parse_args()
    if (problem := MICROPYTHON_I386.missing()) is not None:
        print(problem, file=sys.stderr)
        return 1
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="unslouch-soak-") as temporary:
        folder = options.keep or Path(temporary) / "soak"
        folder.mkdir()
        passed = await asyncio.gather(*(soak(kind, folder / kind, options) for kind in options.kind or KINDS))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
