"""Deep sleep: what a sensor says of it, what is kept of that for a program that starts later, and the words for it."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from link.ble_board import ADDRESS, BleScene, on_air
from unslouch.errors import NoSensor
from unslouch.link.model import BoardStatus, JournalEvent, SensorInfo
from unslouch.sensor import last_sleep, paired
from unslouch.sensor.deep_sleep import ALMOST_EMPTY_PERCENT, OVER_AFTER_MS, ExpectedSleep, SensorAsleep, SleepSigns
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.last_sleep import OFF_BODY_AFTER_S, keep_expected_sleep, last_known_sleep, sleep_file
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.paired import PairedSensor
from unslouch.sensor.pairing import remove_pairing
from unslouch.sensor.scanning import scan
from unslouch_device.contract import records as r

OFF = ExpectedSleep(r.ASLEEP_BY_HAND, button_wakes=True, has_begun=True)


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    sleep_file().unlink(missing_ok=True)


def signs(*, sleeps_deeply: bool = False, button_wakes: bool = True) -> SleepSigns:
    awake = SensorInfo("id", "a board", "0.1.0", 3, 1, 1, 0, 0, 0, 1, 1, False, False, 180)
    return SleepSigns(replace(awake, sleeps_deeply=sleeps_deeply, button_wakes=button_wakes))


def event(code: int, **fields: int) -> JournalEvent:
    return JournalEvent(code, "", 60_000, fields)


def status(uptime_ms: int = 60_000, percent: int | None = 80, *, powered: bool = False) -> BoardStatus:
    return BoardStatus(uptime_ms, 3900, percent, powered, 0, 0, 0, 0, 0, 1, 1, 0, False, 30)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (event(r.DEEP_SLEEP_BEGAN, why=r.ASLEEP_BY_HAND), r.ASLEEP_BY_HAND),
        (event(r.DEEP_SLEEP_BEGAN, why=r.ASLEEP_EMPTY), r.ASLEEP_EMPTY),
        (event(r.DEEP_SLEEP_BEGAN, why=r.ASLEEP_OFF_BODY), r.ASLEEP_OFF_BODY),
        (event(r.BUTTON, presses=r.HELD_TO_SWITCH_OFF), r.ASLEEP_BY_HAND),
        (event(r.BATTERY_LOW, level=r.BATTERY_EMPTY, battery_mV=3390, percent=1), r.ASLEEP_EMPTY),
    ],
)
def test_a_sensor_that_says_that_it_ends_is_believed_until_it_is_heard_some_seconds_later(
    said: JournalEvent, why: int
) -> None:
    heard = signs()
    heard.take_status(status())
    heard.take_event(said)
    heard.take_status(status(60_000 + OVER_AFTER_MS - 1))
    assert heard.has_begun
    assert heard.expected() == ExpectedSleep(why, button_wakes=True, has_begun=True)
    heard.take_status(status(60_000 + OVER_AFTER_MS))
    assert heard.expected() is None


@pytest.mark.parametrize(
    "said",
    [
        event(r.BUTTON, presses=1),
        event(r.BATTERY_LOW, level=r.BATTERY_MOTOR_OFF, battery_mV=3600, percent=4),
        event(r.DEEP_SLEEP_BEGAN, why=99),
        event(r.TAKEN_OFF, cue=1),
    ],
)
def test_other_events_announce_no_deep_sleep(said: JournalEvent) -> None:
    heard = signs()
    heard.take_event(said)
    assert heard.expected() is None


def test_on_the_cable_holding_the_button_switches_nothing_off() -> None:
    heard = signs()
    heard.take_status(status(powered=True))
    heard.take_event(event(r.BUTTON, presses=r.HELD_TO_SWITCH_OFF))
    assert heard.expected() is None


@pytest.mark.parametrize("taken_off_while_linked", [False, True])
def test_a_sensor_off_the_body_is_expected_to_sleep_until_it_is_put_on(taken_off_while_linked: bool) -> None:
    heard = signs(sleeps_deeply=not taken_off_while_linked, button_wakes=False)
    heard.take_status(replace(status(), sleeps_deeply=taken_off_while_linked))
    assert heard.expected() == ExpectedSleep(r.ASLEEP_OFF_BODY, button_wakes=False, has_begun=False)
    heard.take_event(event(r.PUT_ON))
    assert heard.expected() is None


@pytest.mark.parametrize(
    ("percent", "powered", "is_expected"),
    [
        (ALMOST_EMPTY_PERCENT, False, True),
        (ALMOST_EMPTY_PERCENT + 1, False, False),
        (ALMOST_EMPTY_PERCENT, True, False),
        (None, False, False),
    ],
)
def test_an_almost_empty_battery_is_expected_to_be_empty_soon(
    percent: int | None, powered: bool, is_expected: bool
) -> None:
    heard = signs()
    heard.take_status(status(percent=percent, powered=powered))
    expected = ExpectedSleep(r.ASLEEP_EMPTY, button_wakes=True, has_begun=False)
    assert heard.expected() == (expected if is_expected else None)


def test_what_a_link_announced_is_known_to_a_later_program_until_the_next_link() -> None:
    assert last_known_sleep(ADDRESS) is None
    keep_expected_sleep(ADDRESS, OFF)
    assert last_known_sleep(ADDRESS.lower()) == OFF.deep_sleep
    assert last_known_sleep("74:4D:BD:99:99:99") is None
    keep_expected_sleep(ADDRESS, None)
    assert last_known_sleep(ADDRESS) is None


@pytest.mark.parametrize(
    ("why", "silent_in_s", "known_after_s"),
    [(r.ASLEEP_EMPTY, 195.0, 195.0), (r.ASLEEP_OFF_BODY, 195.0, OFF_BODY_AFTER_S), (r.ASLEEP_OFF_BODY, 3615.0, 3615.0)],
)
def test_a_sleep_that_has_not_begun_is_known_once_a_window_must_have_passed(
    why: int, silent_in_s: float, known_after_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = time.time()
    monkeypatch.setattr(last_sleep.time, "time", lambda: now_s)
    keep_expected_sleep(ADDRESS, ExpectedSleep(why, button_wakes=True, has_begun=False), silent_in_s)
    began_s, now_s = now_s, now_s + known_after_s - 2
    assert last_known_sleep(ADDRESS) is None
    now_s = began_s + known_after_s
    assert last_known_sleep(ADDRESS) is not None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"74:4D:BD:00:00:01": {"why": 7}}', '{"74:4D:BD:00:00:01": 3}'])
def test_a_damaged_file_costs_only_what_it_said(text: str) -> None:
    sleep_file().parent.mkdir(parents=True, exist_ok=True)
    sleep_file().write_text(text)
    assert last_known_sleep(ADDRESS) is None
    keep_expected_sleep(ADDRESS, OFF)
    assert last_known_sleep(ADDRESS) == OFF.deep_sleep


def test_a_command_that_asks_the_sensor_says_why_it_is_silent(tmp_path: Path) -> None:
    async def story(scene: BleScene) -> None:
        paired.add_paired(PairedSensor("back", "0102030405060708", ADDRESS))
        scene.board.rest()
        await asyncio.sleep(1)
        for sensor in (None, "back", ADDRESS):
            keep_expected_sleep(ADDRESS, OFF)
            with pytest.raises(SensorAsleep, match=r"^The sensor is switched off: hold its button"):
                async with open_sensor(SharedLocator(sensor, scene.backends)):
                    pass
            keep_expected_sleep(ADDRESS, None)
            with pytest.raises(NoSensor, match="isn't heard"):
                async with open_sensor(SharedLocator(sensor, scene.backends)):
                    pass
        keep_expected_sleep(ADDRESS, OFF)
        (found,) = (await scan(1, scene.backends, list)).sensors
        assert found.remark == "known, switched off: hold its button until it vibrates, or plug it in"
        await remove_pairing("back", lambda step: None, scene.backends)
        assert last_known_sleep(ADDRESS) is None

    on_air(tmp_path, story)
