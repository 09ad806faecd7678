"""Runs a simulated sensor from power-on to its end: joins wearer, flash, pace, port and calibration."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import sys
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from filelock import FileLock, Timeout

from unslouch import signals
from unslouch.errors import BadInput
from unslouch.twin.wearer.motion import MotionSource

from .calibrate import calibrate_when_upright
from .clock import WorldLoop
from .firmware import Firmware, unique_id
from .port import Port, PtyPort, TcpPort
from .tasks import end_tasks
from .world import World, unusable

log = logging.getLogger(__name__)

SAVE_TIME_S = 60.0


@dataclass(frozen=True)
class Options:
    """The options of `unslouch simulate`."""

    speed: float = 1.0
    """World seconds per second; math.inf is as fast as it goes."""
    hours: float = 8.0
    seed: int = 1
    recording: Path | None = None
    """A recording to replay instead of the scripted wearer."""
    subject: int | None = None
    """The person in the recording, None where it has only one."""
    flash: Path | None = None
    """The folder for the flash; None is a temporary one."""
    start: datetime | None = None
    """UTC at which the world begins; None is now, or nine o'clock today at any other speed than 1."""
    board: str = "xiao_esp32s3"
    """A module of unslouch_device.boards."""
    tcp_port: int | None = None
    """A TCP port instead of a pty; 0 lets the system choose."""
    calibrated: bool = True
    micropython: str | None = None
    """Path of a MicroPython to run the firmware in; None is this Python."""
    end: bool = False
    """Stop when the wearer's day is over, instead of going on at speed 1."""
    ble: str | None = None
    """The adapter of this computer, by its name in bumble, that serves as the sensor's Bluetooth."""
    number: int = 0
    """Which of several simulated sensors it is: each has its own device id."""
    while_stdin: bool = False
    """Stop when stdin ends, so that a child process ends with its parent."""


def wearer_for(options: Options) -> MotionSource:
    """Return the wearer that the options ask for. Raises BadInput for a recording that can't be used."""
    if options.recording is not None:
        from unslouch.twin.wearer.recording import RecordedWearer

        return RecordedWearer(options.recording, options.subject)
    from unslouch.twin.wearer.scripted import ScriptedWearer

    return ScriptedWearer(options.seed, options.hours)


def simulate(options: Options, announce: Callable[[str], None]) -> None:
    """Run until the end of the day or for ever; call `announce` with the port's address once a host can open it.

    Raises BadInput for options that don't go together, and where what they name can't be used.
    """
    if options.ble is not None and (options.speed != 1 or options.micropython is not None):
        raise BadInput("Bluetooth needs real time and this Python: leave out --speed and --interpreter.")
    if options.number and options.micropython is not None:
        raise BadInput("In MicroPython all simulated sensors have one device id: leave out --number or --interpreter.")
    board = importlib.import_module(f"unslouch_device.boards.{options.board}")
    with _flash_folder(options.flash) as flash:
        world = World.begin(wearer_for(options), flash, options.speed, options.start)
        port: Port = PtyPort() if options.tcp_port is None else TcpPort(options.tcp_port)
        if options.micropython is not None:
            from unslouch.twin.micropython.interpreter import run_in_micropython

            work = run_in_micropython(
                world, board, port, options.micropython, options.calibrated, options.end, announce
            )
            with asyncio.Runner() as runner:
                runner.run(_run_until_stopped(work, options.while_stdin))
        else:
            with asyncio.Runner(loop_factory=lambda: WorldLoop(world.clock)) as runner:
                runner.run(_run_until_stopped(_run(world, board, port, options, announce), options.while_stdin))


async def _run_until_stopped(work: Coroutine[Any, Any, None], while_stdin: bool) -> None:
    """Do the work until it is done, a signal asks for the end or, if asked for, stdin ends."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    if while_stdin:
        threading.Thread(target=_cancel_at_end_of_stdin, args=(loop, task), daemon=True).start()
    with signals.calling(task.cancel), contextlib.suppress(asyncio.CancelledError):
        await task


def _cancel_at_end_of_stdin(loop: asyncio.AbstractEventLoop, task: asyncio.Future[None]) -> None:
    while sys.stdin.buffer.read(1):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(task.cancel)


async def _run(world: World, board: ModuleType, port: Port, options: Options, announce: Callable[[str], None]) -> None:
    adapter = None
    if options.ble is not None:
        try:
            from unslouch.twin.radio.usable import usable_adapter
        except ModuleNotFoundError as error:
            raise BadInput(f"Playing Bluetooth takes a package that isn't there: pip install {error.name}.") from error
        adapter = await usable_adapter(options.ble)
    try:
        await port.open()
    except OSError as error:
        raise BadInput(
            f"The port {port.address} can't be served ({error.strerror}); choose another with --socket."
        ) from error
    firmware = Firmware(world, port, board=board, adapter=adapter, unique_id=unique_id(options.number))
    firmware.power_on()
    jobs: list[asyncio.Task[object]] = []
    try:
        if options.calibrated and firmware.app is not None and not firmware.app.config.calibration_id:
            jobs.append(asyncio.create_task(calibrate_when_upright(world, port, world.motion.upright_at_s)))
        announce(port.address)
        day = asyncio.create_task(_keep_pace(world, options.end))
        boots = asyncio.create_task(_boot_again_and_again(firmware))
        jobs += [day, boots]
        await _until_one_ends_or_fails(jobs, [day, boots] if options.end else [boots])
    finally:
        await end_tasks(jobs)
        await firmware.switch_off()
        await port.close()
        world.save_time()


async def _boot_again_and_again(firmware: Firmware) -> None:
    while True:
        await firmware.wait()
        log.info("The board returned to its REPL; the twin has none and starts the app again.")
        firmware.power_on()


async def _until_one_ends_or_fails(tasks: Sequence[asyncio.Task[object]], ends: Sequence[asyncio.Task[object]]) -> None:
    """Wait until one of `ends` is done; raise what any of the tasks raises, at once."""
    waiting = set(tasks)
    while waiting and not any(task.done() for task in ends):
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def _keep_pace(world: World, end: bool) -> None:
    """Save the world's time now and then, and slow down to real time when the wearer's day is over."""
    while not world.over:
        world.save_time()
        await asyncio.sleep(min(SAVE_TIME_S, world.motion.duration_s - world.clock.now_s))
    world.save_time()
    if not end and world.clock.speed != 1:
        world.clock.set_speed(1)


@contextlib.contextmanager
def _locked(flash: Path) -> Iterator[None]:
    """Hold the lock of a flash folder. Raises BadInput if another simulated sensor holds it, or it can't be used."""
    lock = FileLock(flash / "twin.lock", thread_local=False)
    try:
        flash.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BadInput(
            f"Another simulated sensor runs on the flash in {flash}; end it, or name another folder with --flash."
        ) from error
    except OSError as error:
        raise unusable(flash, error) from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _flash_folder(flash: Path | None) -> Iterator[Path]:
    if flash is not None:
        with _locked(flash):
            yield flash
        return
    with tempfile.TemporaryDirectory(prefix="unslouch-twin-") as folder:
        yield Path(folder)
