"""Bluetooth LE, by bleak: hearing sensors, pairing, and a transport whose values carry frames (contract.gatt)."""

import asyncio
import logging
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import bleak
from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from unslouch_device.contract import gatt
from unslouch_device.contract.frames import FrameError, decode_frame, encode_frame

from .ble_troubles import BondLost, NotPaired, OutOfReach, Trouble
from .permission import check_permission
from .transport import WRITE_TIMEOUT_S, LinkLost, Transport

log = logging.getLogger(__name__)

LISTEN_S = 6.0
DEARER_S = 2.0  # so long it is waited for a sensor that would be liked better than the one that is heard
CONNECT_S = 10.0
PAIR_S = 40.0  # the pairing's own timeout is 30 s, and somebody may have to confirm it
SECURE_S = 5.0
CLOSE_S = 5.0
LONGEST_NAME = 32
ACK_EVERY = gatt.WINDOW // 4
MOST_FRAMES = 4096  # read by the event loop at once, unless it hangs for many seconds
CONNECT_TRIES = 3
"""A link that ends before it is of use may be bad luck. Three in a row mean that the sensor doesn't know us."""
FLAPS = 2
"""So often in one try a link ends only if the sensor lacks the keys of the bond: else bleak gives up after the first
time, but then BlueZ goes on by itself, four times a second."""

_FAILURES = (BleakError, OSError, EOFError)  # TimeoutError is an OSError; D-Bus ends in an EOFError when it goes
_REASONS = {
    BleakBluetoothNotAvailableReason.POWERED_OFF: Trouble.OFF,
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: Trouble.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: Trouble.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: Trouble.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: Trouble.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: Trouble.DENIED,
}
# https://git.kernel.org/pub/scm/bluetooth/bluez.git/tree/doc (adapter and device API), and D-Bus's own names
_DBUS_ERRORS = {
    "org.bluez.Error.NotReady": Trouble.OFF,
    "org.bluez.Error.NotPermitted": Trouble.NOT_PAIRED,
    "org.bluez.Error.NotAuthorized": Trouble.NOT_PAIRED,
    "org.bluez.Error.AuthenticationFailed": Trouble.NO_AGENT,
    "org.bluez.Error.AuthenticationCanceled": Trouble.NOT_LET_IN,
    "org.bluez.Error.AuthenticationRejected": Trouble.NOT_LET_IN,
    "org.bluez.Error.AuthenticationTimeout": Trouble.NO_AGENT,
    "org.freedesktop.DBus.Error.ServiceUnknown": Trouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Trouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.AccessDenied": Trouble.DENIED,
}
_NEEDS_SECURITY = (0x05, 0x08, 0x0C, 0x0F)  # ATT: authentication, authorization, key size, encryption
_PEER_FORGOT = "Peer removed pairing information"  # CBError 14, which bleak passes on as text


@dataclass(frozen=True)
class Backends:
    """What takes the operating system's place behind bleak; None: nothing does."""

    client: type[BaseBleakClient] | None = None
    scanner: type[BaseBleakScanner] | None = None


@dataclass(frozen=True)
class Heard:
    """A sensor whose advertisement was heard."""

    address: str
    name: str
    strength_dBm: int


async def listen(duration_s: float, backends: Backends | None = None) -> list[Heard]:
    """Return the sensors heard within a time, strongest first; raises BluetoothUnavailable."""
    await check_permission()
    with _told("", Trouble.UNUSABLE):
        async with _scanner(backends or Backends()) as scanner:
            await asyncio.sleep(duration_s)
            found = scanner.discovered_devices_and_advertisement_data.values()
    heard = [
        Heard(device.address, _shown(said.local_name or device.name or ""), said.rssi)
        for device, said in found
        if gatt.SERVICE in said.service_uuids  # some systems hand over what other programs have asked for, too
    ]
    return sorted(heard, key=lambda each: -each.strength_dBm)


