"""The soak in small: some simulated hours pass, and it fails where the firmware leaks or its records don't arrive."""

import subprocess
import sys
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386
from requirement import require

SCRIPT = Path(__file__).with_name("run.py")


def soak(*options: str) -> subprocess.CompletedProcess[str]:
    require(MICROPYTHON_I386.missing())
    command = [sys.executable, str(SCRIPT), "--seed", "3", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)


@pytest.mark.soak
def test_rough_and_steady_hours_pass() -> None:
    done = soak("--periods", "4", "--period-hours", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rough: passed" in done.stdout
    assert "steady: passed" in done.stdout


def test_a_leak_is_found() -> None:
    done = soak("--kind", "steady", "--periods", "3", "--period-hours", "1", "--fault", "leak")
    assert done.returncode == 1
    assert "steady: FAILED: heap" in done.stdout


def test_a_record_that_is_not_stored_as_it_was_made_is_found() -> None:
    done = soak("--kind", "steady", "--periods", "2", "--period-hours", "1", "--fault", "record")
    assert done.returncode == 1
    assert "steady: FAILED: journal" in done.stdout
    assert "not stored as it was made" in done.stdout
