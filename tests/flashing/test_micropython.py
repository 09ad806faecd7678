"""esptool writes MicroPython to a board, given the right file."""

import subprocess
import sys
from pathlib import Path

import pytest

from unslouch.errors import BadInput
from unslouch.flashing import micropython
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.install import Options, install
from unslouch.flashing.micropython import chip_of_image, write_image
from unslouch.flashing.targets import CHIPS, Chip

from .conftest import Messages


def image(folder: Path, chip: Chip) -> Path:
    file = folder / f"{chip.esptool_name}.bin"
    file.write_bytes(b"\xe9\x04" + bytes(10) + chip.image_id.to_bytes(2, "little") + bytes(100))
    return file


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
