"""A second, slow implementation of the metrics of states, slouches and alerts, straight from their definitions.

It goes through the day one second after the other, and shares no code with `unslouch.analysis.metrics`. Spans have to
begin and end on whole seconds.
"""

from itertools import groupby
from statistics import median
from typing import Any

from analysis.slow_metrics import MEASURED
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.model import Episode, TimeQuality
from unslouch.store.words import WRONG_ALARM
from unslouch_device.contract import records, states

WORN = {*MEASURED, states.UNCALIBRATED}
SEATED = {states.UPRIGHT, states.SLOUCHING, states.LEANING, states.RECLINED}
OFF, ACTIVE = {states.OFF_BODY, states.CHARGING}, {states.MOVING, states.LYING}


def day_metrics(day: Observations) -> dict[str, Any]:
    """The metrics of a day's spans, slouches, alerts and notices."""
    line = [span.state for span in day.spans for _ in range(span.start_utc_ms, span.end_utc_ms, 1000)]
    minutes = {state: line.count(state) / 60 for state in range(states.STATES)}
    measured, worn = (sum(minutes[state] for state in kinds) for kinds in (MEASURED, WORN))
    seated = sum(minutes[state] for state in SEATED)
    is_gone = [
        any(each.start_utc_ms <= day.start_utc_ms + 1000 * at < each.end_utc_ms for each in day.deleted)
        for at in range(len(line))
    ]
    deleted = sum(gone and state == states.UNKNOWN for gone, state in zip(is_gone, line, strict=True)) / 60
    coverage = _coverage(line)
    found: dict[str, Any] = {
        **{states.STATE_NAMES[state].replace(" ", "_"): minutes[state] for state in minutes},
        "lost": minutes[states.UNKNOWN] - deleted,
        "deleted": deleted,
        "day_length": (day.end_utc_ms - day.start_utc_ms) / 3_600_000,
        "after_last_record": (day.end_utc_ms - day.start_utc_ms) / 60_000 - len(line) / 60,
        "measured": measured,
        "worn": worn,
        "coverage": coverage,
        "data": "enough" if measured >= 60 and coverage is not None and coverage >= 0.5 else "too short",
        "upright_share": minutes[states.UPRIGHT] / seated if seated else None,
        "sensor_moved": len(day.sensor_moved),
        "calibration_age": _calibration_age(day),
    }
    for name, quality in (("provisional_time", TimeQuality.PROVISIONAL), ("uncertain_time", TimeQuality.UNCERTAIN)):
        dated = [list(TimeQuality)[number] for number in day.epochs.time_quality.tolist()]
        found[name] = dated.count(quality) * 5 / 60
    return found | _uprights(line) | _breaks(line) | _slouches(day, line) | _alerts(day, worn)


def _coverage(line: list[int]) -> float | None:
    worn = [at for at, state in enumerate(line) if state in WORN]
    if not worn:
        return None
    between = line[worn[0] : worn[-1] + 1]
    counted = sum(state in WORN or state == states.UNKNOWN for state in between)
    return sum(state in MEASURED for state in between) / counted


def _calibration_age(day: Observations) -> float | None:
    used = set(zip(day.epochs.journal.tolist(), day.epochs.calibration_id.tolist(), strict=True))
    made = {(each.journal, each.calibration_id): each.made_utc_ms for each in day.calibrations}
    if not day.spans or any(made.get(name) is None for name in used):
        return None
    return max(0.0, (day.spans[-1].end_utc_ms - min(made[name] for name in used)) / 86_400_000)


def _stretches(line: list[Any]) -> list[tuple[Any, int, int]]:
    """(value, begin, end) of each stretch of equal values."""
    found, at = [], 0
    for value, same in groupby(line):
        length = len(list(same))
        found.append((value, at, at + length))
        at += length
    return found


def _uprights(line: list[int]) -> dict[str, Any]:
    bouts = [(begin, end) for state, begin, end in _stretches(line) if state == states.UPRIGHT]
    lengths = [end - begin for begin, end in bouts]
    count, total = len(lengths), sum(lengths)
    gini = left = None
    if count >= 10:
        gini = sum(abs(one - other) for one in lengths for other in lengths) / (2 * count * total)
        left = sum(end < len(line) and line[end] in SEATED for _, end in bouts) / (total / 60)
    return {"upright_bouts": count, "upright_gini": gini, "upright_left_per_min": left}


def _breaks(line: list[int]) -> dict[str, Any]:
    kinds = ["off" if state in OFF else "active" if state in ACTIVE else "" for state in line]
    breaks = [
        (begin, end)
        for kind, begin, end in _stretches(kinds)
        if kind == "off" or (kind == "active" and end - begin >= 60)
    ]
    on_end = [state in MEASURED for state in line]
    for begin, end in breaks:
        on_end[begin:end] = [False] * (end - begin)
    longest = max((end - begin for is_on, begin, end in _stretches(on_end) if is_on), default=0)
    return {
        "breaks": len(breaks),
        "longest_without_break": longest / 60 if any(state in MEASURED for state in line) else None,
    }


def _slouches(day: Observations, line: list[int]) -> dict[str, Any]:
    def length_s(episode: Episode) -> float:
        if episode.end_utc_ms is not None:
            return (episode.end_utc_ms - episode.start_utc_ms) / 1000
        at = (episode.start_utc_ms - day.start_utc_ms) // 1000
        end = at
        while end < len(line) and line[end] in (states.SLOUCHING, states.LEANING):
            end += 1
        return end - at

    latencies = [each.correction_latency_s for each in day.episodes if each.correction_latency_s is not None]
    return {
        "episodes": len([each for each in day.episodes if not each.began_before]),
        "longest_episode": max((length_s(each) for each in day.episodes), default=0) / 60,
        "corrected": len([each for each in day.events if each.code == records.CORRECTED and not each.off_body]),
        "correction_latency": median(latencies) if latencies else None,
    }


def _alerts(day: Observations, worn_min: float) -> dict[str, Any]:
    outcomes = [alert.outcome.value for alert in day.alerts]
    in_time, late = outcomes.count("corrected"), outcomes.count("late")
    wrong = 0
    for alert in day.alerts:
        wrong += any(
            mark.journal == alert.journal and mark.sequence == alert.sequence and mark.mark == WRONG_ALARM
            for mark in day.alert_marks
        )
    return {
        "alerts": len(outcomes),
        **{f"alerts_{name}": outcomes.count(name) for name in ("corrected", "late", "interrupted", "unknown")},
        "corrected_share": in_time / (in_time + late) if in_time + late else None,
        "alerts_per_worn_hour": len(outcomes) / (worn_min / 60) if worn_min else None,
        "alerts_marked_wrong": wrong,
        "alerts_marked_wrong_share": wrong / len(outcomes) if outcomes else None,
    }
