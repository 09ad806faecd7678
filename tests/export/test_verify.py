"""`unslouch verify` finds any digit that was changed after an export, and computes the summary again from the rows."""

import json
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from pyarrow import parquet

from golden_logs import DAY, EIGHT_MS, LOGS, RANGE, export, fill
from journals import JournalBuilder
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.export import verify_log
from unslouch.export.hashing import file_sha256
from unslouch.store import Store
from unslouch_device.contract import states
from unslouch_device.contract.states import LYING

RECOMPUTED = (
    "day.csv",
    "day.json",
    "days.json",
    "day.jsonl",
    "day.parquet",
    "day.xlsx",
    "day-summary.csv",
    "days-summary.csv",
    "days.xlsx",
    "day-summary.parquet",
    "summaries",
)
PARTLY = {
    "day.fhir.json": "metrics of the summary match its rows (1 day",
    "days.fhir.json": "metrics of the summary match its rows (2 days",
    "range": "83 of 140 metrics of the summary match its rows (2 days",
}
"""Logs without the rows for some metrics, and what is said of them."""
MORE_LOGS = {
    "range": (*RANGE, "--format", "parquet"),
    "summaries": (*RANGE, "--format", "parquet", "--table", "summary"),
    "day-summary.parquet": (*DAY, "--table", "summary"),
    "days.fhir.json": RANGE,
    "days.xlsx": RANGE,
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    fill(tmp_path / "a.db")
    return tmp_path / "a.db"


@pytest.fixture(autouse=True)
def more_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, words in MORE_LOGS.items():
        monkeypatch.setitem(LOGS, name, words)


@pytest.mark.parametrize("name", [*LOGS, *MORE_LOGS])
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
    assert PARTLY.get(name, "") in out


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
    manifest.write_text(manifest.read_text().replace('"upright": {"value": 0.333', '"upright": {"value": 1.333'))
    forge_manifest(log)
    capsys.readouterr()
    assert main(["verify", str(log)]) == ExitCode.BAD_INPUT
    out = capsys.readouterr().out
    assert "the SHA-256 matches" in out
    assert "2025-03-14: upright is 1.333, its rows give 0.333" in out


def forge_own_hash(path: Path) -> None:
    """Give a text that carries its hash the one that it has now."""
    text = path.read_text()
    (carried,) = re.findall(r'"([0-9a-f]{64})"', text)
    path.write_text(text.replace(carried, "0" * 64))
    path.write_text(text.replace(carried, file_sha256(path)))


def forge_manifest(log: Path) -> None:
    """Give a log's manifest the hashes that log and manifest have now."""
    manifest = log.with_name(f"{log.name}.json")
    content = json.loads(manifest.read_text())
    if log.is_dir():
        for name in content["files_sha256"]:
            content["files_sha256"][name] = file_sha256(log / name)
    else:
        content["log_sha256"] = file_sha256(log)
    content["sha256"] = "0" * 64
    manifest.write_text(json.dumps(content))
    manifest.write_text(manifest.read_text().replace("0" * 64, file_sha256(manifest)))


def verified(log: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `verify` says of a log that is not sound, though its hashes match."""
    capsys.readouterr()
    assert main(["verify", str(log)]) == ExitCode.BAD_INPUT
    out = capsys.readouterr().out
    assert "the SHA-256 matches" in out
    return out


@pytest.mark.parametrize(
    ("sheet", "column", "said"),
    [
        ("epochs", "forward_1_deg", "reba_4 is"),
        ("summary", "upright_min", "the sheet summary has"),
        ("episodes", "peak_deg", "the sheet episodes has"),
        ("alerts", "forward_deg", "the sheet alerts has"),
        ("alerts", "at", "the sheet alerts has"),
    ],
)
def test_a_cell_of_a_workbook_that_was_changed_together_with_the_hashes_is_found(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], sheet: str, column: str, said: str
) -> None:
    log = export(database, "day.xlsx", tmp_path)
    book = openpyxl.load_workbook(log)
    row = 7 if sheet == "epochs" else 2  # the first epochs have no tilt
    cell = next(cells[-1] for cells in book[sheet].iter_cols(max_row=row) if cells[0].value == column)
    cell.value += timedelta(seconds=1) if column == "at" else 61
    book.save(log)
    forge_manifest(log)
    assert said in verified(log, capsys)


@pytest.mark.parametrize(
    ("code", "said"),
    [("forward-tilt", "zone_60_up is"), ("lateral-tilt", "lateral_20_up is"), ("posture-state", "zone_0_20 is")],
)
def test_a_value_of_a_bundle_that_was_changed_together_with_its_hash_is_found(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str, said: str
) -> None:
    log = export(database, "day.fhir.json", tmp_path)
    text = log.read_text()
    at = text.rindex('"code": "' + code)
    changed = re.sub(r'"data": "(\S+)', f'"data": "{LYING if code == "posture-state" else 79.0}', text[at:], count=1)
    log.write_text(text[:at] + changed)
    forge_own_hash(log)
    assert said in verified(log, capsys)


def test_a_value_of_a_range_in_parquet_that_was_changed_together_with_the_hashes_is_found(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = export(database, "range", tmp_path)
    path = next(folder.rglob("date=2025-03-14/*.parquet"))
    table = parquet.ParquetFile(path).read()
    tilts = table["forward_1_deg"].to_pylist()
    at = table.schema.get_field_index("forward_1_deg")
    table = table.set_column(at, "forward_1_deg", [[*tilts[:-1], 71.0]])
    parquet.write_table(table, path)
    forge_manifest(folder)
    assert "2025-03-14: zone_60_up is 0.0, its rows give 0.017" in verified(folder, capsys)


def test_a_summary_in_parquet_that_was_changed_together_with_the_hashes_is_found(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = export(database, "summaries", tmp_path)
    path = next(folder.rglob("date=2025-03-14/*.parquet"))
    table = parquet.ParquetFile(path).read()
    at = table.schema.get_field_index("upright_min")
    parquet.write_table(table.set_column(at, "upright_min", [[9.0]]), path)
    forge_manifest(folder)
    assert "2025-03-14: upright is 9.0" in verified(folder, capsys)


def test_a_bundle_of_two_sensors_at_once_is_not_computed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(tmp_path / "two.db", simulated=False) as store:
        for journal in (1, 2):
            builder = JournalBuilder(journal).start_boot().clock(EIGHT_MS + journal * 7000).calibrate(1)
            store.add_pages(builder.epochs(states.UPRIGHT, 40).pages())
    log = export(tmp_path / "two.db", "day.fhir.json", tmp_path)
    capsys.readouterr()
    assert main(["verify", str(log)]) == ExitCode.OK
    assert "on 2025-03-14 two sensors measured at once" in capsys.readouterr().out


def test_a_missing_or_added_file_of_a_range_in_parquet_is_found(database: Path, tmp_path: Path) -> None:
    folder = export(database, "range", tmp_path)
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


def test_a_changed_file_is_named_once_with_what_to_do(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = export(database, "day.csv", tmp_path)
    log.write_text(log.read_text(encoding="utf-8") + " ", encoding="utf-8")
    capsys.readouterr()
    assert main(["verify", str(log)]) == ExitCode.BAD_INPUT
    said = capsys.readouterr()
    first = said.out.splitlines()[0]
    assert first == f"{log}: the SHA-256 does NOT match; it was changed after it was exported."
    assert said.err == f"{log} can't be relied on: export its days again, or take a copy that nobody has changed.\n"


def test_rows_and_a_manifest_with_values_that_no_log_has_are_a_sentence(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = export(database, "day.csv", tmp_path)
    rows, manifest = log.read_text(encoding="utf-8"), log.with_name("day.csv.json")
    for boot in ("1e400", "9" * 21):
        log.write_text(rows.replace(",1,0,7,2,", f",{boot},0,7,2,", 1), encoding="utf-8")
        assert main(["verify", str(log)]) == ExitCode.BAD_INPUT
        assert "its rows can't be read as those of a log" in capsys.readouterr().out
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"algorithm"', '"x"'), encoding="utf-8")
    assert main(["verify", str(log)]) == ExitCode.BAD_INPUT
    assert "day.csv can't be relied on" in capsys.readouterr().err


def test_a_changed_manifest_is_named_instead_of_its_log(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = export(database, "day.csv", tmp_path)
    manifest = log.with_name("day.csv.json")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"date"', '"dates"', 1), encoding="utf-8")
    capsys.readouterr()
    main(["verify", str(log)])
    assert "of the exported files these were changed, added or removed: day.csv.json." in capsys.readouterr().out


def test_an_empty_folder_is_named_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == ExitCode.BAD_INPUT
    assert f"{tmp_path} is an empty folder: name a file or folder that" in capsys.readouterr().err
