"""`unslouch export` of a range, with pseudonyms, in a zone; and what it says when something is missing or too much."""

import csv
import importlib.util
import io
import json
import re
import stat
import zipfile
from datetime import UTC, date
from pathlib import Path

import openpyxl
import pandas
import pytest
from pyarrow import parquet

from golden_logs import JOURNAL, fill
from journals import JournalBuilder
from unslouch.analysis.day import LocalDay
from unslouch.analysis.history import History
from unslouch.analysis.zones import zone
from unslouch.cli.main import main
from unslouch.errors import BadInput, ExitCode
from unslouch.export import xlsx_log
from unslouch.export.pseudonym import Pseudonym, key_path, own_key
from unslouch.export.tables import TABLES
from unslouch.store import Answer, Store
from unslouch_device.contract import states

DOCS = Path(__file__).resolve().parents[2] / "docs" / "log.md"
RANGE = ("--from", "2025-03-10", "--to", "2025-03-16", "--timezone", "Europe/Berlin")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "a.db")
    return tmp_path


def export(*arguments: str) -> int:
    return main(["export", "--db", "a.db", *arguments])


def test_the_epochs_of_a_range_are_those_of_its_days(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert export(*RANGE, "--output", "-") == ExitCode.OK
    whole = capsysbinary.readouterr().out
    parts = []
    for day in ("2025-03-14", "2025-03-15"):
        assert export("--day", day, "--timezone", "Europe/Berlin", "--output", "-") == ExitCode.OK
        parts.append(capsysbinary.readouterr().out)
    assert whole == parts[0] + parts[1].partition(b"\r\n")[2]
    assert not list(Path().glob("*.csv*"))  # stdout has no manifest


def test_epochs_that_are_read_in_bulk_are_those_of_the_days() -> None:
    with Store.open(Path("a.db"), simulated=False, readonly=True) as store:
        history = History(store, UTC)
        for part in history.epochs_by_day(date(2025, 3, 1), date(2025, 4, 2)):
            day = history.day(part.day)
            assert {name: column.tolist() for name, column in vars(part.epochs).items()} == {
                name: column.tolist() for name, column in vars(day.epochs).items()
            }


def test_a_failed_export_leaves_the_earlier_log_and_its_manifest() -> None:
    assert export(*RANGE, "--output", "log.csv") == ExitCode.OK
    before = {path.name: path.read_bytes() for path in Path().glob("log.csv*")}
    assert export("--from", "2025-05-01", "--to", "2025-05-02", "--output", "log.csv") == ExitCode.NO_DATA
    assert {path.name: path.read_bytes() for path in Path().glob("log.csv*")} == before
    assert not list(Path().glob(".unslouch-*"))
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in Path().glob("log.csv*"))


def test_nothing_of_the_users_is_replaced_by_a_manifest_or_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    Path("log.csv.json").write_text("{}")
    Path("days").mkdir()
    (Path("days") / "letter").write_text("Dear diary")
    assert export(*RANGE, "--output", "log.csv") == ExitCode.BAD_INPUT
    assert export(*RANGE, "--format", "parquet", "--output", "days") == ExitCode.BAD_INPUT
    assert capsys.readouterr().err.count("choose another") == 2
    assert Path("log.csv.json").read_text() == "{}"
    assert (Path("days") / "letter").exists()


