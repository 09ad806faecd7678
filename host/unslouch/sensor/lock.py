"""SensorLock: one process of a wearer owns a sensor; a lock says so, and a file says where the owner shares it."""

import hashlib
import json
import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from unslouch.errors import UnslouchError
from unslouch.files import make_private_folder, replace_file
from unslouch.link.ble.failures import is_address

LONGEST_SOCKET_PATH = 100  # AF_UNIX paths end at 104 bytes on macOS, 108 on Linux


@dataclass(frozen=True)
class Announcement:
    """Where an owner shares its sensor, and the key that lets the wearer's other processes in."""

    sensor: str
    address: str
    key: bytes


class SensorLock:
    """The right to be the one process that talks to a sensor; held from take() to release() or the process's end."""

    def __init__(self, sensor: str) -> None:
        self.sensor = canonical(sensor)
        self._stem = runtime_folder() / hashlib.sha256(self.sensor.encode()).hexdigest()[:16]
        self._lock = FileLock(self._stem.with_suffix(".lock"), thread_local=False)
        self._file = self._stem.with_suffix(".owner")

    @property
    def address(self) -> str | None:
        """Where to listen: a path, or None where the system has a way of its own (Windows' pipes)."""
        return str(self._stem.with_suffix(".sock")) if os.name == "posix" else None

    def take(self) -> bool:
        """Become the owner unless there is one; return whether it worked."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        # Left behind by an owner that was killed. Nobody else is between take() and release() now.
        self._file.unlink(missing_ok=True)
        self._stem.with_suffix(".sock").unlink(missing_ok=True)
        return True

    def announce(self, address: str, key: bytes) -> None:
        """Let the wearer's other processes know where the sensor is shared; only the owner may call it."""
        text = json.dumps({"sensor": self.sensor, "address": address, "key": key.hex()})
        replace_file(self._file, text.encode())

    def withdraw(self) -> None:
        """Take back what announce() said."""
        self._file.unlink(missing_ok=True)

    def release(self) -> None:
        """Stop being the owner; may be called more than once, and without having been one."""
        if self._lock.is_locked:
            self.withdraw()
            self._lock.release()


def announcement(sensor: str) -> Announcement | None:
    """Return where a sensor is shared, or None if no owner has said so."""
    return _read(SensorLock(sensor)._file)


def locked_sensors() -> list[str]:
    """Return the sensors that the wearer's processes own and share at this moment."""
    found = []
    for file in sorted(runtime_folder().glob("*.owner")):
        told = _read(file)
        if told is not None and is_locked(told.sensor):  # else its owner was killed
            found.append(told.sensor)
    return found


def is_locked(sensor: str) -> bool:
    """Whether a process owns a sensor at this moment, and be it only to look for it."""
    lock = SensorLock(sensor)
    if not lock.take():
        return True
    lock.release()
    return False


def canonical(sensor: str) -> str:
    """Return the one name of a sensor that may be known by several, such as a link in /dev/serial/by-id."""
    if "://" in sensor:
        return sensor
    if is_address(sensor):
        return sensor.upper()
    return sensor.upper() if os.name == "nt" else os.path.realpath(sensor)


def runtime_folder() -> Path:
    """Return the folder for locks and sockets, private to the user and made if missing; raises UnslouchError."""
    from platformdirs import user_runtime_dir

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it falls back to a temporary folder: we look at it ourselves
        folder = Path(user_runtime_dir("unslouch", appauthor=False))
    temporary = Path(tempfile.gettempdir())
    fallen_back = "XDG_RUNTIME_DIR" not in os.environ and temporary in folder.parents
    if fallen_back or len(str(folder)) + len("/0123456789abcdef.sock") > LONGEST_SOCKET_PATH:
        folder = temporary / f"unslouch-{os.getuid()}" if os.name == "posix" else temporary / "unslouch"
    try:
        make_private_folder(folder)
    except OSError as error:
        raise UnslouchError(
            f"{folder} can't be used for locks ({error.strerror}); make it a folder of yours alone, or set "
            "XDG_RUNTIME_DIR to one."
        ) from error
    return folder


def _read(file: Path) -> Announcement | None:
    try:
        told = json.loads(file.read_text())
        return Announcement(str(told["sensor"]), str(told["address"]), bytes.fromhex(told["key"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
