"""The secrets that the Bluetooth stack has the firmware keep: hosts' keys and the board's own identity, in flash."""

import struct

from ..files import load, save

OURS = 1  # our key of a peer
PEERS = 2  # the peer's key and identity
IDENTITY = 10  # what the board's changing addresses are made with
MOST_HOSTS = 4
_HEAD = "<BBB"  # kind, length of the key, length of the value


def secure_connections(value: bytes) -> "bool | None":
    """Return whether a secret comes from a pairing by LE Secure Connections; None where its layout isn't known.

    The layout is struct ble_store_value_sec of NimBLE's host/ble_store.h on a 32-bit chip: with `sign_counter`, as in
    esp-nimble, 88 bytes, else 80, with or without `bond_count`.
    """
    if len(value) == 80:
        return bool(value[74] & 4)
    return bool(value[80] & 2) if len(value) == 88 else None


def names_a_host(key: bytes) -> bool:
    """Return whether a key, the address's type and the address, is one: NimBLE takes an address of zeros for any."""
    return any(key[1:])


class Bonds:
    """Secrets by (kind, key), in RAM; save() makes them durable, since flash is nothing for an interrupt."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.unsaved = False
        self._secrets = _unpack(load(path) or b"")
        self._aside: dict = {}  # what the stack believes deleted

    def get(self, kind: int, index: int, key: "bytes | None") -> "bytes | None":
        """Return a secret by its key or, where that is None, the index-th of its kind; None if there is none."""
        if key is not None:  # NimBLE counts the index up until there is none, with an address of zeros too
            return None if index else self._secrets.get((kind, key))
        for (other, _), value in self._secrets.items():
            if other == kind:
                if not index:
                    return value
                index -= 1
        return None

    def put(self, kind: int, key: bytes, value: bytes) -> None:
        """Keep a secret in place of the one before."""
        self._aside.pop((kind, key), None)
        self._secrets[kind, key] = value
        self.unsaved = True

    def set_aside(self, kind: int, key: bytes) -> bool:
        """Take a secret out of use until restore() or put(); returns whether it was there."""
        value = self._secrets.pop((kind, key), None)
        if value is None:
            return False
        self._aside[kind, key] = value
        return True

    def restore(self, linked: list) -> bool:
        """Put back what was set aside and not replaced, but of the hosts with these keys, which may still pair.

        Returns whether there was anything.
        """
        names = [name for name in self._aside if name[1] not in linked]
        for name in names:
            self._secrets[name] = self._aside.pop(name)
        return bool(names)

    def hosts(self) -> list:
        """Return the keys of the hosts that are known, also of those whose secrets are set aside."""
        return [key for secrets in (self._secrets, self._aside) for kind, key in secrets if kind == OURS]

    def drop(self, key: bytes) -> None:
        """Forget one host; raises OSError, and forgets nothing, if flash fails."""
        removed = {}
        for kind in (OURS, PEERS):
            for secrets in (self._secrets, self._aside):
                if (kind, key) in secrets:
                    removed[kind, key] = secrets.pop((kind, key))
        self.unsaved = True
        try:
            self.save()
        except OSError:
            self._secrets.update(removed)
            raise

    def knows(self, key: bytes) -> bool:
        """Return whether a host's keys are in use."""
        return (OURS, key) in self._secrets and (PEERS, key) in self._secrets

    def room_for(self, key: bytes) -> bool:
        """Return whether a host may be added; one whose keys are set aside has its place."""
        hosts = self.hosts()
        return len(hosts) < MOST_HOSTS or key in hosts

    def forget(self) -> None:
        """Forget everything, the board's identity too: who knew it could follow the wearer by it.

        Raises OSError, and save() tries again, if flash fails.
        """
        self._secrets.clear()
        self._aside.clear()
        self.unsaved = True
        self.save()

    def save(self) -> None:
        """Write what has changed; raises OSError, and tries again the next time, if flash fails."""
        if not self.unsaved:
            return
        self.unsaved = False  # before the copy: the interrupt may put a secret at any moment
        secrets = dict(self._aside)
        secrets.update(self._secrets)
        try:
            save(self._path, _pack(secrets))
        except OSError:
            self.unsaved = True
            raise


def _pack(secrets) -> bytes:
    packed = b""
    for (kind, key), value in secrets.items():
        packed += struct.pack(_HEAD, kind, len(key), len(value)) + key + value
    return packed


def _unpack(packed: bytes) -> dict:
    """Return the secrets, without halves of a bond that was never complete, and without those that name no host."""
    secrets = {}
    at = 0
    while at + 3 <= len(packed):
        kind, key_bytes, value_bytes = struct.unpack_from(_HEAD, packed, at)
        at += 3 + key_bytes + value_bytes
        secrets[kind, packed[at - key_bytes - value_bytes : at - value_bytes]] = packed[at - value_bytes : at]
    for kind, key in list(secrets):
        complete = (OURS, key) in secrets and (PEERS, key) in secrets
        if kind != IDENTITY and not (complete and names_a_host(key)):
            del secrets[kind, key]
    return secrets
