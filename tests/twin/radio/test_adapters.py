"""The board's stack on an adapter of this computer: here one whose other end is the simulated air."""

import pytest
from bumble.hci import Address
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink, Transport

from twin.radio.peripheral import GUARDED, Peripheral, Scene, on_air, until
from unslouch.twin.radio import adapters, irq
from unslouch.twin.radio.adapters import OnComputer
from unslouch.twin.radio.controller import RadioController


class Source:
    """Gives a host what a controller sends."""

    def __init__(self, controller: RadioController) -> None:
        self._controller = controller

    def set_packet_sink(self, host: Host) -> None:
        self._controller.host = host

    def close(self) -> None:
        self._controller.air.leave(self._controller.name)


def test_a_host_pairs_with_a_board_on_an_adapter_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(scene: Scene) -> None:
        async def open_transport(name: str) -> Transport:
            address = Address("00:11:22:33:44:55", Address.PUBLIC_DEVICE_ADDRESS)
            controller = RadioController(name, scene.air, address)
            return Transport(Source(controller), AsyncPipeSink(controller))

        monkeypatch.setattr(adapters, "open_transport", open_transport)
        scene.peripheral.bluetooth.lose_power()
        board = scene.peripheral = Peripheral(scene.air, adapter=OnComputer("usb:0"))
        device = await scene.find()
        assert device.address == "00:11:22:33:44:55"
        assert board.ble.config("mac") == (0, bytes.fromhex("001122334455"))
        async with await scene.client() as client:
            assert await client.read_gatt_char(GUARDED) == b"posture"
        await until(lambda: board.events_of(irq.CENTRAL_DISCONNECT))
        board.bluetooth.lose_power()
        assert "usb:0" not in scene.air.radios

    on_air(story)
