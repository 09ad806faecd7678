"""A client for bleak on the simulated air that behaves like BlueZ: give client_on() to BleakClient as its backend.

Like BlueZ it re-encrypts a bonded link by itself, pairs and tries again when a value is refused on a plain link,
reports an MTU of 23, and connects again and again to a device that has lost its bond. Errors are those that bleak
raises on BlueZ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final, TypeVar

from bleak import BleakScanner
from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att
from bumble.core import BaseBumbleError, ProtocolError
from bumble.core import TimeoutError as BumbleTimeoutError
from bumble.device import Connection, Peer
from bumble.hci import HCI_Error

from unslouch.background import start_in_background

from .bleak_scanner import scanner_on, uuid_text
from .central import Central, name_of

ASKED_MTU: Final = 517
REPORTED_MTU: Final = 23
"""What bleak says on BlueZ, whatever was negotiated."""
_RETRY_S: Final = 0.25
"""How often BlueZ tries again with a device that has lost its bond."""
_UNLIKELY: Final = 0x0E
_NEEDS_SECURITY: Final = (0x05, 0x0F)  # insufficient authentication, insufficient encryption
_PROPERTIES: Final[tuple[tuple[int, CharacteristicPropertyName], ...]] = (
    (0x02, "read"),
    (0x04, "write-without-response"),
    (0x08, "write"),
    (0x10, "notify"),
    (0x20, "indicate"),
)
T = TypeVar("T")


class RadioClient(BaseBleakClient):
    """A connection of one adapter to one device."""

    central: ClassVar[Central]

    def __init__(
        self, address_or_ble_device: BLEDevice | str, *, services: set[str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._seen = isinstance(address_or_ble_device, BLEDevice)
        self._name = address_or_ble_device.name if isinstance(address_or_ble_device, BLEDevice) else None
        self._wanted = services
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._subscribed: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return REPORTED_MTU

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    # Connecting

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        if self.is_connected:
            raise BleakError("Client is already connected")
        self.central.check()
        if not self._seen:
            await self._look_for()
        if self.address not in self.central.known:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.")
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._timeout
        async with asyncio.timeout_at(until_s):
            while not await self._try_to_connect(until_s - loop.time(), pair):
                await asyncio.sleep(_RETRY_S)

    async def _look_for(self) -> None:
        device = await BleakScanner.find_device_by_address(
            self.address, timeout=self._timeout, backend=scanner_on(self.central)
        )
        self._name = device.name if device is not None else None

    async def _try_to_connect(self, timeout_s: float, pair: bool) -> bool:
        """Connect and discover the services; returns whether that succeeded."""
        try:
            connection = await self.central.connect(self.central.known[self.address], timeout_s)
        except BumbleTimeoutError as error:
            raise TimeoutError from error
        self._connection, self._peer = connection, Peer(connection)
        connection.on("disconnection", lambda _: self._lost(connection))
        connection.on("security_request", lambda _: start_in_background(self._secure(connection), "Encrypting a link"))
        try:
            if await self.central.has_bond(connection.peer_address):
                await self._until_link_lost(connection.encrypt())
            elif pair:
                await self.pair()
            await self._until_link_lost(self._peer.request_mtu(ASKED_MTU))
            await self._until_link_lost(self._peer.discover_all())  # type: ignore[no-untyped-call]
        except (HCI_Error, BleakGATTProtocolError):
            await self.disconnect()
            return False
        except BaseException:
            await self.disconnect()
            raise
        self.services = self._services()
        return True

    async def _secure(self, connection: Connection) -> None:
        """Answer the device's request for encryption."""
        try:
            if await self.central.has_bond(connection.peer_address):
                await self._until_link_lost(connection.encrypt())
            else:
                await self.pair()
        except (HCI_Error, BleakError):
            await self.disconnect()

    def _lost(self, connection: Connection) -> None:
        if self._connection is not connection:
            return
        self._connection = self._peer = None
        self.services = None
        self._subscribed.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if connection.device.connections.get(connection.handle) is not connection:
            self._lost(connection)
            return
        disconnected = asyncio.Event()
        connection.on("disconnection", lambda _: disconnected.set())
        asyncio.get_running_loop().call_soon(_hang_up, connection)
        await disconnected.wait()

    # Bonds

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        connection = self._linked()
        if connection.encryption and await self.central.has_bond(connection.peer_address):
            return
        if not self.central.agent:
            raise BleakDBusError("org.bluez.Error.AuthenticationFailed", ["Authentication Failed"])
        try:
            await self._until_link_lost(connection.pair())
        except BleakGATTProtocolError as error:
            raise BleakDBusError("org.bluez.Error.AuthenticationCanceled", ["Authentication Canceled"]) from error
        except (BaseBumbleError, BleakError) as error:
            raise BleakDBusError("org.bluez.Error.AuthenticationFailed", ["Authentication Failed"]) from error
        self._use_identity(name_of(connection.peer_address))

    def _use_identity(self, address: str) -> None:
        """Use the identity address that the device sent while it was paired, as bleak does on BlueZ."""
        self.central.known.setdefault(address, self.central.known[self.address])
        self.address = address

    async def unpair(self) -> None:
        address = self.central.known.get(self.address)
        if address is None:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.")
        connection = self._connection
        identity = connection.peer_address if connection is not None else self.central.identity_of(address)
        await self.disconnect()
        await self.central.forget(identity)

    # Values

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        return bytearray(await self._with_security(lambda: characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        return bytearray(await self._with_security(lambda: descriptor.obj.read_value()))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        value = bytes(data)
        room = self._room()
        if len(value) <= room:
            await self._with_security(lambda: characteristic.obj.write_value(value, with_response=response))
        elif response:
            client, handle = characteristic.obj.client, characteristic.obj.handle
            await self._with_security(lambda: client.write_long_value(handle, value))
        else:
            raise BleakGATTProtocolError(att.ATT_INVALID_ATTRIBUTE_LENGTH_ERROR)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        await self._with_security(lambda: descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        if characteristic.handle in self._subscribed:
            raise BleakError("Notifications are already enabled on this characteristic")

        def deliver(value: bytes) -> None:
            callback(bytearray(value))

        prefer_notify = "notify" in characteristic.properties
        self._subscribed[characteristic.handle] = deliver
        try:
            await self._with_security(lambda: characteristic.obj.subscribe(deliver, prefer_notify))
        except BaseException:
            self._subscribed.pop(characteristic.handle, None)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        deliver = self._subscribed.pop(characteristic.handle, None)
        if deliver is None:
            raise BleakError("Notifications are not enabled on this characteristic")
        await self._with_bleak_errors(characteristic.obj.unsubscribe(deliver))

    # Within

    def _linked(self) -> Connection:
        if self._connection is None:
            raise BleakError("Not connected")
        return self._connection

    def _room(self) -> int:
        return self._connection.att_mtu - 3 if self._connection is not None else REPORTED_MTU - 3

    async def _until_link_lost(self, action: Awaitable[T]) -> T:
        """Await an action of bumble, which cancels it if the link is lost; raises what BlueZ reports then."""
        try:
            return await action
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise BleakGATTProtocolError(_UNLIKELY) from error

    async def _with_bleak_errors(self, action: Awaitable[T]) -> T:
        """Await an action of bumble, and raise bleak's errors instead of bumble's."""
        try:
            return await self._until_link_lost(action)
        except ProtocolError as error:
            if error.error_namespace == "att":
                raise BleakGATTProtocolError(error.error_code or _UNLIKELY) from error
            raise BleakError(str(error)) from error
        except BaseBumbleError as error:
            raise BleakError(str(error)) from error

    async def _with_security(self, action: Callable[[], Awaitable[T]]) -> T:
        """Do something, and once more after pairing if it was refused on a plain link."""
        connection = self._linked()
        try:
            return await self._with_bleak_errors(action())
        except BleakGATTProtocolError as error:
            if error.code not in _NEEDS_SECURITY or connection.encryption:
                raise
            refused = error
        try:
            await self.pair()
        except BleakDBusError:
            raise refused from None
        return await self._with_bleak_errors(action())

    def _services(self) -> BleakGATTServiceCollection:
        assert self._peer is not None
        services = BleakGATTServiceCollection()
        for discovered in self._peer.services:
            if self._wanted and uuid_text(discovered.uuid) not in self._wanted:
                continue
            service = BleakGATTService(discovered, discovered.handle, uuid_text(discovered.uuid))
            services.add_service(service)
            for value in discovered.characteristics:
                properties = [name for bit, name in _PROPERTIES if value.properties & bit]
                # bleak names the declaration's handle, bumble the value's.
                characteristic = BleakGATTCharacteristic(
                    value, value.handle - 1, uuid_text(value.uuid), properties, self._room, service
                )
                services.add_characteristic(characteristic)
                for descriptor in value.descriptors:
                    services.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, uuid_text(descriptor.type), characteristic)
                    )
        return services


def client_on(central: Central) -> type[BaseBleakClient]:
    """The backend for a BleakClient that connects with this adapter."""
    return type("RadioClientOnAdapter", (RadioClient,), {"central": central})


def _hang_up(connection: Connection) -> None:
    if connection.device.connections.get(connection.handle) is connection:
        start_in_background(connection.disconnect(), "Ending a connection")
