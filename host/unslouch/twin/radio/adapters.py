"""What a simulated board's Bluetooth stack can run on: the simulated air, or an adapter of this computer."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Final

from bumble.hci import Address, HCI_ErrorCode
from bumble.host import Host
from bumble.transport import open_transport
from bumble.transport.common import AsyncPipeSink, Transport

from .air import Air
from .controller import RadioController

STOP_TIMEOUT_S: Final = 2.0
"""BLE_HS_STOP_ON_SHUTDOWN_TIMEOUT of MicroPython's extmod/nimble/syscfg/syscfg.h."""


class Adapter(ABC):
    """A board's radio, which outlives its boots."""

    name: str

    @property
    def address(self) -> Address | None:
        """The public address, if it is known before the radio is on."""
        return None

    @abstractmethod
    async def open(self, host: Host) -> None:
        """Switch on, and join with the stack's host; raises what bumble's transports raise."""

    @abstractmethod
    def hang_up(self) -> tuple[float, set[int]]:
        """End all connections in good order.

        Returns how long that takes [s], STOP_TIMEOUT_S at most, and the controller's handles of those that have ended.
        """

    @abstractmethod
    def close(self) -> None:
        """Lose power; peers notice by the silence."""


class OnAir(Adapter):
    """A radio on the simulated air."""

    def __init__(self, air: Air, name: str = "sensor", address: str = "74:4D:BD:00:00:01") -> None:
        self.air = air
        self.name = name
        self._address = Address(address, Address.PUBLIC_DEVICE_ADDRESS)
        self._controller: RadioController | None = None

    @property
    def address(self) -> Address:
        return self._address

    async def open(self, host: Host) -> None:
        self._controller = RadioController(self.name, self.air, self._address)
        self._controller.host = host
        host.set_packet_sink(AsyncPipeSink(self._controller))

    def hang_up(self) -> tuple[float, set[int]]:
        now_s = asyncio.get_running_loop().time()
        takes_s, ended = 0.0, set()
        for connection in self._controller.connections if self._controller is not None else ():
            takes_s = max(takes_s, connection.next_event_s() - now_s if connection.in_reach else STOP_TIMEOUT_S)
            if connection.in_reach:
                ended.add(connection.handle)
                connection.controller.on_le_disconnected(
                    connection, HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR
                )
        return min(takes_s, STOP_TIMEOUT_S), ended

    def close(self) -> None:
        if self._controller is not None:
            self.air.leave(self.name)
            self._controller = None


class OnComputer(Adapter):
    """An adapter that bumble can reach, by a name such as usb:0, hci-socket:0 or vhci."""

    def __init__(self, transport: str) -> None:
        self.name = transport
        self._transport: Transport | None = None

    async def open(self, host: Host) -> None:
        self._transport = await open_transport(self.name)
        host.set_packet_source(self._transport.source)
        host.set_packet_sink(self._transport.sink)

    def hang_up(self) -> tuple[float, set[int]]:
        """A real adapter ends its links when it is reset, which is what comes first when it is opened again."""
        return 0.0, set()

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            for end in (transport.source, transport.sink):
                if hasattr(end, "close"):
                    end.close()
