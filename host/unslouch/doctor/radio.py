"""Looks at Bluetooth on this computer, before any sensor."""

from collections.abc import AsyncIterator

from unslouch.link.ble.devices import Backends, listen
from unslouch.link.ble.failures import BluetoothUnavailable, Failure

from .computer import Computer
from .finding import Finding, Good, Result

CAUSE_OF: dict[Failure | None, str] = {
    Failure.OFF: "bluetooth-off",
    Failure.NO_ADAPTER: "no-adapter",
    Failure.NO_SERVICE: "no-bluez",
    Failure.DENIED: "bluetooth-denied",
}


async def check_radio(computer: Computer, backends: Backends | None = None) -> AsyncIterator[Result]:
    """Yield what keeps this computer from using Bluetooth."""
    if computer.is_linux and not computer.adapters():
        yield Finding("no-adapter")
        return
    if blocked := computer.blocked():
        yield Finding("bluetooth-off", f"Bluetooth is blocked {blocked}.")
        return
    try:
        await listen(0, backends)
    except BluetoothUnavailable as error:
        yield Finding(CAUSE_OF.get(error.failure, "no-adapter"), str(error))
    else:
        yield Good("Bluetooth works on this computer.")
