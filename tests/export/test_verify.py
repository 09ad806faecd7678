"""`unslouch verify` finds any digit that was changed after an export, and computes the summary again from the rows."""

import re
from pathlib import Path

import pytest

from golden_logs import LOGS, export, fill
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.export import verify_log
from unslouch.export.hashing import file_sha256

RECOMPUTED = ("day.csv", "day.json", "days.json", "day.jsonl", "day.parquet", "day-summary.csv", "days-summary.csv")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    fill(tmp_path / "a.db")
    return tmp_path / "a.db"


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("pseudonym", [(), ("--pseudonym",)])
def test_a_log_as_it_was_exported_is_sound(
    database: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    pseudonym: tuple[str, ...],
) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    monkeypatch.setitem(LOGS, name, (*LOGS[name], *pseudonym))
    log = export(database, name, tmp_path)
    assert main(["verify", str(log)]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "the SHA-256 matches" in out
    assert ("the summary matches its rows" in out) == (name in RECOMPUTED)


@pytest.mark.parametrize("name", LOGS)
def test_a_changed_digit_is_found(database: Path, tmp_path: Path, name: str) -> None:
    log = export(database, name, tmp_path)
    data = bytearray(log.read_bytes())
    digits = [at for at, byte in enumerate(data) if chr(byte).isdigit()]
    at = digits[len(digits) // 2]
    data[at] = ord("1") if data[at] != ord("1") else ord("2")
    log.write_bytes(data)
    assert main(["verify", str(log)]) == ExitCode.BAD_INPUT


def test_a_summary_that_was_forged_together_with_its_hash_is_found(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = export(database, "day.csv", tmp_path)
    log.write_bytes(log.read_bytes().replace(b",moving,moving,3.0,", b",moving,moving,9.0,", 1))
    manifest = tmp_path / "day.csv.json"
    text = re.sub(r'"log_sha256": "\w+"', f'"log_sha256": "{file_sha256(log)}"', manifest.read_text())
    text = text.replace('"upright": {"value": 0.333', '"upright": {"value": 1.333')
    text = re.sub(r'"sha256": "\w+"', f'"sha256": "{"0" * 64}"', text)
    manifest.write_text(text)
    manifest.write_text(text.replace("0" * 64, file_sha256(manifest)))
    capsys.readouterr()
    assert main(["verify", str(log)]) == ExitCode.BAD_INPUT
    out = capsys.readouterr().out
    assert "the SHA-256 matches" in out
    assert "2025-03-14: upright is 1.333, its rows give 0.333" in out


def test_a_missing_or_added_file_of_a_range_in_parquet_is_found(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LOGS, "days", ("--from", "2025-03-14", "--to", "2025-03-15", "--format", "parquet"))
    folder = export(database, "days", tmp_path)
    assert main(["verify", str(folder)]) == ExitCode.OK
    one = next(folder.rglob("*.parquet"))
    one.rename(one.with_name("other.parquet"))
    assert main(["verify", str(folder)]) == ExitCode.BAD_INPUT


def test_a_log_of_another_algorithm_says_so(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = export(database, "day.json", tmp_path)
    monkeypatch.setattr(verify_log, "ALGORITHM_VERSION", 99)
    assert main(["verify", str(log)]) == ExitCode.OK
    assert "this unslouch has version 99" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing.csv", "letter.txt", "letter.json"])
def test_what_is_no_log_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / "letter.txt").write_text("Dear diary")
    (tmp_path / "letter.json").write_text(f'{{"table": "x", "sha256": "{"0" * 64}"}}')
    assert main(["verify", str(tmp_path / name)]) == ExitCode.BAD_INPUT
    assert "Traceback" not in capsys.readouterr().err
