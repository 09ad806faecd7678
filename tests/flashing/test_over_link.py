"""An update over the framed link, on a board of native MicroPython: the real packs, the real main.py, no prompt."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from unslouch.errors import BadInput, NoSensor
from unslouch.flashing import talk
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.install import Options, on_board_source
from unslouch.flashing.over_link import refuse_cable_only, sensor_over_air, update
from unslouch.flashing.prompt import Prompt
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.discovery import transport_for
from unslouch.link.model import SensorInfo
from unslouch.sensor.handshake import open_transport
from unslouch.sensor.paired import PairedSensor, add_paired

from .bench import Board
from .conftest import BOARD, NEWER, OURS, Messages

RESTART_S = 60.0
ADDRESS = "74:4D:BD:12:34:56"


@asynccontextmanager
async def link_to(board: Board) -> AsyncIterator[tuple[Client, SensorInfo]]:
    async with Connection(await open_transport(transport_for(board.port))) as connection:
        client = Client(connection)
        yield client, await client.hello(5.0)


@pytest.fixture
def worn(board: Board, installed: Path) -> Board:
    """A board whose firmware has proven itself, with a wearer's data, switched on."""
    shutil.copy(installed, board.image)
    board.plug_in()
    talk.ask_for_prompt(board.port)
    with Prompt(board.port) as prompt:
        prompt.enter()
        prompt.run(on_board_source())
        prompt.run("replace('/slot', 'a')")
        prompt.restart()
    return board


async def test_an_update_starts_the_new_pack_and_keeps_the_old_one_and_the_wearers_data(
    worn: Board, newer: Path, messages: Messages
) -> None:
    info = await update(lambda: link_to(worn), Options(firmware=newer), messages, RESTART_S)
    assert info is not None
    assert info.firmware_version == NEWER
    assert messages.progressed[-1][0] == messages.progressed[-1][1]
    assert f"sending {NEWER}" in messages.text
    journal = info.journal
    again = await update(lambda: link_to(worn), Options(firmware=newer), messages, RESTART_S)
    assert again is not None
    assert "up to date" in messages.lines[-1]
    assert again.journal == journal
    worn.unplug()
    files = worn.files()
    assert {"/a.pack", "/b.pack", "/slot", "/slot.air"} <= files.keys()


async def test_firmware_that_crashes_gives_way_to_the_one_before_it(
    worn: Board, crashing: Path, messages: Messages
) -> None:
    with pytest.raises(NotInstalled, match="gone back"):
        await update(lambda: link_to(worn), Options(firmware=crashing), messages, RESTART_S)
    async with link_to(worn) as (_, info):
        assert info.firmware_version == OURS


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
