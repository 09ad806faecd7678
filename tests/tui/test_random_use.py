"""The dashboard under random use: no exception, no stuck thread, and every key answered at the end."""

from pathlib import Path

import pytest

pytest.importorskip("termios")

from tui.random_use import use_at_random


@pytest.mark.soak
async def test_some_seconds_of_random_use_pass(tmp_path: Path) -> None:
    assert await use_at_random(10, 7, tmp_path) > 20


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_five_minutes_of_random_use_pass(tmp_path: Path) -> None:
    assert await use_at_random(300, 11, tmp_path) > 500
