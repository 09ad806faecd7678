"""This computer as the doctor looks at it: USB devices, ports, processes and radios.

They are read from Linux' /sys, /proc and /run. The root folder is an argument, so that tests can lay out a computer of
their own. On other systems the folders are not there, and only what bleak knows is left.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from unslouch.link.usb import BRIDGE_VENDORS, ESPRESSIF_JTAG, NATIVE_VENDORS


@dataclass(frozen=True)
class UsbDevice:
    """A board, or the bridge on it."""

    vendor_id: int
    product_id: int
    name: str
    ports: tuple[str, ...]
    """Names of its serial ports in /dev."""

    @property
    def is_bridge(self) -> bool:
        return self.vendor_id in BRIDGE_VENDORS

    @property
    def is_jtag(self) -> bool:
        """Whether it is the serial port in the silicon, which the ROM's loader serves."""
        return (self.vendor_id, self.product_id) == ESPRESSIF_JTAG


@dataclass(frozen=True)
class PortAccess:
    """Whether this process may open a port."""

    is_allowed: bool
    group: str
    """The group that may; empty if none."""
    is_in_group: bool
    """This session's processes belong to it."""
    is_listed: bool
    """The user is listed in it, for sessions that begin from now on."""


class Computer:
    """Reads below `root`; access tells who may open a port."""

    def __init__(self, root: Path = Path("/"), access: Callable[[Path], PortAccess] | None = None) -> None:
        self.root = root
        self._access = access or port_access

    @property
    def is_linux(self) -> bool:
        """Whether there is a /sys to read."""
        return (self.root / "sys").is_dir()

    def boards(self) -> list[UsbDevice]:
        """Return the USB devices that can be a sensor."""
        boards = []
        for folder in sorted((self.root / "sys/bus/usb/devices").glob("*")):
            vendor, product = _hexadecimal(folder / "idVendor"), _hexadecimal(folder / "idProduct")
            if vendor in NATIVE_VENDORS or vendor in BRIDGE_VENDORS:
                ports = {path.name for path in folder.glob("*:*/tty*") if path.name != "tty"}
                ports |= {path.name for path in folder.glob("*:*/tty/tty*")}
                boards.append(UsbDevice(vendor, product, _text(folder / "product"), tuple(sorted(ports))))
        return boards

    def processes(self) -> set[str]:
        """Return the names of the running programs."""
        return {_text(path) for path in (self.root / "proc").glob("[0-9]*/comm")} - {""}

    def holders(self, port: str) -> list[str]:
        """Return the programs that have a port open, as far as this user may see."""
        held = []
        for folder in (self.root / "proc").glob("[0-9]*"):
            try:
                links = [str(link.readlink()) for link in (folder / "fd").iterdir()]
            except OSError:
                continue
            if f"/dev/{port}" in links:
                held.append(f"{_text(folder / 'comm')} ({folder.name})")
        return sorted(held)

    def access(self, port: str) -> PortAccess:
        """Return whether this process may open a port; raises OSError if it is gone."""
        return self._access(self.root / "dev" / port)

    def is_modem_candidate(self, port: str) -> bool:
        """Return whether ModemManager may take a port for a modem's (udev's ID_MM_ properties)."""
        number = _text(self.root / "sys/class/tty" / port / "dev")
        known = _text(self.root / f"run/udev/data/c{number}").splitlines()
        return "E:ID_MM_CANDIDATE=1" in known and "E:ID_MM_DEVICE_IGNORE=1" not in known

    def adapters(self) -> list[str]:
        """Return the Bluetooth adapters."""
        return sorted(path.name for path in (self.root / "sys/class/bluetooth").glob("hci*") if ":" not in path.name)

    def blocked(self) -> str:
        """Return how Bluetooth is blocked, "by hardware" or "by software"; empty if it isn't."""
        for folder in sorted((self.root / "sys/class/rfkill").glob("rfkill*")):
            if _text(folder / "type") == "bluetooth":
                if _text(folder / "hard") == "1":
                    return "by hardware"
                if _text(folder / "soft") == "1":
                    return "by software"
        return ""


def port_access(path: Path) -> PortAccess:
    """Ask the system who may open a port."""
    import grp
    import pwd

    group_id = path.stat().st_gid
    try:
        group = grp.getgrgid(group_id)
        name, members = group.gr_name, group.gr_mem
    except KeyError:
        name, members = str(group_id), []
    user = pwd.getpwuid(os.getuid()).pw_name
    in_group = group_id in (os.getegid(), *os.getgroups())
    return PortAccess(os.access(path, os.R_OK | os.W_OK), name, in_group, in_group or user in members)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _hexadecimal(path: Path) -> int:
    try:
        return int(_text(path), 16)
    except ValueError:
        return -1
