"""Pairing and bonds as NimBLE does them under MicroPython: the keys live with the firmware, behind its irq handler."""

from __future__ import annotations

import logging
import struct
from dataclasses import dataclass
from typing import Final, Protocol

from bumble import smp
from bumble.device import Connection, Device
from bumble.hci import Address
from bumble.keys import KeyStore, PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate

from .irq import Irq

log = logging.getLogger(__name__)

OUR_SECRET: Final = 1
PEER_SECRET: Final = 2
IRK_SECRET: Final = 10
IRK_KEY: Final = b"irk"
NO_ADDRESS: Final = bytes(7)
LEAST_KEY_BYTES: Final = 7
MOST_KEY_BYTES: Final = 16
_FORGOTTEN_CALLS: Final = 65_000
"""After so many successful deletions of one key the real stack was out of memory."""
_FORGOTTEN_ROUNDS: Final = 100
"""So many refused deletions stand for the real stack's retrying for ever."""
_MOST_INDEX: Final = 255
"""NimBLE's index has 8 bits, and begins again after it."""
_LAYOUT: Final = "<B6sBH6xQ16sB16sB16sB5x"
"""struct ble_store_value_sec of NimBLE's host/ble_store.h on a 32-bit chip: address, key size, ediv, rand, LTK and
whether it is there, IRK likewise, CSRK likewise and, in the same byte, _AUTHENTICATED and _SECURE_CONNECTIONS."""
_AUTHENTICATED: Final = 2
_SECURE_CONNECTIONS: Final = 4
_IO: Final = (
    PairingDelegate.DISPLAY_OUTPUT_ONLY,
    PairingDelegate.DISPLAY_OUTPUT_AND_YES_NO_INPUT,
    PairingDelegate.KEYBOARD_INPUT_ONLY,
    PairingDelegate.NO_OUTPUT_NO_INPUT,
    PairingDelegate.DISPLAY_OUTPUT_AND_KEYBOARD_INPUT,
)
PASSKEY_INPUT: Final = 2
PASSKEY_DISPLAY: Final = 3
PASSKEY_COMPARE: Final = 4


class StackHung(Exception):
    """The firmware has given an answer that makes the real stack hang."""


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
        """Look up our keys of a peer that wants to encrypt."""
        value = self._firmware.events.get_secret(OUR_SECRET, 0, key_of(Address(name)))
        if value is None:
            return None
        self.used[name] = bond = Bond.unpack(value)
        keys = PairingKeys()
        keys.ltk = PairingKeys.Key(bond.ltk, bond.authenticated, bond.ediv, bond.rand)
        return keys

    async def get_resolving_keys(self) -> list[tuple[bytes, Address]]:
        """Look through the peers' identities, for those that come under changing addresses."""
        found = []
        index = 0
        while (value := self._firmware.events.get_secret(PEER_SECRET, index, None)) is not None:
            bond = Bond.unpack(value)
            if any(bond.irk):
                found.append((bond.irk, address_of(bond.address)))
            index += 1
        return found


class Delegate(PairingDelegate):
    """Asks the firmware what a person would be asked."""

    def __init__(self, firmware: Firmware, connection: Connection) -> None:
        super().__init__(_IO[firmware.io])
        self._firmware = firmware
        self._connection = connection

    async def generate_passkey(self) -> int:
        return await self._firmware.ask_passkey(self._connection, PASSKEY_DISPLAY)

    async def get_number(self) -> int | None:
        return await self._firmware.ask_passkey(self._connection, PASSKEY_INPUT)

    async def compare_numbers(self, number: int, digits: int) -> bool:
        return bool(await self._firmware.ask_passkey(self._connection, PASSKEY_COMPARE, number))


