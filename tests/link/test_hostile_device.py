"""A hostile device on the cable and over the air: bad lengths, endless journals, absurd numbers, floods."""

import asyncio
import random
import struct
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection

from journals import JournalBuilder
from link.ble_board import ADDRESS, BleScene, on_air
from link.both_links import PORT, Usb, introduced, linked_over, running
from link.fake_board import FakeBoard, MemorySink, ReceivedEvents, Send
from link.test_ble_failures import Scanner
from unslouch.errors import NotOurs
from unslouch.link.ble import devices as ble_devices
from unslouch.link.ble import transport as ble
from unslouch.link.ble.devices import Backends
from unslouch.link.ble.transport import BleTransport
from unslouch.link.connection import Connection
from unslouch.link.model import LinkState
from unslouch.link.transport import LinkLost
from unslouch.sensor.session import Session
from unslouch.sensor.sync import WINDOW_PAGES
from unslouch_device.contract import gatt, messages, payloads
from unslouch_device.contract.frames import MAX_PAYLOAD_BYTES, encode_frame, to_wire

Play = Callable[[Session, ReceivedEvents, MemorySink, FakeBoard], Awaitable[None]]


@pytest.fixture(params=["cable", "air"])
def against(request: pytest.FixtureRequest, tmp_path: Path, usb: Usb) -> Callable[..., None]:
    """Runs a session against the fake board, which `prepare` has made misbehave, over either link."""

    def run(play: Play, prepare: Callable[[FakeBoard], None] = lambda board: None) -> None:
        async def story(scene: BleScene) -> None:
            await introduced(scene)
            board = scene.board.board
            prepare(board)
            if request.param == "cable":
                usb.plugged[PORT] = board
            async with running(scene, PORT if request.param == "cable" else ADDRESS) as (session, received, writer):
                await play(session, received, writer, board)

        on_air(tmp_path, story)

    return run


Against = Callable[..., None]


async def is_refused(received: ReceivedEvents, sentence: str) -> None:
    await received.until_state(LinkState.REFUSED, 60)
    assert sentence in received.reason


@pytest.mark.parametrize(("oldest", "end"), [(0, 0xFFFFFFFF), (0xFFFFFFF0, 5), (0, 1 << 23)])
def test_absurd_sequence_numbers_are_refused_with_a_sentence(against: Against, oldest: int, end: int) -> None:
    def lie(board: FakeBoard) -> None:
        board.claimed_oldest, board.claimed_end = oldest, end

    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await is_refused(received, "can't be; its flash is damaged or it isn't an unslouch sensor")
        assert (writer.pages, writer.gaps) == ([], [])

    against(play, lie)


def test_a_journal_without_an_end_is_refused_and_held_a_window_at_a_time(against: Against) -> None:
    def grow(board: FakeBoard) -> None:
        fetch = board._fetch

        async def endless(journal: int, sequence: int, count: int, send: Send) -> tuple[int, bytes]:
            board.builder.epochs(0, 17 * WINDOW_PAGES)
            return await fetch(journal, sequence, count, send)

        board._fetch = endless  # type: ignore[method-assign]

    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await is_refused(received, "which can't be")
        assert writer.most_pages <= WINDOW_PAGES
        assert writer.at[board.builder.journal] < 100_000

    against(play, grow)


def test_pages_of_another_journal_or_out_of_order_are_never_stored(against: Against) -> None:
    strange = JournalBuilder(0xBAD).start_boot().epochs(0, 100).pages()

    def lie(board: FakeBoard) -> None:
        chance = random.Random(1)
        board.page_filter = lambda page: chance.choice([page, strange[0], page[:-1], page + b"\0", b"", None])

    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await received.until(lambda: linked_over(session) or session.state is LinkState.WAITING, 60)
        assert set(writer.pages) <= set(board.pages)

    against(play, lie)


@pytest.mark.parametrize("kind", [messages.HELLO, messages.GET_SETTINGS, messages.FETCH])
def test_replies_of_every_length_end_in_a_sentence(against: Against, kind: int) -> None:
    chance = random.Random(kind)

    def lie(board: FakeBoard) -> None:
        async def reply(asked: int, payload: bytes, send: Send) -> None:
            if asked != kind:
                return await FakeBoard._reply(board, asked, payload, send)
            data = chance.randbytes(chance.randrange(MAX_PAYLOAD_BYTES - 1))
            return await send(to_wire(messages.REPLY, payloads.pack_reply(payload[0], messages.OK, data)))

        board._reply = reply  # type: ignore[method-assign]

    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        ends = (LinkState.REFUSED, LinkState.WAITING, LinkState.LIVE)  # unknown settings are left out
        for _ in range(20):
            await received.until(lambda: session.state in ends, 60)
            if session.state is not LinkState.LIVE:
                assert isinstance(session.failure, NotOurs | LinkLost)
                assert str(session.failure).endswith(".")
            board.unplug()
            session.retry()
            await received.until(lambda: session.state not in ends, 60)
        assert set(writer.pages) <= set(board.pages)

    against(play, lie)


