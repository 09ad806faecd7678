"""MicroPython on a board: which build it needs, how to install it by hand, and writing it with esptool."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from unslouch.errors import BadInput

from .errors import NotInstalled
from .targets import CHIPS, TARGETS, Chip, Target

OLDEST = (1, 25)
OLDEST_TEXT = ".".join(str(part) for part in OLDEST)
IMAGE_MAGIC = 0xE9  # esp_image_header_t in ESP-IDF's esp_app_format.h; the chip's id is at byte 12
CHIP_ID_AT = 12
BAUD = "460800"
BANNER = re.compile(rb"MicroPython v([0-9]+(?:\.[0-9]+)+)[^\0]{0,60}? on [0-9-]{10}; ([\x20-\x7e]{3,100})")
"""What MicroPython prints at its prompt: version, date and machine, one string in its image (py/mpconfig.h)."""


def remedy(port: str, target: Target | None) -> str:
    """Return how to install MicroPython: the end of a sentence, followed by the commands."""
    targets = [target] if target is not None else TARGETS
    files = " or ".join(
        f"{each.build}{f' or, where it exists, {each.newest_build}' if each.newest_build else ''} ({each.board})"
        for each in targets
    )
    commands = "".join(
        f"\n  python -m esptool --chip {each.chip.esptool_name} --port {port} erase_flash"
        f"\n  python -m esptool --chip {each.chip.esptool_name} --port {port} --baud {BAUD} "
        f"write_flash {each.chip.offset:#x} {each.build}-….bin"
        for each in targets
    )
    return (
        f"get the .bin file of {files}, version {OLDEST_TEXT} or newer, from https://micropython.org/download/ and "
        f"repeat with --micropython FILE, or write it yourself (that erases everything on the board):{commands}"
    )


def chip_of_image(file: Path) -> Chip:
    """Return the chip that an image of MicroPython is for; raises BadInput if the file is no such image."""
    try:
        head = file.read_bytes()[:24]
    except OSError as error:
        raise BadInput(f"{file} can't be read ({error.strerror}); name the .bin file that you downloaded.") from error
    if len(head) == 24 and head[0] == IMAGE_MAGIC:
        for chip in CHIPS:
            if int.from_bytes(head[CHIP_ID_AT : CHIP_ID_AT + 2], "little") == chip.image_id:
                return chip
    builds = ", ".join(target.build for target in TARGETS)
    raise BadInput(f"{file} is no MicroPython for any board known here; download the .bin file of one of {builds}.")


@dataclass(frozen=True)
class Image:
    """What an image of MicroPython says of itself."""

    chip: Chip
    version: tuple[int, ...]
    machine: str
    """As sys.implementation._machine, such as "Generic ESP32S3 module with Octal-SPIRAM with ESP32S3"."""

    @property
    def has_psram(self) -> bool:
        """Whether it uses PSRAM: generic builds say so in their name, the XIAO's own always does."""
        return "SPIRAM" in self.machine or "XIAO ESP32S3" in self.machine


def checked_image(file: Path) -> Image:
    """Return what an image holds; raises BadInput if it is not one that a board known here can use."""
    chip = chip_of_image(file)
    targets = [target for target in TARGETS if target.chip is chip]
    builds = " or ".join(build for target in targets for build in (target.psram_builds or (target.build,)))
    banner = BANNER.search(file.read_bytes())
    if banner is None:
        raise BadInput(f"{file} is for the {chip.name}, but holds no MicroPython; download the .bin file of {builds}.")
    version = tuple(int(part) for part in banner[1].split(b"."))
    image = Image(chip, version, banner[2].decode("utf-8", "replace"))
    text = ".".join(str(part) for part in version)
    if version[:2] < OLDEST:
        raise BadInput(f"{file} is MicroPython {text}, which is too old; download {builds}, {OLDEST_TEXT} or newer.")
    if any(target.has_psram for target in targets) and not image.has_psram:
        raise BadInput(
            f"{file} is MicroPython {text} for {image.machine}, which doesn't use the board's PSRAM, so its memory is "
            f"too small; download the .bin file of {builds}."
        )
    return image


def write_image(port: str, file: Path, erase: bool, say: Callable[[str], None]) -> None:
    """Write MicroPython with esptool, which shows its own progress; files on the board stay unless `erase` is given.

    Raises BadInput if the file is no image, NotInstalled if esptool is missing or fails.
    """
    image = checked_image(file)
    chip = image.chip
    if importlib.util.find_spec("esptool") is None:
        raise NotInstalled("esptool isn't on this computer; install it (pip install esptool) and repeat.")
    if erase:
        say("Erasing the board.")
        _esptool(port, chip, "erase_flash")
    say(f"Writing MicroPython {'.'.join(map(str, image.version))} for {image.machine}.")
    _esptool(port, chip, "write_flash", f"{chip.offset:#x}", str(file))


def _esptool(port: str, chip: Chip, command: str, *rest: str) -> None:
    if int(metadata.version("esptool").split(".")[0]) >= 5:
        command = command.replace("_", "-")
    options = ["--chip", chip.esptool_name, "--port", port, "--baud", BAUD]
    run = subprocess.run([sys.executable, "-m", "esptool", *options, command, *rest], stdout=sys.stderr, check=False)
    if run.returncode != 0:
        raise NotInstalled(
            f"esptool could not write to the board at {port}; hold its BOOT button while you plug it in, and repeat."
        )
