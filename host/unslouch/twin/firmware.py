"""The firmware at work in this process: powered on, cut off, and started again on the same flash."""

from __future__ import annotations

import asyncio
import contextlib
from types import ModuleType

from unslouch.twin.board import SimulatedBoard, Wiring
from unslouch.twin.port import Port
from unslouch.twin.world import World
from unslouch_device.app import App
from unslouch_device.boards import xiao_esp32s3

UNIQUE_ID = b"twin0000"


def wiring_of(board: ModuleType) -> Wiring:
    """Wire the simulated parts as a board file says."""
    return Wiring(
        i2c_scl=board.I2C_SCL,
        i2c_sda=board.I2C_SDA,
        battery=board.BATTERY_PIN,
        usb_sense=board.EXTERNAL_POWER_PIN,
        motor=board.MOTOR_PIN,
        button=board.BUTTON_PIN,
    )


class Firmware:
    """`unslouch_device.app` on the world's simulated hardware, one boot at a time."""

    def __init__(self, world: World, port: Port, *, odr_error: float = 0.0) -> None:
        """odr_error: by which share the IMU's own clock is fast."""
        self._odr_error = odr_error
        self._world = world
        self._port = port
        self._task: asyncio.Task[None] | None = None
        self.app: App | None = None
        self.hardware: SimulatedBoard | None = None

    def power_on(self, *, first_tick: int = 0) -> None:
        """Boot: new chips, new memory, the same flash. Raises what the app raises while it starts."""
        world = self._world
        self.hardware = SimulatedBoard(
            world.clock.now_us,
            world.motion,
            wiring_of(xiao_esp32s3),
            odr_error=self._odr_error,
            unique_id=UNIQUE_ID,
        )
        self.app = App(
            xiao_esp32s3,
            self.hardware.machine,
            world.ticks_from_now(first_tick),
            self._port,
            str(world.flash),
            simulated=True,
            own_utc_ms=world.utc_ms if world.own_clock else None,
        )
        self._task = asyncio.create_task(self.app.run())

    async def cut_power(self) -> None:
        """Take the power away: what was not flushed is gone."""
        if self.app is None or self._task is None:
            return
        setattr(self.app.journal, "flush", _nothing)  # noqa: B010 - the app's last act must not happen
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.app = self._task = None

    async def switch_off(self) -> None:
        """End the app in good order, the journal flushed."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.app = self._task = None

    async def wait(self) -> None:
        """Wait until the app ends by itself; raises what it raised."""
        if self._task is not None:
            await asyncio.shield(self._task)


def _nothing() -> None:
    pass
