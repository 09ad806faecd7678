"""The top line: the link, the sensor's name, its battery, and why there is no link."""

from dataclasses import replace

import pytest
from textual.content import Content

from tui.conftest import Open
from tui.fake_feed import INFO, FakeFeed
from unslouch.errors import StoreError
from unslouch.link.model import LinkKind, LinkState
from unslouch.sensor.deep_sleep import DeepSleep
from unslouch.sensor.events import LinkChanged, StoreFailed, StoreRecovered, WindowExpected
from unslouch.tui.sensor_state import SensorState
from unslouch.tui.widgets.connection_bar import top_line
from unslouch_device.contract import records


async def test_a_connected_sensor_shows_link_name_battery_and_tilt(dashboard: Open) -> None:
    async with dashboard() as stage:
        shown = stage.screen_text()
        assert "● live" in shown
        assert "xiao-esp32s3" in shown
        assert "battery 83 % · 3974 mV" in shown
        assert "● UPRIGHT" in shown
        assert "SIMULATED" not in shown
        assert stage.text("#forward-box").endswith("forward")
        assert stage.text("#lateral-box").endswith("right")


async def test_a_simulated_sensor_has_a_badge(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.connect(replace(INFO, simulated=True))
        await stage.frame()
        assert "SIMULATED" in stage.screen_text()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"battery_percent": None}, "battery unknown · 3974 mV"),
        ({"battery_percent": None, "battery_mV": 0}, "battery unknown"),
        ({"external_power": True}, "battery 83 % · 3974 mV · charging"),
    ],
)
async def test_the_battery_says_what_is_known(
    dashboard: Open, changes: dict[str, int | bool | None], words: str
) -> None:
    async with dashboard() as stage:
        stage.feed.status(**changes)
        await stage.frame()
        assert stage.text("#battery").strip() == words


async def test_a_lost_link_says_why_and_r_tries_again(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "The link to /dev/ttyACM0 broke."))
        await stage.frame()
        shown = stage.screen_text()
        assert "× waiting" in shown
        assert "The link to /dev/ttyACM0 broke. Press r to try now." in shown
        assert "battery unknown" in shown
        assert "× LOST" in shown
        await stage.press("r")
        assert stage.feed.commands[-1] == "retry"


