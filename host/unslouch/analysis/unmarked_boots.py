"""Unmarked boots: the times of boots without a clock mark, from those around them and the deep sleeps between.

A boot without a mark lies between its neighbours in the journal. Where a deep sleep lies between two boots, the board's
clock in that sleep, which may be 5 % wrong, says how far apart they are; the marks before and after tighten that.
"""

from typing import NamedTuple

from .model import NO_BOUND
from .timebase import BEFORE_ALL_MS, DRIFT_PPM, PROVISIONAL, UNCERTAIN, BootTimebase, Piece

DEEP_SLEEP_DRIFT = 0.05
"""By which share the board's clock may be fast or slow in deep sleep: published are 0.3 to 1 %, at worst 33 %."""
DEEP_SLEEP_ROUNDING_MS = 3000
"""The length of a deep sleep is journaled in whole seconds, of two clocks."""
_FAR_MS = 1 << 60

Moment = tuple[int, int]
"""UTC and its error bound, in ms."""


class Gap(NamedTuple):
    """How long it can have been from the last record of a boot to the start of the next, in ms."""

    least_ms: int
    likely_ms: int
    most_ms: int

    @property
    def is_known(self) -> bool:
        """Whether a deep sleep has measured it."""
        return self.most_ms < _FAR_MS

    @classmethod
    def of_deep_sleep(cls, slept_s: int) -> "Gap":
        """Return the gap that is a deep sleep of so long by the board's clock."""
        slept_ms = slept_s * 1000
        return cls(
            max(0, int(slept_ms / (1 + DEEP_SLEEP_DRIFT)) - DEEP_SLEEP_ROUNDING_MS),
            slept_ms,
            int(slept_ms / (1 - DEEP_SLEEP_DRIFT)) + DEEP_SLEEP_ROUNDING_MS,
        )


UNKNOWN_GAP = Gap(0, 0, _FAR_MS)


def unmarked_timebases(
    lengths_ms: list[int], end_before: Moment | None, start_after: Moment | None
) -> list[BootTimebase]:
    """Return the timebases of successive boots of these lengths that have no clock mark.

    end_before and start_after are where the marked boot before them ends and the one after them begins; at least one of
    the two must be known. The boots lie end to end in the middle of the time there is.
    """
    start_ms, error_ms = _place(end_before, start_after, sum(lengths_ms))
    timebases = []
    for length_ms in lengths_ms:
        timebases.append(BootTimebase([Piece(BEFORE_ALL_MS, 0, start_ms, 0.0, error_ms, UNCERTAIN)], []))
        start_ms += length_ms
    return timebases


def _place(end_before: Moment | None, start_after: Moment | None, total_ms: int) -> tuple[int, int]:
    if end_before and start_after:
        slack_ms = start_after[0] - end_before[0] - total_ms
        error_ms = max(end_before[1], start_after[1]) + total_ms * DRIFT_PPM // 1_000_000
        if slack_ms < 0:
            return end_before[0], error_ms - slack_ms
        return end_before[0] + slack_ms // 2, error_ms + (slack_ms + 1) // 2
    if end_before:
        return end_before[0], NO_BOUND
    assert start_after
    return start_after[0] - total_ms, NO_BOUND


