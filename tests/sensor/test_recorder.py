"""The recorder: one process owns a sensor and stores its journal, others look and ask through it."""

import asyncio
import os
import signal
import sqlite3
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import pytest

from link.fake_board import FakeBoard, ReceivedEvents
from sensor.sharing_owner import recording_process
from unslouch.errors import NoSensor, Refused, SensorBusy, StoreError
from unslouch.link.connection import REPLY_TIMEOUT_S, Connection, Reply
from unslouch.link.model import LinkState
from unslouch.sensor.events import StoreFailed, StoreRecovered
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.owner import sharing_owners
from unslouch.sensor.reconnect import Backoff
from unslouch.sensor.recorder import Recorder
from unslouch.sensor.settings import setting_by_key
from unslouch.sensor.timing import Timing
from unslouch.store import Store, default_path
from unslouch_device.contract import messages, payloads, records, states
from unslouch_device.sense.calibration import BOW_LONGEST_S, BOW_PATIENCE_S

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there are no ptys")


@asynccontextmanager
async def recording(
    sensor: str | None, path: Path | None, *, watched: bool = True
) -> AsyncIterator[tuple[Recorder, ReceivedEvents]]:
    received = ReceivedEvents()
    recorder = Recorder(sensor, path, Backoff(first_s=0.02, most_s=0.1), watched=watched)
    recorder.subscribe(received, "the test")
    task = asyncio.create_task(recorder.run())
    try:
        yield recorder, received
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


def stored(path: Path, journal: int | None = None) -> list[bytes]:
    with Store.open(path, simulated=None, readonly=True) as store:
        return store.pages(journal)


async def test_the_owner_stores_the_journal_and_shares_the_sensor(tmp_path: Path) -> None:
    board, path = FakeBoard(hours=1), tmp_path / "x.db"
    async with board.on_pty(tmp_path / "port") as port, recording(port, path) as (owner, received):
        await received.until_state(LinkState.LIVE)
        assert owner.owner
        assert owner.link_kind == "cable"
        assert owner.store_path == path
        assert owner.records_added == board.end
        async with recording(port, path) as (other, seen):
            await seen.until(lambda: other.state is LinkState.LIVE and seen.live and seen.statuses)
            assert not other.owner
            assert other.link_kind == "shared"
            assert other.info is not None
            assert other.info.device_id == owner.info.device_id  # type: ignore[union-attr]
            assert other.info.board == "fake board"
            board.builder.epochs(states.UPRIGHT, 100)
            await seen.until(lambda: seen.stored and seen.stored[-1] == (board.end, 0))
            assert other.records_added == 0
        assert board.requests.count(messages.HELLO) == 1
        assert board.requests.count(messages.CLOCK) == 1
    assert stored(path) == board.pages


async def test_an_unwatched_owner_asks_for_more_while_a_client_watches(tmp_path: Path) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, recording(sensor, tmp_path / "x.db", watched=False) as (_, received):
        await received.until(lambda: board.live_hz == 1)
        async with recording(sensor, None) as (_, seen):
            await seen.until(lambda: board.live_hz == messages.MAX_LIVE_HZ and seen.live)
        await received.until(lambda: board.live_hz == 1)


async def test_clients_ask_through_the_owner_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    board = FakeBoard()
    async with (
        board.on_tcp() as sensor,
        recording(sensor, tmp_path / "x.db") as (owner, received),
        recording(sensor, None) as (one, one_notes),
        recording(sensor, None) as (two, two_notes),
    ):
        await received.until_state(LinkState.LIVE)
        await one_notes.until_state(LinkState.LIVE)
        await two_notes.until_state(LinkState.LIVE)
        answers = await asyncio.gather(
            *(who.client.snooze(minutes) for minutes, who in enumerate([owner, one, two] * 10, start=1))
        )
        assert answers == list(range(1, 31))
        revision, _ = await one.client.settings()
        await one.client.set_setting(revision, setting_by_key("delay"), 60)
        with pytest.raises(Refused, match="changed by somebody else"):
            await two.client.set_setting(revision, setting_by_key("delay"), 70)
        assert await two.client.calibrate() == 2
        assert await one.client.bow() == 3
        assert await two.client.stand() == (-12.4, 1.5)
        assert await one.client.select_profile(1) == 0
        await two.client.name_profile(2, "Sofa")
        assert [profile.title for profile in await one.client.profiles() if profile.number < 4] == [
            "office chair",
            "standing desk",
            "Sofa",
        ]
        for forbidden in (two.client.fetch(0xABCD, 0, 1), two.client.set_clock(0, 0)):
            with pytest.raises(Refused):
                await forbidden
        board.noise = board.event(records.ALERT, 1500, 1, 0)
        await one.client.buzz()
        await two_notes.until(lambda: two_notes.journal_events)
        assert two_notes.journal_events[0].name == "alert"


