"""A file is written as a whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from unslouch.errors import ExitCode, OutputError
from unslouch.export.output import write_file


def test_a_new_file_is_readable_by_its_owner_only_and_a_replaced_one_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write_file(path, b"one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_earlier_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"one")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match=r"log\.csv can't be written \(no space left on device\)") as caught:
        write_file(path, b"two")
    assert caught.value.exit_code == ExitCode.OUTPUT
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"one")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_file(tmp_path / "link.csv", b"two")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"two"


def test_a_path_that_can_be_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path, tmp_path / "missing" / "log.csv", tmp_path / "file" / "log.csv", tmp_path / ("x" * 300)):
        with pytest.raises(OutputError, match="--output"):
            write_file(path, b"one")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_device_is_written_to_and_its_error_is_reported() -> None:
    with pytest.raises(OutputError, match="no space left"):
        write_file(Path("/dev/full"), b"one")
    write_file(Path("/dev/null"), b"one")


def test_a_read_only_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"one")
    path.chmod(0o400)
    if os.access(path, os.W_OK):  # root may write anything
        monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="read-only"):
        write_file(path, b"two")
    assert path.read_bytes() == b"one"
