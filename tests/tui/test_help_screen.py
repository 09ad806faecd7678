"""The help screen."""

from itertools import pairwise

from textual.containers import VerticalScroll

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


async def test_help_has_one_blank_line_between_its_parts_and_none_within_a_list(dashboard: Open) -> None:
    async with dashboard(size=(100, 70)) as stage:
        await stage.press("5")
        await stage.press("question_mark")
        box = stage.app.screen.query_one(VerticalScroll).region
        lines = [line[box.x + 1 : box.right - 1].strip() for line in stage.screen_text().splitlines()]
        first, last = lines.index("Calibration"), next(row for row, line in enumerate(lines) if line[2:9] == "upright")
        text = lines[first : lines.index("Sensor")]
        assert not any(before == after == "" for before, after in pairwise(lines[first:last]))
        items = [row for row, line in enumerate(text) if line.startswith("•")]
        assert "" not in text[items[0] : items[-1]]
