"""What register-level models of chips share: a table of registers, and how they say what they don't model."""

from __future__ import annotations

from typing import Final, NamedTuple

NEVER_US: Final = 1 << 62


class NotModelled(NotImplementedError):
    """A driver asked for something of the chip that its model does not do."""


class Register(NamedTuple):
    reset: int
    writable: int
    """Mask of the bits that a write changes; the others are fixed or reserved."""


FREELY_WRITTEN: Final = Register(0x00, 0xFF)
