"""The supervisor on simulated hardware: what becomes of a task that hangs, of one that fails, and of a good run."""

import asyncio
from pathlib import Path

import pytest

from twin.poses import Poses
from twin.world import TestWorld, events, in_world
from unslouch.twin.machine.module import SimulatedMachine
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import to_wire
from unslouch_device.port import sleep_ms
from unslouch_device.slots import Trial


async def crash(world: TestWorld) -> None:
    """Let a task of the app fail, and start again as root/main.py would."""

    def fail() -> None:
        raise ValueError("no such posture")

    world.app.sampler.read_batch = fail
    with pytest.raises(ValueError, match="no such posture"):
        async with asyncio.timeout(10):
            await world.firmware.wait()
    world.power_on(SimulatedMachine.HARD_RESET)


def crashes(happened: list[tuple[int, tuple[int, ...]]]) -> list[tuple[int, ...]]:
    return [fields[:3] for code, fields in happened if code == r.CRASHED]


def test_a_board_that_works_is_never_reset(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3600)
        assert [fields[0] for code, fields in events(await world.pages()) if code == r.BOOT] == [r.BOOT_POWER_ON]

    in_world(Poses(), tmp_path, story)


def test_a_task_that_hangs_is_found_and_the_watchdog_resets_the_board(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)

        async def hang() -> None:
            await asyncio.Event().wait()

        world.app.tasks.send_off(hang)  # one that nobody waits for may
        await asyncio.sleep(60)
        assert world.app.journal.boot == 1
        world.app.tasks._tasks[r.TASK_SAMPLER].cancel()
        await asyncio.sleep(60)
        happened = events(await world.pages())
        assert [fields[0] for code, fields in happened if code == r.BOOT] == [r.BOOT_POWER_ON, r.BOOT_WATCHDOG]
        assert crashes(happened) == [(r.CRASH_HUNG, r.TASK_SAMPLER, 1)]

    in_world(Poses(), tmp_path, story)


