"""Spark gives the same rows as one machine, on a cluster of a master and two workers: `make test-spark`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lively_days import lively_days
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.store import Store

PORT = 17077
START_WITHIN_S = 120


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("study")
    with Store.open(folder / "days.db", simulated=False) as store:
        store.add_pages(lively_days(date(2025, 3, 3), 4, hours=4).pages())
    words = ["export", "--db", str(folder / "days.db"), "--timezone", "UTC", "--format", "parquet", "--table", "epochs"]
    assert main([*words, "--from", "2025-03-03", "--to", "2025-03-06", "--output", str(folder / "out")]) == ExitCode.OK
    return folder / "out"


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


def test_two_workers_give_the_files_of_one_machine(exported: Path, cluster: str, tmp_path: Path) -> None:
    """Each in a process of its own, since pyspark leaves a Java process behind that waits for the end."""
    for name, engine in (("local", "duckdb"), ("spark", cluster)):
        words = ["--table", "epochs", "--engine", engine, "--output", f"{name}.csv", "--group", f"{name}-group.csv"]
        command = [sys.executable, "-c", "from unslouch.cli.main import entry; entry()", "study", str(exported), *words]
        environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=400)
    assert (tmp_path / "spark.csv").read_bytes() == (tmp_path / "local.csv").read_bytes()
    assert (tmp_path / "spark-group.csv").read_bytes() == (tmp_path / "local-group.csv").read_bytes()
