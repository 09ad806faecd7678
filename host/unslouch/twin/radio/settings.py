"""The settings of MicroPython's bluetooth.BLE.config(), with the errors of modbluetooth.c and modbluetooth_nimble.c."""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from typing import Final

from bumble import att

from .board_stack import PUBLIC, RESOLVABLE, BoardStack

DEFAULT_NAME: Final = b"MPY ESP32"
DEFAULT_MTU: Final = 256
MOST_NAME_BYTES: Final = 31
_MOST_MTU: Final = 517


class Settings(ABC):
    """The values of config(); name and address mode are lost when the radio is switched off."""

    def __init__(self) -> None:
        self._stack: BoardStack | None = None
        self._rxbuf = 256
        self._mtu = DEFAULT_MTU
        self._gap_name = DEFAULT_NAME
        self._mode = PUBLIC
        self.bond = self.secure_connections = self.mitm = False
        self.io = 3

    @abstractmethod
    def _need(self) -> BoardStack:
        """Return the stack; raises OSError where it is off."""

    def config(self, *names: str, **values: object) -> object:
        """Return one value by name, or set some by keyword; raises ValueError for unknown names."""
        if names:
            return self._configured(*names)
        for name, value in values.items():
            self._configure(name, value)
        return None

    def _configured(self, name: str) -> object:
        if name == "mac":
            identity = self._need().identity
            if self._mode == RESOLVABLE:
                raise OSError(errno.EINVAL, "a private address can't be read")
            return int(identity.is_random), bytes(identity)[::-1]
        values = {"gap_name": self._gap_name, "rxbuf": self._rxbuf, "mtu": self._mtu}
        if name not in values:
            raise ValueError("unknown config param")
        return values[name]

    def _configure(self, name: str, value: object) -> None:
        if name == "gap_name":
            assert isinstance(value, str | bytes)
            self._rename(value.encode() if isinstance(value, str) else value)
        elif name == "mtu":
            assert isinstance(value, int)
            if not att.ATT_DEFAULT_MTU <= value <= _MOST_MTU:
                raise OSError(errno.EINVAL, "no MTU that is possible")
            self._need().device.gatt_server.max_mtu = self._mtu = value
        elif name == "addr_mode":
            assert isinstance(value, int)
            if not 0 <= value <= 3:
                raise ValueError("unknown address mode")
            self._need().use_addresses(value)
            self._mode = value
        elif name == "io":
            assert isinstance(value, int)
            self.io = value
        elif name in ("bond", "le_secure", "mitm"):
            setattr(self, "secure_connections" if name == "le_secure" else name, bool(value))
        elif name == "rxbuf":
            assert isinstance(value, int)
            self._rxbuf = value
        else:
            raise ValueError("unknown config param")

    def _rename(self, name: bytes) -> None:
        if len(name) > MOST_NAME_BYTES:
            raise OSError(errno.EINVAL, "the name is too long")
        self._gap_name = name
        for attribute in self._stack.device.gatt_server.attributes if self._stack is not None else ():
            if attribute.type.uuid_bytes == b"\x00\x2a":
                attribute.value = name
