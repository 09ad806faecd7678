"""A crash stays readable after this computer's firmware has changed."""

import os
from pathlib import Path

import pytest

from unslouch.cli import flash
from unslouch.flashing import tracebacks
from unslouch.flashing.compile import firmware_folder
from unslouch.flashing.install import firmware_version
from unslouch.flashing.shrink.program import names_of
from unslouch.flashing.tracebacks import VERSIONS_KEPT, keep_names, names_folder, with_full_names

from .conftest import NEWER, changed_firmware

SENSOR = "0011223344556677"
OURS = firmware_version(firmware_folder())


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The same version with a name that is used so often that it gets the shortest form, and so most others change."""
    line = '_FOLDER = "/unslouch"'
    more = f"\n_more = 1\n\n\ndef _sum():\n    return [{600 * '_more, '}]\n"
    return changed_firmware(tmp_path, {"start.py": (line, line + more)})


def traceback_of(names: dict[str, str]) -> str:
    return f'Traceback:\n  File "start.py", line 1, in {names["files__save"]}\nOSError: 28'


def test_a_crash_is_read_with_the_names_that_were_installed_on_this_sensor(other: Path) -> None:
    keep_names(SENSOR, OURS, other)
    ours, theirs = names_of(firmware_folder()), names_of(other)
    moved = next(name for name in theirs if name.startswith("journal__") and ours[name] != theirs[name])
    text, remark = with_full_names(f'  File "part1.py", line 1, in {theirs[moved]}', SENSOR, OURS)
    assert moved.replace("__", ".") in text
    assert remark is None


def test_a_crash_of_an_earlier_version_is_read_after_this_host_has_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_names(SENSOR, OURS)
    monkeypatch.setattr(tracebacks, "firmware_version", lambda firmware: NEWER)
    text, remark = with_full_names(traceback_of(names_of(firmware_folder())), SENSOR, OURS)
    assert "in files.save" in text
    assert remark is None


def test_a_crash_of_this_hosts_own_version_needs_no_installation_from_here() -> None:
    text, remark = with_full_names(traceback_of(names_of(firmware_folder())), SENSOR, OURS)
    assert "in files.save" in text
    assert remark is None


@pytest.mark.parametrize("damage", [None, b"", b"[]", b"\xff"], ids=["none kept", "empty", "a list", "no text"])
def test_without_its_names_a_crash_stays_as_it_is_and_a_sentence_says_what_to_do(damage: bytes | None) -> None:
    keep_names(SENSOR, NEWER)
    path = next(names_folder().glob("*.json"))
    path.unlink() if damage is None else path.write_bytes(damage)
    text = traceback_of({"files__save": "aB"})
    unchanged, remark = with_full_names(text, SENSOR, NEWER)
    assert unchanged == text
    assert remark is not None
    assert f"pip install unslouch=={NEWER}" in remark


def test_the_oldest_names_go() -> None:
    for number in range(VERSIONS_KEPT + 2):
        keep_names(SENSOR, f"1.0.{number}")
        os.utime(names_folder() / f"{SENSOR}-1.0.{number}.json", (number, number))
    kept = {path.stem for path in names_folder().glob("*.json")}
    assert len(kept) == VERSIONS_KEPT
    assert f"{SENSOR}-1.0.0" not in kept


def test_a_sensor_that_claims_a_path_as_its_id_is_kept_in_the_folder() -> None:
    keep_names("../../evil", OURS)
    assert [path.parent for path in names_folder().rglob("*.json")] == [names_folder()]


def test_names_that_cant_be_kept_are_no_failure_of_the_installation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names_folder().parent.mkdir()
    names_folder().write_text("a file")
    flash._keep_names(SENSOR, OURS)
    assert "can't be kept" in capsys.readouterr().err
