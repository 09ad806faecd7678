"""Files and folders that belong to one user alone, and files that are replaced whole or not at all.

    make_folder()          creates a folder for the user alone; one that exists stays as it is
    make_private_folder()  the same, and refuses one that somebody else could write to
    replace_file()         writes a file in one step
    publish_file()         puts a finished file in the place of another

They raise OSError; callers add which file it was for and what to do.
"""

import os
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PRIVATE_FOLDER_MODE = 0o700
PRIVATE_FILE_MODE = 0o600
RETRIES_REPLACE = os.name == "nt"
REPLACE_TIMEOUT_S = 0.5
REPLACE_POLL_S = 0.01
TEMPORARY_PREFIX = ".unslouch-"  # short, so that any name that a folder takes can be written


def make_folder(folder: Path) -> None:
    """Create a folder of mode 0700, and the folders above it, where they are missing."""
    folder.mkdir(mode=PRIVATE_FOLDER_MODE, parents=True, exist_ok=True)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only this user can enter; one that exists is given mode 0700.

    Raises PermissionError if it is a symbolic link or belongs to somebody else: in a folder like /tmp another user can
    make one of the same name first. Windows keeps users apart by the folder above it.
    """
    make_folder(folder)
    if os.name != "posix":
        return
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        raise PermissionError(1, "it isn't a folder of yours")
    if stat.S_IMODE(state.st_mode) != PRIVATE_FOLDER_MODE:
        folder.chmod(PRIVATE_FOLDER_MODE)


def replace_file(path: Path, data: bytes, mode: int = PRIVATE_FILE_MODE, *, durable: bool = True) -> None:
    """Write a file in one step: whatever happens, the path has either all of data or what it had before.

    If durable, the data is on the disk when the call returns; a file that means nothing after a power cut needs no such
    wait. A symbolic link is replaced, not followed.
    """
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)  # of mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(descriptor)
        if mode != PRIVATE_FILE_MODE:
            temporary.chmod(mode)
        _replace(temporary, path)
    except BaseException:
        with suppress(OSError):  # what went wrong first is what the caller has to hear
            temporary.unlink()
        raise
    if durable:
        _sync_folder(path.parent)


def publish_file(temporary: Path, path: Path, mode: int = PRIVATE_FILE_MODE) -> None:
    """Put a finished file of the same filesystem in the place of another, once its data is on the disk."""
    descriptor = os.open(temporary, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.chmod(mode)
    _replace(temporary, path)
    _sync_folder(path.parent)


def _replace(temporary: Path, path: Path) -> None:
    """Rename a file over another. Windows refuses that while a process has the other one open, so try for a while."""
    deadline_s = time.monotonic() + REPLACE_TIMEOUT_S
    while True:
        try:
            temporary.replace(path)
            return
        except PermissionError:
            if not RETRIES_REPLACE or path.is_dir() or time.monotonic() >= deadline_s:
                raise
        time.sleep(REPLACE_POLL_S)


def _sync_folder(folder: Path) -> None:
    """Write the folder's own entries to the disk, so that the new name survives a power cut, where a system can."""
    if os.name != "posix":
        return
    with suppress(OSError):  # some filesystems refuse it; the file itself is written
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
