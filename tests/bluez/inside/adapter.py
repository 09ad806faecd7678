"""The adapter that the virtual machine's kernel has: a controller on the simulated air, behind /dev/vhci."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble.transport import open_transport

from bluez.inside.bluez import BlueZ
from unslouch.twin.radio.air import Air
from unslouch.twin.radio.controller import RadioController


@asynccontextmanager
async def adapter(air: Air, bluez: BlueZ) -> AsyncIterator[None]:
    """Plug an adapter in, on and ready to pair, and out again."""
    transport = await open_transport("vhci")
    radio = RadioController("laptop", air, "C0:C1:C2:C3:C4:C5")
    radio.host = transport.sink
    transport.source.set_packet_sink(radio)
    try:
        await bluez.power_on()
        await bluez.have_agent(True)
        yield
    finally:
        await bluez.forget_all()
        await transport.close()
        await bluez.without_adapter()
