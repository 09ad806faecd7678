"""Bluetooth LE: a transport over bleak whose values carry frames (contract.gatt)."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from unslouch.background import start_in_background
from unslouch.link.permission import check_permission
from unslouch.link.transport import WRITE_TIMEOUT_S, LinkLost, Transport
from unslouch_device.contract import gatt
from unslouch_device.contract.frames import FrameError, decode_frame, encode_frame
from unslouch_device.contract.messages import UPDATE_DATA

from .busy import while_busy
from .devices import Backends, find, is_bonded, left_behind, unpair
from .errors import FAILURES, as_failures, failure_from
from .failures import BondLost, Failure, NotPaired, OutOfReach

log = logging.getLogger(__name__)

CONNECT_S = 10.0
PAIR_S = 40.0  # a pairing times out after 30 s by itself, and the user may have to confirm it
SECURE_S = 5.0
CLOSE_S = 5.0
ACK_EVERY = gatt.WINDOW // 4
MOST_FRAMES = 4096  # the event loop reads them at once, unless it hangs for many seconds
CONNECT_TRIES = 3
"""A link that ends before it is encrypted may be chance. Three in a row mean that the sensor has no bond with us."""
UNANSWERED = frozenset({UPDATE_DATA})
"""Requests that are written without response, six instead of one in a connection event: their own replies tell of a
loss."""
FLAPS = 2
"""As often as this a link ends within one try only if the sensor lacks the keys of the bond. Then BlueZ connects again
by itself, four times a second; otherwise bleak gives up after the first time."""


class _Dropped(Exception):
    """A link ended before it was encrypted; `failure` is what that means if it happens again and again."""

    def __init__(self, failure: Failure, flaps: int = 1) -> None:
        super().__init__(failure)
        self.failure = failure
        self.flaps = flaps


class BleTransport(Transport):
    """A bonded, encrypted link to the sensor at an address; with `pair`, the link on which both are paired."""

    wired = False

    def __init__(self, address: str, backends: Backends | None = None, *, pair: bool = False) -> None:
        super().__init__(address)
        self._backends = backends or Backends()
        self._pair = pair
        self._client: BleakClient | None = None
        self._flaps = 0
        self._frames: list[tuple[int, bytes]] = []
        self._frame_errors = 0
        self._values_had = 0
        self._values_acknowledged = 0
        self._acknowledging: asyncio.Task[None] | None = None
        self._ack_due = asyncio.Event()
        self._changed = asyncio.Event()
        self._ended: Exception | None = None
        self._is_new = False
        """Whether this computer certainly has no bond, since it has just removed it."""
        self._write_lock = asyncio.Lock()

    @property
    def frame_errors(self) -> int:
        return self._frame_errors

    @property
    def address(self) -> str:
        """The address under which the system knows the sensor; pairing can change the one it was heard with."""
        return self.name if self._client is None else self._client.address

    # Opening

    async def open(self) -> None:
        await check_permission()
        for is_last in (False, True):
            try:
                await self._begin()
            except NotPaired as error:
                # Only while pairing: another device that claims this address must not cost us the bond.
                if not self._pair:
                    raise
                await self._leave()
                with suppress(OutOfReach):
                    await unpair(self.name, self._backends)  # half a bond would prevent the next try
                if is_last or not isinstance(error, BondLost):
                    raise
                self._is_new = True
            else:
                return

    async def _begin(self) -> None:
        self._ended = None
        with as_failures(self.name, Failure.UNUSABLE):
            await self._end_abandoned_link()
            device = await find([self.name], self._backends)
        if device is None:
            raise Failure.ABSENT.as_error(self.name)
        if not self._pair and is_bonded(device) is False:
            raise Failure.NOT_PAIRED.as_error(self.name)
        for tries in range(1, CONNECT_TRIES + 1):
            try:
                await self._link(device)
                break
            except _Dropped as dropped:
                await self._leave()
                if tries == CONNECT_TRIES or dropped.flaps >= FLAPS:
                    raise dropped.failure.as_error(self.name) from dropped
        self._acknowledging = start_in_background(
            self._acknowledge(), f"acknowledging pages of {self.name}", lambda _: self._end(Failure.LOST)
        )

    async def _end_abandoned_link(self) -> None:
        """End the link of a program that died: BlueZ keeps it, and with it the sensor's count of acknowledged values.

        A program that still runs holds the sensor's lock, so it is never its link that is ended.
        """
        device = await left_behind([self.name], self._backends)
        if device is not None:
            client = BleakClient(device, timeout=CONNECT_S, backend=self._backends.client)
            with suppress(*FAILURES):
                await client.connect()  # bleak ends only links that it has connected itself
            await _disconnect(client)

    async def _link(self, device: BLEDevice) -> None:
        client = await self._connected(device)
        with as_failures(self.name, Failure.UNREACHED):
            if self._pair:
                await self._bond(client)
            await self._secure(client, bonded=not self._pair or is_bonded(device) is True)
            await self._subscribe(client)

    async def _connected(self, device: BLEDevice) -> BleakClient:
        before = self._flaps
        client = self._client = BleakClient(
            device, self._disconnected, services=[gatt.SERVICE], timeout=CONNECT_S, backend=self._backends.client
        )
        try:
            await client.connect()
        except FAILURES as error:
            await _disconnect(client)  # BlueZ may be connected all the same
            flaps = self._flaps - before
            failure = failure_from(error, Failure.UNREACHED)
            # A sensor ends the link of a computer that it doesn't know as soon as it begins. BlueZ may report that as a
            # connection that failed.
            is_new = self._is_new or is_bonded(device) is False
            is_refused = flaps or (self._pair and is_new and not isinstance(error, TimeoutError))
            if failure is Failure.UNREACHED and is_refused:
                raise _Dropped(Failure.NOT_ACCEPTED if is_new else Failure.BOND_LOST, flaps) from error
            reason = "no answer" if isinstance(error, TimeoutError) else error
            raise failure.as_error(self.name, reason) from error
        self._ended = None
        return client

    async def _bond(self, client: BleakClient) -> None:
        try:
            async with asyncio.timeout(PAIR_S):
                await client.pair()
        except NotImplementedError:
            pass  # macOS pairs by itself when a write needs it
        except TimeoutError as error:
            raise Failure.NO_AGENT.as_error(self.name) from error

    async def _secure(self, client: BleakClient, bonded: bool) -> None:
        """Have the system encrypt the link, by a write that the sensor accepts on encrypted links only.

        bonded: whether there was a bond before. Without one, a sensor that disconnects does not accept this computer.
        """
        journal = self._characteristic(client, gatt.JOURNAL)
        try:
            async with asyncio.timeout(PAIR_S if self._pair else SECURE_S):
                write = partial(client.write_gatt_char, journal, gatt.pack_ack(0), response=True)
                await while_busy(write, SECURE_S)
        except (BleakError, TimeoutError) as error:
            refused = failure_from(error, Failure.UNREACHED if bonded else Failure.NOT_ACCEPTED)
            if refused is Failure.UNREACHED:  # it disconnected, or is at the edge of its range
                raise _Dropped(Failure.NOT_ACCEPTED if self._pair else Failure.NOT_PAIRED) from error
            raise refused.as_error(self.name, error) from error

    async def _subscribe(self, client: BleakClient) -> None:
        for uuid in (gatt.CONTROL, gatt.STREAM, gatt.JOURNAL):
            assembler = gatt.Assembler()

            def take(
                _: BleakGATTCharacteristic,
                value: bytearray,
                assembler: gatt.Assembler = assembler,
                counted: bool = uuid == gatt.JOURNAL,
            ) -> None:
                self._take(assembler, bytes(value), counted)

            subscribe = partial(client.start_notify, self._characteristic(client, uuid), take)
            await while_busy(subscribe, WRITE_TIMEOUT_S)

    def _characteristic(self, client: BleakClient, uuid: str) -> BleakGATTCharacteristic:
        characteristic = client.services.get_characteristic(uuid)
        if characteristic is None:
            raise Failure.NOT_A_SENSOR.as_error(self.name)
        return characteristic

    # Receiving

    def _take(self, assembler: gatt.Assembler, value: bytes, counted: bool) -> None:
        self.bytes_heard += len(value)
        if counted:
            self._values_had += 1
            if self._values_had - self._values_acknowledged >= ACK_EVERY:
                self._ack_due.set()
        frame = assembler.feed(value)
        if frame is None:
            return
        try:
            self._frames.append(decode_frame(frame))
        except FrameError:
            self._frame_errors += 1
        if len(self._frames) > MOST_FRAMES:
            self._frames.clear()
            self._end(Failure.FLOOD)
        self._changed.set()

    def _disconnected(self, client: BleakClient) -> None:
        if client is self._client:  # not a link that was given up before
            self._flaps += 1
            self._end(Failure.LOST)

    def _end(self, failure: Failure) -> None:
        if self._ended is None:
            self._ended = failure.as_error(self.name)
        self._changed.set()

    async def receive(self) -> list[tuple[int, bytes]]:
        while not self._frames:
            if self._ended is not None:
                raise LinkLost(str(self._ended))
            self._changed.clear()
            await self._changed.wait()
        frames, self._frames = self._frames, []
        return frames

    # Sending

    async def send(self, kind: int, payload: bytes) -> None:
        frame = encode_frame(kind, payload)
        async with self._write_lock, self._using() as client:
            control = self._characteristic(client, gatt.CONTROL)
            answered = kind not in UNANSWERED
            for value in gatt.values_of(frame, control.max_write_without_response_size):
                await while_busy(partial(client.write_gatt_char, control, value, response=answered), WRITE_TIMEOUT_S)

    async def _acknowledge(self) -> None:
        """Acknowledge the values of the journal that have come, ACK_EVERY at a time."""
        with suppress(LinkLost):  # receive() raises it, too
            while True:
                await self._ack_due.wait()
                self._ack_due.clear()
                self._values_acknowledged = self._values_had
                async with self._using() as client:
                    journal = self._characteristic(client, gatt.JOURNAL)
                    await client.write_gatt_char(
                        journal,
                        gatt.pack_ack(self._values_acknowledged),
                        response="write-without-response" not in journal.properties,
                    )

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[BleakClient]:
        """Give the open client; an error of it ends the link."""
        client = self._client
        if client is None or self._ended is not None:
            raise LinkLost(str(self._ended or Failure.CLOSED.as_error(self.name)))
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                yield client
        except FAILURES as error:
            self._end(Failure.STUCK if isinstance(error, TimeoutError) else Failure.LOST)
            raise LinkLost(str(self._ended)) from error

    # Closing

    async def close(self) -> None:
        self._end(Failure.CLOSED)
        await self._leave()

    async def _leave(self) -> None:
        client, self._client = self._client, None
        acknowledging, self._acknowledging = self._acknowledging, None
        try:
            if acknowledging is not None:
                acknowledging.cancel()
                await asyncio.wait([acknowledging])
        finally:
            if client is not None:
                # Shielded: a second cancellation must not leave the link open.
                await asyncio.shield(_disconnect(client))


async def _disconnect(client: BleakClient) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await client.disconnect()
    except FAILURES as error:
        log.debug("%s: %r", client.address, error)
