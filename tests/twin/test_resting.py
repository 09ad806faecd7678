"""Log mode: light sleep between batches where nobody looks, and nothing lost or late by it."""

import asyncio
from pathlib import Path

from twin.poses import Poses
from twin.world import TestWorld, codes, events, in_world
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r


class Plugged(Poses):
    """A wearer with the cable in."""

    def usb_present(self, t_s: float) -> bool:
        return True


def test_a_board_without_a_watching_host_sleeps_nearly_all_the_time_and_loses_nothing(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3600)
        assert world.app.uptime.slept_ms > 3500 * 1000
        pages = await world.pages()
        assert r.SAMPLES_LOST not in codes(pages)
        assert world.app.sampler.lost_samples == 0
        epochs = sum(len(page.records) // r.RECORD_BYTES for page in pages) - len(events(pages))
        assert 718 <= epochs <= 721
        assert 3_599_000 < world.app.uptime.now_ms() < 3_605_000

    in_world(Poses(), tmp_path, story)


def test_it_stays_awake_while_a_host_follows_and_for_half_a_minute_after_its_last_word(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.SUBSCRIBE, 1))[0] == m.OK
        await asyncio.sleep(600)
        assert world.app.uptime.slept_ms == 0
        assert (await world.ask(m.SUBSCRIBE, 0))[0] == m.OK
        await asyncio.sleep(29)
        assert world.app.uptime.slept_ms == 0
        await asyncio.sleep(30)
        assert world.app.uptime.slept_ms > 20_000

    in_world(Poses(), tmp_path, story)


def test_it_stays_awake_on_external_power_which_is_where_usb_is(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(600)
        assert world.app.uptime.slept_ms == 0

    in_world(Plugged(), tmp_path, story)


def test_it_never_sleeps_with_the_motor_on(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        machine = world.hardware.machine
        sleep = machine.lightsleep
        driven: list[int] = []

        def lightsleep(time_ms: int) -> None:
            driven.append(world.hardware.motor.changes[-1][1])
            sleep(time_ms)

        world.app.resting._lightsleep = lightsleep
        await asyncio.sleep(300)
        assert r.ALERT in codes(await world.pages())
        assert driven
        assert not any(driven)

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_alerts_come_in_time_all_the_same(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(100)
        felt = len(world.hardware.motor.pulses())
        await asyncio.sleep(150)
        first = world.hardware.motor.pulses()[felt].start_us / 1e6
        assert 200 + 30 < first < 200 + 32.5

    in_world(Poses((199, 25, 0)), tmp_path, story)


def test_ticks_that_stand_still_in_light_sleep_are_made_up_for_by_counting_samples(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        sleep = world.hardware.machine.lightsleep

        def lightsleep(time_ms: int) -> None:
            uptime = world.app.uptime
            uptime.now_ms()
            sleep(time_ms)
            uptime._last = uptime._ticks_ms()

        world.app.resting._lightsleep = lightsleep
        await asyncio.sleep(3600)
        assert 3_560_000 < world.app.uptime.now_ms() < 3_640_000
        assert r.SAMPLES_LOST not in codes(await world.pages())

    in_world(Poses(), tmp_path, story)


def test_an_interrupt_that_stays_high_is_journaled_once_and_given_up_so_that_the_board_sleeps_on(
    tmp_path: Path,
) -> None:
    async def story(world: TestWorld) -> None:
        world.hardware.short_to_supply(xiao_esp32s3.IMU_INT_PIN)
        await asyncio.sleep(3600)
        assert codes(await world.pages()).count(r.SLEEP_REFUSED) == 1
        assert world.app.uptime.slept_ms > 3400 * 1000
        assert world.hardware.machine.refused_sleeps == 0

    in_world(Poses(), tmp_path, story)


def test_a_button_that_something_lies_on_is_journaled_and_keeps_the_board_awake_for_half_a_minute_only(
    tmp_path: Path,
) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(100)
        slept_ms = world.app.uptime.slept_ms
        world.hardware.button.press(1000)
        await asyncio.sleep(30)
        assert world.app.uptime.slept_ms - slept_ms < 2500
        await asyncio.sleep(900)
        assert world.app.uptime.slept_ms > slept_ms + 800_000
        assert world.hardware.machine.refused_sleeps == 0
        await asyncio.sleep(120)
        world.hardware.button.press()
        await asyncio.sleep(30)
        presses = [fields[0] for code, fields in events(await world.pages()) if code == r.BUTTON]
        assert presses == [r.HELD_DOWN, 1]

    in_world(Poses(), tmp_path, story)


def test_batches_fill_the_fifo_unless_a_press_of_the_button_would_have_to_last_for_as_long(tmp_path: Path) -> None:
    async def longest_ms(world: TestWorld) -> int:
        """The longest batch of a minute: some of it a window of the radio takes, which keeps the board awake."""
        found = 0
        for _ in range(60):
            await asyncio.sleep(1)
            found = max(found, world.app.resting.batch_ms)
        return found

    async def story(world: TestWorld) -> None:
        imu = world.app.sampler._imu
        held_ms = imu.batch_samples * 1000 // imu.rate_hz
        await asyncio.sleep(100)
        assert 0.75 * held_ms < await longest_ms(world) < 0.85 * held_ms
        world.app.button.wakes = False
        await asyncio.sleep(5)
        assert await longest_ms(world) == 2000
        assert world.app.sampler.lost_samples == 0

    in_world(Poses(), tmp_path, story)
