"""The dashboard without colours: not one code of a colour reaches the terminal."""

import re
import sys
from pathlib import Path

import pytest
from rich.style import Style

from tui.terminal import in_terminal
from unslouch.tui.terminal.colourless import without_colour

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
DASHBOARD = ("-m", "unslouch", "--sensor")
SLOUCHING = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from tui.fake_feed import FakeClock, FakeFeed, a_day, sit_through_a_slump
from unslouch.tui.app import DashboardApp
feed, clock = FakeFeed(day=a_day()), FakeClock()
app = DashboardApp(feed, None, clock, utc_ms=clock.utc_ms, ascii_only=False, no_color="--no-color" in sys.argv)

async def show():
    await feed.is_followed.wait()
    feed.connect()
    sit_through_a_slump(feed)

app.call_later(lambda: app.run_worker(show()))
app.run()
"""


def colour_codes(raw: bytes) -> set[int]:
    """Return the codes of colours in what was written: 30 to 49 and 90 to 107, which includes the default colours."""
    codes = {int(code) for sequence in SGR.findall(raw) for code in re.split(rb"[;:]", sequence) if code}
    return codes & ({*range(30, 50)} | {*range(90, 108)})


@pytest.mark.parametrize(
    ("arguments", "environment", "is_colourless"),
    [
        (("--no-color",), {}, True),
        ((), {"NO_COLOR": "1"}, True),
        ((), {"NO_COLOR": ""}, False),
        ((), {}, False),
    ],
    ids=["option", "NO_COLOR", "empty NO_COLOR", "neither"],
)
async def test_no_code_of_a_colour_is_written_where_none_is_wanted(
    arguments: tuple[str, ...], environment: dict[str, str], is_colourless: bool
) -> None:
    async with in_terminal(
        sys.executable, "-c", SLOUCHING, *arguments, environment=environment, columns=100, rows=30
    ) as (terminal, process):
        await terminal.until(lambda text: "SLOUCHING" in text and "leaning 20 min" in text)
        terminal.type("?")
        await terminal.until("Esc closes")
        terminal.type("\x1b")
        await terminal.until(lambda text: "Esc closes" not in text)
        terminal.type("\x10")
        await terminal.until("Search")
        terminal.type("\x1b")
        await terminal.until(lambda text: "Search" not in text)
        assert (not colour_codes(bytes(terminal.raw))) is is_colourless
        terminal.type("q")
        await process.wait()


def test_other_attributes_of_a_style_stay() -> None:
    style = Style.parse("bold reverse underline red on blue")
    plain = without_colour(style)
    assert (plain.bold, plain.reverse, plain.underline) == (True, True, True)
    assert plain.color is None
    assert plain.bgcolor is None
