"""`unslouch settings`: lists the sensor's settings, or changes one."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments

EXAMPLES = """\
examples:
  unslouch settings
  unslouch settings threshold
  unslouch settings threshold 15
  unslouch settings strength medium         light, medium or strong
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.epilog = EXAMPLES
    parser.add_argument("key", nargs="?", metavar="KEY", help="show the value of this one only")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="a whole number, or a word, to set it to")


def run(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask("settings", args)