def _shown(name: str) -> str:
    """Return what may go to a terminal of a name that anybody can send."""
    return "".join(c for c in name if c.isprintable())[:LONGEST_NAME]


def _scanner(backends: Backends) -> BleakScanner:
    return BleakScanner(service_uuids=[gatt.SERVICE], backend=backends.scanner)


async def first_heard(addresses: Sequence[str], backends: Backends | None = None) -> str | None:
    """Return which of several sensors, dearest first, can be linked now; None if none is heard within LISTEN_S."""
    await check_permission()
    with _told("", Trouble.UNUSABLE):
        found = await _found(addresses, backends or Backends())
    return next((address for address in addresses if found is not None and _is_at(found, address)), None)


async def unpair(address: str, backends: Backends | None = None) -> bool:
    """Have the operating system forget a device; return False where it has to be done by hand.

    Raises OutOfReach if it may still know the device, which can't be told without hearing it.
    """
    await check_permission()
    backends = backends or Backends()
    with _told(address, Trouble.UNUSABLE):
        # BlueZ files a device under the address it was first seen with, which need not be the one it has since pairing.
        device = await _found([address], backends)
        client = BleakClient(device or address, timeout=LISTEN_S, backend=backends.client)
        try:
            await client.unpair()
        except NotImplementedError:  # macOS
            return False
        except BleakDeviceNotFoundError as error:
            if device is None:
                raise Trouble.STILL_KNOWN.told(address) from error
    return True


async def _found(addresses: Sequence[str], backends: Backends) -> BLEDevice | None:
    """Find the device of one of several addresses: still linked to, or heard within LISTEN_S."""
    return await _left_behind(addresses, backends) or await _heard(addresses, backends)


async def _heard(addresses: Sequence[str], backends: Backends) -> BLEDevice | None:
    """Find the device of the first of several addresses that is heard, or of one before it that is heard soon after."""
    loop = asyncio.get_running_loop()
    found: dict[str, BLEDevice] = {}
    wanted = [address.lower() for address in addresses]
    with suppress(TimeoutError):
        async with asyncio.timeout(LISTEN_S) as patience, _scanner(backends) as scanner:
            async for device, _ in scanner.advertisement_data():
                address = device.address.lower()
                if address == wanted[0]:
                    return device
                if address in wanted:
                    if not found:
                        patience.reschedule(min(patience.when() or 0.0, loop.time() + DEARER_S))
                    found[address] = device
    return next((found[address] for address in wanted if address in found), None)


async def _left_behind(addresses: Sequence[str], backends: Backends) -> BLEDevice | None:
    """Find one of several devices among those that the system is still linked to, and which thus can't be heard."""
    adapter = getattr(bleak, "BleakAdapter", None)  # from bleak 3.1 on
    if adapter is None or backends.client is not None:
        return None
    try:
        linked = await (await adapter.get()).get_connected_devices([gatt.SERVICE])
    except NotImplementedError:
        return None
    return next((device for address in addresses for device in linked if _is_at(device, address)), None)


def _is_at(device: BLEDevice, address: str) -> bool:
    return device.address.lower() == address.lower()


class _Dropped(Exception):
    """A link ended before it was of use; `trouble` is what that means if it is no bad luck."""

    def __init__(self, trouble: Trouble, flaps: int = 1) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.flaps = flaps


