"""A host's adapter on the simulated air: a bumble central with the bonds of its operating system."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason
from bumble.device import Connection, ConnectionParametersPreferences, Device, DeviceConfiguration
from bumble.hci import HCI_LE_1M_PHY, Address
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from .air import Air
from .controller import RadioController

SUPERVISION_MS: Final = 4000
"""How long a link may be silent; BlueZ's default is 420 ms, and 4 s after a peripheral's wish, phones' 2 to 6 s."""


class Central:
    """One adapter. Give its `keystore` to the next one to keep the bonds over a restart."""

    def __init__(
        self,
        air: Air,
        name: str = "laptop",
        address: str = "C0:C1:C2:C3:C4:C5",
        *,
        interval_ms: float = 30.0,
        keystore: MemoryKeyStore | None = None,
    ) -> None:
        """`interval_ms` is the connection interval it asks for."""
        self.air = air
        self.name = name
        self.radio = RadioController(name, air, Address(address, Address.PUBLIC_DEVICE_ADDRESS))
        # It gives an identity key when it bonds, as telephones and laptops do, though its address never changes.
        configuration = DeviceConfiguration(name=name, address=Address(address), irk=os.urandom(16))
        self.device = Device(config=configuration, host=Host(self.radio, AsyncPipeSink(self.radio)))
        self.keystore = keystore or MemoryKeyStore()
        self.device.keystore = self.keystore  # before power_on, which else makes a store in the user's home
        self.device.pairing_config_factory = self.pairing_config
        self.known: dict[str, Address] = {}
        """Devices seen and not forgotten: identity address to the address they last advertised under."""
        self.agent = True
        """Whether a pairing agent answers when a device wants to pair."""
        self.interval_ms = interval_ms
        self.unavailable: BleakBluetoothNotAvailableReason | None = None
        """Why this host has no Bluetooth at present, if so."""
        self._connecting = asyncio.Lock()
        self._scans = 0
        self.bonding = True
        self.secure_connections = True
        self.most_key_bytes = 16

    def pairing_config(self, connection: Connection) -> PairingConfig:
        """Just Works, LE Secure Connections and bonding, as far as the attributes allow."""
        return PairingConfig(
            sc=self.secure_connections,
            mitm=False,
            bonding=self.bonding,
            delegate=PairingDelegate(maximum_encryption_key_size=self.most_key_bytes),
            # Otherwise the controller's public address is filed as identity, and the bond not found again.
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    async def power_on(self) -> None:
        """Begin; nothing else works before."""
        await self.device.power_on()

    def power_off(self) -> None:
        """Vanish from the air: its own side of each link ends at once, the others notice by its silence."""
        self.radio.drop_connections()
        self.air.leave(self.name)
        self.device.host.emit("flush")

    async def connect(self, address: Address, timeout_s: float) -> Connection:
        """Connect at the radio's level; raises TimeoutError or bumble's errors."""
        wishes = ConnectionParametersPreferences(
            connection_interval_min=self.interval_ms,
            connection_interval_max=self.interval_ms,
            max_latency=0,
            supervision_timeout=SUPERVISION_MS,
        )
        async with self._connecting:  # bumble can wait for one connection only
            try:
                return await self.device.connect(
                    address, connection_parameters_preferences={HCI_LE_1M_PHY: wishes}, timeout=timeout_s
                )
            finally:
                self.radio.pending_le_connection = None

    def check(self) -> None:
        """Raise what bleak raises where the operating system has no Bluetooth to offer."""
        if self.unavailable is not None:
            raise BleakBluetoothNotAvailableError(
                f"Bluetooth is not available: {self.unavailable.name}", self.unavailable
            )

    async def start_scan(self, active: bool) -> None:
        """Listen to advertisements, for one scanner more; the first decides whether scan responses are asked for."""
        self._scans += 1
        if self._scans == 1:
            await self.device.start_scanning(active=active, filter_duplicates=False)

    async def stop_scan(self) -> None:
        """Listen for one scanner less."""
        self._scans -= 1
        if not self._scans:
            await self.device.stop_scanning()

    def identity_of(self, address: Address) -> Address:
        """Whose address that is: a bonded device's own if we have its key, else the same."""
        resolver = self.device.address_resolver
        resolved = resolver.resolve(address) if resolver is not None and address.is_resolvable else None
        return resolved or address

    async def has_bond(self, identity: Address) -> bool:
        """Whether there are keys of a device."""
        return await self.keystore.get(str(identity)) is not None

    async def forget(self, identity: Address) -> None:
        """Delete a device's keys; it has to be seen again before it can be connected to."""
        if await self.has_bond(identity):
            await self.keystore.delete(str(identity))
            await self.device.refresh_resolving_list()
        self.known.pop(name_of(identity), None)


def name_of(address: Address) -> str:
    """An address as bleak writes it."""
    return address.to_string(with_type_qualifier=False)
