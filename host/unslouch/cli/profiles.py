"""`unslouch profiles`: lists the sensor's profiles, selects one, or renames one."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments, add_verbose_argument

EXAMPLES = """\
A profile is a calibration with a name, such as one for each chair.

examples:
  unslouch profiles
  unslouch profiles select 'standing desk'
  unslouch profiles rename 3 sofa
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.epilog = EXAMPLES
    parser.add_argument("--json", action="store_true", help="list them as JSON")
    parser.set_defaults(action=None)
    actions = parser.add_subparsers(metavar="ACTION")
    select = actions.add_parser("select", help="select a profile")
    rename = actions.add_parser("rename", help="name a profile")
    for action, name in ((select, "select"), (rename, "rename")):
        add_sensor_arguments(action)
        add_verbose_argument(action)
        action.add_argument("profile", metavar="NAME|NUMBER", help="as the list has it")
        action.set_defaults(action=name)
    rename.add_argument("name", metavar="NEWNAME", help="up to 18 bytes; an empty one takes the name away")


def run(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask("profiles", args)