class BoardPairing(smp.Manager):
    """bumble's security manager with NimBLE's order of events and its treatment of repeated pairing."""

    def __init__(self, device: Device, firmware: Firmware) -> None:
        super().__init__(device, self._configuration)
        self._firmware = firmware
        self.identity = PairingConfig.AddressType.PUBLIC

    def _configuration(self, connection: Connection) -> PairingConfig:
        firmware = self._firmware
        return PairingConfig(
            sc=firmware.secure_connections,
            mitm=firmware.mitm,
            bonding=firmware.bond,
            delegate=Delegate(firmware, connection),
            identity_address_type=self.identity,
        )

    def in_progress(self, connection: Connection) -> bool:
        """Whether the link is being paired right now."""
        session = self.sessions.get(connection.handle)
        return session is not None and not session.completed

    @staticmethod
    def _key_bytes(session: smp.Session) -> int:
        """How long a key both sides can do."""
        return min(MOST_KEY_BYTES, session.preq[4])

    def on_smp_pdu(self, connection: Connection, pdu: bytes) -> None:
        if pdu and pdu[0] == smp.CommandCode.PAIRING_REQUEST and len(pdu) == 7:
            if not LEAST_KEY_BYTES <= pdu[4] <= MOST_KEY_BYTES:
                reason = (
                    smp.ErrorCode.ENCRYPTION_KEY_SIZE if pdu[4] < LEAST_KEY_BYTES else smp.ErrorCode.INVALID_PARAMETERS
                )
                self.send_command(connection, smp.SMP_Pairing_Failed_Command(reason=reason))
                return
            try:
                self._count_bonds()
                self._make_way(key_of(connection.peer_address))
            except StackHung as hung:
                self._firmware.hang(str(hung))
                return
            if not self.in_progress(connection):
                self.sessions.pop(connection.handle, None)
        super().on_smp_pdu(connection, pdu)

    def _count_bonds(self) -> None:
        """Count both sides' secrets, as ble_sm_chk_store_overflow() does before a pairing; raises StackHung.

        NimBLE asks with an address of zeros, which stands for any. MicroPython's extmod/nimble hands that on as no key
        for the peers' secrets, and as it is for ours.
        """
        for kind, key in ((PEER_SECRET, None), (OUR_SECRET, NO_ADDRESS)):
            index = 0
            while self._firmware.events.get_secret(kind, index, key) is not None:
                index += 1
                if index > _MOST_INDEX:
                    raise StackHung("the firmware ignores the index of a secret, so NimBLE counts for ever")

    def _make_way(self, key: bytes) -> None:
        """Delete the bond of a peer that pairs again, as MicroPython has NimBLE do, and try again; raises StackHung."""
        for _ in range(_FORGOTTEN_ROUNDS):
            if self._firmware.events.get_secret(PEER_SECRET, 0, key) is None:
                return
            for kind in (OUR_SECRET, PEER_SECRET):
                self._delete(kind, key)
        raise StackHung("a bond that the firmware won't delete makes NimBLE retry for ever")

    def _delete(self, kind: int, key: bytes) -> None:
        for _ in range(_FORGOTTEN_CALLS):
            if not self._firmware.events.set_secret(kind, key, None):
                return
        raise StackHung("secrets that are deleted again and again use up NimBLE's memory")

    async def on_pairing(self, session: smp.Session, identity_address: Address | None, keys: PairingKeys) -> None:
        connection = session.connection
        identity = identity_address or connection.peer_address
        key = key_of(identity)
        self._firmware.events.get_secret(PEER_SECRET, 0, key)
        connection.peer_address = identity
        authenticated = session.pairing_method != smp.PairingMethod.JUST_WORKS
        self._firmware.encryption_updated(connection, session.bonding, authenticated, self._key_bytes(session))
        if session.bonding:
            for kind, bond in _both_sides(key, self._key_bytes(session), session.sc, keys):
                self._firmware.events.set_secret(kind, key, bond.pack())
                if any(bond.irk):  # ble_store_write_peer_sec() of NimBLE's host/ble_store.c
                    self._firmware.preempted()
            await self.device.refresh_resolving_list()
        self.device.on_pairing(connection, identity_address, keys, session.sc)

    def on_pairing_failure(self, session: smp.Session, reason: smp.ErrorCode) -> None:
        self._firmware.tell_encryption(session.connection)  # of an earlier key, where there is one
        super().on_pairing_failure(session, reason)


def _both_sides(key: bytes, key_bytes: int, secure: bool, keys: PairingKeys) -> list[tuple[int, Bond]]:
    """Our keys and the peer's; with LE Secure Connections both are the same."""
    sides = []
    for kind, legacy in ((OUR_SECRET, keys.ltk_central), (PEER_SECRET, keys.ltk_peripheral)):
        ltk = keys.ltk or legacy
        assert ltk is not None
        irk = keys.irk.value if keys.irk is not None and kind == PEER_SECRET else bytes(16)
        bond = Bond(key, key_bytes, ltk.authenticated, secure, ltk.ediv or 0, ltk.rand or bytes(8), ltk.value, irk)
        sides.append((kind, bond))
    return sides
