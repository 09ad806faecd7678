"""The firmware in this process: powered on, cut off, and started again on the same flash."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from unslouch_device.app import App
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.deep_sleep import sleep_on

from .board import SimulatedBoard, Wiring
from .machine.module import SimulatedMachine
from .machine.power_states import BoardReset, DeepSleep, Panic, Rtc, WatchdogReset
from .port import Port
from .tasks import end_tasks
from .world import World

if TYPE_CHECKING:
    from unslouch.twin.radio.adapters import Adapter
    from unslouch.twin.radio.bluetooth import SimulatedBluetooth

log = logging.getLogger(__name__)

UNIQUE_ID = b"twin0000"
WAKE_POLL_S = 1
"""How often a pin that ends deep sleep is looked at."""


def unique_id(number: int) -> bytes:
    """Return the id of one of several simulated boards, counted from 0."""
    return b"twin%04d" % number


class Firmware:
    """`unslouch_device.app` on the world's simulated hardware, one boot at a time."""

    def __init__(
        self,
        world: World,
        port: Port,
        *,
        board: ModuleType = xiao_esp32s3,
        odr_error: float = 0.0,
        adapter: Adapter | None = None,
        unique_id: bytes = UNIQUE_ID,
        slots: Path | None = None,
    ) -> None:
        """odr_error: by which share the IMU's own clock is fast. adapter: for Bluetooth; None is a board without.

        slots: where main.py, `slot` and the packs are; None: it takes no update. Whatever they say, this process runs
        the firmware that it has imported.
        """
        self._slots = slots
        self._unique_id = unique_id
        self._board = board
        self._odr_error = odr_error
        self._adapter = adapter
        self.bluetooth: SimulatedBluetooth | None = None
        self._world = world
        self._port = port
        self.rtc = Rtc(world.clock.now_us)
        self.asleep = False
        """Whether the board is in deep sleep."""
        self._panic = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.app: App | None = None
        self.hardware: SimulatedBoard | None = None

    def power_on(self, *, first_tick: int = 0, reset_cause: int = SimulatedMachine.PWRON_RESET) -> None:
        """Boot: new chips, new memory, the same flash. Raises what the app raises while it starts."""
        if reset_cause == SimulatedMachine.PWRON_RESET:
            self.rtc = Rtc(self._world.clock.now_us, self.rtc.drift)
            self.hardware = None
        self._boot(first_tick, reset_cause)
        self._task = asyncio.create_task(self._run_boots())

    def _boot(self, first_tick: int, reset_cause: int, wake_reason: int = 0) -> None:
        world = self._world
        self.hardware = SimulatedBoard(
            world.clock.now_us,
            world.motion,
            Wiring.from_file(self._board),
            odr_error=self._odr_error,
            unique_id=self._unique_id,
            reset_cause=reset_cause,
            let_pass=world.clock.let_pass,
            rtc=self.rtc,
            wake_reason=wake_reason,
            before=self.hardware,
        )
        machine = self.hardware.machine
        if reset_cause == SimulatedMachine.DEEPSLEEP_RESET:
            sleep_on(machine, machine.esp32, machine.RTC().memory, self.rtc.time_s())
        self.app = App(
            self._board,
            self.hardware.machine,
            world.ticks_from_now(first_tick),
            self._port,
            str(world.flash),
            simulated=True,
            own_utc_ms=world.utc_ms if world.own_clock else None,
            wake_on_high=machine.wake_on_high,
            idf_heap=machine.idf_heap,
            esp32=machine.esp32,
            time_s=self.rtc.time_s,
            bluetooth=self._new_bluetooth(),
            slot_folder=None if self._slots is None else f"{self._slots.as_posix()}/",
        )
        if not self.hardware.has_antenna:
            self._silence_radio()
        if self.bluetooth is not None:
            machine.on_idle = self.bluetooth.ble.host_lock.release_interpreter

    def _new_bluetooth(self) -> SimulatedBluetooth | None:
        """Make this boot's Bluetooth; bumble is only imported where there is to be one."""
        if self._adapter is None:
            return None
        from unslouch.twin.radio.bluetooth import SimulatedBluetooth

        self._silence_radio()
        self.bluetooth = SimulatedBluetooth(self._adapter, self._world.clock.let_pass)
        return self.bluetooth

    def _silence_radio(self) -> None:
        if self.bluetooth is not None:
            self.bluetooth.lose_power()

    async def _run_boots(self) -> None:
        """Run one boot after the other, until the app ends by itself: with a return to the REPL or an exception."""
        ended: BoardReset | None = None
        while True:
            try:
                if ended is not None:
                    self._boot(0, *await self._start_again(ended))
                await self._run()
                return
            except BoardReset as reset:
                log.info("The board starts again: %r", reset)
                ended = reset

    async def _start_again(self, ended: BoardReset) -> tuple[int, int]:
        """Wait until the board starts again, and return its reset cause and what has woken it."""
        if isinstance(ended, DeepSleep):
            return SimulatedMachine.DEEPSLEEP_RESET, await self._sleep_deeply(ended)
        return SimulatedMachine.WDT_RESET if isinstance(ended, WatchdogReset) else SimulatedMachine.HARD_RESET, 0

    async def _sleep_deeply(self, sleep: DeepSleep) -> int:
        """Wait for the end of deep sleep and return what it was, as machine.wake_reason() says it."""
        assert self.hardware is not None
        self._silence_radio()
        self.asleep = True
        began_us = self._world.clock.now_us()
        left_s = self.rtc.real_s(sleep.duration_ms / 1000)
        source = sleep.wake_source()
        while left_s > 0 and not source:
            step_s = min(left_s, WAKE_POLL_S)
            await asyncio.sleep(step_s)
            left_s -= step_s
            source = sleep.wake_source()
        if not self.hardware.stays_supplied():
            await asyncio.Event().wait()  # its supply has ended: power_on() is to come
        self.rtc.sleep_through(self._world.clock.now_us() - began_us)
        self.asleep = False
        return source or SimulatedMachine.TIMER_WAKE

    async def _run(self) -> None:
        """Run the app; raises WatchdogReset when its watchdog is not fed."""
        assert self.app is not None
        app: asyncio.Task[object] = asyncio.create_task(self.app.run())
        watchdog: asyncio.Task[object] = asyncio.create_task(self._watchdog())
        panic: asyncio.Task[object] = asyncio.create_task(self._panic.wait())
        try:
            await asyncio.wait([app, watchdog, panic], return_when=asyncio.FIRST_COMPLETED)
            if panic.done():
                self._panic.clear()
                self._forbid_flushing()
                raise Panic
            if watchdog.done():
                watchdog.result()
                self._forbid_flushing()
                raise WatchdogReset
            await app
        except BoardReset:
            self._silence_radio()
            raise
        finally:
            await end_tasks([watchdog, panic] if app.done() else [app, watchdog, panic])

    async def _watchdog(self) -> None:
        """Return when the watchdog has not been fed in time."""
        assert self.hardware is not None
        watchdog = self.hardware.machine.watchdog
        while watchdog.due_us is None or (left_us := watchdog.due_us - self._world.clock.now_us()) > 0:
            await asyncio.sleep(1 if watchdog.due_us is None else left_us / 1e6)

    def _forbid_flushing(self) -> None:
        if self.app is not None:
            setattr(self.app.journal, "flush", _nothing)  # noqa: B010 - the app flushes when it ends

    def panic(self) -> None:
        """Let something below Python fail, as a bug of the interpreter or the radio's stack does: the board resets."""
        self._panic.set()

    async def cut_power(self) -> None:
        """Cut the power: what was not flushed is lost."""
        self._forbid_flushing()
        self._silence_radio()
        await self.switch_off()

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
