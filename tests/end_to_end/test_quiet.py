"""Quiet hours and meetings on the real firmware: its snooze begins, is ended, and the wearer's hand counts more."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from unslouch.sensor.events import BoardStatus, SensorEvent
from unslouch.sensor.quiet import QuietKeeper
from unslouch.sensor.recorder import Recorder
from unslouch.twin.child import simulated_sensor

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="the simulated sensor's socket")

PATIENCE_S = 90


async def test_a_meeting_snoozes_the_sensor_until_it_or_the_wearer_ends_it(tmp_path: Path) -> None:
    keeper, snoozes_s = QuietKeeper(), [0]

    def note(event: SensorEvent) -> None:
        if isinstance(event, BoardStatus):
            snoozes_s.append(event.snooze_left_s)

    async def until(condition: Callable[[int], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition(snoozes_s[-1]):
                await asyncio.sleep(0.05)

    async with simulated_sensor() as sensor:
        recorder = Recorder(sensor, tmp_path / "days.db")
        recorder.subscribe(note, "The test")
        async with keeper.following(recorder):
            recording = asyncio.create_task(recorder.run())
            keeper.begin_meeting(30)
            await until(lambda left_s: 29 * 60 <= left_s <= 30 * 60)
            keeper.end_meeting()
            await until(lambda left_s: left_s == 0)
            keeper.begin_meeting(30)
            await until(lambda left_s: left_s > 29 * 60)
            seen = len(snoozes_s)
            await until(lambda _: len(snoozes_s) > seen + 1)  # the keeper has seen it, too
            await recorder.client.snooze(0)
            await until(lambda left_s: left_s == 0)
            async with asyncio.timeout(PATIENCE_S):
                while keeper.is_in_meeting:
                    await asyncio.sleep(0.05)
            recording.cancel()
            await asyncio.wait([recording])
