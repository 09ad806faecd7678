"""A board that was started from a pack, and the requests of an update: what the tests of updates share."""

import hashlib
import zlib
from pathlib import Path

from twin.world import TestWorld
from unslouch_device import MAIN_EDITION
from unslouch_device.contract import messages as m
from unslouch_device.contract.updates import Offset, UpdateStateReply

EDITION = MAIN_EDITION
OLD = b"the pack that runs" * 300
NEW = bytes(range(251)) * 60
"""A pack of 15 KB: four blocks, and some bytes."""


def slots_in(folder: Path, state: str = "a", edition: int = EDITION) -> Path:
    """Make a folder like a board's flash: main.py, the pack that runs, and what `slot` says."""
    folder.mkdir()
    (folder / "main.py").write_text(f'"""Starts the firmware."""\nEDITION = {edition}\n')
    (folder / "a.pack").write_bytes(OLD)
    (folder / "slot").write_text(state)
    return folder


async def state_of(world: TestWorld) -> UpdateStateReply:
    """What UPDATE_STATE says."""
    status, data = await world.ask(m.UPDATE_STATE)
    assert status == m.OK
    return UpdateStateReply(data)


async def begin(world: TestWorld, pack: bytes = NEW, *, edition: int = EDITION, offset: int = 0) -> tuple[int, bytes]:
    """Ask to begin an update."""
    return await world.ask(m.UPDATE_BEGIN, len(pack), hashlib.sha256(pack).digest(), edition, offset)


async def send(world: TestWorld, pack: bytes = NEW, first: int = 0, end: int | None = None) -> None:
    """Send the bytes of a pack from one offset to another, or some more: only the last part isn't full."""
    for at in range(first, len(pack) if end is None else end, m.UPDATE_DATA_BYTES):
        part = pack[at : at + m.UPDATE_DATA_BYTES]
        status, data = await world.ask(m.UPDATE_DATA, at, part)
        assert status == m.OK
        assert Offset(data).offset >= min(at + len(part), len(pack))


def crc(data: bytes) -> int:
    """The checksum that UPDATE_STATE gives."""
    return zlib.crc32(data)
