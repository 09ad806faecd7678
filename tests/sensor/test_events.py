"""Events of a sensor for several consumers: one that is slow or fails disturbs no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from link.fake_board import FakeBoard, ReceivedEvents
from unslouch.errors import StoreError
from unslouch.link.model import LinkState
from unslouch.sensor.events import (
    JournalEvent,
    LinkChanged,
    LiveSample,
    RecordsStored,
    SensorEvent,
    StoreFailed,
    StoreRecovered,
)
from unslouch.sensor.publisher import EventPublisher, EventQueue, QueueOverflow
from unslouch.sensor.recorder import Recorder
from unslouch.store import Store
from unslouch_device.contract import records, states


def live(number: int) -> LiveSample:
    return LiveSample(number, 1.0, 0.0, states.UPRIGHT, states.ACTIVITY_STILL, False, False, False, 0)


def alert(number: int) -> JournalEvent:
    return JournalEvent(records.ALERT, "alert", number, {})


def queued(queue: EventQueue) -> list[SensorEvent]:
    return [queue.get() for _ in range(len(queue))]


@asynccontextmanager
async def recording(recorder: Recorder) -> AsyncIterator[None]:
    task = asyncio.create_task(recorder.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


def stored_pages(path: Path) -> list[bytes]:
    with Store.open(path, simulated=None, readonly=True) as store:
        return store.pages()


# The queue


def test_events_leave_the_queue_in_the_order_in_which_they_came() -> None:
    queue = EventQueue(capacity=8)
    events = [live(1), alert(2), LinkChanged(LinkState.LIVE), live(3), RecordsStored(4, 0)]
    for event in events:
        queue.put(event)
    assert queued(queue) == events
    with pytest.raises(KeyError):
        queue.get()


def test_a_full_queue_loses_its_oldest_telemetry_and_nothing_else() -> None:
    queue = EventQueue(capacity=4)
    for event in (alert(0), live(1), live(2), live(3), alert(4), RecordsStored(5, 0), live(6)):
        queue.put(event)
    assert queued(queue) == [alert(0), alert(4), RecordsStored(5, 0), live(6)]
    assert queue.lost == 3


def test_telemetry_finds_no_room_in_a_queue_full_of_events_that_must_not_be_lost() -> None:
    queue = EventQueue(capacity=2)
    for event in (alert(0), alert(1), live(2)):
        queue.put(event)
    assert queued(queue) == [alert(0), alert(1)]
    assert queue.lost == 1


def test_without_telemetry_to_lose_only_the_latest_of_each_state_stays() -> None:
    queue = EventQueue(capacity=6)
    failed = StoreFailed(StoreError("x.db: the disk is full."))
    for event in (
        LinkChanged(LinkState.SYNCING),
        RecordsStored(10, 5),
        failed,
        alert(1),
        LinkChanged(LinkState.LIVE),
        StoreRecovered(),
    ):
        queue.put(event)
    queue.put(RecordsStored(15, 0))
    assert queued(queue) == [alert(1), LinkChanged(LinkState.LIVE), StoreRecovered(), RecordsStored(15, 0)]


def test_a_queue_full_of_journal_events_overflows_rather_than_lose_one() -> None:
    queue = EventQueue(capacity=3)
    for number in range(3):
        queue.put(alert(number))
    for event in (alert(3), RecordsStored(1, 0)):
        with pytest.raises(QueueOverflow):
            queue.put(event)
    assert queued(queue) == [alert(0), alert(1), alert(2)]


# The publisher


async def test_a_plot_a_rep_counter_and_a_bridge_listen_side_by_side() -> None:
    """The plot is fast, the rep counter counts journal events, and the bridge waits for its network all the time."""
    publisher, network = EventPublisher(), asyncio.Event()
    plotted: list[LiveSample] = []
    repetitions: list[int] = []
    bridged: list[SensorEvent] = []

    def plot(event: SensorEvent) -> None:
        if isinstance(event, LiveSample):
            plotted.append(event)

    async def count(event: SensorEvent) -> None:
        await asyncio.sleep(0)
        if isinstance(event, JournalEvent):
            repetitions.append(event.uptime_ms)

    async def bridge(event: SensorEvent) -> None:
        await network.wait()
        bridged.append(event)

    publisher.subscribe(plot, "plot", capacity=50)
    publisher.subscribe(count, "rep counter", capacity=50)
    slow = publisher.subscribe(bridge, "bridge", capacity=50)
    for number in range(1000):
        publisher.publish(live(number))
        if number % 100 == 0:
            publisher.publish(alert(number))
        await asyncio.sleep(0)
    network.set()
    await publisher.close(timeout_s=15)
    assert [sample.uptime_ms for sample in plotted] == list(range(1000))
    assert repetitions == list(range(0, 1000, 100))
    assert [event for event in bridged if isinstance(event, JournalEvent)] == [alert(n) for n in range(0, 1000, 100)]
    assert bridged[-1] == live(999)
    assert len(bridged) <= 51
    assert slow.lost == 1010 - len(bridged)


async def test_a_consumer_that_raises_is_ended_with_its_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    publisher, seen = EventPublisher(), ReceivedEvents()

    def plot(event: SensorEvent) -> None:
        raise ZeroDivisionError("a plot of no width")

    failing = publisher.subscribe(plot, "The plot")
    publisher.subscribe(seen, "the test")
    publisher.publish(live(1))
    await failing.wait_ended()
    publisher.publish(live(2))
    await publisher.close()
    assert [sample.uptime_ms for sample in seen.live] == [1, 2]
    assert isinstance(failing.error, ZeroDivisionError)
    (entry,) = [entry for entry in caplog.records if entry.levelname == "ERROR"]
    assert entry.getMessage() == "The plot failed and gets no more events of the sensor."
    assert entry.exc_info is not None
    assert "a plot of no width" in caplog.text
    assert "Traceback" in caplog.text


async def test_a_consumer_whose_own_work_is_cancelled_has_failed_too(caplog: pytest.LogCaptureFixture) -> None:
    publisher = EventPublisher()

    async def bridge(event: SensorEvent) -> None:
        cancelled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        cancelled.cancel()
        await cancelled

    failing = publisher.subscribe(bridge, "The bridge")
    publisher.publish(live(1))
    await failing.wait_ended()
    assert failing.error is not None
    assert "The bridge failed" in caplog.text


async def test_a_consumer_that_would_lose_a_journal_event_is_ended_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    publisher, seen = EventPublisher(), ReceivedEvents()
    stuck = publisher.subscribe(lambda event: asyncio.sleep(3600), "The bridge", capacity=10)
    publisher.subscribe(seen, "the test")
    for number in range(100):
        publisher.publish(alert(number))
        await asyncio.sleep(0)
    await stuck.wait_ended()
    await publisher.close()
    assert isinstance(stuck.error, QueueOverflow)
    assert len(seen.journal_events) == 100
    errors = [entry.getMessage() for entry in caplog.records if entry.levelname == "ERROR"]
    assert errors == ["The bridge has not handled the last 10 events of the sensor and gets no more of them."]


async def test_closing_waits_for_what_is_queued_but_not_for_a_consumer_that_hangs() -> None:
    publisher, seen = EventPublisher(), ReceivedEvents()
    publisher.subscribe(seen, "the test")
    hanging = publisher.subscribe(lambda event: asyncio.sleep(3600), "The bridge")
    for number in range(200):
        publisher.publish(live(number))
    await asyncio.wait_for(publisher.close(timeout_s=0.2), 15)
    assert len(seen.live) == 200
    assert not hanging.is_active
    publisher.publish(live(200))


# The recorder


async def test_a_consumer_that_raises_neither_breaks_the_link_nor_the_storing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    board, path, seen = FakeBoard(), tmp_path / "x.db", ReceivedEvents()

    def plot(event: SensorEvent) -> None:
        if isinstance(event, LiveSample):
            raise ZeroDivisionError("a plot of no width")

    async with board.on_tcp() as sensor:
        recorder = Recorder(sensor, path)
        failing = recorder.subscribe(plot, "The plot")
        recorder.subscribe(seen, "the test")
        async with recording(recorder):
            await failing.wait_ended()
            board.builder.epochs(states.UPRIGHT, 100)
            await seen.until(lambda: seen.stored and seen.stored[-1] == (board.end, 0) and len(seen.live) > 40)
            assert recorder.state is LinkState.LIVE
    assert stored_pages(path) == board.pages
    assert LinkState.WAITING not in [state for state, _ in seen.states]
    assert "a plot of no width" in caplog.text


async def test_the_last_state_reaches_a_consumer_before_the_recorder_ends(tmp_path: Path) -> None:
    seen = ReceivedEvents()
    recorder = Recorder("socket://127.0.0.1:1", tmp_path / "x.db")
    recorder.subscribe(seen, "the test")
    async with recording(recorder):
        await seen.until_state(LinkState.WAITING)
    assert seen.state is LinkState.CLOSED
