"""The `unslouch` command: parses the command line, runs one command, and turns errors into sentences and exit codes."""

from __future__ import annotations

import argparse
import logging
import sys

from unslouch import __version__
from unslouch.errors import ExitCode, UnslouchError

from . import dashboard, diagnostics, export, flash, pair, power, record, scan, sensor, simulate
from .arguments import add_verbose_argument
from .output import silence_stdout

CHATTY_LOGGERS = ("asyncio", "filelock", "tzlocal")
EXAMPLES = """\
examples:
  unslouch                          the dashboard, on the sensor that is plugged in
  unslouch pair                     pair with a sensor, to wear it without a cable
  unslouch --demo                   the dashboard on a simulated sensor and wearer
  unslouch record                   record without a dashboard
  unslouch watch                    posture as plain lines, for screen readers and pipes
  unslouch export --day yesterday   yesterday's posture log as a file
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="unslouch",
        description="Read a wearable slouch sensor: live dashboard, recording, and the daily posture log.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"unslouch {__version__}")
    add_verbose_argument(top)
    top.set_defaults(verbose=False)
    dashboard.add_arguments(top)
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND")
    record.add_parser(subparsers)
    sensor.add_parser(subparsers)
    scan.add_parser(subparsers)
    pair.add_parser(subparsers)
    export.add_parser(subparsers)
    diagnostics.add_parser(subparsers)
    power.add_parser(subparsers)
    simulate.add_parser(subparsers)
    flash.add_parser(subparsers)
    for command in subparsers.choices.values():
        add_verbose_argument(command)
    return top


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
        hint = "" if args.verbose else "; --verbose shows where"
        print(f"unslouch: Something unforeseen went wrong ({error!r}){hint}.", file=sys.stderr)
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
