"""Reads the posture of today, up to a moment, out of a day's records."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.breaks import BREAK_TABLE, LEAST_MS
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.posture import sat_or_stood
from unslouch.analysis.metrics.seconds import Seconds
from unslouch.analysis.metrics.variation import AMPLITUDE_DEG, AMPLITUDES, DURATION_S, DURATIONS, EVA_MATRIX
from unslouch.analysis.model import Epochs, Span
from unslouch.analysis.spans import MEASURED
from unslouch_device.contract.records import EPOCH_MS

from .posture_today import WINDOW_MIN, DominantCell, PostureToday

CHANGE_CDEG = 500
"""A posture change is 5° or more, as in the metrics."""
CHANGE_S = 10
"""A departure from a hold that lasts less is none: two epochs."""
STALE_AFTER_MS = 10 * 60_000
"""Records that end earlier than this before a moment say nothing about the posture of that moment."""
_MS_PER_MIN = 60_000


def read_posture(day: Day, now_utc_ms: int, threshold_deg: float) -> PostureToday:
    """Return what the records of a day say up to a moment; the records after it are not looked at."""
    observed = between(day.observations, day.observations.start_utc_ms, now_utc_ms)
    until_ms = observed.spans[-1].end_utc_ms if observed.spans else now_utc_ms
    seconds = observed.once(sat_or_stood)
    window = seconds.utc_ms >= now_utc_ms - WINDOW_MIN * _MS_PER_MIN
    measured_s = int(np.count_nonzero(window))
    forward_s = int(np.count_nonzero(seconds.forward_cdeg[window] >= threshold_deg * 100))
    held_min, held_deg = _hold(seconds, until_ms) if now_utc_ms - until_ms <= STALE_AFTER_MS else (0.0, None)
    return PostureToday(
        until_utc_ms=until_ms,
        measured_min=measured_s / 60,
        forward_min=forward_s / 60,
        lateral_deg=float(np.median(seconds.lateral_cdeg[window])) / 100 if measured_s else None,
        held_min=held_min,
        held_deg=held_deg,
        sitting_since_utc_ms=_sitting_since(observed, until_ms) if now_utc_ms - until_ms <= STALE_AFTER_MS else None,
        dominant=_dominant_cell(observed),
    )


def shifted(posture: PostureToday, by_ms: int) -> PostureToday:
    """Return the posture with its times moved, for records whose clock is not the wearer's."""
    since_ms = posture.sitting_since_utc_ms
    return replace(
        posture,
        until_utc_ms=posture.until_utc_ms + by_ms,
        sitting_since_utc_ms=None if since_ms is None else since_ms + by_ms,
    )


def between(observed: Observations, start_utc_ms: int, end_utc_ms: int) -> Observations:
    """Return the observations of [start, end): the epochs that lie in it as a whole, and the spans cut there."""
    epochs = observed.epochs
    is_inside = (epochs.utc_ms >= start_utc_ms) & (epochs.utc_ms + EPOCH_MS <= end_utc_ms)
    if not is_inside.all():
        kept: NDArray[np.int64] = np.flatnonzero(is_inside)
        epochs = Epochs(**{column.name: getattr(epochs, column.name)[kept] for column in fields(Epochs)})
    spans = [
        Span(span.state, max(span.start_utc_ms, start_utc_ms), min(span.end_utc_ms, end_utc_ms))
        for span in observed.spans
        if span.start_utc_ms < end_utc_ms and span.end_utc_ms > start_utc_ms
    ]
    return replace(observed, epochs=epochs, spans=spans)


def _hold(seconds: Seconds, until_ms: int) -> tuple[float, float | None]:
    """Return for how many minutes the posture at the end has been held, and its median forward tilt in degrees."""
    if not len(seconds) or until_ms - int(seconds.utc_ms[-1]) > CHANGE_S * 1000:
        return 0.0, None
    forward = seconds.forward_cdeg
    last_minute = slice(max(0, len(seconds) - 60), None)
    middle_forward, middle_lateral = np.median(forward[last_minute]), np.median(seconds.lateral_cdeg[last_minute])
    is_other = (np.abs(forward - middle_forward) >= CHANGE_CDEG) | (
        np.abs(seconds.lateral_cdeg - middle_lateral) >= CHANGE_CDEG
    )
    # How many seconds in a row are in another posture, up to each second.
    index = np.arange(len(seconds))
    in_row = index - np.maximum.accumulate(np.where(is_other, -1, index))
    begins_run = np.concatenate(([True], np.diff(seconds.run) != 0))
    first = int(max(np.flatnonzero(begins_run)[-1], np.flatnonzero(in_row >= CHANGE_S).max(initial=-1) + 1))
    if first >= len(seconds):
        return 0.0, None
    held_ms = int(seconds.utc_ms[-1]) + 1000 - int(seconds.utc_ms[first])
    return held_ms / _MS_PER_MIN, float(np.median(forward[first:])) / 100


def _sitting_since(observed: Observations, until_ms: int) -> int | None:
    """Return where the measured time begins that goes on end up to the last record, without a break in it.

    A minute and more without records ends it, because there may have been a break.
    """
    measured = [span.start_utc_ms for span in observed.spans if span.state in MEASURED]
    ends_ms = BREAK_TABLE.read(observed)["end"].array.tolist()
    ends_ms += [
        span.end_utc_ms
        for span in observed.spans
        if span.state not in MEASURED and span.end_utc_ms - span.start_utc_ms >= LEAST_MS
    ]
    begin_ms = max(ends_ms, default=0)
    return (
        None if begin_ms >= until_ms else min((start_ms for start_ms in measured if start_ms >= begin_ms), default=None)
    )


def _dominant_cell(observed: Observations) -> DominantCell | None:
    matrix = np.asarray(EVA_MATRIX.measure(observed))
    total = int(matrix.sum())
    if not total:
        return None
    tilt, duration = divmod(int(matrix.argmax()), matrix.shape[1])
    share = float(matrix.max()) / total
    return DominantCell(AMPLITUDES[tilt], AMPLITUDE_DEG[tilt], DURATIONS[duration], DURATION_S[duration], share)
