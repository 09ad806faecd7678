"""What the dashboard costs, beside a bare Textual app and apps with textual-plotext and textual-plot, in one run.

    python tests/benchmarks/dashboard.py [--seconds 8] [--hours 12] [--json]

First frame, and the first state on the screen; share of a core at 10 frames a second on Live, at 120x40 and 200x60; one
frame of each plot; how late the event loop is while a fortnight is fetched; how long History takes to show a year whose
summaries are kept; and how memory grows over a simulated day. It takes about four minutes. Terminals are needed for all
but the plots and the memory. `cpu` is the processor's time, in which other programs matter less; the goals are for it.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from _dashboard_apps import FORTNIGHT_H, LIVE_HZ, TESTS, SilentFeed, sample
from _dashboard_plots import PLOTS, plots_ms
from _dashboard_terminal import APPS, LARGE, SIZE, Taken, in_terminal, result_of

STARTS = 5
FIRST_FRAME_TEXT, FIRST_STATE_TEXT = b"Posture", b"LEANING"
SETTLED_AFTER_MIN = 120
FIRST_FRAME, SHARE, LARGE_SHARE = (
    "first frame, times a bare app's cpu",
    "share of a core, 120x40",
    "share of a core, 200x60",
)
LATE, YEAR, GROWTH = (
    "event loop late while fetching, own p99, ms",
    "History of a year again, cpu ms",
    "memory over the day, MB",
)
GOALS = {FIRST_FRAME: 2.0, SHARE: 0.05, LARGE_SHARE: 0.10, LATE: 40.0, YEAR: 300.0, GROWTH: 5.0}
BARE = f"""
from textual.app import App
from textual.widgets import Static
class Bare(App):
    BINDINGS = [("q", "quit")]
    def compose(self):
        yield Static({FIRST_FRAME_TEXT.decode()!r})
Bare().run()
"""


def first_frames() -> dict[str, Taken]:
    """Return the medians until the first frame where no sensor is found, of a bare app, and until the first state.

    They take turns, so that a machine that slows down slows all.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, taken = Path(name), dict[str, list[Taken]]()
        with Board(folder / "port", hours=1) as port:
            own = ("-m", "unslouch", "--sensor", f"{folder}/none", "--db", f"{folder}/none.db")
            with_sensor = ("-m", "unslouch", "--sensor", str(port), "--db", f"{folder}/some.db")
            programs = {
                "own": (own, FIRST_FRAME_TEXT),
                "bare": (("-c", BARE), FIRST_FRAME_TEXT),
                "first state": (with_sensor, FIRST_STATE_TEXT),
            }
            for start in range(STARTS + 1):
                for program, (arguments, text) in programs.items():
                    each = in_terminal(arguments, text)
                    if start:  # the first one compiles, and fills the page cache
                        taken.setdefault(program, []).append(each)
    median = statistics.median
    return {
        program: Taken(median(each.wall_s for each in starts), median(each.cpu_s for each in starts))
        for program, starts in taken.items()
    }


class Board:
    """A fake board that is a process of its own, on a pseudo-terminal."""

    def __init__(self, port: Path, hours: float) -> None:
        self._port, self._hours = port, hours

    def __enter__(self) -> Path:
        self._process = subprocess.Popen([sys.executable, str(APPS), "board", str(self._port), str(self._hours)])
        while not self._port.exists():
            if self._process.poll() is not None:
                raise SystemExit("The fake board has ended.")
            time.sleep(0.05)
        return self._port

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def fetching() -> dict[str, float]:
    """Return how late the event loop is while a fortnight is fetched, and how long that takes."""
    with tempfile.TemporaryDirectory() as name, Board(Path(name) / "port", FORTNIGHT_H) as port:
        late_ms, own_ms, took_s, records, left = result_of("fetching", str(port))
    if left != [0] or records < FORTNIGHT_H * 600:
        raise SystemExit(f"Of {records} records {left} were still to be fetched after {took_s:.0f} s.")
    return {
        LATE: statistics.quantiles(own_ms, n=100)[98],
        "event loop late while fetching, wall p99, ms": statistics.quantiles(late_ms, n=100)[98],
        "a fortnight fetched, s": took_s,
    }


