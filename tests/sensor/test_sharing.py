"""Sharing: one process owns a sensor, and others look and ask through it, over a Unix socket and over TCP alike."""

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from link.fake_board import FakeBoard
from sensor.sharing_owner import recording_process, sharing, until
from unslouch import __version__
from unslouch.errors import Refused, SensorBusy
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.update import begin_update, end_update, send_pack
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.locator import OtherDatabase, SharedLocator
from unslouch.sensor.owner import Owner, owner_file, owner_of, write_owner
from unslouch.sensor.sharing import endpoint, frames
from unslouch.sensor.sharing import server as sharing_server
from unslouch.sensor.sharing.client import MOST_REPLY_BYTES, MOST_TELEMETRY_BYTES
from unslouch.sensor.sharing.flush import flush_owner
from unslouch.sensor.sharing.server import MOST_CLIENTS, MOST_HANDSHAKES
from unslouch.sensor.sharing.transport import OwnerOfOtherVersion, OwnerStalled, SharedTransport, connect
from unslouch_device.contract import messages
from unslouch_device.contract.frames import to_wire

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there are no ptys")

LONG_S = 60.0


@pytest.fixture(params=["unix", "tcp"], autouse=True)
def listening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How owners listen: as on Linux and macOS, and as on Windows."""
    monkeypatch.setattr(endpoint, "LISTENS_ON_TCP", request.param == "tcp")
    return str(request.param)


def owner_now(sensor: str) -> Owner:
    owner = owner_of(sensor)
    assert owner is not None
    return owner


async def joined(sensor: str) -> SharedTransport:
    transport = SharedTransport(sensor, owner_now(sensor))
    await transport.open()
    return transport


async def ask(transport: SharedTransport, kind: int, *fields: int) -> None:
    await transport.send(kind, messages.pack_request(kind, 1, *fields))


async def raw(sensor: str, data: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await connect(owner_now(sensor).address)
    writer.write(data)
    return reader, writer


# The handshake


async def test_silent_peers_keep_nobody_out_and_are_dropped_after_the_deadline() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor, handshake_s=0.5) as (_, server), AsyncExitStack() as peers:
        silent = [await raw(sensor) for _ in range(MOST_CLIENTS + 4)]
        for _, writer in silent:
            peers.callback(writer.transport.abort)
        async with open_sensor(SharedLocator(sensor)) as (client, _):
            await client.ping()
            assert server.clients == 1
            for reader, _ in silent:
                assert await asyncio.wait_for(reader.read(), LONG_S) == b""


async def test_the_oldest_of_too_many_silent_peers_is_dropped_at_once() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor, handshake_s=LONG_S), AsyncExitStack() as peers:
        silent = [await raw(sensor) for _ in range(MOST_HANDSHAKES + 1)]
        for _, writer in silent:
            peers.callback(writer.transport.abort)
        assert await asyncio.wait_for(silent[0][0].read(), LONG_S) == b""
        async with open_sensor(SharedLocator(sensor)) as (client, _):
            await client.ping()


async def test_a_client_beyond_the_limit_is_refused_until_another_leaves() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor) as (_, server), AsyncExitStack() as looking:
        transports = [await joined(sensor) for _ in range(MOST_CLIENTS)]
        for transport in transports:
            looking.push_async_callback(transport.close)
        with pytest.raises(SensorBusy, match="Too many programs look at"):
            async with open_sensor(SharedLocator(sensor)):
                pass
        await transports[0].close()
        await until(lambda: server.clients < MOST_CLIENTS)
        async with open_sensor(SharedLocator(sensor)) as (client, _):
            await client.ping()


async def test_a_peer_with_a_wrong_key_is_refused() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor) as (_, server):
        owner = replace(owner_now(sensor), key="00" * 2 * frames.HALF_KEY_BYTES)
        transport = SharedTransport(sensor, owner)
        with pytest.raises(ConnectionError):
            await transport.open()
        await transport.close()
        assert server.clients == 0


async def test_an_owner_without_the_key_is_refused() -> None:
    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(frames.joined_wire(frames.ADMITTED, b"\1" * frames.HALF_KEY_BYTES))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(pretend, endpoint.LOOPBACK, 0) as impostor:
        port = impostor.sockets[0].getsockname()[1]
        owner = Owner("x", 1, "unslouch record", address=f"tcp:{port}", key="00" * 2 * frames.HALF_KEY_BYTES)
        transport = SharedTransport("x", owner)
        with pytest.raises(ConnectionError):
            await transport.open()
        await transport.close()


@pytest.mark.parametrize(
    "babble",
    [b"\x80\x04pickle" * 5000, b"\0" * 100_000, to_wire(messages.PING, b"\1"), to_wire(frames.JOIN, b"\2")],
    ids=["pickle", "zeros", "request", "truncated"],
)
async def test_a_peer_that_says_something_else_is_dropped(babble: bytes) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor, handshake_s=1.0) as (_, server):
        reader, writer = await raw(sensor, babble)
        with closing(writer.transport), suppress(ConnectionResetError):  # what it still had to say was not read
            assert await asyncio.wait_for(reader.read(), LONG_S) == b""
        assert server.clients == 0


async def test_a_client_that_sends_garbage_after_the_handshake_is_dropped() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor) as (_, server):
        transport = await joined(sensor)
        await until(lambda: server.clients == 1)
        assert transport._writer is not None
        transport._writer.write(b"\x80\x04pickle\0" * 1000)
        await until(lambda: server.clients == 0)
        await transport.close()


# Versions


@pytest.mark.parametrize(("version", "restart"), [("0.0.9", "`unslouch record`"), ("99.0.0", "this one")])
async def test_a_process_of_another_version_is_named_with_the_one_to_restart(version: str, restart: str) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor):
        write_owner(replace(owner_now(sensor), version=version, command="unslouch record"))
        with pytest.raises(OwnerOfOtherVersion) as caught:
            async with open_sensor(SharedLocator(sensor)):
                pass
    assert f"of version {version}, and this one is of version {__version__}; restart {restart}" in str(caught.value)
    assert f"process {os.getpid()}, `unslouch record`" in str(caught.value)


async def test_an_owner_from_before_versions_were_written_down_is_to_be_restarted() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor):
        announcement = {"sensor": sensor, "address": owner_now(sensor).address, "key": "ab"}
        owner_file(sensor).write_text(json.dumps(announcement))
        with pytest.raises(OwnerOfOtherVersion, match=r"older than this one .*; end that program and start it again"):
            async with open_sensor(SharedLocator(sensor)):
                pass


async def test_peers_of_another_sharing_version_learn_it_from_the_first_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor):
        reader, writer = await raw(sensor, to_wire(frames.JOIN, bytes((9,)) + b"whatever later versions say"))
        with closing(writer.transport):
            wire = await asyncio.wait_for(reader.read(), LONG_S)
        assert wire == frames.joined_wire(frames.OTHER_VERSION)
        later = to_wire(frames.JOINED, bytes((77, 9)) + b"whatever later versions say")
        monkeypatch.setattr(sharing_server, "joined_wire", lambda *_: later)
        with pytest.raises(OwnerOfOtherVersion):
            async with open_sensor(SharedLocator(sensor)):
                pass


# Users


async def test_a_process_of_another_user_is_refused() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor, is_admissible=lambda _: False) as (_, server):
        transport = SharedTransport(sensor, owner_now(sensor))
        with pytest.raises(ConnectionError):
            await transport.open()
        await transport.close()
        assert server.clients == 0


STRANGER = """
import os, socket, sys
os.setuid(65534)
connection = socket.socket(socket.AF_UNIX)
connection.connect("\\0" + sys.argv[1])
sys.stdin.readline()
"""


@pytest.mark.skipif("sys.platform != 'linux' or os.getuid() != 0", reason="only root may become another user")
def test_the_system_reports_the_user_of_the_process_at_the_other_end() -> None:
    name = f"unslouch-test-{os.getpid()}"  # an abstract address, which needs no folder that both can enter
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen()
        listener.settimeout(LONG_S)
        process = subprocess.Popen([sys.executable, "-c", STRANGER, name], stdin=subprocess.PIPE)
        try:
            connection, _ = listener.accept()
            with connection:
                assert endpoint.peer_user(connection) == 65534
                assert not endpoint.is_same_user(connection)
        finally:
            process.communicate(b"\n", timeout=LONG_S)


def test_the_user_is_read_from_the_credentials_of_macos() -> None:
    class Connection:
        family = socket.AF_UNIX

        def getsockopt(self, level: int, option: int, size: int) -> bytes:
            assert (level, option) == (0, 1)
            return struct.pack("=IIh2x16I", 0, 501, 2, 20, 12, *[0] * 14)[:size]

    assert endpoint.peer_user(Connection(), platform="darwin") == 501  # type: ignore[arg-type]
    assert endpoint.peer_user(Connection(), platform="sunos5") is None  # type: ignore[arg-type]


# Bounds


async def test_a_client_that_reads_nothing_loses_telemetry_and_holds_nobody_up() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor) as (owner, server):
        slow = await joined(sensor)
        await ask(slow, messages.SUBSCRIBE, 25)
        await until(lambda: server.is_watched)
        (client,) = server._clients
        for _ in range(20_000):  # more than the buffers hold
            server.on_frame(messages.LIVE, board.live())
            await asyncio.sleep(0)
        assert MOST_TELEMETRY_BYTES < client.waiting_bytes < MOST_TELEMETRY_BYTES + 100
        assert not server.is_watched  # nobody looks at what is not read
        await owner.ping()
        async with open_sensor(SharedLocator(sensor)) as (other, _):
            await other.ping()
        while client.waiting_bytes:
            await slow.receive()
        await until(lambda: server.is_watched)
        await slow.close()


async def test_a_client_that_asks_and_never_reads_its_replies_is_disconnected() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor) as (_, server):
        greedy = await joined(sensor)
        await until(lambda: server.clients == 1)
        (client,) = server._clients
        most = 0
        request = to_wire(messages.HELLO, messages.pack_request(messages.HELLO, 1, messages.PROTOCOL_VERSION))
        assert greedy._writer is not None
        async with asyncio.timeout(LONG_S):
            while server.clients:
                greedy._writer.write(request * 100)
                most = max(most, client.waiting_bytes)
                await asyncio.sleep(0)
        assert most < MOST_REPLY_BYTES + 10_000
        await greedy.close()


async def test_new_firmware_comes_whole_by_way_of_the_owner() -> None:
    board = FakeBoard()
    pack = bytes(range(256)) * 20
    async with board.on_tcp() as sensor, sharing(sensor), open_sensor(SharedLocator(sensor)) as (client, _):
        await begin_update(client, len(pack), sha256(pack).digest(), 1, 0)
        await send_pack(client, pack, 0, lambda done, total: None)
        await end_update(client)
    assert board.pack == pack


async def test_a_client_has_eight_requests_under_way_at_most() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor):
        eager = await joined(sensor)
        board.deaf_to.add(messages.CALIBRATE)
        for _ in range(50):
            await ask(eager, messages.CALIBRATE)
        await until(lambda: board.requests.count(messages.CALIBRATE) >= 8)
        async with open_sensor(SharedLocator(sensor)) as (other, _):
            for _ in range(20):
                await other.ping()
        assert board.requests.count(messages.CALIBRATE) == 8
        await eager.close()


# Coming and going


async def test_a_client_that_connects_while_the_owner_connects_anew_waits_for_it() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, open_sensor(SharedLocator(sensor)) as (client, info):
        lock: Any = client.connection.transport
        for _ in range(3):
            opening = asyncio.create_task(looked(sensor))
            await asyncio.sleep(0)
            async with sharing_server.SharingServer(client, info, lock.lock):
                assert await opening == info.device_id


async def looked(sensor: str) -> str:
    async with open_sensor(SharedLocator(sensor, owner_timeout_s=LONG_S)) as (_, info):
        return info.device_id


async def test_a_sensor_that_is_owned_but_not_shared_is_busy_and_the_program_named() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, open_sensor(SharedLocator(sensor)):
        with pytest.raises(SensorBusy, match=f"process {os.getpid()}, `.*`.*wait until it is done"):
            async with open_sensor(SharedLocator(sensor, owner_timeout_s=0.1)):
                pass


async def test_a_client_succeeds_the_owner_that_ends_while_it_waits() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        async with open_sensor(SharedLocator(sensor)):
            opening = asyncio.create_task(looked(sensor))
            await asyncio.sleep(0)
        assert await opening


async def test_the_clients_of_an_owner_that_leaves_see_a_lost_link() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        async with sharing(sensor):
            transport = await joined(sensor)
        with pytest.raises(Exception, match="has ended or lost the sensor"):
            while True:
                await transport.receive()
        await transport.close()


# Stalled owners


async def test_an_error_names_a_suspended_owner_instead_of_the_sensor(tmp_path: Path) -> None:
    board = FakeBoard()
    async with (
        board.on_pty(tmp_path / "port") as port,
        recording_process(port, tmp_path / "x.db") as process,
        open_sensor(SharedLocator(port)) as (client, _),
    ):
        transport = client.connection.transport
        assert await transport.explain_silence() is None
        process.send_signal(signal.SIGSTOP)
        described = f"process {process.pid}, `unslouch record.*owns the sensor at .* but does not answer"
        with pytest.raises(OwnerStalled, match=described):
            async with open_sensor(SharedLocator(port, owner_timeout_s=0.5)):
                pass
        assert isinstance(transport, SharedTransport)
        transport._answer_timeout_s = 0.5
        assert isinstance(await transport.explain_silence(), OwnerStalled)
        with pytest.raises(OwnerStalled, match=f"kill -9 {process.pid}"):
            await client.hello(timeout_s=0.2, try_s=0.1)
        process.send_signal(signal.SIGCONT)
        await client.hello()
        assert await transport.explain_silence() is None


# Databases


async def test_an_owner_that_stores_elsewhere_is_refused_with_both_databases(tmp_path: Path) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor, tmp_path / "mine.db"):
        with pytest.raises(OtherDatabase) as caught:
            async with open_sensor(SharedLocator(sensor, database=tmp_path / "other.db")):
                pass
        (tmp_path / "link.db").symlink_to("mine.db")
        for same in (None, tmp_path / "mine.db", tmp_path / "link.db"):
            async with open_sensor(SharedLocator(sensor, database=same)):
                pass
    assert f"stores its journal in {tmp_path / 'mine.db'}" in str(caught.value)
    assert f"nothing can be stored in {tmp_path / 'other.db'}" in str(caught.value)


# Flushing


async def test_an_owner_flushes_for_another_process_and_says_what_is_not_stored() -> None:
    board, flushes = FakeBoard(), 0
    async with board.on_tcp() as sensor:

        async def flush() -> None:
            nonlocal flushes
            flushes += 1
            server.on_stored(50, 3)

        async with sharing(sensor, flush=flush, flush_every_s=LONG_S) as (_, server):
            owner = owner_now(sensor)
            assert [flushed.behind for flushed in (await flush_owner(owner), await flush_owner(owner))] == [3, 3]
            assert (
                "The database still lacks 3 records of the sensor, which process " in (await flush_owner(owner)).missing
            )
            server.on_stored(52, 1)
            assert "still lacks 1 record of the sensor, which process " in (await flush_owner(owner)).missing
            server.on_stored(53, 0)
            assert (await flush_owner(owner)).missing == ""
            assert flushes == 1  # each writes a page to flash
            assert board.requests.count(messages.FETCH) == 0


async def test_processes_that_ask_for_a_flush_at_once_get_one_together() -> None:
    board, flushes, may_end = FakeBoard(), 0, asyncio.Event()

    async def flush() -> None:
        nonlocal flushes
        flushes += 1
        await may_end.wait()

    async with board.on_tcp() as sensor, sharing(sensor, flush=flush):
        asking = [asyncio.create_task(flush_owner(owner_now(sensor), LONG_S)) for _ in range(3)]
        await until(lambda: flushes)
        may_end.set()
        assert [flushed.behind for flushed in await asyncio.gather(*asking)] == [0, 0, 0]
    assert flushes == 1


async def test_a_flush_that_fails_or_takes_too_long_is_reported() -> None:
    board = FakeBoard()

    async def hang() -> None:
        await asyncio.sleep(LONG_S)

    async def fail() -> None:
        raise Refused("no", messages.FLASH_FAILED)

    async def take_long() -> None:
        raise TimeoutError

    async with board.on_tcp() as sensor:
        for flush, timeout_s, behind, words in (
            (hang, 0.2, None, "did not answer within 0.2 s."),
            (fail, LONG_S, 5, "could not have the sensor send it. The sensor holds 5 records more."),
            (take_long, LONG_S, 5, "could not have the sensor send it. The sensor holds 5 records more."),
            (None, LONG_S, None, "could not have the sensor send it."),
        ):
            async with sharing(sensor, flush=flush) as (_, server):
                server.on_stored(50, 5)
                flushed = await flush_owner(owner_now(sensor), timeout_s)
                assert flushed.behind == behind
                assert words in flushed.missing
                assert f"(process {os.getpid()}, `" in flushed.missing


async def test_an_owner_that_has_ended_flushes_nothing_and_raises_nothing() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        async with sharing(sensor):
            owner = owner_now(sensor)
        assert "has ended" in (await flush_owner(owner)).failure


async def test_an_owner_of_another_version_is_not_asked_to_flush() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, sharing(sensor):
        missing = (await flush_owner(replace(owner_now(sensor), version="0.0.9"))).missing
        assert "may be missing" in missing
        assert "is of another version of unslouch; restart it" in missing


async def test_a_sensor_itself_is_never_asked_to_flush() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, open_sensor(SharedLocator(sensor)) as (client, _):
        assert isinstance(client, Client)
        assert isinstance(client.connection, Connection)
        assert frames.FLUSH not in messages.REQUEST_FORMATS
        assert frames.JOIN not in messages.REQUEST_FORMATS
        assert max(messages.REQUEST_FORMATS) < frames.JOIN
