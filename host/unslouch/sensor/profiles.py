"""Profiles: the names that they can have, and finding and renaming one on the sensor."""

from collections.abc import Sequence
from typing import Protocol

from unslouch.errors import BadInput
from unslouch.link.model import Profile
from unslouch.names import composed, is_same_name
from unslouch_device.contract import payloads
from unslouch_device.contract.messages import PROFILES


class HasProfiles(Protocol):
    """What profiles can be read from and renamed on: a Client."""

    async def profiles(self) -> list[Profile]: ...
    async def name_profile(self, index: int, name: str) -> None: ...


def checked_profile_name(name: str) -> str:
    """Return a name as it is stored; raises BadInput if no profile can have it. An empty name is none."""
    name = composed(name)
    size = len(name.encode())
    if not name.isprintable():
        raise BadInput("A profile's name can't hold line breaks or control characters; leave them out.")
    if name.isdecimal():
        raise BadInput(f"A profile can't be named {name!r}, since a number means the profile itself: add a letter.")
    if size > payloads.PROFILE_NAME_BYTES:
        raise BadInput(
            f"The name {name!r} takes {size} bytes and a profile has room for {payloads.PROFILE_NAME_BYTES}; choose a "
            "shorter one."
        )
    return name


def check_profile_choice(text: str) -> None:
    """Raise BadInput for a text that is no number and no name of a profile, whatever the sensor's are named."""
    if not text.strip() or (text.strip().isdecimal() and not 1 <= int(text) <= PROFILES):
        raise BadInput(f"There is no profile {text!r}; give its name, or a number from 1 to {PROFILES}.")


def profile_named(profiles: Sequence[Profile], text: str) -> Profile:
    """Return the profile of a number or a name; raises BadInput if there is none."""
    for profile in profiles:
        if text.strip() and (text.strip() == str(profile.number) or is_same_name(text, profile.name)):
            return profile
    choices = ", ".join(f"{profile.number} {profile.name}".strip() for profile in profiles)
    raise BadInput(f"There is no profile {text!r}; choose one of {choices}.")


async def rename_profile(sensor: HasProfiles, index: int, name: str) -> None:
    """Rename a profile, whose index counts from 0; an empty name takes its name away.

    Raises BadInput for a name that no profile can have, or that another one has.
    """
    name = checked_profile_name(name)
    for other in await sensor.profiles() if name else []:
        if other.index != index and is_same_name(other.name, name):
            raise BadInput(f"Profile {other.number} is named {other.name!r} already; choose another name.")
    await sensor.name_profile(index, name)


def describe_calibration(profile: Profile) -> str:
    """Return what a profile was calibrated with, such as "number 7, bow, no standing zero"; "none" without one."""
    if not profile.calibration_id:
        return "none"
    bow = "bow" if profile.bowed else "no bow"
    standing = "standing zero" if profile.stood else "no standing zero"
    return f"number {profile.calibration_id}, {bow}, {standing}"
