"""Off the body for long the board sleeps deeply: whatever wakes it, records go on, and nothing is lost."""

import asyncio
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from twin.test_dozing import HANDLED_S, LAID_S, Laid
from twin.world import TestWorld, events, in_world
from unslouch.twin.machine.module import SimulatedMachine
from unslouch_device.boards import m5stickc_plus2, xiao_esp32c6, xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.payloads import NOTICE_SLEEPS_DEEPLY, Status
from unslouch_device.contract.states import OFF_BODY
from unslouch_device.deep_sleep import INSTANT_REST_MS, MARK, MARK_BYTES, MOST_INSTANTS, NAP_S, NAPS, unpack_mark
from unslouch_device.resting import DEEP_AFTER_MS

HOUR_S = 3600.0
ASLEEP_S = LAID_S + DEEP_AFTER_MS / 1000 + 900
"""When it sleeps deeply for sure: after the next doze that follows DEEP_AFTER_MS."""


async def until(world: TestWorld, t_s: float) -> None:
    await asyncio.sleep(t_s - world.world.clock.now_s)


async def until_awake(world: TestWorld, within_s: float = 30) -> None:
    async with asyncio.timeout(within_s):
        while world.firmware.asleep:
            await asyncio.sleep(0.5)
    await asyncio.sleep(1)


async def journaled(world: TestWorld, *codes: int) -> list[tuple[int, tuple[int, ...]]]:
    return [(code, fields) for code, fields in events(await world.pages()) if code in codes]


@pytest.mark.parametrize(
    ("board", "chip"),
    [
        (xiao_esp32s3, "lsm6dsox"),
        pytest.param(xiao_esp32s3, "mpu6886", marks=pytest.mark.soak),
        pytest.param(xiao_esp32c6, "lsm6ds3trc", marks=pytest.mark.soak),
        pytest.param(xiao_esp32c6, "mpu6050", marks=pytest.mark.soak),
    ],
    ids=lambda value: value if isinstance(value, str) else value.NAME,
)
def test_lifted_after_hours_of_deep_sleep_it_goes_on_and_nothing_is_lost(
    board: ModuleType, chip: str, tmp_path: Path
) -> None:
    motion = Laid(9)

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await until(world, ASLEEP_S)
        assert world.firmware.asleep
        records = world.app.journal.next_sequence
        await until(world, motion.put_on_s - 1)
        assert world.firmware.asleep, "a nap that is over with nothing to do starts no app"
        await until(world, motion.put_on_s + 60)
        assert not world.firmware.asleep
        assert world.app.config.calibration_id == 1
        pages = await world.pages()
        assert pages[0].first_sequence == 0
        assert all(before.next_sequence == after.first_sequence for before, after in pairwise(pages))
        happened = events(pages)
        codes = [code for code, _ in happened if code not in (r.BATTERY, r.HOST_CLOCK)]
        assert codes[codes.index(r.TAKEN_OFF) :] == [
            r.TAKEN_OFF,
            r.DEEP_SLEEP_BEGAN,
            r.BOOT,
            r.DEEP_SLEEP_ENDED,
            r.PUT_ON,
        ]
        ((_, (why,)), (_, (slept_s, woken_by, _))) = await journaled(world, r.DEEP_SLEEP_BEGAN, r.DEEP_SLEEP_ENDED)
        assert (why, woken_by) == (r.ASLEEP_OFF_BODY, r.WOKEN_BY_MOTION)
        assert pages[-1].boot == pages[0].boot + 1
        assert records < world.app.journal.next_sequence
        assert slept_s == pytest.approx(motion.put_on_s - ASLEEP_S + 900, abs=900)
        put_on_s = world.world.clock.now_s - world.app.uptime.now_ms() / 1000
        assert put_on_s == pytest.approx(motion.put_on_s, abs=3)
        assert world.app.pipeline.posture.state != OFF_BODY

    in_world(motion, tmp_path, story, board=SimpleNamespace(**{**vars(board), "IMU": chip}))


