"""Arguments that several commands share."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def add_verbose_argument(parser: argparse.ArgumentParser) -> None:
    """Add --verbose to a command. The top parser holds its default, so that it may stand before the command, too."""
    parser.add_argument("--verbose", action="store_true", default=argparse.SUPPRESS, help="log details to stderr")


def add_sensor_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --sensor and --demo to a command. The top parser holds their defaults, as that of --verbose."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--sensor",
        type=sensor,
        metavar="NAME|ADDRESS|PORT|URL",
        default=argparse.SUPPRESS,
        help="the sensor: its name or Bluetooth address, a serial port, or socket://HOST:PORT (default: look for one)",
    )
    choice.add_argument(
        "--demo",
        action="store_true",
        default=argparse.SUPPRESS,
        help="use a simulated sensor, which ends with the command",
    )


def add_database_argument(parser: argparse.ArgumentParser) -> None:
    """Add --db to a command. The top parser holds its default, as that of --verbose."""
    parser.add_argument(
        "--db", type=path, metavar="PATH", default=argparse.SUPPRESS, help="database to use instead of your own"
    )


def add_config_argument(parser: argparse.ArgumentParser) -> None:
    """Add --config to a command. The top parser holds its default, as that of --verbose."""
    parser.add_argument(
        "--config",
        type=path,
        metavar="PATH",
        default=argparse.SUPPRESS,
        help="settings file to use instead of your own",
    )


def add_duration_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--for", dest="for_s", type=seconds, metavar="SECONDS", help="end after this time")
    parser.add_argument("--wait", action="store_true", help="wait for a sensor that isn't there yet, instead of ending")


def path(text: str) -> "Path":
    """Parse a path for argparse."""
    from pathlib import Path

    if not text:
        raise argparse.ArgumentTypeError("its value is empty: give the path of a file")
    return Path(text)


def sensor(text: str) -> str:
    """Check for argparse what names a sensor; raises BadInput for what can name none."""
    from unslouch.link.discovery import check_sensor

    check_sensor(text)
    return text


def seconds(text: str) -> float:
    """Parse a duration for argparse."""
    value = number(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is no duration: give seconds above zero")
    return value


def day_hours(text: str) -> float:
    """Parse hours of a day for argparse."""
    value = number(text)
    if not 0 < value <= 24:
        raise argparse.ArgumentTypeError(f"can't be {text}: give hours above 0, up to 24")
    return value


def number(text: str) -> float:
    """Parse a number for argparse."""
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error


def whole_number(least: int, greatest: int) -> Callable[[str], int]:
    """Return a parser, for argparse, of whole numbers in a range."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= greatest:
            raise argparse.ArgumentTypeError(f"can't be {text}: give a whole number from {least} to {greatest}")
        return value

    return parse
