"""The values behind the characteristics of a simulated board, as MicroPython on NimBLE keeps and guards them."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bumble import att
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor, Service

from .buffers import Buffers
from .gatt_server import BoardServer
from .uuids import UUID

FLAG_READ: Final = 0x0002
FLAG_WRITE_NO_RESPONSE: Final = 0x0004
FLAG_WRITE: Final = 0x0008
READ_ENCRYPTED: Final = 0x0200
READ_AUTHENTICATED: Final = 0x0400
WRITE_ENCRYPTED: Final = 0x1000
WRITE_AUTHENTICATED: Final = 0x2000
DEFAULT_BUFFER_BYTES: Final = 20
"""MP_BLUETOOTH_DEFAULT_ATTR_LEN of MicroPython's extmod/modbluetooth.h."""

DescriptorSpec = tuple[UUID, int]
CharacteristicSpec = tuple[UUID, int] | tuple[UUID, int, Sequence[DescriptorSpec]]
ServiceSpec = tuple[UUID, Sequence[CharacteristicSpec]]


class Guard(Protocol):
    """What the attributes need from the stack they belong to."""

    def authenticated(self, connection: Connection) -> bool:
        """Whether the link's key was made with protection against a man in the middle."""

    def has_bond(self, connection: Connection) -> bool:
        """Ask the firmware whether it has keys of a peer."""

    def hang_up(self, connection: Connection) -> None:
        """End a link."""

    def asked_to_read(self, connection: Connection, value_handle: int) -> int:
        """Ask the firmware whether a peer may read; returns 0 or an ATT error."""

    def written(self, connection: Connection, value_handle: int) -> None:
        """Report to the firmware that a peer has written."""


@dataclass
class Value:
    """One characteristic's or descriptor's value, and its buffer."""

    flags: int
    guarded: bool
    data: bytes = b""
    buffer_bytes: int = DEFAULT_BUFFER_BYTES
    append: bool = False
    handle: int = 0

    def take(self, data: bytes) -> None:
        """Take what a peer wrote; what exceeds the buffer is dropped in silence."""
        before = self.data if self.append else b""
        self.data = (before + data)[: self.buffer_bytes]


class Attributes:
    """All values of a board by handle, and the server through which peers reach them."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._values: dict[int, Value] = {}

    def value(self, handle: int) -> Value:
        """Return a value; raises OSError (EINVAL) where there is none."""
        if handle not in self._values:
            raise OSError(errno.EINVAL, "no such value handle")
        return self._values[handle]

    def begin(self, device: Device, buffers: Buffers) -> None:
        """Give the device the services that every one has, as the radio is switched on."""
        self._buffers = buffers
        self._values = {}
        device.gatt_server = BoardServer(device, self, buffers)

    def register(self, device: Device, services: Iterable[ServiceSpec]) -> tuple[tuple[int, ...], ...]:
        """Replace the device's services and return the value handles, service by service."""
        server = BoardServer(device, self, self._buffers, device.gatt_server.next_handle())
        server.max_mtu = device.gatt_server.max_mtu
        device.gatt_server = server
        self._values = {}
        return tuple(self._add_service(server, *service) for service in services)

    def _add_service(
        self, server: BoardServer, uuid: UUID, characteristics: Sequence[CharacteristicSpec]
    ) -> tuple[int, ...]:
        made: list[tuple[Value, Characteristic[bytes] | Descriptor]] = []
        bumble_characteristics = []
        for specification in characteristics:
            descriptors = []
            for descriptor_uuid, flags in specification[2] if len(specification) > 2 else ():
                value = Value(flags, guarded=False)
                descriptor = Descriptor(descriptor_uuid.for_bumble(), _permissions(flags), self._access(value))
                descriptors.append((value, descriptor))
            value = Value(specification[1], guarded=True)
            characteristic = Characteristic[bytes](
                specification[0].for_bumble(),
                Characteristic.Properties(value.flags & 0xFF),
                _permissions(value.flags),
                self._access(value),
                [descriptor for _, descriptor in descriptors],
            )
            bumble_characteristics.append(characteristic)
            made.append((value, characteristic))
            made.extend(descriptors)
        server.add_service(Service(uuid.for_bumble(), bumble_characteristics))
        for value, attribute in made:
            value.handle = attribute.handle
            self._values[attribute.handle] = value
        return tuple(value.handle for value, _ in made)

    def _access(self, value: Value) -> CharacteristicValue[bytes]:
        return CharacteristicValue[bytes](self._reader(value), self._writer(value))

    def _reader(self, value: Value) -> Callable[[Connection], bytes]:
        def read(connection: Connection) -> bytes:
            if not value.flags & FLAG_READ:
                raise att.ATT_Error(att.ATT_READ_NOT_PERMITTED_ERROR)
            self._check(value, connection, READ_ENCRYPTED, READ_AUTHENTICATED)
            error = self._guard.asked_to_read(connection, value.handle)
            if error:
                raise att.ATT_Error(att.ErrorCode(error))
            return value.data

        return read

    def _writer(self, value: Value) -> Callable[[Connection, bytes], None]:
        def write(connection: Connection, data: bytes) -> None:
            self.check_write(value.handle, connection)
            value.take(bytes(data))
            self._guard.written(connection, value.handle)

        return write

    def check_write(self, handle: int, connection: Connection) -> None:
        """Raise what NimBLE answers to a peer that must not write to an attribute."""
        if handle in self._values:
            self._check(self._values[handle], connection, WRITE_ENCRYPTED, WRITE_AUTHENTICATED)

    def hang_up(self, connection: Connection) -> None:
        """End a link."""
        self._guard.hang_up(connection)

    def _check(self, value: Value, connection: Connection, encrypted: int, authenticated: int) -> None:
        """Raise what NimBLE answers to a peer whose link isn't good enough; ble_att_svr_check_perms()."""
        if not value.guarded or not value.flags & (encrypted | authenticated):
            return
        if not connection.encryption:
            bonded = self._guard.has_bond(connection)
            raise att.ATT_Error(
                att.ATT_INSUFFICIENT_ENCRYPTION_ERROR if bonded else att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR
            )
        if value.flags & authenticated and not self._guard.authenticated(connection):
            raise att.ATT_Error(att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR)


def _permissions(flags: int) -> att.Attribute.Permissions:
    permissions = att.Attribute.Permissions(0)
    if flags & FLAG_READ:
        permissions |= att.Attribute.Permissions.READABLE
    if flags & (FLAG_WRITE | FLAG_WRITE_NO_RESPONSE):
        permissions |= att.Attribute.Permissions.WRITEABLE
    return permissions
