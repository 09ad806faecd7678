"""MicroPython's bluetooth.UUID."""

from __future__ import annotations

import uuid

from bumble.core import UUID as BumbleUUID


class UUID:
    """A UUID of 16 or 128 bits, from an int or from text; as bytes, least significant first."""

    def __init__(self, value: int | str | bytes | bytearray | memoryview) -> None:
        if isinstance(value, int):
            self._bytes = value.to_bytes(2, "little")
        elif isinstance(value, str):
            self._bytes = uuid.UUID(value).bytes[::-1]
        else:
            self._bytes = bytes(value)
        if len(self._bytes) not in (2, 4, 16):
            raise ValueError("invalid UUID")

    def __bytes__(self) -> bytes:
        return self._bytes

    def __len__(self) -> int:
        return len(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UUID) and self._bytes == other._bytes

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __repr__(self) -> str:
        if len(self._bytes) < 16:
            return f"UUID(0x{int.from_bytes(self._bytes, 'little'):04x})"
        return f"UUID('{uuid.UUID(bytes=self._bytes[::-1])}')"

    def for_bumble(self) -> BumbleUUID:
        """The same as bumble has it."""
        return BumbleUUID.from_bytes(self._bytes)