class BleTransport(Transport):
    """A bonded, encrypted link to the sensor at an address; with `pair`, one that it need not be bonded for yet."""

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
        self._news = asyncio.Event()
        self._ended: Exception | None = None
        self._write_lock = asyncio.Lock()

    @property
    def frame_errors(self) -> int:
        return self._frame_errors

    @property
    def address(self) -> str:
        """Where the system finds the sensor: while a link is up that was paired, not always where it was heard."""
        return self.name if self._client is None else self._client.address

    # Opening

    async def open(self) -> None:
        await check_permission()
        for is_last in (False, True):
            try:
                await self._begin()
            except NotPaired as error:
                # Only when somebody asks for a pairing: a stranger under this address must not cost us the bond.
                if not self._pair:
                    raise
                await self._leave()
                with suppress(OutOfReach):
                    await unpair(self.name, self._backends)  # half a bond would be in the way of the next try
                if is_last or not isinstance(error, BondLost):
                    raise
            else:
                return

    async def _begin(self) -> None:
        self._ended = None
        with _told(self.name, Trouble.UNUSABLE):
            await self._end_what_was_left_behind()
            device = await _found([self.name], self._backends)
        if device is None:
            raise Trouble.ABSENT.told(self.name)
        if not self._pair and _paired(device) is False:
            raise Trouble.NOT_PAIRED.told(self.name)
        for tries in range(1, CONNECT_TRIES + 1):
            try:
                await self._link(device)
                break
            except _Dropped as dropped:
                await self._leave()
                if tries == CONNECT_TRIES or dropped.flaps >= FLAPS:
                    raise dropped.trouble.told(self.name) from dropped
        self._acknowledging = asyncio.create_task(self._acknowledge(), name=f"acknowledge {self.name}")

    async def _end_what_was_left_behind(self) -> None:
        """End the link of a program that died: BlueZ keeps it, and the sensor's count of what has been acknowledged.

        One that lives has the sensor for itself (recorder.ownership), so that it is never its link.
        """
        device = await _left_behind([self.name], self._backends)
        if device is not None:
            client = BleakClient(device, timeout=CONNECT_S, backend=self._backends.client)
            with suppress(*_FAILURES):
                await client.connect()  # bleak ends only links that it has joined
            await _disconnect(client)

    async def _link(self, device: BLEDevice) -> None:
        client = await self._connected(device)
        with _told(self.name, Trouble.UNREACHED):
            if self._pair:
                await self._bond(client)
            await self._secure(client, bonded=not self._pair or _paired(device) is True)
            await self._subscribe(client)

    async def _connected(self, device: BLEDevice) -> BleakClient:
        before = self._flaps
        client = self._client = BleakClient(
            device, self._disconnected, services=[gatt.SERVICE], timeout=CONNECT_S, backend=self._backends.client
        )
        try:
            await client.connect()
        except _FAILURES as error:
            await _disconnect(client)  # which may believe to be connected all the same
            flaps = self._flaps - before
            trouble = _trouble(error, Trouble.UNREACHED)
            if trouble is Trouble.UNREACHED and flaps:
                raise _Dropped(Trouble.BOND_LOST, flaps) from error
            reason = "no answer" if isinstance(error, TimeoutError) else error
            raise trouble.told(self.name, reason) from error
        self._ended = None  # this one lasts
        return client

    async def _bond(self, client: BleakClient) -> None:
        try:
            async with asyncio.timeout(PAIR_S):
                await client.pair()
        except NotImplementedError:
            pass  # macOS pairs by itself as soon as it is needed
        except TimeoutError as error:
            raise Trouble.NO_AGENT.told(self.name) from error

    async def _secure(self, client: BleakClient, bonded: bool) -> None:
        """Have the link encrypted: the sensor takes this write on no other, and the system then sees to it.

        bonded: whether there was a bond before. Else a sensor that hangs up is one that doesn't let us in.
        """
        journal = self._characteristic(client, gatt.JOURNAL)
        try:
            async with asyncio.timeout(PAIR_S if self._pair else SECURE_S):
                await client.write_gatt_char(journal, struct.pack(gatt.ACK_FORMAT, 0), response=True)
        except (BleakError, TimeoutError) as error:
            refused = _trouble(error, Trouble.UNREACHED if bonded else Trouble.NOT_LET_IN)
            if refused is Trouble.UNREACHED:  # hung up on us, or is at the edge of its reach
                raise _Dropped(Trouble.NOT_LET_IN if self._pair else Trouble.NOT_PAIRED) from error
            raise refused.told(self.name, error) from error

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

            await client.start_notify(self._characteristic(client, uuid), take)

    def _characteristic(self, client: BleakClient, uuid: str) -> BleakGATTCharacteristic:
        found = client.services.get_characteristic(uuid)
        if found is None:
            raise Trouble.NOT_A_SENSOR.told(self.name)
        return found

    # What comes

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
            self._end(Trouble.FLOOD)
        self._news.set()

    def _disconnected(self, client: BleakClient) -> None:
        if client is self._client:  # not one that we have left
            self._flaps += 1
            self._end(Trouble.LOST)

    def _end(self, trouble: Trouble) -> None:
        if self._ended is None:
            self._ended = trouble.told(self.name)
        self._news.set()

    async def receive(self) -> list[tuple[int, bytes]]:
        while not self._frames:
            if self._ended is not None:
                raise LinkLost(str(self._ended))
            self._news.clear()
            await self._news.wait()
        frames, self._frames = self._frames, []
        return frames

    # What goes

    async def send(self, kind: int, payload: bytes) -> None:
        frame = encode_frame(kind, payload)
        async with self._write_lock, self._using() as client:
            control = self._characteristic(client, gatt.CONTROL)
            for value in gatt.values_of(frame, control.max_write_without_response_size):
                await client.write_gatt_char(control, value, response=True)

    async def _acknowledge(self) -> None:
        """Let the sensor know how many values of the journal have come, some at a time."""
        with suppress(LinkLost):  # told to whoever receives
            while True:
                await self._ack_due.wait()
                self._ack_due.clear()
                self._values_acknowledged = self._values_had
                async with self._using() as client:
                    journal = self._characteristic(client, gatt.JOURNAL)
                    await client.write_gatt_char(
                        journal,
                        struct.pack(gatt.ACK_FORMAT, self._values_acknowledged & 0xFFFFFFFF),
                        response="write-without-response" not in journal.properties,
                    )

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[BleakClient]:
        """Give the open client; what goes wrong with it ends the link."""
        client = self._client
        if client is None or self._ended is not None:
            raise LinkLost(str(self._ended or Trouble.CLOSED.told(self.name)))
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                yield client
        except _FAILURES as error:
            self._end(Trouble.STUCK if isinstance(error, TimeoutError) else Trouble.LOST)
            raise LinkLost(str(self._ended)) from error

    # Closing

    async def close(self) -> None:
        self._end(Trouble.CLOSED)
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
                # Shielded: a second cancellation must not leave the link up behind us.
                await asyncio.shield(_disconnect(client))


