"""How well the firmware's pipeline finds slouching in recordings of people.

Each subject is calibrated on their first upright trial, which is left out of the count; every other trial goes through
a fresh pipeline. A trial is flagged if it reaches the state slouching.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from _chip import as_delivered
from _everywhere import CPYTHON, FIRMWARE, HERE, Interpreter
from _posture_file import UPRIGHT, PostureFile, Trial, load
from _recordings import Report, micropython_here, run_on_file

from unslouch.errors import BadInput, UnslouchError
from unslouch_device.boards import xiao_esp32s3 as board
from unslouch_device.contract.settings import DELAY_S, HYSTERESIS_DEG, SETTINGS, THRESHOLD_DEG, setting_by_id
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.sense.gravity import GravityFilter

RECORDINGS = "sitting_T4_50hz.npz"
SOURCE = "IMU Sitting Postures Dataset (Ali, Elsayed, Emad, Mohamed, Shehata, Rehan 2026), CC BY 4.0"
DELAY_DEFAULT_S = 10
TIMEOUT_S = 600


def main() -> int:
    """Run the benchmark and return the exit code."""
    options = _options()

    def assess_file(path: Path) -> Report:
        recordings = load(path)
        interpreter = CPYTHON if options.interpreter == "cpython" else micropython_here()
        print(f"{path.name} under {interpreter.name}, delay {options.delay} s, {options.threshold}°", file=sys.stderr)
        return assess(path, recordings, interpreter, options.threshold, options.delay)

    return run_on_file(options, RECORDINGS, SOURCE, assess_file, _print)


def assess(
    path: Path, recordings: PostureFile, interpreter: Interpreter, threshold_deg: int, delay_s: int
) -> dict[str, dict[str, object]]:
    """Return the results of the trials by label. Raises BadInput if the file has no trial to calibrate on."""
    trials, calibrating = _in_order(path, recordings)
    _check_rate(path, recordings.rate_hz)
    results = _run(recordings.rate_hz, trials, calibrating, interpreter, threshold_deg, delay_s)
    outcomes: dict[str, list[_Outcome]] = {label: [] for label in recordings.label_names if label}
    upright: dict[str, object] = {}
    for trial, result in zip(trials, results, strict=True):
        if "up" in result:
            upright = result
            if not result["settled"]:
                print(f"subject {trial.subject} never sat still: the whole trial's mean is upright", file=sys.stderr)
        else:
            outcomes.setdefault(trial.label, []).append(_Outcome(trial, result, upright, recordings.rate_hz))
    return {label: _summary(found) for label, found in outcomes.items()}


class _Outcome:
    """The result of one trial, in seconds and degrees."""

    def __init__(self, trial: Trial, result: dict, upright: dict, rate_hz: float) -> None:
        self.flagged = result["slouching"] is not None
        self.alert_s = None if result["alerted"] is None else result["alerted"] / rate_hz
        self.forward_deg = result["forward_sum_cdeg"] / len(trial.counts) / 100
        acceleration = trial.counts[:, :3].mean(axis=0)
        ahead, above = acceleration @ np.array(upright["forward"]), acceleration @ np.array(upright["up"])
        self.gravity_deg = math.degrees(math.atan2(ahead, above))


def _in_order(path: Path, recordings: PostureFile) -> tuple[list[Trial], set[int]]:
    """Return all trials by subject, each subject's first upright one moved to the front, and the places of those."""
    trials: list[Trial] = []
    calibrating: set[int] = set()
    for subject in sorted({trial.subject for trial in recordings.trials}):
        theirs = [trial for trial in recordings.trials if trial.subject == subject]
        first = next((trial for trial in theirs if trial.label == UPRIGHT), None)
        if first is None:
            print(f"subject {subject} is left out: no trial is labelled {UPRIGHT}", file=sys.stderr)
            continue
        calibrating.add(len(trials))
        trials += [first] + [trial for trial in theirs if trial is not first]
    if not trials:
        raise BadInput(f"{path} has no trial labelled {UPRIGHT} to calibrate on; choose another file.")
    return trials, calibrating