def history() -> dict[str, float]:
    """Return how long History takes to show a year for the first time, and again."""
    (first_ms, first_cpu_ms), (again_ms, again_cpu_ms) = result_of("history")
    return {
        "History of a year for the first time, ms": first_ms,
        "History of a year for the first time, cpu ms": first_cpu_ms,
        "History of a year again, ms": again_ms,
        YEAR: again_cpu_ms,
    }


async def memory_growth_mb(hours: float) -> float:
    """Return by how much the process grew in a simulated day of live samples, after its first two hours."""
    import psutil

    from unslouch.link.model import LinkState
    from unslouch.sensor.events import LinkChanged
    from unslouch.tui.app import DashboardApp

    now_s = 0.0
    app = DashboardApp(SilentFeed(), clock=lambda: now_s, frames_per_s=1e-4)  # type: ignore[arg-type]
    process, settled = psutil.Process(), 0
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.shared.sensor.handle(LinkChanged(LinkState.LIVE))
        for minute in range(round(60 * hours)):
            for number in range(minute * 60 * LIVE_HZ, (minute + 1) * 60 * LIVE_HZ):
                app.shared.sensor.handle(sample(number))
                if number % (LIVE_HZ * 6) == 0:
                    now_s += 6
                    app._frame()
                    await asyncio.sleep(0)
            await pilot.pause()
            if minute == SETTLED_AFTER_MIN:
                settled = process.memory_info().rss
        return (process.memory_info().rss - settled) / 1e6


def measure_terminals(seconds: float, plots: list[str]) -> Iterator[tuple[str, Any]]:
    """Measure everything that needs a terminal."""
    frames = first_frames()
    yield "first frame, ms", {name: 1000 * taken.wall_s for name, taken in frames.items()}
    yield "first frame, cpu ms", {name: 1000 * taken.cpu_s for name, taken in frames.items()}
    yield FIRST_FRAME, frames["own"].cpu_s / frames["bare"].cpu_s
    yield SHARE, result_of("share", "own", str(seconds))
    yield LARGE_SHARE, result_of("share", "own", str(seconds), size=LARGE)
    yield "share of a core of the others, 120x40", {name: result_of("share", name, str(seconds)) for name in plots}
    yield from fetching().items()
    yield from history().items()


def measure_all(seconds: float, hours: float) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of everything that can be measured here."""
    begun_s = time.perf_counter()
    plots = plots_ms()
    yield "one frame of 80x20, ms", plots
    if os.name == "posix":
        yield from measure_terminals(seconds, [name for name in PLOTS if plots.get(name, 0.0) is not None])
    if hours > SETTLED_AFTER_MIN / 60:
        yield GROWTH, asyncio.run(memory_growth_mb(hours))
    yield "all of this, s", time.perf_counter() - begun_s


def line(name: str, value: Any) -> str:
    if isinstance(value, dict):
        shown = ", ".join(f"{key} {'not installed' if each is None else f'{each:.4g}'}" for key, each in value.items())
        return f"{name:<48} {shown}"
    goal = f"   (goal: at most {GOALS[name]:g})" if name in GOALS else ""
    return f"{name:<48} {value:.4g}{goal}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the dashboard costs.")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long to measure each share (default 8)")
    parser.add_argument("--hours", type=float, default=12.0, help="how long the simulated day is (default 12)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    measured = {}
    for name, value in measure_all(args.seconds, args.hours):
        measured[name] = value
        if not args.json:
            print(line(name, value), flush=True)
    if args.json:
        print(json.dumps(measured))


if __name__ == "__main__":
    main()
