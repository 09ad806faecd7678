"""Serial ports through pyserial: opened without resetting the board, read on a thread."""

import errno
import os
from contextlib import suppress
from typing import Any

import serial
from serial.tools import list_ports

from unslouch.errors import SensorBusy

from .threaded import ThreadedTransport
from .transport import WRITE_TIMEOUT_S, LinkLost, LinkUnavailable, NoSuchPort
from .usb import UsbPort, is_native_usb

READ_TIMEOUT_S = 0.5
BAUD = 115200  # for boards behind a UART bridge; native USB ports ignore it
READ_BYTES = 16384

# What an unplugged port raises: SerialException and the error of in_waiting are OSErrors; flush and reset_input_buffer
# raise termios.error, which is none. A read during which the port is closed raises TypeError.
_PORT_ERRORS: tuple[type[Exception], ...] = (OSError, TypeError)
try:
    import termios
except ImportError:
    pass
else:
    _PORT_ERRORS += (termios.error,)

_OPEN_ERRORS: tuple[type[Exception], ...] = (*_PORT_ERRORS, ValueError, NotImplementedError)

_BUSY = {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK}
_FORBIDDEN = {errno.EACCES, errno.EPERM}


def _errno(error: BaseException) -> int | None:
    """Return the number of an OSError, or of a termios.error, which keeps it as its first argument."""
    number = error.errno if isinstance(error, OSError) else next(iter(error.args), None)
    return number if isinstance(number, int) else None


def usb_ports() -> list[UsbPort]:
    """Return the serial ports behind USB, sorted by name."""
    return sorted(
        (
            UsbPort(port.device, port.vid, port.pid or 0, port.description)
            for port in list_ports.comports()
            if port.vid is not None
        ),
        key=lambda port: port.device,
    )


class SerialTransport(ThreadedTransport):
    """A serial port, a pty, or a URL that pyserial knows (rfc2217://, hwgrep://)."""

    def __init__(self, port: str, write_timeout_s: float = WRITE_TIMEOUT_S) -> None:
        super().__init__(port)
        self._write_timeout_s = write_timeout_s
        self._port: serial.SerialBase | None = None

    def open_blocking(self) -> None:
        try:
            port = serial.serial_for_url(self.name, do_not_open=True, baudrate=BAUD, timeout=READ_TIMEOUT_S)
            if "://" not in self.name:
                port.exclusive = True if os.name == "posix" else None  # elsewhere ports are always exclusive
                port.write_timeout = self._write_timeout_s
            # Before opening: on boards behind a UART bridge these lines mean reset and boot mode. On a native port
            # (TinyUSB) DTR says that a program reads; without it output is overwritten instead of held back.
            port.rts = False
            port.dtr = self._is_native_usb()
            port.open()
            self._port = port
        except _OPEN_ERRORS as error:
            raise self._unavailable(error) from error

    def _is_native_usb(self) -> bool:
        if "://" in self.name:
            return False
        device = os.path.realpath(self.name)
        return any(os.path.realpath(port.device) == device and is_native_usb(port) for port in usb_ports())

    def _unavailable(self, error: Exception) -> Exception:
        number = _errno(error) or (error.__context__ and _errno(error.__context__))
        text = str(error)
        if number in _BUSY or (os.name == "nt" and "PermissionError" in text):
            return SensorBusy(
                f"{self.name} is in use by another program; close that program (a terminal, mpremote?) and try again."
            )
        if number in _FORBIDDEN:
            return LinkUnavailable(
                f"You may not open {self.name}; on Linux, add yourself to its group (often dialout: "
                "sudo usermod -a -G dialout $USER) and log in again."
            )
        if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO) or "FileNotFoundError" in text:
            return NoSuchPort(f"There is no port {self.name}; plug the sensor in, or choose another port.")
        reason = os.strerror(number) if number else text
        return LinkUnavailable(f"{self.name} can't be opened as a serial port ({reason}); choose another port.")

    def read_blocking(self) -> bytes:
        port = self._opened()
        try:
            return bytes(port.read(min(port.in_waiting, READ_BYTES) or 1))
        except _PORT_ERRORS as error:
            raise self._lost() from error

    def write_blocking(self, data: bytes) -> None:
        port = self._opened()
        try:
            port.write(data)
        except serial.SerialTimeoutException as error:
            raise LinkLost(f"The sensor at {self.name} takes no more data.") from error
        except _PORT_ERRORS as error:
            raise self._lost() from error

    def _opened(self) -> Any:  # pyserial's stubs lack in_waiting
        if self._port is None:
            raise LinkLost(f"{self.name} is closed.")
        return self._port

    def _lost(self) -> LinkLost:
        return LinkLost(f"{self.name} went away: the sensor was unplugged or restarted.")

    def wake(self) -> None:
        for name in ("cancel_read", "cancel_write"):
            cancel = getattr(self._port, name, None)
            if cancel is not None:
                with suppress(*_PORT_ERRORS, AttributeError):  # else the read's own timeout ends it
                    cancel()

    def close_blocking(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            with suppress(*_PORT_ERRORS):  # an unplugged port is closed already
                port.close()
