"""What alerts feel like: named patterns, the wearer's own, and a strength that rises, with both motors."""

import asyncio
from pathlib import Path
from types import ModuleType

import pytest

from twin.poses import Poses
from twin.test_button import WITH_DRIVER
from twin.world import TestWorld, in_world
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import patterns, settings
from unslouch_device.parts import motor

BOARDS = pytest.mark.parametrize("board", [xiao_esp32s3, WITH_DRIVER], ids=["pwm", "drv2605"])
SLOUCH = Poses((20, 25, 0))
"""Without an end: three alerts."""


async def change(world: TestWorld, id: int, value: int) -> None:
    assert (await world.ask(m.SET_SETTING, world.app.config.revision, id, value))[0] == m.OK


def felt(world: TestWorld) -> list[tuple[int, int]]:
    """(ms, percent of full strength) of each stretch of constant drive."""
    pulses = world.hardware.motor.pulses()
    return [(round(pulse.duration_us / 1e3), round(pulse.duty_u16 * 100 / 65535)) for pulse in pulses]


async def alerts_of(world: TestWorld, already: int) -> list[int]:
    await asyncio.sleep(700)
    return [duration_ms for duration_ms, _ in felt(world)[already:]]


@BOARDS
@pytest.mark.parametrize(
    ("which", "once"), [(patterns.HEARTBEAT, [90, 160]), (patterns.LONG, [1000]), (patterns.OWN, [50, 950])]
)
def test_the_three_alerts_of_a_slouch_are_once_twice_and_three_times_the_pattern(
    tmp_path: Path, board: ModuleType, which: int, once: list[int]
) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        own = patterns.pack_pattern([50, 300, 950, 90])  # the last one is a pause, and left out
        assert (await world.ask(m.SET_OWN_PATTERN, own))[0] == m.OK
        await change(world, settings.PATTERN, which)
        await asyncio.sleep(3)
        assert await alerts_of(world, len(felt(world))) == once * 6

    in_world(SLOUCH, tmp_path, story, board=board)


@BOARDS
def test_with_the_ramp_each_alert_grows_from_the_least_strength_to_the_one_that_is_set(
    tmp_path: Path, board: ModuleType
) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3)
        await change(world, settings.RAMP, 1)
        await change(world, settings.STRENGTH_PERCENT, 90)
        for which in (patterns.PULSES, patterns.LONG):
            already = len(felt(world))
            assert (await world.ask(m.PLAY_PATTERN, which))[0] == m.OK
            await asyncio.sleep(3)
            strengths = [percent for _, percent in felt(world)[already:]]
            assert strengths == sorted(strengths)
            assert len(strengths) >= 6
            assert strengths[0] < 40
            assert strengths[-1] == pytest.approx(90, abs=1)
        total_ms = sum(duration_ms for duration_ms, _ in felt(world)[-10:])
        assert total_ms == 1000

    in_world(Poses(), tmp_path, story, board=board)


def test_each_pattern_can_be_felt_without_being_chosen_and_the_own_one_only_once_there_is_one(tmp_path: Path) -> None:
    async def play(world: TestWorld, which: int) -> list[int]:
        already = len(felt(world))
        assert (await world.ask(m.PLAY_PATTERN, which)) == (m.OK, b"")
        await asyncio.sleep(6)
        return [duration_ms for duration_ms, _ in felt(world)[already:]]

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3)
        assert (await world.ask(m.GET_OWN_PATTERN)) == (m.OK, bytes(patterns.OWN_TIMES))
        for which in (patterns.OWN, patterns.OWN + 1, 255):
            assert (await world.ask(m.PLAY_PATTERN, which)) == (m.OUT_OF_RANGE, b""), which
        assert await play(world, patterns.PULSES) == list(motor.ALERT_PATTERNS[0][::2])
        assert await play(world, patterns.HEARTBEAT) == [90, 160]
        own = patterns.pack_pattern([120, 80, 240])
        assert (await world.ask(m.SET_OWN_PATTERN, own)) == (m.OK, b"")
        assert await play(world, patterns.OWN) == [120, 240]
        assert world.app.config.settings[settings.PATTERN] == patterns.PULSES
        await world.firmware.cut_power()
        world.power_on()
        assert (await world.ask(m.GET_OWN_PATTERN)) == (m.OK, own)

    in_world(Poses(), tmp_path, story)


@pytest.mark.parametrize(
    "data",
    [bytes(16), bytes([5, 0, 5]) + bytes(13), bytes([255, 255]) + bytes(14), bytes([40] * 16)],
    ids=["nothing", "a zero between", "longer than 5 s", "sixteen that are too long"],
)
def test_times_that_are_no_pattern_are_refused_and_the_one_before_stays(tmp_path: Path, data: bytes) -> None:
    async def story(world: TestWorld) -> None:
        own = patterns.pack_pattern([100])
        assert (await world.ask(m.SET_OWN_PATTERN, own))[0] == m.OK
        assert (await world.ask(m.SET_OWN_PATTERN, data)) == (m.OUT_OF_RANGE, b"")
        assert (await world.ask(m.GET_OWN_PATTERN)) == (m.OK, own)

    in_world(Poses(), tmp_path, story)


def test_an_own_pattern_that_is_chosen_but_gone_is_felt_as_pulses(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await change(world, settings.PATTERN, patterns.OWN)
        (tmp_path / "pattern.bin").write_bytes(b"damaged")
        await asyncio.sleep(3)
        expected = [time for pattern in motor.ALERT_PATTERNS for time in pattern[::2]]
        assert await alerts_of(world, len(felt(world))) == expected

    in_world(SLOUCH, tmp_path, story)


def test_a_flash_that_fails_keeps_the_own_pattern_of_before(tmp_path: Path) -> None:
    flash = tmp_path / "flash"

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(1)
        flash.rename(tmp_path / "elsewhere")
        assert (await world.ask(m.SET_OWN_PATTERN, patterns.pack_pattern([100]))) == (m.FLASH_FAILED, b"")
        (tmp_path / "elsewhere").rename(flash)
        assert (await world.ask(m.GET_OWN_PATTERN)) == (m.OK, bytes(patterns.OWN_TIMES))

    in_world(Poses(), flash, story)