async def _disconnect(client: BleakClient) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await client.disconnect()
    except _FAILURES as error:
        log.debug("%s: %r", client.address, error)


@contextmanager
def _told(name: str, other: Trouble) -> Iterator[None]:
    """Turn what bleak raises into our errors: `other` where it is nothing known."""
    try:
        yield
    except _FAILURES as error:
        raise _trouble(error, other).told(name, error) from error


def _paired(device: BLEDevice) -> bool | None:
    """Whether the system has a bond with a device; BlueZ knows, others don't say."""
    known = device.details.get("props", {}) if isinstance(device.details, dict) else {}
    return known.get("Paired")


def _trouble(error: Exception, other: Trouble) -> Trouble:
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _REASONS.get(error.reason, Trouble.UNUSABLE)
    if isinstance(error, BleakDeviceNotFoundError):
        return Trouble.ABSENT
    if isinstance(error, BleakDBusError):
        return _DBUS_ERRORS.get(error.dbus_error, other)
    if isinstance(error, BleakGATTProtocolError) and error.code in _NEEDS_SECURITY:
        return Trouble.NOT_PAIRED
    if _PEER_FORGOT in str(error):
        return Trouble.BOND_LOST
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):  # no D-Bus, so no BlueZ
        return Trouble.NO_SERVICE
    return other
