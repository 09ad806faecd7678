"""A Bluetooth LE controller on the simulated air: bumble's, with connection events, limits, distance and loss.

bumble's own delivers at once and without bound. Here data waits for connection events, which come once per connection
interval and carry only so much; a radio out of reach is noticed by the supervision timeout; advertisements have their
kind, scan response and signal strength. Not modelled: peripheral latency (the peripheral listens at every event),
single lost packets, and clock drift.
"""

from __future__ import annotations

import asyncio
from typing import Final

from bumble import hci
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport
from bumble.hci import Address, HCI_ErrorCode

from .air import Advertisement, Air
from .radio_connection import ConnectedController, RadioConnection

ADV_DELAY_S: Final = 0.010
"""Each advertisement comes up to that much later, at random (Core 5.4, vol. 6, part B, 4.4.2.2.1)."""
_AdvertisingType = hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType
_Report = hci.HCI_LE_Advertising_Report_Event
_REPORTED: Final = {
    _AdvertisingType.ADV_IND: _Report.EventType.ADV_IND,
    _AdvertisingType.ADV_SCAN_IND: _Report.EventType.ADV_SCAN_IND,
    _AdvertisingType.ADV_NONCONN_IND: _Report.EventType.ADV_NONCONN_IND,
}


class Advertiser(LegacyAdvertiser):
    """A controller's advertising, of the kinds that aren't directed."""

    def __init__(self, radio: RadioController) -> None:
        super().__init__(radio)
        self.radio = radio
        self.answered = False
        """Whether a central has connected to the current advertisement."""

    @property
    def connectable(self) -> bool:
        """Whether a central may connect."""
        return self.advertising_type == _AdvertisingType.ADV_IND

    @property
    def scannable(self) -> bool:
        """Whether an active scanner is given the scan response."""
        return self.advertising_type in (_AdvertisingType.ADV_IND, _AdvertisingType.ADV_SCAN_IND)

    @property
    def reported_as(self) -> int:
        """The event type by which scanners report it."""
        return _REPORTED[_AdvertisingType(self.advertising_type)]

    def _on_timer_fired(self) -> None:
        period_s = self.advertising_interval_min * 0.625e-3 + self.radio.air.jitter.uniform(0, ADV_DELAY_S)
        self.timer_handle = asyncio.get_running_loop().call_later(period_s, self._on_timer_fired)
        self.answered = False
        self.radio.air.advertise(self)


