"""Spark gives the same rows as one machine, on a cluster of a master and two workers: `make test-spark`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lively_days import lively_days
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.store import Store
from unslouch.study.files import StudyFile, study_files
from unslouch.study.local_engine import local_rows
from unslouch.study.spark_engine import spark_rows

PORT = 17077
START_WITHIN_S = 120


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[StudyFile]:
    from datetime import date

    folder = tmp_path_factory.mktemp("study")
    with Store.open(folder / "days.db", simulated=False) as store:
        store.add_pages(lively_days(date(2025, 3, 3), 4, hours=4).pages())
    words = ["export", "--db", str(folder / "days.db"), "--timezone", "UTC", "--format", "parquet", "--table", "epochs"]
    assert main([*words, "--from", "2025-03-03", "--to", "2025-03-06", "--output", str(folder / "out")]) == ExitCode.OK
    return study_files([folder / "out"])["epochs"]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """A master and two workers on this machine."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
    }
    command = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy"]
    address = f"spark://127.0.0.1:{PORT}"
    starts = [[".master.Master", "--host", "127.0.0.1", "--port", str(PORT), "--webui-port", "0"]]
    starts += [[".worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0", address]] * 2
    running = []
    log = tmp_path / "log"
    try:
        with log.open("w") as output:
            for name, *words in starts:
                running.append(
                    subprocess.Popen(
                        [command[0], command[1] + name, *words], env=environment, stdout=output, stderr=output
                    )
                )
        deadline_s = time.monotonic() + START_WITHIN_S
        while log.read_text().count("Successfully registered with master") < 2:
            assert time.monotonic() < deadline_s, log.read_text()[-3000:]
            time.sleep(0.2)
        yield address
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def test_two_workers_give_the_rows_of_one_machine(files: list[StudyFile], cluster: str) -> None:
    expected = local_rows(files, lambda *_: None)
    found = spark_rows(files, cluster)
    assert len(found) == len(expected) == 4
    for row, same in zip(found, expected, strict=True):
        assert row == {name: float(value) if isinstance(value, int) else value for name, value in same.items()}
