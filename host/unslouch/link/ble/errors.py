"""Translates what bleak raises into failures with a sentence for the user."""

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

from .failures import Failure

FAILURES = (BleakError, OSError, EOFError)  # TimeoutError is an OSError; a D-Bus that ends raises EOFError
_REASONS = {
    BleakBluetoothNotAvailableReason.POWERED_OFF: Failure.OFF,
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: Failure.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: Failure.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: Failure.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: Failure.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: Failure.DENIED,
}
# https://git.kernel.org/pub/scm/bluetooth/bluez.git/tree/doc (adapter and device API), and D-Bus's own names
_DBUS_ERRORS = {
    "org.bluez.Error.NotReady": Failure.OFF,
    "org.bluez.Error.NotPermitted": Failure.NOT_PAIRED,
    "org.bluez.Error.NotAuthorized": Failure.NOT_PAIRED,
    "org.bluez.Error.AuthenticationFailed": Failure.NO_AGENT,
    "org.bluez.Error.AuthenticationCanceled": Failure.NOT_ACCEPTED,
    "org.bluez.Error.AuthenticationRejected": Failure.NOT_ACCEPTED,
    "org.bluez.Error.AuthenticationTimeout": Failure.NO_AGENT,
    "org.freedesktop.DBus.Error.ServiceUnknown": Failure.NO_SERVICE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Failure.NO_SERVICE,
    "org.freedesktop.DBus.Error.AccessDenied": Failure.DENIED,
}
_NEEDS_SECURITY = (0x05, 0x08, 0x0C, 0x0F)  # ATT: authentication, authorization, key size, encryption
_PEER_FORGOT = "Peer removed pairing information"  # CBError 14, which bleak passes on as text


@contextmanager
def as_failures(name: str, other: Failure) -> Iterator[None]:
    """Raise the failure that an error of bleak means, or `other` if its meaning is unknown."""
    try:
        yield
    except FAILURES as error:
        raise failure_from(error, other).as_error(name, error) from error


def failure_from(error: Exception, other: Failure) -> Failure:
    """Return the failure that an error means, or `other` if its meaning is unknown."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _REASONS.get(error.reason, Failure.UNUSABLE)
    if isinstance(error, BleakDeviceNotFoundError):
        return Failure.ABSENT
    if isinstance(error, BleakDBusError):
        return _DBUS_ERRORS.get(error.dbus_error, other)
    if isinstance(error, BleakGATTProtocolError) and error.code in _NEEDS_SECURITY:
        return Failure.NOT_PAIRED
    if _PEER_FORGOT in str(error):
        return Failure.BOND_LOST
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):  # no D-Bus, so no BlueZ
        return Failure.NO_SERVICE
    return other
