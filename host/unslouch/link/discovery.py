"""Discovery: which serial ports may have a sensor behind them, by their USB ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .serial import UsbPort

# Vendor ids as in the boards' MicroPython definitions (MICROPY_HW_USB_VID) and http://www.linux-usb.org/usb.ids.
NATIVE_VENDORS = {
    0x303A: "Espressif",
    0x2E8A: "Raspberry Pi",
    0x2886: "Seeed",
    0x2341: "Arduino",
    0x239A: "Adafruit",
    0xF055: "MicroPython",
}
BRIDGE_VENDORS = {
    0x10C4: "Silicon Labs CP210x",
    0x1A86: "WCH CH340 and CH9102",
}
ESPRESSIF_JTAG = (0x303A, 0x1001)
"""The serial port in the silicon of ESP32-S3, C3 and C6: its DTR and RTS reset the chip as a bridge's do."""


def is_native_usb(port: UsbPort) -> bool:
    """Tell a port that the board's own firmware serves from one in silicon or on a bridge."""
    return port.vendor_id in NATIVE_VENDORS and (port.vendor_id, port.product_id) != ESPRESSIF_JTAG


def likely_ports() -> list[str]:
    """Return the serial ports whose USB ids are those of boards that can be a sensor, likeliest first."""
    from .serial import usb_ports

    known = [port for port in usb_ports() if port.vendor_id in NATIVE_VENDORS or port.vendor_id in BRIDGE_VENDORS]
    return [port.device for port in sorted(known, key=lambda port: port.vendor_id not in NATIVE_VENDORS)]
