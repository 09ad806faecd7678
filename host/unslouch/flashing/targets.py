"""The boards that the firmware supports: chip, MicroPython build, and the build's offset in flash."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Chip:
    """A chip as MicroPython and esptool name it."""

    name: str
    """As the last word of sys.implementation._machine, without hyphens."""
    esptool_name: str
    image_id: int
    """Chip id in the header of a firmware image (esp_chip_id_t in ESP-IDF's esp_app_format.h)."""
    offset: int
    """Where MicroPython's image begins in flash (its boards' deploy_options.flash_offset)."""


ESP32 = Chip("ESP32", "esp32", 0x0000, 0x1000)
ESP32S3 = Chip("ESP32S3", "esp32s3", 0x0009, 0)
ESP32C6 = Chip("ESP32C6", "esp32c6", 0x000D, 0)
CHIPS = (ESP32, ESP32S3, ESP32C6)
_FAMILY = re.compile(r"ESP32(S[0-9]|C[0-9]+|H[0-9]+|P[0-9])?")
"""Builds may add a package to the chip's name: ESP32-S3-FN8, ESP32-PICO-V3-02."""


@dataclass(frozen=True)
class Target:
    """A board that the firmware has a file for."""

    board: str
    """Module in unslouch_device.boards."""
    chip: Chip
    build: str
    """MicroPython's own name of the build to download."""
    has_sensor: bool = False
    """Its motion sensor is built in, so a board with the same chip and no sensor is a different one."""
    newest_build: str = ""
    """The build of newer versions of MicroPython, where it has one for this very board."""
    has_psram: bool = False
    """Both builds use the board's PSRAM."""

    @property
    def psram_builds(self) -> tuple[str, ...]:
        """The builds that use the board's PSRAM, the better first; none if it has no PSRAM."""
        return tuple(build for build in (self.newest_build, self.build) if build and self.has_psram)


TARGETS = (
    Target("xiao_esp32s3", ESP32S3, "ESP32_GENERIC_S3-SPIRAM_OCT", newest_build="SEEED_XIAO_ESP32S3", has_psram=True),
    Target("xiao_esp32c6", ESP32C6, "ESP32_GENERIC_C6"),
    Target("m5stickc_plus2", ESP32, "ESP32_GENERIC-SPIRAM", has_sensor=True, has_psram=True),
)


def target_of(board: str | None) -> Target | None:
    """Return the target whose board module has this name; None if there is none."""
    return next((target for target in TARGETS if target.board == board), None)


def chip_in(machine: str) -> str:
    """Return the chip's name out of sys.implementation._machine, such as "Seeed XIAO ESP32S3 with ESP32-S3-FN8"."""
    word = machine.rpartition(" with ")[2].replace("-", "").strip().upper()
    family = _FAMILY.match(word)
    return family[0] if family is not None else word