async def test_a_database_that_cannot_be_written_is_shown_although_the_sensor_is_live(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(StoreFailed(StoreError("posture.db: the disk is full; make room.")))
        await stage.frame()
        assert "the disk is full" in stage.text("#reason")


@pytest.mark.parametrize("size", [(80, 24), (50, 14), (40, 12)])
async def test_the_badge_of_a_simulated_sensor_is_never_cut_off(dashboard: Open, size: tuple[int, int]) -> None:
    async with dashboard(size=size, connected=False) as stage:
        stage.feed.connect(replace(INFO, simulated=True))
        await stage.frame()
        assert "SIMULATED" in stage.screen_text()
        assert "battery 83 %" in stage.screen_text()


async def test_a_sensor_that_may_have_moved_is_shown_as_long_as_that_is_so(dashboard: Open) -> None:
    async with dashboard() as stage:
        assert "may have moved" not in stage.screen_text()
        stage.feed.status(sensor_moved=True)
        await stage.frame()
        assert "The sensor may have moved" in stage.screen_text()
        assert "press z to re-zero" in " ".join(stage.screen_text().split())
        stage.feed.status()
        await stage.frame()
        assert "may have moved" not in stage.screen_text()


async def test_a_sensor_that_may_have_moved_brings_no_notification(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.status(sensor_moved=True)
        stage.feed.happens(records.SENSOR_MOVED, walking_cdeg=1400, usual_cdeg=200, profile=0)
        await stage.frame()
        assert not stage.notified


async def test_the_next_window_of_a_resting_sensor_is_counted_down_to(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(LinkChanged(LinkState.RESTING, "The sensor rests."))
        stage.feed.publish(WindowExpected(125.0))
        await stage.frame()
        assert "resting  next window in 2:05" in stage.text("#link")
        assert "The sensor rests. To look now, press its button." in stage.text("#reason")
        assert "LOST" not in stage.text("#state")
        stage.clock.now_s += 60
        await stage.frame()
        assert "next window in 1:05" in stage.text("#link")
        stage.feed.publish(LinkChanged(LinkState.CONNECTING, "Opening it."))
        await stage.frame()
        assert "next window in 1:05" in stage.text("#link")
        stage.feed.connect()
        await stage.frame()
        assert "next window" not in stage.text("#link")


DEEP_SLEEPS = {
    DeepSleep(records.ASLEEP_OFF_BODY, True): ("asleep", "lift it or press its button"),
    DeepSleep(records.ASLEEP_OFF_BODY, False): ("asleep", "lift it"),
    DeepSleep(records.ASLEEP_BY_HAND, True): ("switched off", "hold its button until it vibrates, or plug it in"),
    DeepSleep(records.ASLEEP_BY_HAND, False): ("switched off", "plug it in"),
    DeepSleep(records.ASLEEP_EMPTY, True): ("empty", "charge it"),
    DeepSleep(records.ASLEEP_EMPTY, True, is_certain=False): ("probably empty", "charge it"),
}


@pytest.mark.parametrize("deep_sleep", DEEP_SLEEPS, ids=lambda each: f"{each.name}, {each.remedy}")
async def test_a_sensor_in_deep_sleep_is_shown_with_what_ends_it_until_it_is_heard(
    dashboard: Open, deep_sleep: DeepSleep
) -> None:
    name, remedy = DEEP_SLEEPS[deep_sleep]
    async with dashboard() as stage:
        stage.feed.publish(WindowExpected(125.0))
        stage.feed.publish(LinkChanged(LinkState.RESTING, deep_sleep.sentence, deep_sleep=deep_sleep))
        stage.feed.publish(WindowExpected(None))
        for trying in (LinkState.RESTING, LinkState.SEARCHING):
            if trying is not LinkState.RESTING:
                stage.feed.publish(LinkChanged(trying))
            await stage.frame()
            assert stage.text("#link").strip().startswith(f"○ {name}")
            assert "next window" not in stage.text("#link")
            assert stage.text("#reason").strip() == f"The sensor is {name}: {remedy}."
            assert name.upper() in stage.text("#state")
            assert " ".join((stage.text("#detail") + stage.text("#motor")).split()) == remedy
        stage.feed.connect()
        await stage.frame()
        assert name not in stage.text("#link")
        assert name.upper() not in stage.text("#state")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("cable", "● live by cable"),
        ("Bluetooth", "● live over Bluetooth"),
        ("shared", "● live through another unslouch"),
    ],
)
async def test_it_says_how_the_sensor_is_linked(dashboard: Open, kind: LinkKind, words: str) -> None:
    async with dashboard(feed=FakeFeed(link_kind=kind)) as stage:
        assert words in stage.text("#link")


async def test_a_database_that_can_be_written_again_is_no_longer_complained_of(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(StoreFailed(StoreError("posture.db: the disk is full; make room.")))
        stage.feed.publish(StoreRecovered())
        await stage.frame()
        assert "disk" not in stage.screen_text()


def line_of(shown: tuple[Content, str], cells: int) -> str:
    """Return the line as it is on the screen: the link from the left, the battery at the right end."""
    link, battery = shown[0].plain, shown[1]
    return f"{link:<{cells - len(battery)}}{battery}"


@pytest.mark.parametrize("cells", [38, 44, 58, 70, 78, 98, 118, 198])
@pytest.mark.parametrize(
    ("state", "power", "behind"),
    [
        (LinkState.SEARCHING, False, 0),
        (LinkState.LIVE, False, 0),
        (LinkState.LIVE, True, 0),
        (LinkState.SYNCING, False, 4000),
        (LinkState.RESTING, False, 0),
    ],
)
def test_at_every_width_whole_words_stand_apart_and_a_simulated_sensor_has_its_badge(
    cells: int, state: LinkState, power: bool, behind: int
) -> None:
    feed, sensor = FakeFeed(), SensorState(lambda: 0.0)
    feed.consumer = sensor.handle
    if state is not LinkState.SEARCHING:
        feed.connect(replace(INFO, board="XIAO ESP32-S3"), power=power)
    feed.publish(LinkChanged(state))
    sensor.records_behind = behind
    if state is LinkState.RESTING:
        feed.publish(WindowExpected(130))
    shown = top_line(sensor, True, "Bluetooth", cells)
    line = line_of(shown, cells)
    assert len(line) == cells, "nothing is cut"
    assert " SIMULATED " in line
    assert not shown[1] or line[: -len(shown[1])].endswith("  "), "the battery stands apart"
    if "XIAO" in line:
        assert "XIAO ESP32-S3" in line
    if power and cells >= 58:
        assert "charging" in line
