"""NimBLE's store of bonds under MicroPython: it asks the firmware, in ways that hang the stack if it answers wrongly.

What is done is that of ble_store.c and ble_store_util.c in NimBLE 1.3's host/src and of ble_secret_store_*() in
MicroPython's extmod/nimble/modbluetooth_nimble.c.
"""

from __future__ import annotations

from typing import Final

from .bonding import NO_ADDRESS, OUR_SECRET, PEER_SECRET, Bond
from .irq import Irq

_DELETED_TOO_OFTEN: Final = 65_000
"""After so many successful deletions of one key the real stack was out of memory."""
_TRIED_TOO_OFTEN: Final = 100
"""So many vain attempts stand for the real stack's trying for ever."""
_MOST_INDEX: Final = 255
"""NimBLE's index has 8 bits, and begins again after it."""


class StackHung(Exception):
    """The firmware has given an answer that makes the real stack hang."""


class SecretStore:
    """Counts, writes and deletes bonds; every method may raise StackHung."""

    def __init__(self, events: Irq) -> None:
        self._events = events

    def count_bonds(self) -> None:
        """Count both sides' secrets, as ble_sm_chk_store_overflow() does before a pairing.

        NimBLE asks with an address of zeros, which stands for any. MicroPython's extmod/nimble hands that on as no key
        for the peers' secrets, and as it is for ours.
        """
        for kind, key in ((PEER_SECRET, None), (OUR_SECRET, NO_ADDRESS)):
            index = 0
            while self._events.get_secret(kind, index, key) is not None:
                index += 1
                if index > _MOST_INDEX:
                    raise StackHung("the firmware ignores the index of a secret, so NimBLE counts for ever")

    def make_way(self, key: bytes) -> None:
        """Delete the bond of a peer that pairs again, as BLE_GAP_EVENT_REPEAT_PAIRING has MicroPython do, and retry."""
        for _ in range(_TRIED_TOO_OFTEN):
            if self._events.get_secret(PEER_SECRET, 0, key) is None:
                return
            self._delete_peer(key)
        raise StackHung("a bond that the firmware won't delete makes NimBLE retry for ever")

    def write(self, kind: int, key: bytes, value: bytes) -> bool:
        """Have a secret stored, as ble_store_write() does; returns whether it was.

        Where the firmware refuses, NimBLE takes the store to be full, deletes the oldest bond, and tries again. It asks
        for that bond by an address of zeros, and where there is none tries again all the same.
        """
        for _ in range(_TRIED_TOO_OFTEN):
            if self._events.set_secret(kind, key, value):
                return True
            oldest = self._events.get_secret(OUR_SECRET, 0, NO_ADDRESS)
            if oldest is None:
                continue
            if self._events.get_secret(OUR_SECRET, 1, NO_ADDRESS) is not None:
                return False  # two of them don't fit into the list that ble_gap_unpair_oldest_peer() has
            self._delete_peer(Bond.unpack(oldest).address)
        raise StackHung("a secret that the firmware refuses to store makes NimBLE retry for ever")

    def _delete_peer(self, key: bytes) -> None:
        for kind in (OUR_SECRET, PEER_SECRET):
            self._delete(kind, key)

    def _delete(self, kind: int, key: bytes) -> None:
        for _ in range(_DELETED_TOO_OFTEN):
            if not self._events.set_secret(kind, key, None):
                return
        raise StackHung("secrets that are deleted again and again use up NimBLE's memory")
