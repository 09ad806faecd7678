"""Packs: all files of the firmware in one file, which root/main.py mounts.

Compiled modules are compressed in it, which saves a third of their flash: MicroPython inflates a module while it
imports it. root/main.py knows a compressed one by its first byte, so packs of earlier versions still start. Modules on
demand stay as they are, since inflating takes 2.3 KB of memory, at the moment when there is least.
"""

import zlib
from dataclasses import dataclass
from hashlib import sha256

from .compile import ON_DEMAND

WINDOW_BITS = 10  # the window lies in the board's heap during an import: 1 KiB; 2 KiB would save another 2 %
COMPILED = ".mpy"


@dataclass(frozen=True)
class Member:
    """A file of a pack as it is stored there, and its offset."""

    name: str
    offset: int
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        return sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Pack:
    """A pack as it is sent to the board: the index, then the members in order."""

    head: bytes
    members: tuple[Member, ...]

    @property
    def data(self) -> bytes:
        """The bytes of the whole pack."""
        return self.head + b"".join(member.data for member in self.members)

    @property
    def digest(self) -> str:
        """SHA-256 of the whole pack, hexadecimal."""
        return sha256(self.data).hexdigest()


def packed(files: dict[str, bytes]) -> Pack:
    """Return a pack of files, given by name; the same files always give the same bytes."""
    lines, contents, offset = [], [], 0
    for name, content in sorted(files.items()):
        data = _compressed(content) if name.endswith(COMPILED) and not name.startswith(ON_DEMAND) else content
        lines.append(f"{name} {offset} {len(data)}\n")
        contents.append((name, offset, data))
        offset += len(data)
    index = "".join(lines).encode()
    head = b"%d\n" % len(index) + index
    return Pack(head, tuple(Member(name, len(head) + at, data) for name, at, data in contents))


def _compressed(data: bytes) -> bytes:
    """Return a module in zlib's format, or as it is if that is not larger."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, WINDOW_BITS)
    small = compressor.compress(data) + compressor.flush()
    return small if len(small) < len(data) else data