@pytest.mark.parametrize("format", ["csv", "json", "jsonl", "fhir"])
def test_no_id_name_or_note_leaves_with_a_pseudonym(format: str) -> None:
    with Store.open(Path("a.db"), simulated=False) as store:
        store.words.add_note(store.words.alert_marks(0, 1 << 60)[0].alert_utc_ms, "ask Dr. Watson")
    assert export(*RANGE, "--format", format, "--output", "plain") == ExitCode.OK
    assert export(*RANGE, "--format", format, "--output", "hidden", "--pseudonym", "backs") == ExitCode.OK
    plain, hidden = (
        "".join(path.read_text() for path in sorted(Path().glob(f"{name}*"))) for name in ("plain", "hidden")
    )
    for secret in (["ask Dr. Watson", "desk"] if format != "fhir" else []) + [Pseudonym(own_key(), "backs").wearer]:
        assert (secret in plain) == (len(secret) != 16), secret
        assert (secret in hidden) == (len(secret) == 16), secret
    journal = r'"valueString": "(\d+)-\d+"' if format == "fhir" else r'"journal": (\d+)'
    assert {int(number) for number in re.findall(journal, hidden)} == {Pseudonym(own_key(), "backs").journal(JOURNAL)}


def with_words() -> tuple[str, ...]:
    """Store a note, a session and an answer to the coach; return what must not leave: note, profile's name, two ids."""
    with Store.open(Path("a.db"), simulated=False) as store:
        at_ms = store.words.alert_marks(0, 1 << 60)[0].alert_utc_ms
        store.words.add_note(at_ms, "ask Dr. Watson")
        session = store.words.add_session("chin_tuck", at_ms, at_ms + 60_000, repetitions=8, is_complete=True)
        answer = store.coach_answers.add(at_ms, Answer.HURT, "dead-bug")
    return "ask Dr. Watson", "desk", session.session_id, answer.answer_id


@pytest.mark.parametrize("table", TABLES)
def test_no_id_name_or_note_leaves_in_any_table_of_parquet_with_a_pseudonym(table: str) -> None:
    secrets = with_words()
    words = (*RANGE, "--format", "parquet", "--table", table, "--output", "hidden", "--pseudonym", "backs")
    assert export(*words) == ExitCode.OK
    shown = Pseudonym(own_key(), "backs")
    files = list(Path("hidden").rglob("*.parquet"))
    assert files
    for path in files:
        read = parquet.ParquetFile(path)
        text = f"{path} {read.schema_arrow.metadata} {read.read().to_pylist()}"
        assert f"wearer={shown.wearer}" in text
        assert not [secret for secret in secrets if secret in text]
        if "journal" in read.schema_arrow.names:
            assert set(read.read()["journal"].to_pylist()) <= {shown.journal(JOURNAL)}


def test_no_id_name_or_note_leaves_in_a_workbook_with_a_pseudonym() -> None:
    secrets = with_words()
    assert export(*RANGE, "--format", "xlsx", "--output", "hidden.xlsx", "--pseudonym", "backs") == ExitCode.OK
    with zipfile.ZipFile("hidden.xlsx") as parts:
        text = "".join(parts.read(name).decode() for name in parts.namelist())
    assert not [secret for secret in secrets if secret in text]
    shown = Pseudonym(own_key(), "backs").journal(JOURNAL)
    book = openpyxl.load_workbook("hidden.xlsx", read_only=True)
    for sheet in ("epochs", "alerts"):
        head, *rows = book[sheet].iter_rows(values_only=True)
        assert {row[head.index("journal")] for row in rows} == {shown}
    book.close()


@pytest.mark.parametrize(("day", "hours"), [("2025-03-30", 23), ("2025-10-26", 25)])
def test_the_line_of_the_docs_loads_a_day_whose_clocks_are_changed_into_pandas(day: str, hours: int) -> None:
    berlin = zone("Europe/Berlin")
    begin_ms = LocalDay(date.fromisoformat(day), berlin).start_ms
    journal = JournalBuilder(JOURNAL).start_boot().clock(begin_ms).calibrate(1).epochs(states.UPRIGHT, hours * 720)
    with Store.open(Path("dst.db"), simulated=False) as store:
        store.add_pages(journal.pages())
    file = f"unslouch-{day}.csv"
    words = ["--db", "dst.db", "--day", day, "--timezone", "Europe/Berlin", "--output", file]
    assert main(["export", *words]) == ExitCode.OK
    line = next(line for line in DOCS.read_text().splitlines() if "pandas.read_csv" in line)
    frame = eval(line.strip().replace("unslouch-2025-03-30.csv", file), {"pandas": pandas})
    assert abs(len(frame) - hours * 720) <= 1
    assert str(frame.index.tz) == "Europe/Berlin"
    assert frame.index.is_monotonic_increasing
    assert [moment.isoformat(timespec="milliseconds") for moment in frame.index[::600]] == frame["local"][
        ::600
    ].tolist()
    assert len(frame.resample("1h").size()) == hours
    assert {moment.utcoffset().total_seconds() for moment in frame.index} == {3600, 7200}


