"""An export is its data: losing stderr changes nothing, and where the data can't go, the earlier file stays."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from unslouch.errors import ExitCode

resource = pytest.importorskip("resource", reason="limits of POSIX")

BASELINE = Path(__file__).parents[1] / "baseline/schema_1"
EXPECTED = (BASELINE / "wearer-2025-03-14.csv").read_bytes().replace(b"\n", b"\r\n")
SMALL_BYTES = 16_384  # less than the file, and enough for nothing else

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(BASELINE / "wearer.db", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(
    output: str, *, stdout: IO[bytes] | int = subprocess.PIPE, stderr: IO[bytes] | int = subprocess.PIPE, limit: int = 0
) -> "subprocess.CompletedProcess[bytes]":
    def set_limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "unslouch", "export", "--db", "wearer.db", "--day", "2025-03-14"]
    return subprocess.run(
        [*command, "--timezone", "Europe/Berlin", "--output", output],
        stdout=stdout,
        stderr=stderr,
        preexec_fn=set_limit if limit else None,
        timeout=60,
    )


@needs_full
@pytest.mark.parametrize("output", ["-", "log.csv"])
def test_a_full_stderr_loses_sentences_only(output: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = export(output, stderr=full)
    assert done.returncode == ExitCode.OK
    assert (done.stdout if output == "-" else Path(output).read_bytes()) == EXPECTED


@needs_full
def test_a_full_stdout_is_an_output_error() -> None:
    with Path("/dev/full").open("wb") as full:
        done = export("-", stdout=full)
    assert done.returncode == ExitCode.OUTPUT
    assert b"No space left on device" in done.stderr.splitlines()[-1]


def test_a_file_that_finds_no_room_leaves_the_earlier_one_and_nothing_beside_it(folder: Path) -> None:
    (folder / "log.csv").write_bytes(b"earlier")
    before = {file.name for file in folder.iterdir()}
    done = export("log.csv", limit=SMALL_BYTES)
    assert done.returncode == ExitCode.OUTPUT
    assert b"log.csv can't be written (file too large)" in done.stderr
    assert (folder / "log.csv").read_bytes() == b"earlier"
    assert {file.name for file in folder.iterdir() if not file.name.startswith("wearer.db-")} == before


def test_the_reader_of_a_pipe_may_leave_early() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = export("-", stdout=pipe)
    assert done.returncode == ExitCode.OK
    assert b"Traceback" not in done.stderr
