"""Each fault of the database is one sentence, and no records are lost by it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from journals import JournalBuilder
from unslouch.errors import ExitCode, StoreError
from unslouch.store import Store
from unslouch.store.faults import sentence
from unslouch_device.contract import states


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posture.db"


def some_pages(epochs: int = 100, journal: int = 1) -> list[bytes]:
    return JournalBuilder(journal).start_boot().epochs(states.UPRIGHT, epochs).pages()


def test_a_locked_database_is_reported_and_takes_the_same_batch_afterwards(path: Path) -> None:
    with Store.open(path, simulated=False, busy_timeout_s=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program") as caught:
            store.add_pages(some_pages())
        assert caught.value.exit_code == ExitCode.STORE
        with pytest.raises(StoreError, match="locked by another program"):
            Store.open(path, simulated=False, busy_timeout_s=0.05)
        assert store.records() == 0
        other.execute("ROLLBACK")
        other.close()
        assert store.add_pages(some_pages()) == 101


def test_a_read_only_file_is_reported_to_a_writer_and_can_be_read(ordinary_user: Path) -> None:
    path = ordinary_user / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    path.chmod(0o400)
    with pytest.raises(StoreError, match="can't be opened for writing"):
        Store.open(path, simulated=False)
    with Store.open(path, simulated=False, readonly=True) as store:
        assert store.records() == 101


def test_a_read_only_folder_is_reported_to_a_writer_and_can_be_read(ordinary_user: Path) -> None:
    path = ordinary_user / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    path.chmod(0o400)
    ordinary_user.chmod(0o500)
    with Store.open(path, simulated=False, readonly=True) as store:
        assert store.records() == 101
    with pytest.raises(StoreError, match="can't be opened for writing"):
        Store.open(ordinary_user / "new.db", simulated=False)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="can't be"):
        Store.open(path, simulated=False)


def test_a_corrupt_database_is_left_as_it_is(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages(5000))
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 8192] = os.urandom(len(content) - 12288)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged.*[Mm]ove it aside"), Store.open(path, simulated=False) as store:
        store.pages()
    assert path.exists()


def test_a_full_disk_loses_nothing_and_takes_the_same_batch_afterwards(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
        store._connection.execute("PRAGMA max_page_count = 20")
        with pytest.raises(StoreError, match="disk is full"):
            store.add_pages(some_pages(9000, journal=2))
        assert store.records() == 101
        store._connection.execute("PRAGMA max_page_count = 100000")
        assert store.add_pages(some_pages(9000, journal=2)) == 9001


ON_A_SMALL_DISK = """
import resource, sys
from pathlib import Path
from journals import JournalBuilder
from unslouch.errors import StoreError
from unslouch.store import Store
from unslouch_device.contract import states
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
store = Store.open(Path(sys.argv[1]), simulated=False)
store.add_pages(JournalBuilder(1).start_boot().epochs(states.UPRIGHT, 100).pages())
try:
    store.add_pages(JournalBuilder(2).start_boot().epochs(states.UPRIGHT, 50_000).pages())
except StoreError as error:
    print(error)
print(store.records())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_write_that_the_system_refuses_loses_nothing(path: Path) -> None:
    command = [sys.executable, "-c", ON_A_SMALL_DISK, str(path)]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    message, records = done.stdout.splitlines()
    assert "full" in message
    assert records == "101"
    with Store.open(path, simulated=False) as store:
        assert store.records() == 101


WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from unslouch.errors import StoreError
from unslouch.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
with Store.open(Path(sys.argv[1]), simulated=False, readonly=True) as store:
    print(store.records())
try:
    Store.open(Path(sys.argv[1]), simulated=False)
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_drive_is_not_taken_for_one_without_shared_memory(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    before = path.read_bytes()
    command = [sys.executable, "-c", WITHOUT_ROOM, str(path)]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    records, message = done.stdout.splitlines()
    assert records == "101"  # what is stored can be read
    assert "failed or is full" in message
    assert done.stderr == ""
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("SQLITE_IOERR_WRITE", "failed or is full"),
        ("SQLITE_IOERR_FSYNC", "failed or is full"),
        ("SQLITE_IOERR_SHMSIZE", "failed or is full"),
        ("SQLITE_IOERR_READ", "can't be read"),
        ("SQLITE_IOERR_LOCK", "can't lock files"),
        ("SQLITE_PROTOCOL", "can't lock files"),
        ("SQLITE_IOERR_SHMMAP", "no shared memory"),
        ("SQLITE_IOERR_SHMLOCK", "no shared memory"),
        ("SQLITE_IOERR_CLOSE", "reported an error (the reason, SQLITE_IOERR_CLOSE)"),
        ("SQLITE_READONLY_ROLLBACK", "was not closed properly"),
        ("SQLITE_READONLY_DBMOVED", "was moved or deleted"),
        ("SQLITE_READONLY_DIRECTORY", "is read-only"),
        ("SQLITE_CANTOPEN_ISDIR", "can't be opened"),
        ("SQLITE_BUSY_SNAPSHOT", "locked by another program"),
        ("SQLITE_FULL", "disk is full"),
        ("SQLITE_ERROR", "can't be used: the reason."),
    ],
)
def test_a_drive_is_called_full_only_if_a_write_failed(code: str, words: str) -> None:
    error = sqlite3.OperationalError("the reason")
    error.sqlite_errorcode, error.sqlite_errorname = getattr(sqlite3, code), code
    assert words in sentence("posture.db", error)
    assert ("full" in sentence("posture.db", error)) == ("full" in words)


def test_an_error_without_a_code_is_a_sentence() -> None:
    assert sentence("posture.db", sqlite3.ProgrammingError("the reason")) == "posture.db can't be used: the reason."
