"""Drives: whether processes can share memory through a file on the drive of a folder, as a write-ahead log needs it."""

import mmap
import re
import tempfile
from pathlib import Path

from unslouch.files import TEMPORARY_PREFIX

MOUNTS = Path("/proc/self/mountinfo")  # of Linux: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html

_NETWORK_TYPES = {"nfs", "nfs4", "cifs", "smb3", "smbfs"}
"""Drives that several computers use at a time. One of them can share memory with itself, but not with the others, whose
writes would then damage the database (https://www.sqlite.org/wal.html, "does not work over a network filesystem")."""


def has_shared_memory(folder: Path, mounts: Path | None = None) -> bool:
    """Return whether all processes that can open a file in a folder can share memory through it."""
    return not is_network_drive(folder, mounts) and _can_map(folder)


def is_network_drive(folder: Path, mounts: Path | None = None) -> bool:
    """Return whether a folder is on an NFS or SMB drive, by the system's list of mounts; False if there is no list."""
    return _filesystem_type(folder.resolve(), mounts or MOUNTS) in _NETWORK_TYPES


def _filesystem_type(folder: Path, mounts: Path) -> str:
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    deepest, filesystem = Path("/"), ""
    for line in lines:
        mount, _, rest = line.partition(" - ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), mount.split(" ")[4]))
        # Of two mounts on one folder the later one hides the earlier.
        if folder.is_relative_to(point) and point.is_relative_to(deepest):
            deepest, filesystem = point, rest.split(" ")[0]
    return filesystem


def _can_map(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(prefix=TEMPORARY_PREFIX, dir=folder) as file:
            file.truncate(mmap.PAGESIZE)
            try:
                mmap.mmap(file.fileno(), mmap.PAGESIZE).close()
            except OSError:
                return False
    except OSError:
        return True  # it can't be tried; SQLite will report it
    return True
