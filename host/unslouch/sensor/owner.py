"""Owners: which process owns a sensor, and what it says of itself. Asking takes no lock.

An owner writes a file into a private folder when it takes the lock, and listens at the address in it. Another process
reads the file and checks whether anybody listens there. The system closes the socket when the owner ends, for
whatever reason, and keeps it open while the owner is suspended. So this check needs no lock, which would keep a
rightful owner out at that moment, and no process id, which may belong to another program by now. Between taking the
lock and writing the file a sensor looks free for an instant; the lock then refuses the process that tries to take it.
"""

import hashlib
import json
import os
import tempfile
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from unslouch import __version__
from unslouch.errors import UnslouchError
from unslouch.files import make_private_folder, replace_file
from unslouch.link.ble.failures import is_address
from unslouch.store import default_path

from .sharing.endpoint import is_listening, target_of

LONGEST_SOCKET_PATH = 100  # AF_UNIX paths end at 104 bytes on macOS, 108 on Linux
OWNER_SUFFIX = ".owner"
_SOCKET_NAME_BYTES = len("/0123456789abcdef.sock")


@dataclass(frozen=True)
class Owner:
    """What the process that owns a sensor says of itself."""

    sensor: str
    pid: int
    """0 if its version of unslouch did not say."""
    command: str
    """How it was started, such as `unslouch record`."""
    version: str = __version__
    """Of unslouch."""
    address: str = ""
    """Where it listens (`sharing.endpoint`); empty if it could not."""
    key: str = ""
    """Hexadecimal: the client's half, then the owner's (`sharing.frames`)."""
    database: str = ""
    """Where it stores the journal; empty unless it shares the sensor."""
    shares: bool = False
    """Whether others may look and ask now: it is linked, and stores the journal."""
    simulated: bool = False
    """Whether the sensor that it shares is a simulated one."""
    data_folder: str = ""
    """Where its user's databases are; empty if its version did not say."""

    @property
    def description(self) -> str:
        """Return how messages name it: the process id and the command."""
        return f"process {self.pid}, `{self.command}`" if self.pid else "an older version"

    @property
    def is_of_this_home(self) -> bool:
        """Whether it keeps its databases where this process does; one that doesn't say so counts as such."""
        return self.data_folder in ("", data_folder())

    @property
    def is_same_version(self) -> bool:
        """Whether it runs the same version of unslouch as this process."""
        return self.version == __version__


def owner_of(sensor: str) -> Owner | None:
    """Return the process that owns a sensor now, even if it is suspended; None if there is none."""
    owner = _read(owner_file(sensor))
    return owner if owner is not None and is_listening(owner.address) else None


def sharing_owners() -> list[Owner]:
    """Return the owners that share a sensor now."""
    owners = (_read(file) for file in sorted(runtime_folder().glob(f"*{OWNER_SUFFIX}")))
    return [owner for owner in owners if owner is not None and owner.shares and is_listening(owner.address)]


def owners_storing_in(database: Path) -> list[Owner]:
    """Return the owners that store their sensor's journal in a database now."""
    path = os.path.realpath(database)
    return [owner for owner in sharing_owners() if owner.database == path]


def write_owner(owner: Owner) -> None:
    """Write an owner's file; only the process that has the sensor's lock may. Raises OSError."""
    replace_file(owner_file(owner.sensor), json.dumps(asdict(owner)).encode(), durable=False)


def sharing_of(owner: Owner, database: Path | None, simulated: bool = False) -> Owner:
    """Return an owner as one that shares its sensor, and stores the journal in a database."""
    path = "" if database is None else os.path.realpath(database)
    return replace(owner, shares=True, database=path, simulated=simulated)


def data_folder() -> str:
    """Return the folder for the databases of this user and home, which tells one home from another."""
    return os.path.realpath(default_path(simulated=False).parent)


def owner_file(sensor: str) -> Path:
    """Return the path of the file in which the owner of a sensor describes itself."""
    return stem(sensor).with_suffix(OWNER_SUFFIX)


def stem(sensor: str) -> Path:
    """Return what the files of a sensor in the runtime folder have in common; raises UnslouchError."""
    return runtime_folder() / hashlib.sha256(canonical(sensor).encode()).hexdigest()[:16]


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
        warnings.simplefilter("ignore")  # it warns when it falls back to a temporary folder, which is checked here
        folder = Path(user_runtime_dir("unslouch", appauthor=False))
    temporary = Path(tempfile.gettempdir())
    fell_back = "XDG_RUNTIME_DIR" not in os.environ and temporary in folder.parents
    if fell_back or len(str(folder)) + _SOCKET_NAME_BYTES > LONGEST_SOCKET_PATH:
        folder = temporary / f"unslouch-{os.geteuid()}" if os.name == "posix" else temporary / "unslouch"
    try:
        make_private_folder(folder)
    except OSError as error:
        raise UnslouchError(
            f"{folder} can't be used for locks ({error.strerror}); make it a folder of yours alone, or set "
            "XDG_RUNTIME_DIR to one."
        ) from error
    return folder


def _read(file: Path) -> Owner | None:
    try:
        fields = json.loads(file.read_bytes())
        if "pid" not in fields:  # of a version that wrote no more, and only once it shared
            owner = Owner(fields["sensor"], 0, "", "", fields["address"], shares=True)
        else:
            owner = Owner(**{name: fields[name] for name in Owner.__dataclass_fields__ if name in fields})
        bytes.fromhex(owner.key)
        target_of(owner.address)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return owner if _has_right_types(owner) else None


def _has_right_types(owner: Owner) -> bool:
    texts = (owner.sensor, owner.command, owner.version, owner.address, owner.key, owner.database, owner.data_folder)
    flags = (owner.shares, owner.simulated)
    return (
        all(type(text) is str for text in texts)
        and all(type(flag) is bool for flag in flags)
        and type(owner.pid) is int
    )
