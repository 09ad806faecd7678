"""Whether a program uses a camera or a microphone now, on Linux. Nothing is opened and nothing recorded.

A camera is in use while a process of this user has a /dev/video* open (`/proc/PID/fd`). A microphone is in use while a
capture stream of a sound card runs (`/proc/asound/card*/pcm*c/sub*/status`, also below PipeWire and PulseAudio), or
while PipeWire or PulseAudio list a stream that records (`pactl`), as they do for a headset over Bluetooth.

Processes of other users don't show. A program that only draws a level meter doesn't count as recording.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

PACTL = ("pactl", "--format=json", "list", "source-outputs")
PACTL_TIMEOUT_S = 3.0
_VIDEO_DEVICE = re.compile(r"/dev/video\d+")
_METER = "peak detect"
"""What the mixers name the streams behind their level meters."""


class Device(StrEnum):
    """A device whose use means a meeting."""

    CAMERA = "camera"
    MICROPHONE = "microphone"


def can_look() -> bool:
    """Tell whether this system shows which devices are in use."""
    return sys.platform == "linux"


def devices_looked_at(camera: bool, microphone: bool) -> Callable[[], Device | None] | None:
    """Return a function that says which of the chosen devices is in use; None if none is chosen or none can be seen.

    The function blocks for some ten milliseconds.
    """
    if not (camera or microphone) or not can_look():
        return None

    def look() -> Device | None:
        if camera and is_camera_in_use():
            return Device.CAMERA
        if microphone and (is_microphone_in_use() or is_sound_recorded(_recording_streams())):
            return Device.MICROPHONE
        return None

    return look


def is_camera_in_use(root: Path = Path("/")) -> bool:
    """Tell whether a process has a video device open; root is where `proc` and `dev` are."""
    if not any((root / "dev").glob("video*")):
        return False
    return any(
        _VIDEO_DEVICE.fullmatch(_target(descriptor))
        for process in _entries(str(root / "proc"))
        if process.name.isdigit()
        for descriptor in _entries(f"{process.path}/fd")
    )


def is_microphone_in_use(root: Path = Path("/")) -> bool:
    """Tell whether a capture stream of a sound card runs; root is where `proc` is."""
    cards = root / "proc" / "asound"
    for status in cards.glob("card*/pcm*c/sub*/status"):
        with suppress(OSError, UnicodeDecodeError):
            if re.search(r"^state:\s*RUNNING", status.read_text(encoding="ascii"), re.MULTILINE):
                return True
    return False


def is_sound_recorded(listing: str) -> bool:
    """Tell whether pactl's list of recording streams (JSON) has one that runs and isn't a level meter."""
    try:
        streams = json.loads(listing)
    except ValueError:
        return False
    return isinstance(streams, list) and any(isinstance(each, dict) and _records(each) for each in streams)


def _records(stream: dict[str, Any]) -> bool:
    properties = stream.get("properties")
    name = str(properties.get("media.name", "")) if isinstance(properties, dict) else ""
    return stream.get("corked") is not True and _METER not in name.lower()


def _recording_streams() -> str:
    """Ask PipeWire or PulseAudio; return "" where there is neither, or no answer."""
    try:
        answer = subprocess.run(PACTL, capture_output=True, text=True, timeout=PACTL_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """Return what is in a folder, nothing for one that has ended or is closed to this user."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _target(link: os.DirEntry[str]) -> str:
    """Return where a link leads; "" if it has been closed meanwhile, or is no link."""
    try:
        return os.readlink(link.path)  # noqa: PTH115 - thousands of them, so without making paths
    except OSError:
        return ""
