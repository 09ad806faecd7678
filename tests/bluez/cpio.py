"""Archives that Linux unpacks as its first filesystem: cpio's "new ASCII" format, without root.

Format: Documentation/driver-api/early-userspace/buffer-format.rst in Linux's source. Several archives one after the
other are unpacked over each other.
"""

import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

MERGED = ("bin", "sbin", "lib", "lib64")
"""Folders that lie in /usr, whether or not the packages know."""


class Archive:
    """Writes one archive; every file belongs to root, and of files of the same name the first counts."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._names: set[PurePosixPath] = {PurePosixPath(".")}

    def directory(self, name: str | PurePosixPath) -> None:
        """Add a directory, and those it is in."""
        self._add(_inside(name), stat.S_IFDIR | 0o755)

    def link(self, name: str | PurePosixPath, target: str) -> None:
        """Add a symbolic link."""
        self._add(PurePosixPath(str(name).lstrip("/")), stat.S_IFLNK | 0o777, target.encode())

    def data(self, name: str | PurePosixPath, data: bytes, mode: int = 0o644) -> None:
        """Add a file of these bytes."""
        self._add(_inside(name), stat.S_IFREG | mode, data)

    def device(self, name: str, major: int, minor: int) -> None:
        """Add a character device."""
        self._add(_inside(name), stat.S_IFCHR | 0o600, device=(major, minor))

    def file(self, name: str | PurePosixPath, path: Path) -> None:
        """Add what is at a path: a file, a link, or a directory without its content."""
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            self._add(_inside(name), mode, os.fsencode(path.readlink()))
        elif stat.S_ISDIR(mode):
            self.directory(name)
        elif stat.S_ISREG(mode):
            self.data(name, path.read_bytes(), mode & 0o777)

    def tree(self, root: Path, without: tuple[str, ...] = ()) -> None:
        """Add all that is in a directory, less the names that begin so."""
        for folder, folders, files in os.walk(root):
            below = Path(folder).relative_to(root)
            folders[:] = sorted(name for name in folders if not str(below / name).startswith(without))
            for name in folders + sorted(files):
                if not str(below / name).startswith(without):
                    self.file(PurePosixPath(below / name), Path(folder) / name)

    def close(self) -> None:
        """End the archive."""
        self._write("TRAILER!!!", 0, b"", (0, 0))

    def _add(self, name: PurePosixPath, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        if name in self._names:
            return
        if name.parent not in self._names:
            self._add(name.parent, stat.S_IFDIR | 0o755)
        self._names.add(name)
        self._write(str(name), mode, data, device)

    def _write(self, name: str, mode: int, data: bytes, device: tuple[int, int]) -> None:
        fields = (len(self._names), mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name.encode()) + 1, 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        for part in (head, data):
            self._out.write(part + bytes(-len(part) % 4))


def _inside(name: str | PurePosixPath) -> PurePosixPath:
    """A name without a slash before it, and in /usr where it belongs there."""
    path = PurePosixPath(str(name).lstrip("/"))
    return PurePosixPath("usr") / path if path.parts and path.parts[0] in MERGED else path