async def test_what_waits_for_the_wearer_may_take_as_long_through_the_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: dict[int, list[float]] = {}
    really_request = Connection.request_raw

    async def request_raw(
        connection: Connection, kind: int, packed: bytes, timeout_s: float, max_pages: int = 0
    ) -> Reply:
        waits.setdefault(kind, []).append(timeout_s)
        return await really_request(connection, kind, packed, timeout_s, max_pages)

    monkeypatch.setattr(Connection, "request_raw", request_raw)
    board = FakeBoard()
    async with (
        board.on_tcp() as sensor,
        recording(sensor, tmp_path / "x.db") as (_, received),
        recording(sensor, None) as (other, other_notes),
    ):
        await received.until_state(LinkState.LIVE)
        await other_notes.until_state(LinkState.LIVE)
        await other.client.calibrate()
        await other.client.rezero()
        await other.client.bow()
        await other.client.stand()
    for kind in (messages.CALIBRATE, messages.REZERO, messages.BOW, messages.STANDING):
        assert len(waits[kind]) == 2  # the other's and the owner's
        assert min(waits[kind]) >= BOW_PATIENCE_S + BOW_LONGEST_S + REPLY_TIMEOUT_S


async def test_an_owner_knows_every_request_that_a_client_can_make(tmp_path: Path) -> None:
    board = FakeBoard()
    async with (
        board.on_tcp() as sensor,
        recording(sensor, tmp_path / "x.db") as (_, received),
        recording(sensor, None) as (other, other_notes),
    ):
        await received.until_state(LinkState.LIVE)
        await other_notes.until_state(LinkState.LIVE)
        for kind, layout in messages.REQUEST_FORMATS.items():
            reply = await other.client.connection.request_raw(kind, bytes(struct.calcsize(layout) - 1), 5.0)
            assert reply.status != messages.UNKNOWN_REQUEST, hex(kind)


