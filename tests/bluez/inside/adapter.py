"""The adapter that the virtual machine's kernel has: a controller on the simulated air, behind /dev/vhci."""

from bumble.transport import open_transport
from bumble.transport.common import Transport

from unslouch.twin.radio.air import Air
from unslouch.twin.radio.controller import RadioController


async def attach(air: Air, name: str, address: str) -> Transport:
    """Give the kernel an adapter on the air; to be kept for as long as it shall be there."""
    transport = await open_transport("vhci")
    radio = RadioController(name, air, address)
    radio.host = transport.sink
    transport.source.set_packet_sink(radio)
    return transport
