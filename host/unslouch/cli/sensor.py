"""The commands that ask something of the sensor: calibrate, profiles, snooze, settings, status, watch and such."""

import argparse

from unslouch.errors import ExitCode
from unslouch_device.contract.messages import MAX_SNOOZE_MIN

from .arguments import (
    add_database_argument,
    add_duration_arguments,
    add_sensor_arguments,
    add_verbose_argument,
    number,
    whole_number,
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the top parser."""
    _add_calibrate(subparsers)
    _add(subparsers, "rezero", "take your tilt now as zero, without calibrating anew")
    _add_profiles(subparsers)
    snooze = _add(subparsers, "snooze", "keep the motor quiet for a while")
    snooze.add_argument(
        "minutes",
        nargs="?",
        type=whole_number(0, MAX_SNOOZE_MIN),
        metavar="MIN",
        help=f"how long, up to {MAX_SNOOZE_MIN}; 0 ends it (default: as the setting says)",
    )
    _add(subparsers, "buzz", "let the motor vibrate once")
    settings = _add(
        subparsers,
        "settings",
        "list the sensor's settings, or change one",
        "examples:\n  unslouch settings\n  unslouch settings threshold\n  unslouch settings threshold 15\n"
        "  unslouch settings strength medium         light, medium or strong\n",
    )
    settings.add_argument("key", nargs="?", metavar="KEY", help="show the value of this one only")
    settings.add_argument("value", nargs="?", metavar="VALUE", help="a whole number, or a word, to set it to")
    status = _add(subparsers, "status", "say how the sensor is")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    watch = _add(
        subparsers,
        "watch",
        "follow your posture as plain lines, for screen readers and pipes",
        "A line tells the state, the tilt of the upper back in degrees (forward and right are positive) and for how\n"
        "many seconds it has been above the threshold. What the sensor records meanwhile is stored.\n"
        "Ctrl+C and SIGTERM end it with exit code 0.\n",
    )
    add_duration_arguments(watch)
    add_database_argument(watch)
    watch.add_argument(
        "--rate", type=_rate, default=1.0, metavar="HZ", help="lines per second at most, 25 at the highest (default: 1)"
    )
    watch.set_defaults(run=_watch)


def _add_calibrate(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    calibrate = _add(
        subparsers,
        "calibrate",
        "take your posture now as upright: sit upright and keep still",
        "In a terminal a bow follows, which shows which way is forward; it can be skipped.\n",
    )
    step = calibrate.add_mutually_exclusive_group()
    step.add_argument("--bow", action="store_true", default=None, help="ask for the bow without a terminal too")
    step.add_argument("--no-bow", action="store_false", dest="bow", help="leave the bow out")
    step.add_argument("--standing", action="store_true", help="take only where standing is: stand upright, keep still")
    calibrate.add_argument("--profile", metavar="NAME|NUMBER", help="put this profile in force first")


def _add_profiles(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    profiles = _add(
        subparsers,
        "profiles",
        "list the sensor's profiles, put one in force, or rename one",
        "A profile is a calibration with a name, such as one for each chair.\n\n"
        "examples:\n  unslouch profiles\n  unslouch profiles select 'standing desk'\n"
        "  unslouch profiles rename 3 sofa\n",
    )
    profiles.add_argument("--json", action="store_true", help="list them as JSON")
    profiles.set_defaults(action=None)
    actions = profiles.add_subparsers(metavar="ACTION")
    choose = actions.add_parser("select", help="put a profile in force")
    rename = actions.add_parser("rename", help="name a profile")
    for action, name in ((choose, "select"), (rename, "rename")):
        add_sensor_arguments(action)
        add_verbose_argument(action)
        action.add_argument("profile", metavar="NAME|NUMBER", help="as the list has it")
        action.set_defaults(action=name)
    rename.add_argument("name", metavar="NEWNAME", help="up to 18 bytes; '' takes the name away")


def _add(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    help: str,
    epilog: str | None = None,
) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_sensor_arguments(parser)
    parser.set_defaults(run=_ask, request=name)
    return parser


def _ask(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask(args)


def _watch(args: argparse.Namespace) -> ExitCode:
    from .watching import watch

    return watch(args)


def _rate(text: str) -> float:
    value = number(text)
    if not 0 < value <= 25:
        raise argparse.ArgumentTypeError(f"{text} is out of range: give 25 or less, above zero")
    return value
