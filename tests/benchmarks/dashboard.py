"""What the dashboard costs, beside a bare Textual app and apps with textual-plotext and textual-plot, in one run.

    python tests/benchmarks/dashboard.py [--seconds 10] [--hours 12] [--json]

First frame; share of a core at 10 frames a second on Live, at 120x40 and 200x60; one frame of each plot; how late the
event loop is while a fortnight is fetched; how long History takes to show a year whose summaries are kept; and how
memory grows over a simulated day. Terminals are needed for all but the plots and the memory. The other plots come with
the development dependencies.
"""

import argparse
import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
SIZE, LARGE = (120, 40), (200, 60)
LIVE_HZ, FRAMES_PER_S = 25, 10
WARM_UP_S = 2.0
PLOT_FRAMES = 300
STARTS = 5
FIRST_FRAME_TEXT = b"Posture"
FORTNIGHT_H = 14 * 12
LAG_EVERY_S = 0.005
FETCHED_WITHIN_S = 300
TARGETS = {
    "first frame, times a bare app's": 2.0,
    "share of a core at 120x40": 0.05,
    "share of a core at 200x60": 0.10,
    "lateness of the event loop while fetching, ms, p99": 40.0,
    "a year's History, ms": 300.0,
    "growth of memory over the day, MB": 5.0,
}
BARE = f"""
from textual.app import App
from textual.widgets import Static
class Bare(App):
    BINDINGS = [("q", "quit")]
    def compose(self):
        yield Static({FIRST_FRAME_TEXT.decode()!r})
Bare().run()
"""


class LiveFeed:
    """A simulated stream of samples at 25 Hz."""

    is_simulated = True
    link_kind = "cable"
    notice = ""

    async def run(self, consumer: Any) -> None:
        from unslouch.link.model import LinkState, LiveSample
        from unslouch.sensor.events import LinkChanged
        from unslouch_device.contract import states

        consumer(LinkChanged(LinkState.LIVE))
        begun_s, number = time.monotonic(), 0
        while True:
            number += 1
            tilt_deg = swaying(number / LIVE_HZ)
            state = states.UPRIGHT if tilt_deg < 12 else states.LEANING
            consumer(LiveSample(number * 40, tilt_deg, tilt_deg / 4, state, 1, False, False, False, 0))
            await asyncio.sleep(max(0.0, begun_s + number / LIVE_HZ - time.monotonic()))

    def load_today(self) -> None:
        return None

    def history(self) -> Any:
        from unslouch.errors import NoData

        raise NoData("Nothing is recorded.")

    def watch(self, watched: bool) -> None:
        """There is no sensor that could rest."""

    def close(self) -> None:
        """Nothing is open."""


def swaying(seconds: float) -> float:
    """A tilt in degrees that crosses the threshold now and then."""
    return 8 + 8 * math.sin(seconds / 5) + 0.8 * math.sin(seconds * 2.3)


def own_app() -> Any:
    from unslouch.tui.app import DashboardApp

    return DashboardApp(LiveFeed())  # type: ignore[arg-type]


def plot_app(make: Callable[[], tuple[Any, Callable[[int], None]]]) -> Any:
    """Return an app with one plot, which takes what comes in a frame ten times a second."""
    from textual.app import App

    plot, advance = make()

    class PlotApp(App[None]):
        frame = 0

        def compose(self) -> Any:
            yield plot

        def on_mount(self) -> None:
            self.set_interval(1 / FRAMES_PER_S, self.draw)

        def draw(self) -> None:
            self.frame += 1
            advance(self.frame)

    return PlotApp()


def bare_text() -> tuple[Any, Callable[[int], None]]:
    """A bare Textual app's counterpart: one line of text that changes with each frame."""
    from textual.widgets import Static

    text = Static()
    return text, lambda frame: text.update(f"{swaying(frame / FRAMES_PER_S):.1f}°")


def show(name: str, seconds: float, result: Path) -> None:
    """Run an app on this terminal; write its share of a core in frames after the warm-up."""
    app = own_app() if name == "own" else plot_app(PLOTS[name])

    async def measure() -> None:
        await asyncio.sleep(WARM_UP_S)
        begun_s, used_s = time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        share = (time.process_time() - used_s) / (time.perf_counter() - begun_s)
        result.write_text(json.dumps(share))
        app.exit()

    app.call_later(lambda: app.run_worker(measure(), group="feed"))
    app.run()


