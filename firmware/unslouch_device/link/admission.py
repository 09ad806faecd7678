"""Who may speak to the board over Bluetooth: who re-encrypts with a stored bond, or pairs while the window is open.

Written for NimBLE under MicroPython, which accepts every pairing, and deletes a bonded host's keys for whoever pairs
anew under its address. That can't be refused: a deletion that isn't done hangs the stack. So the keys are set aside,
the link is ended, and the keys are put back when it is gone. What the stack says comes in its interrupt.
"""

from ..contract.records import (
    REFUSED_FULL,
    REFUSED_NO_BOND,
    REFUSED_PAIRING,
    REFUSED_REPEAT,
    REFUSED_SHORT_KEY,
    REFUSED_SILENT,
)
from .bonds import IDENTITY, OURS, PEERS, is_legacy, names_a_host

_KEY_BYTES = 16
_PATIENCE_S = 10
_PAIRING_PATIENCE_S = 30  # a pairing's own timeout; somebody may have to confirm it on the host
_MOST_REFUSALS = 8
_STRANGER, _ADMITTED, _ENDING = 0, 1, 2


class _Link:
    """One connection."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.state = _STRANGER
        self.age_s = 0


class Admission:
    """Decides for each link; `hang_up` is called with the handle of one that has to end."""

    def __init__(self, bonds, hang_up) -> None:
        self._bonds = bonds
        self._hang_up = hang_up
        self._links: dict = {}
        self._pairing: "int | None" = None  # handle of a link that has paired and whose keys are due
        self._offered: dict = {}  # keys that the stack has handed over, until both are there
        self.window_open = False
        self.refusals: list = []  # REFUSED_..., for whoever journals them to take away

    # What the stack says

    def connected(self, handle: int, address_type: int, address: bytes) -> None:
        """A host has come; its address with the most significant byte first, as the stack tells it."""
        self._links[handle] = _Link(bytes((address_type,)) + bytes(reversed(address)))

    def disconnected(self, handle: int) -> None:
        """A host has gone."""
        link = self._links.pop(handle, None)
        if self._pairing == handle:
            self._pairing = None
        self._offered.clear()
        if link is not None and link.state == _STRANGER:
            self._note(REFUSED_SILENT)
        self._bonds.restore([other.key for other in self._links.values()])

    def encrypted(self, handle: int, encrypted: int, bonded: int, key_bytes: int) -> None:
        """A link's encryption has changed."""
        link = self._links.get(handle)
        if link is None or link.state == _ENDING:
            return
        was_admitted = link.state == _ADMITTED
        link.state = _STRANGER
        if not encrypted:
            return
        if key_bytes < _KEY_BYTES:
            self._refuse(handle, REFUSED_SHORT_KEY)
        elif bonded and self._bonds.knows(link.key):
            if is_legacy(self._bonds.get(OURS, 0, link.key)):
                self._refuse(handle, REFUSED_PAIRING)
            else:
                link.state = _ADMITTED
        elif bonded and was_admitted:  # it pairs anew: new keys follow or, if that failed, the old ones stay
            link.state = _ADMITTED
            self._pairing = handle
            self._settle()
        elif not bonded or not self.window_open:
            self._refuse(handle, REFUSED_NO_BOND)
        else:
            self._pairing = handle
            self._settle()

    def get_secret(self, kind: int, index: int, key) -> "bytes | None":
        """The stack asks for a secret."""
        return self._bonds.get(kind, index, None if key is None else bytes(key))

    def set_secret(self, kind: int, key, value) -> bool:
        """The stack hands over a secret, or deletes one; return whether that was done."""
        key = bytes(key)
        if value is None:
            return self._delete(kind, key)
        if kind == IDENTITY:
            self._bonds.put(kind, key, bytes(value))
            return True
        if not self.window_open:
            return False
        value = bytes(value)
        if is_legacy(value) or not names_a_host(key):  # not kept, and not answered False: the stack would try again
            self._refuse(self._pairing, REFUSED_PAIRING)
            return True
        self._offered[kind, key] = value
        self._settle()
        return True

    def _delete(self, kind: int, key: bytes) -> bool:
        """Do as if, since somebody pairs anew under a bonded host's address; it may be the host itself."""
        if not self._bonds.set_aside(kind, key):
            return False
        if not self.window_open:
            for handle in self._suspects(key):
                self._refuse(handle, REFUSED_REPEAT)
        return True

    def _suspects(self, key: bytes) -> list:
        """Return the links that may be pairing under an address: an admitted one only where there is no other."""
        links = list(self._links.items())
        strangers = [item for item in links if item[1].state != _ADMITTED]
        named = [item for item in strangers if item[1].key == key]
        suspects = named or strangers or [item for item in links if item[1].key == key]
        return [handle for handle, _ in suspects]

    def _settle(self) -> None:
        """Admit the link that has paired once both keys of it are there."""
        handle = self._pairing
        link = self._links.get(handle)
        keys = [key for kind, key in self._offered if kind == OURS and (PEERS, key) in self._offered]
        if handle is None or link is None or link.state == _ENDING or not keys:
            return
        key = link.key if link.state == _ADMITTED else keys[0]
        if key not in keys:
            return
        self._pairing = None
        if not self._bonds.room_for(key):
            self._refuse(handle, REFUSED_FULL)
            return
        for kind in (OURS, PEERS):
            self._bonds.put(kind, key, self._offered.pop((kind, key)))
        link.key = key
        link.state = _ADMITTED

    def _refuse(self, handle: "int | None", reason: int) -> None:
        link = self._links.get(handle)
        if link is None or link.state == _ENDING:
            return
        link.state = _ENDING
        self._offered.clear()
        self._note(reason)
        self._hang_up(handle)

    def _note(self, reason: int) -> None:
        if len(self.refusals) < _MOST_REFUSALS:
            self.refusals.append(reason)

    # What the board asks

    def admits(self, handle: int) -> bool:
        """Tell whether a link may be served."""
        link = self._links.get(handle)
        return link is not None and link.state == _ADMITTED

    def pass_second(self) -> None:
        """Let a second pass: links that don't get encrypted in time end, and those that should have are ended again."""
        patience_s = _PAIRING_PATIENCE_S if self.window_open else _PATIENCE_S
        for handle, link in list(self._links.items()):
            if (
                handle not in self._links or self._links[handle] is not link
            ):  # the stack's interrupt has ended it meanwhile
                continue
            link.age_s += 1
            if link.state == _ENDING:
                self._hang_up(handle)
            elif link.state == _STRANGER and link.age_s >= patience_s:
                self._refuse(handle, REFUSED_SILENT)

    def forget(self) -> None:
        """Forget all hosts, and end their links; raises OSError if flash fails."""
        self.window_open = False
        for handle, link in list(self._links.items()):
            link.state = _ENDING
            self._hang_up(handle)
        self._bonds.forget()
