"""The apps that the dashboard's benchmark runs in terminals; each writes what it has measured of itself.

python _dashboard_apps.py APP RESULT [ARGUMENT ...]
"""

import asyncio
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
LIVE_HZ, FRAMES_PER_S = 25, 10
WARM_UP_S = 2.0
FORTNIGHT_H = 14 * 12
LAG_EVERY_S = 0.005
FETCHED_WITHIN_S = 300


class LiveFeed:
    """A simulated stream of samples at 25 Hz."""

    is_simulated = True
    link_kind = "cable"
    notice = ""

    async def run(self, consumer: Any) -> None:
        from unslouch.link.model import LinkState
        from unslouch.sensor.events import LinkChanged

        consumer(LinkChanged(LinkState.LIVE))
        begun_s, number = time.monotonic(), 0
        while True:
            number += 1
            consumer(sample(number))
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


class SilentFeed(LiveFeed):
    """One that sends nothing by itself."""

    async def run(self, consumer: Any) -> None:
        await asyncio.Event().wait()


def sample(number: int) -> Any:
    """Return one of the samples, counted from the first."""
    from unslouch.link.model import LiveSample
    from unslouch_device.contract import states

    tilt_deg = swaying(number / LIVE_HZ)
    state = states.UPRIGHT if tilt_deg < 12 else states.LEANING
    return LiveSample(number * 40, tilt_deg, tilt_deg / 4, state, 1, False, False, False, 0)


def swaying(seconds: float) -> float:
    """Return a tilt in degrees that crosses the threshold now and then."""
    return 8 + 8 * math.sin(seconds / 5) + 0.8 * math.sin(seconds * 2.3)


def dashboard() -> Any:
    from unslouch.tui.app import DashboardApp

    return DashboardApp(LiveFeed())  # type: ignore[arg-type]


def run_with(app: Any, measure: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run an app beside what measures it; the app ends with that."""

    async def work() -> None:
        await measure()
        app.exit()

    app.call_later(lambda: app.run_worker(work(), group="feed"))
    app.run()


def measure_share(result: Path, name: str, seconds: str) -> None:
    """Write an app's share of a core in frames, after the warm-up; the processor's time, so that others matter less."""
    from _dashboard_plots import PLOTS, plot_app

    app = dashboard() if name == "own" else plot_app(PLOTS[name])

    async def measure() -> None:
        await asyncio.sleep(WARM_UP_S)
        begun_s, used_s = time.perf_counter(), time.process_time()
        await asyncio.sleep(float(seconds))
        result.write_text(json.dumps((time.process_time() - used_s) / (time.perf_counter() - begun_s)))

    run_with(app, measure)


def measure_fetching(result: Path, sensor: str) -> None:
    """Write how late the event loop was while a fortnight was fetched.

    That is by the clock, and at most what the process itself has computed meanwhile: the rest is of other programs.
    """
    from unslouch.sensor.events import RecordsStored
    from unslouch.tui.app import DashboardApp
    from unslouch.tui.feed import RecorderFeed, open_sensor

    app = DashboardApp(RecorderFeed(partial(open_sensor, sensor), result.with_name("posture.db")))
    late_ms: list[float] = []
    own_ms: list[float] = []
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
            before_s, used_s = time.perf_counter(), time.process_time()
            await asyncio.sleep(LAG_EVERY_S)
            late_ms.append(1000 * max(0.0, time.perf_counter() - before_s - LAG_EVERY_S))
            own_ms.append(min(late_ms[-1], 1000 * (time.process_time() - used_s)))
        took_s = time.perf_counter() - begun_s
        result.write_text(json.dumps([late_ms, own_ms, took_s, max(behind, default=0), behind[-1:]]))

    run_with(app, measure)


def measure_history(result: Path) -> None:
    """Write how long a year in the History mode takes for the first time, and again when its summaries are kept."""
    from datetime import date, timedelta

    from long_history import fill
    from unslouch.tui.app import DashboardApp

    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "year.db"
        fill(database, date.today() - timedelta(days=364), 365)

        class StoredFeed(LiveFeed):
            def history(self) -> Any:
                if not hasattr(self, "opened"):
                    from unslouch.analysis.history import History
                    from unslouch.store import Store

                    self.opened = History(Store.open(database, simulated=None))
                return self.opened

        app = DashboardApp(StoredFeed())  # type: ignore[arg-type]

        async def show() -> tuple[float, float]:
            begun_s, used_s = time.perf_counter(), time.process_time()
            await app.action_mode("history")
            screen = app.mode_screen
            while screen is None or screen._refreshing is not None or screen._refreshed_at_s == float("-inf"):
                await asyncio.sleep(0.002)
                screen = app.mode_screen
            return 1000 * (time.perf_counter() - begun_s), 1000 * (time.process_time() - used_s)

        async def measure() -> None:
            await asyncio.sleep(0.5)
            first = await show()
            again = []
            for _ in range(3):
                await app.action_mode("live")
                app.get_screen_stack("history")[0].follow_sensor()  # type: ignore[attr-defined]
                again.append(await show())
            result.write_text(json.dumps([first, min(again)]))

        run_with(app, measure)


async def serve_board(port: Path, hours: str) -> None:
    """Be a board with so many hours of records until the process is ended."""
    from link.fake_board import FakeBoard

    async with FakeBoard(hours=float(hours)).on_pty(port):
        await asyncio.Event().wait()


def main() -> None:
    sys.path.insert(0, str(TESTS))
    app, result, *arguments = sys.argv[1:]
    if app == "board":
        asyncio.run(serve_board(Path(result), *arguments))
        return
    measures = {"share": measure_share, "fetching": measure_fetching, "history": measure_history}
    measures[app](Path(result), *arguments)  # type: ignore[operator]


if __name__ == "__main__":
    main()
