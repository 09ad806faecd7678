"""Several commands on one sensor, each a process of its own."""

import csv
import io
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from end_to_end.bench import WAIT_S, flash_pages, process, recording, run, twin
from unslouch.errors import ExitCode
from unslouch.sensor.owner import owner_of

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there are no signals to suspend a process")

SPEED = 5.0
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EPOCH_S = 5.0


def sensor_s(flash: Path) -> float:
    """How long the simulated day has lasted."""
    try:
        return float((flash / "world-time").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return 0.0


def export(database: Path) -> subprocess.CompletedProcess[str]:
    return run("export", "--db", str(database), "--day", "2026-03-02", "--timezone", "UTC", "--output", "-")


def test_an_export_beside_a_recorder_has_the_epochs_of_this_moment(tmp_path: Path) -> None:
    database, flash = tmp_path / "x.db", tmp_path / "flash"
    arguments = ("--socket", "--speed", str(SPEED), "--hours", "4", "--start", START.isoformat())
    with twin(flash, *arguments) as sensor, recording(sensor, database):
        pages, begun_s = [], 0.0
        while flash_pages(flash) != pages or sensor_s(flash) < begun_s + 7 * EPOCH_S:  # half a page waits
            if flash_pages(flash) != pages:
                pages, begun_s = flash_pages(flash), sensor_s(flash)
            time.sleep(0.02)
        asked_s = sensor_s(flash)
        done = export(database)
    assert done.returncode == 0, done.stderr
    assert "missing" not in done.stderr
    last = datetime.fromisoformat(list(csv.DictReader(io.StringIO(done.stdout)))[-1]["utc"])
    assert (last - START).total_seconds() > asked_s - 3 * EPOCH_S


def test_a_suspended_recorder_is_named_by_those_that_need_it(tmp_path: Path) -> None:
    database, flash = tmp_path / "x.db", tmp_path / "flash"
    with (
        twin(flash, "--socket", "--speed", str(SPEED), "--start", START.isoformat()) as sensor,
        recording(sensor, database) as recorder,
    ):
        recorder.send_signal(signal.SIGSTOP)
        named = f"process {recorder.pid}, `unslouch record --sensor {sensor}"
        status = run("status", "--sensor", sensor)
        assert status.returncode == ExitCode.SENSOR_BUSY
        assert named in status.stderr
        assert "does not answer; it may be suspended" in status.stderr
        exported = export(database)
        assert exported.returncode in (ExitCode.OK, ExitCode.NO_DATA)  # what there is, if there is anything
        assert named in exported.stderr
        assert "did not answer within 3 s" in exported.stderr
        recorder.send_signal(signal.SIGCONT)
        assert run("status", "--sensor", sensor).returncode == ExitCode.OK


@pytest.mark.parametrize("name", ["record", "watch"])
def test_a_database_beside_an_owner_that_stores_in_another_is_refused(tmp_path: Path, name: str) -> None:
    database, other = tmp_path / "x.db", tmp_path / "other.db"
    with twin(tmp_path / "flash", "--socket") as sensor, recording(sensor, database) as recorder:
        done = run(name, "--sensor", sensor, "--db", str(other), "--for", "20")
        assert done.returncode == ExitCode.SENSOR_BUSY
        assert done.stdout == ""
        assert f"process {recorder.pid}" in done.stderr
        assert f"stores its journal in {database}, so nothing can be stored in {other}" in done.stderr
        assert not other.exists()
        for arguments in (["--db", str(database)], []):
            with process("watch", "--sensor", sensor, *arguments) as watching:
                assert watching.stdout is not None
                assert watching.stdout.readline()
        with recording(sensor, database) as second:
            pass
        assert second.returncode == ExitCode.OK


def test_an_export_without_a_recorder_asks_nobody(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom unslouch.cli.main import main\ncode = main(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(code)\n"
    )
    arguments = ("export", "--db", str(tmp_path / "missing.db"))
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == ExitCode.NO_DATA
    assert owner_of("x") is None
    modules = set(done.stderr.split())
    assert "unslouch.sensor.owner" in modules
    assert not {"asyncio", "filelock", "unslouch.sensor.sharing.flush", "unslouch.link.connection"} & modules
