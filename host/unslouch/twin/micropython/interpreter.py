"""The firmware in a real MicroPython: its process, its hardware behind two pipes, and its serial port."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import struct
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import unslouch_device
from unslouch.errors import BadInput, UnslouchError
from unslouch.twin.board import SimulatedBoard, Wiring
from unslouch.twin.calibrate import SETTLE_S
from unslouch.twin.firmware import UNIQUE_ID
from unslouch.twin.port import Port
from unslouch.twin.tasks import end_tasks
from unslouch.twin.world import World

from .pipe_protocol import ADC_FORMAT, ADC_READ, I2C_READ, I2C_WRITE, PIN_READ, PWM_WRITE, REQUEST_FORMAT

SCRIPT = Path(__file__).with_name("on_micropython.py")
HEAP = "1m"
END_POLL_S = 0.05
GRACE_S = 5.0


class _Hardware:
    """Serves the simulated hardware over pipes, in a thread; the firmware brings the time."""

    def __init__(self, world: World, board: ModuleType) -> None:
        self._world = world
        self.board = SimulatedBoard(world.clock.now_us, world.motion, Wiring.from_file(board), unique_id=UNIQUE_ID)
        machine = self.board.machine
        self._pin = machine.Pin
        self._adc = machine.ADC
        self._pwm = machine.PWM
        self._i2c = machine.I2C(
            board.I2C_ID, scl=machine.Pin(board.I2C_SCL), sda=machine.Pin(board.I2C_SDA), freq=board.I2C_HZ
        )

    def serve(self, requests: int, replies: int) -> None:
        """Answer until the other end is closed. Takes both file descriptors over."""
        with os.fdopen(requests, "rb") as source, os.fdopen(replies, "wb", buffering=0) as writer:
            while len(header := source.read(struct.calcsize(REQUEST_FORMAT))) == struct.calcsize(REQUEST_FORMAT):
                operation, address, number, value, now_us = struct.unpack(REQUEST_FORMAT, header)
                self._world.clock.now_s = now_us / 1e6
                data = source.read(value) if operation == I2C_WRITE else b""
                try:
                    answer = b"\0" + self._do(operation, address, number, value, data)
                except OSError as error:
                    answer = bytes((error.errno or 5,))
                with contextlib.suppress(BrokenPipeError):
                    writer.write(answer)

    def _do(self, operation: int, address: int, number: int, value: int, data: bytes) -> bytes:
        if operation == I2C_READ:
            buffer = bytearray(value)
            self._i2c.readfrom_mem_into(address, number, buffer)
            return bytes(buffer)
        if operation == I2C_WRITE:
            self._i2c.writeto_mem(address, number, data)
        elif operation == PIN_READ:
            return bytes((self._pin(number, self._pin.IN).value() or 0,))
        elif operation == ADC_READ:
            return struct.pack(ADC_FORMAT, self._adc(self._pin(number, self._pin.IN)).read_uv())
        elif operation == PWM_WRITE:
            self._pwm(self._pin(number, self._pin.OUT), duty_u16=value)
        return b""


@dataclass
class _Board:
    """A running interpreter."""

    process: asyncio.subprocess.Process
    hardware: threading.Thread


@contextlib.asynccontextmanager
async def _powered(world: World, board: ModuleType, micropython: str, calibrated: bool) -> AsyncIterator[_Board]:
    """Run the interpreter; at the end its stdin is closed, and it ends in good order."""
    if sys.platform == "win32":
        raise BadInput("A MicroPython can run the firmware on Linux and macOS only; leave --interpreter away.")
    if world.clock.speed < 1:
        raise BadInput("With --interpreter micropython the slowest --speed is 1; choose 1 or more.")
    arguments = _arguments(world, board, calibrated)
    request_read, request_write = os.pipe()
    reply_read, reply_write = os.pipe()
    thread = threading.Thread(
        target=_Hardware(world, board).serve, args=(request_read, reply_write), name="twin hardware"
    )
    thread.start()
    try:
        process = await asyncio.create_subprocess_exec(
            *(micropython, "-X", f"heapsize={HEAP}", str(SCRIPT)),
            *(f"/dev/fd/{request_write}", f"/dev/fd/{reply_read}", str(world.flash)),
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=(request_write, reply_read),
            env=os.environ | {"MICROPYPATH": f"{Path(unslouch_device.__file__).parents[1]}:.frozen"},
        )
    finally:
        os.close(request_write)
        os.close(reply_read)
    try:
        yield _Board(process, thread)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), GRACE_S)
        except TimeoutError:
            process.kill()
            await process.wait()
        thread.join()


def _arguments(world: World, board: ModuleType, calibrated: bool) -> list[str]:
    duration_s = -1.0 if math.isinf(world.motion.duration_s) else world.motion.duration_s
    return [
        "max" if math.isinf(world.clock.speed) else str(world.clock.speed),
        f"{world.clock.now_s:.3f}",
        f"{duration_s:.3f}",
        str(world.start_utc_ms if world.own_clock else -1),
        f"{world.motion.upright_at_s + SETTLE_S:.3f}" if calibrated else "-1",
        board.__name__.rpartition(".")[2],
    ]


async def run_in_micropython(
    world: World,
    board: ModuleType,
    port: Port,
    micropython: str,
    calibrated: bool,
    end: bool,
    announce: Callable[[str], None],
) -> None:
    """Serve the firmware, run by a MicroPython, on a port, until the day is over (if `end`) or for ever.

    Raises UnslouchError if the interpreter fails.
    """
    await port.open()
    try:
        async with _powered(world, board, micropython, calibrated) as powered:
            announce(port.address)
            jobs: list[asyncio.Task[object]] = [
                asyncio.create_task(_to_firmware(port, powered.process)),
                asyncio.create_task(_to_host(port, powered.process, micropython)),
                asyncio.create_task(_watch_day(world, end)),
            ]
            try:
                done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                for job in done:
                    job.result()
            finally:
                await end_tasks(jobs)
    finally:
        await port.close()
        world.save_time()


async def _to_firmware(port: Port, process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    while True:
        process.stdin.write(await port.read())
        await process.stdin.drain()


async def _to_host(port: Port, process: asyncio.subprocess.Process, micropython: str) -> None:
    assert process.stdout is not None
    said_anything = False
    while data := await process.stdout.read(4096):
        said_anything = True
        port.send(data)
    if not said_anything:
        raise BadInput(
            f"{micropython} ended at once with exit code {await process.wait()}; is it a MicroPython, 1.25 or newer?"
        )
    raise UnslouchError(
        f"The firmware's MicroPython ended with exit code {await process.wait()}; see what it said above."
    )


async def _watch_day(world: World, end: bool) -> None:
    while not (end and world.over):
        world.save_time()
        await asyncio.sleep(END_POLL_S if end else 1.0)
