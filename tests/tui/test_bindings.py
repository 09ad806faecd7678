"""Every binding of every mode: described, in help and palette, and with an effect; every part has a help."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from tui.conftest import Open, Stage
from tui.fake_feed import DAY_UNTIL_UTC_MS, FakeFeed, a_day, sit_through_a_slump
from tui.recorded import recorded_feed
from tui.test_live_screen import a_moment
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged
from unslouch.tui.bindings import OfferedBinding, nearest_help, offered_bindings
from unslouch.tui.modes import MODES
from unslouch.tui.past import past_state
from unslouch.tui.screens.mode_screen import ModeScreen


def show_a_moment_of_a_day(stage: Stage) -> None:
    """Show a moment that has others before and after it."""
    stage.app.shared.moment = past_state(a_day(), DAY_UNTIL_UTC_MS - 600_000)


ENDS_IT = {"app.quit", "app.copy", "app.suspend"}
"""Bindings that end or stop the program, which other tests press."""
SHOWS_ITSELF = {f"app.mode-{mode.id}": mode.id for mode in MODES}
ONLY_WHERE = {
    "live.retry": lambda stage: stage.feed.publish(LinkChanged(LinkState.WAITING, "It is gone.")),
    "live.now": lambda stage: setattr(stage.app.shared, "moment", a_moment()),
    **dict.fromkeys(
        ("live.second-back", "live.second-on", "live.minute-back", "live.minute-on"), show_a_moment_of_a_day
    ),
}
"""Bindings that are offered in some situations only."""

AFTER = {"timeline.event_after": "comma", "timeline.later": "left", "sensor.calibrate": "tab"}
"""Keys to press before a binding that would go where one is already."""


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeFeed]:
    feed = recorded_feed(tmp_path_factory.mktemp("recorded"), days=2, hours=2)
    yield feed
    assert feed.stored is not None
    feed.stored.store.close()


@asynccontextmanager
async def in_mode(
    dashboard: Open, feed: FakeFeed, mode: str, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Stage]:
    feed.is_followed.clear()
    async with dashboard(size=size, feed=feed) as stage:
        await stage.app.action_mode(mode)
        await stage.settle()
        yield stage


def observed(stage: Stage) -> tuple[object, ...]:
    """Everything that a key may have an effect on."""
    app = stage.app
    screen = app.screen
    return (
        app.current_mode,
        [type(each).__name__ for each in app.screen_stack],
        None if screen.focused is None else (screen.focused.id, screen.focused.__class__.__name__),
        app.theme,
        app.clipboard,
        stage.screen_text(),
        stage.notified,
        list(stage.feed.commands),
    )


@pytest.mark.parametrize("mode", [mode.id for mode in MODES])
async def test_every_binding_of_a_mode_is_described_and_a_command_of_the_palette(
    dashboard: Open, feed: FakeFeed, mode: str
) -> None:
    async with in_mode(dashboard, feed, mode) as stage:
        screen = stage.app.screen
        commands = {command.title: command.help for command in stage.app.get_system_commands(screen)}
        keys: list[str] = []
        for each in offered_bindings(screen):
            described = each.binding
            assert "." in (described.id or ""), described
            assert described.description, described.id
            assert described.tooltip.endswith("."), described.id
            keys += each.keys
            if each.enabled and described.action != "command_palette":
                assert commands[described.description] == described.tooltip, "another command has the same name"
        assert len(keys) == len(set(keys)), f"two bindings share a key: {sorted(keys)}"


@pytest.mark.parametrize("mode", [mode.id for mode in MODES])
async def test_the_help_of_a_mode_explains_it_and_all_its_keys(dashboard: Open, feed: FakeFeed, mode: str) -> None:
    async with in_mode(dashboard, feed, mode, (100, 120)) as stage:
        screen = stage.app.screen
        offered = list(offered_bindings(screen))
        heading = (screen.HELP or "").strip().split("\n")[0].removeprefix("## ")
        await stage.press("question_mark")
        await stage.until(lambda: heading in stage.screen_text())
        box = stage.app.screen.query_one("VerticalScroll").region
        rows = [row[box.x + 1 : box.right - 1] for row in stage.screen_text().split("\n")[box.y : box.bottom]]
        shown = " ".join(" ".join(rows).split())
        for each in offered:
            assert " ".join(each.binding.tooltip.split()) in shown, each.binding.id
            assert all(key in shown for key in each.keys), each.binding.id


@pytest.mark.parametrize("mode", [mode.id for mode in MODES])
async def test_everything_that_can_have_the_focus_has_a_help(dashboard: Open, feed: FakeFeed, mode: str) -> None:
    async with in_mode(dashboard, feed, mode, (160, 60)) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ModeScreen)
        for widget in screen.focus_chain:
            assert nearest_help(widget).startswith("## "), f"{widget!r} has no HELP"


@pytest.mark.parametrize("mode", [mode.id for mode in MODES])
async def test_every_binding_of_a_mode_does_something(dashboard: Open, feed: FakeFeed, mode: str) -> None:
    async with in_mode(dashboard, feed, mode) as stage:
        sit_through_a_slump(stage.feed)
        await stage.settle()
        ids = [each.binding.id for each in offered_bindings(stage.app.screen)]
        for id in ids:
            each = offered(stage, id)
            if each is None or not each.enabled or id in ENDS_IT or SHOWS_ITSELF.get(id or "") == mode:
                continue
            if mode == MODES[0].id or not (id or "").startswith("app."):  # the app's own are the same in every mode
                await press_and_compare(stage, each)
                await back_to(stage, mode)


async def press_and_compare(stage: Stage, each: OfferedBinding) -> None:
    if each.binding.id in AFTER:
        await stage.press(AFTER[each.binding.id])
    before = observed(stage)
    await stage.pilot.press(each.binding.key.split(",")[0])
    await stage.settle()
    assert observed(stage) != before, f"{each.binding.id} has no effect"


async def back_to(stage: Stage, mode: str) -> None:
    """Close what a binding has opened, and show the mode again."""
    while len(stage.app.screen_stack) > 1:
        stage.app.screen.dismiss()
        await stage.settle()
    await stage.app.action_mode(mode)
    await stage.settle()


@pytest.mark.parametrize(("id", "arrange"), ONLY_WHERE.items(), ids=ONLY_WHERE)
async def test_a_binding_of_some_situations_is_offered_there_alone_and_does_something(
    dashboard: Open, id: str, arrange: Callable[[Stage], None]
) -> None:
    async with dashboard(size=(120, 40)) as stage:
        each = offered(stage, id)
        assert each is not None
        assert not each.enabled
        arrange(stage)
        await stage.settle()
        each = offered(stage, id)
        assert each is not None
        assert each.enabled
        await press_and_compare(stage, each)


def offered(stage: Stage, id: str | None) -> OfferedBinding | None:
    return next((each for each in offered_bindings(stage.app.screen) if each.binding.id == id), None)
