"""esptool writes MicroPython to a board, given the right file."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from unslouch.errors import BadInput
from unslouch.flashing import micropython
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.install import Options, install
from unslouch.flashing.micropython import checked_image, chip_of_image, write_image
from unslouch.flashing.targets import CHIPS, ESP32C6, ESP32S3, Chip, chip_in

from .conftest import Messages

MACHINES = {
    "ESP32": "Generic ESP32 module with SPIRAM with ESP32",
    "ESP32S3": "Generic ESP32S3 module with Octal-SPIRAM with ESP32S3",
    "ESP32C6": "Generic ESP32C6 module with ESP32C6",
}
"""As the builds that unslouch names call themselves (MicroPython's ports/esp32/boards)."""


def image(folder: Path, chip: Chip, banner: str | None = None) -> Path:
    """Make an image with a header and the string that MicroPython prints at its prompt."""
    text = banner if banner is not None else f"MicroPython v1.27.0 on 2025-12-09; {MACHINES[chip.name]}"
    file = folder / f"{chip.esptool_name}.bin"
    head = b"\xe9\x04" + bytes(10) + chip.image_id.to_bytes(2, "little") + bytes(100)
    file.write_bytes(head + text.encode() + bytes(4000))
    return file


@contextmanager
def bootloader_of(chip: Chip) -> Iterator[str]:
    """Give the port of a chip's ROM loader as somebody else wrote it, in a process of its own."""
    command = [sys.executable, "-u", "-m", "esp32_mock_bootloader.cli", "run", "--pty", "--timeout", "300"]
    process = subprocess.Popen(
        [*command, "--chip", chip.esptool_name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The calls of esptool; it succeeds unless --port is "broken"."""
    called: list[list[str]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        called.append(command[3:])
        return subprocess.CompletedProcess(command, 2 if "broken" in command else 0)

    monkeypatch.setattr(micropython.subprocess, "run", run)
    monkeypatch.setattr(micropython.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(micropython.metadata, "version", lambda name: "5.1.0")
    return called


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_the_image_names_its_chip_and_is_written_at_that_chips_offset(
    chip: Chip, tmp_path: Path, commands: list[list[str]], messages: Messages
) -> None:
    file = image(tmp_path, chip)
    assert chip_of_image(file) is chip
    write_image("COM7", file, erase=True, say=messages.say)
    options = ["--chip", chip.esptool_name, "--port", "COM7", "--baud", "460800"]
    assert commands == [[*options, "erase-flash"], [*options, "write-flash", f"{chip.offset:#x}", str(file)]]


def test_what_an_image_says_of_itself(tmp_path: Path) -> None:
    banner = "MicroPython v1.28.0-preview.12.gabc on 2026-01-09; Seeed XIAO ESP32S3 with ESP32-S3-FN8"
    found = checked_image(image(tmp_path, ESP32S3, banner))
    assert (found.version, found.machine) == ((1, 28, 0), "Seeed XIAO ESP32S3 with ESP32-S3-FN8")
    assert found.has_psram
    assert not checked_image(image(tmp_path, ESP32C6)).has_psram


@pytest.mark.parametrize(
    ("banner", "message"),
    [
        ("CircuitPython 9.2", "for the ESP32S3, but holds no MicroPython"),
        ("MicroPython v1.20.0 on 2023-04-26; Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "too old"),
        ("MicroPython v1.27.0 on 2025-12-09; Generic ESP32S3 module with ESP32S3", "doesn't use the board's PSRAM"),
    ],
)
def test_an_image_that_will_not_do_is_refused_before_anything_is_written(
    banner: str, message: str, tmp_path: Path, commands: list[list[str]], messages: Messages
) -> None:
    file = image(tmp_path, ESP32S3, banner)
    with pytest.raises(BadInput, match=message) as refused:
        write_image("COM7", file, erase=True, say=messages.say)
    assert "SEEED_XIAO_ESP32S3 or ESP32_GENERIC_S3-SPIRAM_OCT" in str(refused.value)
    assert commands == []


@pytest.mark.parametrize(
    ("machine", "chip"),
    [
        ("Seeed XIAO ESP32S3 with ESP32-S3-FN8", "ESP32S3"),
        ("Generic ESP32 module with SPIRAM with ESP32-PICO-V3-02", "ESP32"),
        ("Generic ESP32C6 module with ESP32C6", "ESP32C6"),
        ("Generic ESP32C61 module with ESP32C61", "ESP32C61"),
        ("Raspberry Pi Pico W with RP2040", "RP2040"),
    ],
)
def test_a_chip_is_known_whatever_package_its_build_names(machine: str, chip: str) -> None:
    assert chip_in(machine) == chip


@pytest.mark.skipif(sys.platform == "win32", reason="the loader's port is a pty")
@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_a_bootloader_that_somebody_else_wrote_takes_the_image(
    chip: Chip, tmp_path: Path, messages: Messages, capfd: pytest.CaptureFixture[str]
) -> None:
    file = image(tmp_path, chip)
    with bootloader_of(chip) as port:
        write_image(port, file, erase=False, say=messages.say)
    assert "Hash of data verified" in capfd.readouterr().err


def test_files_on_the_board_stay_unless_asked(tmp_path: Path, commands: list[list[str]], messages: Messages) -> None:
    write_image("COM7", image(tmp_path, CHIPS[0]), erase=False, say=messages.say)
    assert not any("erase-flash" in command for command in commands)


def test_older_versions_of_esptool_get_commands_with_underscores(
    tmp_path: Path, commands: list[list[str]], messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(micropython.metadata, "version", lambda name: "4.8.1")
    write_image("COM7", image(tmp_path, CHIPS[0]), erase=False, say=messages.say)
    assert "write_flash" in commands[0]


def test_if_esptool_fails_the_message_says_which_button_to_hold(
    tmp_path: Path, commands: list[list[str]], messages: Messages
) -> None:
    with pytest.raises(NotInstalled, match="hold its BOOT button"):
        write_image("broken", image(tmp_path, CHIPS[0]), erase=False, say=messages.say)


def test_without_esptool_the_message_says_what_to_install(
    tmp_path: Path, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "esptool", None)
    monkeypatch.setattr(micropython.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match="pip install esptool"):
        write_image("COM7", image(tmp_path, CHIPS[0]), erase=False, say=messages.say)


@pytest.mark.parametrize("content", [b"", b"\xe9" + bytes(50)[:10], b"PK\x03\x04" + bytes(50), b"\xe9" + b"\xff" * 50])
def test_any_other_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "firmware.bin"
    file.write_bytes(content)
    with pytest.raises(BadInput, match="no MicroPython for any board known here; download"):
        chip_of_image(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.bin can't be read"):
        chip_of_image(tmp_path / "none.bin")


def test_a_dry_run_writes_no_micropython(tmp_path: Path, commands: list[list[str]], messages: Messages) -> None:
    file = image(tmp_path, CHIPS[0])
    assert install(Options(port=str(tmp_path / "port"), micropython=file, dry_run=True), messages) is None
    assert commands == []
    assert "Would write" in messages.text
