"""Pairing from the Sensor mode over the simulated radio: panel, pairing, radio and admission are the real ones."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from link.ble_board import ADDRESS, BleBoard, BleScene
from tui.conftest import NEVER_PER_S, Stage
from tui.fake_feed import FakeClock, FakeFeed
from unslouch.sensor.paired import PairedSensor, paired_sensors, sensors_file
from unslouch.sensor.pairing import Pairing, PairingResult, remove_pairing
from unslouch.sensor.pairing_steps import OnStep
from unslouch.tui.app import DashboardApp
from unslouch.tui.sensor_tools import SensorTools
from unslouch.tui.widgets.pairing_panel import PairedList
from unslouch.twin.radio.air import Air
from unslouch.twin.radio.central import Central

PAIR_FOR_S = 60.0


@pytest.fixture(autouse=True)
def nothing_paired() -> Iterator[None]:
    sensors_file().unlink(missing_ok=True)
    yield
    sensors_file().unlink(missing_ok=True)


def tools_on(scene: BleScene) -> SensorTools:
    """Return the dashboard's own tools, on the laptop's simulated Bluetooth."""

    async def pair(on_step: OnStep) -> PairingResult:
        return await Pairing(on_step, scene.backends, list).pair(None, None, PAIR_FOR_S)

    async def unpair(name: str, on_step: OnStep) -> str:
        return await remove_pairing(name, on_step, scene.backends)

    return SensorTools(pair=pair, unpair=unpair)


@asynccontextmanager
async def on_air(folder: Path) -> AsyncIterator[BleScene]:
    """Give a board and a laptop that share a radio, at the speed of the clock, as the dashboard needs it."""
    air = Air()
    board, laptop = BleBoard(air, folder / "bonds"), Central(air)
    await laptop.power_on()
    try:
        yield BleScene(air, board, laptop, folder)
    finally:
        laptop.power_off()
        board.power_off()


async def pair_and_remove(scene: BleScene) -> None:
    feed, clock = FakeFeed(), FakeClock()
    app = DashboardApp(feed, None, clock, ascii_only=False, frames_per_s=NEVER_PER_S, utc_ms=clock.utc_ms)
    app.shared.tools = tools_on(scene)
    async with app.run_test(size=(80, 24)) as pilot:
        stage = Stage(app, feed, feed, clock, pilot)
        await stage.press("5", "a")
        await stage.pilot.press("p")
        await stage.until(lambda: "Hold the sensor's button for 3 s" in stage.screen_text())
        assert paired_sensors() == []
        scene.board.admission.window_open = True
        await stage.until(lambda: "Paired. unslouch finds" in " ".join(stage.screen_text().split()))
        (sensor,) = paired_sensors()
        assert sensor.address == ADDRESS
        assert scene.board.admission.refusals == []
        await stage.settle()
        assert f"{sensor.name}  {ADDRESS}" in stage.screen_text()
        await remove(stage, sensor)


async def remove(stage: Stage, sensor: PairedSensor) -> None:
    """Remove the pairing again; it was the only one."""
    stage.app.screen.query_one(PairedList).focus()
    await stage.press("x", "y")
    await stage.until(lambda: "no longer paired" in " ".join(stage.screen_text().split()))
    assert paired_sensors() == []
    assert "This computer is paired with no sensor" in stage.screen_text()


async def test_a_sensor_is_paired_once_its_button_is_held_and_can_be_removed(tmp_path: Path) -> None:
    async with on_air(tmp_path) as scene:
        await pair_and_remove(scene)
