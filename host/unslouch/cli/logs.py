"""Log records on stderr: warnings as sentences, everything with --verbose; tracebacks go to the crash log.

What fails in the background (a task, a thread, a finalizer) ends up here too, so that it is never lost.
"""

import logging
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from unslouch.crash_log import keep_traceback

from . import console

CHATTY_LOGGERS = ("asyncio", "filelock", "tzlocal")
LINES_HELD = 2000
FAILURES_SHOWN = 5
log = logging.getLogger(__name__)


def begin_logging(is_verbose: bool) -> None:
    """Print log records on stderr from now on."""
    handler = _NarrationHandler()
    if is_verbose:
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    else:
        handler.setFormatter(_SentenceFormatter())
    root = logging.getLogger()
    for other in [each for each in root.handlers if isinstance(each, _NarrationHandler)]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if is_verbose else logging.WARNING)
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    # What ends a thread, or comes up where nobody can catch it, is logged unless a test looks for it.
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_thread_failure
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _log_unraisable


@contextmanager
def logs_held_back() -> Iterator[None]:
    """Keep logging off the screen while the dashboard has it. Afterwards come errors, with --verbose its last lines."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    held = _Held()
    root.handlers[:] = [held]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        failures = [record for record in held.records if record.levelno >= logging.ERROR]
        for record in held.records if root.level <= logging.DEBUG else failures[-FAILURES_SHOWN:]:
            root.handle(record)


class _NarrationHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        console.log_line(self.format(record))


class _SentenceFormatter(logging.Formatter):
    """Puts a traceback into the crash log, and the name of its file into the sentence."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return f"unslouch: {record.getMessage()}"
        first = record.getMessage().partition("\n")[0].rstrip(".:")  # asyncio adds what its objects look like
        return f"unslouch: {first} ({type(error).__name__}: {error}). {keep_traceback(error)}"


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
        name = failure.thread.name if failure.thread is not None else "?"
        log.error("Something unforeseen ended the thread %r", name, exc_info=failure.exc_value)


def _log_unraisable(failure: "sys.UnraisableHookArgs") -> None:
    if failure.exc_value is not None:
        what = failure.err_msg or "Something unforeseen went wrong in"
        log.error("%s %r", what, failure.object, exc_info=failure.exc_value)


class _Held(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: deque[logging.LogRecord] = deque(maxlen=LINES_HELD)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
