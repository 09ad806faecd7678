"""The journal wears its flash little, fills it well, and never keeps the sampler waiting."""

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386
from requirement import require

SCRIPT = Path(__file__).with_name("flash_wear.py")
FIFO_MS = 4_900  # that the LSM6DSOX holds at the sampler's rate
OURS = ("unwatched", "watched", "greeted")


@functools.cache
def report() -> dict:
    require(MICROPYTHON_I386.missing())
    command = [sys.executable, str(SCRIPT), "--json", "--days", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["unwatched", "watched"])
def test_a_fortnight_of_12_hours_fits_beside_the_firmware(kind: str) -> None:
    assert report()[kind]["days_held"] >= 14


def test_hosts_that_greet_all_day_cost_a_day_of_the_fortnight_at_most() -> None:
    assert report()["greeted"]["days_held"] >= 13


@pytest.mark.parametrize("kind", OURS)
def test_a_flush_takes_few_operations(kind: str) -> None:
    counts = report()[kind]
    assert counts["mean"]["erases"] <= 1.3
    assert counts["mean"]["reads"] <= 100
    assert counts["worst"]["erases"] <= 4
    assert counts["worst"]["reads"] <= 6_000


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("what", ["worst", "boot", "wipe"])
def test_nothing_blocks_for_as_long_as_the_fifo_lasts_even_on_slow_flash(kind: str, what: str) -> None:
    assert report()[kind][what]["worst_ms"] < FIFO_MS / 2


@pytest.mark.parametrize("kind", OURS)
def test_the_flash_outlives_the_battery(kind: str) -> None:
    counts = report()[kind]
    assert counts["erases_per_day"] <= 1_000
    assert counts["lifetime_years"] >= 10
