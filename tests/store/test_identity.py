"""A path that is no database of ours is left as it was, mode and neighbours included, and the error says what it is."""

import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from journals import JournalBuilder
from unslouch.cli.main import main
from unslouch.errors import ExitCode, NoData, StoreError
from unslouch.store import Store
from unslouch.store.identity import Identity, identify
from unslouch.store.pages import page_row
from unslouch.store.schema import MIGRATIONS, SIMULATED_ID, WEARER_ID
from unslouch_device.contract import states

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions, pipes and links of POSIX")
both_ways = pytest.mark.parametrize("readonly", [False, True], ids=["write", "read"])


class Trace(NamedTuple):
    """What must not change: each file beside a path, its own included."""

    bytes: dict[str, bytes]
    modes: dict[str, int]
    changed_ns: dict[str, int]


def trace(path: Path) -> Trace:
    files = [file for file in sorted(path.parent.iterdir()) if file.is_file()]
    return Trace(
        {file.name: file.read_bytes() for file in files},
        {file.name: stat.S_IMODE(file.stat().st_mode) for file in files},
        {file.name: file.stat().st_mtime_ns for file in files},
    )


def refused(path: Path, readonly: bool, words: str, simulated: bool | None = False) -> None:
    """Open a database, and see it refused with these words and nothing changed."""
    before = trace(path)
    with pytest.raises(StoreError, match=words):
        Store.open(path, simulated=simulated, readonly=readonly)
    assert trace(path) == before


def some_pages() -> list[bytes]:
    return JournalBuilder(1).start_boot().epochs(states.UPRIGHT, 100).pages()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "named.db"


@both_ways
def test_a_text_file_is_left_as_it_was(path: Path, readonly: bool) -> None:
    path.write_bytes(b"Dear diary, " * 1000)
    path.chmod(0o644)
    refused(path, readonly, "no database")


@both_ways
def test_a_file_shorter_than_a_databases_header_is_left_as_it_was(path: Path, readonly: bool) -> None:
    path.write_bytes(b"SQLite format 3\0")
    path.chmod(0o644)
    refused(path, readonly, "no database")


@both_ways
@pytest.mark.parametrize("application_id", [0, 0x47504B47])
@pytest.mark.parametrize("journal_mode", ["DELETE", "WAL"])
def test_a_database_of_another_program_is_left_as_it_was(
    path: Path, readonly: bool, application_id: int, journal_mode: str
) -> None:
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA journal_mode = {journal_mode}")
    other.execute(f"PRAGMA application_id = {application_id}")
    other.execute("CREATE TABLE recipe (name TEXT)")
    other.close()
    path.chmod(0o644)
    refused(path, readonly, "another program")


@both_ways
def test_a_database_that_another_program_is_writing_is_left_as_it_was(path: Path, readonly: bool) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE recipe (name TEXT)")
    other.execute("PRAGMA wal_checkpoint")
    other.execute("INSERT INTO recipe VALUES ('soup')")
    path.chmod(0o644)
    refused(path, readonly, "another program")
    assert other.execute("SELECT name FROM recipe").fetchall() == [("soup",)]
    other.close()


@both_ways
@pytest.mark.parametrize("simulated", [False, True])
def test_the_log_of_the_other_kind_of_wearer_is_left_as_it_was(path: Path, readonly: bool, simulated: bool) -> None:
    Store.open(path, simulated=not simulated).close()
    path.chmod(0o644)
    refused(path, readonly, "kept apart", simulated)


@both_ways
def test_a_database_of_a_newer_version_is_left_as_it_was(path: Path, readonly: bool) -> None:
    Store.open(path, simulated=False).close()
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 8}")
    newer.close()
    path.chmod(0o644)
    refused(path, readonly, f"schema {len(MIGRATIONS) + 8}.*upgrade")


@both_ways
def test_a_folder_is_answered_with_how_to_name_a_file_in_it(tmp_path: Path, readonly: bool) -> None:
    with pytest.raises(StoreError, match=r"is a folder, and the database is a file: name one .*posture\.db"):
        Store.open(tmp_path, simulated=False, readonly=readonly)