def show_fetching(sensor: str, folder: Path, result: Path) -> None:
    """Run the dashboard until a fortnight is fetched; write how late the event loop was, and how long it took."""
    from unslouch.sensor.events import RecordsStored
    from unslouch.tui.app import DashboardApp
    from unslouch.tui.feed import RecorderFeed, open_sensor

    app = DashboardApp(RecorderFeed(partial(open_sensor, sensor), folder / "posture.db"))
    late_ms: list[float] = []
    behind: list[int] = []

    async def measure() -> None:
        begun_s = time.perf_counter()
        handle = app.shared.sensor.handle

        def watch(event: Any) -> None:
            if isinstance(event, RecordsStored):
                behind.append(event.behind)
            handle(event)

        app.shared.sensor.handle = watch  # type: ignore[method-assign]
        while not (behind and behind[-1] == 0) and time.perf_counter() - begun_s < FETCHED_WITHIN_S:
            before_s = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_S)
            late_ms.append(1000 * (time.perf_counter() - before_s - LAG_EVERY_S))
        result.write_text(json.dumps([late_ms, time.perf_counter() - begun_s, max(behind, default=0), behind[-1:]]))
        app.exit()

    app.call_later(lambda: app.run_worker(measure(), group="feed"))
    app.run()


def show_history(database: Path, result: Path) -> None:
    """Run the dashboard, show History twice, and write how long the second took: by then the summaries are kept."""
    from unslouch.tui.app import DashboardApp
    from unslouch.tui.modes import MODES

    class StoredFeed(LiveFeed):
        def history(self) -> Any:
            if not hasattr(self, "opened"):
                from unslouch.analysis.history import History
                from unslouch.store import Store

                self.opened = History(Store.open(database, simulated=None))
            return self.opened

    app = DashboardApp(StoredFeed())  # type: ignore[arg-type]
    assert any(mode.id == "history" for mode in MODES)

    async def shown() -> float:
        begun_s = time.perf_counter()
        await app.action_mode("history")
        screen = app.mode_screen
        while screen is None or screen._refreshing is not None or screen._refreshed_at_s == float("-inf"):
            await asyncio.sleep(0.002)
            screen = app.mode_screen
        return 1000 * (time.perf_counter() - begun_s)

    async def measure() -> None:
        await asyncio.sleep(0.5)
        first_ms = await shown()
        await app.action_mode("live")
        app.get_screen_stack("history")[0].follow_sensor()
        second_ms = await shown()
        result.write_text(json.dumps([first_ms, second_ms]))
        app.exit()

    app.call_later(lambda: app.run_worker(measure(), group="feed"))
    app.run()


