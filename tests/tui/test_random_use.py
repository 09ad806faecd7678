"""Random use: nothing that keys, mouse, sizes, stops and broken links do together ends or blocks the dashboard."""

import random
from pathlib import Path

import pytest

pytest.importorskip("termios")

from tui.random_use import use_at_random

SECONDS = 300.0


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_the_dashboard_survives_random_use(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"to repeat it: python tests/tui/random_use.py --minutes 5 --seed {seed}")
    assert await use_at_random(SECONDS, seed, tmp_path) > 100
