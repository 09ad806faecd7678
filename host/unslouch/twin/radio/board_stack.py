"""The Bluetooth stack of a simulated board: a bumble device, under MicroPython's synchronous calls."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Final

from bumble import att, hci
from bumble.core import BaseBumbleError
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.hci import Address
from bumble.host import Connection as HostConnection
from bumble.host import Host
from bumble.pairing import PairingConfig

from unslouch.background import start_in_background

from .adapters import Adapter
from .bonding import Bonds, Firmware
from .buffers import Buffers
from .gatt_server import BoardServer
from .pairing import BoardPairing, NoAnswer

log = logging.getLogger(__name__)

PUBLIC: Final = 0
RANDOM: Final = 1
RESOLVABLE: Final = 2
NONRESOLVABLE: Final = 3
ADDRESS_LIFE_S: Final = 900.0
"""How long NimBLE keeps a private address (BLE_HS_PRIVACY / BLE_RPA_TIMEOUT: 300 to 900 s by port)."""


_ATT_COMMAND: Final = 0x40  # of an opcode that isn't answered
_ATT_OPCODES: Final = (*range(0x01, 0x14), *range(0x16, 0x1A), 0x1B, 0x1D, 0x1E, 0x52)
"""Those that NimBLE's ble_att_rx_dispatch has; others are answered by "request not supported"."""


class BoardHost(Host):
    """bumble's host, which is not put out by what no parser can read.

    `att_mtu` returns a link's by its handle; `key_requested` is called with a handle, random number and diversifier.
    """

    att_mtu: Callable[[int], int]
    key_requested: Callable[[int, bytes, int], None]

    def on_hci_le_long_term_key_request_event(self, event: hci.HCI_LE_Long_Term_Key_Request_Event) -> None:
        self.key_requested(event.connection_handle, event.random_number, event.encryption_diversifier)

    def on_l2cap_pdu(self, connection: HostConnection, cid: int, pdu: bytes) -> None:
        if cid == att.ATT_CID and len(pdu) > self.att_mtu(connection.handle):
            return  # ble_l2cap_rx() of NimBLE drops it
        if cid == att.ATT_CID and pdu and pdu[0] not in _ATT_OPCODES:
            if not pdu[0] & _ATT_COMMAND:
                refused = bytes((att.Opcode.ATT_ERROR_RESPONSE, pdu[0], 0, 0, att.ATT_REQUEST_NOT_SUPPORTED_ERROR))
                self.send_l2cap_pdu(connection.handle, att.ATT_CID, refused)
            return
        try:
            super().on_l2cap_pdu(connection, cid, pdu)
        except Exception as error:  # noqa: BLE001 - a stranger chose the bytes; NimBLE drops them
            log.info("Dropped an unreadable packet on channel %d: %r", cid, error)


