"""Firmware is installed completely or not at all, and the wearer's data stays untouched."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch.errors import BadInput, NoSensor, SensorBusy
from unslouch.flashing import install as installing
from unslouch.flashing import talk
from unslouch.flashing.compile import firmware_folder
from unslouch.flashing.errors import BoardError, NotInstalled
from unslouch.flashing.install import Options, install, on_board_source
from unslouch.flashing.prompt import Prompt
from unslouch.sensor.lock import SensorLock

from .bench import BLOCK_BYTES, Board, NativeBoard
from .conftest import BOARD, NEWER, OURS, Messages, changed_firmware, options, watched_commands


def started(board: Board) -> str:
    """The version of the firmware that starts on a board by itself."""
    board.plug_in()
    try:
        return talk.wait_for_app(board.port).firmware_version
    finally:
        board.unplug()


@pytest.fixture
def worn(board: Board, installed: Path) -> Board:
    """A board with firmware and a wearer's data, unplugged."""
    shutil.copy(installed, board.image)
    return board


def test_an_installed_board_holds_main_one_pack_and_what_the_app_began(worn: Board) -> None:
    files = worn.files()
    assert {"/main.py", "/slot", "/a.pack"} <= files.keys()
    assert "/b.pack" not in files
    assert any(path.startswith("/unslouch/") for path in files)


