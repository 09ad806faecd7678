"""A study has one row for each wearer and day, its files read alike in three libraries, and each wearer counts once."""

import csv
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean, stdev

import duckdb
import numpy as np
import pytest
from pyarrow import dataset

from lively_days import lively_days
from unslouch.analysis.history import History
from unslouch.analysis.metrics.minutes import COVERAGE
from unslouch.analysis.metrics.of_epochs import METRICS_OF_EPOCHS
from unslouch.analysis.zones import zone
from unslouch.cli.main import main
from unslouch.errors import BadInput, ExitCode
from unslouch.store import Store
from unslouch.study.day_metrics import day_values
from unslouch.study.epoch_file import read_day
from unslouch.study.files import study_files

FIRST = date(2025, 3, 6)
DAYS = 4
OFF_BY_A_RECORD = 0.01
"""A state of the log ends where the next begins; of epochs where the last of them does."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two wearers of four days from Thursday to Sunday; the second wore the sensor for two hours a day."""
    folder: Path = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        for name, hours in (("anna", 6.0), ("ben", 2.0)):
            patch.setattr("platformdirs.user_data_dir", lambda *_, name=name, **__: str(folder / f"data-{name}"))
            (folder / name).mkdir()
            with Store.open(folder / f"{name}.db", simulated=False) as store:
                store.add_pages(lively_days(FIRST, DAYS, hours=hours, seed=len(name)).pages())
            for table in ("epochs", "summary"):
                words = ["export", "--db", str(folder / f"{name}.db"), "--timezone", "UTC", "--format", "parquet"]
                span = ["--from", str(FIRST), "--to", str(FIRST + timedelta(days=DAYS - 1))]
                more = ["--table", table, "--pseudonym", "backs", "--output", str(folder / name / table)]
                assert main([*words, *span, *more]) == ExitCode.OK
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def study(folder: Path, tmp_path: Path, *words: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    days, group = tmp_path / "days.csv", tmp_path / "group.csv"
    names = [str(folder / "anna"), str(folder / "ben")]
    assert main(["study", *names, *words, "--output", str(days), "--group", str(group)]) == ExitCode.OK
    return rows_of(days), rows_of(group)


def test_there_is_a_row_for_each_wearer_and_day_and_nobody_is_named(folder: Path, tmp_path: Path) -> None:
    days, _ = study(folder, tmp_path)
    assert len(days) == 2 * DAYS
    wearers = {row["wearer"] for row in days}
    assert len(wearers) == 2
    assert all(len(wearer) == 16 for wearer in wearers)
    assert [row["date"] for row in days[:DAYS]] == [str(FIRST + timedelta(days=after)) for after in range(DAYS)]


def test_in_the_group_each_wearer_counts_once_and_weekends_are_apart(folder: Path, tmp_path: Path) -> None:
    days, group = study(folder, tmp_path, "--valid-hours", "1")
    found = {(row["metric"], row["days_of"]): row for row in group}
    means = [
        fmean(float(row["slouching_min"]) for row in days if row["wearer"] == wearer)
        for wearer in sorted({row["wearer"] for row in days})
    ]
    row = found["slouching_min", "all"]
    assert (row["wearers"], row["days"]) == ("2", "8")
    assert float(row["mean_of_wearers"]) == pytest.approx(fmean(means))
    assert float(row["sd_of_wearers"]) == pytest.approx(stdev(means))
    assert (found["slouching_min", "weekend"]["days"], found["slouching_min", "weekday"]["days"]) == ("4", "4")


def test_days_that_are_not_valid_are_left_out_of_the_group(folder: Path, tmp_path: Path) -> None:
    _, group = study(folder, tmp_path)
    assert {row["wearers"] for row in group if row["metric"] == "slouching_min"} == {"1"}


def test_metrics_of_epochs_equal_those_of_a_log_with_a_standing_zero(folder: Path, tmp_path: Path) -> None:
    exported, _ = study(folder, tmp_path, "--table", "summary")
    computed, _ = study(folder, tmp_path, "--table", "epochs")
    assert len(computed) == len(exported)
    for row, expected in zip(computed, exported, strict=True):
        assert expected["standing_zero"] == "by hand"
        for metric in set(METRICS_OF_EPOCHS) - {COVERAGE}:  # epochs don't tell time off the body from lost time
            found, logged = row[metric.column], expected[metric.column]
            if metric.is_text or not logged:
                assert found == logged, (row["date"], metric.column)
            else:
                assert float(found) == pytest.approx(float(logged), abs=OFF_BY_A_RECORD), (row["date"], metric.column)


def test_the_epochs_of_a_file_are_those_of_the_day(folder: Path) -> None:
    with Store.open(folder / "anna.db", simulated=False, readonly=True) as store:
        expected = History(store, zone("UTC")).day(FIRST).epochs
    file = study_files([folder / "anna"])["epochs"][0]
    found, _ = read_day(file.path)
    needed = ("utc_ms", "state", "forward_cdeg", "lateral_cdeg", "second_cdeg", "speed_cdeg_s", "boot", "uptime_ms")
    for name in (*needed, "calibration_id"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    assert len(set(found.journal.tolist())) == 1  # which has a pseudonym


def test_workers_of_other_processes_give_the_same_rows_in_the_same_order(folder: Path) -> None:
    """In a process of its own, since multiprocessing leaves one behind that waits for the end."""
    files = study_files([folder / "anna", folder / "ben"])["epochs"]
    script = (
        "import json, sys; from pathlib import Path; from unslouch.study import files, local_engine\n"
        "if __name__ == '__main__':\n"
        "    found = files.study_files(map(Path, sys.argv[1:]))['epochs']; done = []\n"
        "    rows = local_engine.local_rows(found, lambda count, total: done.append(count), few=0)\n"
        "    print(json.dumps([rows, done]))\n"
    )
    command = [sys.executable, "-c", script, str(folder / "anna"), str(folder / "ben")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    rows, done = json.loads(run.stdout)
    assert done == list(range(1, len(files) + 1))
    assert rows == [{"wearer": file.wearer, "date": str(file.date), **day_values(file.path)} for file in files]


def test_duckdb_polars_and_pyarrow_read_the_same_table(folder: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars isn't installed: pip install polars")
    epochs = folder / "anna" / "epochs"
    files = f"read_parquet('{epochs}/**/*.parquet', hive_partitioning = true)"
    query = f"SELECT count(*), sum(forward_deg), min(date)::VARCHAR FROM {files}"
    count, total, first = duckdb.connect().execute(query).fetchone()
    arrow = dataset.dataset(epochs, partitioning="hive").to_table()
    frame = polars.read_parquet(f"{epochs}/**/*.parquet", hive_partitioning=True)
    assert count == len(arrow) == len(frame) > 10_000
    assert total == pytest.approx(frame["forward_deg"].sum())
    assert total == pytest.approx(np.nansum(arrow["forward_deg"].to_numpy()))
    assert first == str(frame["date"].min()) == min(map(str, arrow["date"].to_pylist())) == str(FIRST)


def test_a_folder_without_days_or_with_the_same_twice_gets_one_sentence(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no exported days"):
        study_files([tmp_path])
    with pytest.raises(BadInput, match="is there twice"):
        study_files([folder / "anna", folder / "anna"])


@pytest.mark.parametrize("table", ["epochs", "summary"])
def test_a_file_that_is_no_table_of_its_name_gets_one_sentence(
    table: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "wearer=x" / "date=2025-03-14" / f"{table}.parquet"
    broken.parent.mkdir(parents=True)
    other = next(folder.rglob("summary.parquet" if table == "epochs" else "epochs.parquet"))
    for data in (b"PAR1 cut short", other.read_bytes()):
        broken.write_bytes(data)
        assert main(["study", str(tmp_path), "--output", str(tmp_path / "days.csv")]) == ExitCode.BAD_INPUT
        assert f"{broken} is no table of {'epochs' if table == 'epochs' else 'summaries'} (" in capsys.readouterr().err


def test_folders_without_a_table_that_a_study_takes_or_a_real_date_get_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day, name, sentence in (
        ("2025-03-14", "alerts", "neither summaries nor epochs, but alerts"),
        ("2025-13-14", "epochs", "has no exported days"),
    ):
        place = tmp_path / name / "wearer=x" / f"date={day}"
        place.mkdir(parents=True)
        (place / f"{name}.parquet").write_bytes(next(folder.rglob("*.parquet")).read_bytes())
        assert main(["study", str(tmp_path / name)]) == ExitCode.BAD_INPUT
        assert sentence in capsys.readouterr().err


def test_scores_of_a_day_that_is_too_short_have_no_value(tmp_path: Path) -> None:
    with Store.open(tmp_path / "short.db", simulated=False) as store:
        store.add_pages(lively_days(FIRST, 1, hours=0.5).pages())
    words = [
        "export",
        "--db",
        str(tmp_path / "short.db"),
        "--timezone",
        "UTC",
        "--format",
        "parquet",
        "--table",
        "epochs",
    ]
    assert main([*words, "--from", str(FIRST), "--to", str(FIRST), "--output", str(tmp_path / "out")]) == ExitCode.OK
    values = day_values(study_files([tmp_path / "out"])["epochs"][0].path)
    assert values["data"] == "too short"
    assert all(values[metric.column] is None for metric in METRICS_OF_EPOCHS if metric.is_score)


def test_files_have_whole_paths_since_workers_may_stand_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert all(Path(file.path).is_absolute() for file in study_files([Path("anna")])["epochs"])
