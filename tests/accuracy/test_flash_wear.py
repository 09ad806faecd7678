"""The journal wears its flash little, fills it well, and never keeps the sampler waiting."""

import pytest

from accuracy.benchmark import report_of
from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.parts.mpu6050 import Mpu6050
from unslouch_device.parts.mpu6886 import Mpu6886
from unslouch_device.resting import BATCH_MS

SCRIPT = "flash_wear.py"
FIFO_MS = 1000 * min(
    Lsm6dsox.batch_samples / Lsm6dsox.rate_hz,
    *((chip.fifo_bytes // chip.packet_bytes - 1) / chip.rate_hz for chip in (Mpu6886, Mpu6050)),
)
"""Of the chip with the shortest; the other ST chip's is longer than the LSM6DSOX's."""
OURS = ("unwatched", "watched", "connected")


def report() -> dict:
    require(MICROPYTHON_I386.missing())
    return report_of(SCRIPT, "--days", 3)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["unwatched", "watched"])
def test_a_fortnight_of_12_hours_fits_beside_the_firmware(kind: str) -> None:
    assert report()[kind]["days_held"] >= 14


@pytest.mark.soak
def test_a_handshake_each_minute_costs_at_most_half_a_day_of_the_fortnight() -> None:
    assert report()["connected"]["days_held"] >= 13.4


@pytest.mark.parametrize("kind", OURS)
def test_the_filesystem_never_gets_full(kind: str) -> None:
    counts = report()[kind]
    assert counts["free_blocks"] >= counts["blocks"] // 20


@pytest.mark.parametrize("kind", OURS)
def test_a_flush_takes_few_operations(kind: str) -> None:
    counts = report()[kind]
    assert counts["mean"]["erases"] <= 1.3
    assert counts["mean"]["reads"] <= 120
    assert counts["worst"]["erases"] <= 2
    assert counts["worst"]["reads"] <= 3_500


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("what", ["worst", "wipe"])
def test_no_step_takes_as_long_as_the_shortest_fifo_lasts_even_on_slow_flash(kind: str, what: str) -> None:
    assert report()[kind][what]["worst_ms"] < FIFO_MS


@pytest.mark.parametrize("kind", OURS)
def test_saving_takes_no_longer_than_the_shortest_fifo_leaves_after_a_batch(kind: str) -> None:
    assert report()[kind]["save"]["worst_ms"] + BATCH_MS < FIFO_MS


@pytest.mark.parametrize("kind", OURS)
def test_the_flash_outlives_the_battery(kind: str) -> None:
    counts = report()[kind]
    assert counts["erases_per_day"] <= 1_000
    assert counts["lifetime_years"] >= 5
    assert counts["lifetime_years_if_evenly_worn"] >= 100