def test_an_app_that_stands_still_is_reset_and_the_watchdog_named(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(5)
        for task in world.app.tasks._tasks:
            task.cancel()
        await asyncio.sleep(35)
        assert crashes(events(await world.pages())) == [(r.CRASH_WATCHDOG, r.TASK_UNKNOWN, 1)]

    in_world(Poses(), tmp_path, story)


def test_a_crash_ends_the_app_and_is_an_event_of_the_next_boot(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        await crash(world)
        happened = events(await world.pages())
        assert crashes(happened) == [(r.CRASH_VALUE, r.TASK_SAMPLER, 1)]
        text, offset, size = b"", 0, 1
        while offset < size:
            status, data = await world.ask(m.CRASH_TEXT, offset)
            assert status == m.OK
            size, part = p.unpack_text_part(data)
            text += part
            offset = len(text)
        assert text == world.app.crashes.text
        assert b"ValueError: no such posture" in text

    in_world(Poses(), tmp_path, story)


def test_a_panic_is_a_crash_and_an_event_of_the_next_boot(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        for in_a_row in (1, 2):
            await asyncio.sleep(10)
            world.firmware.panic()
            await asyncio.sleep(10)
            assert world.app.boot_cause == r.BOOT_HARD_RESET
            assert crashes(events(await world.pages()))[-1] == (r.CRASH_PANIC, r.TASK_UNKNOWN, in_a_row)

    in_world(Poses(), tmp_path, story)


def test_a_reset_at_the_prompt_and_power_on_are_no_crash(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        for cause in (SimulatedMachine.HARD_RESET, SimulatedMachine.PWRON_RESET):
            await asyncio.sleep(10)
            assert (await world.ask(m.REPL))[0] == m.OK
            await world.firmware.wait()
            world.power_on(cause)
            assert world.app.boot_cause == cause
        assert crashes(events(await world.pages())) == []

    in_world(Poses(), tmp_path, story)


def test_a_short_task_that_fails_is_a_crash_too(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        async def fail() -> None:
            await sleep_ms(10)
            raise KeyError(3)

        world.app.tasks.send_off(fail)
        with pytest.raises(KeyError):
            await world.firmware.wait()
        world.power_on()
        assert crashes(events(await world.pages())) == [(r.CRASH_LOOKUP, r.TASK_ERRAND, 1)]

    in_world(Poses(), tmp_path, story)


def test_a_crash_that_cannot_be_kept_ends_the_app_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)

        def keep(error: Exception, task: int) -> None:
            raise MemoryError

        monkeypatch.setattr(world.app.crashes, "keep", keep)
        await crash(world)
        assert crashes(events(await world.pages())) == [(r.CRASH_PANIC, r.TASK_UNKNOWN, 1)]  # the reset is all it left

    in_world(Poses(), tmp_path, story)


def test_crashes_count_as_in_a_row_until_ten_good_minutes(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        for in_a_row in (1, 2, 3):
            await asyncio.sleep(60)
            await crash(world)
            assert world.app.crashes.count() == in_a_row
        await asyncio.sleep(590)
        assert world.app.crashes.count() == 3
        await asyncio.sleep(20)
        assert world.app.crashes.count() == 0

    in_world(Poses(), tmp_path, story)


def test_the_prompt_is_not_reset_for_a_day(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(5)
        assert (await world.ask(m.REPL))[0] == m.OK
        await world.firmware.wait()
        watchdog = world.hardware.machine.watchdog
        assert watchdog.due_us is not None
        assert watchdog.due_us - world.world.clock.now_us() > 80_000 * 1e6

    in_world(Poses(), tmp_path, story)


class WatchedTrial(Trial):
    """A trial of a pack, and the sequence up to which the journal was durable whenever it was to be confirmed."""

    def __init__(self, world: TestWorld, refusals: int = 0) -> None:
        folder = world.world.flash / "slots"
        folder.mkdir()
        (folder / "slot").write_text("ba2")
        super().__init__(f"{folder}/")
        self.found: list[int] = []
        self._world = world
        self._refusals = refusals

    def step(self, now_ms: int, proven: bool) -> bool:
        self.found.append(self._world.app.journal.flushed_sequence)
        if len(self.found) <= self._refusals:
            raise OSError(5)
        return super().step(now_ms, proven)


def confirmations(world: TestWorld, refusals: int = 0) -> list[int]:
    """Begin a trial, of which flash refuses so many confirmations, and return its WatchedTrial.found."""
    world.app.trial = WatchedTrial(world, refusals)
    return world.app.trial.found


def test_new_firmware_is_confirmed_once_by_its_first_durable_epoch(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        confirmed = confirmations(world)
        await world.ask(m.HELLO, m.PROTOCOL_VERSION)  # which flushes what there is
        await asyncio.sleep(4)
        assert confirmed == []
        await asyncio.sleep(4)
        proof = world.app.sampler.proof_sequence
        assert proof == world.app.journal.next_sequence > world.app.journal.flushed_sequence
        assert confirmed == []
        await asyncio.sleep(900)
        assert len(confirmed) == 1
        assert confirmed[0] >= proof

    in_world(Poses(), tmp_path, story)


def test_firmware_that_nobody_asks_is_confirmed_by_ten_good_minutes(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        confirmed = confirmations(world)
        world.port.inject(b"AT\r\n")  # a program that looks for a modem is no host
        await asyncio.sleep(590)
        assert confirmed == []
        await asyncio.sleep(20)
        assert len(confirmed) == 1

    in_world(Poses(), tmp_path, story)


def test_firmware_that_records_and_cannot_answer_the_host_that_asks_is_never_confirmed(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        confirmed = confirmations(world)
        feed = world.app.served.cable.link_channel.feed
        world.app.served.cable.link_channel.feed = lambda data: feed(data) and []
        world.port.inject(to_wire(m.HELLO, m.pack_request(m.HELLO, 1, m.PROTOCOL_VERSION)))
        await asyncio.sleep(900)
        assert world.app.supervisor.proved
        assert confirmed == []
        world.app.served.cable.link_channel.feed = feed
        await world.ask(m.PING)
        await asyncio.sleep(2)
        assert len(confirmed) == 1

    in_world(Poses(), tmp_path, story)


def test_a_confirmation_that_flash_refuses_is_tried_again(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        tries = confirmations(world, refusals=1)
        await asyncio.sleep(900)
        assert len(tries) == 2
        assert world.app.trial.is_over
        assert world.app.event_log.flash_errors == 1

    in_world(Poses(), tmp_path, story)


def test_firmware_without_a_motion_sensor_is_confirmed_by_a_good_run(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        world.hardware.machine.I2C.chips.clear()
        confirmed = confirmations(world)
        await asyncio.sleep(590)
        assert confirmed == []
        await asyncio.sleep(20)
        assert len(confirmed) == 1

    in_world(Poses(), tmp_path, story)


def test_memory_that_ends_in_the_last_flush_is_kept_as_what_it_was(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(5)
        flush = world.app.event_log.flush

        def run_short() -> None:
            world.app.event_log.flush = flush
            raise MemoryError

        world.app.event_log.flush = run_short
        world.app.stop()
        with pytest.raises(MemoryError):
            await world.firmware.wait()
        world.power_on(SimulatedMachine.HARD_RESET)
        assert crashes(events(await world.pages())) == [(r.CRASH_MEMORY, r.TASK_UNKNOWN, 1)]

    in_world(Poses(), tmp_path, story)
