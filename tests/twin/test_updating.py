"""New firmware over a link: whole or not at all, refused with a reason, and taken back unless a host reaches it."""

import ast
import asyncio
import hashlib
import os
from functools import partial
from pathlib import Path

import pytest

from twin.poses import Poses
from twin.test_slow_flash import SHORT_FIFO, slow_down
from twin.updates import EDITION, NEW, OLD, begin, crc, send, slots_in, state_of
from twin.world import TestWorld, codes, in_world
from unslouch.link.text_parts import read_text
from unslouch.twin.machine.module import SimulatedMachine
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.payloads import BATTERY_UNKNOWN
from unslouch_device.contract.updates import UPDATE_ON_TRIAL, UPDATE_TAKEN_BACK
from unslouch_device.on_demand.updating import BATTERY_PERCENT
from unslouch_device.slots import AWAKE_STEP_MS, AWAKE_STEPS

BLOCK = 4096


class Drained(Poses):
    """A wearer whose cell is at so many mV."""

    def __init__(self, battery_mV: int, usb: bool = False) -> None:
        super().__init__()
        self.level_mV, self.usb = battery_mV, usb

    def battery_mV(self, at_s: float) -> int:
        return self.level_mV

    def usb_present(self, at_s: float) -> bool:
        return self.usb


def restarted(world: TestWorld) -> bool:
    return world.app.boot_cause == SimulatedMachine.HARD_RESET


async def until_restarted(world: TestWorld) -> None:
    async with asyncio.timeout(30):
        while not restarted(world):
            await asyncio.sleep(0.1)


