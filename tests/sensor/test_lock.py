"""The sensor lock: one process owns a sensor, and asking who it is never keeps a rightful owner out."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from unslouch.errors import UnslouchError
from unslouch.sensor import lock as lock_module
from unslouch.sensor import owner as owner_module
from unslouch.sensor.lock import LONGEST_COMMAND, SensorLock, own_command
from unslouch.sensor.owner import owner_file, owner_of, runtime_folder, sharing_owners
from unslouch.sensor.sharing import endpoint

TIMES = 300
HOLD = """
import sys
from pathlib import Path
from unslouch.sensor.lock import SensorLock
from unslouch.sensor.sharing import endpoint
endpoint.LISTENS_ON_TCP = sys.argv[2] == "tcp"
lock = SensorLock(sys.argv[1])
assert lock.take()
lock.announce(Path("x.db"))
print("owned", flush=True)
sys.stdin.readline()
"""
PROBE = """
import sys
from unslouch.sensor.owner import owner_of, sharing_owners
print("probing", flush=True)
while True:
    owner_of(sys.argv[1])
    sharing_owners()
"""


@pytest.fixture(params=["unix", "tcp"], autouse=True)
def listening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How owners listen: as on Linux and macOS, and as on Windows."""
    if request.param == "unix" and os.name == "nt":
        pytest.skip("there are no Unix sockets")
    monkeypatch.setattr(endpoint, "LISTENS_ON_TCP", request.param == "tcp")
    return str(request.param)


@pytest.fixture
def sensor(tmp_path: Path) -> str:
    return str(tmp_path / "port")


