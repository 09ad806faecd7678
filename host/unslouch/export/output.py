"""Output: a log in the place that the user has chosen, whole or not at all."""

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from unslouch.errors import BadInput, OutputError
from unslouch.files import PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE, TEMPORARY_PREFIX, publish_file, replace_file

_COPY_BYTES = 1 << 20


def write_file(path: Path, data: bytes) -> None:
    """Write a file that the user has chosen, in one step: it has either all of data or what it had before.

    A new file is readable by its owner only (posture is health data); one that exists keeps its mode, a symbolic link
    its target. A device, pipe or terminal is written to. Raises OutputError.
    """
    with explained(path):
        target = Path(os.path.realpath(path))
        mode = _file_mode(target)
        if mode is None:
            target.write_bytes(data)
        else:
            replace_file(target, data, mode)


@contextmanager
def replacing_file(path: Path, belongs_to: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path to write a file to, which then becomes the file, as write_file() has it.

    After an exception nothing is left of it. Raises OutputError for an OSError within; it names the file that this one
    belongs to, if there is one.
    """
    with explained(belongs_to or path):
        target = Path(os.path.realpath(path))
        mode = _file_mode(target)
        folder = target.parent if mode is not None else None
        with _temporary_folder(folder) as room:
            temporary = room / "log"
            yield temporary
            if mode is None:
                _copy(temporary, target)
            else:
                publish_file(temporary, target, mode)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill, which then becomes the folder; an earlier one is removed as a whole.

    After an exception the earlier one is as it was. Raises OutputError for an OSError within.
    """
    with explained(path):
        target = Path(os.path.realpath(path))
        with _temporary_folder(target.parent) as room:
            temporary = room / "log"
            yield temporary
            temporary.chmod(PRIVATE_FOLDER_MODE)
            if target.exists():
                target.rename(room / "earlier")
            temporary.rename(target)


@contextmanager
def temporary_file() -> Iterator[Path]:
    """Yield a path for a file that is removed in the end; raises OutputError for an OSError within."""
    with explained(Path(tempfile.gettempdir())), _temporary_folder(None) as room:
        yield room / "log"


@contextmanager
def _temporary_folder(folder: Path | None) -> Iterator[Path]:
    room = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=folder))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        shutil.copyfileobj(read, written, _COPY_BYTES)


def _file_mode(target: Path) -> int | None:
    """Return the mode that a file is to have; None for a device or pipe. Raises OSError if it can't be replaced."""
    with suppress(FileNotFoundError):
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if not stat.S_ISREG(mode):
            return None
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        return stat.S_IMODE(mode)
    return PRIVATE_FILE_MODE


def check_place(path: Path, *, is_folder: bool = False) -> None:
    """Raise OutputError if no file or folder can be written to a path, without writing anything."""
    with explained(path):
        target = Path(os.path.realpath(path))
        if not is_folder and _file_mode(target) is None:
            return
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "there is no such folder")
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "its folder is read-only")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # who reads the pipe has read enough
        raise
    except OSError as error:
        raise OutputError(
            f"{path} can't be written ({(error.strerror or str(error)).lower()}): choose another place with --output."
        ) from error


def check_folder(path: Path, is_ours: bool) -> None:
    """Raise BadInput if a folder would replace something that is no earlier log of ours."""
    if path.exists() and not is_ours and not (path.is_dir() and not any(path.iterdir())):
        raise BadInput(f"{path} exists and is no exported log: choose another place with --output.")