async def test_a_client_becomes_the_owner_when_the_owner_leaves(tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with board.on_pty(tmp_path / "port") as port, AsyncExitStack() as stay:
        async with recording(port, path) as (first, first_notes):
            await first_notes.until_state(LinkState.LIVE)
            second, received = await stay.enter_async_context(recording(port, path))
            await received.until_state(LinkState.LIVE)
            assert (first.owner, second.owner) == (True, False)
            assert [owner.sensor for owner in sharing_owners()] == [os.path.realpath(port)]
        await received.until(lambda: second.owner and second.state is LinkState.LIVE)
        board.builder.epochs(states.UPRIGHT, 30)
        await received.until(lambda: received.stored and received.stored[-1] == (board.end, 0))
    assert stored(path) == board.pages
    assert sharing_owners() == []


async def test_two_processes_on_one_port_share_it_and_a_killed_owner_is_succeeded(tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with (
        board.on_pty(tmp_path / "port") as port,
        recording_process(port, path) as process,
        recording(port, path) as (other, seen),
    ):
        await seen.until(lambda: other.state is LinkState.LIVE and seen.live)
        assert not other.owner
        await other.client.buzz()
        process.kill()
        await seen.until(lambda: other.owner and other.state is LinkState.LIVE)
        assert any("has ended or lost the sensor" in reason for _, reason in seen.states)
        board.builder.epochs(states.UPRIGHT, 30)
        await seen.until(lambda: seen.stored and seen.stored[-1] == (board.end, 0))
    assert stored(path) == board.pages


async def test_an_owner_suspended_while_another_process_follows_is_named_instead_of_the_sensor(
    tmp_path: Path,
) -> None:
    board, path, received = FakeBoard(), tmp_path / "x.db", ReceivedEvents()
    timing = Timing(silence_s=0.5, ping_s=0.3)
    async with board.on_pty(tmp_path / "port") as port, recording_process(port, path) as process:
        recorder = Recorder(port, path, Backoff(first_s=0.02, most_s=0.1), timing=timing)
        recorder.subscribe(received, "the test")
        task = asyncio.create_task(recorder.run())
        try:
            await received.until(lambda: recorder.state is LinkState.LIVE and received.live)
            process.send_signal(signal.SIGSTOP)
            await received.until(lambda: f"(process {process.pid}, `unslouch record" in received.reason, 30)
            assert "does not answer; it may be suspended" in received.reason
            assert not any("has fallen silent" in reason for _, reason in received.states)
            process.send_signal(signal.SIGCONT)
            await received.until(lambda: recorder.state is LinkState.LIVE, 30)
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_everything_is_stored_on_request_by_the_owner_of_the_sensor(tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with board.on_tcp() as sensor, recording(sensor, path) as (owner, received):
        await received.until_state(LinkState.LIVE)
        async with recording(sensor, None) as (other, seen):
            await seen.until_state(LinkState.LIVE)
            assert other.database == owner.database == path
            board.streaming = False  # no status says that the journal has grown
            for recorder in (owner, other):
                board.builder.epochs(states.UPRIGHT, 30)
                await recorder.flush()
                assert stored(path) == board.pages
                assert board.live_hz == messages.MAX_LIVE_HZ
            board.refuse[messages.FETCH] = messages.FLASH_FAILED
            with pytest.raises(Refused):
                await owner.flush()


async def test_a_port_held_by_a_foreign_process_is_busy_and_taken_once_it_is_free(tmp_path: Path) -> None:
    board = FakeBoard()
    holder = "import serial, sys; p = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); input()"
    async with board.on_pty(tmp_path / "port") as port:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", holder, port, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        await process.stdout.readline()
        async with recording(port, tmp_path / "x.db") as (recorder, received):
            await received.until_state(LinkState.WAITING)
            assert isinstance(recorder.failure, SensorBusy)
            with pytest.raises(NoSensor, match="No sensor is linked"):
                _ = recorder.client
            await process.communicate(b"\n")
            await received.until_state(LinkState.LIVE)


async def test_the_clients_of_an_owner_that_loses_the_board_see_a_lost_link(tmp_path: Path) -> None:
    board, link = FakeBoard(), tmp_path / "port"
    path = tmp_path / "x.db"
    async with recording(str(link), path) as (_, received), recording(str(link), path) as (other, seen):
        async with board.on_pty(link):
            await received.until_state(LinkState.LIVE)
            await seen.until_state(LinkState.LIVE)
        await seen.until_state(LinkState.WAITING)
        await received.until_state(LinkState.WAITING)
        async with board.on_pty(link):
            await received.until_state(LinkState.LIVE)
            await seen.until_state(LinkState.LIVE)
            await other.client.ping()


async def test_one_off_commands_go_through_the_owner_if_there_is_one(tmp_path: Path) -> None:
    board = FakeBoard()
    async with board.on_pty(tmp_path / "port") as port:
        async with open_sensor(SharedLocator(port)) as (client, _):
            assert not client.connection.transport.shared
            await client.buzz()
        async with recording(port, tmp_path / "x.db") as (_, received):
            await received.until_state(LinkState.LIVE)
            async with open_sensor(SharedLocator(port)) as (client, _):
                assert client.connection.transport.shared
                await client.buzz()
            async with open_sensor(SharedLocator(None)) as (client, _):  # found, as it is owned
                await client.buzz()
            live = len(received.live)
            await received.until(lambda: len(received.live) > live)
        assert board.requests.count(messages.BUZZ) == 3


# The database


async def test_simulated_sensors_have_a_database_of_their_own() -> None:
    board = FakeBoard(journal=0x78)
    async with board.on_tcp() as sensor, recording(sensor, None) as (recorder, received):
        await received.until_state(LinkState.LIVE)
        assert recorder.store_path == default_path(simulated=True)
    assert recorder.store_path.name == "simulated.db"
    assert stored(recorder.store_path, journal=0x78) == board.pages


async def test_a_database_of_the_other_kind_ends_the_recorder_with_a_reason(tmp_path: Path) -> None:
    Store.open(tmp_path / "x.db", simulated=False).close()
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        with pytest.raises(StoreError, match="choose another file with --db"):
            await asyncio.wait_for(Recorder(sensor, tmp_path / "x.db").run(), 10)


async def test_a_locked_database_is_waited_for_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = Store.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Store, "open", classmethod(lambda cls, path, **options: real_open(cls, path, busy_timeout_s=0.05, **options))
    )
    board, path = FakeBoard(), tmp_path / "x.db"
    async with board.on_tcp() as sensor, recording(sensor, path) as (recorder, received):
        await received.until_state(LinkState.LIVE)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            board.builder.epochs(states.UPRIGHT, 60)
            await received.until(lambda: received.store and isinstance(received.store[0], StoreFailed))
            assert "is locked by another program" in str(received.store[0].error)  # type: ignore[union-attr]
            assert recorder.state is LinkState.LIVE
            other.execute("ROLLBACK")
        await received.until(lambda: received.store[-1] == StoreRecovered())
        await received.until(lambda: received.stored[-1] == (board.end, 0))
    assert stored(path) == board.pages


@pytest.mark.parametrize("simulated", [True, False])
async def test_no_kind_of_sensor_begins_the_others_default_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulated: bool
) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path))
    path = default_path(not simulated)
    board = FakeBoard()
    board.flags = payloads.HELLO_SIMULATED if simulated else 0
    async with board.on_tcp() as sensor:
        with pytest.raises(StoreError, match="needs another one; choose it with --db"):
            await asyncio.wait_for(Recorder(sensor, path).run(), 10)
    assert not path.exists()