def test_the_board_is_recognised_by_its_chip_and_the_sensor_by_its_id(
    tmp_path: Path, installed: Path, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unslouch.flashing.probe.chip_in", lambda machine: "ESP32S3")
    board = NativeBoard(tmp_path, BOARD_IMU="1")
    shutil.copy(installed, board.image)
    board.plug_in()
    try:
        install(Options(port=board.port), messages)
    finally:
        board.unplug()
    assert f"for {BOARD}." in messages.lines[0]
    assert "LSM6DSOX" in messages.text


def test_installing_again_copies_nothing(worn: Board, messages: Messages) -> None:
    before = worn.files()
    worn.plug_in()
    info = install(options(worn), messages)
    worn.unplug()
    assert info is not None
    assert info.firmware_version == OURS
    assert "up to date" in messages.text
    assert not messages.progressed
    after = worn.files()
    assert {path: after[path] for path in ("/main.py", "/a.pack")} == {
        path: before[path] for path in ("/main.py", "/a.pack")
    }


def test_an_update_sends_what_changed_and_keeps_everything_of_the_wearers(
    worn: Board, newer: Path, messages: Messages
) -> None:
    before = worn.files()
    worn.plug_in()
    info = install(options(worn, newer), messages)
    worn.unplug()
    assert info is not None
    assert info.firmware_version == NEWER
    after = worn.files()
    assert after["/a.pack"] == before["/a.pack"]
    assert after["/main.py"] == before["/main.py"]
    kept = {path for path in before if path.startswith("/unslouch/") and "/journal" not in path}
    assert {path: after.get(path) for path in kept} == {path: before[path] for path in kept}
    assert messages.progressed[-1][0] == messages.progressed[-1][1]


def test_a_newer_main_py_replaces_ours_and_the_pack_starts_from_it(
    worn: Board, tmp_path: Path, messages: Messages
) -> None:
    before = worn.files()
    changed = changed_firmware(tmp_path / "changed", {"root/main.py": ("EDITION = ", "EDITION = 1")})
    worn.plug_in()
    info = install(options(worn, changed), messages)
    worn.unplug()
    assert info is not None
    after = worn.files()
    assert after["/main.py"] != before["/main.py"]
    assert after["/a.pack"] == before["/a.pack"]
    assert installing.KEPT_MAIN not in after


def test_an_update_keeps_the_journal(worn: Board, newer: Path, messages: Messages) -> None:
    worn.plug_in()
    journal = talk.wait_for_app(worn.port).journal
    info = install(options(worn, newer), messages)
    assert info is not None
    assert info.journal == journal


def test_a_dry_run_says_what_would_be_done_and_does_nothing(worn: Board, newer: Path, messages: Messages) -> None:
    before = worn.files()
    worn.plug_in()
    assert install(options(worn, newer, dry_run=True), messages) is None
    worn.unplug()
    assert "Would send" in messages.text
    assert "unslouch_device/part" in messages.text
    assert "unslouch_device/sense/native.mpy" not in messages.text
    after = worn.files()
    assert {path for path in after if not path.startswith("/unslouch/")} == {"/main.py", "/slot", "/a.pack"}
    assert after["/a.pack"] == before["/a.pack"]


@pytest.mark.soak
@pytest.mark.slow
def test_sources_can_be_shipped_instead(board: Board, messages: Messages) -> None:
    board.plug_in()
    info = install(options(board, source=True), messages)
    assert info is not None
    assert info.firmware_version == OURS


def test_firmware_that_crashes_is_rolled_back_and_the_old_one_answers(
    worn: Board, crashing: Path, messages: Messages
) -> None:
    worn.plug_in()
    with pytest.raises(NotInstalled, match=rf"9\.9\.9 doesn't run .* gone back to {OURS}"):
        install(options(worn, crashing), messages)
    worn.unplug()
    assert "/unslouch/crash.bin" in worn.files()
    assert started(worn) == OURS


def test_a_board_whose_host_goes_away_half_way_restarts_by_itself_and_that_is_no_crash(
    worn: Board, newer: Path, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = on_board_source().replace("_PATIENCE_MS = 120_000", "_PATIENCE_MS = 500")
    monkeypatch.setattr(installing, "on_board_source", lambda: impatient)
    monkeypatch.setattr(Prompt, "restart", lambda prompt: None)

    def go_away(number: int, prompt: Prompt) -> None:
        if number == 20:
            raise KeyboardInterrupt

    worn.plug_in()
    with watched_commands(go_away), pytest.raises(KeyboardInterrupt):
        install(options(worn, newer), messages)
    assert worn.starts == 1
    assert talk.wait_for_app(worn.port).firmware_version == OURS
    assert worn.starts == 2
    worn.unplug()
    assert "/unslouch/crash.bin" not in worn.files()


def test_wiping_begins_a_new_journal(worn: Board, messages: Messages) -> None:
    worn.plug_in()
    journal = talk.wait_for_app(worn.port).journal
    info = install(options(worn, wipe=True), messages)
    assert info is not None
    assert info.journal != journal
    assert "Erasing" in messages.text


def test_the_users_own_main_is_kept_under_another_name(board: Board, messages: Messages) -> None:
    board.plug_in()
    with Prompt(board.port) as prompt:
        prompt.enter()
        prompt.run("with open('/main.py', 'w') as file: file.write('print(1)')")
        prompt.run("with open('/boot.py', 'w') as file: file.write('x = 1')")
    install(options(board), messages)
    board.unplug()
    assert "main.before-unslouch.py" in messages.text
    assert {"/main.py", "/main.before-unslouch.py", "/boot.py"} <= board.files().keys()


@pytest.mark.parametrize(
    ("on_board", "stays"),
    [pytest.param("", False, marks=pytest.mark.soak), ("EDITION = 1\n", False), ("EDITION = 99\n", True)],
)
def test_an_earlier_main_of_ours_is_replaced_and_a_later_one_stays(
    on_board: str, stays: bool, board: Board, messages: Messages
) -> None:
    ours = (firmware_folder() / "root" / "main.py").read_text()
    edition = next(line for line in ours.splitlines(keepends=True) if line.startswith("EDITION = "))
    other = ours.replace(edition, on_board)
    board.plug_in()
    with Prompt(board.port) as prompt:
        prompt.enter()
        prompt.run(f"with open('/main.py', 'w') as file: file.write({other!r})")
    install(options(board), messages)
    board.unplug()
    files = board.files()
    assert files["/main.py"] == hashlib.sha256((other if stays else ours).encode()).hexdigest()
    assert "/main.before-unslouch.py" not in files


# Obstacles


def test_a_full_flash_is_noticed_before_anything_is_written(tmp_path: Path, messages: Messages) -> None:
    require(MICROPYTHON_I386.missing())
    board = NativeBoard(tmp_path, blocks=12)
    board.plug_in()
    try:
        with pytest.raises(NotInstalled, match=r"is full: \d+ KiB are free .* --wipe"):
            install(options(board), messages)
    finally:
        board.unplug()
    assert board.files() == {}
    assert board.image.stat().st_size == 12 * BLOCK_BYTES


def test_a_flash_that_fills_up_meanwhile_says_so(worn: Board, newer: Path, messages: Messages) -> None:
    def fail(number: int, prompt: Prompt) -> None:
        if number == 12:
            raise BoardError("OSError: 28", 28)

    worn.plug_in()
    with watched_commands(fail), pytest.raises(NotInstalled, match="is full"):
        install(options(worn, newer), messages)
    worn.unplug()
    assert started(worn) == OURS


def test_a_pack_that_arrives_damaged_is_discarded(
    worn: Board, newer: Path, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Prompt.run
    monkeypatch.setattr(Prompt, "run", lambda prompt, code: run(prompt, code.replace("put(b'", "put(b'AAAA")))
    worn.plug_in()
    with pytest.raises(NotInstalled, match=r"arrived damaged .* another cable"):
        install(options(worn, newer), messages)
    worn.unplug()
    assert "/b.pack" not in worn.files()
    assert started(worn) == OURS


def test_a_board_that_another_unslouch_program_uses_is_left_alone(board: Board, messages: Messages) -> None:
    board.plug_in()
    other = SensorLock(board.port)
    assert other.take()
    try:
        with pytest.raises(SensorBusy, match=r"Another unslouch program .* end it"):
            install(options(board), messages)
    finally:
        other.release()


def test_a_port_that_another_program_holds_is_named(board: Board, messages: Messages) -> None:
    import serial

    board.plug_in()
    with serial.Serial(board.port, exclusive=True), pytest.raises(SensorBusy, match="in use by another program"):
        install(options(board), messages)


@pytest.mark.parametrize(
    ("ports", "error", "says"),
    [([], NoSensor, "No board was found; plug one in"), (["COM3", "COM4"], BadInput, r"several boards \(COM3, COM4\)")],
)
def test_with_no_board_or_several_it_asks_for_one(
    ports: list[str], error: type[Exception], says: str, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "likely_ports", lambda: ports)
    with pytest.raises(error, match=says):
        install(Options(), messages)


def test_a_port_that_is_not_there_is_named(tmp_path: Path, messages: Messages) -> None:
    with pytest.raises(NoSensor, match="There is no port"):
        install(Options(port=str(tmp_path / "ttyNONE")), messages)


def test_a_simulated_sensor_is_left_alone(messages: Messages) -> None:
    command = [sys.executable, "-m", "unslouch", "simulate", "--while-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as twin:
        assert twin.stdin is not None
        assert twin.stdout is not None
        port = twin.stdout.readline().decode().strip()
        try:
            with pytest.raises(BadInput, match="is simulated"):
                install(Options(port=port), messages)
            assert talk.wait_for_app(port).simulated
        finally:
            twin.stdin.close()


def test_a_network_address_is_no_board(messages: Messages) -> None:
    with pytest.raises(BadInput, match="serial port"):
        install(Options(port="socket://localhost:1"), messages)


def test_a_board_of_an_unknown_name_is_refused_with_the_known_ones(board: Board, messages: Messages) -> None:
    board.plug_in()
    with pytest.raises(BadInput, match=rf"no board 'toaster'; name one of .*{BOARD}"):
        install(Options(port=board.port, board="toaster"), messages)


def test_a_chip_that_no_board_here_has_asks_for_the_board(board: Board, messages: Messages) -> None:
    board.plug_in()
    with pytest.raises(BadInput, match=r"name it with --board"):
        install(Options(port=board.port), messages)
