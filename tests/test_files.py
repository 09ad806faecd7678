"""Private folders belong to one user alone, and a file is replaced whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from unslouch import files
from unslouch.files import make_folder, make_private_folder, replace_file

posix_only = pytest.mark.skipif("os.name == 'nt'", reason="Windows has no modes")
# A limit on the size of files fails a real write, as a full disk does.
WRITE_BEYOND_LIMIT = """
import resource, sys
from pathlib import Path
from unslouch.files import replace_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    replace_file(Path(sys.argv[1]), b"new" * 1000)
except OSError as error:
    print(error.errno)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@posix_only
def test_a_file_is_readable_by_its_owner_only_unless_another_mode_is_given(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(0o644)
    replace_file(path, b"one")
    assert mode(path) == 0o600
    replace_file(path, b"two", 0o640)
    assert mode(path) == 0o640


@posix_only
def test_a_write_that_really_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", WRITE_BEYOND_LIMIT, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert int(run.stdout) == errno.EFBIG
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_fault_at_each_step_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), fail)
    with pytest.raises(OSError) as caught:
        replace_file(path, b"new")
    assert caught.value.errno == number
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_fault_is_raised_even_if_the_temporary_file_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_with(number: int) -> object:
        def fail(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        return fail

    monkeypatch.setattr(os, "fsync", fail_with(errno.ENOSPC))
    monkeypatch.setattr(Path, "unlink", fail_with(errno.EACCES))
    with pytest.raises(OSError) as caught:
        replace_file(tmp_path / "file", b"new")
    assert caught.value.errno == errno.ENOSPC


def test_a_folder_in_the_way_is_an_error_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError):
        replace_file(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "missing" / "file", b"new")


def test_the_longest_name_that_a_folder_takes_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    path.touch()
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_that_another_process_reads_on_windows_is_replaced_once_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_replace, refusals = Path.replace, [PermissionError(13, "in use")] * 3

    def replace(temporary: Path, path: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return really_replace(temporary, path)

    monkeypatch.setattr(files, "RETRIES_REPLACE", True)
    monkeypatch.setattr(Path, "replace", replace)
    replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    refusals[:] = [PermissionError(13, "in use")] * 1000
    with pytest.raises(PermissionError):
        replace_file(tmp_path / "file", b"newer")
    assert (tmp_path / "file").read_bytes() == b"new"


@posix_only
def test_a_file_is_replaced_where_the_folder_itself_cannot_be_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_fsync = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "a filesystem that can't")
        really_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


# Folders


@posix_only
def test_a_new_folder_is_private_and_one_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    make_folder(tmp_path / "new" / "below")
    assert mode(tmp_path / "new" / "below") == 0o700
    shared = tmp_path / "shared"
    shared.mkdir(0o755)
    make_folder(shared)
    assert mode(shared) == 0o755


@posix_only
@pytest.mark.parametrize("before", [0o755, 0o777, 0o500])
def test_a_private_folder_is_closed_to_others_whatever_its_mode_was(tmp_path: Path, before: int) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    folder.chmod(before)
    make_private_folder(folder)
    assert mode(folder) == 0o700


@posix_only
def test_a_symbolic_link_is_not_a_private_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(0o700)
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(PermissionError, match="isn't a folder of yours"):
        make_private_folder(tmp_path / "link")


@posix_only
def test_the_folder_of_another_user_is_not_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs").mkdir(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "theirs").stat().st_uid + 1)
    with pytest.raises(PermissionError, match="isn't a folder of yours"):
        make_private_folder(tmp_path / "theirs")


def test_a_file_where_a_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "file")
