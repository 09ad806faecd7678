"""The firmware's gravity filter, run by any interpreter over trials as the sensor chip would have measured them."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from _chip import STANDARD_GRAVITY_M_S2, as_delivered, measured
from _everywhere import EVERY, FIRMWARE, HERE, Interpreter
from _tilt_file import Trial
from numpy.typing import NDArray

from unslouch.errors import BadInput, UnslouchError
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.sense.gravity import GravityFilter

TIMEOUT_S = 600


def counts_of(trial: Trial) -> NDArray[np.int32]:
    """A trial as the chip measures it, shape (n, 6)."""
    return measured(trial.acc / STANDARD_GRAVITY_M_S2, np.degrees(trial.gyr))


def estimates(trials: list[Trial], interpreter: Interpreter) -> list[NDArray[np.int32]]:
    """The filter's up vector after each sample of each trial, of any length; int32, shape (n, 3).

    Raises BadInput where the filter doesn't run at the trials' rate.
    """
    with _job(trials) as job:
        lines = _run(interpreter, job).split()
    found = np.frombuffer(bytes.fromhex("".join(lines)), "<i4").reshape(-1, 3)
    return np.split(found, np.cumsum([len(trial.acc) for trial in trials])[:-1])


def ns_per_sample(trials: list[Trial]) -> dict[str, int]:
    """What one update costs over the first of the trials, by the name of each interpreter that is here."""
    with _job(trials[:1]) as job:
        return {
            interpreter.name: int(_run(interpreter, job, "time"))
            for interpreter in EVERY
            if interpreter.missing() is None
        }


@contextmanager
def _job(trials: list[Trial]) -> Iterator[Path]:
    """The file that _tilt_estimate.py reads, for as long as the context lasts."""
    rate_hz = trials[0].rate_hz
    try:
        GravityFilter(rate_hz, Lsm6dsox.gyro_dps_per_count)
    except ValueError as error:
        raise BadInput(f"These trials can't go through the firmware's filter at {rate_hz:g} Hz: {error}.") from None
    job = {
        "rate_hz": rate_hz,
        "gyro_dps_per_count": Lsm6dsox.gyro_dps_per_count,
        "trials": [len(trial.acc) for trial in trials],
    }
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "job"
        counts = (as_delivered(counts_of(trial)).tobytes() for trial in trials)
        path.write_bytes(json.dumps(job).encode() + b"\n" + b"".join(counts))
        yield path


def _run(interpreter: Interpreter, job: Path, *options: str) -> str:
    run = interpreter.run(
        HERE / "_tilt_estimate.py", str(job), *options, timeout_s=TIMEOUT_S, path=[FIRMWARE], copy=[job], heap_kib=8192
    )
    if run.returncode:
        raise UnslouchError(f"The filter failed under {interpreter.name}:\n{run.stdout[-500:]}{run.stderr[-2000:]}")
    return run.stdout
