"""One side of a connection on the simulated air: what waits to be sent, and the connection events that carry it."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import Final

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.hci import HCI_ErrorCode

from .air import Air, SentPacket

RESPONSE_TIMEOUT_S: Final = 40.0
"""How long a procedure of the link layer may go without an answer (Core 5.4, vol. 6, part B, 5.2)."""


class ConnectedController(Controller):
    """What a connection needs of its controller beyond bumble's own."""

    air: Air

    def end(self, connection: Connection, reason: int) -> None:
        """End one side of a connection, unless it has ended."""
        raise NotImplementedError


class RadioConnection(Connection):
    """One side of a connection: what waits to be sent, and when it may."""

    controller: ConnectedController
    peer: RadioConnection

    def begin(self, peer: RadioConnection, anchor_s: float, interval_s: float, supervision_s: float) -> None:
        """Connect to the other side; events come at anchor_s and every interval_s thereafter."""
        self.peer = peer
        self.encrypted = False
        self.open = True
        self._anchor_s = anchor_s
        self.interval_s = interval_s
        self._supervision_s = supervision_s
        self._waiting: deque[hci.HCI_AclDataPacket | ll.ControlPdu] = deque()
        self._event: asyncio.TimerHandle | None = None
        self._supervision: asyncio.TimerHandle | None = None
        self._encryption: asyncio.TimerHandle | None = None

    @property
    def in_reach(self) -> bool:
        """Whether the other side has power and receives this one."""
        return self.peer.open and self.controller.air.in_reach(self.controller.name, self.peer.controller.name)

    def next_event_s(self) -> float:
        """When the next connection event comes, in the event loop's time; later than now."""
        now_s = asyncio.get_running_loop().time()
        events = math.floor((now_s - self._anchor_s) / self.interval_s + 1e-6) + 1
        return self._anchor_s + events * self.interval_s

    def change(self, interval_s: float, supervision_s: float) -> None:
        """Take new parameters."""
        self._anchor_s = self.next_event_s()
        self.interval_s, self._supervision_s = interval_s, supervision_s

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        self._enqueue(packet)

    def send_ll_control_pdu(self, packet: ll.ControlPdu) -> None:
        if not isinstance(packet, ll.TerminateInd):  # hang_up() and end() see to that
            self._enqueue(packet)

    def _enqueue(self, packet: hci.HCI_AclDataPacket | ll.ControlPdu) -> None:
        self._waiting.append(packet)
        self._await_event()

    def _await_event(self) -> None:
        if self._event is None and self.open:
            self._event = asyncio.get_running_loop().call_at(self.next_event_s(), self._take_event)

    def _take_event(self) -> None:
        self._event = None
        if self.in_reach:
            for _ in range(self.controller.air.limits.packets_in(self.interval_s)):
                if not self._waiting or not self.peer.open:
                    break
                self._transmit(self._waiting.popleft())
        if self._waiting:
            self._await_event()

    def _transmit(self, packet: hci.HCI_AclDataPacket | ll.ControlPdu) -> None:
        peer = self.peer
        if isinstance(packet, ll.ControlPdu):
            peer.controller.on_ll_control_pdu(peer.peer_address, packet)
            return
        now_s = asyncio.get_running_loop().time()
        air = self.controller.air
        air.on_sent(SentPacket(now_s, self.controller.name, peer.controller.name, self.encrypted, bytes(packet.data)))
        first = packet.pb_flag in (0, 2)
        peer.controller.send_hci_packet(
            hci.HCI_AclDataPacket(peer.handle, 2 if first else 1, 0, len(packet.data), packet.data)
        )
        self.controller.send_hci_packet(
            hci.HCI_Number_Of_Completed_Packets_Event(connection_handles=[self.handle], num_completed_packets=[1])
        )

    def watch_reach(self) -> None:
        """Start or stop waiting for the supervision timeout, after the other side went out of reach or came back."""
        if self.in_reach:
            if self._supervision is not None:
                self._supervision.cancel()
                self._supervision = None
        elif self._supervision is None and self.open:
            loop = asyncio.get_running_loop()
            self._supervision = loop.call_later(self._supervision_s, self._time_out)

    def _time_out(self) -> None:
        self._supervision = None
        self.controller.end(self, HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def wait_for_encryption(self) -> None:
        """End the connection if the other side's host doesn't say anything about its key."""
        loop = asyncio.get_running_loop()
        self._encryption = loop.call_later(RESPONSE_TIMEOUT_S, self._unanswered)

    def stop_waiting_for_encryption(self) -> None:
        """Take the encryption as answered."""
        if self._encryption is not None:
            self._encryption.cancel()
            self._encryption = None

    def _unanswered(self) -> None:
        self.controller.on_le_disconnected(self, HCI_ErrorCode.LMP_OR_LL_RESPONSE_TIMEOUT_ERROR)

    def hang_up(self, reason: int) -> None:
        """End the connection on both sides at the next event; what waits to be sent is dropped."""
        self._waiting.clear()
        asyncio.get_running_loop().call_at(self.next_event_s(), self._hung_up, reason)

    def _hung_up(self, reason: int) -> None:
        if self.in_reach:
            self.controller.end(self, HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)
            self.peer.controller.end(self.peer, reason)
        else:
            self.watch_reach()

    def close(self) -> None:
        """Stop everything that is under way."""
        self.open = False
        self._waiting.clear()
        self.stop_waiting_for_encryption()
        for timer in (self._event, self._supervision):
            if timer is not None:
                timer.cancel()
        self._event = self._supervision = None
