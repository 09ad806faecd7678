"""Draws the plots of docs/tilt.md: the firmware over the recordings. What hasn't changed is drawn as the same bytes."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "benchmarks"))

import numpy as np
from _activity_files import WALK_SPANS_S, load_walk
from _everywhere import CPYTHON
from _posture_file import UPRIGHT
from _posture_file import load as load_sitting
from _recordings import FOLDER
from _tilt_file import Trial
from _tilt_file import load as load_trials
from _tilt_ours import estimates
from _tilt_rivals import RIVALS, accelerometer, check_libraries, vqf
from activity import SITTING, WALK
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from tilt_accuracy import OURS, RECORDINGS, errors_deg, rms
from tilt_worn import as_trial

from unslouch.errors import ExitCode, UnslouchError
from unslouch_device.boards.xiao_esp32s3 import FORWARD, SPARE
from unslouch_device.contract.settings import HYSTERESIS_DEG, THRESHOLD_DEG, setting_by_id
from unslouch_device.sense.axes import axes
from unslouch_device.sense.budget import HOLD_S, share_per_second

HERE = Path(__file__).resolve().parent
BLUE, RED, GREY, PALE = "#0072b2", "#d55e00", "#767676", "#bcbcbc"  # the colour-blind can distinguish them too
STYLE = {
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "grid.color": "#e5e5e5",
    "legend.frameon": False,
    "path.simplify_threshold": 0.3,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "unslouch",
}
SHOWN_HZ = 10
POSTURES = {
    "upright again": UPRIGHT,
    "slouching": "slouching",
    "forward bend": "forward_bending",
    "backward bend": "backward_bending",
}


def main() -> int:
    """Draw what can be drawn and return the exit code."""
    plots: dict[str, tuple[Path | None, Callable[..., Figure]]] = {
        "trials": (FOLDER / RECORDINGS, trials),
        "worst": (FOLDER / RECORDINGS, worst),
        "walking": (FOLDER / WALK, walking),
        "postures": (FOLDER / SITTING, postures),
        "budget": (None, budget),
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(plots)} (default: all)")
    parser.add_argument("--to", type=Path, default=HERE / "tilt", help="folder for NAME.svg (default: docs/tilt)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(plots):
        parser.error(f"there is no plot {', '.join(sorted(unknown))}; choose of {', '.join(plots)}")
    mpl.rcParams.update(STYLE)
    try:
        options.to.mkdir(parents=True, exist_ok=True)
        for name in options.names or plots:
            recordings, draw = plots[name]
            if recordings and not recordings.exists():
                print(f"skipped: {name}.svg, as {recordings} isn't here", file=sys.stderr)
                continue
            if recordings:
                check_libraries()
            figure = draw(recordings) if recordings else draw()
            figure.savefig(options.to / f"{name}.svg", metadata={"Date": None, "Creator": None})
            plt.close(figure)
    except UnslouchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


def trials(path: Path) -> Figure:
    """Error of each trial by filter, as recorded and biased."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), sharex=True, sharey=True)
    recorded = [trial.averaged(2) for trial in load_trials(path)]
    both = {"as recorded": recorded, "with bias": [trial.biased() for trial in recorded]}
    for panel, (title, data) in zip(panels, both.items(), strict=True):
        ups = {OURS: estimates(data, CPYTHON)} | {name: [run(trial) for trial in data] for name, run in RIVALS.items()}
        for row, (name, found) in enumerate(ups.items()):
            errors = [rms(errors_deg(trial, up)) for trial, up in zip(data, found, strict=True)]
            colour = BLUE if name == OURS else GREY
            panel.plot(errors, [row] * len(errors), "o", color=colour, markersize=5, alpha=0.6, markeredgewidth=0)
            panel.plot(np.mean(errors), row, "|", color=colour, markersize=17, markeredgewidth=2.5)
        panel.set_title(title)
        panel.set_xlabel("error, degrees (RMS of a trial; bar: mean)")
        panel.set_yticks(range(len(ups)), list(ups))
        panel.grid(visible=False, axis="y")
        _degrees_on_log(panel)
    panels[0].invert_yaxis()
    return figure


def worst(path: Path) -> Figure:
    """Error over time in the trial in which ours is largest."""
    data = [trial.averaged(2) for trial in load_trials(path)]
    ours = estimates(data, CPYTHON)
    worst = int(np.argmax([rms(errors_deg(trial, up)) for trial, up in zip(data, ours, strict=True)]))
    trial = data[worst]
    time_s = np.flatnonzero(trial.scored) / trial.rate_hz
    figure, panel = plt.subplots(figsize=(9, 3.4))
    rivals = {"accelerometer, low-pass": (accelerometer(trial), PALE), "VQF": (vqf(trial), RED)}
    for name, (up, colour) in rivals.items():
        _line(panel, time_s, errors_deg(trial, up), trial.rate_hz, np.max, color=colour, label=name)
    _line(panel, time_s, errors_deg(trial, ours[worst]), trial.rate_hz, np.max, color=BLUE, label=OURS)
    panel.set_title(f"trial {trial.name.replace('_', ' ')}")
    panel.set_xlabel("time, s")
    panel.set_ylabel("error, degrees")
    panel.set_ylim(0.1, 200)
    panel.set_yscale("log")
    panel.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    panel.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=3)
    return figure


