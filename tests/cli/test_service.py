"""`unslouch service`: in a home of its own, with a systemctl that only writes down what it is asked."""

import asyncio
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from cli.processes import in_shell
from link.fake_board import FakeBoard
from unslouch.cli import systemd_unit
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged, SensorEvent
from unslouch.tui.feed import RecorderFeed, open_sensor

pytestmark = pytest.mark.skipif("sys.platform != 'linux'", reason="systemd")

SYSTEMCTL = """\
#!{python}
import os, pathlib, sys
folder = pathlib.Path({folder!r})
with (folder / "asked").open("a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
answer = folder / "answer"
if "show" in sys.argv and answer.exists():
    print(answer.read_text())
refusal = folder / "refusal"
if refusal.exists():
    print(refusal.read_text(), file=sys.stderr)
    sys.exit(1)
"""


class Systemd:
    """A folder with a fake systemctl; `asked` is what it was asked, without the options that are always there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = folder / "systemctl"
        path.write_text(SYSTEMCTL.format(python=sys.executable, folder=str(folder)), encoding="utf-8")
        path.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        path = self._folder / "asked"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [line.removeprefix("--user --no-pager ") for line in lines]

    def answer(self, text: str) -> None:
        (self._folder / "answer").write_text(text, encoding="utf-8")

    def refuse(self, text: str) -> None:
        (self._folder / "refusal").write_text(text, encoding="utf-8")


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Systemd(tmp_path / "bin")


def exec_start() -> list[str]:
    """The words of the unit's command, as systemd would split them."""
    text = systemd_unit.unit_path().read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line.removeprefix("ExecStart="))]


def test_install_writes_a_unit_and_starts_it(systemd: Systemd, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "install"]) == ExitCode.OK
    assert exec_start() == [sys.executable, "-m", "unslouch", "record", "--wait"]
    assert systemd.asked == ["daemon-reload", "enable unslouch.service", "restart unslouch.service"]
    assert "enable-linger" in capsys.readouterr().err


def test_the_options_of_the_installation_are_those_of_the_service(
    systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNSLOUCH_CONFIG", "my settings.toml")
    assert main(["service", "install", "--sensor", 'my "100%" $back', "--db", "days.db"]) == ExitCode.OK
    assert exec_start()[5:] == [
        *("--sensor", 'my "100%" $back', "--db", str(tmp_path / "days.db")),
        *("--config", str(tmp_path / "my settings.toml")),
    ]
    assert main(["service", "install"]) == ExitCode.OK, "and again, with others"
    assert "--sensor" not in exec_start()


async def test_the_dashboard_follows_the_service(systemd: Systemd, tmp_path: Path) -> None:
    board, database = FakeBoard(), tmp_path / "days.db"
    async with board.on_tcp() as sensor, asyncio.timeout(60):
        assert main(["service", "install", "--sensor", sensor, "--db", str(database)]) == ExitCode.OK
        async with in_shell("", command=exec_start()) as service:
            assert service.stderr is not None
            while b"Linked to" not in await service.stderr.readline():
                pass
            feed = RecorderFeed(partial(open_sensor, None), database)
            linked = asyncio.Event()
            running = asyncio.create_task(feed.run(lambda event: linked.set() if is_live(event) else None))
            await linked.wait()
            assert feed.link_kind == "shared"
            running.cancel()
            await asyncio.wait([running])
            service.send_signal(signal.SIGTERM)
            assert await service.wait() == ExitCode.OK


def is_live(event: SensorEvent) -> bool:
    return isinstance(event, LinkChanged) and event.state is LinkState.LIVE


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze isn't here")
def test_systemd_finds_nothing_wrong_with_the_unit(systemd: Systemd, tmp_path: Path) -> None:
    assert main(["service", "install", "--sensor", "my 100% back"]) == ExitCode.OK
    command = ["systemd-analyze", "--user", "verify", str(systemd_unit.unit_path())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "Failed to initialize manager" in done.stderr or "XDG_RUNTIME_DIR" in done.stderr:
        pytest.skip(f"systemd-analyze needs a session here: {done.stderr.strip()}")
    assert (done.returncode, done.stderr) == (0, "")


def test_status_says_whether_it_runs(systemd: Systemd, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "status"]) == ExitCode.OK
    assert "isn't installed" in capsys.readouterr().out
    main(["service", "install"])
    systemd.answer("UnitFileState=enabled\nActiveState=active\nSubState=running\nMainPID=812\nNRestarts=2\n")
    assert main(["service", "status"]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "state      active (running), process 812\n" in out
    assert "at login   starts\n" in out
    assert main(["service", "status", "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["restarts"] == 2
    systemd.answer("UnitFileState=disabled\nActiveState=failed\nSubState=failed\nMainPID=0\nExecMainStatus=7\n")
    assert main(["service", "status"]) == ExitCode.OK
    assert "last exit  7 (STORE)\n" in capsys.readouterr().out


def test_remove_stops_it_and_leaves_nothing(systemd: Systemd, capsys: pytest.CaptureFixture[str]) -> None:
    main(["service", "install"])
    assert main(["service", "remove"]) == ExitCode.OK
    assert systemd.asked[-2:] == ["disable --now unslouch.service", "daemon-reload"]
    assert not systemd_unit.unit_path().exists()
    asked = len(systemd.asked)
    assert main(["service", "remove"]) == ExitCode.OK
    assert "isn't installed" in capsys.readouterr().err
    assert len(systemd.asked) == asked


@pytest.mark.parametrize("action", ["install", "remove"])
def test_a_unit_that_somebody_else_wrote_is_left_alone(
    systemd: Systemd, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    path = systemd_unit.unit_path()
    path.parent.mkdir(parents=True)
    path.write_text("[Service]\nExecStart=/my/own\n", encoding="utf-8")
    assert main(["service", action]) == ExitCode.BAD_INPUT
    assert "move it away" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8").endswith("/my/own\n")
    assert systemd.asked == []


def test_what_systemd_refuses_is_a_sentence(systemd: Systemd, capsys: pytest.CaptureFixture[str]) -> None:
    systemd.refuse("Failed to connect to bus: No medium found")
    assert main(["service", "install"]) == ExitCode.OUTPUT
    assert "Failed to connect to bus" in capsys.readouterr().err


def test_without_systemd_the_docs_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["service", "status"]) == ExitCode.OUTPUT
    assert "docs/cli.md" in capsys.readouterr().err
