"""`unslouch backup`, `restore`, `delete`, `prune` and `import`: what they do, ask and say."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from journals import JournalBuilder
from unslouch.analysis.history import History
from unslouch.cli import deleting
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.store import Store, default_path
from unslouch_device.contract import states

DAY_MS = 86_400_000
JOURNAL = 0xA11CE


def utc_ms(day: int, hour: int = 0) -> int:
    return int(datetime(2025, 3, day, hour, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def recorded(*, simulated: bool = False) -> Path:
    """Three days from March 14 on, the first of which ends with the sensor off the body until the next morning."""
    path = default_path(simulated)
    builder = JournalBuilder(JOURNAL).start_boot().clock(utc_ms(14, 20))
    for _ in range(3):
        # From 20:00 to midnight and 10 minutes.
        builder.epochs(states.UPRIGHT, 4 * 720 + 120).off_body(11 * 3_600_000).epochs(states.UPRIGHT, 12)
        builder.wait(DAY_MS - builder.uptime_ms % DAY_MS)
    with Store.open(path, simulated=simulated) as store:
        store.add_pages(builder.pages())
        store.words.add_note(utc_ms(15, 21), "a secret of mine")
    return path


@pytest.mark.parametrize("command", ["export", "report", "backup"])
def test_without_days_a_command_names_what_records_those_that_it_reads(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command]) == ExitCode.NO_DATA
    assert "run `unslouch record` first" in capsys.readouterr().err
    assert main([command, "--demo"]) == ExitCode.NO_DATA
    assert "run `unslouch --demo` first" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["tomorrow", "2025-02-30", "14.3.2025", ""])
@pytest.mark.parametrize(
    "line",
    [
        "export --day",
        "export --from",
        "report --day",
        "report --week",
        "delete --day",
        "prune --before",
        "tune --day",
    ],
)
def test_every_command_refuses_a_word_that_is_no_day_alike_and_before_it_reads_anything(
    line: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*line.split(), word]) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err == f"unslouch: {word!r} is no day: write today, yesterday or YYYY-MM-DD.\n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("tune --threshold 20:8", "--threshold can't be '20:8': write FIRST:LAST:STEP"),
        ("tune --threshold 20:8:2", "it begins above where it ends"),
        ("tune --threshold a", "--threshold can't be 'a'"),
        ("tune --delay 0", "--delay can't be '0': values are from"),
        ("tune --delay a", "like 10:60:10 or 30."),
        ("tune --mode budget --delay 30", "leave out --delay"),
        ("tune --apply 12:a", "'12:a' is no threshold and delay"),
        ("export --from 2025-03-05 --to 2025-03-01", "swap --from and --to"),
        ("export --from today --to yesterday", "--to yesterday is earlier than --from today"),
        ("export --format parquet --from 2025-03-05 --output -", "can't go to stdout"),
        ("delete --from 2025-03-05 --to 2025-03-01", "swap --from and --to"),
        ("delete --day today --timezone Mars", "'Mars' is no time zone"),
        ("prune --keep 3 --timezone Mars", "'Mars' is no time zone"),
        ("backup .", ". exists already"),
        ("backup missing/copy.db", "because its folder doesn't exist"),
        ("study here --output a.csv --group ./a.csv", "name two files"),
        ("coach --db missing.db --place moon", "There is no place 'moon'"),
        ("coach --db missing.db --at noon", "'noon' is no time"),
        ("programme --db missing.db --needs rocket", "There is no equipment 'rocket'"),
    ],
)
def test_an_option_that_can_not_be_is_named_before_it_is_said_that_nothing_is_recorded(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == ExitCode.BAD_INPUT
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("line", ["export", "report", "study here"])
def test_a_place_that_takes_no_file_is_named_before_it_is_said_that_nothing_is_recorded(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*line.split(), "--output", "missing/file"]) == ExitCode.OUTPUT
    assert "missing/file can't be written (there is no such folder)" in capsys.readouterr().err


def test_a_report_of_a_day_without_a_day_is_that_of_today(capsys: pytest.CaptureFixture[str]) -> None:
    recorded()
    main(["report"])
    by_default = capsys.readouterr().err
    main(["report", "--day"])
    assert capsys.readouterr().err == by_default
    assert "Nothing is recorded for" in by_default


def test_the_nearest_days_with_records_are_named_in_the_number_that_they_have(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded()
    assert main(["export", "--day", "2025-03-20", "--timezone", "UTC"]) == ExitCode.NO_DATA
    assert "The nearest day with records is 2025-03-17; choose it with --day." in capsys.readouterr().err


def answer(monkeypatch: pytest.MonkeyPatch, reply: str) -> list[str]:
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return reply

    monkeypatch.setattr("unslouch.cli.console.can_ask", lambda: True)
    monkeypatch.setattr("unslouch.cli.console.ask", ask)
    return questions


def epochs_by_day(path: Path) -> list[int]:
    with Store.open(path, simulated=None, readonly=True) as store:
        return [len(day.epochs) for day in History(store, UTC).days(date(2025, 3, 14), date(2025, 3, 17))]


def delete(*arguments: str) -> int:
    return main(["delete", "--timezone", "UTC", *arguments])


def test_a_deleted_day_is_gone_from_the_file_and_its_neighbours_are_as_they_were(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = recorded()
    with Store.open(path, simulated=False) as store:
        before = [History(store, UTC).day(date(2025, 3, day)) for day in (14, 16)]
    assert epochs_by_day(path) == [2880, 3012, 3012, 132]
    assert delete("--day", "2025-03-15", "--yes") == ExitCode.OK
    assert "Deleted 3,0" in capsys.readouterr().err
    assert epochs_by_day(path) == [2880, 0, 3012, 132]
    with Store.open(path, simulated=False) as store:
        history = History(store, UTC)
        after = [history.day(date(2025, 3, day)) for day in (14, 16)]
        deleted = history.day(date(2025, 3, 15))
    for then, now in zip(before, after, strict=True):
        assert (now.spans, now.summary, now.episodes, now.alerts) == (
            then.spans,
            then.summary,
            then.episodes,
            then.alerts,
        )
        assert now.epochs.utc_ms.tolist() == then.epochs.utc_ms.tolist()
    assert [span.state for span in deleted.spans] == [states.UNKNOWN]
    assert "The wearer deleted the records from 00:00 to 24:00." in deleted.caveats
    assert deleted.moment_notes == []
    assert not any(b"a secret of mine" in file.read_bytes() for file in path.parent.iterdir())


def test_kept_summaries_of_a_deleted_day_are_computed_anew() -> None:
    path = recorded()
    span = date(2025, 3, 14), date(2025, 3, 17)
    with Store.open(path, simulated=False) as store:
        History(store, UTC).summaries(*span)
    delete("--day", "2025-03-15", "--yes")
    with Store.open(path, simulated=False) as store:
        history = History(store, UTC)
        fresh = {day.day: day.summary for day in history.days(*span)}
        assert history.summaries(*span) == fresh
        assert History(store, UTC).summaries(*span) == fresh


def test_a_history_that_is_open_sees_the_deletion() -> None:
    path = recorded()
    with Store.open(path, simulated=False, readonly=True) as store:
        history = History(store, UTC)
        assert len(history.day(date(2025, 3, 15)).epochs) == 3012
        delete("--all", "--yes")
        assert len(history.day(date(2025, 3, 15)).epochs) == 0
        assert history.day(date(2025, 3, 15)).deleted


def test_a_range_of_days_is_deleted() -> None:
    path = recorded()
    assert delete("--from", "2025-03-14", "--to", "2025-03-15", "--yes") == ExitCode.OK
    assert epochs_by_day(path) == [0, 0, 3012, 132]


def test_everything_is_deleted_and_the_sensor_brings_none_of_it_back() -> None:
    path = recorded()
    with Store.open(path, simulated=False) as store:
        pages, cursor = store.pages(), store.cursor(JOURNAL)
    assert delete("--all", "--yes") == ExitCode.OK
    with Store.open(path, simulated=False) as store:
        assert store.cursor(JOURNAL) == cursor
        assert store.add_pages(pages) == 0
    assert epochs_by_day(path) == [0, 0, 0, 0]


@pytest.mark.parametrize(("reply", "left"), [("y", 0), ("n", 3012), ("", 3012)])
def test_deletion_asks_at_a_terminal(monkeypatch: pytest.MonkeyPatch, reply: str, left: int) -> None:
    path = recorded()
    questions = answer(monkeypatch, reply)
    assert delete("--day", "2025-03-15") == ExitCode.OK
    assert "3,0" in questions[0]
    assert "2025-03-15" in questions[0]
    assert epochs_by_day(path)[1] == left


def test_deletion_without_a_terminal_needs_yes(capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded()
    assert delete("--day", "2025-03-15") == ExitCode.BAD_INPUT
    assert "--yes" in capsys.readouterr().err
    assert epochs_by_day(path)[1] == 3012


def test_a_day_without_records_and_one_that_was_deleted_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    recorded()
    assert delete("--day", "2025-02-01", "--yes") == ExitCode.NO_DATA
    assert "Nothing is recorded for 2025-02-01 in" in capsys.readouterr().err
    delete("--day", "2025-03-15", "--yes")
    assert delete("--day", "2025-03-15", "--yes") == ExitCode.NO_DATA
    assert "The records of 2025-03-15 were deleted from" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--day", "2025-03-15", "--all"],
        ["--from", "2025-03-15"],
        ["--day", "someday"],
        ["--from", "2025-03-15", "--to", "2025-03-14"],
    ],
)
def test_it_must_be_clear_what_to_delete(arguments: list[str]) -> None:
    path = recorded()
    assert delete("--yes", *arguments) == ExitCode.BAD_INPUT
    assert epochs_by_day(path)[1] == 3012


def test_deletion_names_the_backups_and_removes_the_copy_from_before_a_migration(
    in_a_folder_of_its_own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded()
    copy = path.with_name("posture.schema-2.db")
    copy.write_bytes(path.read_bytes())
    assert main(["backup", "mine.db"]) == ExitCode.OK
    delete("--day", "2025-03-15", "--yes")
    said = capsys.readouterr().err
    assert str(in_a_folder_of_its_own / "mine.db") in said
    assert not copy.exists()
    assert deleting.SENSOR_HINT in said


def test_prune_deletes_what_is_older(monkeypatch: pytest.MonkeyPatch) -> None:
    path = recorded()
    assert main(["prune", "--before", "2025-03-16", "--timezone", "UTC", "--yes"]) == ExitCode.OK
    assert epochs_by_day(path) == [0, 0, 3012, 132]
    assert main(["prune", "--before", "2025-03-16", "--timezone", "UTC", "--yes"]) == ExitCode.NO_DATA
    assert main(["prune", "--keep", "1", "--timezone", "UTC", "--yes"]) == ExitCode.OK
    assert epochs_by_day(path) == [0, 0, 0, 0]


def test_a_backup_comes_back_without_what_was_deleted_since(capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded()
    assert main(["backup", "mine.db"]) == ExitCode.OK
    assert main(["backup", "mine.db"]) == ExitCode.BAD_INPUT
    delete("--day", "2025-03-15", "--yes")
    delete("--day", "2025-03-14", "--yes")
    assert main(["restore", "mine.db"]) == ExitCode.BAD_INPUT  # nobody can be asked
    assert main(["restore", "mine.db", "--yes"]) == ExitCode.OK
    assert "left out, because you have deleted" in capsys.readouterr().err
    assert epochs_by_day(path) == [0, 0, 3012, 132]
    assert main(["restore", "mine.db", "--yes", "--with-deleted"]) == ExitCode.OK
    assert epochs_by_day(path) == [2880, 3012, 3012, 132]


@pytest.mark.parametrize("yes", [[], ["--yes"]])
@pytest.mark.parametrize(
    ("name", "what", "code"),
    [
        ("missing.db", "doesn't exist", ExitCode.NO_DATA),
        ("empty.db", "is empty", ExitCode.NO_DATA),
        ("junk.csv", "is no database of unslouch, or is damaged", ExitCode.STORE),
        ("folder", "is a folder", ExitCode.STORE),
    ],
)
def test_what_is_no_backup_is_refused_before_anything_is_asked(
    yes: list[str], name: str, what: str, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded()
    Path("empty.db").touch()
    Path("junk.csv").write_text("a,b\n1,2\n" * 100)
    Path("folder").mkdir()
    assert main(["restore", name, *yes]) == code
    assert capsys.readouterr().err == f"unslouch: {name} {what}: name a file that `unslouch backup` has written.\n"


def test_a_backup_of_the_other_kind_of_wearer_is_refused_with_the_option_that_takes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded()
    recorded(simulated=True)
    assert main(["backup", "mine.db"]) == ExitCode.OK
    assert main(["backup", "demo.db", "--demo"]) == ExitCode.OK
    capsys.readouterr()
    assert main(["restore", "demo.db"]) == ExitCode.STORE
    assert "demo.db is a backup of a simulated wearer's days: add --demo to restore them." in capsys.readouterr().err
    assert main(["restore", "mine.db", "--demo"]) == ExitCode.STORE
    assert "mine.db is a backup of a real wearer's days: leave --demo out to restore" in capsys.readouterr().err


def test_a_damaged_backup_is_named_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    recorded()
    assert main(["backup", "mine.db"]) == ExitCode.OK
    whole = Path("mine.db").read_bytes()
    Path("mine.db").write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    capsys.readouterr()
    assert main(["restore", "mine.db", "--yes"]) == ExitCode.STORE
    assert "mine.db is damaged, and nothing was changed: restore another backup." in capsys.readouterr().err


def test_a_default_backup_is_named_after_the_moment(in_a_folder_of_its_own: Path) -> None:
    recorded()
    recorded(simulated=True)
    assert main(["backup"]) == ExitCode.OK
    assert main(["backup", "--demo"]) == ExitCode.OK
    names = sorted(file.name for file in in_a_folder_of_its_own.iterdir())
    assert [re.sub("[0-9]", "0", name) for name in names] == [
        "unslouch-backup-0000-00-00T000000.db",
        "unslouch-demo-backup-0000-00-00T000000.db",
    ]


def test_a_deleted_day_can_be_imported_only_when_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded()
    main(["export", "--day", "2025-03-15", "--timezone", "UTC", "--output", "day.json"])
    delete("--day", "2025-03-15", "--yes")
    capsys.readouterr()
    assert main(["import", "day.json"]) == ExitCode.OK
    assert "--with-deleted" in capsys.readouterr().err
    assert epochs_by_day(path)[1] == 0
    assert main(["import", "day.json", "--with-deleted"]) == ExitCode.OK
    assert epochs_by_day(path)[1] == 3012


def test_imported_records_are_counted_and_stay_deleted_as_fetched_ones_do(capsys: pytest.CaptureFixture[str]) -> None:
    recorded()
    assert main(["export", "--day", "2025-03-15", "--timezone", "UTC", "--output", "day.json"]) == ExitCode.OK
    other = ["--db", "other.db"]
    assert main(["import", "day.json", *other]) == ExitCode.OK
    imported = re.findall(r"([\d,]+) new records", capsys.readouterr().err)[-1]
    assert main(["backup", "copy.db", *other]) == ExitCode.OK
    assert f"Wrote {imported} records to copy.db" in capsys.readouterr().err
    assert main(["delete", "--all", "--yes", "--timezone", "UTC", *other]) == ExitCode.OK
    assert main(["import", "day.json", *other]) == ExitCode.OK
    said = capsys.readouterr().err
    assert "0 new records" in said
    assert f"{imported} of its records were left out, because you have deleted them" in said
    assert main(["restore", "copy.db", "--yes", *other]) == ExitCode.OK
    assert "other.db holds 0 records now" in capsys.readouterr().err
    assert main(["import", "day.json", "--with-deleted", *other]) == ExitCode.OK
    assert f"{imported} new records" in capsys.readouterr().err


def test_each_restore_keeps_the_database_that_was_there() -> None:
    path = recorded()
    assert main(["backup", "mine.db"]) == ExitCode.OK
    for _ in range(3):  # within a second
        assert main(["restore", "mine.db", "--yes"]) == ExitCode.OK
    assert len(list(path.parent.glob("*.before-restore-*.db"))) == 3


@pytest.mark.parametrize("name", ["missing.json", "junk.txt"])
def test_what_is_no_log_makes_no_database(name: str) -> None:
    Path("junk.txt").write_text("no log")
    assert main(["import", name, "--db", "new.db"]) == ExitCode.BAD_INPUT
    assert not Path("new.db").exists()


def test_an_export_of_a_deleted_day_says_that_it_was_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    recorded()
    delete("--day", "2025-03-15", "--yes")
    capsys.readouterr()
    assert main(["export", "--day", "2025-03-15", "--timezone", "UTC"]) == ExitCode.NO_DATA
    assert "The records of 2025-03-15 were deleted" in capsys.readouterr().err
