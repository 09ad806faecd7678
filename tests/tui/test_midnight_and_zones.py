"""A dashboard that stays open over midnight, a change of the clocks or a journey shows the days as they are there."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from lively_days import lively_days
from tui.conftest import Open, Stage
from tui.fake_feed import FakeFeed, a_day
from unslouch.analysis.history import History
from unslouch.store import Store
from unslouch.tui.screens.day import DayScreen
from unslouch.tui.screens.history import HistoryScreen
from unslouch.tui.screens.mode_screen import REFRESH_LEAST_EVERY_S
from unslouch.tui.widgets.calendar_map import CalendarMap

FIRST = date(2026, 3, 27)
"""Three days from here on are recorded, each from 07:00 UTC; on the last one summer time begins in Europe."""
LAST = date(2026, 3, 29)


@pytest.fixture(scope="module")
def pages() -> list[bytes]:
    return lively_days(FIRST, 3, hours=1).pages()


@pytest.fixture
def feed(tmp_path: Path, pages: list[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeFeed]:
    """A real wearer's days, in the zone that the computer has."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    with Store.open(tmp_path / "posture.db", simulated=False) as store:
        store.add_pages(pages)
        feed = FakeFeed(day=a_day())
        feed.stored = History(store)
        yield feed


@asynccontextmanager
async def opened_at(dashboard: Open, feed: FakeFeed, mode: str, *moment: int) -> AsyncIterator[Stage]:
    async with dashboard(size=(120, 40), feed=feed) as stage:
        set_clock(stage, *moment)
        await stage.press(mode)
        yield stage


def set_clock(stage: Stage, *moment: int) -> None:
    """Set the computer's clock to a moment in UTC."""
    stage.clock.set_utc(datetime(*moment, tzinfo=UTC))  # type: ignore[misc]


async def let_pass(stage: Stage, seconds: float = REFRESH_LEAST_EVERY_S) -> None:
    stage.clock.advance(seconds)
    await stage.settle()


def day_mode(stage: Stage) -> DayScreen:
    shown = stage.app.mode_screen
    assert isinstance(shown, DayScreen)
    return shown


async def test_after_midnight_the_day_mode_goes_on_to_the_new_day(dashboard: Open, feed: FakeFeed) -> None:
    async with opened_at(dashboard, feed, "2", 2026, 3, 28, 22, 59, 30) as stage:  # 23:59:30 in Berlin
        assert "Saturday, 28 March 2026 (today)" in stage.screen_text()
        await let_pass(stage)
        assert "Sunday, 29 March 2026 (today)" in stage.screen_text()


async def test_after_midnight_another_day_stays_and_today_is_the_new_one(dashboard: Open, feed: FakeFeed) -> None:
    async with opened_at(dashboard, feed, "2", 2026, 3, 28, 22, 59, 30) as stage:
        await stage.press("left_square_bracket")
        await let_pass(stage)
        assert "Friday, 27 March 2026" in stage.screen_text()
        await stage.press("t")
        assert "Sunday, 29 March 2026 (today)" in stage.screen_text()


async def test_who_went_back_to_today_is_on_the_new_day_after_midnight(dashboard: Open, feed: FakeFeed) -> None:
    async with opened_at(dashboard, feed, "2", 2026, 3, 28, 22, 59, 30) as stage:
        await stage.press("left_square_bracket", "right_square_bracket")
        assert "Saturday, 28 March 2026 (today)" in stage.screen_text()
        await let_pass(stage)
        assert "Sunday, 29 March 2026 (today)" in stage.screen_text()


async def test_a_day_that_becomes_the_past_says_so(dashboard: Open, feed: FakeFeed) -> None:
    async with opened_at(dashboard, feed, "2", 2026, 3, 29, 12) as stage:
        await stage.press("left_square_bracket")
        set_clock(stage, 2026, 3, 28, 12)  # it was set wrong, and is set right
        await let_pass(stage)
        assert "Saturday, 28 March 2026 (today)" in stage.screen_text()
        set_clock(stage, 2026, 3, 29, 12)
        await let_pass(stage)
        assert "Saturday, 28 March 2026" in stage.screen_text()
        assert "(today)" not in stage.screen_text()


async def test_after_midnight_the_calendar_has_a_new_day_which_the_cursor_follows(
    dashboard: Open, feed: FakeFeed
) -> None:
    async with opened_at(dashboard, feed, "3", 2026, 3, 28, 22, 59, 30) as stage:
        shown = stage.app.mode_screen
        assert isinstance(shown, HistoryScreen)
        assert shown.query_one(CalendarMap).cursor == LAST - timedelta(days=1)
        await let_pass(stage)
        assert shown.query_one(CalendarMap).cursor == LAST


@pytest.mark.parametrize("is_chosen", [False, True])
async def test_after_a_journey_the_day_is_that_of_the_new_zone(
    dashboard: Open, feed: FakeFeed, monkeypatch: pytest.MonkeyPatch, is_chosen: bool
) -> None:
    async with opened_at(dashboard, feed, "2", 2026, 3, 28, 20, 0) as stage:
        if is_chosen:
            await stage.press("left_square_bracket")
        first = stage.text("#slouches")
        assert day_mode(stage)._reading.day.timezone == "Europe/Berlin"  # type: ignore[union-attr]
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        await let_pass(stage)
        reading = day_mode(stage)._reading
        assert reading is not None
        assert reading.day.timezone == "Asia/Tokyo"
        assert reading.today == date(2026, 3, 29)
        assert reading.day.day == (date(2026, 3, 27) if is_chosen else reading.today)
        assert stage.text("#slouches") != first


async def test_after_a_journey_the_history_has_the_days_of_the_new_zone(
    dashboard: Open, feed: FakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened_at(dashboard, feed, "3", 2026, 3, 29, 20, 0) as stage:
        shown = stage.app.mode_screen
        assert isinstance(shown, HistoryScreen)
        assert hours(shown, LAST) == 23.0  # summer time begins
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        await let_pass(stage)
        assert hours(shown, LAST) == 24.0
        assert shown.query_one(CalendarMap).cursor == date(2026, 3, 30)


def hours(shown: HistoryScreen, day: date) -> object:
    return shown._summaries[day].values["day_length"]


@pytest.mark.parametrize("moment", [(2026, 3, 29, 0, 59, 30), (2026, 10, 25, 0, 59, 30)])
async def test_when_the_clocks_are_changed_the_day_goes_on(
    dashboard: Open, feed: FakeFeed, moment: tuple[int, ...]
) -> None:
    async with opened_at(dashboard, feed, "2", *moment) as stage:
        shown = stage.text("#date")
        await let_pass(stage)
        assert stage.text("#date") == shown
        assert "(today)" in shown


async def test_a_clock_that_is_set_back_shows_the_day_that_it_says(dashboard: Open, feed: FakeFeed) -> None:
    async with opened_at(dashboard, feed, "2", 2026, 3, 29, 12) as stage:
        assert "Sunday, 29 March 2026 (today)" in stage.screen_text()
        set_clock(stage, 2026, 3, 28, 12)
        await let_pass(stage)
        assert "Saturday, 28 March 2026 (today)" in stage.screen_text()