def test_export_says_that_a_folder_was_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--db", str(tmp_path)]) == ExitCode.STORE
    assert f"{tmp_path} is a folder" in capsys.readouterr().err


@posix
@both_ways
def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path: Path, readonly: bool) -> None:
    os.mkfifo(tmp_path / "pipe", 0o644)
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket may not be long
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        kinds = {tmp_path / "pipe": "a pipe", tmp_path / "socket": "a socket", Path("/dev/null"): "a device"}
        for file, kind in kinds.items():
            mode = file.stat().st_mode
            with pytest.raises(StoreError, match=f"is {kind}, and the database is a file"):
                Store.open(file, simulated=False, readonly=readonly)
            assert file.stat().st_mode == mode


@both_ways
def test_a_path_below_a_file_names_that_file(tmp_path: Path, readonly: bool) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "posture.db", tmp_path / "file" / "deep" / "posture.db"):
        with pytest.raises(StoreError, match=r"because .*/file is a file, not a folder"):
            Store.open(path, simulated=False, readonly=readonly)


def test_a_database_in_the_middle_of_a_checkpoint_is_ours(path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])  # the first page says how long it is going to be
    assert identify(path, False) is Identity.OURS


def test_an_empty_file_becomes_a_private_database_and_reads_as_no_data(path: Path) -> None:
    path.touch(mode=0o644)
    with pytest.raises(NoData, match="is empty"):
        Store.open(path, simulated=False, readonly=True)
    assert path.stat().st_size == 0
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_a_database_whose_first_records_are_still_in_its_log_is_ours(path: Path) -> None:
    (path.parent / "live").mkdir()
    live = path.parent / "live" / path.name
    with Store.open(live, simulated=True) as store:
        store.add_pages(some_pages())
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{path}{suffix}")
    with Store.open(path, simulated=True) as store:
        assert store.records() == 101


@posix
def test_a_database_of_ours_that_others_could_read_is_made_private(path: Path) -> None:
    Store.open(path, simulated=False).close()
    path.chmod(0o644)
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


