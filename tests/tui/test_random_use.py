"""Random use: nothing that keys, mouse, sizes, stops and broken links do together ends or blocks the dashboard."""

import re
from pathlib import Path

import pytest

pytest.importorskip("termios")

from tui import random_use
from tui.random_use import use_at_random

LONG_S, SHORT_S = 300.0, 4.0
LONG_SEED, SHORT_SEED = 11, 7
"""The same each time, so that a change fails by a fault of its own; `make random-use` draws another each time."""
BROKEN = """\
import os, tty

tty.setraw(0)
print("battery", flush=True)
for _ in range(40):
    os.read(0, 1)
raise ValueError("a broken dashboard")
"""
"""Stands for a dashboard that an error ends after some keys."""


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_the_dashboard_survives_five_minutes_of_random_use(tmp_path: Path) -> None:
    assert await use_at_random(LONG_S, LONG_SEED, tmp_path) > 100


async def test_the_dashboard_survives_some_random_things(tmp_path: Path) -> None:
    assert await use_at_random(SHORT_S, SHORT_SEED, tmp_path) > 5


async def test_a_failure_names_its_seed_the_last_things_and_the_traceback_and_can_be_had_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random_use, "WATCHED", tmp_path / "broken.py")
    monkeypatch.setattr(random_use, "record_past", lambda database: None)
    (tmp_path / "broken.py").write_text(BROKEN, encoding="utf-8")
    things = []
    for _ in range(2):
        with pytest.raises(AssertionError, match="failed with seed 11") as failed:
            await use_at_random(60, 11, tmp_path)
        assert "--seed 11" in str(failed.value)
        assert "ValueError: a broken dashboard" in str(failed.value)
        (last,) = re.findall(r"The last things: (.*)", str(failed.value))
        things.append(last.split(" | "))
    first, second = (done[: min(map(len, things))] for done in things)
    assert len(first) > 5
    assert first == second
