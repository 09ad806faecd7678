"""What the metrics of a day cost, beside the slow implementation that the tests compare them with.

    python tests/benchmarks/day_metrics.py [--json]

The goal is at most 30 ms for all metrics, distributions and bounds of a 16-hour day. The day sways like a person does,
with walks, so that its standing zero comes from walking and what refers to standing is computed for seven zeros.
Figures are the least processor time of several runs, so that other programs matter less; the slow implementation runs
once.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.epoch_days import epochs_of, observed
from analysis.slow_metrics import tilt_metrics
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.registry import METRICS, TABLES, summarise
from unslouch_device.contract import states

HOURS = 16
REPEATS = 15


def swaying_day(seed: int = 1) -> Observations:
    """A day of sitting that sways and drifts, with a walk of 3 min each half hour."""
    rng = np.random.default_rng(seed)
    epochs = HOURS * 720
    state = np.full(epochs, states.UPRIGHT)
    state[np.arange(epochs) % 360 < 36] = states.MOVING
    posture_deg = np.repeat(rng.normal(12, 9, epochs // 24 + 1), 24)[:epochs]
    second_deg = (
        posture_deg[:, None] + np.cumsum(rng.normal(0, 0.15, (epochs, 5)), axis=1) + rng.normal(0, 0.6, (epochs, 5))
    )
    second_deg[state == states.MOVING] += rng.normal(0, 3, (int((state == states.MOVING).sum()), 5))
    state[(state == states.UPRIGHT) & (second_deg.mean(axis=1) > 12)] = states.LEANING
    lateral_cdeg = np.rint(rng.normal(0, 500, epochs))
    speed_cdeg_s = np.rint(rng.gamma(2, 2, epochs)) * 25
    return observed(
        epochs_of(np.rint(second_deg * 4) * 25, state, lateral_cdeg=lateral_cdeg, speed_cdeg_s=speed_cdeg_s)
    )


def least_ms(work: Callable[[], object], repeats: int) -> float:
    """Return the least processor time of several runs in ms."""
    least = float("inf")
    for _ in range(repeats):
        begin_s = time.process_time()
        work()
        least = min(least, (time.process_time() - begin_s) * 1000)
    return round(least, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args()
    day = swaying_day()
    figures = {
        "seconds": len(day.seconds),
        "metrics": len(METRICS),
        "metrics_ms": least_ms(lambda: summarise(replace(day)), REPEATS),
        "tables_ms": least_ms(lambda: [table.read(replace(day)) for table in TABLES], 3),
        "slow_ms": least_ms(lambda: tilt_metrics(day.epochs, day.calibrations), 1),
    }
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):12} {value:>10,}")


if __name__ == "__main__":
    main()
