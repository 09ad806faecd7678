"""The world's clock: it never skips, keeps its pace where it can, and waits for nothing at infinite speed."""

import asyncio
import math
import time

from unslouch.twin.clock import WorldClock, WorldLoop


def run_in(clock: WorldClock, seconds: float, naps: int = 1) -> None:
    async def nap() -> None:
        for _ in range(naps):
            await asyncio.sleep(seconds / naps)

    with asyncio.Runner(loop_factory=lambda: WorldLoop(clock)) as runner:
        runner.run(nap())


def test_at_full_speed_an_hour_takes_no_time_and_is_an_hour() -> None:
    clock = WorldClock(math.inf)
    began = time.monotonic()
    run_in(clock, 3600, naps=3600)
    assert 3599.999 <= clock.now_s < 3600.1
    assert time.monotonic() - began < 60


def test_a_pace_is_kept_and_never_overtaken() -> None:
    clock = WorldClock(100)
    began = time.monotonic()
    run_in(clock, 20, naps=50)
    assert 19.999 <= clock.now_s < 20.1
    assert time.monotonic() - began >= 0.2


def test_the_pace_can_change_without_a_jump() -> None:
    clock = WorldClock(math.inf, start_s=500)
    run_in(clock, 100)
    clock.set_speed(1000)
    run_in(clock, 100)
    assert 699.999 <= clock.now_s < 700.5
