"""The question that comes where no sensor is found."""

from dataclasses import replace

from tui.conftest import Open
from tui.fake_feed import INFO
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged
from unslouch.tui.screens.no_sensor import NoSensorScreen


async def test_no_sensor_offers_retry_demo_and_quit(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found; plug it in."))
        await stage.frame()
        assert isinstance(stage.app.screen, NoSensorScreen)
        shown = stage.screen_text()
        assert "No sensor was found; plug it in." in shown
        assert all(word in shown for word in ("Retry", "Demo", "Quit"))


async def test_retry_looks_again_and_asks_again_when_nothing_is_found(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("r")
        assert stage.feed.commands == ["retry"]
        assert not isinstance(stage.app.screen, NoSensorScreen)
        stage.feed.publish(LinkChanged(LinkState.WAITING, "Still no sensor."))
        await stage.frame()
        assert isinstance(stage.app.screen, NoSensorScreen)


async def test_demo_follows_the_simulated_sensor_and_ends_the_search(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("d")
        assert stage.feed.stopped
        stage.demo.connect(replace(INFO, simulated=True))
        stage.demo.live(5.0)
        await stage.settle()
        assert "SIMULATED" in stage.screen_text()
        assert "● UPRIGHT" in stage.screen_text()
        assert "recording; the first minutes appear here soon" in stage.text("#timeline")


async def test_where_there_is_no_demo_none_is_offered(dashboard: Open) -> None:
    async with dashboard(connected=False, with_demo=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.REFUSED, "The device on COM3 is no unslouch sensor."))
        await stage.frame()
        assert not stage.app.screen.query("#demo")
        await stage.press("d")
        assert isinstance(stage.app.screen, NoSensorScreen)


async def test_quit_from_the_question_ends_the_dashboard(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.pilot.press("q")
        await stage.pilot.pause()
    assert stage.feed.stopped


async def test_escape_shows_today_and_does_not_ask_again(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("escape")
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        assert not isinstance(stage.app.screen, NoSensorScreen)
        assert "coverage 87 %" in stage.screen_text()


async def test_the_question_goes_when_a_sensor_comes(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        stage.feed.connect()
        stage.feed.live(3.0)
        await stage.settle()
        assert not isinstance(stage.app.screen, NoSensorScreen)
        assert "● UPRIGHT" in stage.screen_text()
