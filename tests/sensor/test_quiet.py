"""Quiet hours and meetings snooze the board, and leave the wearer's own snoozes alone."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from unslouch.errors import NoSensor
from unslouch.link.model import BoardStatus
from unslouch.sensor.device_use import Device
from unslouch.sensor.quiet import QuietKeeper, QuietKind
from unslouch.sensor.quiet_times import QuietTimes, parse_span

NIGHT = QuietTimes((parse_span("22:00-07:00"),))


def status(uptime_s: float, snooze_left_s: float) -> BoardStatus:
    return BoardStatus(
        uptime_ms=round(uptime_s * 1000),
        battery_mV=3900,
        battery_percent=70,
        external_power=False,
        snooze_left_s=round(snooze_left_s),
        oldest_sequence=0,
        next_sequence=0,
        alerts=0,
        samples_lost=0,
        settings_revision=1,
        calibration_id=1,
        profile=0,
        sensor_moved=False,
        delay_s=30,
    )


@dataclass
class Bench:
    """A board with nothing but a snooze, its wall clock, and a keeper that gets its status once a second."""

    times: QuietTimes = field(default_factory=QuietTimes)
    time: str = "21:59"
    device: Device | None = None
    is_owner: bool = True
    fails: bool = False

    def __post_init__(self) -> None:
        hour, minute = map(int, self.time.split(":"))
        self.now = datetime(2025, 3, 3, hour, minute)
        self.uptime_s = 1000
        self.left_s = 0
        self.sent: list[int] = []
        self.keeper = QuietKeeper(self.times, now=lambda: self.now)

    async def snooze(self, minutes: int) -> int:
        if self.fails:
            raise NoSensor("The link is lost.")
        self.sent.append(minutes)
        self.left_s = minutes * 60
        return minutes

    async def run(self, minutes: float) -> list[int]:
        """Let time pass, with a status each second or, over hours, every ten; return what was sent meanwhile."""
        before = len(self.sent)
        step_s = 10 if minutes > 60 else 1
        for _ in range(round(minutes * 60 / step_s)):
            self.now += timedelta(seconds=step_s)
            self.uptime_s += step_s
            self.left_s = max(0, self.left_s - step_s)
            await self.keeper.handle_status(status(self.uptime_s, self.left_s), self.is_owner, self.snooze)
        return self.sent[before:]


async def test_a_night_is_one_snooze_that_lasts_until_its_end() -> None:
    bench = Bench(NIGHT)
    assert await bench.run(0.5) == []
    assert await bench.run(1) == [540]
    assert str(bench.keeper.current) == "quiet hours until 07:00"
    assert await bench.run(60 * 8) == []
    assert bench.left_s > 0
    assert await bench.run(65) == []
    assert bench.left_s == 0
    assert bench.keeper.current is None


async def test_a_program_that_starts_within_quiet_hours_snoozes_for_the_rest() -> None:
    bench = Bench(NIGHT, "06:30")
    assert await bench.run(1) == [30]


async def test_quiet_longer_than_a_snooze_can_be_is_renewed() -> None:
    bench = Bench(QuietTimes((parse_span("mon-tue 00:00-24:00"),)), "01:00")
    assert str(bench.keeper.current) == "quiet hours until Wednesday 00:00"
    assert (await bench.run(60 * 47))[:3] == [1080, 1080, 662]
    assert bench.left_s == 0
    assert bench.keeper.current is None


async def test_a_snooze_of_the_wearer_is_neither_replaced_nor_ended() -> None:
    bench = Bench(NIGHT, "21:55")
    bench.left_s = 20 * 60
    assert await bench.run(15) == [], "it lasts beyond ten"
    assert await bench.run(10) == [526], "when it is about to end, the rest of the night follows"
    bench.left_s = 16 * 60 * 60  # the wearer wants more
    assert await bench.run(60 * 9) == []
    assert bench.left_s > 0


async def test_a_wearer_who_ends_the_snooze_has_the_motor_back_until_the_next_night() -> None:
    bench = Bench(NIGHT)
    assert await bench.run(2) == [540]
    bench.left_s = 0
    assert await bench.run(60 * 12) == []
    assert await bench.run(60 * 14) == [540]


async def test_a_status_from_before_the_snooze_is_not_the_wearers_hand() -> None:
    bench = Bench(NIGHT, "22:00")
    assert await bench.run(1 / 60) == [540]
    for _ in range(3):
        bench.uptime_s += 1
        bench.now += timedelta(seconds=1)
        await bench.keeper.handle_status(status(bench.uptime_s, 0), True, bench.snooze)
    assert bench.sent == [540]
    assert await bench.run(5) == []


async def test_a_snooze_that_the_board_lost_is_sent_again() -> None:
    bench = Bench(NIGHT, "22:00")
    await bench.run(5)
    bench.left_s, bench.uptime_s = 0, 3  # it has restarted
    assert await bench.run(1) == [535]


async def test_a_link_that_fails_is_tried_again_a_minute_later() -> None:
    bench = Bench(NIGHT, "22:00", fails=True)
    assert await bench.run(0.5) == []
    bench.fails = False
    assert await bench.run(0.4) == []
    assert await bench.run(0.2) == [539]


async def test_a_meeting_by_key_is_quiet_until_it_is_ended_or_over() -> None:
    bench = Bench(time="10:00")
    bench.keeper.begin_meeting(60)
    assert bench.keeper.is_in_meeting
    assert await bench.run(1) == [60]
    assert str(bench.keeper.current) == "meeting until 11:00"
    bench.keeper.end_meeting()
    assert await bench.run(1) == [0]
    bench.keeper.begin_meeting(30)
    assert await bench.run(40) == [30]
    assert not bench.keeper.is_in_meeting


async def test_the_end_of_a_meeting_does_not_end_quiet_hours() -> None:
    bench = Bench(NIGHT, "22:30")
    bench.keeper.begin_meeting(30)
    assert await bench.run(40) == [510]
    bench.keeper.end_meeting()
    assert await bench.run(10) == []


async def test_a_wearer_who_ends_the_snooze_ends_the_meeting() -> None:
    bench = Bench(time="10:00")
    bench.keeper.begin_meeting(60)
    await bench.run(1)
    bench.left_s = 0
    assert await bench.run(1) == []
    assert bench.keeper.current is None
    bench.keeper.begin_meeting(60)
    assert await bench.run(1) == [60], "and may begin another"


async def test_who_does_not_own_the_sensor_leaves_quiet_hours_to_its_owner() -> None:
    bench = Bench(NIGHT, "22:30", is_owner=False)
    assert await bench.run(1) == []
    bench.keeper.begin_meeting(30)
    assert await bench.run(1) == [30]


class Looks:
    """What a keeper sees when it looks for devices in use."""

    def __init__(self, device: Device | None) -> None:
        self.device = device
        self._number = 0

    def __call__(self) -> Device | None:
        self._number += 1
        return self.device

    async def twice(self) -> None:
        """Wait until what is in use now has been seen: the look before the second one has been taken in."""
        number = self._number
        while self._number < number + 2:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("device", list(Device))
async def test_a_device_in_use_is_snoozed_in_short_steps_and_for_a_minute_after(device: Device) -> None:
    bench, looks = Bench(time="10:00"), Looks(device)
    bench.keeper = QuietKeeper(look=looks, now=lambda: bench.now, look_period_s=0)
    looking = asyncio.create_task(bench.keeper.keep_looking())
    for _ in range(12):
        await looks.twice()
        await bench.run(0.9)
    assert bench.sent == [5, 5, 5]
    assert bench.keeper.current is not None
    assert bench.keeper.current.kind is (QuietKind.CAMERA if device is Device.CAMERA else QuietKind.MICROPHONE)
    looking.cancel()
    await asyncio.wait([looking])
    assert await bench.run(2) == [0]
    assert bench.keeper.current is None
