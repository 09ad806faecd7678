"""Snapshots of the Sensor mode and of the first steps, at each size, in the light theme and without colours."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from lively_days import lively_days
from tui.conftest import NEVER_PER_S, Stage
from tui.fake_feed import FakeClock, FakeFeed, a_day
from tui.test_first_run import Boards
from unslouch.analysis.history import History
from unslouch.errors import UnslouchError
from unslouch.link.diagnostics import Diagnostics
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged
from unslouch.sensor.no_sensor import NO_SENSOR
from unslouch.sensor.paired import PairedSensor
from unslouch.store import Store
from unslouch.tui.app import DashboardApp
from unslouch.tui.screens.first_run import FirstRunScreen
from unslouch.tui.sensor_tools import SensorTools

pytestmark = pytest.mark.soak  # test_sensor_screen.py and test_first_run.py are their shorter brothers
SIZES = [(40, 12), (80, 24), (120, 40), (200, 60)]
SIZE_NAMES = [f"{width}x{height}" for width, height in SIZES]
NOW_MS = int(datetime(2026, 3, 2, 18, tzinfo=UTC).timestamp() * 1000)
FIGURES = Diagnostics("watchdog", 1, 80_000, 70_000, 61_440, 31_744, 12, 3, 0, 0, 0, 0, 100_000, 120_000, None, 2.5)
TOOLS = SensorTools(
    paired=lambda: [PairedSensor("my back", "24ec4a0c9f51d3e8", "74:4D:BD:12:34:56")],
    empty_boards=list,
)
PARTS = {
    "calibration": ("5", "enter"),
    "settings": ("5", "e", "right", "right", "right"),
    "health": ("5", "h"),
    "pairing": ("5", "a"),
}
STEPS = ("find", "wear", "calibrate", "buzz", "choices", "safety", "ready")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("snapshots") / "days.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(lively_days(date(2026, 3, 1), 2, hours=9).pages())
    return path


@pytest.fixture
def looks_as_before(
    monkeypatch: pytest.MonkeyPatch, snap_compare: Callable[..., bool], database: Path
) -> Callable[..., bool]:
    """Compares the screen after some keys with its snapshot."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("unslouch.tui.screens.sensor.time.time_ns", lambda: NOW_MS * 1_000_000)

    async def figures(client: object) -> Diagnostics:
        return FIGURES

    monkeypatch.setattr("unslouch.link.diagnostics.diagnostics", figures)

    def compare(
        keys: tuple[str, ...],
        size: tuple[int, int],
        *,
        first_run: bool = False,
        linked: bool = True,
        tools: Callable[[Stage], SensorTools] = lambda stage: TOOLS,
        theme: str = "textual-dark",
        no_color: bool = False,
    ) -> bool:
        feed, clock = FakeFeed(day=a_day()), FakeClock()
        app = DashboardApp(
            feed,
            lambda: FakeFeed(is_simulated=True),
            clock,
            ascii_only=False,
            frames_per_s=NEVER_PER_S,
            utc_ms=clock.utc_ms,
            no_color=no_color,
            first_run=first_run,
        )

        async def act(pilot: Pilot[UnslouchError]) -> None:
            app.theme = theme
            stage = Stage(app, feed, feed, clock, pilot)
            app.shared.tools = tools(stage)
            await stage.until(lambda: feed.consumer)
            if linked:
                feed.connect()
                feed.live(3.4, -0.6, seconds=3)
            else:
                feed.publish(LinkChanged(LinkState.WAITING, NO_SENSOR))
            await stage.settle()

            def open_history() -> None:
                feed.stored = History(Store.open(database, simulated=None, readonly=True), UTC)

            await app.shared.disk.call(open_history)
            for key in keys:
                await stage.press(key)
            for _ in range(2):
                if isinstance(app.screen, FirstRunScreen):
                    app.screen.draw()
                await stage.settle()

        return snap_compare(app, terminal_size=size, run_before=act)

    return compare


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_sensor_mode_looks_as_it_did(
    looks_as_before: Callable[..., bool], part: str, size: tuple[int, int]
) -> None:
    assert looks_as_before(PARTS[part], size)


@pytest.mark.parametrize("size", [(40, 12), (80, 24)], ids=["40x12", "80x24"])
@pytest.mark.parametrize("step", STEPS)
def test_a_first_step_looks_as_it_did(looks_as_before: Callable[..., bool], step: str, size: tuple[int, int]) -> None:
    assert looks_as_before(("right",) * STEPS.index(step), size, first_run=True)


@pytest.mark.parametrize("size", [(120, 40), (200, 60)], ids=["120x40", "200x60"])
@pytest.mark.parametrize("step", ["wear", "calibrate", "choices"])
def test_a_first_step_looks_as_it_did_in_a_large_terminal(
    looks_as_before: Callable[..., bool], step: str, size: tuple[int, int]
) -> None:
    assert looks_as_before(("right",) * STEPS.index(step), size, first_run=True)


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_an_empty_board_that_was_found_looks_as_it_did(
    looks_as_before: Callable[..., bool], size: tuple[int, int]
) -> None:
    assert looks_as_before((), size, first_run=True, linked=False, tools=Boards().tools)


@pytest.mark.parametrize("look", [{"theme": "textual-light"}, {"no_color": True}], ids=["light", "no colour"])
@pytest.mark.parametrize("screen", ["settings", "health", "wear", "choices"])
def test_light_and_without_colours_it_looks_as_it_did(
    looks_as_before: Callable[..., bool], screen: str, look: dict[str, object]
) -> None:
    if screen in PARTS:
        assert looks_as_before(PARTS[screen], (80, 24), **look)
    else:
        assert looks_as_before(("right",) * STEPS.index(screen), (80, 24), first_run=True, **look)
