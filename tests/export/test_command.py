"""`unslouch export` writes data to a file or stdout, sentences to stderr, and one sentence for each error."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journals import JournalBuilder
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.store import Store, default_path
from unslouch_device.contract import states

NOON_MS = int(datetime(2025, 3, 14, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def record() -> Callable[..., Path]:
    def store(*, simulated: bool = False, utc_ms: int = NOON_MS) -> Path:
        path = default_path(simulated)
        with Store.open(path, simulated=simulated) as opened:
            opened.add_pages(JournalBuilder().start_boot().clock(utc_ms).epochs(states.UPRIGHT, 12).pages())
        return path

    return store


def test_a_day_is_written_to_a_file_named_after_it(
    record: Callable[..., Path], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    record()
    assert main(["export", "--day", "2025-03-14", "--timezone", "Europe/Berlin"]) == ExitCode.OK
    lines = Path("unslouch-2025-03-14.csv").read_text().splitlines()
    assert len(lines) == 13
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert b"Wrote 2025-03-14 (Europe/Berlin, 12 epochs) to unslouch-2025-03-14.csv." in err
    assert b"Note: The records end at 13:01:00" in err


def test_stdout_gets_the_same_bytes_as_a_file_and_nothing_else(
    record: Callable[..., Path], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    record()
    arguments = ["export", "--day", "2025-03-14", "--timezone", "UTC", "--output"]
    assert main([*arguments, "a.json"]) == ExitCode.OK
    capsysbinary.readouterr()
    assert main([*arguments, "-", "--format", "json"]) == ExitCode.OK
    assert capsysbinary.readouterr().out == Path("a.json").read_bytes()


def test_today_is_the_default(record: Callable[..., Path]) -> None:
    now = datetime.now(UTC)
    record(utc_ms=int(now.timestamp() * 1000))
    assert main(["export", "--timezone", "UTC", "--table", "summary"]) == ExitCode.OK
    (file,) = Path().glob("*.csv")
    assert file.name in {f"unslouch-{day:%Y-%m-%d}-summary.csv" for day in (now, datetime.now(UTC))}


def test_today_of_a_demo_is_its_last_day_and_has_a_file_name_of_its_own(record: Callable[..., Path]) -> None:
    record(simulated=True)
    assert main(["export", "--demo", "--timezone", "UTC"]) == ExitCode.OK
    assert main(["export", "--db", str(default_path(simulated=True)), "--timezone", "UTC"]) == ExitCode.OK
    assert {file.name for file in Path().iterdir()} == {
        "unslouch-demo-2025-03-14.csv",
        "unslouch-demo-2025-03-14.csv.json",
    }


def test_an_export_that_failed_has_no_notes_before_its_error(
    record: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    record()
    assert main(["export", "--day", "2025-03-14", "--output", "missing/log.csv"]) == ExitCode.OUTPUT
    assert "Note:" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--day", "2025-03-15"],
            ExitCode.NO_DATA,
            "The nearest day with records is 2025-03-14; choose it with --day.",
        ),
        (["--day", "2025-03-14", "--timezone", "Mars/Olympus"], ExitCode.BAD_INPUT, "'Mars/Olympus' is no time zone"),
        (["--day", "0001-01-01"], ExitCode.BAD_INPUT, "Nothing can be recorded on 0001-01-01"),
        (["--day", "2025-03-14", "--output", "missing/log.csv"], ExitCode.OUTPUT, "missing/log.csv can't be written"),
        (["--day", "2025-03-14", "--output", "x" * 300], ExitCode.OUTPUT, "can't be written (file name too long)"),
        (["--day", "2025-03-14", "--db", "missing.db"], ExitCode.NO_DATA, "missing.db doesn't exist"),
        (["--day", "2025-03-14", "--demo"], ExitCode.NO_DATA, "simulated.db doesn't exist"),
    ],
)
def test_each_error_is_one_sentence_and_an_exit_code(
    record: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: ExitCode,
    message: str,
) -> None:
    record()
    assert main(["export", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("word", ["14.3.2025", "2025-13-01", "tomorrow", ""])
def test_a_bad_day_is_answered_with_the_format_of_a_day(capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert main(["export", "--day", word]) == ExitCode.BAD_INPUT
    assert "YYYY-MM-DD" in capsys.readouterr().err


def test_a_user_who_only_ran_the_demo_is_pointed_to_its_days(
    record: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    record(simulated=True)
    assert main(["export"]) == ExitCode.NO_DATA
    assert "add --demo" in capsys.readouterr().err


def test_a_damaged_database_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.db").write_bytes(b"Dear diary, " * 100)
    assert main(["export", "--db", "bad.db"]) == ExitCode.STORE
    assert "bad.db is no database" in capsys.readouterr().err
