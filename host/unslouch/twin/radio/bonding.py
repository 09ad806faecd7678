"""Bonds as NimBLE keeps them under MicroPython: they live with the firmware, behind its irq handler."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Protocol

from bumble.device import Connection
from bumble.hci import Address
from bumble.keys import KeyStore, PairingKeys

from .irq import Irq

OUR_SECRET: Final = 1
PEER_SECRET: Final = 2
IRK_SECRET: Final = 10
IRK_KEY: Final = b"irk"
NO_ADDRESS: Final = bytes(7)
MOST_KEY_BYTES: Final = 16
_LAYOUT: Final = "<B6sBH6xQ16sB16sB16sB5x"
"""struct ble_store_value_sec of NimBLE's host/ble_store.h on a 32-bit chip: address, key size, ediv, rand, LTK and
whether it is there, IRK likewise, CSRK likewise and, in the same byte, _AUTHENTICATED and _SECURE_CONNECTIONS."""
_AUTHENTICATED: Final = 2
_SECURE_CONNECTIONS: Final = 4


class Firmware(Protocol):
    """What pairing needs of the firmware: its settings and its handler."""

    events: Irq
    bond: bool
    secure_connections: bool
    mitm: bool
    io: int

    def encryption_updated(self, connection: Connection, bonded: bool, authenticated: bool, key_bytes: int) -> None:
        """Report a link's encryption to the firmware."""

    def tell_encryption(self, connection: Connection) -> None:
        """Report a link's encryption to the firmware, also if it hasn't changed."""

    def preempted(self) -> None:
        """Fall silent."""

    def hang(self, why: str) -> None:
        """Stop everything for good."""

    async def ask_passkey(self, connection: Connection, action: int, number: int = 0) -> int:
        """Have gap_passkey() called."""


@dataclass(frozen=True)
class Bond:
    """One side's keys of a bond."""

    address: bytes
    """Address type, then the address, least significant byte first."""
    key_bytes: int
    authenticated: bool
    secure_connections: bool
    ediv: int
    rand: bytes
    ltk: bytes
    irk: bytes

    def pack(self) -> bytes:
        """As NimBLE hands it to the firmware."""
        flags = _AUTHENTICATED * self.authenticated | _SECURE_CONNECTIONS * self.secure_connections
        rand = int.from_bytes(self.rand, "little")
        kind, address = self.address[0], self.address[1:]
        has_irk = any(self.irk)
        return struct.pack(
            _LAYOUT, kind, address, self.key_bytes, self.ediv, rand, self.ltk, 1, self.irk, has_irk, bytes(16), flags
        )

    @classmethod
    def unpack(cls, value: bytes) -> Bond:
        """From what the firmware has stored."""
        kind, address, size, ediv, rand, ltk, _, irk, _, _, flags = struct.unpack(_LAYOUT, value)
        return cls(
            bytes((kind,)) + address,
            size,
            bool(flags & _AUTHENTICATED),
            bool(flags & _SECURE_CONNECTIONS),
            ediv,
            rand.to_bytes(8, "little"),
            ltk,
            irk,
        )


def key_of(address: Address) -> bytes:
    """The key under which a peer's secrets are stored."""
    return bytes((int(address.address_type) & 1,)) + bytes(address)


def address_of(key: bytes) -> Address:
    """The inverse of key_of()."""
    return Address(key[1:], Address.RANDOM_DEVICE_ADDRESS if key[0] else Address.PUBLIC_DEVICE_ADDRESS)


class Bonds(KeyStore):
    """bumble's view of the secrets. bumble never writes to it: BoardPairing does, in NimBLE's order."""

    def __init__(self, firmware: Firmware) -> None:
        self._firmware = firmware
        self.used: dict[str, Bond] = {}
        """By which bond each peer was encrypted last."""

    async def get(self, name: str) -> PairingKeys | None:
        """bumble isn't to look up keys: BoardPairing does."""
        return None

    def look_up(self, connection: Connection) -> Bond | None:
        """Ask the firmware for our keys of a peer that wants to encrypt."""
        value = self._firmware.events.get_secret(OUR_SECRET, 0, key_of(connection.peer_address))
        if value is None:
            return None
        self.used[str(connection.peer_address)] = bond = Bond.unpack(value)
        return bond

    async def get_resolving_keys(self) -> list[tuple[bytes, Address]]:
        """Look through the peers' identities, for those that come under changing addresses."""
        keys = []
        index = 0
        while (value := self._firmware.events.get_secret(PEER_SECRET, index, None)) is not None:
            bond = Bond.unpack(value)
            if any(bond.irk):
                keys.append((bond.irk, address_of(bond.address)))
            index += 1
        return keys
