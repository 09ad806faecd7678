"""An adapter of this computer for a simulated sensor, or why it can't be used."""

from __future__ import annotations

import sys
from typing import Final

from bumble.transport import open_transport

from unslouch.errors import BadInput

from .adapters import OnComputer

DEFAULT: Final = "hci-socket:0" if sys.platform == "linux" else "usb:0"
"""The first adapter, as bumble names it. Linux hands it over once the system itself has left it."""


async def usable_adapter(name: str) -> OnComputer:
    """Return an adapter that opens; raises BadInput with the reason and the remedy for one that doesn't."""
    try:
        transport = await open_transport(name or DEFAULT)
        await transport.close()
    except Exception as error:  # libusb's, the system's and bumble's own have no base of their own
        raise BadInput(
            f"The Bluetooth adapter {name or DEFAULT} can't play the sensor ({error}); plug in one that this computer "
            "doesn't use itself (on Linux: `hciconfig hci0 down`, and run as root), or name another, such as "
            "--ble usb:1."
        ) from error
    return OnComputer(name or DEFAULT)
