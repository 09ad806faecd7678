"""`unslouch record`: keep the sensor's journal in the database, without a dashboard."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_database_argument, add_duration_arguments, add_sensor_arguments

EXAMPLES = """\
examples:
  unslouch record                        until Ctrl+C
  unslouch record --for 600 --demo       ten minutes of a simulated wearer, into the database of simulated ones
  unslouch record --sensor /dev/ttyACM0 --wait

Ctrl+C and SIGTERM end it with exit code 0, once what has come is stored.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the top parser."""
    parser = subparsers.add_parser(
        "record",
        help="store what the sensor records, without a dashboard",
        description="Keep the sensor's journal in the database, without a dashboard.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_sensor_arguments(parser)
    add_duration_arguments(parser)
    add_database_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command."""
    from .recording import record

    return record(args)
