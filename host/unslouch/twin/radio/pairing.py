"""Pairing and encryption as NimBLE's ble_sm.c does them under MicroPython: one procedure at a time, for all links.

What a peer sends out of place is answered as NimBLE 1.3 does. esp-nimble of 2024 ignores a repeated Pairing Request,
which 1.3 answers by "unspecified reason" and by ending the procedure.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from typing import Any, Final

from bumble import smp
from bumble.device import Connection, Device
from bumble.hci import Address
from bumble.keys import PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.smp import CommandCode, ErrorCode

from .bonding import MOST_KEY_BYTES, OUR_SECRET, PEER_SECRET, Bond, Bonds, Firmware, key_of
from .buffers import Buffers
from .secret_store import SecretStore, StackHung

log = logging.getLogger(__name__)

PROCEDURE_TIMEOUT_S: Final = 30.0
"""BLE_SM_TIMEOUT_MS of ble_sm.c; from the last step on."""
LEAST_KEY_BYTES: Final = 7
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
_KEYS: Final = (
    CommandCode.ENCRYPTION_INFORMATION,
    CommandCode.MASTER_IDENTIFICATION,
    CommandCode.IDENTITY_INFORMATION,
    CommandCode.IDENTITY_ADDRESS_INFORMATION,
    CommandCode.SIGNING_INFORMATION,
)
_OUT_OF_PLACE: Final[dict[int, ErrorCode | None]] = {
    CommandCode.PAIRING_RESPONSE: None,
    CommandCode.PAIRING_CONFIRM: None,
    CommandCode.PAIRING_RANDOM: None,
    CommandCode.PAIRING_DHKEY_CHECK: None,
    CommandCode.PAIRING_PUBLIC_KEY: ErrorCode.UNSPECIFIED_REASON,
    **dict.fromkeys(_KEYS, ErrorCode.UNSPECIFIED_REASON),
    CommandCode.SECURITY_REQUEST: ErrorCode.COMMAND_NOT_SUPPORTED,
    CommandCode.PAIRING_KEYPRESS_NOTIFICATION: ErrorCode.COMMAND_NOT_SUPPORTED,
}
"""What answers a command that isn't due; None: nothing. The procedure of its link ends with either."""
_JUST_NUMBERS: Final = (smp.PairingMethod.JUST_WORKS, smp.PairingMethod.NUMERIC_COMPARISON, smp.PairingMethod.OOB)
_PASSKEY_STEPS: Final = 20


class NoAnswer(Exception):
    """NimBLE doesn't answer the controller at all."""


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


