"""The `unslouch` command: parses the command line, runs one command, and turns errors into sentences and exit codes."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable

from unslouch import signals
from unslouch.errors import ExitCode, UnslouchError

from . import console
from .parsing import parse


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    with console.running(), signals.raising():
        code = _exit_code(lambda: _run(argv))
        return _exit_code(console.finish_data) or code


def _run(argv: list[str] | None) -> int:
    args = parse(argv)
    from .logs import begin_logging

    begin_logging(args.verbose)
    return int(args.run(args))


def _exit_code(work: Callable[[], int | None]) -> int:
    """Do the work and return its exit code, or that of the error which has ended it, once its sentence is printed."""
    try:
        return work() or int(ExitCode.OK)
    except SystemExit as ended:  # argparse, once it has printed help or what is wrong
        return ended.code if isinstance(ended.code, int) else int(ExitCode.OK)
    except UnslouchError as error:
        console.log_error(str(error))
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has read enough, as `head` does
        return int(ExitCode.OK)
    except Exception as error:  # the program's edge
        import logging

        from unslouch.crash_log import describe_unforeseen

        logging.getLogger(__name__).debug("The command failed:", exc_info=error)
        console.log_error(describe_unforeseen(error))
        return int(ExitCode.FAILED)


def entry() -> None:
    """The console script."""
    code = int(ExitCode.FAILED)
    atexit.register(lambda: end_if_threads_work(code))  # the first that is registered is the last that is called
    console.reserve_standard_descriptors()
    code = main()
    console.give_up_buffers()
    sys.exit(code)


def end_if_threads_work(code: int) -> None:
    """End the process at once with an exit code if a daemon thread still works, such as one that reads the database.

    Before 3.14 CPython ends such a thread where it next takes the GIL. Inside numpy's C++ that aborts the whole process
    (https://github.com/python/cpython/issues/87135).
    """
    if any(thread.daemon for thread in threading.enumerate()):
        console.give_up_buffers()
        os._exit(code)
