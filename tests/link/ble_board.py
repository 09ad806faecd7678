"""The fake board on the simulated radio, with the firmware's own rules of admission, and computers that come near."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from pathlib import Path

from link.fake_board import FakeBoard
from unslouch.link.ble.devices import Backends
from unslouch.link.ble.transport import BleTransport
from unslouch.twin.clock import WorldClock, WorldLoop
from unslouch.twin.radio import irq
from unslouch.twin.radio.adapters import OnAir
from unslouch.twin.radio.air import Air
from unslouch.twin.radio.attributes import READ_ENCRYPTED, WRITE_ENCRYPTED
from unslouch.twin.radio.bleak_client import client_on
from unslouch.twin.radio.bleak_scanner import scanner_on
from unslouch.twin.radio.bluetooth import SimulatedBluetooth
from unslouch.twin.radio.central import Central
from unslouch_device.contract import gatt, messages
from unslouch_device.contract.frames import Deframer, cobs_encode, encode_frame
from unslouch_device.link.admission import Admission
from unslouch_device.link.bonds import IDENTITY, Bonds

ADDRESS = "74:4D:BD:00:00:01"
_UUID = SimulatedBluetooth.UUID
_ENCRYPTED = READ_ENCRYPTED | WRITE_ENCRYPTED
_FLAGS = SimulatedBluetooth.FLAG_WRITE | SimulatedBluetooth.FLAG_WRITE_NO_RESPONSE | SimulatedBluetooth.FLAG_NOTIFY
_ADVERTISED = b"\x02\x01\x06\x11\x07" + bytes(_UUID(gatt.SERVICE))
PATIENCE_S = 60.0


class BleBoard:
    """Serves a FakeBoard to every admitted host; its attributes change what it does."""

    def __init__(self, air: Air, bonds: Path, board: FakeBoard | None = None, address: str = ADDRESS) -> None:
        self.board = board or FakeBoard()
        self.board.flags = 0
        self.address = address
        self.service = gatt.SERVICE
        self.mtu = 247
        self.addr_mode = 0
        self.acknowledged: list[int] = []
        self.journal_values = 0
        self.connections = 0
        self.closed = False
        """Whether it rests between two windows."""
        self._incoming: dict[int, asyncio.Queue[bytes]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._links_changed = asyncio.Event()
        self._bonds_path = str(bonds)
        self._adapter = OnAir(air, "sensor " + address[-2:], address)
        self.boot()

    def boot(self) -> None:
        """Switch the radio on, with the bonds that are stored."""
        self.bonds = Bonds(self._bonds_path)
        self.admission = Admission(self.bonds, self._hang_up)
        self.bluetooth = SimulatedBluetooth(self._adapter)
        self.ble = self.bluetooth.BLE()
        self.ble.irq(self._handle)
        self.ble.active(True)
        self.ble.config(addr_mode=self.addr_mode)
        self.ble.config(gap_name="unslouch", mtu=self.mtu, bond=True, le_secure=True, mitm=False, io=3)
        characteristics = tuple(
            (_UUID(uuid), _FLAGS | _ENCRYPTED) for uuid in (gatt.CONTROL, gatt.STREAM, gatt.JOURNAL)
        )
        ((self.control, self.stream, self.journal),) = self.ble.gatts_register_services(
            ((_UUID(self.service), characteristics),)
        )
        self.ble.gatts_set_buffer(self.control, 512)
        self.advertise()

    def _hang_up(self, handle: int) -> None:
        with contextlib.suppress(OSError):  # it ends already
            self.ble.gap_disconnect(handle)

    def advertise(self) -> None:
        if not self.closed:
            self.ble.gap_advertise(100_000, _ADVERTISED, resp_data=b"\x09\x09unslouch")

    def rest(self, rests: bool = True) -> None:
        """Close the window, or open the next."""
        self.closed = rests
        if rests:
            self.ble.gap_advertise(None)
        else:
            self.advertise()

    async def until_linked(self, linked: bool = True) -> None:
        """Wait until it serves a host, or none."""
        async with asyncio.timeout(PATIENCE_S):
            while bool(self._tasks) is not linked:
                self._links_changed.clear()
                await self._links_changed.wait()

    def forget(self) -> None:
        """Forget all hosts."""
        self.admission.forget()
        self.bonds.save()

    def power_off(self) -> None:
        self.bluetooth.lose_power()
        for handle in list(self._tasks):
            self._tasks.pop(handle).cancel()

    async def notify(self, handle: int, characteristic: int, value: bytes) -> None:
        """Send a value as soon as there is room for it."""
        while handle in self._tasks:
            try:
                self.ble.gatts_notify(handle, characteristic, value)
                return
            except OSError:
                await asyncio.sleep(0.005)
        raise ConnectionError

    def _handle(self, event: int, data: tuple[object, ...]) -> object:
        match event:
            case irq.CENTRAL_CONNECT:
                self.connections += 1
                self.admission.connected(data[0], data[1], bytes(data[2]))
                self._serve(data[0])
            case irq.CENTRAL_DISCONNECT:
                self.admission.disconnected(data[0])
                task = self._tasks.pop(data[0], None)
                self._links_changed.set()
                if task is not None:
                    task.cancel()
                self.advertise()
            case irq.ENCRYPTION_UPDATE:
                self.admission.encrypted(data[0], data[1], data[3], data[4])
            case irq.GET_SECRET:
                kind, index, key = data
                return self.bonds.get(kind, index, None if key is None else bytes(key))
            case irq.SET_SECRET:
                return set_secret(self.bonds, self.admission, *data)
            case irq.GATTS_WRITE:
                self._written(data[0], data[1], bytes(self.ble.gatts_read(data[1])))
        return None

    def _written(self, handle: int, characteristic: int, value: bytes) -> None:
        if not self.admission.admits(handle):
            return
        if characteristic == self.journal:
            self.acknowledged.append(gatt.unpack_ack(value))
        elif characteristic == self.control:
            self._incoming[handle].put_nowait(value)

    def _serve(self, handle: int) -> None:
        self._incoming[handle] = asyncio.Queue()
        self.journal_values = 0
        self.acknowledged.clear()
        assembler, deframer = gatt.Assembler(), Deframer()

        async def receive() -> bytes:
            while True:
                frame = assembler.feed(await self._incoming[handle].get())
                if frame is not None:
                    return b"\0" + cobs_encode(frame) + b"\0"

        async def send(wire: bytes) -> None:
            for kind, payload in deframer.feed(wire):
                await self._send_frame(handle, kind, encode_frame(kind, payload))

        async def served() -> None:
            try:
                await self.board._serve(receive, send)
            finally:
                if self._tasks.pop(handle, None) is not None:
                    self._links_changed.set()
                    self.ble.gap_disconnect(handle)

        self._tasks[handle] = asyncio.create_task(served())
        self._links_changed.set()

    async def _send_frame(self, handle: int, kind: int, frame: bytes) -> None:
        characteristic = {messages.REPLY: self.control, messages.PAGE: self.journal}.get(kind, self.stream)
        for value in gatt.values_of(frame, self.mtu - 3):
            if characteristic == self.journal:
                self.journal_values += 1
                while self.journal_values - max(self.acknowledged, default=0) > gatt.WINDOW:
                    await asyncio.sleep(0.005)
            await self.notify(handle, characteristic, value)


class BleScene:
    """The air, a board on it, and a laptop; `backends` are the laptop's."""

    def __init__(self, air: Air, board: BleBoard, laptop: Central, folder: Path) -> None:
        self.air = air
        self.board = board
        self.laptop = laptop
        self.folder = folder
        self.centrals = [laptop]
        self.boards = [board]

    @property
    def backends(self) -> Backends:
        return backends_of(self.laptop)

    def restart(self, **attributes: object) -> None:
        """Restart the board, with some of its attributes changed."""
        self.board.power_off()
        for name, value in attributes.items():
            setattr(self.board, name, value)
        self.board.boot()

    async def another_computer(self, name: str, address: str) -> Central:
        central = Central(self.air, name, address)
        await central.power_on()
        self.centrals.append(central)
        return central

    def another_board(self, address: str) -> BleBoard:
        self.boards.append(BleBoard(self.air, self.folder / f"bonds {address[-2:]}", FakeBoard(), address))
        return self.boards[-1]

    async def pair(self, central: Central | None = None, board: BleBoard | None = None) -> None:
        """Pair in the board's window, and leave."""
        board = board or self.board
        board.admission.window_open = True
        transport = BleTransport(
            board._adapter.address.to_string(False), backends_of(central or self.laptop), pair=True
        )
        try:
            await transport.open()
        finally:
            await transport.close()
        board.admission.window_open = False
        board.bonds.save()


