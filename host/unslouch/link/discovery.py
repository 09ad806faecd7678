"""Discovery: the ports that may lead to a sensor, and the transport to a port or address."""

from typing import TYPE_CHECKING

from unslouch.errors import BadInput
from unslouch.link.ble.failures import is_address

from .transport import Transport
from .usb import BRIDGE_VENDORS, NATIVE_VENDORS, UsbPort

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends


def likely_ports() -> list[str]:
    """Return the serial ports whose USB ids are those of boards that can be a sensor, likeliest first."""
    from .serial import usb_ports

    known = [port for port in usb_ports() if port.vendor_id in NATIVE_VENDORS or port.vendor_id in BRIDGE_VENDORS]
    return [port.device for port in sorted(known, key=lambda port: port.vendor_id not in NATIVE_VENDORS)]


def all_usb_ports() -> list[UsbPort]:
    """Return all serial ports behind USB, whatever is plugged in."""
    from .serial import usb_ports

    return usb_ports()


def transport_for(sensor: str, backends: "Backends | None" = None) -> Transport:
    """Return the transport, not yet open, for a port name, URL or Bluetooth address; raises as check_sensor() does.

    backends replace the Bluetooth stack in a simulation.
    """
    check_sensor(sensor)
    if is_address(sensor):
        from unslouch.link.ble.transport import BleTransport

        return BleTransport(sensor, backends)
    if sensor.startswith("socket://"):
        from .tcp import TcpTransport

        return TcpTransport(sensor)
    from .serial import SerialTransport

    return SerialTransport(sensor)


def check_sensor(sensor: str) -> None:
    """Raise BadInput for a text that can't name a sensor: no name, port, URL or address. It looks for none."""
    if sensor.startswith("socket://"):
        from .tcp import host_and_port

        host_and_port(sensor)
        return
    scheme, separator, _ = sensor.partition("://")
    if separator and scheme not in ("rfc2217", "spy", "hwgrep"):
        raise BadInput(
            f"Sensor {sensor!r} can't be used: {scheme}:// is unknown; give a name, a Bluetooth address, a "
            "serial port or socket://HOST:PORT."
        )
    if not sensor.strip():
        raise BadInput(
            "The sensor's name is empty; give a name, a Bluetooth address, a serial port or socket://HOST:PORT."
        )
