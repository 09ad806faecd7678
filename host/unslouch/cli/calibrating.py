"""Calibrating and profiles: leads the wearer through what takes more than one question."""

import argparse
import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TypeVar

from unslouch.errors import Refused
from unslouch.link.client import Client
from unslouch.link.model import Profile
from unslouch.sensor.profiles import checked_profile_name, profile_named, rename_profile
from unslouch_device.contract import messages

from .console import write_narration
from .output import put
from .running import log_line

TRIES = 3
SKIP = "s"
LONGEST_LINE_BYTES = 4096
_REPEATABLE = (
    messages.MOVED,
    messages.BOW_TOO_SMALL,
    messages.BOW_NOT_STRAIGHT,
    messages.GRAVITY_OFF,
    messages.SATURATED,
    messages.OUT_OF_RANGE,  # a standing zero that can't be one
    messages.NOT_WORN,
    messages.BUSY,
)
_BOW = "Now bow forwards from the hips with a straight back, by at least 20 degrees, and come up again."
Found = TypeVar("Found")


async def calibrate(client: Client, args: argparse.Namespace) -> None:
    """Lead through upright and bow, or take the standing zero; in a terminal a refused step can be repeated."""
    if args.profile is not None:
        await _put_in_force(client, args.profile)
    if args.standing:
        log_line("Stand upright and keep still for five seconds.")
        forward_deg, _ = await _tried(client.stand)
        log_line(f"This is your standing zero now: {round(forward_deg):+d} degrees from sitting upright.")
        return
    log_line("Sit upright and keep still for three seconds.")
    log_line(f"Calibrated: this posture counts as upright now (calibration {await _tried(client.calibrate)}).")
    if args.bow or (args.bow is None and _asks()):
        await _learn_from_bow(client)


async def rezero(client: Client, args: argparse.Namespace) -> None:
    """Take the present posture as upright, keeping the plane of the bow."""
    log_line("Sit upright and keep still for a second.")
    log_line(f"This tilt counts as zero now (calibration {await _tried(client.rezero)}).")


async def _learn_from_bow(client: Client) -> None:
    log_line(_BOW)
    try:
        if _asks() and await _line("Press Enter and begin, or s and Enter to skip it: ") in (SKIP, None):
            log_line("Skipped: forward is what it usually is for the sensor as it is worn.")
            return
        calibration_id = await _tried(client.bow)
    except (Refused, asyncio.CancelledError):
        log_line("Upright counts all the same; forward is what it usually is for the sensor as it is worn.")
        raise
    log_line(f"Your bow showed which way is forward (calibration {calibration_id}).")


async def _tried(attempt: Callable[[], Awaitable[Found]]) -> Found:
    """Make an attempt, in a terminal up to TRIES times; raises Refused if the last one was."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return await attempt()
        except Refused as error:
            if not left or not _asks() or error.status not in _REPEATABLE:
                raise
            log_line(str(error))
            if await _line("Press Enter to try again, or Ctrl+C to leave it: ") is None:
                raise
    raise AssertionError("the last attempt returns or raises")


def _asks() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def _line(prompt: str) -> str | None:
    """Ask for a line and return it in lower case without spaces around it, None at the end of input.

    The thread that waits for it never keeps the program from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    def tell(line: bytes) -> None:
        if not answer.done():
            answer.set_result(line)

    def read() -> None:
        # Not sys.stdin.readline(): it would hold a lock that the interpreter wants when it ends.
        try:
            line = os.read(sys.stdin.fileno(), LONGEST_LINE_BYTES)
        except OSError:  # the terminal is gone
            line = b""
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(tell, line)

    write_narration(prompt)
    threading.Thread(target=read, daemon=True).start()
    line = b""
    try:
        line = await answer
    finally:
        if not line:  # no Enter has ended the line of the prompt
            log_line("")
    return line.decode(errors="replace").strip().lower() if line else None


async def profiles(client: Client, args: argparse.Namespace) -> None:
    """List the sensor's profiles, put one in force, or rename one."""
    if args.action == "select":
        if not await _put_in_force(client, args.profile):
            log_line("It has no calibration yet: run `unslouch calibrate`.")
    elif args.action == "rename":
        await _rename(client, args.profile, args.name)
    else:
        found = await client.profiles()
        put(json.dumps([asdict(profile) for profile in found]) if args.json else profiles_table(found))


def profiles_table(found: list[Profile]) -> str:
    """Return a line for each profile: the active one's mark, number, name, calibration, bow, standing zero."""
    width = max([4, *(len(profile.name) for profile in found)])
    lines = [f"  number {'name':{width}} calibration bow standing-zero"]
    for profile in found:
        mark = "*" if profile.active else " "
        if profile.calibration_id:
            known = f"{profile.calibration_id:<11} {_yes_or_no(profile.bowed):3} {_yes_or_no(profile.stood)}"
        else:
            known = f"{'none':11} -   -"
        lines.append(f"{mark} {profile.number:6} {profile.name or '-':{width}} {known}")
    return "\n".join(lines)


def _yes_or_no(is_so: bool) -> str:
    return "yes" if is_so else "no"


def calibration(profile: Profile) -> str:
    """Return what is known under a profile, such as "number 7, bow, no standing zero"."""
    if not profile.calibration_id:
        return "none"
    bow = "bow" if profile.bowed else "no bow"
    standing = "standing zero" if profile.stood else "no standing zero"
    return f"number {profile.calibration_id}, {bow}, {standing}"


async def _put_in_force(client: Client, text: str) -> bool:
    """Put the profile of a name or number in force, and tell whether it is calibrated."""
    profile = profile_named(await client.profiles(), text)
    calibration_id = await client.select_profile(profile.index)
    name = f", {profile.name}," if profile.name else ""
    log_line(f"Profile {profile.number}{name} is in force now.")
    return bool(calibration_id)


async def _rename(client: Client, text: str, name: str) -> None:
    name = checked_profile_name(name)
    profile = profile_named(await client.profiles(), text)
    await rename_profile(client, profile.index, name)
    log_line(
        f"Profile {profile.number} is named {name!r} now." if name else f"Profile {profile.number} has no name now."
    )