def test_a_pseudonym_stays_differs_by_study_and_its_key_is_private() -> None:
    one = Pseudonym(own_key(), "backs").wearer
    assert re.fullmatch("[0-9a-f]{16}", one)
    assert Pseudonym(own_key(), "backs").wearer == one
    assert len({one, Pseudonym(own_key()).wearer, Pseudonym(b"x" * 32, "backs").wearer}) == 3
    assert stat.S_IMODE(key_path().stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--timezone", "Europe/Berln"), "did you mean Europe/Berlin?"),
        (("--timezone", "Kathmandu"), "did you mean Asia/Kathmandu?"),
        (("--day", "2025-03-14", "--from", "2025-03-14"), "give the one or the other"),
        (("--to", "2025-03-14"), "say where it begins"),
        (("--from", "2025-03-14", "--to", "2025-03-13"), "swap --from and --to"),
        ((*RANGE, "--format", "parquet", "--output", "-"), "name one with --output"),
        (("--format", "xlsx", "--table", "epochs"), "leave it out"),
    ],
)
def test_a_range_that_makes_no_sense_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert export(*arguments) == ExitCode.BAD_INPUT
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("format", "library"), [("parquet", "pyarrow"), ("xlsx", "xlsxwriter")])
def test_a_missing_library_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], format: str, library: str
) -> None:
    monkeypatch.setattr("unslouch.export.formats.find_spec", lambda name: None)
    assert importlib.util.find_spec(library)
    assert export("--day", "2025-03-14", "--format", format) == ExitCode.BAD_INPUT
    assert f"pip install 'unslouch[{format}]'" in capsys.readouterr().err


def test_a_workbook_that_would_be_too_long_is_refused_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadInput, match=r"1,048,576 rows"):
        xlsx_log.check_rows(1_048_576)
    xlsx_log.check_rows(1_048_575)
    monkeypatch.setattr(xlsx_log, "MOST_ROWS", 10)
    assert export(*RANGE, "--output", "log.xlsx") == ExitCode.BAD_INPUT
    assert export("--day", "2025-03-14", "--output", "log.xlsx") == ExitCode.BAD_INPUT
    assert not list(Path().glob("*log.xlsx*")) + list(Path().glob(".unslouch-*"))


def test_the_dictionary_names_every_column_that_csv_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--describe"]) == ExitCode.OK
    described = set(capsys.readouterr().out.split())
    for table in ("epochs", "summary", "events", "bouts", "holds"):
        assert export(*RANGE, "--table", table, "--output", "-") == ExitCode.OK
        header = next(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
        assert set(header) <= described | {"date", "timezone"}, table


def test_a_range_in_json_is_a_list_of_the_days(capsys: pytest.CaptureFixture[str]) -> None:
    assert export(*RANGE, "--output", "-", "--format", "json") == ExitCode.OK
    days = json.loads(capsys.readouterr().out)["days"]
    assert [day["date"] for day in days] == ["2025-03-14", "2025-03-15"]
    assert main(["export", "--db", "a.db", "--day", "2025-03-15", "--output", "d.json", *RANGE[4:]]) == ExitCode.OK
    alone = json.loads(Path("d.json").read_text())
    del alone["sha256"]
    assert days[1] == alone
