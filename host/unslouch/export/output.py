"""Output: the exported bytes in the file that the user has chosen."""

import errno
import os
import stat
from pathlib import Path

from unslouch.errors import OutputError
from unslouch.files import PRIVATE_FILE_MODE, replace_file


def write_file(path: Path, data: bytes) -> None:
    """Write a file that the user has chosen, in one step: it has either all of data or what it had before.

    A new file is readable by its owner only (posture is health data); one that exists keeps its mode, a symbolic link
    its target. A device, pipe or terminal is written to. Raises OutputError.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode if target.exists() else None
        if mode is not None and not stat.S_ISREG(mode):
            target.write_bytes(data)  # a pipe or a terminal; a folder says so itself
            return
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        replace_file(target, data, stat.S_IMODE(mode) if mode is not None else PRIVATE_FILE_MODE)
    except OSError as error:
        raise OutputError(
            f"{path} can't be written ({(error.strerror or str(error)).lower()}): choose another place with --output."
        ) from error
