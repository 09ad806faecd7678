"""The host's clock: steps, zones and readings that can't be right."""

import asyncio
import os
import time
from collections.abc import Iterator

import pytest

from link.direct_locator import DirectLocator
from link.fake_board import FakeBoard, MemorySink, ReceivedEvents
from unslouch.link.model import LinkState
from unslouch.sensor.events import ClockImplausible, ClockRecovered, ClockStepped, SensorEvent
from unslouch.sensor.host_clock import HostClock, ImplausibleClock, local_offset_s, step_s
from unslouch.sensor.reconnect import Backoff
from unslouch.sensor.session import Session

NOON_S = 1_780_000_000.0  # 2026-05-28


class SetClock:
    """A wall clock that somebody sets, beside a monotonic one that can't be set."""

    def __init__(self) -> None:
        self.utc_s = NOON_S
        self.monotonic_s = 100.0
        self.offset_s = 7200
        self.clock = HostClock(lambda: self.utc_s, lambda: self.monotonic_s, lambda _: self.offset_s)

    def pass_time(self, seconds: float) -> None:
        self.utc_s += seconds
        self.monotonic_s += seconds


class ReceivedClockEvents(ReceivedEvents):
    """The events about the clock, too."""

    def __init__(self) -> None:
        super().__init__()
        self.clock: list[ClockStepped | ClockImplausible | ClockRecovered] = []

    def __call__(self, event: SensorEvent) -> None:
        if isinstance(event, ClockStepped | ClockImplausible | ClockRecovered):
            self.clock.append(event)
        super().__call__(event)


class Linked:
    """A session with a board, by a clock that somebody sets."""

    def __init__(self, clock: SetClock) -> None:
        self.board = FakeBoard()
        self.received = ReceivedClockEvents()
        self._clock = clock

    async def __aenter__(self) -> "Linked":
        self._served = self.board.on_tcp()
        locator = DirectLocator(await self._served.__aenter__())
        session = Session(locator, self.received, MemorySink(), backoff=Backoff(0.01, 0.02), clock=self._clock.clock)
        self._task = asyncio.create_task(session.run())
        await self.received.until_state(LinkState.LIVE)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._served.__aexit__(None, None, None)


def ms(utc_s: float) -> int:
    return int(utc_s * 1000)


def test_time_that_merely_passes_is_no_step() -> None:
    clock = SetClock()
    before = clock.clock.read()
    clock.pass_time(86_400)
    assert step_s(before, clock.clock.read()) == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize("by_s", [-3600.0, -1.5, 2.0, 61_200.0])
def test_a_step_is_what_the_monotonic_clock_did_not_see(by_s: float) -> None:
    clock = SetClock()
    before = clock.clock.read()
    clock.pass_time(10)
    clock.utc_s += by_s
    assert step_s(before, clock.clock.read()) == pytest.approx(by_s, abs=0.002)


@pytest.mark.parametrize(
    ("utc_s", "said"),
    [(0.0, "says 1970-01-01"), (1_577_836_799.0, "says 2019-12-31"), (-5e9, "1970"), (253_500_000_000.0, "9999")],
)
def test_a_clock_that_cannot_be_right_is_refused_with_a_sentence(utc_s: float, said: str) -> None:
    clock = SetClock()
    clock.utc_s = utc_s
    with pytest.raises(ImplausibleClock, match=said):
        clock.clock.read()


def test_zones_are_given_in_quarters_of_an_hour_east_of_utc() -> None:
    clock = SetClock()
    for offset_s, quarters in ((20_700, 23), (-12_600, -14), (0, 0)):
        clock.offset_s = offset_s
        assert clock.clock.read().zone_quarter_h == quarters


@pytest.fixture
def zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system knows no tzset")
def test_the_local_zone_is_read_again_when_it_changes(zone: None) -> None:
    os.environ["TZ"] = "XST-5:45"
    assert local_offset_s(NOON_S) == 20_700
    os.environ["TZ"] = "YST3:30"
    assert local_offset_s(NOON_S) == -12_600


@pytest.mark.parametrize("by_s", [61_200.0, -7200.0])
async def test_a_clock_that_is_set_while_the_sensor_is_linked_is_marked_at_once(
    by_s: float, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SetClock()
    async with Linked(clock) as linked:
        assert linked.board.clocks == [(ms(NOON_S), 8)]
        clock.pass_time(30)
        clock.utc_s += by_s
        await linked.received.until(lambda: len(linked.board.clocks) == 2)
        assert linked.board.clocks[1] == (ms(NOON_S + 30 + by_s), 8)
        (event,) = linked.received.clock
        assert isinstance(event, ClockStepped)
        assert event.by_s == pytest.approx(by_s, abs=0.01)
        assert f"set by {by_s:+.1f} s" in caplog.text
        statuses = len(linked.received.statuses)
        await linked.received.until(lambda: len(linked.received.statuses) > statuses + 10)
        assert len(linked.board.clocks) == 2
        assert LinkState.WAITING not in [state for state, _ in linked.received.states]


async def test_a_zone_that_changes_while_the_sensor_is_linked_is_marked_at_once() -> None:
    clock = SetClock()
    async with Linked(clock) as linked:
        clock.offset_s = 3600
        await linked.received.until(lambda: len(linked.board.clocks) == 2)
        assert linked.board.clocks[1] == (ms(NOON_S), 4)
        assert linked.received.clock == []


async def test_a_clock_that_ticks_within_a_second_of_the_monotonic_one_needs_no_mark() -> None:
    clock = SetClock()
    async with Linked(clock) as linked:
        clock.utc_s += 0.9
        statuses = len(linked.received.statuses)
        await linked.received.until(lambda: len(linked.received.statuses) > statuses + 10)
        assert len(linked.board.clocks) == 1


@pytest.mark.parametrize("utc_s", [1000.0, 253_500_000_000.0])
async def test_a_sensor_is_not_given_a_time_that_cannot_be_right_until_the_clock_is_set(utc_s: float) -> None:
    clock = SetClock()
    clock.utc_s = utc_s
    async with Linked(clock) as linked:
        assert linked.board.clocks == []
        (event,) = linked.received.clock
        assert isinstance(event, ClockImplausible)
        assert "until it is set" in event.reason
        clock.utc_s = NOON_S
        await linked.received.until(lambda: linked.board.clocks)
        assert linked.board.clocks == [(ms(NOON_S), 8)]
        assert linked.received.clock[1:] == [ClockRecovered()]


async def test_a_clock_that_goes_wrong_for_a_while_is_compared_with_when_it_was_right() -> None:
    clock = SetClock()
    async with Linked(clock) as linked:
        clock.utc_s = 0.0
        await linked.received.until(lambda: linked.received.clock)
        clock.utc_s = NOON_S + 500
        await linked.received.until(lambda: len(linked.received.clock) == 3)
        assert linked.received.clock[1] == ClockRecovered()
        assert linked.received.clock[2] == ClockStepped(pytest.approx(500, abs=0.01))
        await linked.received.until(lambda: len(linked.board.clocks) == 2)
