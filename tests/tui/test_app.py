"""The application: its end, the terminal's focus and size."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from textual.events import AppBlur, AppFocus
from textual.geometry import Size

from tui.conftest import Open
from tui.fake_feed import FakeFeed, a_day, sit_through_a_slump
from unslouch import crash_log
from unslouch.errors import StoreError
from unslouch.tui.app import DashboardApp
from unslouch.tui.widgets.tilt_plot import TiltPlot
from unslouch_device.contract import states


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quitting_releases_the_sensor(dashboard: Open, key: str) -> None:
    async with dashboard() as stage:
        await stage.pilot.press(key)
        await stage.pilot.pause()
    assert stage.feed.stopped
    assert stage.app.return_value is None


async def test_a_terminal_without_focus_for_long_lets_the_sensor_rest_until_somebody_looks(dashboard: Open) -> None:
    async with dashboard(unwatched_after_s=0.01) as stage:
        async with asyncio.timeout(10):
            stage.app.post_message(AppBlur())
            while stage.feed.commands[-1] != "look away":
                await stage.pilot.pause(0.01)
            stage.app.post_message(AppFocus())
            while stage.feed.commands[-1] != "watch":
                await stage.pilot.pause(0.01)


async def test_a_database_that_cannot_be_used_ends_the_dashboard_with_its_error(dashboard: Open) -> None:
    feed = FakeFeed()
    feed.start_error = StoreError("posture.db is from a newer unslouch.")
    async with dashboard(connected=False, feed=feed) as stage:
        await stage.pilot.pause()
    assert stage.app.return_value is feed.start_error


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (60, 20), (80, 24), (250, 80)])
async def test_any_size_of_terminal_will_do(dashboard: Open, size: tuple[int, int]) -> None:
    async with dashboard(size=size) as stage:
        sit_through_a_slump(stage.feed)
        await stage.frame()
        assert "●" in stage.screen_text()
        await stage.pilot.resize_terminal(80, 24)
        await stage.frame()
        assert "SLOUCHING" in stage.screen_text()


class Bug(Exception):
    """Stands for what nobody foresaw."""


@pytest.fixture
def crash_logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the crash logs."""
    monkeypatch.setattr(crash_log, "folder", lambda: tmp_path)
    return tmp_path


async def test_an_error_in_the_feed_shows_a_sentence_that_names_the_log_file_and_r_starts_anew(
    dashboard: Open, crash_logs: Path
) -> None:
    feed = FakeFeed(day=a_day())
    feed.start_error = Bug("half a frame")
    async with dashboard(size=(100, 30), connected=False, feed=feed) as stage:
        await stage.until(lambda: "Bug: half a frame" in stage.screen_text())
        (log,) = crash_logs.iterdir()
        shown = " ".join(stage.text("#reason").split())
        assert log.name in shown.replace(" ", "")
        assert "Press r to try again." in shown
        assert "Traceback" in log.read_text()
        assert "Traceback" not in stage.screen_text()
        assert "4 slouches" in stage.text("#today")
        feed.start_error = None
        await stage.press("r")
        await stage.until(lambda: feed.runs == 2)
        feed.connect()
        feed.live(3.0)
        await stage.settle()
        assert "● UPRIGHT" in stage.screen_text()
        assert "Bug" not in stage.screen_text()


async def test_an_event_that_cannot_be_handled_shows_a_sentence_and_the_next_ones_count(
    dashboard: Open, crash_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dashboard(size=(100, 30)) as stage:

        def broken(event: object) -> None:
            raise Bug("an event of next year")

        with monkeypatch.context() as patch:
            patch.setattr(stage.app.shared.sensor, "handle", broken)
            stage.feed.live(3.0, seconds=1)
        stage.feed.live(20.0, state=states.SLOUCHING)
        await stage.settle()
        assert "Bug: an event of next year" in stage.text("#reason")
        assert len(list(crash_logs.iterdir())) == 1, "25 of the kind need one log file"
        assert "SLOUCHING" in stage.screen_text()


async def test_an_error_while_drawing_ends_it_with_a_sentence_that_names_the_log_file(
    crash_logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: TiltPlot) -> None:
        raise Bug("no such cell")

    monkeypatch.setattr(TiltPlot, "advance", broken)
    app = DashboardApp(FakeFeed(), ascii_only=False)
    error = await app.run_async(headless=True, size=(80, 24))
    assert "Bug: no such cell" in str(error)
    (log,) = crash_logs.iterdir()
    assert str(log) in str(error)


async def test_frames_between_a_change_of_size_and_its_event_do_no_harm(dashboard: Open) -> None:
    async with dashboard() as stage:
        plot = stage.app.screen._plot
        for rows in (3, 1, 0, 9):
            plot._size = Size(40, rows)
            plot.advance()


FIRST_FRAME = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from unslouch.tui.app import DashboardApp

class NoFeed:
    is_simulated, link_kind, notice = False, "", ""
    async def run(self, consumer): await asyncio.Event().wait()
    def load_today(self): raise AssertionError("the first frame needs no store")
    def close(self): pass

async def main():
    app = DashboardApp(NoFeed(), ascii_only=False, frames_per_s=1e-4)
    async with app.run_test(size=(120, 40)):
        print(*(name for name in ("numpy", "sqlite3", "bleak", "serial", "markdown_it") if name in sys.modules))

asyncio.run(main())
"""


def test_the_first_frame_imports_nothing_that_is_slow_and_that_it_does_not_need() -> None:
    run = subprocess.run([sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, timeout=120, check=False)
    assert (run.returncode, run.stdout.split()) == (0, []), run.stderr


async def test_a_dialog_that_a_key_and_a_click_close_at_once_closes_nothing_else(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("question_mark")
        help_screen = stage.app.screen
        for _ in range(2):
            help_screen.call_later(lambda: bool(help_screen.dismiss()))
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)
        await stage.settle()
        assert stage.app.is_running
        assert "UPRIGHT" in stage.screen_text()


async def test_a_page_turned_in_a_palette_that_finds_nothing_does_no_harm(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.pilot.press("ctrl+p", *"zzzz", "pagedown", "pageup", "down", "enter", "escape", "escape")
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)
        assert stage.app.is_running
