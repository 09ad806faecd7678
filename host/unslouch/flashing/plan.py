"""Plans: which parts of a pack have to be sent, and which are on the board already and only copied there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .pack import Pack
from .slots import Slots


@dataclass(frozen=True)
class Part:
    """Consecutive bytes of a pack, and the file on the board that holds the same; None: they have to be sent."""

    offset: int
    data: bytes
    holder: str | None = None
    holder_offset: int = 0

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def goes_on_with(self, other: "Part") -> bool:
        """Tell whether another part, which follows in the pack, comes from where this one ends."""
        return self.holder == other.holder and (
            self.holder is None or self.holder_offset + self.size == other.holder_offset
        )


@dataclass(frozen=True)
class Plan:
    """What there is to do on a board."""

    slots: Slots
    pack: Pack
    known: dict[str, tuple[str, int]]
    """Files that are on the board already, by digest: what holds them, and from which byte on."""
    resume_bytes: int
    """What an earlier try left of the same pack."""
    installed: bool
    """The same pack is in force, or on trial."""

    @property
    def bytes_to_send(self) -> int:
        """What has to go over the line."""
        return sum(part.size for part in self.parts() if part.holder is None)

    def parts(self) -> list[Part]:
        """Return what is to be appended to the pack's file, in order and joined as far as possible."""
        joined: list[Part] = []
        for part in self._members():
            if joined and joined[-1].goes_on_with(part):
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