def timebases_across_sleep(
    lengths_ms: list[int], gaps: list[Gap], end_before: Moment | None, start_after: Moment | None
) -> list[BootTimebase]:
    """Return the timebases of successive boots without a clock mark, some of which a deep sleep separates.

    lengths_ms: of the boots. gaps: one more, those before, between and after them. end_before and start_after: as in
    unmarked_timebases(). The error bounds hold as long as no clock in deep sleep is off by more than DEEP_SLEEP_DRIFT.
    Where the marks show that one was, nobody can tell which: the times are uncertain, and only the order of the boots
    bounds them.
    """
    bounds_ms = _bounds_ms(lengths_ms, gaps, end_before, start_after)
    is_contradicted = any(earliest_ms > latest_ms for earliest_ms, latest_ms in bounds_ms)
    if is_contradicted:
        bounds_ms = _bounds_ms(lengths_ms, [UNKNOWN_GAP] * len(gaps), end_before, start_after)
    timebases = []
    for at, start_ms in enumerate(_likely_starts_ms(lengths_ms, gaps, end_before, start_after)):
        earliest_ms, latest_ms = sorted(bounds_ms[at])
        start_ms = min(max(start_ms, earliest_ms), latest_ms)
        error_ms = max(start_ms - earliest_ms, latest_ms - start_ms)
        is_linked = (end_before is not None and all(gap.is_known for gap in gaps[: at + 1])) or (
            start_after is not None and all(gap.is_known for gap in gaps[at + 1 :])
        )
        quality = PROVISIONAL if is_linked and not is_contradicted else UNCERTAIN
        piece = Piece(BEFORE_ALL_MS, 0, start_ms, 0.0, error_ms if error_ms < _FAR_MS // 2 else NO_BOUND, quality)
        timebases.append(BootTimebase([piece], []))
    return timebases


def _bounds_ms(
    lengths_ms: list[int], gaps: list[Gap], end_before: Moment | None, start_after: Moment | None
) -> list[tuple[int, int]]:
    """Return the earliest and the latest start of each boot, as the marks on both sides allow."""
    forwards = _reach_ms(lengths_ms, gaps, end_before)
    mirrored = (-start_after[0], start_after[1]) if start_after else None
    backwards = _reach_ms(lengths_ms[::-1], gaps[::-1], mirrored)[::-1]
    return [
        (max(earliest_ms, -latest_before_end_ms - length_ms), min(latest_ms, -earliest_before_end_ms - length_ms))
        for (earliest_ms, latest_ms), (earliest_before_end_ms, latest_before_end_ms), length_ms in zip(
            forwards, backwards, lengths_ms, strict=True
        )
    ]


def _reach_ms(lengths_ms: list[int], gaps: list[Gap], end_before: Moment | None) -> list[tuple[int, int]]:
    """Return the earliest and the latest start of each boot, counted from where the one before all of them ends."""
    if end_before is None:
        return [(-_FAR_MS, _FAR_MS)] * len(lengths_ms)
    error_ms = end_before[1] + sum(lengths_ms) * DRIFT_PPM // 1_000_000
    earliest_ms, latest_ms = end_before[0] - error_ms, end_before[0] + error_ms
    reach_ms = []
    for gap, length_ms in zip(gaps, lengths_ms, strict=False):
        earliest_ms += gap.least_ms
        latest_ms = min(_FAR_MS, latest_ms + gap.most_ms)
        reach_ms.append((earliest_ms, latest_ms))
        earliest_ms += length_ms
        latest_ms = min(_FAR_MS, latest_ms + length_ms)
    return reach_ms


def _likely_starts_ms(
    lengths_ms: list[int], gaps: list[Gap], end_before: Moment | None, start_after: Moment | None
) -> list[int]:
    """Return where each boot is likely to begin."""
    likely_ms = _likely_gaps_ms(lengths_ms, gaps, end_before, start_after)
    if end_before:
        end_ms = end_before[0]
    else:
        assert start_after
        end_ms = start_after[0] - sum(lengths_ms) - sum(likely_ms)
    starts_ms = []
    for gap_ms, length_ms in zip(likely_ms, lengths_ms, strict=False):
        starts_ms.append(end_ms + gap_ms)
        end_ms += gap_ms + length_ms
    return starts_ms


def _likely_gaps_ms(
    lengths_ms: list[int], gaps: list[Gap], end_before: Moment | None, start_after: Moment | None
) -> list[int]:
    """Return the likely length of each gap: as measured, with what is left given to those that nothing has measured.

    If all are measured, each takes a share of what is left, as one clock that is wrong all the time would have it.
    """
    likely_ms = [gap.likely_ms for gap in gaps]
    if not end_before or not start_after:
        return likely_ms
    left_ms = start_after[0] - end_before[0] - sum(lengths_ms) - sum(likely_ms)
    unknown = [at for at, gap in enumerate(gaps) if not gap.is_known]
    if unknown and left_ms > 0:
        at_ends = [at for at in unknown if at in (0, len(gaps) - 1)] or unknown
        for at in at_ends:
            likely_ms[at] += left_ms // len(at_ends)
    elif measured_ms := sum(likely_ms):
        likely_ms = [max(0, each + left_ms * each // measured_ms) for each in likely_ms]
    return likely_ms