@posix
def test_a_drive_that_keeps_no_modes_is_no_obstacle(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    Store.open(path, simulated=False).close()
    path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    with Store.open(path, simulated=False) as store:
        assert store.add_pages(some_pages()) == 101


@posix
def test_a_database_behind_a_link_is_the_one_that_is_used(path: Path) -> None:
    (path.parent / "real").mkdir()
    path.symlink_to(path.parent / "real" / "posture.db")
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    assert path.is_symlink()
    with Store.open(path.parent / "real" / "posture.db", simulated=False, readonly=True) as store:
        assert store.records() == 101


@posix
@both_ways
def test_a_file_that_may_not_be_read_says_so(ordinary_user: Path, readonly: bool) -> None:
    path = ordinary_user / "posture.db"
    Store.open(path, simulated=False).close()
    path.chmod(0o200)
    with pytest.raises(StoreError, match="you may not read it"):
        Store.open(path, simulated=False, readonly=readonly)
    assert stat.S_IMODE(path.stat().st_mode) == 0o200


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's list of locks")
def test_readers_beside_a_writer_leave_it_its_locks(path: Path) -> None:
    with Store.open(path, simulated=False) as writer:
        writer.add_pages(some_pages())
        held = locks(path)
        assert held
        Store.open(path, simulated=False, readonly=True).close()
        with pytest.raises(StoreError, match="kept apart"):
            Store.open(path, simulated=True, readonly=True)
        Store.open(path, simulated=False).close()
        assert locks(path) == held


def test_another_program_that_reads_beside_a_writer_with_readers_leaves_it_its_log(path: Path) -> None:
    with Store.open(path, simulated=False) as writer:
        writer.add_pages(some_pages())
        with Store.open(path, simulated=False, readonly=True) as reader:
            assert reader.records() == 101
        assert subprocess.run([sys.executable, "-c", READ, str(path)], check=True, capture_output=True).stdout == b"101"
        assert path.with_name(f"{path.name}-wal").exists()
        (page,) = JournalBuilder(2).epochs(states.UPRIGHT, 1).pages()
        writer.add_pages([page])
        assert subprocess.run([sys.executable, "-c", READ, str(path)], check=True, capture_output=True).stdout == b"102"


def test_a_writer_that_closes_before_a_reader_leaves_everything_in_the_file(path: Path) -> None:
    with Store.open(path, simulated=False) as writer:
        writer.add_pages(some_pages())
        reader = Store.open(path, simulated=False, readonly=True)
        assert reader.records() == 101
    reader.close()
    shutil.copy(path, path.with_name("copy.db"))
    with Store.open(path.with_name("copy.db"), simulated=False, readonly=True) as copy:
        assert copy.records() == 101


def locks(path: Path) -> set[str]:
    """Return the locks that this process has on a file: https://man7.org/linux/man-pages/man5/proc_locks.5.html."""
    owner, file = str(os.getpid()), f":{path.stat().st_ino}"
    fields = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return {" ".join(words[1:]) for words in fields if words[4] == owner and words[5].endswith(file)}


READ = """
import sys
from pathlib import Path
from unslouch.store import Store
with Store.open(Path(sys.argv[1]), simulated=False) as store:
    print(store.records(), end="")
"""


@posix
@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_what_a_crash_left_on_a_read_only_medium_is_not_passed_over_in_silence(
    ordinary_user: Path, suffix: str
) -> None:
    path = ordinary_user / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    leave_unfinished(path, suffix)
    path.chmod(0o400)
    ordinary_user.chmod(0o500)
    with pytest.raises(StoreError, match="was not closed properly, and its folder is read-only"):
        Store.open(path, simulated=False, readonly=True)
    ordinary_user.chmod(0o700)
    path.chmod(0o600)
    with Store.open(path, simulated=False, readonly=True) as store:
        assert store.records() == 101 + (suffix == "-wal")


def leave_unfinished(path: Path, suffix: str) -> None:
    """Add a page as a killed process leaves it: in the -wal, or half written with the -journal to undo it."""
    work = path.with_name("work")
    work.mkdir()
    shutil.copy(path, work)
    connection = sqlite3.connect(work / path.name, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode = {'WAL' if suffix == '-wal' else 'DELETE'}")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN")
    (page,) = JournalBuilder(2).epochs(states.UPRIGHT, 1).pages()
    row = page_row(page)
    connection.execute(f"INSERT INTO page VALUES ({', '.join('?' * len(row))})", row)
    if suffix == "-wal":
        connection.execute("COMMIT")
    else:
        connection.executemany("INSERT INTO gap VALUES (?, ?, ?)", [(9, first, first + 1) for first in range(9000)])
    for part in ("", suffix):
        shutil.copy(work / (path.name + part), path.with_name(path.name + part))
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.close()
    shutil.rmtree(work)


@posix
@pytest.mark.parametrize("may_write", ["nothing", "the file"])
def test_an_older_schema_on_a_read_only_medium_is_read_from_a_migrated_copy(
    ordinary_user: Path, monkeypatch: pytest.MonkeyPatch, may_write: str
) -> None:
    path = ordinary_user / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(some_pages())
    path.chmod(0o600 if may_write == "the file" else 0o400)
    ordinary_user.chmod(0o500)
    before = path.read_bytes()
    added = ("ALTER TABLE sensor ADD COLUMN nickname TEXT NOT NULL DEFAULT ''",)
    monkeypatch.setattr("unslouch.store.schema.MIGRATIONS", (*MIGRATIONS, added))
    with Store.open(path, simulated=False, readonly=True) as store:
        assert store.pages() == some_pages()
        assert not store.simulated
        with pytest.raises(StoreError):
            store.add_pages(JournalBuilder(2).epochs(states.UPRIGHT, 1).pages())
    assert path.read_bytes() == before


def test_the_two_kinds_have_stamps_of_their_own() -> None:
    assert len({WEARER_ID, SIMULATED_ID, 0}) == 3
