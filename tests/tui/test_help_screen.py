"""The help screen."""

from tui.conftest import Open
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged
from unslouch.tui.bindings import offered_bindings
from unslouch.tui.palette import GLYPHS
from unslouch.tui.screens.help import HelpScreen
from unslouch.tui.screens.no_sensor import NoSensorScreen
from unslouch_device.contract import states


async def test_help_is_there_where_no_sensor_is(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "No sensor was found."))
        await stage.frame()
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, NoSensorScreen)


async def test_help_explains_every_key_and_every_shape(dashboard: Open) -> None:
    async with dashboard(size=(100, 70)) as stage:
        bindings = [each.binding for each in offered_bindings(stage.app.screen)]
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        shown = stage.screen_text()
        assert all(binding.tooltip in shown for binding in bindings)
        assert all(f"{GLYPHS[state]} {name}" in shown for state, name in enumerate(states.STATE_NAMES))
        await stage.press("escape")
        assert not isinstance(stage.app.screen, HelpScreen)
