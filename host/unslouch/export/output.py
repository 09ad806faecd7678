"""Output: a file that is there whole or not at all."""

import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

from unslouch.errors import OutputError


def write_stdout(data: bytes) -> None:
    """Write to stdout; raises OutputError if it can't be written, BrokenPipeError if its reader went away."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else what is left complains at exit
        raise OutputError(f"The log can't be written to stdout ({error.strerror}).") from error


def write_file(path: Path, data: bytes) -> None:
    """Write a file in one step, so that whatever happens, there is either all of it or what was there before.

    A new one is for its owner only (posture is health data); one that is replaced keeps its mode. Raises OutputError.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode if target.exists() else None
        if mode is not None and not stat.S_ISREG(mode):
            target.write_bytes(data)  # a pipe or a terminal; a folder says so itself
            return
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        _replace(target, data, stat.S_IMODE(mode) if mode is not None else 0o600)
    except OSError as error:
        raise OutputError(
            f"{path} can't be written ({(error.strerror or str(error)).lower()}): choose another place with --output."
        ) from error


def _replace(target: Path, data: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
