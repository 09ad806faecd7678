"""An update over the framed link, on a board of native MicroPython: the real packs, the real main.py, no prompt."""

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from unslouch.errors import BadInput, NoSensor
from unslouch.flashing import talk
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.install import Options, on_board_source
from unslouch.flashing.over_link import planned_update, refuse_cable_only, sensor_over_air, update
from unslouch.flashing.prompt import Prompt
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.discovery import transport_for
from unslouch.link.model import SensorInfo
from unslouch.link.update import board_firmware, heap_bytes
from unslouch.sensor.handshake import open_transport
from unslouch.sensor.paired import PairedSensor, add_paired

from .bench import Board
from .conftest import BOARD, NEWER, OURS, Messages

RESTART_S = 60.0
PYTHON_HEAP_BYTES = 1024 * 1024
"""Of i386 MicroPython, which is the board here."""
ADDRESS = "74:4D:BD:12:34:56"


@asynccontextmanager
async def link_to(board: Board) -> AsyncIterator[tuple[Client, SensorInfo]]:
    async with Connection(await open_transport(transport_for(board.port))) as connection:
        client = Client(connection)
        yield client, await client.hello(5.0)


def at_the_prompt(board: Board, *commands: str) -> None:
    """Run code at the board's prompt, then let it restart."""
    talk.ask_for_prompt(board.port)
    with Prompt(board.port) as prompt:
        prompt.enter()
        prompt.run(on_board_source())
        for command in commands:
            prompt.run(command)
        prompt.restart()


@pytest.fixture
def worn(board: Board, installed: Path) -> Board:
    """A board whose firmware has proven itself, with a wearer's data, switched on."""
    shutil.copy(installed, board.image)
    board.plug_in()
    at_the_prompt(board, "replace('/slot', 'a')")
    return board


async def leave_most_of_the_pack(board: Board, firmware: Path) -> None:
    """Leave on the board what an update leaves that was cut short before its end: bytes come slowly over a terminal."""
    async with link_to(board) as (client, info):
        state = await board_firmware(client)
        plan = await planned_update(client, info, state, Options(firmware=firmware), Messages())
    data = plan.data[:-1000]
    parts = [base64.b64encode(data[at : at + 1536]) for at in range(0, len(data), 1536)]
    commands = ["begin('/b.pack', False)", *(f"put({part!r})" for part in parts), "finish()"]
    await asyncio.to_thread(at_the_prompt, board, *commands)


async def test_an_update_is_finished_starts_the_new_pack_and_keeps_the_old_one_and_the_wearers_data(
    worn: Board, newer: Path, messages: Messages
) -> None:
    await leave_most_of_the_pack(worn, newer)
    before = await asyncio.to_thread(talk.wait_for_app, worn.port)
    async with link_to(worn) as (client, _):
        assert await heap_bytes(client) == pytest.approx(PYTHON_HEAP_BYTES, rel=0.05)
    info = await update(lambda: link_to(worn), Options(firmware=newer), messages, RESTART_S)
    assert info is not None
    assert (info.firmware_version, info.journal) == (NEWER, before.journal)
    assert f"sending {NEWER}" in messages.text
    arrived, total = messages.progressed[0]
    assert total - 1000 < arrived <= total  # it went on where the other had ended
    again = await update(lambda: link_to(worn), Options(firmware=newer), messages, RESTART_S)
    assert again is not None
    assert "up to date" in messages.lines[-1]
    worn.unplug()
    assert {"/a.pack", "/b.pack", "/slot", "/slot.air"} <= worn.files().keys()


@pytest.mark.soak  # test_main.py has its short brother
async def test_firmware_that_crashes_gives_way_to_the_one_before_it(
    worn: Board, crashing: Path, messages: Messages
) -> None:
    await leave_most_of_the_pack(worn, crashing)
    with pytest.raises(NotInstalled, match="gone back"):
        await update(lambda: link_to(worn), Options(firmware=crashing), messages, RESTART_S)
    async with link_to(worn) as (client, info):
        assert info.firmware_version == OURS
        assert (await board_firmware(client)).was_taken_back


async def test_a_board_that_is_wired_otherwise_is_named(worn: Board, messages: Messages) -> None:
    with pytest.raises(BadInput, match="--board"):
        await update(lambda: link_to(worn), Options(board="m5stickc_plus2"), messages, RESTART_S)
    assert await update(lambda: link_to(worn), Options(board=BOARD, dry_run=True), messages, RESTART_S) is None


def test_the_cable_comes_first_and_bluetooth_where_it_is_asked_for_or_no_board_is_there(tmp_path: Path) -> None:
    assert sensor_over_air(None, False, False) is None
    with pytest.raises(NoSensor, match="unslouch pair"):
        sensor_over_air(None, True, True)
    add_paired(PairedSensor("my back", "c0ffee", ADDRESS))
    assert sensor_over_air(None, False, True) is None
    assert sensor_over_air(None, True, True) == ADDRESS
    assert sensor_over_air(None, False, False) == ADDRESS
    assert sensor_over_air("my back", False, True) == ADDRESS
    assert sensor_over_air(ADDRESS, False, True) == ADDRESS
    assert sensor_over_air("/dev/ttyACM0", False, True) is None
    with pytest.raises(BadInput, match="paired"):
        sensor_over_air("/dev/ttyACM0", True, True)
    add_paired(PairedSensor("another", "beef00", "74:4D:BD:00:00:01"))
    assert sensor_over_air(None, False, True) is None
    with pytest.raises(BadInput, match="--sensor"):
        sensor_over_air(None, False, False)


@pytest.mark.parametrize("options", [Options(wipe=True), Options(micropython=Path("m.bin"))])
def test_what_only_the_prompt_can_do_takes_the_cable(options: Options) -> None:
    with pytest.raises(BadInput, match="takes the cable"):
        refuse_cable_only(options)
