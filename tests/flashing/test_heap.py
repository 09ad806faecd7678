"""The firmware needs no more memory than it is allowed."""

from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch.flashing.memory import LEAST_HEAP_KIB

from .heap import Bench, Life

MINUTES = 3


@pytest.mark.slow
def test_a_board_pairs_calibrates_and_syncs_with_the_least_heap_that_flash_demands(tmp_path: Path) -> None:
    require(MICROPYTHON_I386.missing())
    bench = Bench(tmp_path, MINUTES)
    held_kib = 56  # what the harness holds; measured, and checked below
    life = bench.live(held_kib + LEAST_HEAP_KIB)
    assert isinstance(life, Life), life
    assert abs(life.held_bytes / 1024 - held_kib) < 2
    assert life.syncs == 2
    assert life.live_samples > 300


def test_too_little_heap_is_noticed(tmp_path: Path) -> None:
    require(MICROPYTHON_I386.missing())
    assert "MemoryError" in str(Bench(tmp_path, MINUTES).live(56 + LEAST_HEAP_KIB // 2))
