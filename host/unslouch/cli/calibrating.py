"""Calibrating and profiles: leads the wearer through what takes more than one question."""

import argparse
import asyncio
import json
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TypeVar

from unslouch.errors import BadInput, Refused
from unslouch.link.client import Client, checked_name
from unslouch.link.model import Profile
from unslouch_device.contract import messages

from .output import put
from .running import narrate

TRIES = 3
_REPEATABLE = (
    messages.MOVED,
    messages.BOW_TOO_SMALL,
    messages.BOW_NOT_STRAIGHT,
    messages.GRAVITY_OFF,
    messages.SATURATED,
    messages.OUT_OF_RANGE,  # a standing zero that can't be one
)
_BOW = "Now bow forwards from the hips with a straight back, by at least 20 degrees, and come up again."
Found = TypeVar("Found")


async def calibrate(client: Client, args: argparse.Namespace) -> None:
    """Lead through upright and bow, or take the standing zero; in a terminal a refused step can be repeated."""
    if args.profile is not None:
        await _put_in_force(client, args.profile)
    if args.standing:
        narrate("Stand upright and keep still for five seconds.")
        forward_deg, _ = await _tried(client.stand)
        narrate(f"This is your standing zero now: {forward_deg:+.0f} degrees from sitting upright.")
        return
    narrate("Sit upright and keep still for three seconds.")
    narrate(f"Calibrated: this posture counts as upright now (calibration {await _tried(client.calibrate)}).")
    if args.bow or (args.bow is None and _asks()):
        await _learn_from_bow(client)


async def rezero(client: Client, args: argparse.Namespace) -> None:
    """Take the present posture as upright, keeping the plane of the bow."""
    narrate("Sit upright and keep still for a second.")
    narrate(f"This tilt counts as zero now (calibration {await _tried(client.rezero)}).")


async def _learn_from_bow(client: Client) -> None:
    narrate(_BOW)
    if _asks() and (await _line("Press Enter and begin, or s and Enter to skip it: ")).strip().lower() == "s":
        narrate("Skipped: forward is what it usually is for the sensor as it is worn.")
        return
    try:
        calibration_id = await _tried(client.bow)
    except Refused:
        narrate("Upright counts all the same; forward is what it usually is for the sensor as it is worn.")
        raise
    narrate(f"Your bow showed which way is forward (calibration {calibration_id}).")


async def _tried(attempt: Callable[[], Awaitable[Found]]) -> Found:
    """Make an attempt, in a terminal up to TRIES times; raises Refused if the last one was."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return await attempt()
        except Refused as error:
            if not left or not _asks() or error.status not in _REPEATABLE:
                raise
            narrate(str(error))
        await _line("Press Enter to try again, or Ctrl+C to leave it: ")
    raise AssertionError("the last attempt returns or raises")


def _asks() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def _line(prompt: str) -> str:
    """Ask for a line; the thread that waits for it never keeps the program from ending."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def tell(text: str) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        loop.call_soon_threadsafe(tell, sys.stdin.readline())

    print(prompt, end="", file=sys.stderr, flush=True)
    threading.Thread(target=read, daemon=True).start()
    return await line


async def profiles(client: Client, args: argparse.Namespace) -> None:
    """List the sensor's profiles, put one in force, or rename one."""
    if args.action == "select":
        if not await _put_in_force(client, args.profile):
            narrate("It has no calibration yet: run `unslouch calibrate`.")
    elif args.action == "rename":
        await _rename(client, args.profile, args.name)
    else:
        found = await client.profiles()
        put(json.dumps([asdict(profile) for profile in found]) if args.json else profiles_table(found))


def profiles_table(found: list[Profile]) -> str:
    """Return a line for each profile: the active one's mark, number, name, calibration."""
    width = max([4, *(len(profile.name) for profile in found)])
    lines = [f"  number {'name':{width}} calibration"]
    for profile in found:
        lines.append(
            f"{'*' if profile.active else ' '} {profile.number:6} {profile.name or '-':{width}} {calibration(profile)}"
        )
    return "\n".join(lines)


def calibration(profile: Profile) -> str:
    """Return what is known under a profile, such as "number 7, bow, no standing zero"."""
    if not profile.calibration_id:
        return "none"
    bow = "bow" if profile.bowed else "no bow"
    standing = "standing zero" if profile.stood else "no standing zero"
    return f"number {profile.calibration_id}, {bow}, {standing}"


async def _put_in_force(client: Client, text: str) -> bool:
    """Put the profile of a name or number in force, and tell whether it is calibrated."""
    profile = profile_of(await client.profiles(), text)
    calibration_id = await client.select_profile(profile.index)
    narrate(f"The profile is {profile.title} now.")
    return bool(calibration_id)


async def _rename(client: Client, text: str, name: str) -> None:
    name = checked_name(name)
    found = await client.profiles()
    profile = profile_of(found, text)
    for other in found:
        if name and other.index != profile.index and other.name.casefold() == name.casefold():
            raise BadInput(f"Profile {other.number} is named {other.name!r} already; choose another name.")
    await client.name_profile(profile.index, name)
    narrate(
        f"Profile {profile.number} is named {name!r} now." if name else f"Profile {profile.number} has no name now."
    )


def profile_of(found: list[Profile], text: str) -> Profile:
    """Return the profile of a number or a name, whatever its case; raises BadInput if there is none."""
    for profile in found:
        if text.strip() == str(profile.number) or (text and profile.name.casefold() == text.strip().casefold()):
            return profile
    there_are = ", ".join(f"{profile.number} {profile.name}".strip() for profile in found)
    raise BadInput(f"There is no profile {text!r}; there are {there_are}.")
