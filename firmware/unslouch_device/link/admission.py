"""Which links over Bluetooth may be served: of hosts that encrypt with a stored bond, or that pair in the window.

Written for NimBLE under MicroPython, which accepts every pairing, and deletes a bonded host's keys for anybody who
pairs anew under its address. That can't be refused: a deletion that isn't done hangs the stack. So the keys are set
aside, the link is ended, and the keys are put back once it has ended.

All of this runs in a task, on what the stack's interrupt has recorded, in the order in which it happened (hosts.py).
"""

from ..contract.payloads import HOST_LINKED, HOST_SECURE, HOST_YOURS
from ..contract.records import (
    PAIRED_SECURE,
    PAIRED_UNVERIFIED,
    REFUSED_FULL,
    REFUSED_NO_BOND,
    REFUSED_PAIRING,
    REFUSED_REPEAT,
    REFUSED_SHORT_KEY,
    REFUSED_SILENT,
    REFUSED_UNKNOWN,
)
from .bonds import OURS, PEERS, names_a_host, secure_connections

_KEY_BYTES = 16
_PATIENCE_S = 10  # with a known host until it has encrypted
_PAIRING_PATIENCE_S = 20  # with a stranger in the window: somebody may have to confirm the pairing on the host
_STALL_S = 4  # NimBLE pairs or encrypts one link at a time: a known host that waits for so long may wait for a stranger
_SETTLE_S = 3  # in which a known host usually encrypts
_MOST_REFUSALS = 8
_STRANGER, _ADMITTED, _FORGOTTEN, _ENDING = range(4)


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
        self.stale = False  # the stack knows other hosts' identities than the bonds; a restart of the radio cures it
        self.refusals: list = []  # REFUSED_…, to be journaled and taken away by the caller
        self.paired: list = []  # PAIRED_…, likewise

    # What has happened

    def connected(self, handle: int, address_type: int, address: bytes) -> None:
        """A link has begun. `address` has its most significant byte first, and a host's own where NimBLE knows it.

        One stranger can use up NimBLE's buffers, or keep it from encrypting other links. So with the window shut a
        stranger is sent away before it can send anything.
        """
        key = bytes((address_type & 1,)) + bytes(reversed(address))
        self._links[handle] = _Link(key)
        if not self.window_open and not self._bonds.knows(key):
            self._refuse(handle, REFUSED_UNKNOWN)

    def disconnected(self, handle: int) -> None:
        """A link has ended."""
        link = self._links.pop(handle, None)
        self._drop_keys(handle)
        if link is not None and link.state == _STRANGER:
            self._note(REFUSED_SILENT)
        if self._bonds.restore([other.key for other in self._links.values()]):
            self.stale = True  # where NimBLE resolves private addresses itself, it has deleted the host's identity

    def encrypted(self, handle: int, encrypted: int, bonded: int, key_bytes: int) -> None:
        """A link's encryption has changed."""
        link = self._links.get(handle)
        if link is None or link.state > _ADMITTED:
            return
        was_admitted = link.state == _ADMITTED
        link.state = _STRANGER
        if not encrypted:
            return
        if key_bytes < _KEY_BYTES:
            self._refuse(handle, REFUSED_SHORT_KEY)
        elif bonded and self._bonds.knows(link.key):
            if secure_connections(self._bonds.get(OURS, 0, link.key)) is False:
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

    def offered(self, kind: int, key: bytes, value: bytes) -> None:
        """The stack has handed over a secret of a pairing; outside the window an admitted host may replace its own."""
        link = self._links.get(self._pairing)
        if not self.window_open and (link is None or link.state != _ADMITTED or link.key != key):
            return
        if secure_connections(value) is False or not names_a_host(key):
            self._refuse(self._pairing, REFUSED_PAIRING)
            return
        self._offered[kind, key] = value
        self._settle()

    def set_aside(self, key: bytes) -> None:
        """The stack has deleted a host's keys, since somebody pairs anew under its address; it may be the host."""
        if not self.window_open:
            for handle in self._suspects(key):
                self._refuse(handle, REFUSED_REPEAT)

    def _suspects(self, key: bytes) -> list:
        """Return the links that may be pairing under an address, other than the host's own, which has encrypted."""
        strangers = [(handle, link) for handle, link in self._links.items() if link.state != _ADMITTED]
        named = [handle for handle, link in strangers if link.key == key]
        return named or [handle for handle, _ in strangers]

    def _settle(self) -> None:
        """Admit the link that has paired once both keys of it are there, and shut the window."""
        handle = self._pairing
        link = self._links.get(handle)
        keys = [key for kind, key in self._offered if kind == OURS and (PEERS, key) in self._offered]
        if handle is None or link is None or link.state > _ADMITTED or not keys:
            return
        key = link.key if link.state == _ADMITTED else keys[0]
        if key not in keys:
            return
        self._pairing = None
        if not self._bonds.room_for(key):
            self._refuse(handle, REFUSED_FULL)
            return
        self.paired.append(PAIRED_SECURE if secure_connections(self._offered[OURS, key]) else PAIRED_UNVERIFIED)
        for kind in (OURS, PEERS):
            self._bonds.put(kind, key, self._offered.pop((kind, key)))
        link.key = key
        link.state = _ADMITTED
        self.window_open = False

    def _refuse(self, handle: "int | None", reason: int) -> None:
        link = self._links.get(handle)
        if link is None or link.state == _ENDING:
            return
        self._drop_keys(handle)
        link.state = _ENDING
        self._note(reason)
        self._hang_up(handle)

    def _drop_keys(self, handle: "int | None") -> None:
        """Drop what was handed over in the pairing of a link that ends, where it may be that link's."""
        if self._pairing is None or self._pairing == handle:
            self._pairing = None
            self._offered.clear()

    def _note(self, reason: int) -> None:
        if len(self.refusals) < _MOST_REFUSALS:
            self.refusals.append(reason)

    # What the board asks

    def admits(self, handle: int) -> bool:
        """Return whether a link may be served."""
        link = self._links.get(handle)
        return link is not None and link.state in (_ADMITTED, _FORGOTTEN)

    def settling(self) -> bool:
        """Return whether a link is about to be encrypted: NimBLE asks for its keys."""
        return any(link.state == _STRANGER and link.age_s < _SETTLE_S for link in self._links.values())

    def stays(self) -> bool:
        """Return whether there is a link that isn't ending."""
        return any(link.state != _ENDING for link in self._links.values())

    def pass_second(self) -> None:
        """Let a second pass: links that don't get encrypted in time end, and those that should have are ended again."""
        waits = False
        for link in self._links.values():
            link.age_s += 1
            waits = waits or (link.state == _STRANGER and link.age_s > _STALL_S and self._bonds.knows(link.key))
        for handle, link in list(self._links.items()):
            if link.state > _ADMITTED:
                link.state = _ENDING
                self._hang_up(handle)
            elif link.state == _STRANGER and link.age_s >= self._patience_s(link.key, waits):
                self._refuse(handle, REFUSED_SILENT)

    def _patience_s(self, key: bytes, waits: bool) -> int:
        """Return after how long a link ends that isn't encrypted. waits: whether a known host waits for encryption."""
        if self._bonds.knows(key):
            return _PATIENCE_S
        if not self.window_open:
            return 0
        return _STALL_S if waits else _PAIRING_PATIENCE_S

    def end_all(self) -> None:
        """End all links."""
        for handle, link in list(self._links.items()):
            link.state = _ENDING
            self._hang_up(handle)

    def hosts(self, handle: "int | None") -> bytes:
        """Return the known hosts as GET_HOSTS is answered on a link; None for the cable."""
        packed = b""
        for key in self._bonds.hosts():
            flags = HOST_SECURE if secure_connections(self._bonds.get(OURS, 0, key) or b"") else 0
            for other, link in self._links.items():
                if link.key == key and self.admits(other):
                    flags |= HOST_LINKED | (HOST_YOURS if other == handle else 0)
            packed += bytes((flags,)) + key
        return packed

    def forget_host(self, key: bytes) -> bool:
        """Forget one host; its link ends within a second, so that it may be answered. Returns whether it was known.

        Raises OSError, and forgets nothing, if flash fails.
        """
        if key not in self._bonds.hosts():
            return False
        self._bonds.drop(key)
        self.stale = True
        for link in self._links.values():
            if link.key == key and link.state == _ADMITTED:
                link.state = _FORGOTTEN
        return True

    def forget(self) -> None:
        """Forget all hosts, and end their links; raises OSError if flash fails."""
        self.window_open = False
        self.stale = True
        self.end_all()
        self._bonds.forget()
