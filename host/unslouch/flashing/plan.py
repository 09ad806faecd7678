"""Plans an installation: which parts of a pack have to be sent, and which the board copies from what it has."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .pack import Pack
from .slots import Slots


@dataclass(frozen=True)
class Part:
    """Consecutive bytes of a pack, and the file on the board that holds the same bytes; None: they have to be sent."""

    offset: int
    data: bytes
    holder: str | None = None
    holder_offset: int = 0

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def is_continued_by(self, other: "Part") -> bool:
        """Return whether the next part of the pack comes from the same place, right after this one."""
        return self.holder == other.holder and (
            self.holder is None or self.holder_offset + self.size == other.holder_offset
        )


@dataclass(frozen=True)
class Plan:
    """What an installation has to do on a board."""

    slots: Slots
    pack: Pack
    known: dict[str, tuple[str, int]]
    """Files that are on the board already, by digest: the file that holds them, and the offset in it."""
    resume_bytes: int
    """How many bytes of the same pack an earlier attempt left."""
    installed: bool
    """The same pack is active or on trial."""

    @property
    def bytes_to_send(self) -> int:
        """How many bytes have to be sent."""
        return sum(part.size for part in self.parts() if part.holder is None)

    def parts(self) -> list[Part]:
        """Return the parts to append to the pack's file, in order, adjacent ones joined."""
        joined: list[Part] = []
        for part in self._members():
            if joined and joined[-1].is_continued_by(part):
                joined[-1] = replace(joined[-1], data=joined[-1].data + part.data)
            else:
                joined.append(part)
        return joined

    def _members(self) -> Iterator[Part]:
        done = self.resume_bytes
        if done < len(self.pack.head):
            yield Part(done, self.pack.head[done:])
        for member in self.pack.members:
            if member.offset + len(member.data) <= done:
                continue
            cut = max(0, done - member.offset)
            holder, start = self.known.get(member.digest, (None, 0))
            yield Part(member.offset + cut, member.data[cut:], holder, start + cut if holder else 0)
