"""Dating: from (boot, uptime) to UTC, by the host clocks that the journal itself holds.

A host clock ties an uptime to a UTC. Between two of one boot time runs linearly, outside of them at the nominal rate. A
boot without any lies between its neighbours in the journal. All of it follows from the journal alone, so whoever
fetched it dates it alike.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.store import BootExtent
from unslouch_device.contract.records import HOST_CLOCK

from .decode import RawEvent
from .model import NO_BOUND, Dating

# These bounds are ours. A clock message takes well under half a second, and 100 ppm is several times what a crystal is
# off by, ageing and body warmth included.
CLOCK_ERROR_MS = 500
DRIFT_PPM = 100
# Between two clocks time may run by this much faster or slower than nominal. What remains is the jitter of their
# messages if it is within the error of both; else the host's clock was set meanwhile, or two hosts disagree, and each
# holds from its own uptime on. Beyond STEP_MS they contradict each other.
MOST_DRIFT = 0.01
STEP_MS = 5000
# No host with a working clock can have met a sensor before there were any.
EARLIEST_UTC_MS = 1_577_836_800_000  # 2020-01-01

_FIRM, _PROVISIONAL, _UNCERTAIN = (list(Dating).index(kind) for kind in Dating)
_ALWAYS_MS = -(1 << 62)


class Piece(NamedTuple):
    """A stretch of uptime in which UTC runs linearly: utc = anchor_utc + (uptime − anchor) · (1 + drift)."""

    start_uptime_ms: int
    anchor_uptime_ms: int
    anchor_utc_ms: int
    drift: float
    error_ms: int
    """At the anchors; NO_BOUND if nothing bounds it."""
    dating: int


@dataclass(frozen=True)
class Dated:
    """UTC of uptimes, as arrays of one length."""

    utc_ms: NDArray[np.int64]
    error_ms: NDArray[np.int64]
    dating: NDArray[np.uint8]


class BootTime:
    """UTC as a function of the uptime of one boot."""

    def __init__(self, pieces: list[Piece], anchors_uptime_ms: list[int]) -> None:
        """pieces in order of their starts; the first begins before all time."""
        self.pieces = pieces
        self._starts = [piece.start_uptime_ms for piece in pieces]
        self._columns = [np.array(column) for column in zip(*pieces, strict=True)]
        self._anchors = np.array(anchors_uptime_ms, np.int64)
        self.jumps_ms = {
            after.start_uptime_ms: jump_ms
            for before, after in pairwise(pieces)
            if abs(jump_ms := _utc_ms(after, after.start_uptime_ms) - _utc_ms(before, after.start_uptime_ms)) > 1
        }
        """By how much UTC jumps at which uptimes, because the host's clock was set or hosts disagree."""

    def date(self, uptime_ms: NDArray[np.int64]) -> Dated:
        """Return the UTC of uptimes with its error and quality."""
        at = np.searchsorted(self._columns[0], uptime_ms, side="right") - 1
        _, anchor_ms, anchor_utc_ms, drift, error_ms, dating = (column[at] for column in self._columns)
        since_ms = uptime_ms - anchor_ms
        drifted_ms = self._to_nearest_anchor(uptime_ms) * DRIFT_PPM // 1_000_000
        return Dated(
            utc_ms=anchor_utc_ms + since_ms + np.rint(since_ms * drift).astype(np.int64),
            error_ms=np.where(error_ms == NO_BOUND, NO_BOUND, error_ms + drifted_ms),
            dating=dating.astype(np.uint8),
        )

    def _to_nearest_anchor(self, uptime_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        if not len(self._anchors):
            return np.zeros(len(uptime_ms), np.int64)
        after = np.searchsorted(self._anchors, uptime_ms)
        nearest: NDArray[np.int64] = np.minimum(
            np.abs(self._anchors[np.minimum(after, len(self._anchors) - 1)] - uptime_ms),
            np.abs(uptime_ms - self._anchors[np.maximum(after - 1, 0)]),
        )
        return nearest

    def date_one(self, uptime_ms: int) -> tuple[int, int]:
        """Return (UTC, its error) of one uptime, in ms."""
        dated = self.date(np.array([uptime_ms], np.int64))
        return int(dated.utc_ms[0]), int(dated.error_ms[0])

    def intervals(self, start_uptime_ms: int, end_uptime_ms: int) -> list[tuple[int, int]]:
        """Return [start, end) of uptime in UTC: one interval, or one on each side of every jump."""
        cuts = [start_uptime_ms, *(at for at in self.jumps_ms if start_uptime_ms < at < end_uptime_ms), end_uptime_ms]
        found = []
        for start_ms, end_ms in pairwise(cuts):
            piece = self.pieces[bisect_right(self._starts, start_ms) - 1]
            piece_to_end = self.pieces[bisect_left(self._starts, end_ms) - 1]
            found.append((_utc_ms(piece, start_ms), _utc_ms(piece_to_end, end_ms)))
        return found

    def uptimes(self, start_utc_ms: int, end_utc_ms: int) -> tuple[int, int] | None:
        """Return the shortest [start, end) of uptime that holds all there is of a stretch of UTC, None for nothing."""
        found = []
        ends = [piece.start_uptime_ms for piece in self.pieces[1:]] + [-_ALWAYS_MS]
        for piece, piece_end_ms in zip(self.pieces, ends, strict=True):
            start_ms, end_ms = (
                piece.anchor_uptime_ms + round((utc_ms - piece.anchor_utc_ms) / (1 + piece.drift)) + slack_ms
                for utc_ms, slack_ms in ((start_utc_ms, -2), (end_utc_ms, 2))
            )
            start_ms, end_ms = max(start_ms, piece.start_uptime_ms), min(end_ms, piece_end_ms)
            if start_ms < end_ms:
                found.append((start_ms, end_ms))
        return (min(start for start, _ in found), max(end for _, end in found)) if found else None


def _utc_ms(piece: Piece, uptime_ms: int) -> int:
    since_ms = uptime_ms - piece.anchor_uptime_ms
    return piece.anchor_utc_ms + since_ms + round(since_ms * piece.drift)


def date_boots(extents: Iterable[BootExtent], events: Iterable[RawEvent]) -> dict[tuple[int, int], BootTime]:
    """Return the time of every boot, by (journal, boot), from what is stored of each and from all host clocks.

    A journal without any host clock is left out: nothing tells when it was.
    """
    clocks: dict[tuple[int, int], dict[int, int]] = {}
    for event in events:
        if event.code == HOST_CLOCK and event.fields["utc_ms"] >= EARLIEST_UTC_MS:
            clocks.setdefault((event.journal, event.boot), {})[event.uptime_ms] = event.fields["utc_ms"]
    times = {boot: _from_clocks(sorted(anchors.items())) for boot, anchors in clocks.items()}
    ordered = sorted(extents, key=lambda extent: (extent.journal, extent.first_sequence))
    for _, of_journal in groupby(ordered, key=lambda extent: extent.journal):
        _place_unmet(list(of_journal), times)
    return times


def _from_clocks(anchors: list[tuple[int, int]]) -> BootTime:
    (at_ms, at_utc_ms), *following = anchors
    error_ms = CLOCK_ERROR_MS
    pieces = [Piece(_ALWAYS_MS, at_ms, at_utc_ms, 0.0, error_ms, _PROVISIONAL)]
    for next_ms, next_utc_ms in following:
        lasted_ms = next_ms - at_ms
        drifted_ms = next_utc_ms - at_utc_ms - lasted_ms
        most_ms = int(MOST_DRIFT * lasted_ms)
        if abs(drifted_ms) <= max(most_ms, 2 * CLOCK_ERROR_MS):
            followed_ms = max(-most_ms, min(most_ms, drifted_ms))
            next_error_ms = CLOCK_ERROR_MS + abs(drifted_ms - followed_ms)
            bound_ms = max(error_ms, next_error_ms) + max(0, abs(followed_ms) - lasted_ms * DRIFT_PPM // 1_000_000)
            pieces.append(Piece(at_ms, at_ms, at_utc_ms, followed_ms / lasted_ms, bound_ms, _FIRM))
            at_utc_ms, error_ms = at_utc_ms + lasted_ms + followed_ms, next_error_ms
        else:
            dating = _FIRM if abs(drifted_ms) <= STEP_MS else _PROVISIONAL
            pieces.append(Piece(at_ms, at_ms, at_utc_ms, 0.0, error_ms + abs(drifted_ms), dating))
            at_utc_ms, error_ms = next_utc_ms, CLOCK_ERROR_MS
        at_ms = next_ms
    pieces.append(Piece(at_ms, at_ms, at_utc_ms, 0.0, error_ms, _PROVISIONAL))
    return BootTime(pieces, [uptime_ms for uptime_ms, _ in anchors])


def _place_unmet(extents: list[BootExtent], times: dict[tuple[int, int], BootTime]) -> None:
    """Place the boots of one journal that have no clock between those that have."""
    met = [extent for extent in extents if (extent.journal, extent.boot) in times]
    if not met:
        return
    before: BootExtent | None = None
    for is_met, run in groupby(extents, key=lambda extent: (extent.journal, extent.boot) in times):
        if is_met:
            before = list(run)[-1]
            continue
        unmet = list(run)
        after = next((extent for extent in met if extent.first_sequence > unmet[-1].first_sequence), None)
        total_ms = sum(extent.last_uptime_ms for extent in unmet)
        end_before = times[before[:2]].date_one(before.last_uptime_ms) if before else None
        start_after = times[after[:2]].date_one(0) if after else None
        start_ms, error_ms = _place(end_before, start_after, total_ms)
        for extent in unmet:
            piece = Piece(_ALWAYS_MS, 0, start_ms, 0.0, error_ms, _UNCERTAIN)
            times[extent[:2]] = BootTime([piece], [])
            start_ms += extent.last_uptime_ms


def _place(end_before: tuple[int, int] | None, start_after: tuple[int, int] | None, total_ms: int) -> tuple[int, int]:
    """Return (UTC, its error) of where total_ms of boots that no host met begin: in the middle of the time there is."""
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
