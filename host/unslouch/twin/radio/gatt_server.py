"""The board's GATT server: bumble's, with NimBLE's numbering, checks, prepared writes and want of buffers.

The rules are those of ble_att_svr.c and ble_gatts.c in NimBLE's host/src.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from bumble import att, gatt
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server
from bumble.profiles.gap import GenericAccessService

from unslouch.background import start_in_background

from .buffers import Buffers

QUEUED_WRITE_TIMEOUT_S: Final = 30.0
"""BLE_ATT_SVR_QUEUED_WRITE_TMO: a link that prepares a write and doesn't execute it in time is ended."""
_NEED_A_BLOCK: Final = (
    att.ATT_Write_Request,
    att.ATT_Find_By_Type_Value_Request,
    att.ATT_Read_Multiple_Request,
)
"""Other requests are answered in the buffer that they came in."""
_MOST_VALUE_BYTES: Final = 512
_NOTIFY, _INDICATE = 1, 2  # bits of a Client Characteristic Configuration


class WriteGuard(Protocol):
    """What the server asks before a write, and has done to a link."""

    def check_write(self, handle: int, connection: Connection) -> None:
        """Raise ATT_Error if a peer must not write to an attribute."""

    def hang_up(self, connection: Connection) -> None:
        """End a link."""


@dataclass(frozen=True)
class _PreparedWrite:
    handle: int
    offset: int
    data: bytes


