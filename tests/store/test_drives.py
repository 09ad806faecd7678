"""A drive without shared memory, as FUSE, NFS, SMB and 9p have it: the database works there, and says so once."""

import logging
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from journals import JournalBuilder
from store.drives import fuse_drive, prevent_shared_memory
from unslouch.errors import StoreError
from unslouch.store import Store
from unslouch.store.drives import has_shared_memory, is_network_drive
from unslouch_device.contract import states

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and mounts of POSIX")

Prepare = Callable[[Path], Path]


def some_pages(journal: int = 1) -> list[bytes]:
    return JournalBuilder(journal).start_boot().epochs(states.UPRIGHT, 100).pages()


@pytest.fixture(params=["fuse", "simulated"])
def on_the_drive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Prepare]:
    """Takes the path of a database elsewhere, which may be missing, and returns that of its copy on such a drive."""

    def copied(to: Path, database: Path) -> Path:
        to.mkdir()
        for file in database.parent.glob(database.name + "*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, to)
        return to / database.name

    def simulated(database: Path) -> Path:
        copy = copied(tmp_path / "drive", database)
        prevent_shared_memory(copy)
        return copy

    if request.param == "simulated":
        yield simulated
        return
    with fuse_drive(tmp_path) as drive:
        yield lambda database: copied(drive / "folder", database)


def journal_mode(path: Path) -> str:
    connection = sqlite3.connect(path)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    return str(mode)


def closed_database(path: Path) -> Path:
    """A database with a write-ahead log in its header."""
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    assert not path.with_name("posture.db-wal").exists()
    return path


def killed_database(path: Path) -> Path:
    """A database whose records are still in its write-ahead log, as a killed process leaves them."""
    (path.parent / "live").mkdir()
    live = path.parent / "live" / path.name
    with Store.open(live, simulated=False) as store:
        store.add_pages(some_pages())
        for suffix in ("", "-wal"):
            shutil.copy(live.with_name(live.name + suffix), path.parent)
    return path


def test_a_new_database_is_filled_and_read(on_the_drive: Prepare, tmp_path: Path) -> None:
    path = on_the_drive(tmp_path / "posture.db")
    with Store.open(path, simulated=False) as store:
        assert store.add_pages(some_pages()) == 101
        with Store.open(path, simulated=False, readonly=True) as reader:
            assert reader.records() == 101
        assert store.add_pages(some_pages(2)) == 101
    with Store.open(path, simulated=False) as store:
        assert store.records() == 202
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("write", [closed_database, killed_database])
@pytest.mark.parametrize("readonly", [False, True])
def test_a_database_from_another_drive_is_taken_over_whole(
    on_the_drive: Prepare, tmp_path: Path, write: Prepare, readonly: bool
) -> None:
    path = on_the_drive(write(tmp_path / "posture.db"))
    with Store.open(path, simulated=False, readonly=readonly) as store:
        assert store.pages() == some_pages()
    if readonly:
        assert journal_mode(path) == "delete"
    with Store.open(path, simulated=False) as store:
        assert store.add_pages(some_pages(2)) == 101


def test_the_rollback_journal_is_mentioned_once(
    on_the_drive: Prepare, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = on_the_drive(tmp_path / "posture.db")
    for _ in range(3):
        Store.open(path, simulated=False).close()
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "no shared memory" in warnings[0]
    assert str(path) in warnings[0]


def test_a_database_of_another_program_is_not_converted(on_the_drive: Prepare, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "recipes.db")
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    path = on_the_drive(tmp_path / "recipes.db")
    before = path.read_bytes()
    for readonly in (False, True):
        with pytest.raises(StoreError, match="another program"):
            Store.open(path, simulated=False, readonly=readonly)
    assert path.read_bytes() == before


def test_a_database_that_comes_back_from_such_a_drive_has_a_write_ahead_log_again(tmp_path: Path) -> None:
    with fuse_drive(tmp_path) as drive:
        closed_database(drive / "posture.db")
        assert journal_mode(drive / "posture.db") == "delete"
        shutil.copy(drive / "posture.db", tmp_path)
    with Store.open(tmp_path / "posture.db", simulated=False) as store:
        assert store.records() == 101
    assert journal_mode(tmp_path / "posture.db") == "wal"


def test_records_wait_for_a_reader_on_such_a_drive_and_are_taken_afterwards(tmp_path: Path) -> None:
    with fuse_drive(tmp_path) as drive:
        path = drive / "posture.db"
        with (
            Store.open(path, simulated=False, busy_timeout_s=0.05) as store,
            Store.open(path, simulated=False, readonly=True) as reader,
        ):
            with reader.snapshot():
                assert reader.records() == 0
                with pytest.raises(StoreError, match="locked by another program"):
                    store.add_pages(some_pages())
            assert store.add_pages(some_pages()) == 101
            assert reader.records() == 101


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:5 / /home rw shared:2 - nfs4 server:/home rw,vers=4.2
24 23 254:1 / /home/anna/local\\040disk rw - ext4 /dev/vdb rw
25 22 0:9 / /mnt/share rw - cifs //server/share rw
26 22 0:11 / /mnt/usb rw - nfs server:/usb rw
27 22 254:3 / /mnt/usb rw - vfat /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("folder", "is_network"),
    [
        ("/", False),
        ("/var/lib", False),
        ("/home", True),
        ("/home/anna/.local/share/unslouch", True),
        ("/home/anna/local disk/unslouch", False),
        ("/homestead", False),
        ("/mnt/share/unslouch", True),
        ("/mnt/usb/unslouch", False),
    ],
)
def test_network_drives_are_told_by_the_mount_that_a_folder_is_on(
    tmp_path: Path, folder: str, is_network: bool
) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert is_network_drive(Path(folder), tmp_path / "mountinfo") == is_network
    assert not is_network_drive(Path(folder), tmp_path / "missing")


def test_memory_is_shared_on_a_local_drive_and_not_on_fuse_or_the_network(tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS.replace("- ext4 /dev/vda", "- nfs server:/"))
    assert has_shared_memory(tmp_path)
    assert not has_shared_memory(tmp_path, tmp_path / "mountinfo")
    with fuse_drive(tmp_path) as drive:
        assert not has_shared_memory(drive)


def test_a_write_ahead_log_is_given_up_on_a_network_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = killed_database(tmp_path / "posture.db")
    (tmp_path / "mountinfo").write_text(MOUNTS.replace("- ext4 /dev/vda", "- nfs server:/"))
    monkeypatch.setattr("unslouch.store.drives.MOUNTS", tmp_path / "mountinfo")
    with Store.open(path, simulated=False) as store:
        assert store.pages() == some_pages()
    assert journal_mode(path) == "delete"
