"""`unslouch calibrate`: takes the wearer's posture now as upright."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.epilog = "In a terminal a bow follows, which shows which way is forward; it can be skipped.\n"
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--bow", action="store_true", default=None, help="ask for the bow without a terminal too")
    step.add_argument("--no-bow", action="store_false", dest="bow", help="leave the bow out")
    step.add_argument("--standing", action="store_true", help="take only where standing is: stand upright, keep still")
    parser.add_argument("--profile", metavar="NAME|NUMBER", help="select this profile first")


def run(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask("calibrate", args)
