"""New firmware over the simulated radio: near the link's speed, resumed after cuts, from admitted hosts only."""

import asyncio
import gc
import hashlib
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from twin.radio.attacks import ATTACKER, attacked
from twin.radio.firmware import SENSOR, OnAirWorld, on_air, until
from twin.radio.raw_link import ATT, RawLink
from twin.updates import EDITION, OLD, slots_in
from unslouch.errors import BadInput, Refused
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.install import Options, Reporter
from unslouch.flashing.memory import LEAST_HEAP_KIB
from unslouch.flashing.over_link import update
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost
from unslouch.link.update import begin_update, board_firmware, end_update, send_pack
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import encode_frame

BYTECODE = 6  # of mpy-cross, without machine code
PACK = random.Random(1).randbytes(55_000)
LEAST_SHARE = 0.6
WRITE_REQUEST, WRITE_COMMAND = 0x12, 0x52  # Core 5.4, vol. 3, part F, 3.4.5


def quiet(done: int, total: int) -> None:
    pass


class Said(Reporter):
    """A reporter that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[int, int]] = []
        super().__init__(self.lines.append, lambda done, total: self.steps.append((done, total)))


@asynccontextmanager
async def link_of(world: OnAirWorld) -> AsyncIterator[tuple[Client, SensorInfo]]:
    async with world.transport() as transport, Connection(transport) as connection:
        client = Client(connection)
        yield client, await client.hello()


async def begin(client: Client, offset: int = 0) -> None:
    await begin_update(client, len(PACK), hashlib.sha256(PACK).digest(), EDITION, offset)


def test_55_kb_come_near_the_link_s_own_speed(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            await begin(client)
            began_s = world.world.clock.now_s
            await send_pack(client, PACK, 0, quiet)
            took_s = world.world.clock.now_s - began_s
            await end_update(client)
        share = len(PACK) / took_s / world.air.limits.bytes_per_s(0.03)
        print(f"{len(PACK)} bytes in {took_s:.2f} s, {share:.0%} of the link")
        assert share >= LEAST_SHARE
        assert (slots / "b.pack").read_bytes() == PACK
        assert (slots / "slot").read_text() == "ba3"

    on_air(tmp_path, story, slots=slots)


def test_a_whole_update_is_resumed_over_links_that_break_and_is_proven_by_the_handshake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = slots_in(tmp_path / "slots")
    monkeypatch.setattr(sys.implementation, "_mpy", BYTECODE, raising=False)
    said = Said()

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        cuts = 0

        def cut_sometimes(done: int, total: int) -> None:
            nonlocal cuts
            if cuts < 3 and done > (cuts + 1) * total // 5:
                cuts += 1
                world.air.cut(SENSOR)

        updating = update(lambda: link_of(world), Options(), Reporter(said.say, cut_sometimes))
        info = await updating
        assert info is not None
        assert cuts == 3
        assert "Connecting again" in " ".join(said.lines)
        assert world.app.boot_cause == r.BOOT_HARD_RESET
        assert (slots / "a.pack").read_bytes() == OLD
        assert (slots / "b.pack").read_bytes()[:2].isdigit()
        await until(lambda: (slots / "slot").read_text() == "b", 400)

    on_air(tmp_path, story, slots=slots)


def test_a_dry_run_too_little_memory_and_a_main_py_that_is_too_old_send_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = slots_in(tmp_path / "slots", edition=EDITION - 1)
    monkeypatch.setattr(sys.implementation, "_mpy", BYTECODE, raising=False)
    said = Said()

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        with pytest.raises(NotInstalled, match="by cable only"):
            await update(lambda: link_of(world), Options(), said)
        (slots / "main.py").write_text(f"EDITION = {EDITION}\n")
        with pytest.raises(BadInput, match="MOTOR"):
            await update(lambda: link_of(world), Options(board="m5stickc_plus2"), said)
        needed = f"has {LEAST_HEAP_KIB - 1} KiB.*the firmware needs {LEAST_HEAP_KIB}"
        with monkeypatch.context() as little, pytest.raises(NotInstalled, match=needed):
            little.setattr(gc, "mem_alloc", lambda: 100 * 1024, raising=False)
            little.setattr(gc, "mem_free", lambda: (LEAST_HEAP_KIB - 100) * 1024 - 1, raising=False)
            await update(lambda: link_of(world), Options(), said)
        assert await update(lambda: link_of(world), Options(dry_run=True), said) is None
        assert "Would send" in said.lines[-1]
        assert not said.steps
        assert not (slots / "b.pack").exists()

    on_air(tmp_path, story, slots=slots)


def test_a_link_that_loses_writes_is_sent_them_again(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            await begin(client)
            link = next(iter(world.app.radio.hosts.links.values()))
            receive, chance, lost = link.receive, random.Random(2), 0

            def lose_some(characteristic: int, value: bytes) -> None:
                nonlocal lost
                if value[0] == m.UPDATE_DATA and chance.random() < 0.05:
                    lost += 1
                else:
                    receive(characteristic, value)

            link.receive = lose_some
            await send_pack(client, PACK, 0, quiet)
            await end_update(client)
            assert lost >= 5
        assert (slots / "b.pack").read_bytes() == PACK

    on_air(tmp_path, story, slots=slots)


@pytest.mark.parametrize("is_stranger", [True, False])
def test_no_link_that_is_not_encrypted_with_a_bond_changes_anything(tmp_path: Path, is_stranger: bool) -> None:
    slots = slots_in(tmp_path / "slots")
    request = encode_frame(m.UPDATE_BEGIN, m.pack_request(m.UPDATE_BEGIN, 1, 100, bytes(32), EDITION, 0))

    def write(link: RawLink, control: int) -> None:
        for operation in (WRITE_COMMAND, WRITE_REQUEST):
            link.send(ATT, bytes((operation,)) + control.to_bytes(2, "little") + request)

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        central = await world.computer("stranger", ATTACKER) if is_stranger else world.laptop
        async with attacked(world, central, write) as attacker:
            await asyncio.sleep(15)
        assert attacker.linked_s
        assert not (slots / "b.pack").exists()
        assert not world.app.requests.updates
        async with world.linked() as client:
            await begin(client)
        assert (slots / "b.pack").exists()

    on_air(tmp_path, story, slots=slots)


def test_a_simulated_sensor_that_no_pack_has_started_says_that_it_takes_the_cable(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            with pytest.raises(Refused, match="cable"):
                await board_firmware(client)

    on_air(tmp_path, story)


def test_a_link_that_is_silent_counts_as_lost(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            await begin(client)
            next(iter(world.app.radio.hosts.links.values())).receive = lambda *_: None
            with pytest.raises(LinkLost):
                await send_pack(client, PACK, 0, quiet)
        assert (slots / "slot").read_text() == "a"

    on_air(tmp_path, story, slots=slots)
