"""Packs: all files of the firmware in one file, which root/main.py mounts."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Member:
    """A file of a pack, and its offset there."""

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
    for name, data in sorted(files.items()):
        lines.append(f"{name} {offset} {len(data)}\n")
        contents.append((name, offset, data))
        offset += len(data)
    index = "".join(lines).encode()
    head = b"%d\n" % len(index) + index
    return Pack(head, tuple(Member(name, len(head) + at, data) for name, at, data in contents))
