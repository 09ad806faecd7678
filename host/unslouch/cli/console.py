"""The console: everything that the commands print goes through here.

    emit(), emit_bytes()        data, to stdout. If it can't be written, the command fails with OutputError.
    log_line(), log_error()     everything else, to stderr. If it can't be written, a sentence is lost and nothing else.
    emit_table()                data in columns (tables.py)
    ask()                       a question on stderr, and the line that answers it

While a command runs (`running()`), neither stream makes it wait: see channel.py. What the stream's encoding can't show
is replaced by "?".
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from unslouch import signals
from unslouch.errors import OutputError

from .channel import Channel

STALLED_S = 1.0
"""For how long a terminal that reads nothing is waited for at the end, before the last sentences are given up."""
STALLED_AFTER_SIGNAL_S = 0.2
TELEMETRY_KEPT = 60
"""Lines of it that wait for a slow reader: a minute at one a second."""
STDERR_KEPT = 1000
"""Lines of it that wait for a slow reader."""


_stderr = Channel("stderr", STDERR_KEPT)
_stdout = Channel("stdout", TELEMETRY_KEPT, reports_to=_stderr)
_raised_failure: OSError | None = None


def emit(text: str, is_telemetry: bool = False) -> None:
    """Print lines of data; the oldest telemetry is left out if stdout is slow.

    Raises OutputError, or BrokenPipeError if the reader went away; while a command runs, at the next call.
    """
    _write_data(text + "\n", is_telemetry)


def write_frame(text: str, may_drop: bool = True) -> None:
    """Write what draws in the terminal, as it is; raises as emit() does.

    may_drop: leave it out where stdout is slow and newer text waits.
    """
    _write_data(text, is_telemetry=may_drop)


def emit_bytes(data: bytes) -> None:
    """Write data as it is, and return once it is written; raises OutputError, BrokenPipeError."""
    _write_data(data)
    _stdout.wait_written()
    raise_output_failure()


def emit_table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Print a table as tables.table_text() lays it out for the terminal, or for a pipe; raises as emit() does."""
    from .tables import table_text

    width = shutil.get_terminal_size().columns if is_terminal("stdout") else None
    emit(table_text(headings, rows, right, width))


def log_line(text: str) -> None:
    """Print a line that isn't data."""
    write_stderr(text + "\n")


def log_error(text: str) -> None:
    """Print why the command fails."""
    log_line(f"unslouch: {text}")


def write_stderr(text: str) -> None:
    """Write text to stderr as it is: a prompt, or what draws a bar."""
    with suppress(OSError):
        _stderr.write(text, may_drop=True)


def ask(question: str) -> str:
    """Print a question, wait for a line on stdin, and return it without spaces around it; "" at the end of input."""
    write_stderr(question)
    _stderr.wait_written(STALLED_S)
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        log_line("")
    return line.strip()


def can_show(text: str) -> bool:
    """Tell whether the encoding of stdout has all characters of a text."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def can_ask() -> bool:
    """Whether somebody is there to be asked."""
    return is_terminal("stdin", "stderr")


def is_terminal(*names: str) -> bool:
    """Whether all of these streams ("stdin", "stdout", "stderr") are a terminal."""
    streams = [getattr(sys, name) for name in names]
    try:
        return all(stream is not None and stream.isatty() for stream in streams)
    except ValueError:  # one is closed
        return False


@contextmanager
def running() -> Iterator[None]:
    """Keep both streams from making the program wait, within the context.

    At its end, what is left is given up once nothing could be written for STALLED_S; finish_data() waits longer.
    """
    global _raised_failure
    _raised_failure = None
    _stdout.start()
    _stderr.start()
    try:
        yield
    finally:
        stalled_s = STALLED_AFTER_SIGNAL_S if signals.was_received() else STALLED_S
        _stdout.finish(stalled_s)
        _stderr.finish(stalled_s)


def finish_data(stalled_s: float | None = None) -> None:
    """Wait until all data is written, or until none of it could be for `stalled_s`; None waits as long as it takes.

    Once a signal has asked the program to end, that is STALLED_AFTER_SIGNAL_S. Raises OutputError or BrokenPipeError
    for data that couldn't be written, unless that was raised before.
    """
    _stdout.wait_written(STALLED_AFTER_SIGNAL_S if signals.was_received() else stalled_s)
    if _stdout.failure is not _raised_failure:
        raise_output_failure()


@contextmanager
def on_stdout_failure(call: Callable[[], object]) -> Iterator[None]:
    """Within the context, call this (in another thread) once when data can't be written to stdout."""
    _stdout.on_failure = call
    try:
        yield
    finally:
        _stdout.on_failure = None


def raise_output_failure() -> None:
    """Raise OutputError or BrokenPipeError if data couldn't be written to stdout."""
    if _stdout.failure is not None:
        raise _as_error(_stdout.failure)


def _write_data(data: str | bytes, is_telemetry: bool = False) -> None:
    try:
        _stdout.write(data, is_telemetry)
    except OSError as error:
        raise _as_error(error) from error


def _as_error(error: OSError) -> Exception:
    global _raised_failure
    _raised_failure = error
    if isinstance(error, BrokenPipeError):
        return error
    return OutputError(f"The output can't be written to stdout ({error.strerror or error}): send it elsewhere.")


def reserve_standard_descriptors() -> None:
    """Open /dev/null as stdin, stdout or stderr where the program was started without one (`2>&-`).

    Else the next file or socket that is opened would take its number, and receive what is meant for the stream.
    Nothing can be written to such a stdout: that is an error, like a full disk.
    """
    for name, flags in (("stdin", os.O_RDONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        number = ("stdin", "stdout", "stderr").index(name)
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # takes the lowest number that is free, which is this one
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115


def give_up_buffers() -> None:
    """Empty Python's own buffers of both streams, in which some library may have written, before the interpreter ends.

    It would complain about what can't be written, and change the exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
