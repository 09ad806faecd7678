"""The plot of the last 90 s."""

from tui.conftest import Open
from tui.fake_feed import FakeFeed, sit_through_a_slump


async def test_p_holds_the_plot_and_what_came_meanwhile_is_there_afterwards(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("p")
        held = stage.text("#plot")
        assert "PAUSED" in held
        stage.feed.live(25.0, seconds=20)
        await stage.frame()
        assert stage.text("#plot") == held
        await stage.press("p")
        assert braille_cells(stage.text("#plot")) > braille_cells(held)
        assert "PAUSED" not in stage.text("#plot")


async def test_the_thresholds_are_the_sensors(dashboard: Open) -> None:
    feed = FakeFeed()
    feed.values |= {"threshold": 20, "hysteresis": 5}
    async with dashboard(feed=feed) as stage:
        assert "slouch above 20° · ⠂⠂ ends below 15°" in stage.text("#plot")
        feed.values["threshold"] = 25
        stage.feed.status(settings_revision=2)
        await stage.frame()
        await stage.settle()
        assert "slouch above 25° · ⠂⠂ ends below 20°" in stage.text("#plot")


async def test_a_change_of_theme_recolours_the_plot(dashboard: Open) -> None:
    async with dashboard() as stage:
        sit_through_a_slump(stage.feed)
        await stage.frame()
        before = stage.app.export_screenshot()
        stage.app.theme = "textual-light"
        await stage.pilot.pause()
        assert "#00694d" in stage.app.export_screenshot()
        assert "#00694d" not in before


def braille_cells(text: str) -> int:
    return sum("\u2801" <= character <= "\u28ff" for character in text)
