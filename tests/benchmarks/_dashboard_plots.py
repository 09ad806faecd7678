"""The plot of the Live mode beside textual-plotext and textual-plot, which come with the development dependencies."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from _dashboard_apps import FRAMES_PER_S, LIVE_HZ, swaying

PLOT_FRAMES = 300


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
            return css_variables(self.current_theme)

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
