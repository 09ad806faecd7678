"""`unslouch flash` asks before it erases, shows its progress on a terminal, and passes its options on."""

import argparse
import io
import re
import sys
from pathlib import Path

import pytest

from flashing.test_micropython import image
from unslouch.cli import flash
from unslouch.cli.main import main
from unslouch.cli.progress import Progress
from unslouch.errors import BadInput, ExitCode
from unslouch.flashing import install as installing
from unslouch.flashing import over_link
from unslouch.flashing.install import Options, Reporter
from unslouch.flashing.targets import ESP32S3
from unslouch.link.model import SensorInfo
from unslouch.sensor.paired import PairedSensor, add_paired

ADDRESS = "74:4D:BD:12:34:56"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def nothing_paired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that knows no sensor, whatever other tests have paired."""
    for name in ("APPDATA", "LOCALAPPDATA", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "data"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options that installations were asked for with."""
    seen: list[Options] = []

    def install(options: Options, reporter: Reporter) -> None:
        seen.append(options)

    monkeypatch.setattr(installing, "install", install)
    return seen


def run(*words: str) -> ExitCode:
    parser = argparse.ArgumentParser()
    parser.set_defaults(sensor=None)
    flash.add_arguments(parser)
    return flash.run(parser.parse_args(words))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A board file mine.py and an image m.bin in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("NAME = 'mine'\n")
    image(tmp_path, ESP32S3).rename("m.bin")


def test_the_command_line_becomes_options(asked: list[Options], files: None) -> None:
    assert (
        run("--sensor", "COM7", "--source", "--dry-run", "--board", "mine.py", "--micropython", "m.bin") == ExitCode.OK
    )
    assert asked == [Options("COM7", Path("mine.py"), True, True, False, Path("m.bin"))]
    run("--board", "xiao_esp32s3")
    assert asked[1] == Options(board="xiao_esp32s3")


@pytest.mark.parametrize(
    ("answer", "done"), [("y\n", True), ("yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_wiping_asks_first(
    answer: str, done: bool, asked: list[Options], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run("--wipe") == ExitCode.OK
    assert [options.wipe for options in asked] == [True] * done
    said = capsys.readouterr().err
    assert "What isn't recorded is lost. [y/N]" in said
    assert ("Nothing was changed." in said) is not done


def test_wiping_without_a_terminal_needs_yes(asked: list[Options], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(BadInput, match="--yes"):
        run("--wipe")
    assert asked == []
    run("--wipe", "--yes")
    run("--wipe", "--dry-run")
    assert len(asked) == 2


def test_an_interrupted_installation_says_what_happens_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def install(options: Options, reporter: Reporter) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(installing, "install", install)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert "Running this again finishes" in capsys.readouterr().err


@pytest.mark.parametrize(("calibration_id", "is_said"), [(0, True), (7, False)])
def test_a_new_sensor_is_followed_by_what_comes_next(
    calibration_id: int, is_said: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    info = SensorInfo("c0ffee", "my board", "0.1.0", 3, 1, 1, 0, 0, 0, 0, calibration_id, False, False, 180)
    monkeypatch.setattr(installing, "install", lambda options, reporter: info)
    monkeypatch.setattr(flash, "_keep_names", lambda device_id, version: None)
    assert run() == ExitCode.OK
    said = capsys.readouterr().err
    assert "The sensor c0ffee (my board) runs firmware 0.1.0." in said
    assert ("unslouch calibrate" in said) is is_said


@pytest.mark.parametrize("line", ["flash --demo", "--demo flash"])
def test_a_simulated_sensor_takes_no_firmware(
    line: str, asked: list[Options], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == ExitCode.USAGE
    assert "`unslouch flash` takes no --demo; leave it out" in capsys.readouterr().err
    assert asked == []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Options]]:
    """The sensors that updates over Bluetooth were asked for, with their options."""
    seen: list[tuple[str, Options]] = []

    async def install_over_air(address: str, options: Options, reporter: Reporter) -> None:
        seen.append((address, options))

    monkeypatch.setattr(over_link, "install_over_air", install_over_air)
    return seen


@pytest.mark.parametrize(
    ("words", "ports", "over_air"),
    [
        ((), [], True),
        ((), ["/dev/ttyACM0"], False),
        (("--ble",), ["/dev/ttyACM0"], True),
        (("--sensor", "my back"), ["/dev/ttyACM0"], True),
        (("--sensor", ADDRESS, "--dry-run"), [], True),
        (("--sensor", "/dev/ttyACM0"), [], False),
        (("--micropython", "m.bin"), [], False),
    ],
)
def test_a_paired_sensor_is_updated_over_bluetooth_where_the_cable_is_not_meant(
    words: tuple[str, ...],
    ports: list[str],
    over_air: bool,
    files: None,
    asked: list[Options],
    sent: list[tuple[str, Options]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("unslouch.link.discovery.likely_ports", lambda: ports)
    add_paired(PairedSensor("my back", "c0ffee", ADDRESS))
    assert run(*words) == ExitCode.OK
    assert [address for address, _ in sent] == [ADDRESS] * over_air
    assert bool(asked) is not over_air


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--board", "toaster"), "no board 'toaster'; name one of m5stickc_plus2, xiao"),
        (("--board", "toaster", "--ble"), "no board 'toaster'"),
        (("--board", "toaster", "--wipe"), "no board 'toaster'"),
        (("--board", "none.py"), "none.py can't be read .*; name another file, or one of m5"),
        (("--board", "broken.py"), "can't be read as Python"),
        (("--micropython", "none.bin", "--wipe"), "none.bin can't be read"),
    ],
)
def test_a_wrong_board_or_image_is_named_before_a_board_is_looked_for(
    words: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.py").write_text("NAME = \n")
    monkeypatch.setattr("unslouch.link.discovery.likely_ports", list)
    with pytest.raises(BadInput, match=sentence):
        run(*words)


def test_what_takes_the_cable_is_refused_over_bluetooth_before_anything_is_asked(
    asked: list[Options], sent: list[tuple[str, Options]]
) -> None:
    add_paired(PairedSensor("my back", "c0ffee", ADDRESS))
    for words in (("--wipe", "--ble"), ("--micropython", "m.bin", "--ble")):
        with pytest.raises(BadInput, match="takes the cable"):
            run(*words)
    assert not asked
    assert not sent


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_terminal_gets_a_bar_and_lines_go_below_it(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(Terminal, "encoding", encoding)
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress()
    for done in (0, 50, 100):
        progress.show(done, 100)
    progress.say("Done.")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    assert all(percent in shown for percent in (" 0%", " 50%", "100%"))
    assert "?" not in shown
    assert shown.endswith("100%\nDone.\n")


def test_a_pipe_gets_lines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    progress = Progress()
    progress.show(5, 10)
    progress.say("Done.")
    assert pipe.getvalue() == "Done.\n"