def test_an_update_replaces_the_other_pack_and_the_board_starts_it_on_trial(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(20)
        assert await begin(world) == (m.OK, b"")
        await send(world)
        assert (slots / "slot").read_text() == "a"
        assert await world.ask(m.UPDATE_END) == (m.OK, b"")
        assert (await state_of(world)).flags == 0  # it is about to restart, and nothing was taken back
        await until_restarted(world)
        assert (slots / "b.pack").read_bytes() == NEW
        assert (slots / "a.pack").read_bytes() == OLD
        assert (slots / "slot").read_text() == "ba3"
        pages = await world.pages()
        assert r.CRASHED not in codes(pages)
        assert codes(pages).count(r.BOOT) == 2

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_the_board_says_what_it_runs_how_it_is_wired_and_what_is_left_of_an_update(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")
    (slots / "b.pack").write_bytes(NEW[:8192])

    async def story(world: TestWorld) -> None:
        state = await state_of(world)
        assert (state.active_bytes, state.active_crc) == (len(OLD), crc(OLD))
        assert (state.held_bytes, state.held_crc) == (8192, crc(NEW[:8192]))
        assert state.imu.rstrip(b"\0") == b"lsm6dsox"
        assert (state.main_edition, state.flags) == (EDITION, 0)
        assert state.free_bytes > len(NEW)
        text = await read_text(partial(board_file_part, world))
        pairs = [line.partition("=") for line in text.decode().splitlines()]
        stated = {name: ast.literal_eval(value) for name, _, value in pairs}
        assert stated == {name: value for name, value in vars(xiao_esp32s3).items() if name[0].isupper()}

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


async def board_file_part(world: TestWorld, offset: int) -> bytes:
    status, data = await world.ask(m.BOARD_FILE, offset)
    assert status == m.OK
    return data


@pytest.mark.parametrize("blocks", range(5))
def test_an_update_that_is_cut_at_any_block_goes_on_where_it_was(tmp_path: Path, blocks: int) -> None:
    slots = slots_in(tmp_path / "slots")
    sent = min(len(NEW), blocks * BLOCK)

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(2)
        await begin(world)
        await send(world, end=sent)
        await world.firmware.cut_power()
        assert (slots / "slot").read_text() == "a"
        assert (slots / "a.pack").read_bytes() == OLD
        held = (slots / "b.pack").read_bytes()
        assert NEW.startswith(held)
        world.power_on()
        state = await state_of(world)
        assert state.held_crc == crc(NEW[: state.held_bytes])
        assert (await begin(world, offset=state.held_bytes))[0] == m.OK
        await send(world, first=state.held_bytes)
        assert (await world.ask(m.UPDATE_END))[0] == m.OK
        assert (slots / "b.pack").read_bytes() == NEW
        assert (slots / "slot").read_text() == "ba3"

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_lost_and_repeated_data_change_nothing(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        size = m.UPDATE_DATA_BYTES
        await begin(world)
        assert await world.ask(m.UPDATE_DATA, size, NEW[size : 2 * size]) == (m.OK, bytes(4))  # the first was lost
        await send(world, end=3 * size)
        await send(world, first=size // 2, end=5 * size)
        assert (await world.ask(m.UPDATE_END))[0] == m.OUT_OF_RANGE
        await send(world, first=0)
        assert (await world.ask(m.UPDATE_END))[0] == m.OK
        assert (slots / "b.pack").read_bytes() == NEW

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_an_update_stays_with_the_computer_that_began_it_until_that_leaves(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        await begin(world)
        await send(world, end=4 * m.UPDATE_DATA_BYTES)
        updating = world.app.requests.updates[0]
        another = object()
        digest = hashlib.sha256(NEW).digest()
        begun = (m.UPDATE_BEGIN, len(NEW), digest, EDITION, 0)
        assert await updating.answer(another, *begun) == (m.BUSY, b"")
        await send(world, first=4 * m.UPDATE_DATA_BYTES, end=5 * m.UPDATE_DATA_BYTES)
        assert updating.leave(world.app.served.cable)
        assert await updating.answer(another, *begun) == (m.OK, b"")
        assert updating.leave(another)

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_a_damaged_pack_is_refused_and_removed(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        await begin(world)
        await send(world, NEW[:-1] + b"!")
        assert await world.ask(m.UPDATE_END) == (m.DAMAGED, b"")
        assert not (slots / "b.pack").exists()
        assert (slots / "slot").read_text() == "a"
        assert not restarted(world)

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_a_pack_that_does_not_fit_is_refused_and_the_room_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = slots_in(tmp_path / "slots")
    (slots / "b.pack").write_bytes(bytes(4096))
    monkeypatch.setattr(os, "statvfs", lambda path: (BLOCK, BLOCK, 100, 6, 6, 0, 0, 0, 0, 255))

    async def story(world: TestWorld) -> None:
        assert (await state_of(world)).free_bytes == 3 * BLOCK  # four blocks stay free, and what is there goes
        assert await begin(world) == (m.FLASH_FULL, (3 * BLOCK).to_bytes(4, "little"))
        assert (slots / "b.pack").read_bytes() == bytes(4096)
        assert (await begin(world, NEW[: 3 * BLOCK]))[0] == m.OK

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_a_pack_that_needs_a_later_main_py_is_refused_before_the_first_byte(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        assert await begin(world, edition=EDITION + 1) == (m.MAIN_TOO_OLD, b"")
        assert (await world.ask(m.UPDATE_DATA, 0, NEW[:234]))[0] == m.NO_UPDATE
        assert not (slots / "b.pack").exists()
        assert (await begin(world, edition=EDITION))[0] == m.OK

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


@pytest.mark.parametrize(
    ("level_mV", "usb", "status"),
    [
        (3700, False, m.BATTERY_LOW),
        (3700, True, m.OK),
        (4000, False, m.OK),
        (0, False, m.BATTERY_NOT_MEASURED),
        (0, True, m.OK),
    ],
)
def test_a_battery_that_is_low_or_not_measured_is_refused_unless_the_cable_feeds_the_board(
    tmp_path: Path, level_mV: int, usb: bool, status: int
) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(15)
        assert (world.app.power.battery_percent < BATTERY_PERCENT) == (level_mV == 3700)
        assert (world.app.power.battery_percent == BATTERY_UNKNOWN) == (level_mV == 0)
        assert (await begin(world))[0] == status
        assert (slots / "b.pack").exists() == (status == m.OK)

    in_world(Drained(level_mV, usb), tmp_path / "flash", story, slots=slots)


def test_a_board_that_no_pack_has_started_refuses(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.UPDATE_STATE))[0] == m.CABLE_ONLY
        assert (await begin(world))[0] == m.CABLE_ONLY

    in_world(Poses(), tmp_path / "flash", story)


def test_firmware_on_trial_is_not_replaced(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots", "ba2")

    async def story(world: TestWorld) -> None:
        assert (await state_of(world)).flags & UPDATE_ON_TRIAL
        assert (await begin(world))[0] == m.BUSY
        await world.ask(m.HELLO, m.PROTOCOL_VERSION)
        await asyncio.sleep(360)
        assert (slots / "slot").read_text() == "b"
        assert (await begin(world))[0] == m.OK

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_a_new_session_of_the_host_gives_the_update_up(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        await begin(world)
        await world.ask(m.HELLO, m.PROTOCOL_VERSION)
        assert (await world.ask(m.UPDATE_DATA, 0, NEW[:234]))[0] == m.NO_UPDATE
        assert not world.app.requests.updates

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_no_sample_is_lost_during_an_update_on_slow_flash(tmp_path: Path) -> None:
    slots = slots_in(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(60)
        steps_ms = slow_down(world)
        await begin(world)
        await send(world)
        assert (await world.ask(m.UPDATE_END))[0] == m.OK
        assert len(steps_ms) >= len(NEW) // BLOCK + 4
        assert world.app.sampler.lost_samples == 0

    in_world(Poses(), tmp_path / "flash", story, slots=slots, board=SHORT_FIFO)


# The trial


def on_trial(folder: Path, mark: str = "b0") -> Path:
    """A board whose pack b came over a link and has started once; a is the one before."""
    slots = slots_in(folder, "ba2")
    (slots / "slot.air").write_text(mark)
    return slots


def test_without_a_handshake_within_half_an_hour_awake_the_pack_before_comes_back(tmp_path: Path) -> None:
    slots = on_trial(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(AWAKE_STEPS * AWAKE_STEP_MS / 1000 - 60)
        assert (slots / "slot").read_text() == "ba2"
        assert not restarted(world)
        await asyncio.sleep(120)
        assert (slots / "slot").read_text() == "a"
        assert restarted(world)
        assert r.CRASHED not in codes(await world.pages())
        assert (await state_of(world)).flags == UPDATE_TAKEN_BACK

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_a_handshake_and_a_recorded_epoch_end_the_trial(tmp_path: Path) -> None:
    slots = on_trial(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.HELLO, m.PROTOCOL_VERSION))[0] == m.OK
        await asyncio.sleep(10)
        assert (slots / "slot").read_text() == "ba2"
        await asyncio.sleep(300)  # until an epoch is flushed
        assert (slots / "slot").read_text() == "b"
        assert (slots / "slot.air").read_text() == ""

    in_world(Poses(), tmp_path / "flash", story, slots=slots)


def test_an_answer_to_something_other_than_a_handshake_is_no_proof(tmp_path: Path) -> None:
    slots = on_trial(tmp_path / "slots")

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.HELLO, m.PROTOCOL_VERSION + 1))[0] == m.UNKNOWN_PROTOCOL
        assert (await world.ask(m.PING))[0] == m.OK
        await asyncio.sleep(1000)
        assert world.app.supervisor.proved
        assert (slots / "slot").read_text() == "ba2"

    in_world(Poses(), tmp_path / "flash", story, slots=slots)
