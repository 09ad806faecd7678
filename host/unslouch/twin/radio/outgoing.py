"""Notifications and indications of a simulated board: what NimBLE has buffers for, and what peers confirm."""

from __future__ import annotations

import asyncio
import errno
from typing import Final

from bumble import att
from bumble.device import Connection

from . import irq
from .board_stack import BoardStack
from .buffers import BLOCKS_PER_VALUE
from .irq import Irq

INDICATE_TIMEOUT_S: Final = 30.0  # Core 5.4, vol. 3, part F, 3.3.3
STATUS_NOT_CONNECTED: Final = 7  # BLE_HS_ENOTCONN of NimBLE's host/ble_hs.h
STATUS_TIMEOUT: Final = 13  # BLE_HS_ETIMEOUT


class Outgoing:
    """Sends values from power on to power off."""

    def __init__(self, stack: BoardStack, events: Irq) -> None:
        self._stack = stack
        self._events = events
        self._indicating: dict[int, tuple[int, asyncio.TimerHandle]] = {}

    def stop(self) -> None:
        """Wait for no confirmation any more."""
        for _, timer in self._indicating.values():
            timer.cancel()
        self._indicating.clear()

    def notify(self, connection: Connection, value_handle: int, value: bytes) -> None:
        """Send a value, cut to the MTU in silence; raises OSError (ENOMEM) where the buffers are used up."""
        payload = self._payload(connection, value)
        notification = att.ATT_Handle_Value_Notification(attribute_handle=value_handle, attribute_value=payload)
        self._stack.send(connection, notification)

    def indicate(self, conn_handle: int, connection: Connection, value_handle: int, value: bytes) -> None:
        """Send a value that the peer confirms; raises OSError: ENOMEM, or EBUSY where one is under way."""
        if conn_handle in self._indicating:
            raise OSError(errno.EBUSY, "an indication is under way")
        payload = self._payload(connection, value)
        loop = asyncio.get_running_loop()
        confirmed: asyncio.Future[None] = loop.create_future()
        self._stack.device.gatt_server.pending_confirmations[connection] = confirmed
        timer = loop.call_later(INDICATE_TIMEOUT_S, self._indicated, conn_handle, value_handle, STATUS_TIMEOUT)
        self._indicating[conn_handle] = value_handle, timer
        confirmed.add_done_callback(lambda _: self._indicated(conn_handle, value_handle, 0))
        indication = att.ATT_Handle_Value_Indication(attribute_handle=value_handle, attribute_value=payload)
        self._stack.send(connection, indication)

    def disconnected(self, conn_handle: int) -> None:
        """Report an indication that will not be confirmed."""
        if conn_handle in self._indicating:
            self._indicated(conn_handle, self._indicating[conn_handle][0], STATUS_NOT_CONNECTED)

    def _indicated(self, conn_handle: int, value_handle: int, status: int) -> None:
        under_way = self._indicating.pop(conn_handle, None)
        if under_way is not None:
            under_way[1].cancel()
            self._events.call(irq.GATTS_INDICATE_DONE, conn_handle, value_handle, status)

    def _payload(self, connection: Connection, value: bytes) -> bytes:
        if self._stack.buffers.free < BLOCKS_PER_VALUE:
            raise OSError(errno.ENOMEM, "all buffers are full")
        return value[: connection.att_mtu - 3]