def _check_rate(path: Path, rate_hz: float) -> None:
    try:
        GravityFilter(rate_hz, Lsm6dsox.gyro_dps_per_count)
    except ValueError as error:
        raise BadInput(f"{path} can't go through the firmware's filter at {rate_hz:g} Hz: {error}.") from None


def _run(
    rate_hz: float,
    trials: list[Trial],
    calibrating: set[int],
    interpreter: Interpreter,
    threshold_deg: int,
    delay_s: int,
) -> list[dict]:
    settings = {setting.id: setting.default for setting in SETTINGS}
    settings[THRESHOLD_DEG] = threshold_deg
    settings[HYSTERESIS_DEG] = min(settings[HYSTERESIS_DEG], threshold_deg - 1)
    settings[DELAY_S] = delay_s
    job = {
        "rate_hz": rate_hz,
        "gyro_dps_per_count": Lsm6dsox.gyro_dps_per_count,
        "settings": list(settings.items()),
        "forward": board.FORWARD,
        "spare": board.SPARE,
        "trials": [(len(trial.counts), i in calibrating) for i, trial in enumerate(trials)],
    }
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "job"
        with path.open("wb") as file:
            file.write(json.dumps(job).encode() + b"\n")
            for trial in trials:
                file.write(as_delivered(trial.counts).tobytes())
        run = interpreter.run(
            HERE / "_detect.py", str(path), timeout_s=TIMEOUT_S, path=[FIRMWARE], copy=[path], heap_kib=8192
        )
    if run.returncode:
        raise UnslouchError(f"The pipeline failed under {interpreter.name}:\n{run.stdout[-500:]}{run.stderr[-2000:]}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def _summary(outcomes: list[_Outcome]) -> dict[str, object]:
    flagged = [outcome for outcome in outcomes if outcome.flagged]
    alerts = [outcome.alert_s for outcome in outcomes if outcome.alert_s is not None]
    return {
        "trials": len(outcomes),
        "flagged": len(flagged) / len(outcomes) if outcomes else None,
        "time_to_alert_s": statistics.median(alerts) if alerts else None,
        "forward_deg": _mean_and_sd([outcome.forward_deg for outcome in outcomes]),
        "gravity_deg": _mean_and_sd([outcome.gravity_deg for outcome in outcomes]),
    }


def _mean_and_sd(values: list[float]) -> dict[str, float | None]:
    return {
        "mean": round(statistics.fmean(values), 2) if values else None,
        "sd": round(statistics.stdev(values), 2) if len(values) > 1 else None,
    }


def _print(report: dict[str, dict]) -> None:
    print(f"{'label':<18}{'trials':>7}{'flagged':>9}{'alert after':>13}{'forward tilt':>17}{'gravity alone':>17}")
    for label, found in report.items():
        if found["trials"]:
            alert = f"{found['time_to_alert_s']:.1f} s" if found["time_to_alert_s"] is not None else "-"
            print(
                f"{label:<18}{found['trials']:>7}{found['flagged']:>9.1%}{alert:>13}"
                f"{_shown(found['forward_deg']):>17}{_shown(found['gravity_deg']):>17}"
            )


def _shown(angle: dict[str, float | None]) -> str:
    sd = "" if angle["sd"] is None else f" ± {angle['sd']:.1f}"
    return f"{angle['mean']:.1f}{sd}°"


def _options() -> argparse.Namespace:
    threshold = setting_by_id(THRESHOLD_DEG)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", help=f"default: {RECORDINGS} among the recordings of people")
    parser.add_argument(
        "--delay",
        type=_whole_number,
        default=DELAY_DEFAULT_S,
        metavar="S",
        help="seconds that leaning lasts before it is slouching (default: %(default)s, since with the sensor's own "
        f"{setting_by_id(DELAY_S).default} s no trial of 30 s could be flagged)",
    )
    parser.add_argument(
        "--threshold",
        type=_whole_number,
        default=threshold.default,
        metavar="DEG",
        help="forward tilt that counts as leaning (default: the sensor's own, %(default)s)",
    )
    parser.add_argument(
        "--interpreter",
        choices=("cpython", "micropython"),
        default="cpython",
        help="what runs the firmware (default: %(default)s; micropython is the one here most like the board's)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, by label")
    return parser.parse_args()


def _whole_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 to 3600")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
