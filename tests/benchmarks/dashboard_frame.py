"""What the dashboard costs: CPU share at 10 frames/s with live data, its plot beside others, and the first frame.

    python tests/benchmarks/dashboard_frame.py [--seconds 10] [--json]

plotext and textual-plotext, which it is compared with, come with the development dependencies.
"""

import argparse
import asyncio
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

COLUMNS, ROWS = 120, 40
LIVE_HZ = 25
WARM_UP_S = 2.0
PLOT_FRAMES = 300
STARTS = 5
FIRST_FRAME_TEXT = b"Posture"
TARGET_SHARE, TARGET_FIRST_MS = 0.05, 350


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

    def close(self) -> None:
        """Nothing is open."""


def swaying(seconds: float) -> float:
    """A tilt in degrees that crosses the threshold now and then."""
    return 8 + 8 * math.sin(seconds / 5) + 0.8 * math.sin(seconds * 2.3)


def show_live(seconds: float, result: Path) -> None:
    """Run the dashboard on this terminal; write its share of a core in frames after the warm-up."""
    from unslouch.tui.app import DashboardApp

    app = DashboardApp(LiveFeed())  # type: ignore[arg-type]

    async def measure() -> None:
        await asyncio.sleep(WARM_UP_S)
        begun_s, used_s = time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        share = (time.process_time() - used_s) / (time.perf_counter() - begun_s)
        result.write_text(json.dumps(share))
        app.exit()

    app.call_later(lambda: app.run_worker(measure(), group="feed"))
    app.run()


def in_terminal(arguments: list[str], until: bytes | None) -> float:
    """Run Python in a terminal of its own until a text shows, or to its end; return the seconds."""
    import pty
    from fcntl import ioctl
    from struct import pack
    from termios import TIOCSWINSZ

    begun_s = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        ioctl(0, TIOCSWINSZ, pack("HHHH", ROWS, COLUMNS, 0, 0))
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
        if took_s is None and until is not None:
            shown += data
            if until in shown:
                took_s = time.perf_counter() - begun_s
                os.write(terminal, b"q")
    os.waitpid(child, 0)
    os.close(terminal)
    if until is not None and took_s is None:
        raise SystemExit(f"The dashboard did not show: {shown[-500:]!r}")
    return took_s or time.perf_counter() - begun_s


def cpu_share(seconds: float) -> float:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "share"
        in_terminal([__file__, "--show-live", str(result), "--seconds", str(seconds)], None)
        return float(json.loads(result.read_text()))


def first_frames_ms() -> list[float]:
    """From the start of the process to the first frame, where no sensor is found."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["-m", "unslouch", "--sensor", f"{folder}/none", "--db", f"{folder}/none.db"]
        in_terminal(arguments, FIRST_FRAME_TEXT)  # so that all is compiled and in the page cache
        return [1000 * in_terminal(arguments, FIRST_FRAME_TEXT) for _ in range(STARTS)]


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


def others_ms() -> dict[str, float | None]:
    """Time of a frame with each ready-made plot; None where it is not installed."""
    found: dict[str, float | None] = {"textual-plotext": None, "plotext": None}
    with suppress(ImportError):
        found["textual-plotext"] = asyncio.run(plot_frame_ms(textual_plotext))
    with suppress(ImportError):
        found["plotext"] = plain_plotext_ms()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the dashboard costs.")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to measure the CPU share (default 10)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--show-live", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.show_live:
        show_live(args.seconds, args.show_live)
        return
    own_ms = asyncio.run(plot_frame_ms(own_plot))
    others = others_ms()
    has_terminals = os.name == "posix"
    share = cpu_share(args.seconds) if has_terminals else None
    starts_ms = first_frames_ms() if has_terminals else []
    if args.json:
        print(
            json.dumps(
                {
                    "cpu_share": share,
                    "first_frame_ms": {"median": statistics.median(starts_ms), "all": starts_ms} if starts_ms else None,
                    "plot_frame_ms": {"own": own_ms, **others},
                }
            )
        )
        return
    if not has_terminals:
        print("This system has no pseudo-terminals: CPU share and first frame are not measured.")
    else:
        print(f"CPU share at 10 frames/s, {COLUMNS}×{ROWS:<12} {100 * (share or 0):7.2f} %   (≤ {TARGET_SHARE:.0%})")
        print(f"first frame, median of {STARTS:<20} {statistics.median(starts_ms):7.0f} ms  (≤ {TARGET_FIRST_MS} ms)")
    print(f"plot, one frame of 80×20: own               {own_ms:7.3f} ms")
    for name, ms in others.items():
        shown = "not installed" if ms is None else f"{ms:7.3f} ms  ({ms / own_ms:.0f} × own)"
        print(f"plot, one frame of 80×20: {name:<17} {shown}")


if __name__ == "__main__":
    main()