class RadioController(ConnectedController):
    """A controller that belongs to an Air."""

    le_acl_data_packet_length = 251  # a value of 244 bytes in one packet
    total_num_le_acl_data_packets = 12
    supported_max_tx_octets = supported_max_rx_octets = suggested_max_tx_octets = 251
    # Neither is modelled; a Linux host would wait for LE Enhanced Connection Complete.
    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LL_PRIVACY
        | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )
    le_connections: dict[Address, Connection]

    def __init__(self, name: str, air: Air, address: str | Address) -> None:
        super().__init__(name, link=air, public_address=address)
        self.air = air
        self.le_legacy_advertiser: Advertiser = Advertiser(self)
        air.join(self)

    @property
    def connections(self) -> list[RadioConnection]:
        """Its sides of all connections."""
        return [connection for connection in self.le_connections.values() if isinstance(connection, RadioConnection)]

    def on_packet(self, packet: bytes) -> None:
        """Take a command or data from the host, which may not know yet that the radio has lost power."""
        if self.air.radios.get(self.name) is self:
            super().on_packet(packet)

    # What the air does to it

    def on_advertisement(self, advertisement: Advertisement, strength_dBm: int) -> None:
        """Report an advertisement if the host scans; connect if the host wants a connection to its sender."""
        assert isinstance(advertisement, Advertiser)
        advertiser = advertisement
        if self.le_scan_enable:
            self._report(advertiser, advertiser.reported_as, advertiser.advertising_data, strength_dBm)
            if advertiser.scannable and self.le_scan_type == 1:
                self._report(advertiser, _Report.EventType.SCAN_RSP, advertiser.scan_response_data, strength_dBm)
        if self.wants(advertiser) and not advertiser.answered:
            wanted, self.pending_le_connection = self.pending_le_connection, None
            assert isinstance(wanted, hci.HCI_LE_Create_Connection_Command)
            advertiser.answered = True
            self._connect(advertiser, wanted)

    def wants(self, advertisement: Advertisement) -> bool:
        """Whether the host waits for a connection to the sender of an advertisement."""
        assert isinstance(advertisement, Advertiser)
        wanted = self.pending_le_connection
        return wanted is not None and wanted.peer_address == advertisement.address and advertisement.connectable

    def _report(self, advertiser: Advertiser, kind: int, data: bytes, strength_dBm: int) -> None:
        address = advertiser.address
        report = _Report.Report(
            event_type=kind, address_type=address.address_type, address=address, data=data, rssi=strength_dBm
        )
        self.send_hci_packet(_Report([report]))

    def on_reach_changed(self) -> None:
        """Check which connections have lost or found their other side."""
        for connection in self.connections:
            connection.watch_reach()

    def lose_connections(self) -> int:
        """End all connections for both sides, as if each had timed out; returns how many there were."""
        lost = self.connections
        for connection in lost:
            self.end(connection, HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
            connection.peer.controller.end(connection.peer, HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
        return len(lost)

    def drop_connections(self) -> None:
        """End this side of all connections now."""
        for connection in self.connections:
            self.end(connection, HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    def lose_power(self) -> None:
        """Send, receive and report nothing from now on."""
        self.air.controllers.discard(self)
        self.le_legacy_advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.hci_sink = None
        for connection in self.connections:
            connection.close()
        self.le_connections.clear()

    # Connections

    def _connect(self, advertiser: Advertiser, wanted: hci.HCI_LE_Create_Connection_Command) -> None:
        public = wanted.own_address_type == hci.OwnAddressType.PUBLIC
        own_address = self.public_address if public else self.random_address
        advertiser.stop()
        interval = wanted.connection_interval_max
        anchor_s = asyncio.get_running_loop().time()
        mine = self._side(hci.Role.CENTRAL, own_address, advertiser.address)
        other = advertiser.radio._side(hci.Role.PERIPHERAL, advertiser.address, own_address)
        for controller, side, peer in ((self, mine, other), (advertiser.radio, other, mine)):
            side.begin(peer, anchor_s, interval * 1.25e-3, wanted.supervision_timeout * 10e-3)
            controller._announce(side, interval, wanted.max_latency, wanted.supervision_timeout)

    def _side(self, role: hci.Role, own: Address, peer: Address) -> RadioConnection:
        connection = RadioConnection(
            controller=self,
            handle=self.allocate_connection_handle(),
            role=role,
            self_address=own,
            peer_address=peer,
            link=self.air,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        self.le_connections[peer] = connection
        return connection

    def _announce(self, connection: RadioConnection, interval: int, latency: int, timeout: int) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=HCI_ErrorCode.SUCCESS,
                connection_handle=connection.handle,
                role=connection.role,
                peer_address_type=connection.peer_address.address_type,
                peer_address=connection.peer_address,
                connection_interval=interval,
                peripheral_latency=latency,
                supervision_timeout=timeout,
                central_clock_accuracy=0,
            )
        )

    def end(self, connection: Connection, reason: int) -> None:
        """End one side of a connection, unless it has ended."""
        if isinstance(connection, RadioConnection) and connection.open:
            connection.close()
            super().on_le_disconnected(connection, reason)

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """End this side now, as bumble does where keys don't match, and the other at its next event."""
        self.end(connection, reason)
        if isinstance(connection, RadioConnection) and connection.peer.open:
            peer = connection.peer
            asyncio.get_running_loop().call_at(peer.next_event_s(), peer.controller.end, peer, reason)

    def on_le_encryption_change(self, connection: Connection, status: int) -> None:
        if isinstance(connection, RadioConnection):
            connection.stop_waiting_for_encryption()
            connection.encrypted |= status == HCI_ErrorCode.SUCCESS
        super().on_le_encryption_change(connection, status)

    # Commands

    def on_hci_le_enable_encryption_command(self, command: hci.HCI_LE_Enable_Encryption_Command) -> None:
        super().on_hci_le_enable_encryption_command(command)
        connection = self.find_le_connection_by_handle(command.connection_handle)
        if isinstance(connection, RadioConnection):
            connection.wait_for_encryption()

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        connection = self.find_le_connection_by_handle(command.connection_handle)
        if not isinstance(connection, RadioConnection):
            self._send_hci_command_status(HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, command.op_code)
            return
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
        connection.hang_up(command.reason)

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        wanted, self.pending_le_connection = self.pending_le_connection, None
        if wanted is None:
            return hci.HCI_StatusReturnParameters(HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=wanted.peer_address.address_type,
                peer_address=wanted.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )
        return hci.HCI_StatusReturnParameters(HCI_ErrorCode.SUCCESS)

    def on_hci_le_connection_update_command(self, command: hci.HCI_LE_Connection_Update_Command) -> None:
        super().on_hci_le_connection_update_command(command)
        connection = self.find_le_connection_by_handle(command.connection_handle)
        if isinstance(connection, RadioConnection):
            for side in (connection, connection.peer):
                side.change(command.connection_interval_max * 1.25e-3, command.supervision_timeout * 10e-3)
