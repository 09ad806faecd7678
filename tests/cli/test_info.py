"""`unslouch info`: what a bug report needs, and nothing of the wearer."""

import getpass
import json
import platform
from pathlib import Path

import pytest

from unslouch import __version__
from unslouch.cli import info
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.link.usb import UsbPort
from unslouch.sensor.paired import PairedSensor, add_paired


def test_a_report_has_versions_platform_terminal_files_and_adapters(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = UsbPort("/dev/ttyACM0", 0x303A, 0x1001, "USB JTAG/serial, serial number 24:EC:4A:0C:9F:51")
    monkeypatch.setattr("unslouch.link.serial.usb_ports", lambda: [port])
    monkeypatch.setenv("TERM", "xterm-test")
    monkeypatch.setenv("TMUX", "/tmp/tmux-1000/secret,1,0")
    assert main(["info", "--json"]) == ExitCode.OK
    facts = json.loads(capsys.readouterr().out)
    assert list(facts) == ["unslouch", "platform", "terminal", "files", "adapters"]
    assert facts["unslouch"]["version"] == __version__
    assert "MISSING" not in facts["unslouch"].values()
    assert platform.python_version() in facts["platform"]["python"]
    assert facts["terminal"]["TERM"] == "xterm-test"
    assert facts["terminal"]["inside"] == "tmux"
    assert facts["adapters"]["serial over USB"] == "/dev/ttyACM0 303A:1001"
    assert "config.toml" in facts["files"]["settings"]


def test_a_report_names_neither_the_user_nor_the_computer_nor_a_sensor(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMUX", "secret-session")
    monkeypatch.setattr(info.Path, "home", lambda: home)
    add_paired(PairedSensor("my secret back", "24ec4a0c9f51d3e8", "24:EC:4A:0C:9F:51"))
    assert main(["info"]) == ExitCode.OK
    out = capsys.readouterr().out
    for private in (str(home), "secret", "24ec4a", "24:EC", platform.node()):
        assert private not in out
    if getpass.getuser() != "root":
        assert getpass.getuser() not in out
    assert "~" in out


def test_a_report_comes_although_nothing_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "config.toml"
    broken.write_text("[", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["info", "--config", str(broken), "--db", str(tmp_path / "none.db")]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "1 problem" in out
    assert "none.db (missing)" in out
    if platform.system() == "Linux":
        assert "not installed" in out