def set_secret(bonds: Bonds, admission: Admission, kind: object, key: object, value: object) -> bool:
    """Take or delete a secret, as the firmware's Hosts does, but let the admission know at once."""
    key = bytes(key)
    if value is None:
        if not bonds.set_aside(kind, key):
            return False
        admission.set_aside(key)
    elif kind == IDENTITY:
        bonds.put(kind, key, bytes(value))
    else:
        admission.offered(kind, key, bytes(value))
    return True


def backends_of(central: Central) -> Backends:
    return Backends(client=client_on(central), scanner=scanner_on(central))


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so, for no more than PATIENCE_S of the world's time."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


def on_air(folder: Path, story: Callable[[BleScene], Awaitable[None]]) -> None:
    """Let a story happen between a board and a laptop, in a world that waits for nothing."""

    async def run() -> None:
        air = Air()
        board = BleBoard(air, folder / "bonds")
        laptop = Central(air)
        await laptop.power_on()
        scene = BleScene(air, board, laptop, folder)
        try:
            await story(scene)
        finally:
            for central in scene.centrals:
                central.power_off()
            for each in scene.boards:
                each.power_off()

    with asyncio.Runner(loop_factory=lambda: WorldLoop(WorldClock(math.inf))) as runner:
        runner.run(run())