class BoardStack:
    """A bumble device on an adapter; commands are queued at once and run in order."""

    def __init__(self, adapter: Adapter, irk: bytes, firmware: Firmware) -> None:
        self._adapter = adapter
        public = bytes(adapter.address or Address.generate_static_address())
        self.random_address = Address(public[:5] + bytes((public[5] | 0xC0,)), Address.RANDOM_DEVICE_ADDRESS)
        configuration = DeviceConfiguration(name=adapter.name, address=self.random_address, irk=irk)
        host = BoardHost()
        self.device = Device(config=configuration, host=host)
        host.att_mtu = self._att_mtu
        host.key_requested = self._key_requested
        self.device.public_address = adapter.address or Address.ANY
        self.bonds = Bonds(firmware)
        self.device.keystore = self.bonds  # before power_on, which else makes a store in the user's home
        self.buffers = Buffers(lambda: self._packets_waiting)
        self.pairing = BoardPairing(self.device, firmware, self.bonds, self.buffers)
        self.device.smp_manager = self.pairing
        self.advertising = False
        self._irk = irk
        self._address_mode = PUBLIC
        self._address_made_s = -ADDRESS_LIFE_S
        self._commands: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue()
        self._goodbyes: set[asyncio.Task[None]] = set()
        self.submit(lambda: adapter.open(self.device.host))
        self.submit(self.device.power_on)
        self._task = start_in_background(self._work(), f"The Bluetooth stack of {adapter.name}")

    async def _work(self) -> None:
        me = asyncio.current_task()
        while me is not None and not me.cancelling():  # some of bumble's commands swallow a cancellation
            command = await self._commands.get()
            try:
                await command()
            except BaseBumbleError as error:
                log.warning("%s refused a command: %s", self._adapter.name, error)

    def submit(self, command: Callable[[], Awaitable[object]]) -> None:
        """Run a command after those before it."""
        self._commands.put_nowait(command)

    def stop(self) -> None:
        """Lose power."""
        self._task.cancel()
        self.pairing.stop()
        if isinstance(self.device.gatt_server, BoardServer):
            self.device.gatt_server.stop()
        for task in self._goodbyes:
            task.cancel()
        self._adapter.close()
        self.device.host.emit("flush")

    def hang_up_all(self) -> tuple[float, set[int]]:
        """End all connections, as a stack does that is switched off in good order; see Adapter.hang_up()."""
        return self._adapter.hang_up()

    def hang_up(self, connection: Connection) -> None:
        """End one connection at its next event; returns at once."""
        task = start_in_background(_disconnect(connection), "Ending a connection")
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)

    def _key_requested(self, handle: int, rand: bytes, ediv: int) -> None:
        """Answer the controller's request for a link's key, or don't."""
        connection = self.device.lookup_connection(handle)
        if connection is None:
            return
        try:
            key = self.pairing.key_for(connection, rand, ediv)
        except NoAnswer:
            return
        if key is None:
            refusal = hci.HCI_LE_Long_Term_Key_Request_Negative_Reply_Command(connection_handle=handle)
            self.submit(lambda: self.device.send_sync_command(refusal))
        else:
            reply = hci.HCI_LE_Long_Term_Key_Request_Reply_Command(connection_handle=handle, long_term_key=key)
            self.submit(lambda: self.device.send_sync_command(reply))

    # Addresses and advertising

    @property
    def identity(self) -> Address:
        """The address that stays."""
        return self.device.public_address if self._address_mode in (PUBLIC, RESOLVABLE) else self.random_address

    def use_addresses(self, mode: int) -> None:
        """Advertise under the public, a static random, or a private address that changes."""
        self._address_mode = mode
        self._address_made_s = -ADDRESS_LIFE_S
        public = mode in (PUBLIC, RESOLVABLE)
        self.pairing.identity = PairingConfig.AddressType.PUBLIC if public else PairingConfig.AddressType.RANDOM

    def advertise(self, interval_us: int, data: bytes, response: bytes, connectable: bool) -> None:
        """Advertise from now on, until a central connects."""
        self.advertising = True
        kind = (
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
            if connectable
            else (AdvertisingType.UNDIRECTED_SCANNABLE if response else AdvertisingType.UNDIRECTED)
        )
        period_ms = interval_us / 1000

        async def start() -> None:
            if self._address_mode != PUBLIC:
                await self._refresh_address()
            own = hci.OwnAddressType.PUBLIC if self._address_mode == PUBLIC else hci.OwnAddressType.RANDOM
            await self.device.start_advertising(
                advertising_type=kind,
                own_address_type=own,
                advertising_data=data,
                scan_response_data=response,
                advertising_interval_min=period_ms,
                advertising_interval_max=period_ms,
            )

        self.submit(start)

    def stop_advertising(self) -> None:
        """Fall silent."""
        self.advertising = False
        self.submit(self.device.stop_advertising)

    async def _refresh_address(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s - self._address_made_s < ADDRESS_LIFE_S:
            return
        self._address_made_s = now_s
        await self.device.stop_advertising()
        self.device.random_address = self._new_address()
        await self.device.send_sync_command(
            hci.HCI_LE_Set_Random_Address_Command(random_address=self.device.random_address)
        )

    def _new_address(self) -> Address:
        if self._address_mode == RESOLVABLE:
            return Address.generate_private_address(self._irk)
        if self._address_mode == NONRESOLVABLE:
            return Address(os.urandom(5) + bytes((os.urandom(1)[0] & 0x3F,)), Address.RANDOM_DEVICE_ADDRESS)
        return self.random_address

    # Data

    @property
    def _packets_waiting(self) -> int:
        """How many packets are in buffers, the controller's included."""
        queue = self.device.host.le_acl_packet_queue
        return queue.pending if queue is not None else 0

    def _att_mtu(self, handle: int) -> int:
        connection = self.device.lookup_connection(handle)
        return att.ATT_DEFAULT_MTU if connection is None else connection.att_mtu

    def send(self, connection: Connection, packet: att.ATT_PDU) -> None:
        """Send an ATT packet."""
        connection.send_l2cap_pdu(att.ATT_CID, bytes(packet))


async def _disconnect(connection: Connection) -> None:
    with contextlib.suppress(BaseBumbleError):  # it may have ended by itself
        await connection.disconnect()
