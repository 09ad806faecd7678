"""Boards that wait at MicroPython's prompt are found, and nothing that runs on a board is disturbed."""

import asyncio
import os
import select
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_WASM
from requirement import require
from unslouch.flashing.empty_board import EmptyBoard, find_empty_boards
from unslouch.link.serial import SerialTransport
from unslouch.sensor.handshake import open_transport
from unslouch.sensor.lock import SensorLock
from unslouch_device.contract import messages
from unslouch_device.contract.frames import to_wire

from .bench import WasmBoard

ANSWER_S = 30.0  # a machine may be busy
SOON_S = 0.8


@pytest.fixture
def board(tmp_path: Path) -> Iterator[WasmBoard]:
    require(MICROPYTHON_WASM.missing())
    made = WasmBoard(tmp_path)
    made.plug_in()
    yield made
    made.unplug()


@contextmanager
def port(answer: bytes = b"") -> Iterator[tuple[str, bytearray]]:
    """A port whose other side answers each byte with some, and keeps what came."""
    master, slave = os.openpty()
    tty.setraw(slave)
    heard = bytearray()
    ends = threading.Event()

    def serve() -> None:
        while not ends.is_set():
            if select.select([master], [], [], 0.05)[0]:
                heard.extend(os.read(master, 100))
                os.write(master, answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield os.ttyname(slave), heard
    finally:
        ends.set()
        thread.join()
        os.close(master)
        os.close(slave)


def test_a_board_at_its_prompt_is_found(board: WasmBoard) -> None:
    assert find_empty_boards(lambda: [board.port], ANSWER_S) == [EmptyBoard(board.port)]


def test_a_board_that_a_search_for_sensors_led_into_the_raw_prompt_is_found(board: WasmBoard) -> None:
    async def search() -> None:
        transport = SerialTransport(board.port)
        await open_transport(transport)
        try:
            await transport.write(b"\x01" + to_wire(messages.HELLO, bytes(8)))
        finally:
            await transport.close()

    asyncio.run(search())
    assert find_empty_boards(lambda: [board.port], ANSWER_S) == [EmptyBoard(board.port)]


def test_looking_sends_nothing_that_interrupts_a_program() -> None:
    with port(b"temperature 21.4\r\n") as (name, heard):
        assert find_empty_boards(lambda: [name], SOON_S) == []
        assert heard
        assert set(heard) == {0x02, ord("\r")}


def test_of_several_ports_those_with_a_prompt_are_returned() -> None:
    with port() as (silent, _), port(b"\r\n>>> ") as (empty, _):
        assert find_empty_boards(lambda: [silent, empty], SOON_S) == [EmptyBoard(empty)]


def test_what_only_resembles_a_prompt_is_none() -> None:
    with port(b"> ") as (other, _), port(b">>") as (half, _):
        assert find_empty_boards(lambda: [other, half], SOON_S) == []


def test_a_port_in_use_or_gone_is_left_out(tmp_path: Path) -> None:
    with port(b"\r\n>>> ") as (name, heard):
        lock = SensorLock(name)
        assert lock.take()
        try:
            assert find_empty_boards(lambda: [name, str(tmp_path / "gone")], SOON_S) == []
        finally:
            lock.release()
        assert not heard