class BoardServer(Server):
    """bumble's GATT server as NimBLE behaves; `first_handle` is its first attribute's."""

    def __init__(self, device: Device, guard: WriteGuard, buffers: Buffers, first_handle: int = 1) -> None:
        self._first_handle = first_handle
        super().__init__(device)
        self._guard = guard
        self._buffers = buffers
        self._prepared: dict[Connection, list[_PreparedWrite]] = {}
        self._timers: dict[Connection, asyncio.TimerHandle] = {}
        self.add_service(GenericAccessService(device.name))
        changed = Characteristic[bytes](
            gatt.GATT_SERVICE_CHANGED_CHARACTERISTIC,
            Characteristic.Properties.INDICATE,
            att.Attribute.Permissions(0),
            b"",
        )
        self.add_service(Service(gatt.GATT_GENERIC_ATTRIBUTE_SERVICE, [changed]))

    def next_handle(self) -> int:
        """Number on from the services before: ble_att_svr_reset() of NimBLE 1.3 doesn't begin anew."""
        return self._first_handle + len(self.attributes)

    def stop(self) -> None:
        """Drop what is prepared."""
        for connection in list(self._prepared):
            self._drop_prepared(connection)

    def on_gatt_pdu(self, bearer: att.Bearer, att_pdu: att.ATT_PDU) -> None:
        assert isinstance(bearer, Connection)
        if isinstance(att_pdu, att.ATT_Prepare_Write_Request):
            self._prepare(bearer, att_pdu)
        elif isinstance(att_pdu, att.ATT_Execute_Write_Request):
            start_in_background(self._execute(bearer, att_pdu), "Executing prepared writes")
        elif isinstance(att_pdu, _NEED_A_BLOCK) and not self._buffers.free:
            self._refuse(bearer, att_pdu, 0, att.ATT_INSUFFICIENT_RESOURCES_ERROR)
        elif isinstance(att_pdu, att.ATT_Write_Request | att.ATT_Write_Command) and self._read_only(att_pdu):
            if isinstance(att_pdu, att.ATT_Write_Request):
                self._refuse(bearer, att_pdu, att_pdu.attribute_handle, att.ATT_WRITE_NOT_PERMITTED_ERROR)
        else:
            super().on_gatt_pdu(bearer, att_pdu)

    def _read_only(
        self, request: att.ATT_Write_Request | att.ATT_Write_Command | att.ATT_Prepare_Write_Request
    ) -> bool:
        """Whether a write goes to an attribute that can't be written; bumble itself would let it through."""
        attribute = self.get_attribute(request.attribute_handle)
        return attribute is not None and not attribute.permissions & att.Attribute.Permissions.WRITEABLE

    def _refuse(self, bearer: Connection, request: att.ATT_PDU, handle: int, error: int) -> None:
        self.send_response(
            bearer,
            att.ATT_Error_Response(
                request_opcode_in_error=request.op_code,
                attribute_handle_in_error=handle,
                error_code=att.ErrorCode(error),
            ),
        )

    # Prepared writes

    def _prepare(self, bearer: Connection, request: att.ATT_Prepare_Write_Request) -> None:
        """Keep a part of a value, in a block of its own; ble_att_svr_rx_prep_write()."""
        handle = request.attribute_handle
        try:
            if self.get_attribute(handle) is None:
                raise att.ATT_Error(att.ATT_INVALID_HANDLE_ERROR)
            if self._read_only(request):
                raise att.ATT_Error(att.ATT_WRITE_NOT_PERMITTED_ERROR)
            self._guard.check_write(handle, bearer)
            if not self._buffers.free:
                raise att.ATT_Error(att.ATT_INSUFFICIENT_RESOURCES_ERROR)
        except att.ATT_Error as error:
            self._refuse(bearer, request, handle, error.error_code)
            return
        if bearer not in self._prepared:
            self._prepared[bearer] = []
            bearer.on("disconnection", lambda _: self._drop_prepared(bearer))
        self._prepared[bearer].append(_PreparedWrite(handle, request.value_offset, bytes(request.part_attribute_value)))
        self._prepared[bearer].sort(key=lambda part: (part.handle, part.offset))
        self._buffers.prepared += 1
        self._wait_for_execution(bearer)
        self.send_response(
            bearer,
            att.ATT_Prepare_Write_Response(
                attribute_handle=handle,
                value_offset=request.value_offset,
                part_attribute_value=request.part_attribute_value,
            ),
        )

    def _wait_for_execution(self, bearer: Connection) -> None:
        if bearer in self._timers:
            self._timers[bearer].cancel()
        loop = asyncio.get_running_loop()
        self._timers[bearer] = loop.call_later(QUEUED_WRITE_TIMEOUT_S, self._guard.hang_up, bearer)

    def _drop_prepared(self, bearer: Connection) -> list[_PreparedWrite]:
        """Free the blocks of a link's prepared writes, and return what they held."""
        parts = self._prepared.pop(bearer, [])
        self._buffers.prepared -= len(parts)
        if bearer in self._timers:
            self._timers.pop(bearer).cancel()
        return parts

    async def _execute(self, bearer: Connection, request: att.ATT_Execute_Write_Request) -> None:
        """Write what was prepared, or drop it; ble_att_svr_rx_exec_write()."""
        parts = self._drop_prepared(bearer)
        try:
            if request.flags:
                for handle, value in _joined(parts).items():
                    attribute = self.get_attribute(handle)
                    assert attribute is not None  # checked while it was prepared
                    await attribute.write_value(bearer, value)
        except att.ATT_Error as error:
            self._refuse(bearer, request, error.att_handle, error.error_code)
        else:
            self.send_response(bearer, att.ATT_Execute_Write_Response())

    # Subscriptions

    def write_cccd(self, bearer: att.Bearer, characteristic: Characteristic[bytes], value: bytes) -> None:
        """Subscribe; raises ATT_Error as ble_gatts_clt_cfg_access_locked() refuses it."""
        if len(value) != 2:
            raise att.ATT_Error(att.ATT_INVALID_ATTRIBUTE_LENGTH_ERROR)
        notify = bool(characteristic.properties & Characteristic.Properties.NOTIFY)
        indicate = bool(characteristic.properties & Characteristic.Properties.INDICATE)
        if int.from_bytes(value, "little") & ~(_NOTIFY * notify | _INDICATE * indicate):
            raise att.ATT_Error(att.ATT_REQUEST_NOT_SUPPORTED_ERROR)
        super().write_cccd(bearer, characteristic, value)


def _joined(parts: list[_PreparedWrite]) -> dict[int, bytes]:
    """Return whole values by handle; raises ATT_Error for gaps and overlaps, and for what is too long."""
    values: dict[int, bytes] = {}
    for part in parts:
        value = values.get(part.handle, b"")
        if part.offset != len(value):
            raise att.ATT_Error(att.ATT_INVALID_OFFSET_ERROR, part.handle)
        if len(value) + len(part.data) > _MOST_VALUE_BYTES:
            raise att.ATT_Error(att.ATT_INVALID_ATTRIBUTE_LENGTH_ERROR, part.handle)
        values[part.handle] = value + part.data
    return values