def walking(path: Path) -> Figure:
    """Forward tilt against standing, of a person who walks."""
    walk = load_walk(path, mean_of=2)
    trial = as_trial("walk", walk.rate_hz, walk.counts)
    standing = trial.acc[walk.labels == "standing"].mean(axis=0)
    shown = (walk.t_s >= 90) & (walk.t_s < 130)
    figure, panel = plt.subplots(figsize=(9, 3.4))
    for begin_s, end_s in WALK_SPANS_S["walking"]:
        panel.axvspan(begin_s, min(end_s, 130), color="#f4f4f4", linewidth=0)
    for name, up, colour, width in (
        ("accelerometer as it is", trial.acc, PALE, 0.8),
        ("VQF", vqf(trial), RED, 3),
        (OURS, estimates([trial], CPYTHON)[0], BLUE, 1.2),
    ):
        forward = _forward_deg(up, standing)[shown]
        rate_hz = walk.rate_hz if colour == PALE else 2 * SHOWN_HZ
        step = round(walk.rate_hz / rate_hz)
        panel.plot(walk.t_s[shown][::step], forward[::step], color=colour, linewidth=width, label=name)
    panel.set_xlabel("time, s (grey: walking, with a turn between)")
    panel.set_ylabel("forward tilt, degrees")
    panel.set_ylim(-40, 40)
    panel.set_xlim(90, 130)
    panel.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=3)
    return figure


def postures(path: Path) -> Figure:
    """Mean forward tilt of each trial at T4, by posture, with the thresholds."""
    recordings = load_sitting(path)
    first: dict[int, Trial] = {}
    found: dict[str, list[float]] = {label: [] for label in POSTURES.values()}
    data = [as_trial(each.label, recordings.rate_hz, each.counts) for each in recordings.trials]
    for each, trial in zip(recordings.trials, data, strict=True):
        if each.label == UPRIGHT:
            first.setdefault(each.subject, trial)
    for each, trial, up in zip(recordings.trials, data, estimates(data, CPYTHON), strict=True):
        if each.label in found and trial is not first[each.subject]:
            found[each.label].append(float(_forward_deg(up, first[each.subject].acc.mean(axis=0)).mean()))
    figure, panel = plt.subplots(figsize=(9, 4))
    for row, (name, label) in enumerate(POSTURES.items()):
        x, heights = _stacked(found[label])
        panel.plot(x, row - heights, "o", color=BLUE if label == "slouching" else GREY, markersize=4, markeredgewidth=0)
        panel.annotate(name, (-60, row - 0.15))
    threshold = setting_by_id(THRESHOLD_DEG).default
    release = threshold - setting_by_id(HYSTERESIS_DEG).default
    for at, words, line in ((threshold, f"threshold {threshold}°", "-"), (release, f"release {release}°", ":")):
        panel.axvline(at, color=RED, linestyle=line, linewidth=1.2)
        side = {"ha": "left", "xytext": (4, 0)} if at == threshold else {"ha": "right", "xytext": (-4, 0)}
        panel.annotate(words, (at, 2.55), color=RED, textcoords="offset points", **side)
    panel.set_ylim(len(POSTURES) - 0.7, -0.95)
    panel.set_xlim(-61, 51)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.set_xlabel("mean forward tilt of a trial of 30 s, degrees")
    return figure


def budget() -> Figure:
    """How long a tilt may be held, as the firmware has it."""
    cdeg = np.arange(2001, 8001, 10)
    limit_s = [(1 << 22) / share_per_second(each) for each in cdeg.tolist()]
    figure, panel = plt.subplots(figsize=(6.5, 3))
    panel.plot(cdeg / 100, limit_s, color=BLUE, linewidth=2)
    panel.axvspan(0, 20, color="#f4f4f4", linewidth=0)
    panel.annotate("any time", (10, 120), ha="center", va="center")
    panel.annotate(f"{HOLD_S} s", (70, HOLD_S + 8), ha="center")
    panel.set_xlim(0, 80)
    panel.set_ylim(0, 250)
    panel.set_yticks([0, 60, 120, 180, 240], ["0", "1", "2", "3", "4"])
    panel.set_xlabel("forward tilt against standing, degrees")
    panel.set_ylabel("may be held for, minutes")
    return figure


def _forward_deg(up: NDArray, upright: NDArray) -> NDArray[np.float64]:
    """Forward tilt against an upright, both as up vectors in the sensor's axes."""
    above, ahead = (np.array(axis, float) for axis in axes(tuple(upright), FORWARD, SPARE))
    return np.degrees(np.arctan2(up @ ahead, up @ above))


def _line(panel: Axes, time_s: NDArray, values: NDArray, rate_hz: float, of: Callable, **style: object) -> None:
    """Draw what `of` makes of each tenth of a second."""
    step = max(1, round(rate_hz / SHOWN_HZ))
    n = len(values) // step * step
    panel.plot(time_s[:n:step], of(values[:n].reshape(-1, step), axis=1), linewidth=1.1, **style)


def _stacked(values: Iterable[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put values into bins of 1° and stack them; return the bins and the heights."""
    x: list[float] = []
    heights: list[float] = []
    for each in np.round(sorted(values)):
        heights.append(0.075 * x.count(each))
        x.append(each)
    return np.array(x), np.array(heights)


def _degrees_on_log(panel: Axes) -> None:
    panel.set_xscale("log")
    panel.set_xticks([0.3, 1, 3, 10, 30, 100], ["0.3", "1", "3", "10", "30", "100"])
    panel.set_xticks([], minor=True)


if __name__ == "__main__":
    sys.exit(main())