def in_terminal(arguments: list[str], until: bytes | None, size: tuple[int, int] = SIZE) -> float:
    """Run Python in a terminal of its own until a text shows, or to its end; return the seconds."""
    import pty
    from fcntl import ioctl
    from struct import pack
    from termios import TIOCSWINSZ

    begun_s = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        ioctl(0, TIOCSWINSZ, pack("HHHH", size[1], size[0], 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execve(sys.executable, [sys.executable, *arguments], environment)
    shown, took_s = b"", None
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that the child has closed it
            data = b""
        if not data:
            break
        shown = shown[-100_000:] + data
        if took_s is None and until is not None and until in shown:
            took_s = time.perf_counter() - begun_s
            os.write(terminal, b"q")
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    if status or (until is not None and took_s is None):
        raise SystemExit(f"It failed, or did not show {until!r}: {shown[-2000:].decode(errors='replace')}")
    return took_s or time.perf_counter() - begun_s


def cpu_share(name: str, seconds: float, size: tuple[int, int] = SIZE) -> float:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "share"
        in_terminal([__file__, "--show", name, "--result", str(result), "--seconds", str(seconds)], None, size)
        return float(json.loads(result.read_text()))


def first_frames_ms() -> tuple[float, float]:
    """Median times from the start of the process to the first frame, where no sensor is found, and of a bare app.

    The two take turns, so that a machine that slows down slows both.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = ["-m", "unslouch", "--sensor", f"{folder}/none", "--db", f"{folder}/none.db"]
        bare = ["-c", BARE]
        times_ms: dict[str, list[float]] = {"own": [], "bare": []}
        for start in range(STARTS + 1):
            for name, arguments in (("own", own), ("bare", bare)):
                took_ms = 1000 * in_terminal(arguments, FIRST_FRAME_TEXT)
                if start:  # the first one compiles, and fills the page cache
                    times_ms[name].append(took_ms)
        return statistics.median(times_ms["own"]), statistics.median(times_ms["bare"])


def fetching() -> tuple[float, float]:
    """Return how late the event loop is while a fortnight is fetched (ms, 99th percentile), and how long it takes (s).

    The board is a process of its own, on a pseudo-terminal.
    """
    with tempfile.TemporaryDirectory() as folder:
        port, result = Path(folder) / "port", Path(folder) / "late"
        board = subprocess.Popen([sys.executable, __file__, "--serve-board", str(port)])
        try:
            while not port.exists():
                time.sleep(0.05)
            in_terminal([__file__, "--show", "fetching", "--sensor", str(port), "--result", str(result)], None)
        finally:
            board.terminate()
            board.wait()
        late_ms, took_s, records, left = json.loads(result.read_text())
        if left != [0] or records < FORTNIGHT_H * 600:
            raise SystemExit(f"Of {records} records {left} were still to be fetched after {took_s:.0f} s.")
        return statistics.quantiles(late_ms, n=100)[98], took_s


async def serve_board(port: Path) -> None:
    """Be a board with a fortnight of records until the process is ended."""
    from link.fake_board import FakeBoard

    async with FakeBoard(hours=FORTNIGHT_H).on_pty(port):
        await asyncio.Event().wait()


def history_ms() -> tuple[float, float]:
    """Return how long History takes to show a year for the first time, and again."""
    from long_history import fill

    with tempfile.TemporaryDirectory() as folder:
        database, result = Path(folder) / "year.db", Path(folder) / "times"
        fill(database, date.today() - timedelta(days=364), 365)
        in_terminal([__file__, "--show", "history", "--sensor", str(database), "--result", str(result)], None)
        first_ms, second_ms = json.loads(result.read_text())
        return first_ms, second_ms


async def memory_growth_mb(hours: float) -> float:
    """Return by how much the process grew in a simulated day of live samples, after its first two hours."""
    import psutil

    from unslouch.link.model import LinkState, LiveSample
    from unslouch.sensor.events import LinkChanged
    from unslouch.tui.app import DashboardApp
    from unslouch_device.contract import states

    class SilentFeed(LiveFeed):
        async def run(self, consumer: Any) -> None:
            await asyncio.Event().wait()

    now_s = 0.0
    app = DashboardApp(SilentFeed(), clock=lambda: now_s, frames_per_s=1e-4)  # type: ignore[arg-type]
    process = psutil.Process()
    settled = 0
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.shared.sensor.handle(LinkChanged(LinkState.LIVE))
        for minute in range(round(60 * hours)):
            for number in range(minute * 60 * LIVE_HZ, (minute + 1) * 60 * LIVE_HZ):
                tilt_deg = swaying(number / LIVE_HZ)
                state = states.UPRIGHT if tilt_deg < 12 else states.LEANING
                sample = LiveSample(number * 40, tilt_deg, tilt_deg / 4, state, 1, False, False, False, 0)
                app.shared.sensor.handle(sample)
                if number % (LIVE_HZ * 6) == 0:
                    now_s += 6
                    app._frame()
                    await asyncio.sleep(0)
            await pilot.pause()
            if minute == 120:
                settled = process.memory_info().rss
        return (process.memory_info().rss - settled) / 1e6


def own_plot() -> tuple[Any, Callable[[int], None]]:
    from unslouch.tui.widgets.tilt_plot import TiltPlot

    plot = TiltPlot(12, 4)

    def advance(frame: int) -> None:
        for number in range(frame * LIVE_HZ // 10, (frame + 1) * LIVE_HZ // 10):
            plot.add(number / LIVE_HZ, swaying(number / LIVE_HZ))
        plot.advance()

    return plot, advance


def textual_plotext() -> tuple[Any, Callable[[int], None]]:
    from textual_plotext import PlotextPlot  # type: ignore[import-not-found,unused-ignore]

    plot = PlotextPlot()

    def advance(frame: int) -> None:
        draw_with_plotext(plot.plt, frame)
        plot.refresh()

    return plot, advance


def textual_plot() -> tuple[Any, Callable[[int], None]]:
    from textual_plot import HiResMode, PlotWidget  # type: ignore[import-not-found,unused-ignore]

    plot = PlotWidget()

    def advance(frame: int) -> None:
        times_s = [frame / 10 - tenth / 10 for tenth in range(900, -1, -1)]
        plot.clear()
        plot.plot(times_s, [swaying(second) for second in times_s], hires_mode=HiResMode.BRAILLE)
        for height in (12.0, 8.0):
            plot.plot([times_s[0], times_s[-1]], [height, height], hires_mode=HiResMode.BRAILLE)
        plot.refresh()

    return plot, advance


def draw_with_plotext(plt: Any, frame: int) -> None:
    """The same 90 s of tilt, at one point per frame, with both lines."""
    last_s = frame / 10
    times_s = [last_s - tenth / 10 for tenth in range(900, -1, -1)]
    plt.clear_data()
    plt.plot(times_s, [swaying(second) for second in times_s], marker="braille")
    plt.hline(12)
    plt.hline(8)


async def plot_frame_ms(make: Callable[[], tuple[Any, Callable[[int], None]]]) -> float:
    """Mean time of a frame of a plot widget of 80 by 20 cells: take the new samples, redraw what changed."""
    from textual.app import App

    from unslouch.tui.palette import css_variables

    plot, advance = make()

    class Bench(App[None]):
        def get_theme_variable_defaults(self) -> dict[str, str]:
            return css_variables(True)

        def compose(self) -> Any:
            yield plot

    app = Bench()
    async with app.run_test(size=(80, 20)) as pilot:
        for frame in range(900):
            if make is own_plot:
                advance(frame)
        await pilot.pause()
        begun_s = time.perf_counter()
        for frame in range(900, 900 + PLOT_FRAMES):
            advance(frame)
            plot.render_lines(plot.size.region)
        return 1000 * (time.perf_counter() - begun_s) / PLOT_FRAMES


def plain_plotext_ms() -> float:
    import plotext  # type: ignore[import-not-found,unused-ignore]

    plotext.plotsize(80, 20)
    begun_s = time.perf_counter()
    for frame in range(900, 900 + PLOT_FRAMES):
        draw_with_plotext(plotext, frame)
        plotext.build()
    return 1000 * (time.perf_counter() - begun_s) / PLOT_FRAMES


PLOTS: dict[str, Callable[[], tuple[Any, Callable[[int], None]]]] = {
    "bare": bare_text,
    "textual-plotext": textual_plotext,
    "textual-plot": textual_plot,
}


def plots_ms() -> dict[str, float | None]:
    """Time of a frame with each plot; None where it is not installed."""
    times_ms: dict[str, float | None] = {"own": asyncio.run(plot_frame_ms(own_plot))}
    for name, make in (("textual-plotext", textual_plotext), ("textual-plot", textual_plot)):
        times_ms[name] = None
        with suppress(ImportError):
            times_ms[name] = asyncio.run(plot_frame_ms(make))
    with suppress(ImportError):
        times_ms["plotext"] = plain_plotext_ms()
    return times_ms


def measure_all(seconds: float, hours: float) -> dict[str, Any]:
    measured: dict[str, Any] = {"one frame of 80x20, ms": plots_ms()}
    if os.name == "posix":
        own_ms, bare_ms = first_frames_ms()
        measured["first frame, ms"] = {"own": own_ms, "bare": bare_ms}
        measured["first frame, times a bare app's"] = own_ms / bare_ms
        measured["share of a core at 120x40"] = cpu_share("own", seconds)
        measured["share of a core at 200x60"] = cpu_share("own", seconds, LARGE)
        beside = [name for name in PLOTS if measured["one frame of 80x20, ms"].get(name, 0.0) is not None]
        measured["share of a core of the others at 120x40"] = {name: cpu_share(name, seconds) for name in beside}
        late_ms, took_s = fetching()
        measured["lateness of the event loop while fetching, ms, p99"] = late_ms
        measured["a fortnight fetched, s"] = took_s
        first_ms, again_ms = history_ms()
        measured["a year's History for the first time, ms"] = first_ms
        measured["a year's History, ms"] = again_ms
    if hours > 2:
        measured["growth of memory over the day, MB"] = asyncio.run(memory_growth_mb(hours))
    return measured


def line(name: str, value: Any) -> str:
    if isinstance(value, dict):
        shown = ", ".join(f"{key} {'not installed' if each is None else f'{each:.4g}'}" for key, each in value.items())
        return f"{name:<52} {shown}"
    target = f"   (≤ {TARGETS[name]:g})" if name in TARGETS else ""
    return f"{name:<52} {value:.4g}{target}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the dashboard costs.")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to measure each share (default 10)")
    parser.add_argument("--hours", type=float, default=12.0, help="how long the simulated day is (default 12)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--show", help=argparse.SUPPRESS)
    parser.add_argument("--sensor", help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--serve-board", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    if args.serve_board:
        asyncio.run(serve_board(args.serve_board))
    elif args.show == "fetching":
        show_fetching(args.sensor, args.result.parent, args.result)
    elif args.show == "history":
        show_history(Path(args.sensor), args.result)
    elif args.show:
        show(args.show, args.seconds, args.result)
    else:
        measured = measure_all(args.seconds, args.hours)
        print(json.dumps(measured) if args.json else "\n".join(line(*each) for each in measured.items()))


if __name__ == "__main__":
    main()
