"""The `unslouch` command: parses the command line, runs one command, and turns errors into sentences and exit codes."""

from __future__ import annotations

import logging
import sys

from unslouch.errors import ExitCode, UnslouchError

from .output import silence_stdout
from .parsing import parser

CHATTY_LOGGERS = ("asyncio", "filelock", "tzlocal")


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    top = parser()
    args = top.parse_args(argv)
    if args.sensor is not None and args.demo:
        top.error("--sensor and --demo exclude each other")
    _begin_logging(args.verbose)
    try:
        return int(args.run(args))
    except UnslouchError as error:
        print(f"unslouch: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has had enough, as `head` does
        silence_stdout()
        return int(ExitCode.OK)
    except Exception as error:  # the program's edge
        logging.getLogger(__name__).debug("The command failed:", exc_info=error)
        from unslouch.crash_log import describe_unforeseen

        print(f"unslouch: {describe_unforeseen(error)}", file=sys.stderr)
        return int(ExitCode.FAILED)


def _begin_logging(verbose: bool) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(asctime)s %(name)s %(message)s" if verbose else "unslouch: %(message)s",
        stream=sys.stderr,
    )
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def entry() -> None:
    """The console script."""
    sys.exit(main())
