"""USB ids: the boards that can be a sensor, and which of their serial ports are native."""

from dataclasses import dataclass

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
"""The serial port in the silicon of ESP32-S3, C3 and C6: its DTR and RTS reset the chip as those of a bridge do."""


@dataclass(frozen=True)
class UsbPort:
    """A serial port behind USB."""

    device: str
    vendor_id: int
    product_id: int
    description: str


def is_native_usb(port: UsbPort) -> bool:
    """Whether the board's own firmware serves the port, rather than silicon or a bridge."""
    return port.vendor_id in NATIVE_VENDORS and (port.vendor_id, port.product_id) != ESPRESSIF_JTAG
