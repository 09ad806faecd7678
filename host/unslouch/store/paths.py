"""Paths: where the databases are, and files that only their owner can read."""

import os
from pathlib import Path

from unslouch.errors import StoreError
from unslouch.files import make_folder


def default_path(simulated: bool) -> Path:
    """Return the path of the wearer's database, or of the one that simulated sensors have to themselves."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("unslouch", appauthor=False)) / ("simulated.db" if simulated else "posture.db")


def make_private(path: Path) -> None:
    """Create the file, for its owner's eyes only, and its folder where they are missing; raises StoreError if it can't.

    SQLite gives its -wal and -shm files the mode of the database (https://www.sqlite.org/src/file/src/os_unix.c,
    findCreateFileMode), so the mode has to be right before SQLite sees the file.
    """
    try:
        make_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StoreError(
            f"{path} can't be opened for writing ({error.strerror}): make the file and its folder writable, or choose "
            "another file with --db."
        ) from error
