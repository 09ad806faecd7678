"""Today: its timeline, totals and counts."""

import threading
from dataclasses import replace

from tui.conftest import WAIT_S, Open
from tui.fake_feed import FakeFeed, a_day, an_event, sit_through_a_slump
from unslouch.analysis.day import Day
from unslouch.analysis.metrics.slouches import SLOUCHES
from unslouch.errors import StoreError
from unslouch.sensor.events import RecordsStored
from unslouch_device.contract import records


async def test_today_counts_an_event_once_and_before_the_store_has_it(dashboard: Open) -> None:
    async with dashboard() as stage:
        started_ms = stage.feed.happens(records.SLOUCH_STARTED)
        stage.feed.happens(records.ALERT)
        await stage.frame()
        assert "5 slouches · 4 alerts · coverage 87 %" in stage.text("#today")
        assert stage.feed.day is not None
        stored = an_event(records.SLOUCH_STARTED, started_ms)
        summary = stage.feed.day.summary.replaced(SLOUCHES, 5)
        stage.feed.day = replace(stage.feed.day, events=[stored], summary=summary)
        stage.clock.now_s += 5
        stage.feed.publish(RecordsStored(200, 0))
        await stage.settle()
        await stage.frame()
        assert "5 slouches · 4 alerts · coverage 87 %" in stage.text("#today")


async def test_a_first_slouch_is_counted_although_nothing_is_stored_yet(dashboard: Open) -> None:
    async with dashboard(feed=FakeFeed()) as stage:
        stage.feed.happens(records.SLOUCH_STARTED)
        await stage.frame()
        assert "1 slouch · 0 alerts · coverage unknown" in stage.text("#today")


async def test_the_minutes_of_the_first_states_stay_beside_a_suggestion(dashboard: Open) -> None:
    async with dashboard(size=(80, 24)) as stage:
        sit_through_a_slump(stage.feed)
        await stage.frame()
        await stage.pilot.pause()
        assert "▼ slouching 25 min" in stage.screen_text()


async def test_today_shows_totals_and_is_read_again_when_records_came(dashboard: Open) -> None:
    async with dashboard(feed=FakeFeed()) as stage:
        assert "recording; the first minutes appear here soon" in stage.text("#timeline")
        stage.feed.day = a_day()
        stage.feed.publish(RecordsStored(200, 0))
        await stage.settle()
        assert "recording" in stage.text("#timeline"), "it was read a moment ago"
        stage.clock.now_s += 5
        await stage.frame()
        await stage.settle()
        assert "▼ slouching 25 min" in stage.text("#totals")
        assert "4 slouches · 3 alerts · coverage 87 %" in stage.text("#today")


async def test_where_no_sensor_is_linked_nothing_is_said_to_be_recording(dashboard: Open) -> None:
    async with dashboard(feed=FakeFeed(), connected=False) as stage:
        await stage.settle()
        assert "nothing recorded today yet" in stage.text("#timeline")


class SlowFeed(FakeFeed):
    """Its database takes as long to read as a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.readings = 0
        self.at_once = 0
        self.most_at_once = 0
        self.may_read = threading.Semaphore(0)

    def load_today(self) -> Day | None:
        self.readings += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.may_read.acquire(timeout=WAIT_S)
        self.at_once -= 1
        return self.day


async def test_a_slow_reading_is_waited_for_and_followed_by_one_more(dashboard: Open) -> None:
    feed = SlowFeed()
    async with dashboard(feed=feed, connected=False) as stage:
        threads_before = threading.active_count()
        for _ in range(20):
            feed.publish(RecordsStored(200, 0))
            stage.clock.now_s += 5
            await stage.frame()
        feed.day = a_day()
        feed.may_read.release()
        await stage.until(lambda: "4 slouches" in stage.text("#today"))
        stage.clock.now_s += 5
        await stage.until(lambda: feed.readings == 2)
        assert feed.most_at_once == 1
        assert threading.active_count() <= threads_before + 1
        feed.may_read.release()


async def test_today_is_read_again_every_minute_even_if_nothing_is_stored(dashboard: Open) -> None:
    async with dashboard() as stage:
        assert stage.feed.day is not None
        stage.feed.day = None
        stage.clock.now_s += 61
        await stage.settle()
        assert "coverage 87 %" not in stage.text("#today")


async def test_a_reading_that_never_ends_does_not_keep_the_dashboard_from_ending(dashboard: Open) -> None:
    feed = SlowFeed()
    async with dashboard(feed=feed, connected=False) as stage:
        await stage.until(lambda: feed.readings == 1)
    assert feed.stopped
    feed.may_read.release()


async def test_a_database_that_cannot_be_read_shows_the_error(dashboard: Open) -> None:
    class Unreadable(FakeFeed):
        def load_today(self) -> Day | None:
            raise StoreError("posture.db is no database.")

    async with dashboard(feed=Unreadable()) as stage:
        assert "posture.db is no database." in stage.notified


async def test_notifications_leave_the_counts_of_today_visible(dashboard: Open) -> None:
    async with dashboard(notifications=True) as stage:
        await stage.press("e")
        await stage.until(lambda: "Wrote unslouch" in stage.screen_text())
        assert "4 slouches · 3 alerts · coverage 87 %" in stage.screen_text()
        assert "● UPRIGHT" in stage.screen_text()
