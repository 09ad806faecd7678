"""The demo on the simulated radio, and a simulated sensor on an adapter of this computer."""

import asyncio
import math
from pathlib import Path

import pytest

from link.fake_board import ReceivedEvents
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.link.model import LinkState
from unslouch.sensor.recorder import Recorder
from unslouch.twin.clock import WorldLoop
from unslouch.twin.radio.demo import plugged_world, sensor_on_air


def test_the_demos_sensor_is_followed_over_the_air(tmp_path: Path) -> None:
    world = plugged_world(tmp_path / "flash")
    world.clock.set_speed(math.inf)

    async def run() -> None:
        async with sensor_on_air(world) as (address, backends):
            received = ReceivedEvents()
            recorder = Recorder(address, tmp_path / "demo.db", backends=backends)
            recorder.subscribe(received, "the test")
            recording = asyncio.create_task(recorder.run())
            async with asyncio.timeout(200):
                while len(received.live) < 2000:
                    await asyncio.sleep(1)
            assert recorder.state is LinkState.LIVE
            assert recorder.info is not None
            assert recorder.info.simulated
            recording.cancel()
            await asyncio.wait([recording])

    with asyncio.Runner(loop_factory=lambda: WorldLoop(world.clock)) as runner:
        runner.run(run())


def test_an_adapter_that_is_not_there_is_reported_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--ble", "tcp-client:127.0.0.1:1"]) == ExitCode.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert "tcp-client:127.0.0.1:1 can't play the sensor" in line
    assert "hciconfig hci0 down" in line


@pytest.mark.parametrize("other", [["--speed", "5"], ["--interpreter", "/bin/true"]])
def test_bluetooth_keeps_to_real_time_and_this_python(capsys: pytest.CaptureFixture[str], other: list[str]) -> None:
    assert main(["simulate", "--ble", "usb:0", *other]) == ExitCode.BAD_INPUT
    assert "leave out --speed and --interpreter" in capsys.readouterr().err
