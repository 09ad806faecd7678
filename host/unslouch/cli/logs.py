"""Log records on stderr: warnings as sentences, everything with --verbose; tracebacks go to the crash log.

What fails in the background (a task, a thread, a finalizer) ends up here too, so that it is never lost.
"""

import logging
import sys
import threading

from unslouch.crash_log import keep_traceback

from . import console

CHATTY_LOGGERS = ("asyncio", "filelock", "tzlocal")
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


def log_background_failures() -> None:
    """Have errors that end a thread, or come up where nobody can catch them, logged."""
    threading.excepthook = _log_thread_failure
    sys.unraisablehook = _log_unraisable


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
        log.error(
            "%s %r", failure.err_msg or "Something unforeseen went wrong in", failure.object, exc_info=failure.exc_value
        )