class BoardSession(smp.Session):
    """One pairing, which knows what its peer has to send next."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._last = CommandCode.PAIRING_REQUEST

    def expects(self, code: int) -> bool:
        """Whether a command is due."""
        if code in _KEYS:
            return bool(self.connection.encryption)
        return code == self._next()

    def _next(self) -> CommandCode | None:
        passkey = self.pairing_method not in _JUST_NUMBERS
        if self._last == CommandCode.PAIRING_REQUEST:
            return CommandCode.PAIRING_PUBLIC_KEY if self.sc else CommandCode.PAIRING_CONFIRM
        if self._last == CommandCode.PAIRING_PUBLIC_KEY:
            return CommandCode.PAIRING_CONFIRM if passkey else CommandCode.PAIRING_RANDOM
        if self._last == CommandCode.PAIRING_CONFIRM:
            return CommandCode.PAIRING_RANDOM
        if self._last == CommandCode.PAIRING_RANDOM and self.sc:
            more = passkey and self.passkey_step < _PASSKEY_STEPS
            return CommandCode.PAIRING_CONFIRM if more else CommandCode.PAIRING_DHKEY_CHECK
        return None

    @property
    def has_key(self) -> bool:
        """Whether the peer has shown that it has the key that the link is to be encrypted with."""
        return self._last == (CommandCode.PAIRING_DHKEY_CHECK if self.sc else CommandCode.PAIRING_RANDOM)

    def on_smp_command(self, command: smp.SMP_Command) -> None:
        if command.code not in _KEYS:
            self._last = CommandCode(command.code)
        super().on_smp_command(command)

    def on_smp_pairing_public_key_command(self, command: smp.SMP_Pairing_Public_Key_Command) -> None:
        try:
            super().on_smp_pairing_public_key_command(command)
        except ValueError:  # no point of the curve: ble_sm_alg_gen_dhkey() fails
            self.send_pairing_failed(ErrorCode.DHKEY_CHECK_FAILED)


class Procedure:
    """NimBLE's only security procedure (BLE_SM_MAX_PROCS is 1): a pairing, or the restoring of an encryption."""

    def __init__(self, expired: Callable[[Connection], None]) -> None:
        self._expired = expired
        self._timer: asyncio.TimerHandle | None = None
        self.holder: Connection | None = None
        """Whose link it is about; None while there is none."""
        self.asked = False
        """Whether it has only asked for security, so that the peer may begin anything."""

    def start(self, connection: Connection) -> bool:
        """Begin, or go on with, a link's procedure; returns whether there is room for it."""
        if self.holder not in (None, connection):
            return False
        self.end()
        self.holder = connection
        self._timer = asyncio.get_running_loop().call_later(PROCEDURE_TIMEOUT_S, self._expire)
        return True

    def end(self) -> None:
        """Let others begin one."""
        self.holder, self.asked = None, False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        connection = self.holder
        assert connection is not None
        self.end()
        self._expired(connection)


