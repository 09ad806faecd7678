"""`unslouch profiles`: lists the sensor's profiles, selects one, or renames one."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments, add_verbose_argument

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.link.model import Profile

EXAMPLES = """\
A profile is a calibration with a name, such as one for each chair.

examples:
  unslouch profiles
  unslouch profiles select 'standing desk'
  unslouch profiles rename 3 sofa
"""
HEADINGS = ("", "number", "name", "calibration", "bow", "standing-zero")


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
        action.add_argument("profile", metavar="NAME|NUMBER", help="as the list shows it")
        action.set_defaults(action=name)
    rename.add_argument("name", metavar="NEWNAME", help="up to 18 bytes; an empty one takes the name away")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    actions = {None: _list, "select": _select, "rename": _rename}
    return run_cleanly(actions[args.action](args))


async def _list(args: argparse.Namespace) -> ExitCode:
    import json
    from dataclasses import asdict

    from .console import emit, emit_table
    from .running import connected

    async with connected(args) as (client, _):
        profiles = await client.profiles()
    if args.json:
        emit(json.dumps([asdict(profile) for profile in profiles]))
    else:
        emit_table(HEADINGS, [row(profile) for profile in profiles], right=["number"])
    return ExitCode.OK


async def _select(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.profiles import check_profile_choice

    from .console import log_line
    from .running import connected

    check_profile_choice(args.profile)
    async with connected(args) as (client, _):
        if not await select_profile(client, args.profile):
            log_line("It has no calibration yet: run `unslouch calibrate`.")
    return ExitCode.OK


async def _rename(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.profiles import check_profile_choice, checked_profile_name, profile_named, rename_profile

    from .console import log_line
    from .running import connected

    check_profile_choice(args.profile)
    name = checked_profile_name(args.name)
    async with connected(args) as (client, _):
        profile = profile_named(await client.profiles(), args.profile)
        await rename_profile(client, profile.index, name)
    named = f"is named {name!r} now" if name else "has no name now"
    log_line(f"Profile {profile.number} {named}.")
    return ExitCode.OK


async def select_profile(client: "Client", name_or_number: str) -> bool:
    """Select a profile, say so, and return whether it is calibrated; raises BadInput if there is none of that name."""
    from unslouch.sensor.profiles import profile_named

    from .console import log_line

    profile = profile_named(await client.profiles(), name_or_number)
    calibration_id = await client.select_profile(profile.index)
    name = f", {profile.name}," if profile.name else ""
    log_line(f"Profile {profile.number}{name} is active now.")
    return bool(calibration_id)


def row(profile: "Profile") -> tuple[str, ...]:
    """Return a profile's cells under HEADINGS."""
    mark = "*" if profile.active else ""
    name = profile.name or "-"
    if not profile.calibration_id:
        return mark, str(profile.number), name, "none", "-", "-"
    bow, standing = ("yes" if has else "no" for has in (profile.bowed, profile.stood))
    return mark, str(profile.number), name, str(profile.calibration_id), bow, standing
