"""The crash log: where the traceback of an unforeseen error goes, so that the user reads a sentence instead.

Each error has a file of its own in the platform's folder for logs (Linux: `~/.local/state/unslouch/log`), which only
the user can read: a traceback may hold what the wearer's sensor sent. The newest FILES_KEPT files stay. Both faces call
this, from any thread. A folder that can't be written raises nothing: the caller has an error to report already.
"""

import os
import platform
import sys
import threading
import time
import traceback
from pathlib import Path

from unslouch import __version__
from unslouch.files import PRIVATE_FILE_MODE, make_folder

FILES_KEPT = 20
PREFIX, SUFFIX = "crash-", ".log"
_LOCK = threading.Lock()


def folder() -> Path:
    """Return the folder of the log files; it may not exist yet."""
    from platformdirs import user_log_path

    return Path(user_log_path("unslouch", appauthor=False))


def keep_traceback(error: BaseException, where: Path | None = None) -> str:
    """Write an error's traceback to a new file, and return a sentence that names the file.

    `where` is another folder for it. If nothing can be written, the sentence says why.
    """
    try:
        with _LOCK:
            path = _write(where or folder(), _report(error))
    except OSError as failure:
        return f"The traceback can't be stored ({failure.strerror or failure})."
    return f"The traceback is in {path}."


def describe_unforeseen(error: BaseException, where: Path | None = None) -> str:
    """Keep an unforeseen error's traceback, and return what to say about both."""
    detail = " ".join(str(error).split())
    named = f"{type(error).__name__}: {detail}" if detail else type(error).__name__
    return f"Something unforeseen went wrong ({named}). {keep_traceback(error, where)}"


def _report(error: BaseException) -> str:
    head = (
        f"unslouch {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"time: {time.strftime('%Y-%m-%dT%H:%M:%S%z')}",
        f"command line: {sys.argv!r}",
    )
    return "\n".join(head) + "\n\n" + "".join(traceback.format_exception(error))


def _write(where: Path, text: str) -> Path:
    make_folder(where)
    stem = f"{PREFIX}{time.strftime('%Y-%m-%dT%H-%M-%S')}-{os.getpid()}"
    for number in range(FILES_KEPT + 1):
        path = where / f"{stem}{f'-{number}' if number else ''}{SUFFIX}"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE_MODE)
        except FileExistsError:  # several errors in one second
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        _forget_oldest(where)
        return path
    raise FileExistsError(f"{FILES_KEPT} errors in one second")


def _forget_oldest(where: Path) -> None:
    files = sorted(where.glob(f"{PREFIX}*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-FILES_KEPT]:
        path.unlink(missing_ok=True)
