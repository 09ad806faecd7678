"""The demo on the simulated radio, and a simulated sensor on an adapter of this computer."""

import asyncio
import math
from pathlib import Path

import pytest

from link.fake_board import ReceivedEvents
from unslouch.cli.demo_ble import demo_tools
from unslouch.cli.main import main
from unslouch.errors import ExitCode, SensorBusy
from unslouch.link.model import LinkState
from unslouch.sensor.paired import PairedSensor, paired_sensors
from unslouch.sensor.recorder import Recorder
from unslouch.store import Store
from unslouch.twin.clock import WorldLoop
from unslouch.twin.radio.demo import demo_on_air, demo_world, sensor_on_air


def test_the_demos_sensor_is_followed_over_the_air_on_its_battery_with_three_weeks_behind_it(tmp_path: Path) -> None:
    world = demo_world(tmp_path / "flash")
    world.clock.set_speed(math.inf)

    async def run() -> None:
        async with demo_on_air(world, tmp_path / "demo.db") as (demo, backends):
            with Store.open(demo.database, simulated=True, readonly=True) as store:
                assert store.records() > 50_000
                (sensor,) = store.sensors()
            received = ReceivedEvents()
            recorder = Recorder(demo.address, demo.database, backends=backends)
            recorder.subscribe(received, "the test")
            recording = asyncio.create_task(recorder.run())
            async with asyncio.timeout(200):
                while len(received.live) < 2000 or not received.statuses:
                    await asyncio.sleep(1)
            assert recorder.state is LinkState.LIVE
            assert recorder.info is not None
            assert recorder.info.simulated
            assert recorder.info.device_id == sensor.device_id, "the past is that of this sensor's wearer"
            assert not any(status.external_power for status in received.statuses)
            recording.cancel()
            await asyncio.wait([recording])

    with asyncio.Runner(loop_factory=lambda: WorldLoop(world.clock)) as runner:
        runner.run(run())


def test_the_board_of_the_demo_never_stops_the_dashboards_process_by_light_sleep(tmp_path: Path) -> None:
    world = demo_world(tmp_path / "flash")
    world.clock.set_speed(math.inf)
    passed_s: list[float] = []
    world.clock.let_pass = passed_s.append  # type: ignore[method-assign]

    async def run() -> None:
        async with sensor_on_air(world):
            await asyncio.sleep(600)

    with asyncio.Runner(loop_factory=lambda: WorldLoop(world.clock)) as runner:
        runner.run(run())
    assert max(passed_s, default=0) < 0.1


def test_an_adapter_that_is_not_there_is_reported_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--ble", "tcp-client:127.0.0.1:1"]) == ExitCode.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert "tcp-client:127.0.0.1:1 can't play the sensor" in line
    assert "hciconfig hci0 down" in line


@pytest.mark.parametrize("other", [["--speed", "5"], ["--interpreter", "/bin/true"]])
def test_bluetooth_keeps_to_real_time_and_this_python(capsys: pytest.CaptureFixture[str], other: list[str]) -> None:
    assert main(["simulate", "--ble", "usb:0", *other]) == ExitCode.BAD_INPUT
    assert "leave out --speed and --interpreter" in capsys.readouterr().err


async def test_the_demos_pairing_is_not_one_of_this_computer(tmp_path: Path) -> None:
    sensor = PairedSensor("demo", "7477696e30303030", "74:4D:BD:00:00:01", simulated=True)
    tools = demo_tools([sensor])
    assert tools.paired() == [sensor]
    assert sensor not in paired_sensors()
    with pytest.raises(SensorBusy, match="only one on the simulated radio"):
        await tools.pair(lambda step: None)
    with pytest.raises(SensorBusy, match="stays so"):
        await tools.unpair("demo", lambda step: None)
