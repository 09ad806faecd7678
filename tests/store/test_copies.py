"""A backup is one private file, a restoration brings all of it back in one step, and deletions outlive both."""

import sqlite3
from pathlib import Path

import pytest

from baseline.make_baseline import wearer_pages
from journals import JournalBuilder
from unslouch.errors import NoData, StoreError
from unslouch.store import Deletion, SequenceRange, Store
from unslouch.store import restore as restoring
from unslouch.store.copies import migration_copies
from unslouch.store.restore import restore
from unslouch_device.contract import states

MARCH_14_MS = 1_741_910_400_000
SCHEMAS = sorted((Path(__file__).resolve().parents[1] / "baseline").glob("schema_*"))


def pages(journal: int, epochs: int = 60) -> list[bytes]:
    return JournalBuilder(journal).start_boot().clock(MARCH_14_MS).epochs(states.UPRIGHT, epochs).pages()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(pages(1))
        store.words.add_note(MARCH_14_MS, "a new chair")
    return path


@pytest.fixture
def backup(path: Path, tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    backup = tmp_path / "elsewhere" / "backup.db"
    with Store.open(path, simulated=False) as store:
        assert store.backup(backup)
    return backup


def test_a_backup_is_one_private_file_with_everything_in_it(path: Path, backup: Path) -> None:
    assert list(backup.parent.iterdir()) == [backup]
    assert backup.stat().st_mode & 0o777 == 0o600
    with Store.open(backup, simulated=False, readonly=True) as store:
        assert store.pages() == pages(1)
        assert len(store.words.notes(0, MARCH_14_MS + 1)) == 1


def test_a_backup_is_written_while_another_program_records(path: Path, tmp_path: Path) -> None:
    with Store.open(path, simulated=False) as recorder, Store.open(path, simulated=False, readonly=True) as store:
        recorder.add_pages(pages(2))
        store.backup(tmp_path / "now.db")
    with Store.open(tmp_path / "now.db", simulated=False, readonly=True) as store:
        assert store.journals() == [1, 2]


def test_a_backup_that_can_not_be_written_says_so_and_leaves_nothing(path: Path, tmp_path: Path) -> None:
    with Store.open(path, simulated=False) as store, pytest.raises(StoreError, match="can't be written"):
        store.backup(tmp_path / "missing" / "backup.db")
    assert list(tmp_path.iterdir()) == [path]


def test_a_database_knows_its_backups_until_they_are_gone(path: Path, backup: Path) -> None:
    with Store.open(path, simulated=False) as store:
        assert store.backups() == [backup]
        backup.unlink()
        assert store.backups() == []


def test_a_restoration_brings_back_what_the_backup_holds_and_keeps_the_former_database(
    path: Path, backup: Path
) -> None:
    with Store.open(path, simulated=False) as store:
        store.add_pages(pages(2))
    restored = restore(backup, path, simulated=False)
    with Store.open(path, simulated=False) as store:
        assert store.journals() == [1]
        assert set(store.backups()) == {backup, restored.kept}
    assert restored.kept is not None
    assert restored.kept.stat().st_mode & 0o777 == path.stat().st_mode & 0o777 == 0o600
    with Store.open(restored.kept, simulated=False, readonly=True) as store:
        assert store.journals() == [1, 2]


def test_a_restoration_into_nothing_makes_a_private_database(backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / "posture.db"
    assert restore(backup, new, simulated=False).kept is None
    assert new.stat().st_mode & 0o777 == 0o600
    with Store.open(new, simulated=False) as store:
        assert store.pages() == pages(1)


def test_a_damaged_database_is_moved_aside_and_replaced(path: Path, backup: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(pages(1)[1])
    data[at - at % 4096 : at - at % 4096 + 40] = bytes(40)
    path.write_bytes(data)
    restored = restore(backup, path, simulated=False)
    assert restored.kept is not None
    assert bytes(data[at - at % 4096 :]) in restored.kept.read_bytes()
    with Store.open(path, simulated=False) as store:
        assert store.pages() == pages(1)


@pytest.mark.parametrize("with_deleted", [False, True])
def test_what_was_deleted_since_the_backup_stays_deleted_unless_it_is_asked_for(
    path: Path, backup: Path, with_deleted: bool
) -> None:
    with Store.open(path, simulated=False) as store:
        store.delete(Deletion([SequenceRange(1, 10, 40)], MARCH_14_MS, MARCH_14_MS + 1))
    restored = restore(backup, path, simulated=False, with_deleted=with_deleted)
    assert restored.deleted == (0 if with_deleted else 30)
    with Store.open(path, simulated=False) as store:
        assert store.records() == (62 if with_deleted else 32)
        assert len(store.words.notes(0, MARCH_14_MS + 1)) == with_deleted
        assert len(store.deleted_ranges()) == (not with_deleted)


@pytest.mark.parametrize("folder", SCHEMAS, ids=lambda folder: folder.name)
def test_a_backup_of_an_older_schema_can_be_restored(folder: Path, path: Path, tmp_path: Path) -> None:
    restore(folder / "wearer.db", path, simulated=False)
    with Store.open(path, simulated=False) as store:
        assert sorted(store.pages()) == sorted(wearer_pages())
    assert migration_copies(path) == []


def test_a_file_that_is_no_backup_is_refused_and_the_database_stays(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    (tmp_path / "text.db").write_bytes(b"hello" * 100)
    with pytest.raises(StoreError, match="is no database"):
        restore(tmp_path / "text.db", path, simulated=False)
    with pytest.raises(NoData, match="doesn't exist"):
        restore(tmp_path / "missing.db", path, simulated=False)
    with pytest.raises(StoreError, match="from itself"):
        restore(path, path, simulated=False)
    simulated = tmp_path / "simulated.db"
    Store.open(simulated, simulated=True).close()
    with pytest.raises(StoreError, match="simulated wearer"):
        restore(simulated, path, simulated=False)
    assert path.read_bytes() == before


def test_a_restoration_that_fails_leaves_the_database_as_it_was(
    path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(restoring, "put_back", full)
    with Store.open(path, simulated=False) as store:
        store.add_pages(pages(2))
    with pytest.raises(StoreError, match="full"):
        restore(backup, path, simulated=False)
    with Store.open(path, simulated=False) as store:
        assert store.journals() == [1, 2]
    assert not list(path.parent.glob("*restoring*"))


def test_a_program_that_has_the_database_open_sees_the_restored_content(path: Path, backup: Path) -> None:
    with Store.open(path, simulated=None, readonly=True) as reader:
        before = reader.revisions()
        with Store.open(path, simulated=False) as store:
            store.add_pages(pages(2))
        restore(backup, path, simulated=False)
        assert reader.journals() == [1]
        assert reader.revisions().deletions != before.deletions


def test_a_database_is_checked_for_damage_once_a_week(path: Path) -> None:
    connection = sqlite3.connect(path)
    checked = connection.execute("SELECT number FROM revision WHERE name = 'checked_day'").fetchone()[0]
    assert checked > 20_000
    connection.execute("UPDATE revision SET number = number - 7 WHERE name = 'checked_day'")
    connection.commit()
    connection.close()
    data = bytearray(path.read_bytes())
    at = data.index(pages(1)[1])
    data[at - at % 4096 : at - at % 4096 + 40] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"is damaged .* `unslouch restore`"):
        Store.open(path, simulated=False)
