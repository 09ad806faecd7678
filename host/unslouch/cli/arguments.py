"""Arguments that several commands share."""

import argparse
from pathlib import Path


def add_sensor_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --sensor and --demo to a command; the top parser holds their defaults, so they count before a command too."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--sensor",
        metavar="PORT|URL",
        default=argparse.SUPPRESS,
        help="serial port or socket://HOST:PORT of the sensor (default: look for one)",
    )
    which.add_argument(
        "--demo",
        action="store_true",
        default=argparse.SUPPRESS,
        help="use a simulated sensor, which ends with the command",
    )


def add_database_argument(parser: argparse.ArgumentParser) -> None:
    """Add --db to a command, likewise."""
    parser.add_argument(
        "--db", type=Path, metavar="PATH", default=argparse.SUPPRESS, help="database to use instead of your own"
    )


def add_duration_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --for and --wait."""
    parser.add_argument("--for", dest="for_s", type=seconds, metavar="SECONDS", help="end after this time")
    parser.add_argument("--wait", action="store_true", help="wait for a sensor that isn't there yet, instead of ending")


def seconds(text: str) -> float:
    """Parse a duration for argparse."""
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is no duration: give seconds above zero")
    return value
