"""A second, slow implementation of the tilt metrics, straight from their definitions: one second after the other.

It shares no code with `unslouch.analysis.metrics`. Angles are exact: hundredths of a degree as integers.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from unslouch.analysis.model import Calibration, Epochs
from unslouch_device.contract import records, states

MEASURED = {states.LYING, states.MOVING, states.SLOUCHING, states.LEANING, states.RECLINED, states.UPRIGHT}
TILT_CLASSES = ("less than 0°", "0–10°", "10–20°", "20–30°", "30–60°", "60° and more")
LENGTH_CLASSES = ("less than 10 s", "10–30 s", "30–60 s", "1–4 min", "4–10 min", "10 min and more")
SHIFTS = (-600, -400, -200, 0, 200, 400, 600)


@dataclass(frozen=True)
class Second:
    """One measured second."""

    utc_ms: int
    tilt: int
    aside: int
    speed: int
    state: int
    calibration: tuple[int, int]
    follows: bool
    """The second before it is in the list and nothing lies between the two."""


def seconds_of(epochs: Epochs) -> list[Second]:
    """The measured seconds of epochs of which no two have the same moment."""
    found = []
    before = None
    for i in sorted(range(len(epochs)), key=lambda i: int(epochs.utc_ms[i])):
        if int(epochs.state[i]) not in MEASURED or int(epochs.forward_cdeg[i]) == records.TILT_UNKNOWN:
            before = None
            continue
        name = int(epochs.journal[i]), int(epochs.calibration_id[i])
        here = (int(epochs.journal[i]), int(epochs.boot[i]), int(epochs.uptime_ms[i]), name, int(epochs.utc_ms[i]))
        joined = (
            before is not None
            and before[:2] == here[:2]
            and here[2] - before[2] == 5000
            and before[3] == name
            and 4500 <= here[4] - before[4] <= 5500
        )
        for k in range(5):
            found.append(
                Second(
                    here[4] + 1000 * k,
                    int(epochs.second_cdeg[i, k]),
                    int(epochs.lateral_cdeg[i]),
                    int(epochs.speed_cdeg_s[i]),
                    int(epochs.state[i]),
                    name,
                    joined or k > 0,
                )
            )
        before = here
    return found


def runs(seconds: list[Second], wanted: Callable[[Second], bool]) -> list[list[Second]]:
    """The uninterrupted runs of the wanted seconds."""
    found: list[list[Second]] = []
    is_open = False
    for second in seconds:
        if not wanted(second):
            is_open = False
            continue
        if not (is_open and second.follows):
            found.append([])
        found[-1].append(second)
        is_open = True
    return found


def zeros_of(seconds: list[Second], calibrations: Iterable[Calibration]) -> dict[tuple[int, int], tuple[int, int, int]]:
    """(forward, lateral, error) of standing for each calibration; (0, 0, -1) if nothing is known."""
    by_hand = {(c.journal, c.calibration_id): c for c in calibrations if c.standing_forward_deg is not None}
    zeros = {}
    for name in {second.calibration for second in seconds}:
        if name in by_hand:
            made = by_hand[name]
            zeros[name] = (round(made.standing_forward_deg * 100), round((made.standing_lateral_deg or 0) * 100), 0)
            continue
        walks = runs(seconds, lambda s: s.state == states.MOVING and s.calibration == name)  # noqa: B023
        walked = [second.tilt for walk in walks if len(walk) >= 10 for second in walk]
        zeros[name] = (0, 0, -1)
        kept: list[int] = []
        minutes: list[float] = []
        for number in range(len(walked) // 60):
            is_last = number == len(walked) // 60 - 1
            own = median(walked[number * 60 : number * 60 + 60])
            if not minutes or abs(own - median(minutes)) <= 2000:
                minutes.append(own)
                kept += walked[number * 60 :] if is_last else walked[number * 60 : number * 60 + 60]
        if kept:
            zeros[name] = (round(median(kept)) - 600, 0, 600)
    return zeros


def standing_metrics(zeros: dict[tuple[int, int], tuple[int, int, int]]) -> dict[str, Any]:
    """What the standing zero is: the weakest of those of all calibrations, and its tilt if there is but one."""
    errors = [error for _, _, error in zeros.values()]
    source = "seated upright" if -1 in errors else "from walking" if 600 in errors else "by hand"
    (forward, _, error), *others = zeros.values()
    return {
        "standing_zero": source,
        "standing_zero_forward": forward / 100 if not others and error != -1 else None,
        "standing_zero_error": 6.0 if source == "from walking" else None,
        "calibrations_used": len(zeros),
    }


def smoothed(tilts: list[int]) -> list[int]:
    """The running median over 5 s, over fewer at both ends."""
    return [
        sorted(tilts[i - reach : i + reach + 1])[reach]
        for i in range(len(tilts))
        for reach in [min(2, i, len(tilts) - 1 - i)]
    ]


def bouts(tilts: list[int], bound: int, bridge: int) -> list[int]:
    """The lengths of the bouts at or above a bound in one run, with dips of up to `bridge` seconds bridged."""
    lengths: list[int] = []
    dip = 0
    is_open = False
    for tilt in tilts:
        if tilt >= bound:
            if is_open and dip <= bridge:
                lengths[-1] += dip + 1
            else:
                lengths.append(1)
            is_open, dip = True, 0
        else:
            dip += 1
    return lengths


def holds(tilts: list[int]) -> list[list[int]]:
    """The tilts of one run, cut where one is more than 5° from the median of those since the last cut."""
    found = [[tilts[0]]]
    for tilt in tilts[1:]:
        if abs(tilt - median(found[-1])) <= 500:
            found[-1].append(tilt)
        else:
            found.append([tilt])
    return found


def spent(tilt: int) -> Fraction:
    """The part of its holding time that one second at a tilt uses up."""
    degrees = Fraction(tilt, 100)
    if degrees <= 20:
        return Fraction(0)
    return Fraction(1, 4) if degrees > 60 else 1 / (240 - Fraction(9, 2) * (degrees - 20))


def percentile(values: list[int], percent: int) -> float | None:
    """A percentile, interpolated linearly."""
    if not values:
        return None
    ordered = sorted(values)
    place = Fraction(percent * (len(ordered) - 1), 100)
    low = ordered[math.floor(place)]
    high = ordered[math.ceil(place)]
    return float(low + (high - low) * (place - math.floor(place))) / 100


def eva(seated: list[list[Second]]) -> list[list[int]]:
    """Seconds by class of tilt and class of duration."""
    matrix = [[0] * 6 for _ in range(6)]

    def put(amplitude: int, length: int) -> None:
        matrix[amplitude][sum(length >= edge for edge in (10, 30, 60, 240, 600))] += length

    for run in seated:
        length, before = 0, None
        for second in run:
            amplitude = sum(second.tilt >= edge for edge in (0, 1000, 2000, 3000, 6000))
            if before is not None and amplitude != before:
                put(before, length)
                length = 0
            before = amplitude
            length += 1
        assert before is not None
        put(before, length)
    return matrix


def zone_metrics(bodied: list[list[Second]], seated: list[list[Second]], zeros: dict, shift: int) -> dict[str, float]:
    """The metrics that refer to standing, with the zeros from walking higher by `shift`."""

    def standing(second: Second) -> int:
        forward, _, error = zeros[second.calibration]
        return second.tilt - forward - (shift if error == 600 else 0)

    tilts = [standing(second) for run in bodied for second in run]

    def minutes(inside: Callable[[int], bool]) -> float:
        return sum(map(inside, tilts)) / 60

    found: dict[str, float] = {
        "zone_below_0": minutes(lambda t: t < 0),
        "zone_0_20": minutes(lambda t: 0 <= t < 2000),
        "zone_20_60": minutes(lambda t: 2000 <= t < 6000),
        "zone_60_up": minutes(lambda t: t >= 6000),
        "rula_unscored": minutes(lambda t: t < 0),
        "rula_2": minutes(lambda t: 0 <= t < 2000),
        "rula_3": minutes(lambda t: 2000 <= t < 6000),
        "rula_4": minutes(lambda t: t >= 6000),
        "reba_1": minutes(lambda t: abs(t) < 500),
        "reba_2": minutes(lambda t: 500 <= abs(t) < 2000),
        "reba_3": minutes(lambda t: 2000 <= t < 6000 or t <= -2000),
        "reba_4": minutes(lambda t: t >= 6000),
        **{f"above_{d}": minutes(lambda t, d=d: t >= d * 100) for d in (20, 30, 60, 90)},
    }
    for zone in tilts and ("zone_below_0", "zone_0_20", "zone_20_60", "zone_60_up"):
        found[f"{zone}_share"] = found[zone] * 60 / len(tilts)
    above_60 = [bouts(smoothed([standing(second) for second in run]), 6000, 2) for run in bodied]
    found["longest_above_60"] = max((length for lengths in above_60 for length in lengths), default=0)
    found["bends"] = sum(len(bouts([standing(second) for second in run], 4500, 2)) for run in seated)
    used = []
    for run in seated:
        at = 0
        for hold in holds([second.tilt for second in run]):
            if len(hold) >= 4:
                used.append(sum(spent(standing(second)) for second in run[at : at + len(hold)]))
            at += len(hold)
    length = sum(map(len, seated))
    if length:
        found["bends_per_hour"] = found["bends"] * 3600 / length
    if used:
        found["budget_used_most"] = float(max(used))
    found["holds_over_budget"] = sum(part >= 1 for part in used)
    return found


def tilt_metrics(epochs: Epochs, calibrations: Iterable[Calibration]) -> dict[str, Any]:
    """The tilt metrics of a day's epochs, of which no two have the same moment."""
    seconds = seconds_of(epochs)
    zeros = zeros_of(seconds, calibrations)
    bodied = runs(seconds, lambda s: s.state != states.LYING)
    seated = runs(seconds, lambda s: s.state not in (states.LYING, states.MOVING))
    found: dict[str, Any] = dict(zone_metrics(bodied, seated, zeros, 0))
    by_shift = [zone_metrics(bodied, seated, zeros, shift) for shift in SHIFTS]
    if any(error == 600 for _, _, error in zeros.values()):
        for name in by_shift[0]:
            found[f"{name}_low"] = min(each[name] for each in by_shift)
            found[f"{name}_high"] = max(each[name] for each in by_shift)
    aside = [[abs(second.aside - zeros[second.calibration][1]) for second in run] for run in bodied]
    for name, low, high in (("0_10", 0, 1000), ("10_20", 1000, 2000), ("20_up", 2000, 36_000)):
        found[f"lateral_{name}"] = sum(low <= tilt < high for run in aside for tilt in run) / 60
    found["lateral_bends"] = sum(len(bouts(run, 1000, 0)) for run in aside)
    bodied_s, seated_s = (sum(map(len, each)) for each in (bodied, seated))
    if bodied_s:
        for name in ("0_10", "10_20", "20_up"):
            found[f"lateral_{name}_share"] = found[f"lateral_{name}"] * 60 / bodied_s
        found["lateral_bends_per_min"] = found["lateral_bends"] / (bodied_s / 60)
    found |= standing_metrics(zeros)
    sat = [second.tilt for second in seconds if second.state != states.MOVING]
    walked = [second.tilt for second in seconds if second.state == states.MOVING]
    for percent in (10, 50, 90):
        found[f"tilt_p{percent}"] = percentile(sat, percent)
    if sat:
        found["tilt_range"] = found["tilt_p90"] - found["tilt_p10"]
    found["speed_p50"], found["speed_p90"] = (percentile([s.speed for s in seconds], p) for p in (50, 90))
    found["walking_tilt"], found["walking_tilt_p90"] = percentile(walked, 50), percentile(walked, 90)
    matrix = eva(seated)
    total = sum(map(sum, matrix))
    if total:
        shares = [Fraction(cell, total) for row in matrix for cell in row]
        found["eva_entropy"] = -sum(float(share) * math.log2(share) for share in shares if share)
        found["eva_dominant_share"] = float(max(shares))
        row, column = divmod(shares.index(max(shares)), 6)
        found["eva_dominant_cell"] = f"{TILT_CLASSES[row]}, {LENGTH_CLASSES[column]}"
    changes = 0
    for run in seated:
        held = [hold for hold in holds([second.tilt for second in run]) if len(hold) >= 5]
        changes += sum(abs(median(a) - median(b)) >= 500 for a, b in pairwise(held))
    found["posture_changes"] = changes
    if seated_s:
        found["posture_changes_per_hour"] = changes / (seated_s / 3600)
    return found
