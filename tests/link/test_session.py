"""The session against a fake board: states, backoff, sync, unplugging, and boards that misbehave."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from link.direct_locator import DirectLocator
from link.fake_board import FakeBoard, MemorySink, ReceivedEvents
from unslouch.link.model import LinkState
from unslouch.link.tcp import TcpTransport
from unslouch.link.transport import LinkLost
from unslouch.sensor.host_clock import HostClock
from unslouch.sensor.reconnect import Backoff
from unslouch.sensor.session import Session
from unslouch.sensor.timing import Timing
from unslouch_device.contract import messages, payloads, records, states
from unslouch_device.contract.pages import unpack_page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))
FIXED_CLOCK = HostClock(NOW.timestamp, lambda: 0.0, lambda _: 20_700)
posix_only = pytest.mark.skipif("sys.platform == 'win32'", reason="there are no ptys")


TIMING = Timing(hello_s=10.0, hello_try_s=0.2, fetch_s=10.0, ping_s=10.0)
"""Long enough for a busy machine; what waits for silence is in test_silence.py, where time costs nothing."""


def quick() -> Backoff:
    return Backoff(first_s=0.01, most_s=0.02)


@asynccontextmanager
async def running(
    sensor: str, writer: MemorySink | None = None, **options: object
) -> AsyncIterator[tuple[Session, ReceivedEvents]]:
    received = ReceivedEvents()
    options = {"backoff": quick(), "clock": FIXED_CLOCK, "timing": TIMING} | options
    session = Session(DirectLocator(sensor), received, writer, **options)  # type: ignore[arg-type]
    task = asyncio.create_task(session.run())
    try:
        yield session, received
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert session.state is LinkState.CLOSED
        if not task.cancelled():
            task.result()


Served = Callable[[FakeBoard], AbstractAsyncContextManager[str]]


@pytest.fixture(params=["tcp", pytest.param("pty", marks=posix_only)])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Served:
    """Serves a board over TCP, then over a pty."""
    if request.param == "tcp":
        return lambda board: board.on_tcp()
    return lambda board: board.on_pty(tmp_path / "sensor")


async def test_a_session_connects_stores_the_journal_and_goes_live(served: Served) -> None:
    board, writer = FakeBoard(hours=3), MemorySink()
    async with served(board) as sensor, running(sensor, writer) as (session, received):
        await received.until(lambda: received.live and received.statuses and session.state is LinkState.LIVE)
        assert writer.pages == board.pages
        assert received.stored[-1] == (board.end, 0)
        assert [state for state, _ in received.states] == [
            LinkState.SEARCHING, LinkState.CONNECTING, LinkState.HANDSHAKE, LinkState.SYNCING, LinkState.LIVE,
        ]  # fmt: skip
        assert board.requests[:4] == [messages.HELLO, messages.CLOCK, messages.GET_SETTINGS, messages.SUBSCRIBE]
        assert board.clocks == [(int(NOW.timestamp() * 1000), 23)]
        assert board.live_hz == messages.MAX_LIVE_HZ
        assert (received.live[-1].forward_deg, received.live[-1].lateral_deg) == (12.34, -2.1)
        assert session.settings is not None
        assert session.settings[1]["threshold"] == 12


async def test_records_flushed_later_are_fetched_when_the_status_reports_them() -> None:
    board, writer = FakeBoard(), MemorySink()
    async with board.on_tcp() as sensor, running(sensor, writer) as (_, received):
        await received.until_state(LinkState.LIVE)
        board.builder.epochs(states.UPRIGHT, 40)
        await received.until(lambda: writer.at[0xABCD] == board.end)
        assert writer.pages == board.pages


async def test_a_sensor_with_a_clock_of_its_own_is_given_no_time_and_asked_for_one_sample_a_second() -> None:
    board = FakeBoard()
    board.flags |= payloads.HELLO_OWN_CLOCK
    async with board.on_tcp() as sensor, running(sensor, MemorySink()) as (_, received):
        await received.until_state(LinkState.LIVE)
        assert messages.CLOCK not in board.requests
        assert board.live_hz == 1


async def test_what_the_ring_has_dropped_is_stored_as_a_gap() -> None:
    board, writer = FakeBoard(hours=1), MemorySink(cursor=10)
    board.oldest = unpack_page(board.pages[5]).first_sequence
    async with board.on_tcp() as sensor, running(sensor, writer) as (_, received):
        await received.until_state(LinkState.LIVE)
        assert writer.gaps == [(10, board.oldest)]
        assert writer.pages == board.pages


async def test_delays_between_tries_follow_the_formula() -> None:
    backoff = Backoff(first_s=0.5, most_s=15, uniform=lambda: 1.0)
    assert [backoff.next_s() for _ in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]
    backoff.reset()
    assert backoff.next_s() == 0.5
    assert Backoff(first_s=0.5, uniform=lambda: 0.0).next_s() == 0.25
    tireless = Backoff()
    assert all(tireless.next_s() <= 15 for _ in range(3000))


async def test_a_sensor_unplugged_at_any_moment_is_found_again_and_nothing_is_lost(served: Served) -> None:
    board, writer = FakeBoard(hours=10), MemorySink()
    unplugged_at = 0

    def pull(page: bytes) -> bytes:
        nonlocal unplugged_at
        if unpack_page(page).first_sequence > unplugged_at + 1500:  # the fetch before it is stored
            unplugged_at = unpack_page(page).first_sequence
            board.unplug()
        return page

    board.page_filter = pull
    times = 0
    async with asyncio.timeout(120):
        while writer.at.get(0xABCD) != board.end:
            times += 1
            async with served(board) as sensor, running(sensor, writer) as (_, received):
                await received.until(lambda received=received: received.state in (LinkState.LIVE, LinkState.WAITING))  # type: ignore[misc]
    assert times > 2
    assert b"".join(writer.pages) == b"".join(board.pages)


@posix_only
async def test_one_session_outlives_unplugging_and_replugging_the_port(tmp_path: Path) -> None:
    board, writer, link = FakeBoard(), MemorySink(), tmp_path / "sensor"
    async with running(str(link), writer) as (session, received):
        reason = await received.until_state(LinkState.WAITING)
        assert "There is no port" in reason
        for _ in range(3):
            async with board.on_pty(link):
                await received.until(lambda: session.state is LinkState.LIVE and received.live)
                board.unplug()
                reason = await received.until_state(LinkState.WAITING)
                assert "went away" in reason or "There is no port" in reason
                received.live.clear()
            board.builder.epochs(states.UPRIGHT, 3)
        async with board.on_pty(link):
            await received.until(lambda: session.state is LinkState.LIVE and writer.at[0xABCD] == board.end)
    assert writer.gaps == []


async def test_a_wiped_journal_is_noticed_and_fetched_from_its_beginning() -> None:
    board, writer = FakeBoard(), MemorySink()
    async with board.on_tcp() as sensor, running(sensor, writer) as (_, received):
        await received.until_state(LinkState.LIVE)
        board.wipe(0x5151)
        board.builder.epochs(states.UPRIGHT, 200)
        await received.until(lambda: writer.at.get(0x5151) == board.end)
        assert received.infos[-1].journal == 0x5151


async def test_a_flush_during_which_the_link_breaks_is_an_error() -> None:
    board, writer = FakeBoard(), MemorySink()
    async with board.on_tcp() as sensor, running(sensor, writer) as (session, received):
        await received.until_state(LinkState.LIVE)

        def unplug(page: bytes) -> None:
            board.unplug()

        board.page_filter = unplug
        board.builder.epochs(states.UPRIGHT, 100)
        with pytest.raises(LinkLost):
            await session.flush()
        assert writer.at[0xABCD] < board.end
        board.page_filter = lambda page: page
        await received.until(lambda: writer.at[0xABCD] == board.end)


async def test_a_flush_returns_when_all_is_stored() -> None:
    board, writer = FakeBoard(), MemorySink()
    async with board.on_tcp() as sensor, running(sensor, writer) as (session, received):
        await received.until_state(LinkState.LIVE)
        board.streaming = False
        board.builder.epochs(states.UPRIGHT, 100)
        await session.flush()
        assert writer.at[0xABCD] == board.end
        assert board.live_hz == messages.MAX_LIVE_HZ


async def test_settings_changed_elsewhere_are_read_again() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, running(sensor, MemorySink()) as (session, received):
        await received.until_state(LinkState.LIVE)
        board.settings[1] = 20
        board.revision += 1
        await received.until(lambda: session.settings is not None and session.settings[1]["threshold"] == 20)


async def test_an_event_is_published_when_it_comes() -> None:
    board = FakeBoard()
    sent = board.event(records.ALERT, 1500, 1, 0)
    board.status = lambda status=board.status: status()  # type: ignore[method-assign,misc]
    async with board.on_tcp() as sensor, running(sensor, MemorySink()) as (_, received):
        await received.until_state(LinkState.LIVE)
        board.noise = sent
        board.revision += 1  # makes the host ask for something
        await received.until(lambda: received.journal_events)
        assert received.journal_events[0].name == "alert"
        assert received.journal_events[0].fields == {"forward_cdeg": 1500, "number": 1, "mode": 0}


# Boards that misbehave


async def test_garbage_truncated_and_oversized_frames_between_good_ones_do_no_harm(served: Served) -> None:
    board, writer = FakeBoard(hours=0.5), MemorySink()
    board.noise = (
        b"MPY: soft reboot\r\n>>> \0" + bytes(range(256)) * 3 + b"\0\5abc\0" + board.event(3, 1, 2)[:9] + b"\0"
    )
    async with served(board) as sensor, running(sensor, writer) as (session, received):
        await received.until_state(LinkState.LIVE)
        assert writer.pages == board.pages
        assert session.client is not None
        assert session.client.connection.frame_errors > 0


async def test_a_page_with_a_wrong_crc_is_fetched_again() -> None:
    board, writer = FakeBoard(hours=1), MemorySink()
    spoilt = {2, 5}

    def spoil(page: bytes) -> bytes:
        number = board.pages.index(page)
        if number in spoilt:
            spoilt.remove(number)
            return page[:-1] + bytes((page[-1] ^ 1,))
        return page

    board.page_filter = spoil
    async with board.on_tcp() as sensor, running(sensor, writer) as (_, received):
        await received.until_state(LinkState.LIVE)
        assert writer.pages == board.pages
        assert writer.gaps == []


async def test_a_page_that_never_comes_whole_is_tried_over_two_links_and_then_noted_as_a_gap() -> None:
    board, writer = FakeBoard(hours=1), MemorySink()
    bad = board.pages[3]
    board.page_filter = lambda page: None if page == bad else page
    async with board.on_tcp() as sensor, running(sensor, writer) as (_, received):
        await received.until_state(LinkState.LIVE)
        assert writer.gaps == [(unpack_page(bad).first_sequence, unpack_page(bad).next_sequence)]
        assert writer.pages == [page for page in board.pages if page != bad]
        assert [state for state, _ in received.states].count(LinkState.WAITING) == 2


async def test_a_journal_that_promises_more_than_it_sends_ends_in_waiting_with_a_reason() -> None:
    board, writer = FakeBoard(), MemorySink()
    board.claimed_end = board.end + 50
    async with board.on_tcp() as sensor, running(sensor, writer) as (_, received):
        reason = await received.until_state(LinkState.WAITING)
        assert "can't send record" in reason
        assert writer.pages == board.pages


@pytest.mark.parametrize(
    ("oldest", "end"), [(500, 400), (0, 0xFFFFFFFF), (0xFFFFFFF0, 3)], ids=["swapped", "endless", "wrapped"]
)
async def test_absurd_sequence_numbers_are_refused_not_followed(oldest: int, end: int) -> None:
    board = FakeBoard()
    board.claimed_oldest, board.claimed_end = oldest, end
    async with board.on_tcp() as sensor, running(sensor, MemorySink()) as (_, received):
        reason = await received.until_state(LinkState.REFUSED)
        assert "can't be" in reason


async def test_a_journal_that_ends_before_what_is_stored_is_refused_and_says_so() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, running(sensor, MemorySink(cursor=board.end + 1)) as (_, received):
        reason = await received.until_state(LinkState.REFUSED)
        assert f"up to {board.end + 1} are stored already" in reason


async def test_a_journal_that_grows_without_end_is_refused() -> None:
    board, writer = FakeBoard(), MemorySink()

    def grow(page: bytes) -> bytes:
        board.builder.epochs(states.UPRIGHT, 400)
        return page

    board.page_filter = grow
    async with board.on_tcp() as sensor, running(sensor, writer) as (_, received):
        reason = await received.until_state(LinkState.REFUSED)
        assert "records of the last" in reason
        assert writer.most_pages <= 64


async def test_another_protocol_version_is_refused_and_tried_again_only_when_asked_to() -> None:
    board = FakeBoard()
    board.protocol = messages.PROTOCOL_VERSION + 1
    async with board.on_tcp() as sensor, running(sensor, MemorySink()) as (session, received):
        reason = await received.until_state(LinkState.REFUSED)
        assert f"version {messages.PROTOCOL_VERSION + 1}" in reason
        assert f"version {messages.PROTOCOL_VERSION};" in reason
        assert "unslouch on this computer" in reason
        assert board.requests == [messages.HELLO]
        board.protocol = messages.PROTOCOL_VERSION
        session.retry()
        await received.until_state(LinkState.LIVE)


async def test_a_device_that_answers_in_another_language_is_refused(served: Served) -> None:
    board = FakeBoard()
    board.silent, board.noise = True, b"ERROR: unknown command\r\n"
    timing = Timing(hello_s=1.0)
    async with served(board) as sensor, running(sensor, MemorySink(), timing=timing) as (_, received):
        reason = await received.until_state(LinkState.REFUSED)
        assert "answers, but not as an unslouch sensor" in reason


async def test_a_port_that_echoes_what_we_send_is_refused() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, running(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}") as (_, received):
        await received.until_state(LinkState.REFUSED)


async def test_a_flood_is_read_without_keeping_it() -> None:
    board = FakeBoard()
    flood = (board.event(records.BUZZED) + b"x" * 5000 + board.event(records.BUZZED)[:-3]) * 40
    board.noise = flood
    async with board.on_tcp() as sensor, running(sensor, MemorySink()) as (session, received):
        await received.until_state(LinkState.LIVE)
        assert session.client is not None
        connection = session.client.connection
        assert connection.bytes_heard > len(flood) * 4
        transport = connection.transport
        assert isinstance(transport, TcpTransport)
        assert len(transport._deframer._partial) <= 245
        assert connection._waiting == {}


async def test_the_first_failure_is_a_warning_and_its_repeats_are_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "unslouch.sensor.session")
    async with running("socket://127.0.0.1:1", MemorySink()) as (_, received):
        await received.until(lambda: len([s for s, _ in received.states if s is LinkState.WAITING]) == 4)
    warnings = [entry for entry in caplog.records if entry.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "Nothing listens at socket://127.0.0.1:1" in warnings[0].getMessage()


async def test_what_the_sink_raises_ends_the_session_and_closes_the_link() -> None:
    class Broken(MemorySink):
        async def add_pages(self, info: object, pages: list[bytes]) -> None:
            raise ZeroDivisionError

    board = FakeBoard()
    async with board.on_tcp() as sensor:
        session = Session(DirectLocator(sensor), ReceivedEvents(), Broken(), backoff=quick())
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(session.run(), 10)
        assert session.state is LinkState.CLOSED
        assert session.client is None
