"""Snapshots of the screens: a change of any of them shows as a changed SVG."""

import asyncio
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tui.conftest import NEVER_PER_S, Stage
from tui.fake_feed import FakeClock, FakeFeed, a_day, sit_through_a_slump
from unslouch.errors import UnslouchError
from unslouch.link.model import LinkState
from unslouch.sensor.deep_sleep import DeepSleep
from unslouch.sensor.events import LinkChanged, WindowExpected
from unslouch.sensor.handshake import NO_SENSOR
from unslouch.sensor.session import RESTING
from unslouch.tui.app import DashboardApp
from unslouch.tui.modes import MODES, Mode
from unslouch_device.contract import records, states

Script = Callable[[FakeFeed], None]
SMALL, LARGE = (80, 24), (120, 40)


def upright(feed: FakeFeed) -> None:
    feed.connect()
    feed.live(3.4, -0.6, seconds=60)


def slouching(feed: FakeFeed) -> None:
    feed.connect()
    sit_through_a_slump(feed)


def prompting(feed: FakeFeed) -> None:
    """A suggestion that has become a prompt, because the wearer has changed posture."""
    slouching(feed)
    feed.live(8.0, -6.0, seconds=6)


def uncalibrated(feed: FakeFeed) -> None:
    feed.connect(battery_percent=None)
    feed.live(None, None, states.UNCALIBRATED, seconds=5)


def off_body(feed: FakeFeed) -> None:
    feed.connect(power=True)
    feed.live(2.0, seconds=20)
    feed.live(75.0, 10.0, states.OFF_BODY, seconds=20)


def snoozed(feed: FakeFeed) -> None:
    feed.connect()
    feed.live(16.0, seconds=40, state=states.LEANING, snoozed=True, above_threshold_s=12)
    feed.status(snooze_left_s=890)


def waiting(feed: FakeFeed) -> None:
    slouching(feed)
    feed.publish(LinkChanged(LinkState.WAITING, "The link to /dev/ttyACM0 broke: the port is gone."))


def resting(feed: FakeFeed) -> None:
    slouching(feed)
    feed.publish(LinkChanged(LinkState.RESTING, RESTING))
    feed.publish(WindowExpected(125.0))


def switched_off(feed: FakeFeed) -> None:
    slouching(feed)
    deep_sleep = DeepSleep(records.ASLEEP_BY_HAND, button_wakes=True)
    feed.publish(LinkChanged(LinkState.RESTING, deep_sleep.sentence, deep_sleep=deep_sleep))
    feed.publish(WindowExpected(None))


def no_sensor(feed: FakeFeed) -> None:
    feed.publish(LinkChanged(LinkState.WAITING, NO_SENSOR))


@pytest.fixture
def looks_as_before(monkeypatch: pytest.MonkeyPatch, snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    """Compares the screen after a script and some keys with its snapshot."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    def compare(
        script: Script,
        size: tuple[int, int],
        *keys: str,
        theme: str = "textual-dark",
        ascii_only: bool = False,
        no_color: bool = False,
    ) -> bool:
        feed, clock = FakeFeed(day=a_day()), FakeClock()
        titles = ("Live", "Day", "History", "Exercises", "Sensor")
        modes = [Mode(title.lower(), str(n), title, ".", MODES[0].screen_class) for n, title in enumerate(titles, 1)]
        app = DashboardApp(
            feed,
            lambda: FakeFeed(is_simulated=True),
            clock,
            ascii_only=ascii_only,
            frames_per_s=NEVER_PER_S,
            utc_ms=clock.utc_ms,
            no_color=no_color,
            modes=modes,
        )

        async def act(pilot: Pilot[UnslouchError]) -> None:
            await pilot.pause()
            await app.shared.refresh_coach()
            app.theme = theme  # after that of the settings
            await pilot.pause()
            script(feed)
            stage = Stage(app, feed, feed, clock, pilot)
            await stage.settle()
            for key in keys:
                await pilot.press(key)
                await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=act)

    return compare


@pytest.mark.parametrize(
    "script", [upright, uncalibrated, off_body, snoozed, waiting, resting, switched_off, no_sensor]
)
def test_a_situation_looks_as_it_did(looks_as_before: Callable[..., bool], script: Script) -> None:
    assert looks_as_before(script, SMALL)


@pytest.mark.parametrize("size", ["40x12", "60x20", "80x24", "120x40", "200x60"])
def test_a_slouch_looks_as_it_did_in_every_size(looks_as_before: Callable[..., bool], size: str) -> None:
    columns, rows = map(int, size.split("x"))
    assert looks_as_before(slouching, (columns, rows))


@pytest.mark.parametrize("size", [(60, 20), SMALL, LARGE, (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_prompt_looks_as_it_did(looks_as_before: Callable[..., bool], size: tuple[int, int]) -> None:
    assert looks_as_before(prompting, size)


@pytest.mark.parametrize("key", ["c", "question_mark", "f"])
def test_a_dialog_looks_as_it_did(looks_as_before: Callable[..., bool], key: str) -> None:
    assert looks_as_before(upright, SMALL, key)


@pytest.mark.parametrize("keys", [("enter",), ("enter", "enter"), ("enter", "n", "t")], ids=["bow", "done", "standing"])
def test_a_step_of_calibrating_looks_as_it_did(looks_as_before: Callable[..., bool], keys: tuple[str, ...]) -> None:
    assert looks_as_before(upright, SMALL, "c", *keys)


def test_a_refused_bow_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    def refusing(feed: FakeFeed) -> None:
        upright(feed)
        feed.refuses_bow = True

    assert looks_as_before(refusing, SMALL, "c", "enter", "enter")


def test_a_bow_under_way_looks_as_it_did(monkeypatch: pytest.MonkeyPatch, looks_as_before: Callable[..., bool]) -> None:
    async def lasting(feed: FakeFeed) -> None:
        await asyncio.Event().wait()

    def bent(feed: FakeFeed) -> None:
        upright(feed)
        feed.live(14.2, 1.1)

    monkeypatch.setattr(FakeFeed, "bow", lasting)
    assert looks_as_before(bent, SMALL, "c", "enter", "enter")


def test_naming_a_profile_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before(upright, LARGE, "f", "down", "n")


def test_a_sensor_that_may_have_moved_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    def moved(feed: FakeFeed) -> None:
        upright(feed)
        feed.status(sensor_moved=True, delay_s=45)

    assert looks_as_before(moved, SMALL)


def test_in_ascii_nothing_else_is_drawn(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before(slouching, SMALL, ascii_only=True)


def test_a_rezero_far_from_upright_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    def lying_on_the_desk(feed: FakeFeed) -> None:
        feed.connect()
        feed.live(84.0, 3.0, seconds=20)

    assert looks_as_before(lying_on_the_desk, SMALL, "z")


def test_the_first_minutes_look_as_they_did(looks_as_before: Callable[..., bool]) -> None:
    def first_slouch(feed: FakeFeed) -> None:
        feed.day = None
        slouching(feed)
        feed.happens(records.SLOUCH_STARTED)

    assert looks_as_before(first_slouch, SMALL)


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
def test_another_theme_looks_as_it_did(looks_as_before: Callable[..., bool], theme: str) -> None:
    assert looks_as_before(slouching, SMALL, theme=theme)


def test_without_colours_it_looks_as_it_did(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before(slouching, SMALL, no_color=True)