def test_telemetry_of_every_length_and_unknown_frames_do_no_harm(against: Against) -> None:
    chance = random.Random(7)
    kinds = (messages.LIVE, messages.STATUS, messages.EVENT, messages.PAGE, messages.REPLY)
    unused_tag = bytes((messages.PRIVATE_TAG,))

    def frame() -> bytes:
        length = chance.randrange(MAX_PAYLOAD_BYTES)
        if length == struct.calcsize(payloads.STATUS_FORMAT):
            length = 0
        kind = chance.choice((*kinds, chance.randrange(0x45, 0x7F)))
        return to_wire(kind, (unused_tag if kind == messages.REPLY else b"") + chance.randbytes(length))

    def lie(board: FakeBoard) -> None:
        async def flood(send: Send) -> None:
            while not board.live_hz:
                await asyncio.sleep(0.01)
            for _ in range(500):
                await send(frame())
            await stream(send)

        stream = board._stream
        board._stream = flood  # type: ignore[method-assign]

    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await received.until(lambda: linked_over(session) and len(received.live) > 10, 60)
        assert writer.pages == board.pages
        assert session.client is not None
        assert session.client.connection._waiting == {}

    against(play, lie)


def test_a_wearers_sensor_that_claims_a_clock_of_its_own_is_not_believed(against: Against) -> None:
    def lie(board: FakeBoard) -> None:
        board.flags = payloads.HELLO_OWN_CLOCK

    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await received.until(lambda: linked_over(session))
        assert not received.infos[-1].own_clock
        assert board.clocks

    against(play, lie)


# What only the air carries


class Babbler(BaseBleakClient):
    """A device that lets itself be linked and subscribed to, and whose values the test sends."""

    is_connected = True
    name = "unslouch"
    mtu_size = 23
    callbacks: dict[str, Callable[[bytearray], None]]
    made: ClassVar[list[Any]] = []

    def __init__(self, device: BLEDevice | str, **options: Any) -> None:
        super().__init__(device, **options)
        self.callbacks = {}
        self.made.append(self)

    async def connect(self, pair: bool, **options: Any) -> None:
        self.services = BleakGATTServiceCollection()
        service = BleakGATTService(None, 1, gatt.SERVICE)
        self.services.add_service(service)
        for handle, uuid in enumerate((gatt.CONTROL, gatt.STREAM, gatt.JOURNAL), 2):
            properties = ["write", "write-without-response", "notify"]
            value = BleakGATTCharacteristic(None, handle * 2, uuid, properties, lambda: 244, service)
            self.services.add_characteristic(value)

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: Any, **_: Any) -> None:
        self.callbacks[characteristic.uuid] = callback

    async def disconnect(self) -> None:
        pass

    pair = unpair = read_gatt_char = read_gatt_descriptor = disconnect
    write_gatt_descriptor = stop_notify = disconnect

    async def write_gatt_char(self, *_: Any) -> None:
        pass


async def flooded(values: Iterator[tuple[str, bytes]], on_frame: Callable[[int, bytes], None]) -> BleTransport:
    """Send values to an open connection; return its transport once it has read them, or raise what ended it."""
    transport = BleTransport(ADDRESS, Backends(Babbler, Scanner))
    await transport.open()
    async with Connection(transport, on_frame) as connection:
        device = Babbler.made[-1]
        for number, (uuid, value) in enumerate(values):
            device.callbacks[uuid](bytearray(value))
            if number % 100 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        connection.check()
    return transport


async def test_values_of_any_bytes_are_taken_without_keeping_more_than_a_frame() -> None:
    chance = random.Random(3)
    good = encode_frame(messages.EVENT, bytes(12))

    def values() -> Iterator[tuple[str, bytes]]:
        for _ in range(20_000):
            mark = chance.choice((b"", bytes((gatt.MORE,)), bytes((gatt.LAST,))))
            yield (
                chance.choice((gatt.CONTROL, gatt.STREAM, gatt.JOURNAL)),
                mark + chance.randbytes(chance.randrange(512)),
            )
        yield gatt.STREAM, good

    frames: list[tuple[int, bytes]] = []
    tracemalloc.start()
    try:
        transport = await flooded(values(), lambda *frame: frames.append(frame))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert frames == [(messages.EVENT, bytes(12))]
    assert transport.frame_errors > 10_000
    assert transport.bytes_heard > 4_000_000
    assert peak_bytes < 1_000_000


async def test_a_frame_that_never_ends_is_let_go() -> None:
    def values() -> Iterator[tuple[str, bytes]]:
        for _ in range(20_000):
            yield gatt.JOURNAL, bytes((gatt.MORE,)) + bytes(500)
        yield gatt.STREAM, encode_frame(messages.EVENT, bytes(12))

    frames: list[tuple[int, bytes]] = []
    tracemalloc.start()
    try:
        await flooded(values(), lambda *frame: frames.append(frame))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(frames) == 1
    assert peak_bytes < 1_000_000


async def test_a_flood_faster_than_it_can_be_read_ends_the_link_and_is_not_kept() -> None:
    transport = BleTransport(ADDRESS, Backends(Babbler, Scanner))
    await transport.open()
    frame = encode_frame(messages.EVENT, bytes(200))
    tracemalloc.start()
    try:
        for _ in range(10 * ble.MOST_FRAMES):  # while the event loop has no turn
            Babbler.made[-1].callbacks[gatt.STREAM](bytearray(frame))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    with pytest.raises(LinkLost, match="more than this computer can take"):
        while True:
            await transport.receive()
    assert peak_bytes < 2 * ble.MOST_FRAMES * (len(frame) + 200)
    await transport.close()


async def test_an_advertised_name_brings_no_control_characters_to_the_terminal() -> None:
    assert ble_devices._shown("\x1b[2Junslouch\r\n" + "x" * 100) == "[2Junslouch" + "x" * 21
