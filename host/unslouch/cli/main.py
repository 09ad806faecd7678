"""The `unslouch` command: parses the command line, runs one command, and turns errors into sentences and exit codes."""

from __future__ import annotations

import argparse
import logging
import os
import sys

from unslouch import __version__
from unslouch.cli import dashboard, export, record, sensor, simulate
from unslouch.errors import ExitCode, UnslouchError

EXAMPLES = """\
examples:
  unslouch                          the dashboard, on the sensor that is plugged in
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
    top.add_argument("--verbose", action="store_true", help="log what happens to stderr")
    dashboard.add_arguments(top)
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND")
    record.add_parser(subparsers)
    sensor.add_parser(subparsers)
    export.add_parser(subparsers)
    simulate.add_parser(subparsers)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    top = parser()
    args = top.parse_args(argv)
    if args.sensor is not None and args.demo:
        top.error("--sensor and --demo exclude each other")
    logging.basicConfig(
        level=logging.DEBUG if args.verbose else logging.WARNING,
        format="%(asctime)s %(name)s %(message)s" if args.verbose else "unslouch: %(message)s",
        stream=sys.stderr,
    )
    try:
        return int(args.run(args))
    except UnslouchError as error:
        if args.verbose:
            logging.getLogger(__name__).debug("The command failed:", exc_info=error)
        print(f"unslouch: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)


def entry() -> None:
    """The console script."""
    sys.exit(main())
