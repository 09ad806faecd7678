"""An exported log comes back as it was: byte for byte, once however often it is imported, and behind the journal."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from baseline.make_baseline import wearer_pages
from golden_logs import coach_answers
from journals import JournalBuilder, working_day
from unslouch.analysis.history import History
from unslouch.cli.main import main
from unslouch.coach.progress import read_progress
from unslouch.errors import BadInput, ExitCode
from unslouch.importing.importer import import_log
from unslouch.store import AlertMark, Answer, Deletion, ExerciseSession, MomentNote, SequenceRange, Store
from unslouch.store.words import WRONG_ALARM
from unslouch_device.contract import records, states

MARCH_14_MS = 1_741_910_400_000
HOUR_MS = 3_600_000
DAY = "2025-03-14"
JOURNAL = 0xA11CE


def exported(database: Path, name: str, day: str = DAY, *, table: str | None = None) -> Path:
    output = database.parent / name
    arguments = ["export", "--db", str(database), "--day", day, "--timezone", "UTC", "--output", str(output)]
    assert main([*arguments, *(["--table", table] if table else [])]) == ExitCode.OK
    return output


def two_days() -> JournalBuilder:
    """Two days of wear in one boot, with a drifting clock, a calibration and nights off the body."""
    builder = JournalBuilder(JOURNAL).start_boot().clock(MARCH_14_MS + 7 * HOUR_MS)
    builder.calibrate(7, records.CALIBRATED_BOW, profile=1).event(records.STANDING_ZERO, 7, -850, 50)
    working_day(builder, hours=2).off_body(20 * HOUR_MS, noticed_after_ms=60_000)
    builder.clock(MARCH_14_MS + 7 * HOUR_MS + builder.uptime_ms + 900)
    working_day(builder, hours=2).event(records.DELAY_ADAPTED, 60, records.ADAPTED_LONGER)
    return builder.epochs(states.UPRIGHT, 40).clock(MARCH_14_MS + 7 * HOUR_MS + builder.uptime_ms + 1900)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    (tmp_path / "original").mkdir()
    path = tmp_path / "original" / "posture.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(two_days().pages())
        alert = History(store).day(date(2025, 3, 14)).alerts[0]
        store.words.mark_alert(AlertMark(alert.journal, alert.sequence, alert.utc_ms, WRONG_ALARM))
        store.words.add_note(alert.utc_ms, 'a "new" chair,\nsaid I')
        store.words.add_session("chin_tuck", alert.utc_ms, alert.utc_ms + 60_000, repetitions=8, is_complete=True)
        store.coach_answers.add_all(coach_answers(alert.utc_ms))
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    path = tmp_path / "empty" / "posture.db"
    Store.open(path, simulated=False).close()
    return path


@pytest.mark.parametrize("name", ["log.csv", "log.json", "log.jsonl", "log.parquet"])
@pytest.mark.parametrize("day", [DAY, "2025-03-15"])
def test_an_imported_day_exports_the_bytes_that_it_came_from(original: Path, empty: Path, name: str, day: str) -> None:
    log = exported(original, name, day)
    assert main(["import", "--db", str(empty), str(log)]) == ExitCode.OK
    assert exported(empty, name, day).read_bytes() == log.read_bytes()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("table", ["events", "alert_marks", "moment_notes", "sessions", "coach"])
def test_a_table_comes_back_beside_the_epochs(original: Path, empty: Path, table: str, suffix: str) -> None:
    tables = ["epochs", "events", table]
    logs = [exported(original, f"{name}.{suffix}", table=name) for name in tables]
    assert main(["import", "--db", str(empty), *map(str, logs)]) == ExitCode.OK
    assert exported(empty, logs[-1].name, table=table).read_bytes() == logs[-1].read_bytes()


def test_a_folder_of_parquet_files_comes_back_as_it_was(original: Path, empty: Path) -> None:
    span = ["--from", DAY, "--to", "2025-03-15", "--timezone", "UTC", "--format", "parquet"]
    first, again = original.parent / "range", empty.parent / "range"
    assert main(["export", "--db", str(original), *span, "--output", str(first)]) == ExitCode.OK
    assert main(["import", "--db", str(empty), str(first)]) == ExitCode.OK
    assert main(["export", "--db", str(empty), *span, "--output", str(again)]) == ExitCode.OK
    files = sorted(file.relative_to(first) for file in first.rglob("*.parquet"))
    assert len(files) == 2
    assert all((first / file).read_bytes() == (again / file).read_bytes() for file in files)


def test_all_days_of_a_range_come_back_from_json_with_their_summaries(original: Path, empty: Path) -> None:
    for day in ("2025-03-15", DAY):
        main(["import", "--db", str(empty), str(exported(original, f"{day}.json", day))])
    with Store.open(original, simulated=False) as before, Store.open(empty, simulated=False) as after:
        span = date(2025, 3, 13), date(2025, 3, 16)
        assert History(after).summaries(*span) == History(before).summaries(*span)
        for kept, come_back in zip(History(before).days(*span), History(after).days(*span), strict=True):
            assert come_back.spans == kept.spans
            assert come_back.episodes == kept.episodes
            assert (come_back.alert_marks, come_back.moment_notes) == (kept.alert_marks, kept.moment_notes)
            assert come_back.sessions == kept.sessions
            assert come_back.coach_answers == kept.coach_answers
        assert len(History(after).epochs(*span)) == len(History(before).epochs(*span)) > 1000
        assert History(after).nearest_days(date(2025, 3, 13)) == [date(2025, 3, 14)]


def test_importing_twice_changes_nothing(original: Path, empty: Path) -> None:
    log = exported(original, "log.json")
    with Store.open(empty, simulated=False) as store:
        first = import_log(store, log)
        assert first.records.added > 1000
        revisions = store.revisions()
        again = import_log(store, log)
        assert again.records.added == 0
        assert again.records.known == first.records.added
        assert store.revisions() == revisions


def test_importing_a_log_of_the_same_database_changes_nothing(original: Path) -> None:
    log = exported(original, "log.json")
    with Store.open(original, simulated=False) as store:
        before = store.revisions()
        assert import_log(store, log).records.added == 0
        assert store.revisions().words == before.words
    assert exported(original, "again.json").read_bytes() == log.read_bytes()


@pytest.mark.parametrize("pages_first", [True, False])
def test_pages_supersede_imported_records_whichever_came_first(original: Path, empty: Path, pages_first: bool) -> None:
    log = exported(original, "log.json")
    pages = two_days().pages()
    half = pages[len(pages) // 8 :]  # from the middle of the first day's wear on
    with Store.open(empty, simulated=False) as store:
        if pages_first:
            store.add_pages(half)
        added = import_log(store, log).records.added
        if not pages_first:
            store.add_pages(half)
        left = len(store.imports.between(0, 1 << 60))
        assert 0 < left < 1500
        assert added == left if pages_first else added > left
        assert store.cursor(JOURNAL) == two_days().sequence
        store.add_pages(pages)
        assert store.imports.between(0, 1 << 60) == []
    assert exported(empty, "again.json").read_bytes() == log.read_bytes()


def test_a_day_that_is_partly_pages_and_partly_imported_is_whole(original: Path, empty: Path) -> None:
    pages = two_days().pages()
    with Store.open(empty, simulated=False) as store, Store.open(original, simulated=False) as whole:
        import_log(store, exported(original, "log.json"))
        store.add_pages(pages[: len(pages) // 8])
        then, now = (History(of).day(date(2025, 3, 14)) for of in (whole, store))
        for name in ("sequence", "uptime_ms", "state", "forward_cdeg", "second_cdeg", "calibration_id"):
            assert getattr(now.epochs, name).tolist() == getattr(then.epochs, name).tolist()
        assert [span.state for span in now.spans] == [span.state for span in then.spans]
        assert len(now.episodes) == len(then.episodes)


def test_words_come_back_from_json_and_keep_what_was_changed_since(original: Path, empty: Path) -> None:
    log = exported(original, "log.json")
    document = json.loads(log.read_bytes())
    at = "2025-03-14T10:00:00.000+01:00"
    document["alert_marks"] = [{"at": at, "mark": WRONG_ALARM, "journal": JOURNAL, "sequence": 12}]
    document["moment_notes"] = [{"at": at, "text": 'a "new" chair,\nsaid I', "note_id": "n1"}]
    session = {"start": at, "end": at, "exercise": "chin_tuck", "repetitions": None, "is_complete": True}
    document["sessions"] = [{**session, "session_id": "s1"}]
    log.write_text("{\n" + json.dumps(document)[1:], encoding="utf-8")
    utc_ms = MARCH_14_MS + 9 * HOUR_MS
    with Store.open(empty, simulated=False) as store:
        assert import_log(store, log, with_changed=True).words == 3 + len(document["coach"])
        assert store.words.alert_marks(utc_ms, utc_ms + 1) == [AlertMark(JOURNAL, 12, utc_ms, WRONG_ALARM)]
        (note,) = store.words.notes(utc_ms, utc_ms + 1)
        assert note == MomentNote("n1", utc_ms, 'a "new" chair,\nsaid I')
        assert store.words.sessions(utc_ms, utc_ms + 1) == [
            ExerciseSession("s1", utc_ms, utc_ms, "chin_tuck", None, True)
        ]
        store.words.change_note(note._replace(text="changed"))
        assert import_log(store, log, with_changed=True).words == 0
        assert store.words.notes(utc_ms, utc_ms + 1)[0].text == "changed"


def test_the_coachs_answers_come_back_so_that_what_hurt_stays_left_out(original: Path, empty: Path) -> None:
    with Store.open(original, simulated=False) as store:
        utc_ms = History(store).day(date(2025, 3, 14)).alerts[0].utc_ms
        store.coach_answers.add(utc_ms, Answer.HURT, "dead-bug")
        kept = store.coach_answers.between(0, 1 << 62)
    log = exported(original, "log.json")
    with Store.open(empty, simulated=False) as store:
        assert import_log(store, log).words == 3 + len(kept)
        assert store.coach_answers.between(0, 1 << 62) == kept
        assert read_progress(store).hurt_utc_ms.keys() == {"dead-bug"}
        assert import_log(store, log).words == 0
        assert store.coach_answers.between(0, 1 << 62) == kept


def test_answers_of_a_day_that_was_deleted_stay_deleted(original: Path) -> None:
    log = exported(original, "log.json")
    with Store.open(original, simulated=False) as store:
        start_ms = MARCH_14_MS - 1
        store.delete(Deletion((SequenceRange(JOURNAL, 0, 1 << 32),), start_ms, start_ms + 86_400_000 + 1, ()))
        before = store.coach_answers.between(0, 1 << 62)
        assert [answer.answer for answer in before] == [Answer.STEP]
        import_log(store, log)
        assert store.coach_answers.between(0, 1 << 62) == before


def test_a_log_of_a_release_before_the_coachs_answers_can_be_imported(original: Path, empty: Path) -> None:
    log = exported(original, "log.json")
    document = json.loads(log.read_bytes())
    del document["coach"]
    log.write_text("{\n" + json.dumps(document)[1:], encoding="utf-8")
    with Store.open(empty, simulated=False) as store:
        assert import_log(store, log, with_changed=True).words == 3
        assert store.coach_answers.between(0, 1 << 62) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"answer": "of a later release"}, ""),
        ({"exercise": None}, "needs an exercise"),
        ({"until": None}, "needs a time at which it ends"),
        ({"answer_id": ""}, "answer_id is missing"),
    ],
)
def test_a_bad_answer_of_the_coach_is_a_sentence_and_a_new_kind_is_left_out(
    original: Path, empty: Path, change: dict[str, object], words: str
) -> None:
    log = exported(original, "log.json")
    document = json.loads(log.read_bytes())
    document["coach"] = [row | change for row in document["coach"] if row["answer"] == "later"]
    log.write_text("{\n" + json.dumps(document)[1:], encoding="utf-8")
    with Store.open(empty, simulated=False) as store:
        if words:
            with pytest.raises(BadInput, match=words):
                import_log(store, log, with_changed=True)
        else:
            import_log(store, log, with_changed=True)
        assert store.coach_answers.between(0, 1 << 62) == []


def test_imported_records_don_t_move_the_cursor(original: Path, empty: Path) -> None:
    with Store.open(empty, simulated=False) as store:
        import_log(store, exported(original, "log.json"))
        assert store.cursor(JOURNAL) == 0


def test_what_was_deleted_is_left_out_unless_it_is_asked_for(original: Path) -> None:
    log = exported(original, "log.json")
    with Store.open(original, simulated=False) as store:
        sequences = SequenceRange(JOURNAL, 0, two_days().sequence)
        store.delete(Deletion([sequences], MARCH_14_MS, MARCH_14_MS + 24 * HOUR_MS))
        left_out = import_log(store, log)
        assert left_out.records.added == 0
        assert left_out.records.deleted > 1000
        assert History(store).day(date(2025, 3, 14)).deleted
        assert import_log(store, log, with_deleted=True).records.added == left_out.records.deleted
        assert not History(store).day(date(2025, 3, 14)).deleted
    assert json.loads(exported(original, "again.json").read_bytes())["episodes"]


def test_every_event_and_state_of_the_baseline_comes_back(tmp_path: Path, empty: Path) -> None:
    source = tmp_path / "baseline.db"
    with Store.open(source, simulated=False) as store:
        store.add_pages(wearer_pages())
    for day in (DAY, "2025-03-30"):
        log = exported(source, f"{day}.json", day)
        main(["import", "--db", str(empty), str(log)])
        then, now = (json.loads(file.read_bytes()) for file in (log, exported(empty, f"again-{day}.json", day)))
        for member in ("epochs", "spans", "episodes", "alerts", "calibrations", "delays", "sensor_moved", "summary"):
            assert now[member] == then[member], member
        assert now["events"] == then["events"]


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda text: text.replace("upright", "upside down", 1), "is damaged at row"),
        (lambda text: text.replace("\n2025", "\n20x5", 1), "is damaged at row 1 "),
        (lambda text: re.sub(",(firm|provisional|uncertain),[0-9]+", r",\1,1e400", text, count=1), "is no number"),
        (lambda text: re.sub(",(firm|provisional|uncertain),[0-9]+", r",\1,1e99", text, count=1), "not a whole number"),
        (lambda text: re.sub("[0-9.]+,(firm|provisional|uncertain)", r"1e99,\1", text, count=1), "bounds no time"),
        (lambda text: text.replace("utc,local", "uct,local", 1), "holds no table"),
        (lambda text: "hello\n", "holds no table"),
        (lambda text: "{}\n", "is no log of unslouch"),
        (lambda text: '{\n"format": "unslouch-day", "epochs": [', "is damaged"),
        (lambda text: "\xff\xfe", "holds no table"),
    ],
)
def test_a_file_that_is_no_log_or_damaged_is_refused_and_nothing_of_it_is_stored(
    original: Path, empty: Path, damage: Callable[[str], str], complaint: str
) -> None:
    log = exported(original, "log.csv")
    log.write_text(damage(log.read_text(encoding="utf-8")), encoding="utf-8")
    with Store.open(empty, simulated=False) as store:
        with pytest.raises(BadInput, match=complaint):
            import_log(store, log, with_changed=True)
        assert store.imports.between(0, 1 << 60) == []


@pytest.mark.parametrize("name", ["log.csv", "log.json", "log.jsonl", "log.parquet"])
def test_a_log_that_was_changed_after_its_export_is_refused_unless_told_otherwise(
    original: Path, empty: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    log = exported(original, name)
    data = log.read_bytes()
    log.write_bytes(data.replace(b"7", b"8", 1))
    words = ["import", "--db", str(empty), str(log)]
    capsys.readouterr()
    assert main(words) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err.count(f"{log} was changed after it was exported") == 1
    with Store.open(empty, simulated=False) as store:
        assert store.imports.between(0, 1 << 60) == []
    log.write_bytes(data)
    assert main(words) == ExitCode.OK


def test_a_changed_log_is_imported_as_it_is_if_told_so(original: Path, empty: Path) -> None:
    log = exported(original, "log.csv")
    log.write_text(log.read_text().replace(",upright,still,", ",reclined,still,", 1), newline="")
    assert main(["import", "--db", str(empty), "--with-changed", str(log)]) == ExitCode.OK
    assert ",reclined,still," in exported(empty, "log.csv").read_text()


def test_a_folder_with_a_missing_file_is_refused_and_the_file_is_named(
    original: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = original.parent / "range"
    span = ["--from", DAY, "--to", "2025-03-15", "--timezone", "UTC", "--format", "parquet"]
    assert main(["export", "--db", str(original), *span, "--output", str(folder)]) == ExitCode.OK
    next(folder.rglob("*.parquet")).unlink()
    assert main(["import", "--db", str(empty), str(folder)]) == ExitCode.BAD_INPUT
    assert "epochs.parquet" in capsys.readouterr().err.splitlines()[-1]


def test_a_table_without_its_manifest_is_imported_and_said_to_be_unchecked(
    original: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = exported(original, "log.csv")
    log.with_name("log.csv.json").unlink()
    assert main(["import", "--db", str(empty), str(log)]) == ExitCode.OK
    assert "whether it was changed is unknown" in capsys.readouterr().err


def test_lines_that_were_cut_off_are_refused(original: Path, empty: Path) -> None:
    log = exported(original, "log.jsonl")
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]))
    with Store.open(empty, simulated=False) as store, pytest.raises(BadInput, match="was changed"):
        import_log(store, log)


def test_a_simulated_log_does_not_enter_a_wearer_s_database(tmp_path: Path, empty: Path) -> None:
    source = tmp_path / "simulated.db"
    with Store.open(source, simulated=True) as store:
        store.add_pages(two_days().pages())
    log = exported(source, "log.json")
    with Store.open(empty, simulated=False) as store, pytest.raises(BadInput, match="simulated wearer"):
        import_log(store, log)
