"""Runs a benchmark script as a process, and reads the report that it prints."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from unslouch.errors import ExitCode

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
TIMEOUT_S = 800
"""Only ends a script that hangs; on an idle machine the longest takes half a minute."""


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script of tests/benchmarks and return its exit code and output."""
    return run_python(BENCHMARKS / script, *arguments)


def run_python(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run this Python with arguments."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


@cache
def report_of(script: str, *arguments: object) -> dict[str, Any]:
    """Return the JSON report of a script; the same arguments are run once."""
    done = run(script, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_refused(done: subprocess.CompletedProcess[str], part: str) -> None:
    """Check that a script ended with one sentence that names its bad input, and printed nothing else."""
    assert done.returncode == ExitCode.BAD_INPUT, done.stderr
    assert part in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
