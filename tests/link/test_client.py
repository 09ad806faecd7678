"""The client: typed requests, and refusals that say what to do."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from link.direct_locator import DirectLocator
from link.fake_board import FakeBoard
from unslouch.errors import NotOurs, Refused
from unslouch.link.client import Client, WrongJournal
from unslouch.link.connection import Connection
from unslouch.link.tcp import TcpTransport
from unslouch.link.transport import ByteTransport, LinkLost
from unslouch.sensor.handshake import open_sensor
from unslouch_device.contract import messages, patterns, settings

DELAY = settings.setting_by_id(settings.DELAY_S)
assert DELAY is not None


async def test_every_request_reaches_the_board_and_brings_back_its_value() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, info):
        assert (info.device_id, info.board, info.firmware_version) == ("0102030405060708", "fake board", "0.1.2")
        assert (info.simulated, info.own_clock, info.journal) == (True, False, 0xABCD)
        revision, values = await client.settings()
        assert (revision, values["delay"]) == (7, 30)
        assert await client.set_setting(revision, DELAY, 45) == 8
        assert board.settings[3] == 45
        assert await client.calibrate() == 2
        assert await client.rezero() == 3
        assert await client.snooze() == 15
        assert await client.snooze(5) == 5
        assert await client.bow() == 4
        assert await client.stand() == (-12.4, 1.5)
        assert await client.select_profile(1) == 0
        await client.name_profile(2, "Sofa")
        profiles = await client.profiles()
        assert [profile.title for profile in profiles] == ["office chair", "standing desk", "Sofa", "profile 4"]
        assert [profile.active for profile in profiles] == [False, True, False, False]
        assert (profiles[0].calibration_id, profiles[0].bowed, profiles[0].stood) == (4, True, False)
        assert profiles[1].calibration_id == 0
        assert await client.undo() == 3
        await client.buzz()
        assert await client.own_pattern() == ()
        await client.set_own_pattern((300, 155, 80))
        assert await client.own_pattern() == (300, 160, 80)
        await client.play_pattern(patterns.OWN)
        assert board.played == [patterns.OWN]
        await client.ping()
        fetched = await client.fetch(info.journal, 20, 3)
        assert fetched.pages == [page for page in board.pages if page in fetched.pages][:3]
        assert fetched.next_sequence == board.end


@pytest.mark.parametrize("status", range(1, len(messages.STATUS_NAMES)))
async def test_every_refusal_is_a_sentence_that_says_what_happened_and_what_to_do(status: int) -> None:
    board = FakeBoard()
    board.refuse[messages.BUZZ] = status
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        with pytest.raises(Refused, match=rf"^The sensor at {sensor} refused to buzz: .{{20,}}\.$") as caught:
            await client.buzz()
        assert caught.value.status == status


async def test_a_status_from_the_future_is_refused_in_words_too() -> None:
    board = FakeBoard()
    board.refuse[messages.BUZZ] = 99
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        with pytest.raises(Refused, match="unknown status 99"):
            await client.buzz()


@pytest.mark.parametrize(
    ("ask", "kind", "status", "remedy"),
    [
        (Client.bow, messages.BOW, messages.BOW_TOO_SMALL, "bow further"),
        (Client.bow, messages.BOW, messages.BOW_NOT_STRAIGHT, "straight ahead"),
        (Client.bow, messages.BOW, messages.MOVED, "calibrate again"),
        (Client.calibrate, messages.CALIBRATE, messages.MOVED, "keep still"),
        (Client.calibrate, messages.CALIBRATE, messages.SATURATED, "knocks"),
        (Client.stand, messages.STANDING, messages.OUT_OF_RANGE, "stand straight"),
    ],
)
async def test_a_refusal_to_calibrate_says_what_to_do(
    ask: Callable[[Client], Awaitable[object]], kind: int, status: int, remedy: str
) -> None:
    board = FakeBoard()
    board.refuse[kind] = status
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        with pytest.raises(Refused, match=remedy):
            await ask(client)


@pytest.mark.parametrize("data", [b"", b"\0short", b"\0" + bytes(3) + b"\xff" * 19])
async def test_profiles_that_are_garbled_are_refused(data: bytes) -> None:
    board = FakeBoard()
    board.profiles = lambda: data  # type: ignore[method-assign]
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        with pytest.raises(NotOurs, match="profiles"):
            await client.profiles()


async def test_a_write_against_an_older_revision_is_refused() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        with pytest.raises(Refused, match="changed by somebody else"):
            await client.set_setting(6, DELAY, 45)


async def test_a_fetch_from_another_journal_than_that_of_the_handshake_is_an_error() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        with pytest.raises(WrongJournal):
            await client.fetch(0x9999, 0, 5)


class HungUp(ByteTransport):
    """A link whose end only a write notices."""

    def __init__(self) -> None:
        super().__init__("disconnected")
        self.writes = 0

    async def open(self) -> None:
        pass

    async def read(self) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async def write(self, data: bytes) -> None:
        self.writes += 1
        raise LinkLost("The connection is closed.")

    async def close(self) -> None:
        pass


async def test_a_peer_that_has_disconnected_ends_the_handshake_at_once() -> None:
    transport = HungUp()
    async with Connection(transport) as connection:
        with pytest.raises(LinkLost, match="closed"):
            await Client(connection).hello()
    assert transport.writes == 1


class ProbingLocator(DirectLocator):
    """Tries several sensors, as if they had been found."""

    def __init__(self, *sensors: str) -> None:
        super().__init__()
        self._sensors = list(sensors)

    async def candidates(self) -> list[str]:
        return self._sensors


async def test_a_sensor_that_refuses_the_handshake_is_passed_over_for_the_next() -> None:
    busy, ready = FakeBoard(), FakeBoard()
    busy.refuse[messages.HELLO] = messages.BUSY
    async with busy.on_tcp() as first, ready.on_tcp() as second:
        async with open_sensor(ProbingLocator(first, second)) as (client, _):
            assert client.name == second
        with pytest.raises(Refused, match=f"{first} refused to connect: it is busy"):
            async with open_sensor(ProbingLocator("socket://127.0.0.1:1", first)):
                pass


async def test_an_answer_due_to_an_earlier_host_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    from unslouch_device.contract.frames import to_wire

    board = FakeBoard()
    tags = iter([77, 200])
    monkeypatch.setattr("unslouch.link.connection.random.randrange", lambda stop: next(tags) % stop)
    async with board.on_tcp() as sensor:
        async with open_sensor(DirectLocator(sensor)) as (client, _):
            assert client.connection._tag == 78
        board.noise = b"".join(to_wire(messages.REPLY, bytes((tag, messages.FLASH_FAILED))) for tag in range(70, 90))
        async with open_sensor(DirectLocator(sensor)) as (client, _):
            assert await client.snooze(5) == 5
            await client.ping()


async def test_a_request_without_an_answer_ends_in_time_and_leaves_the_link_usable() -> None:
    board = FakeBoard()
    board.deaf_to.add(messages.PING)
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        with pytest.raises(LinkLost, match="did not answer"):
            await client.ping(timeout_s=0.1)
        await client.buzz()


async def test_replies_find_their_requests_whatever_their_order() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        answers = await asyncio.gather(*(client.snooze(minutes) for minutes in range(1, 60)))
        assert answers == list(range(1, 60))


async def test_a_link_that_breaks_fails_the_requests_under_way() -> None:
    board = FakeBoard()
    board.deaf_to.add(messages.PING)
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        waiting = asyncio.create_task(client.ping())
        while messages.PING not in board.requests:
            await asyncio.sleep(0.01)
        board.unplug()
        with pytest.raises(LinkLost, match="closed the connection"):
            await waiting
        with pytest.raises(LinkLost):
            await client.buzz()


async def test_a_hello_too_short_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    board = FakeBoard()
    board.hello = lambda: bytes((messages.PROTOCOL_VERSION, 0, 0))  # type: ignore[method-assign]
    async with board.on_tcp() as sensor:
        with pytest.raises(NotOurs, match="can't read"):
            async with open_sensor(DirectLocator(sensor)):
                pass


async def test_control_characters_in_a_board_name_do_not_reach_the_terminal() -> None:
    board = FakeBoard()
    hello = board.hello()
    board.hello = lambda: hello + b"\x1b[2J\n"  # type: ignore[method-assign]
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (_, info):
        assert info.board == "fake board[2J"


async def test_more_pages_than_were_asked_for_are_dropped() -> None:
    from unslouch_device.contract.frames import to_wire

    board = FakeBoard()
    board.noise = to_wire(messages.PAGE, board.pages[0]) * 50
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, info):
        assert isinstance(client, Client)
        assert isinstance(client.connection, Connection)
        assert len((await client.fetch(info.journal, 0, 2)).pages) == 2


async def test_a_host_never_uses_the_tag_of_who_speaks_beside_it() -> None:
    connection = Connection(TcpTransport("socket://127.0.0.1:1"))
    tags = {connection._free_tag() for _ in range(3 * messages.HOST_TAGS)}
    assert tags == set(range(messages.HOST_TAGS))
    assert messages.PRIVATE_TAG not in tags
