"""A board with older firmware: what protocol 3 sends, as captured from the twin, is synced by every later host."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from link.direct_locator import DirectLocator
from link.fake_board import MemorySink
from unslouch.link.client import Client, OtherVersion
from unslouch.link.connection import Connection
from unslouch.link.protocols import PROTOCOLS, Protocol
from unslouch.link.telemetry import decode_live, decode_status
from unslouch.sensor.sync import JournalSync, StuckFetch
from unslouch_device.contract import messages
from unslouch_device.contract.frames import Deframer, decode_frame, to_wire
from unslouch_device.contract.pages import unpack_page

CAPTURED = Path(__file__).parents[1] / "contract" / "captured"
OK, REFUSED = 0, 3  # as protocol 3 has them, whatever later ones do
HELLO, FETCH, REPLY, PAGE = 0x01, 0x04, 0x40, 0x44


class OldBoard:
    """Answers with the captured bytes of one version, and refuses every other version as boards do."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.asked: list[tuple[int, bytes]] = []
        self.pages: list[bytes] = []
        self._replies: dict[int, bytes] = {}
        self.telemetry: list[tuple[int, bytes]] = []
        request = 0
        for line in (CAPTURED / f"protocol_{version}.txt").read_text(encoding="utf-8").splitlines():
            kind, payload = decode_frame(bytes.fromhex(line.split()[0]))
            if kind == REPLY:
                self._replies.setdefault(request, payload[1:])
            elif kind == PAGE:
                self.pages.append(payload)
            elif kind < REPLY:
                request = kind
            else:
                self.telemetry.append((kind, payload))

    @asynccontextmanager
    async def on_tcp(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        deframer = Deframer()
        while data := await reader.read(4096):
            for kind, payload in deframer.feed(data):
                self.asked.append((kind, payload[1:]))
                for page in self.pages if kind == FETCH else ():
                    writer.write(to_wire(PAGE, page))
                writer.write(to_wire(REPLY, payload[:1] + self._reply(kind, payload[1:])))
        writer.close()

    def _reply(self, kind: int, fields: bytes) -> bytes:
        if kind == HELLO and fields[0] != self.version:
            return bytes((REFUSED, self.version))
        return self._replies.get(kind, bytes((OK,)))


@asynccontextmanager
async def client_of(board: OldBoard, protocols: dict[int, Protocol] | None = None) -> AsyncIterator[Client]:
    async with board.on_tcp() as sensor, Connection(await DirectLocator(sensor).open(sensor)) as connection:
        yield Client(connection, protocols or PROTOCOLS)


def newer_host() -> dict[int, Protocol]:
    """A host of the version after the present one, which reads HELLO in another layout."""

    def other_layout(data: bytes) -> object:
        raise AssertionError("the board speaks an older version")

    return {**PROTOCOLS, max(PROTOCOLS) + 1: Protocol(other_layout)}  # type: ignore[arg-type]


def test_the_present_version_and_the_baseline_are_known() -> None:
    assert messages.PROTOCOL_VERSION in PROTOCOLS
    assert 3 in PROTOCOLS


def test_of_every_known_version_the_bytes_are_kept() -> None:
    assert sorted(path.stem for path in CAPTURED.iterdir()) == [f"protocol_{version}" for version in sorted(PROTOCOLS)]


@pytest.mark.parametrize("version", sorted(PROTOCOLS))
async def test_a_newer_host_connects_a_board_of_a_known_version_and_stores_its_whole_journal(version: int) -> None:
    board, writer = OldBoard(version), MemorySink()
    async with client_of(board, newer_host()) as client:
        info = await client.hello()
        assert info.protocol_version == version
        assert (info.board, info.device_id) == ("XIAO ESP32-S3", b"twin0000".hex())
        assert [fields[0] for kind, fields in board.asked if kind == HELLO] == [max(PROTOCOLS) + 1, version]
        await client.set_clock(1_780_000_000_000, 8)
        assert (await client.settings())[1]["threshold"] == 12
        await client.subscribe(1)
        sync = JournalSync(client, info, writer, StuckFetch())
        await sync.begin()
        await sync.ask()
        while sync.behind:
            await sync.step()
    assert writer.pages == board.pages
    assert writer.gaps == []
    assert writer.at[info.journal] == unpack_page(board.pages[-1]).next_sequence


@pytest.mark.parametrize("version", sorted(PROTOCOLS))
def test_the_telemetry_of_a_known_version_is_read(version: int) -> None:
    board = OldBoard(version)
    statuses = [decode_status(payload) for kind, payload in board.telemetry if kind == messages.STATUS]
    samples = [decode_live(payload, 0) for kind, payload in board.telemetry if kind == messages.LIVE]
    assert statuses[-1].next_sequence == 29
    assert samples[2].forward_deg == 24.94


async def test_a_board_is_asked_once_if_it_speaks_the_newest_version() -> None:
    board = OldBoard(max(PROTOCOLS))
    async with client_of(board) as client:
        await client.hello()
    assert [kind for kind, _ in board.asked] == [HELLO]


@pytest.mark.parametrize(
    ("spoken", "remedy"), [(2, "bring the sensor's firmware up to date"), (9, "bring unslouch on this computer up to")]
)
async def test_a_version_that_is_not_known_is_refused_with_the_remedy(spoken: int, remedy: str) -> None:
    board = OldBoard(3)
    board.version = spoken
    async with client_of(board) as client:
        with pytest.raises(OtherVersion, match=f"speaks version {spoken} .*{remedy}"):
            await client.hello()


async def test_the_app_of_an_older_board_can_be_asked_for_the_prompt_which_flashing_begins_with() -> None:
    board = OldBoard(3)
    async with client_of(board, newer_host()) as client:
        assert (await client.hello()).firmware_version == "0.1.0"
        reply = await client.connection.request(messages.REPL)
    assert reply.status == messages.OK
