"""The journal and the small files on LittleFS 2, whose power is cut at every erase and program of a day's log."""

import json
import subprocess
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386, ROOT
from requirement import require

HERE = Path(__file__).resolve().parent
PARTS = 4  # that all operations are cut in, to be bearable


def run(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    require(MICROPYTHON_I386.missing())
    return MICROPYTHON_I386.run(HERE / script, *args, path=(ROOT / "firmware", HERE), heap_kib=24 * 1024)


def cuts(*args: str) -> dict[str, int]:
    done = run("cut_everywhere.py", *args)
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, int] = json.loads(done.stdout)
    return report


@pytest.mark.slow
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.soak) for part in range(1, PARTS))])
def test_a_power_cut_at_any_operation_loses_nothing_acknowledged_and_the_board_starts(part: int) -> None:
    report = cuts("short", str(PARTS), str(part))
    assert report["cuts"] == 5 * len(range(part, report["operations"], PARTS)) >= 450
    assert report["free_blocks"] <= report["blocks"] // 10
    assert report["dropped_records"] > 0


@pytest.mark.soak
def test_the_same_holds_for_a_day_in_a_nearly_full_filesystem_of_2_mib() -> None:
    report = cuts("long", "90")  # whole_day.py cuts at each
    assert report["operations"] >= 800
    assert report["cuts"] >= 40
    assert report["free_blocks"] <= report["blocks"] // 10
    assert report["dropped_records"] > 0


def test_a_file_that_is_written_in_place_would_be_noticed() -> None:
    done = run("cut_everywhere.py", "short", "3", "0", "careless")
    assert done.returncode != 0
    assert "AssertionError: a damaged file" in done.stderr + done.stdout


def test_what_is_written_with_other_sizes_of_reads_and_programs_is_read_alike() -> None:
    done = run("other_sizes.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "the same\n"


def test_a_board_mounts_its_own_filesystem_anew_in_sizes_that_suit_it() -> None:
    done = run("mounted_anew.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "mounted anew\n"


def test_a_power_cut_at_any_operation_of_an_update_over_a_link_leaves_a_whole_pack_active() -> None:
    done = run("cut_update.py", "13000")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["cuts"] == 4 * report["operations"] >= 100
    assert report["old"] > report["new"] > 0
    assert report["step"]["erases"] <= 3
