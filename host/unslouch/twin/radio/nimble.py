"""MicroPython's bluetooth.BLE, peripheral role, as it behaves on NimBLE.

What is imitated was seen on MicroPython 1.29-preview's own stack, and read from its extmod/nimble and from NimBLE 1.3;
each behaviour has its test. Handlers run between the firmware's tasks, on an ESP32 between any two bytecodes: see
twin.interleaving. Not here: central role, GATT client, L2CAP channels.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Sequence
from typing import Final

from bumble.device import Connection
from bumble.hci import Address

from . import irq
from .adapters import Adapter
from .attributes import Attributes, ServiceSpec
from .board_stack import PUBLIC, BoardStack
from .bonding import IRK_KEY, IRK_SECRET, PEER_SECRET, key_of
from .host_lock import HostLock
from .irq import Handler, Irq
from .outgoing import Outgoing
from .settings import DEFAULT_NAME, Settings

MOST_CONNECTIONS: Final = 4
"""CONFIG_BT_NIMBLE_MAX_CONNECTIONS of MicroPython's ports/esp32/boards/sdkconfig.ble."""
MOST_ADVERTISED_BYTES: Final = 31

Data = bytes | bytearray | memoryview | str


class Ble(Settings):
    """The one radio of a board, from power on to power off. All calls and handlers belong to one event loop."""

    def __init__(self, adapter: Adapter, let_pass: Callable[[float], None] = lambda duration_s: None) -> None:
        """`let_pass` makes it later by some seconds in which nothing else runs."""
        super().__init__()
        self._adapter = adapter
        self._let_pass = let_pass
        self._outgoing: Outgoing | None = None
        self.events = Irq()
        """The firmware's handler."""
        self.host_lock = HostLock()
        self._attributes = Attributes(self)
        self._links: dict[int, Connection] = {}
        self._advertised = b"", b""
        self._ending: set[int] = set()
        self._passkeys: dict[int, asyncio.Future[int]] = {}
        self._security: dict[int, tuple[bool, bool, int]] = {}
        self.memory_short = False
        """Whether there is too little memory to switch the radio on; for tests."""
        self.hung: str | None = None
        """Why the stack hangs, None while it runs; for tests."""

    # Life cycle

    def active(self, active: bool | None = None, /) -> bool:
        """Switch the radio on or off, or return whether it is on; the handler may be called before it returns."""
        if active is not None and bool(active) != (self._stack is not None):
            if active:
                self._switch_on()
            else:
                self._switch_off()
        return self._stack is not None

    def _switch_on(self) -> None:
        if self.memory_short:  # mp_bluetooth_init(); up to MicroPython 1.27 the ESP32 crashes instead
            raise OSError(errno.EIO, "nimble_port_init() has failed")
        self.events.get_secret(PEER_SECRET, 0, None)
        irk = self.events.get_secret(IRK_SECRET, 0, IRK_KEY)
        if irk is None:
            irk = os.urandom(16)
            self.events.set_secret(IRK_SECRET, IRK_KEY, irk)
        self._gap_name = DEFAULT_NAME
        self._stack = stack = BoardStack(self._adapter, irk, self)
        self._mode = PUBLIC
        self._outgoing = Outgoing(stack, self.events)
        self._attributes.begin(stack.device, stack.buffers)
        stack.device.gatt_server.max_mtu = self._mtu
        stack.device.on("connection", self._connected)

    def _switch_off(self) -> None:
        """Wait for the end of all links, of which the handler hears as usual; ble_hs_stop() and nimble_port_stop()."""
        stack = self._need()
        takes_s, ended = stack.hang_up_all()
        self._let_pass(takes_s)
        for handle in [handle for handle, link in self._links.items() if link.handle in ended]:
            self._disconnected(handle)
        self._lose_power()

    def lose_power(self) -> None:
        """The board loses its power or is reset: peers notice by its silence. Not part of MicroPython."""
        self.events.handler = None
        if self._stack is not None:
            self._lose_power()

    def _lose_power(self) -> None:
        stack, self._stack = self._need(), None
        stack.stop()
        if self._outgoing is not None:
            self._outgoing.stop()
            self._outgoing = None
        self._links.clear()
        self._ending.clear()

    def preempted(self) -> None:
        """Stop advertising, so that the controller's list of identities can be written; MicroPython gets no event."""
        if self._stack is not None and self._stack.advertising:
            self._stack.stop_advertising()

    def hang(self, why: str) -> None:
        """Hang: answer nothing from now on; see `hung`."""
        self.hung = why
        self.lose_power()

    def _need(self) -> BoardStack:
        if self._stack is None:
            raise OSError(errno.ENODEV, self.hung or "Bluetooth is not active")
        return self._stack

    def irq(self, handler: Handler | None) -> None:
        """Have a handler called with (event, data)."""
        self.events.handler = handler

    # Connections

    def _handle(self, connection: Connection) -> int:
        return next((handle for handle, link in self._links.items() if link is connection), -1)

    def _link(self, conn_handle: int) -> Connection:
        self._need()
        if conn_handle not in self._links:
            raise OSError(errno.ENOTCONN, "no such connection")
        return self._links[conn_handle]

    def _connected(self, connection: Connection) -> None:
        if self._stack is None:
            return
        handle = next(handle for handle in range(len(self._links) + 1) if handle not in self._links)
        self._links[handle] = connection
        self._stack.advertising = False
        self._security.pop(handle, None)
        connection.on("disconnection", lambda _: self._disconnected(handle))
        connection.on(
            "connection_att_mtu_update", lambda: self.events.call(irq.MTU_EXCHANGED, handle, connection.att_mtu)
        )
        connection.on("connection_parameters_update", lambda: self._parameters_updated(handle))
        connection.on("connection_encryption_change", lambda: self._encryption_changed(connection))
        self.events.call(irq.CENTRAL_CONNECT, handle, *_peer(connection))

    def _disconnected(self, handle: int) -> None:
        connection = self._links.pop(handle, None)
        self._ending.discard(handle)
        if connection is None or self._stack is None:
            return
        self._stack.pairing.ended(connection)
        if self._outgoing is not None:
            self._outgoing.disconnected(handle)
        self.events.call(irq.CENTRAL_DISCONNECT, handle, *_peer(connection))

    def _parameters_updated(self, handle: int) -> None:
        parameters = self._links[handle].parameters
        interval, timeout = round(parameters.connection_interval / 1.25), round(parameters.supervision_timeout / 10)
        self.events.call(irq.CONNECTION_UPDATE, handle, interval, parameters.peripheral_latency, timeout, 0)

    def gap_disconnect(self, conn_handle: int) -> bool:
        """End a connection; returns whether there was one, and raises OSError (EALREADY) for one that ends already."""
        self._need()
        self.host_lock.take("gap_disconnect()")
        return self._end_link(conn_handle)

    def _end_link(self, conn_handle: int) -> bool:
        stack = self._need()
        connection = self._links.get(conn_handle)
        if connection is None:
            return False
        if conn_handle in self._ending:  # BLE_HS_CONN_F_TERMINATING of ble_gap_terminate_with_conn()
            raise OSError(errno.EALREADY, "the connection ends already")
        self._ending.add(conn_handle)
        stack.hang_up(connection)
        return True

    def hang_up(self, connection: Connection) -> None:
        """End a connection as NimBLE itself does, unless it ends already."""
        handle = self._handle(connection)
        if handle >= 0 and handle not in self._ending:
            self._end_link(handle)

    def gap_advertise(
        self,
        interval_us: int | None,
        adv_data: Data | None = None,
        *,
        resp_data: Data | None = None,
        connectable: bool = True,
    ) -> None:
        """Advertise from now on, with the data given before where none is given; None stops it."""
        stack = self._need()
        self.host_lock.take("gap_advertise()")
        if interval_us is None:
            stack.stop_advertising()
            return
        data, response = self._advertised
        data = data if adv_data is None else _bytes(adv_data)
        response = response if resp_data is None else _bytes(resp_data)
        if max(len(data), len(response)) > MOST_ADVERTISED_BYTES:
            raise OSError(errno.EINVAL, "advertised data too long")
        if connectable and len(self._links) >= MOST_CONNECTIONS:
            raise OSError(errno.ENOMEM, "as many connections as there can be")
        self._advertised = data, response
        stack.advertise(interval_us, data, response, connectable)

    # Encryption

    def _encryption_changed(self, connection: Connection) -> None:
        """Report a link that was encrypted with a bond; while pairing, the report comes at its end."""
        if self._stack is None or self._stack.pairing.in_progress(connection):
            return
        self._stack.pairing.ended(connection)
        bond = self._stack.bonds.used.get(str(connection.peer_address))
        if bond is not None and connection.encryption:
            self.encryption_updated(connection, True, bond.authenticated, bond.key_bytes)

    def encryption_updated(self, connection: Connection, bonded: bool, authenticated: bool, key_bytes: int) -> None:
        """Report a link's encryption to the firmware."""
        self._security[self._handle(connection)] = authenticated, bonded, key_bytes
        self.tell_encryption(connection)

    def tell_encryption(self, connection: Connection) -> None:
        """Report a link's encryption to the firmware, also if it hasn't changed."""
        handle = self._handle(connection)
        if handle < 0:
            return
        encrypted = connection.encryption != 0
        authenticated, bonded, key_bytes = self._security.get(handle, (False, False, 0)) if encrypted else (0, 0, 0)
        self.events.call(irq.ENCRYPTION_UPDATE, handle, int(encrypted), int(authenticated), int(bonded), key_bytes)

    def authenticated(self, connection: Connection) -> bool:
        """Whether the link's key was made with protection against a man in the middle."""
        return self._security.get(self._handle(connection), (False, False, 0))[0]

    def gap_pair(self, conn_handle: int) -> None:
        """Ask the central to encrypt the link, with a bond or by pairing.

        Raises OSError: EALREADY while a procedure of that link is under way, ENOMEM while one of another is.
        """
        connection = self._link(conn_handle)
        self._need().pairing.ask_for_security(connection)

    def gap_passkey(self, conn_handle: int, action: int, passkey: int) -> None:
        """Answer IRQ_PASSKEY_ACTION."""
        self._link(conn_handle)
        future = self._passkeys.pop(conn_handle, None)
        if future is None or future.done():
            raise OSError(errno.EALREADY, "no passkey was asked for")
        future.set_result(passkey)

    async def ask_passkey(self, connection: Connection, action: int, number: int = 0) -> int:
        """Have gap_passkey() called."""
        handle = self._handle(connection)
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._passkeys[handle] = future
        self.events.call(irq.PASSKEY_ACTION, handle, action, number)
        return await future

    # Attributes

    def gatts_register_services(self, services: Sequence[ServiceSpec]) -> tuple[tuple[int, ...], ...]:
        """Replace the services; returns the value handles, service by service."""
        stack = self._need()
        if self._links or stack.advertising:
            raise OSError(errno.EBUSY, "connected or advertising")
        handles = self._attributes.register(stack.device, services)
        self._rename(self._gap_name)
        return handles

    def gatts_read(self, value_handle: int) -> bytes:
        """Return a value; one that collects written data starts empty."""
        self._need()
        value = self._attributes.value(value_handle)
        data = value.data
        if value.append:
            value.data = b""
        return data

    def gatts_write(self, value_handle: int, data: Data, send_update: bool = False) -> int:
        """Set a value and return its length; with send_update also notify or indicate the subscribers."""
        stack = self._need()
        value = self._attributes.value(value_handle)
        value.data = _bytes(data)
        value.buffer_bytes = max(value.buffer_bytes, len(value.data))
        if send_update:
            for connection, subscribed in list(stack.device.gatt_server.subscribers.items()):
                bits = subscribed.get(value_handle, b"\0\0")
                if isinstance(connection, Connection) and bits[0] & 1:
                    self.gatts_notify(self._handle(connection), value_handle)
                elif isinstance(connection, Connection) and bits[0] & 2:
                    self.gatts_indicate(self._handle(connection), value_handle)
        return len(value.data)

    def gatts_set_buffer(self, value_handle: int, len: int, append: bool = False, /) -> None:
        """Have a value hold up to so many bytes; it begins empty."""
        self._need()
        value = self._attributes.value(value_handle)
        value.buffer_bytes, value.append, value.data = len, append, b""

    def gatts_notify(self, conn_handle: int, value_handle: int, data: Data | None = None) -> None:
        """Send a value, also without a subscription or encryption; raises ENOMEM if the buffers are full.

        What exceeds the MTU is cut off without an error.
        """
        connection = self._link(conn_handle)
        self.host_lock.take("gatts_notify()")
        assert self._outgoing is not None
        self._outgoing.notify(connection, value_handle, self._value(value_handle, data))

    def gatts_indicate(self, conn_handle: int, value_handle: int, data: Data | None = None) -> None:
        """Send a value that the peer confirms: IRQ_GATTS_INDICATE_DONE; one at a time per connection."""
        connection = self._link(conn_handle)
        assert self._outgoing is not None
        self._outgoing.indicate(conn_handle, connection, value_handle, self._value(value_handle, data))

    def _value(self, value_handle: int, data: Data | None) -> bytes:
        stored = self._attributes.value(value_handle)
        return stored.data if data is None else _bytes(data)

    def has_bond(self, connection: Connection) -> bool:
        """Ask the firmware whether it has keys of a peer."""
        return self.events.get_secret(PEER_SECRET, 0, key_of(connection.peer_address)) is not None

    def asked_to_read(self, connection: Connection, value_handle: int) -> int:
        """Ask the firmware whether a peer may read."""
        answer = self.events.call(irq.GATTS_READ_REQUEST, self._handle(connection), value_handle)
        assert answer is None or isinstance(answer, int)
        return int(answer or 0)

    def written(self, connection: Connection, value_handle: int) -> None:
        """Report to the firmware that a peer has written."""
        self.events.call(irq.GATTS_WRITE, self._handle(connection), value_handle)


def _bytes(data: Data) -> bytes:
    return data.encode() if isinstance(data, str) else bytes(data)


def _peer(connection: Connection) -> tuple[int, bytes]:
    """A peer's address as handlers get it: its type, and its bytes, the most significant first."""
    address: Address = connection.peer_address
    return int(address.is_random), bytes(address)[::-1]