@pytest.mark.parametrize("drift", [-0.05, pytest.param(0.04, marks=pytest.mark.soak)])
def test_its_length_is_journaled_by_a_clock_that_may_be_five_percent_wrong(drift: float, tmp_path: Path) -> None:
    motion = Laid(4)

    async def story(world: TestWorld) -> None:
        world.firmware.rtc.drift = drift
        while not world.firmware.asleep:
            await asyncio.sleep(1)
        began_s = world.world.clock.now_s
        await until(world, motion.put_on_s + HANDLED_S + 5)
        ((_, (slept_s, _, _)),) = await journaled(world, r.DEEP_SLEEP_ENDED)
        true_s = world.world.clock.now_s - world.app.uptime.now_ms() / 1000 - began_s
        assert slept_s == pytest.approx(true_s * (1 + drift), abs=5)

    in_world(motion, tmp_path, story)


@pytest.mark.parametrize("board", [xiao_esp32s3, xiao_esp32c6], ids=lambda board: board.NAME)
def test_a_press_wakes_it_where_the_chip_can_be_woken_by_the_buttons_pin(board: ModuleType, tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await until(world, ASLEEP_S)
        assert world.firmware.asleep
        world.hardware.button.press(2)
        if board is xiao_esp32c6:  # pin 9 is none of its low-power pins
            await asyncio.sleep(30)
            assert world.firmware.asleep
            return
        await until_awake(world)
        assert await journaled(world, r.PUT_ON) == []
        ((_, (_, woken_by, _)),) = await journaled(world, r.DEEP_SLEEP_ENDED)
        assert woken_by == r.WOKEN_BY_BUTTON
        assert world.app.pipeline.posture.state == OFF_BODY
        assert (await world.ask(m.PING))[0] == m.OK
        world.hardware.button.press()
        await asyncio.sleep(3)
        assert (r.BUTTON, (1,)) in await journaled(world, r.BUTTON), "its pin was released after waking"
        await asyncio.sleep(1200)
        assert world.firmware.asleep, "and sleeps again, since nobody put it on"

    in_world(Laid(3), tmp_path, story, board=board)


@pytest.mark.parametrize("board", [xiao_esp32s3, xiao_esp32c6], ids=lambda board: board.NAME)
def test_the_cable_wakes_it(board: ModuleType, tmp_path: Path) -> None:
    motion = Laid(3)

    async def story(world: TestWorld) -> None:
        await until(world, ASLEEP_S)
        motion.plugged_s = world.world.clock.now_s
        await until_awake(world)
        ((_, (_, woken_by, _)),) = await journaled(world, r.DEEP_SLEEP_ENDED)
        assert woken_by == r.WOKEN_BY_CABLE
        await asyncio.sleep(60)
        assert (await journaled(world, r.CHARGING_STARTED, r.PUT_ON))[0][0] == r.CHARGING_STARTED

    in_world(motion, tmp_path, story, board=board)


@pytest.mark.parametrize("hours", [2, pytest.param(5, marks=pytest.mark.soak)])
def test_a_pin_that_ends_it_at_once_each_time_keeps_it_awake_for_a_while(hours: int, tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        sleeps = 0
        while world.world.clock.now_s < hours * HOUR_S:
            await asyncio.sleep(0.5)
            if world.firmware.asleep:
                sleeps += 1
                world.hardware.short_to_supply(2)
                await until_awake(world)
                world.hardware.mend(2)
        assert sleeps == MOST_INSTANTS
        if hours > 2:
            await asyncio.sleep(INSTANT_REST_MS / 1000 - 2 * HOUR_S)
            assert world.firmware.asleep, "later it tries again"

    in_world(Laid(24), tmp_path, story)


def test_a_power_cut_in_deep_sleep_costs_the_span_and_no_record(tmp_path: Path) -> None:
    motion = Laid(4)

    async def story(world: TestWorld) -> None:
        await until(world, ASLEEP_S)
        flushed = world.app.journal.flushed_sequence
        assert flushed == world.app.journal.next_sequence
        await world.firmware.cut_power()
        world.power_on()
        await until(world, motion.put_on_s + 60)
        happened = events(await world.pages())
        boots = [fields[0] for code, fields in happened if code == r.BOOT]
        assert boots == [r.BOOT_POWER_ON, r.BOOT_POWER_ON, r.BOOT_DEEP_SLEEP]
        codes = [code for code, _ in happened]
        assert codes.count(r.DEEP_SLEEP_BEGAN) == 2
        assert codes.count(r.DEEP_SLEEP_ENDED) == 1
        assert codes.index(r.DEEP_SLEEP_ENDED) > codes.index(r.DEEP_SLEEP_BEGAN) + 2
        assert world.app.journal.next_sequence > flushed

    in_world(motion, tmp_path, story)


@pytest.mark.soak
def test_after_some_naps_it_starts_to_see_whether_all_is_well_and_sleeps_again(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await until(world, ASLEEP_S)
        began_s = world.world.clock.now_s
        await until_awake(world, NAPS * NAP_S)
        assert world.world.clock.now_s - began_s > (NAPS - 1) * NAP_S
        ((_, (_, woken_by, _)),) = await journaled(world, r.DEEP_SLEEP_ENDED)
        assert woken_by == r.WOKEN_BY_TIMER
        await asyncio.sleep(1200)
        assert world.firmware.asleep
        mark = unpack_mark(world.firmware.rtc.data)
        assert mark is not None
        assert len(world.firmware.rtc.data) == MARK_BYTES
        assert world.firmware.rtc.data.startswith(MARK)

    in_world(Laid(24), tmp_path, story)


@pytest.mark.parametrize(
    ("board", "changes"),
    [
        (m5stickc_plus2, {}),
        (xiao_esp32s3, {"IMU_INT_PIN": None}),
        (xiao_esp32s3, {"IMU_INT_PIN": 3}),
        (xiao_esp32s3, {"IMU_INT_PIN": 40}),
    ],
    ids=["M5StickC Plus2", "no interrupt pin", "a pin that is not wired to it", "a pin that can't wake"],
)
def test_a_board_that_motion_could_not_wake_dozes_as_before(board: ModuleType, changes: dict, tmp_path: Path) -> None:
    motion = Laid(1.5)

    async def story(world: TestWorld) -> None:
        if changes.get("IMU_INT_PIN") == 3:
            world.hardware.unwire(3)
        for _ in range(100):
            await asyncio.sleep(90)
            assert not world.firmware.asleep
            if world.world.clock.now_s > motion.put_on_s - 100:
                break
        await until(world, motion.put_on_s + 60)
        assert [code for code, _ in await journaled(world, r.BOOT, r.PUT_ON)] == [r.BOOT, r.PUT_ON]

    in_world(motion, tmp_path, story, board=SimpleNamespace(**{**vars(board), **changes}))


@pytest.mark.parametrize(
    ("board", "notices"), [(xiao_esp32s3, NOTICE_SLEEPS_DEEPLY), (m5stickc_plus2, 0)], ids=["S3", "M5"]
)
def test_its_status_says_while_it_is_off_the_body_that_it_is_going_to(
    board: ModuleType, notices: int, tmp_path: Path
) -> None:
    motion = Laid(0.2)

    async def noticed(world: TestWorld) -> int:
        world.seen.clear()
        await asyncio.sleep(2)
        assert (await world.ask(m.PING))[0] == m.OK
        return Status([payload for kind, payload in world.seen if kind == m.STATUS][-1]).notices

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.SUBSCRIBE, 1))[0] == m.OK
        assert await noticed(world) == 0
        await until(world, motion.put_on_s - 5)
        assert world.app.pipeline.posture.state == OFF_BODY
        assert await noticed(world) == notices
        await until(world, motion.put_on_s + 60)
        assert await noticed(world) == 0

    in_world(motion, tmp_path, story, board=board)


def test_a_pull_up_that_is_not_held_is_lost_in_deep_sleep(tmp_path: Path) -> None:
    machine = SimulatedMachine({}, {}, scl_pin=6, sda_pin=5)
    machine.esp32.wake_on_ext0(machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP), False)
    assert machine.esp32.source_in_deep_sleep() == machine.EXT0_WAKE
    machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP, hold=True)
    assert machine.esp32.source_in_deep_sleep() == 0


def test_wake_on_gpio_is_refused_by_deep_sleep() -> None:
    machine = SimulatedMachine({}, {}, scl_pin=6, sda_pin=5)
    machine.esp32.wake_on_gpio((machine.Pin(0),), False)
    with pytest.raises(ValueError, match="not supported"):
        machine.deepsleep(1000)
