"""The irq of MicroPython's bluetooth.BLE: its events, and how its handler is called."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Final

CENTRAL_CONNECT: Final = 1
CENTRAL_DISCONNECT: Final = 2
GATTS_WRITE: Final = 3
GATTS_READ_REQUEST: Final = 4
GATTS_INDICATE_DONE: Final = 20
MTU_EXCHANGED: Final = 21
CONNECTION_UPDATE: Final = 27
ENCRYPTION_UPDATE: Final = 28
GET_SECRET: Final = 29
SET_SECRET: Final = 30
PASSKEY_ACTION: Final = 31

Handler = Callable[[int, tuple[object, ...]], object]


class Irq:
    """Calls the firmware's handler, as modbluetooth.c does."""

    def __init__(self) -> None:
        self.handler: Handler | None = None
        self.error: Exception | None = None
        """What the handler raised, after which it was not called again."""

    def call(self, event: int, *data: object) -> object:
        """Call the handler and return its answer; bytes become memoryviews, which are invalid once it returns.

        A handler that raises is never called again.
        """
        if self.handler is None:
            return None
        views = tuple(memoryview(item) if isinstance(item, bytes) else item for item in data)
        try:
            return self.handler(event, views)
        except Exception as error:  # noqa: BLE001 - MicroPython catches every exception here
            print("Unhandled exception in IRQ callback handler", file=sys.stderr)
            traceback.print_exc()
            self.handler = None
            self.error = error
            return None
        finally:
            for view in views:
                if isinstance(view, memoryview):
                    view.release()

    def get_secret(self, kind: int, index: int, key: bytes | None) -> bytes | None:
        """Ask the firmware for a secret."""
        value = self.call(GET_SECRET, kind, index, key)
        assert value is None or isinstance(value, bytes | bytearray | memoryview)
        return None if value is None else bytes(value)

    def set_secret(self, kind: int, key: bytes, value: bytes | None) -> bool:
        """Have the firmware store a secret, or delete it (None); returns whether it did."""
        return bool(self.call(SET_SECRET, kind, key, value))
