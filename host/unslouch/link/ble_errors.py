"""What bleak raises, as the troubles that it means."""

from collections.abc import Iterator
from contextlib import contextmanager

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from .ble_troubles import Trouble

FAILURES = (BleakError, OSError, EOFError)  # TimeoutError is an OSError; D-Bus ends in an EOFError when it goes
_REASONS = {
    BleakBluetoothNotAvailableReason.POWERED_OFF: Trouble.OFF,
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: Trouble.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: Trouble.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: Trouble.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: Trouble.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: Trouble.DENIED,
}
# https://git.kernel.org/pub/scm/bluetooth/bluez.git/tree/doc (adapter and device API), and D-Bus's own names
_DBUS_ERRORS = {
    "org.bluez.Error.NotReady": Trouble.OFF,
    "org.bluez.Error.NotPermitted": Trouble.NOT_PAIRED,
    "org.bluez.Error.NotAuthorized": Trouble.NOT_PAIRED,
    "org.bluez.Error.AuthenticationFailed": Trouble.NO_AGENT,
    "org.bluez.Error.AuthenticationCanceled": Trouble.NOT_LET_IN,
    "org.bluez.Error.AuthenticationRejected": Trouble.NOT_LET_IN,
    "org.bluez.Error.AuthenticationTimeout": Trouble.NO_AGENT,
    "org.freedesktop.DBus.Error.ServiceUnknown": Trouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Trouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.AccessDenied": Trouble.DENIED,
}
_NEEDS_SECURITY = (0x05, 0x08, 0x0C, 0x0F)  # ATT: authentication, authorization, key size, encryption
_PEER_FORGOT = "Peer removed pairing information"  # CBError 14, which bleak passes on as text


@contextmanager
def told(name: str, other: Trouble) -> Iterator[None]:
    """Turn what bleak raises into our errors: `other` where it is nothing known."""
    try:
        yield
    except FAILURES as error:
        raise trouble_of(error, other).told(name, error) from error


def trouble_of(error: Exception, other: Trouble) -> Trouble:
    """Return what an error means: `other` where it is nothing known."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _REASONS.get(error.reason, Trouble.UNUSABLE)
    if isinstance(error, BleakDeviceNotFoundError):
        return Trouble.ABSENT
    if isinstance(error, BleakDBusError):
        return _DBUS_ERRORS.get(error.dbus_error, other)
    if isinstance(error, BleakGATTProtocolError) and error.code in _NEEDS_SECURITY:
        return Trouble.NOT_PAIRED
    if _PEER_FORGOT in str(error):
        return Trouble.BOND_LOST
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):  # no D-Bus, so no BlueZ
        return Trouble.NO_SERVICE
    return other