class BoardPairing(smp.Manager):
    """bumble's security manager with NimBLE's one procedure, order of events and treatment of repeated pairing."""

    def __init__(self, device: Device, firmware: Firmware, bonds: Bonds, buffers: Buffers) -> None:
        super().__init__(device, self._configuration)
        self.session_proxy = BoardSession
        self._firmware = firmware
        self._bonds = bonds
        self._buffers = buffers
        self._store = SecretStore(firmware.events)
        self._procedure = Procedure(self._expired)
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

    def _session(self, connection: Connection) -> BoardSession | None:
        """The pairing that a link is amid."""
        session = self.sessions.get(connection.handle)
        amid = isinstance(session, BoardSession) and not session.completed and self._procedure.holder is connection
        return session if amid and isinstance(session, BoardSession) else None

    def in_progress(self, connection: Connection) -> bool:
        """Whether the link is being paired right now."""
        return self._session(connection) is not None

    def stop(self) -> None:
        """Lose power."""
        self._procedure.end()

    def ended(self, connection: Connection) -> None:
        """End a link's procedure, since the link has ended or is encrypted."""
        if self._procedure.holder is connection:
            self._procedure.end()

    def ask_for_security(self, connection: Connection) -> None:
        """Ask a central to encrypt or to pair, as ble_sm_slave_initiate() does; raises OSError."""
        if self._procedure.holder is connection:
            raise OSError(errno.EALREADY, "a security procedure of this link is under way")
        if not self._procedure.start(connection):
            raise OSError(errno.ENOMEM, "a security procedure of another link is under way")
        self._procedure.asked = True
        self.request_pairing(connection)

    # What peers send

    def send_command(self, connection: Connection, command: smp.SMP_Command) -> None:
        if self._buffers.free:
            super().send_command(connection, command)
        else:  # ble_sm_cmd_get() fails
            self._give_up(connection)

    def on_smp_pdu(self, connection: Connection, pdu: bytes) -> None:
        try:
            self._handle_pdu(connection, pdu)
        except StackHung as hung:
            self._firmware.hang(str(hung))

    def _handle_pdu(self, connection: Connection, pdu: bytes) -> None:
        if pdu[0] == CommandCode.PAIRING_REQUEST and len(pdu) >= 7:
            self._on_request(connection, pdu)
            return
        session = self._session(connection)
        if session is not None and (session.expects(pdu[0]) or pdu[0] == CommandCode.PAIRING_FAILED):
            self._procedure.start(connection)  # anew: its time is counted from the last step
            super().on_smp_pdu(connection, pdu)
        elif pdu[0] in _OUT_OF_PLACE:
            self._fail(connection, _OUT_OF_PLACE[pdu[0]])

    def _on_request(self, connection: Connection, pdu: bytes) -> None:
        """Begin a pairing, as ble_sm_pair_req_rx() does; raises StackHung."""
        if self._procedure.holder is connection and not self._procedure.asked:
            self._fail(connection, ErrorCode.UNSPECIFIED_REASON)
            return
        self._store.count_bonds()
        has_room = self._procedure.start(connection)
        if has_room and not LEAST_KEY_BYTES <= pdu[4] <= MOST_KEY_BYTES:
            short = pdu[4] < LEAST_KEY_BYTES
            self._fail(connection, ErrorCode.ENCRYPTION_KEY_SIZE if short else ErrorCode.INVALID_PARAMETERS)
            return
        self._store.make_way(key_of(connection.peer_address))
        if not has_room:
            return  # and that is all: the peer gets no answer, but its bond is deleted
        self.sessions.pop(connection.handle, None)
        super().on_smp_pdu(connection, pdu)

    def _fail(self, connection: Connection, reason: ErrorCode | None) -> None:
        self._give_up(connection)
        if reason is not None:
            self.send_command(connection, smp.SMP_Pairing_Failed_Command(reason=reason))

    def _give_up(self, connection: Connection) -> None:
        """End a link's procedure without a word to the firmware."""
        if self._procedure.holder is connection:
            self._procedure.end()
            session = self.sessions.pop(connection.handle, None)
            if session is not None:
                session.completed = True

    def _expired(self, connection: Connection) -> None:
        """Report a procedure that took too long; its link stays (ble_sm_timer())."""
        session = self.sessions.pop(connection.handle, None)
        if session is not None:
            session.completed = True
        self._firmware.tell_encryption(connection)

    def key_for(self, connection: Connection, rand: bytes, ediv: int) -> bytes | None:
        """Return the key to encrypt a link with, None to refuse; raises NoAnswer. As ble_sm_ltk_req_rx() does."""
        session = self._session(connection)
        if session is not None:
            return session.get_long_term_key(rand, ediv) if session.has_key else None
        if self._procedure.holder is connection and not self._procedure.asked:
            return None
        if not self._procedure.start(connection):
            raise NoAnswer
        bond = self._bonds.look_up(connection)
        if bond is None or (bond.rand, bond.ediv) != (rand, ediv):
            self._procedure.end()
            return None
        return bond.ltk  # the procedure lasts until the link is encrypted

    # What comes of it

    @staticmethod
    def _key_bytes(session: smp.Session) -> int:
        """How long a key both sides can do."""
        return min(MOST_KEY_BYTES, session.preq[4])

    async def on_pairing(self, session: smp.Session, identity_address: Address | None, keys: PairingKeys) -> None:
        connection = session.connection
        identity = identity_address or connection.peer_address
        key = key_of(identity)
        connection.peer_address = identity
        authenticated = session.pairing_method != smp.PairingMethod.JUST_WORKS
        self.ended(connection)
        self._firmware.encryption_updated(connection, session.bonding, authenticated, self._key_bytes(session))
        if session.bonding:
            try:
                self._persist(key, _both_sides(key, self._key_bytes(session), session.sc, keys))
            except StackHung as hung:
                self._firmware.hang(str(hung))
                return
            await self.device.refresh_resolving_list()
        self.device.on_pairing(connection, identity_address, keys, session.sc)

    def _persist(self, key: bytes, sides: list[tuple[int, Bond]]) -> None:
        for kind, bond in sides:
            if self._store.write(kind, key, bond.pack()) and any(bond.irk):  # ble_store_write_peer_sec()
                self._firmware.preempted()

    def on_pairing_failure(self, session: smp.Session, reason: ErrorCode) -> None:
        self.ended(session.connection)
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
