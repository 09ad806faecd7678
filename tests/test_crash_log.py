"""The crash log: a traceback goes into a private file, and a sentence names it, whatever is in the way."""

import stat
import sys
from pathlib import Path

import pytest

from unslouch import crash_log


def failure(message: str = "oh") -> Exception:
    try:
        raise ZeroDivisionError(message)
    except ZeroDivisionError as error:
        return error


def test_the_sentence_names_the_error_and_the_file_of_its_traceback(tmp_path: Path) -> None:
    sentence = crash_log.describe_unforeseen(failure("first\nsecond"), tmp_path / "log")
    (file,) = (tmp_path / "log").iterdir()
    assert sentence == (
        f"Something unforeseen went wrong (ZeroDivisionError: first second). The traceback is in {file}."
    )
    text = file.read_text(encoding="utf-8")
    assert "unslouch" in text.splitlines()[0]
    assert "Traceback (most recent call last)" in text
    assert "in failure" in text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    crash_log.keep_traceback(failure(), tmp_path / "log")
    (file,) = (tmp_path / "log").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_errors_of_the_same_second_have_a_file_each_and_the_oldest_go(tmp_path: Path) -> None:
    for number in range(crash_log.FILES_KEPT + 3):
        crash_log.keep_traceback(failure(f"error {number}."), tmp_path)
    texts = [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()]
    assert len(texts) == crash_log.FILES_KEPT
    assert any(f"error {crash_log.FILES_KEPT + 2}." in text for text in texts)
    assert not any("error 0." in text for text in texts)


def test_a_folder_that_can_not_be_written_is_part_of_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = crash_log.describe_unforeseen(failure(), tmp_path / "file" / "log")
    assert sentence.startswith("Something unforeseen went wrong (ZeroDivisionError: oh). The traceback can't be stored")
    assert "Not a directory" in sentence or sys.platform == "win32"


def test_a_traceback_that_no_utf8_can_hold_is_kept_all_the_same(tmp_path: Path) -> None:
    sentence = crash_log.keep_traceback(failure("\udcff"), tmp_path)
    assert sentence.startswith("The traceback is in ")
