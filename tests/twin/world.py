"""A twin in the test's own process, in a world that waits for nothing: a host that speaks frames to the firmware."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType

from unslouch.twin.board import SimulatedBoard
from unslouch.twin.clock import WorldLoop
from unslouch.twin.firmware import Firmware
from unslouch.twin.machine.module import SimulatedMachine
from unslouch.twin.port import Port
from unslouch.twin.wearer.motion import MotionSource
from unslouch.twin.world import World
from unslouch_device.app import App
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract.frames import Deframer, to_wire
from unslouch_device.contract.pages import Page, unpack_page
from unslouch_device.contract.records import RECORD_BYTES, is_event, unpack_event


class MemoryPort(Port):
    """A port whose host is the test."""

    def __init__(self) -> None:
        super().__init__()
        self._deframer = Deframer()
        self.frames: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()

    @property
    def address(self) -> str:
        return "memory"

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""

    def _wake_writer(self) -> None:
        for frame in self._deframer.feed(bytes(self._outgoing)):
            self.frames.put_nowait(frame)
        self._sent(len(self._outgoing))


class TestWorld:
    """A world with the firmware in it, powered on."""

    __test__ = False

    def __init__(
        self,
        motion: MotionSource,
        flash: Path,
        own_clock: bool,
        odr_error: float,
        board: ModuleType,
        slots: Path | None = None,
    ) -> None:
        self.world = World.begin(motion, flash, math.inf if own_clock else 1, None)
        self.world.clock.set_speed(math.inf)
        self.port = MemoryPort()
        self.firmware = Firmware(self.world, self.port, board=board, odr_error=odr_error, slots=slots)
        self.seen: list[tuple[int, bytes]] = []
        self._tag = 0

    def power_on(self, reset_cause: int = SimulatedMachine.PWRON_RESET) -> None:
        self.firmware.power_on(reset_cause=reset_cause)

    @property
    def app(self) -> App:
        """The app of the present boot."""
        assert self.firmware.app is not None
        return self.firmware.app

    @property
    def hardware(self) -> SimulatedBoard:
        """The board of the present boot."""
        assert self.firmware.hardware is not None
        return self.firmware.hardware

    async def ask(self, kind: int, *fields: int | bytes) -> tuple[int, bytes]:
        """Send a request and return (status, data) of its reply; what else comes goes to `seen`."""
        self._tag = (self._tag + 1) % 200
        return await self.ask_raw(to_wire(kind, m.pack_request(kind, self._tag, *fields)), self._tag)

    async def ask_raw(self, wire: bytes, tag: int) -> tuple[int, bytes]:
        """Send bytes and return (status, data) of the reply with a tag."""
        self.port.inject(wire)
        async with asyncio.timeout(60):
            while True:
                kind, payload = await self.port.frames.get()
                if kind == m.REPLY and payload[0] == tag:
                    return payload[1], payload[2:]
                self.seen.append((kind, payload))

    async def pages(self) -> list[Page]:
        """Flush and fetch the whole journal."""
        self.app.journal.flush()
        self.seen.clear()
        status, data = await self.ask(m.FETCH, self.app.journal.id, 0, 0xFFFF)
        assert status == m.OK
        assert p.FetchReply(data).next_sequence == self.app.journal.flushed_sequence
        return [unpack_page(payload) for kind, payload in self.seen if kind == m.PAGE]


def in_world(
    motion: MotionSource,
    flash: Path,
    story: Callable[[TestWorld], Awaitable[None]],
    *,
    own_clock: bool = True,
    odr_error: float = 0.0,
    board: ModuleType = xiao_esp32s3,
    slots: Path | None = None,
) -> None:
    """Power a board on and let a story happen to it. slots: see Firmware."""
    world = TestWorld(motion, flash, own_clock, odr_error, board, slots)

    async def run() -> None:
        world.power_on()
        try:
            await story(world)
        finally:
            await world.firmware.switch_off()

    with asyncio.Runner(loop_factory=lambda: WorldLoop(world.world.clock)) as runner:
        runner.run(run())


def events(pages: list[Page]) -> list[tuple[int, tuple[int, ...]]]:
    """(code, fields) of every event."""
    found = []
    for page in pages:
        for at in range(0, len(page.records), RECORD_BYTES):
            record = page.records[at : at + RECORD_BYTES]
            if is_event(record):
                code, _, fields = unpack_event(record)
                found.append((code, fields))
    return found


def codes(pages: list[Page]) -> list[int]:
    """The code of every event."""
    return [code for code, _ in events(pages)]


async def pulses_ms(world: TestWorld) -> list[int]:
    """The lengths of what the motor has played until now, and what it is playing still."""
    await asyncio.sleep(3)
    return [round(pulse.duration_us / 1e3) for pulse in world.hardware.motor.pulses()]


def tilt_deg(world: TestWorld) -> tuple[float, float]:
    """Forward and lateral tilt now."""
    forward, lateral = world.app.pipeline.shown_tilt()
    return forward / 100, lateral / 100
