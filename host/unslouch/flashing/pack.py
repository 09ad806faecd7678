"""Packs: the firmware's files in one, as root/main.py mounts them."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Member:
    """A file of a pack, where it lies in it."""

    name: str
    offset: int
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        return sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Pack:
    """A pack as it goes to the board: what comes before the members, and these in order."""

    head: bytes
    members: tuple[Member, ...]

    @property
    def data(self) -> bytes:
        """All of its bytes."""
        return self.head + b"".join(member.data for member in self.members)

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, hexadecimal."""
        return sha256(self.data).hexdigest()


def packed(files: dict[str, bytes]) -> Pack:
    """Return the pack of files by name; the same files always give the same bytes."""
    lines, contents, offset = [], [], 0
    for name, data in sorted(files.items()):
        lines.append(f"{name} {offset} {len(data)}\n")
        contents.append((name, offset, data))
        offset += len(data)
    index = "".join(lines).encode()
    head = b"%d\n" % len(index) + index
    return Pack(head, tuple(Member(name, len(head) + at, data) for name, at, data in contents))