@contextmanager
def process(code: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run Python code until it has printed its first line, and kill it in the end."""
    running = subprocess.Popen([sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert running.stdout is not None
        assert running.stdout.readline()
        yield running
    finally:
        running.kill()
        running.communicate()


# Owning


def test_a_sensor_has_one_owner_until_that_releases_it(sensor: str) -> None:
    one, two = SensorLock(sensor), SensorLock(sensor)
    assert one.take()
    assert not two.take()
    one.release()
    one.release()
    assert two.take()
    two.release()


@pytest.mark.skipif("os.name == 'nt'", reason="links need a privilege there")
def test_a_sensor_known_by_two_names_is_one(tmp_path: Path) -> None:
    (tmp_path / "port").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "port")
    one, two = SensorLock(str(tmp_path / "port")), SensorLock(str(tmp_path / "by-id"))
    assert one.take()
    assert not two.take()
    assert owner_of(str(tmp_path / "by-id")) is not None
    one.release()


def test_asking_who_owns_a_sensor_never_refuses_its_rightful_owner(sensor: str) -> None:
    """When asking took the lock for an instant, one in eight was refused."""
    with process(PROBE, sensor), process(PROBE, sensor):
        refused = 0
        for _ in range(TIMES):
            lock = SensorLock(sensor)
            if lock.take():
                lock.release()
            else:
                refused += 1
    assert refused == 0


def test_threads_that_ask_never_refuse_the_rightful_owner_either(sensor: str) -> None:
    over = threading.Event()

    def probe() -> None:
        while not over.is_set():
            owner_of(sensor)

    threads = [threading.Thread(target=probe) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(200):
            lock = SensorLock(sensor)
            assert lock.take()
            assert owner_of(sensor) is not None
            lock.release()
    finally:
        over.set()
        for thread in threads:
            thread.join()


# What an owner says of itself


def test_an_owner_is_described_to_the_user_alone_until_it_releases_the_sensor(sensor: str) -> None:
    lock = SensorLock(sensor)
    assert lock.take()
    owner = owner_of(sensor)
    assert owner is not None
    assert (owner.pid, owner.sensor, owner.shares, owner.is_same_version) == (os.getpid(), lock.sensor, False, True)
    if os.name == "posix":
        assert owner_file(sensor).stat().st_mode & 0o777 == 0o600
        assert runtime_folder().stat().st_mode & 0o777 == 0o700
    lock.release()
    assert owner_of(sensor) is None
    assert not owner_file(sensor).exists()
    assert not owner_file(sensor).with_suffix(".sock").exists()


def test_an_owner_is_listed_while_it_shares_its_sensor(sensor: str, tmp_path: Path) -> None:
    lock = SensorLock(sensor)
    assert lock.take()
    assert sharing_owners() == []
    lock.announce(tmp_path / "x.db")
    assert [(owner.sensor, owner.database) for owner in sharing_owners()] == [(lock.sensor, str(tmp_path / "x.db"))]
    lock.withdraw()
    assert sharing_owners() == []
    assert owner_of(sensor) is not None
    lock.release()


def test_an_owner_that_was_killed_owns_nothing_and_its_files_harm_nobody(sensor: str, listening: str) -> None:
    with process(HOLD, sensor, listening):
        assert owner_of(sensor) is not None
        assert not SensorLock(sensor).take()
    assert owner_file(sensor).exists()
    assert owner_of(sensor) is None
    assert sharing_owners() == []
    lock = SensorLock(sensor)
    assert lock.take()
    owner = owner_of(sensor)
    assert owner is not None
    assert owner.pid == os.getpid()
    lock.release()


@pytest.mark.skipif("os.name == 'nt'", reason="there is no SIGSTOP")
def test_a_suspended_owner_still_owns_its_sensor_however_often_it_is_asked(sensor: str, listening: str) -> None:
    with process(HOLD, sensor, listening) as holding:
        holding.send_signal(signal.SIGSTOP)
        for _ in range(2 * endpoint.BACKLOG):  # more than the system lets wait to be accepted
            owner = owner_of(sensor)
            assert owner is not None
            assert owner.pid == holding.pid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "\x00",
        "5",
        '{"sensor": 1}',
        '{"pid": 1}',
        '{"pid": 1, "sensor": "x"',
        '{"pid": 1, "sensor": "x", "command": "x", "address": 5, "shares": true}',
        '{"pid": 1, "sensor": "x", "command": "x", "address": "tcp:x", "shares": true}',
        '{"pid": 1, "sensor": "x", "command": "x", "address": "a\\u0000b", "shares": true}',
        '{"pid": 1, "sensor": "x", "command": "x", "address": "x", "key": "xy", "shares": true}',
        '{"pid": "1", "sensor": "x", "command": "x", "address": "x", "shares": true}',
    ],
)
def test_a_damaged_owner_file_describes_nobody(sensor: str, text: str) -> None:
    owner_file(sensor).write_text(text)
    assert owner_of(sensor) is None
    assert sharing_owners() == []
    owner_file(sensor).unlink()


def test_an_address_that_the_system_has_no_sockets_for_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    assert not endpoint.is_listening(r"\\.\pipe\unslouch")


def test_a_later_versions_owner_file_may_say_more(sensor: str) -> None:
    lock = SensorLock(sensor)
    assert lock.take()
    owner_file(sensor).write_text(owner_file(sensor).read_text().replace("{", '{"more": [1, 2], ', 1))
    assert owner_of(sensor) is not None
    lock.release()


def test_files_that_cannot_be_removed_keep_nobody_from_releasing_the_sensor(
    sensor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = SensorLock(sensor)
    assert lock.take()

    def in_use(*_: object, **__: object) -> None:
        raise PermissionError(13, "a process reads it")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", in_use)
        lock.release()
    assert owner_of(sensor) is None
    assert lock.take()
    lock.release()


@pytest.mark.parametrize("failing", ["listen", "write_owner"])
def test_a_sensor_that_cannot_be_shared_is_owned_all_the_same(
    sensor: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failing: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lock_module, failing, fail)
    lock = SensorLock(sensor)
    assert lock.take()
    assert "can't be shared with other programs of yours ([Errno 28] No space left" in caplog.text
    assert lock.listener is None
    assert not SensorLock(sensor).take()
    assert owner_of(sensor) is None
    lock.withdraw()
    lock.release()


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["/usr/bin/unslouch", "record", "--db", "my day.db"], "unslouch record --db 'my day.db'"),
        (["/lib/unslouch/__main__.py", "watch"], "unslouch watch"),
        (["-c"], "unslouch"),
        ([], "unslouch"),
        (["unslouch", "watch\n`rm`"], "unslouch 'watch??rm?'"),
    ],
)
def test_a_process_is_described_by_the_command_that_started_it(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], command: str
) -> None:
    monkeypatch.setattr(sys, "argv", arguments)
    assert own_command() == command


def test_a_long_command_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["unslouch", "record", "--db", "x" * 500])
    assert len(own_command()) == LONGEST_COMMAND
    assert own_command().endswith("…")


# The folder


def test_a_runtime_folder_too_deep_for_a_socket_is_replaced_by_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr(owner_module.tempfile, "gettempdir", lambda: str(tmp_path))
    assert runtime_folder() == tmp_path / f"unslouch-{os.getuid()}"


def prepared_by_another(folder: Path) -> None:
    folder.symlink_to("elsewhere", target_is_directory=True)


def in_the_way(folder: Path) -> None:
    folder.touch()


@pytest.mark.parametrize("prepare", [prepared_by_another, in_the_way])
def test_a_runtime_folder_that_is_not_ours_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[Path], None]
) -> None:
    (tmp_path / "elsewhere").mkdir(0o700)
    prepare(tmp_path / f"unslouch-{os.getuid()}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("d" * 90)))
    monkeypatch.setattr(owner_module.tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(UnslouchError, match="set XDG_RUNTIME_DIR"):
        runtime_folder()
