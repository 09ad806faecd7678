"""Timebase: the UTC of every record, from the clock marks in its journal.

Records carry uptime, the milliseconds since their boot. A clock mark is a host's clock at one uptime. Between two marks
of a boot UTC runs linearly; before the first and after the last it runs at the nominal rate. `unmarked_boots` dates the
boots without a mark. All of this follows from the journal alone, so every host gets the same times.

Two marks contradict each other if no drift explains their difference. Then nobody can tell which of the two is right,
and the error bound of every record that they date includes both.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.store.derived import AFTER_LAST_CLOCK_MS, EARLIEST_CLOCK_MS

from .model import NO_BOUND, TimeQuality

# These bounds are ours. A clock message takes well under half a second, and 100 ppm is several times what a crystal is
# off by, ageing and body warmth included.
CLOCK_ERROR_MS = 500
DRIFT_PPM = 100
# Between two marks time may run by this much faster or slower than nominal. What remains is the jitter of their
# messages if it is within the error of both; otherwise a host's clock was set meanwhile, or two hosts disagree.
MOST_DRIFT = 0.01
STEP_MS = 5000
"""Marks that disagree by more than this contradict each other."""
FIRM, PROVISIONAL, UNCERTAIN = (list(TimeQuality).index(quality) for quality in TimeQuality)
BEFORE_ALL_MS = -(1 << 62)


class ClockMark(NamedTuple):
    """A host's clock at an uptime of a boot."""

    uptime_ms: int
    utc_ms: int

    @property
    def is_usable(self) -> bool:
        """Whether a host whose clock is right can have made this mark."""
        return EARLIEST_CLOCK_MS <= self.utc_ms < AFTER_LAST_CLOCK_MS


class Piece(NamedTuple):
    """A range of uptime in which UTC runs linearly: utc = anchor_utc + (uptime − anchor) · (1 + drift)."""

    start_uptime_ms: int
    anchor_uptime_ms: int
    anchor_utc_ms: int
    drift: float
    error_ms: int
    """At the anchors; NO_BOUND if nothing bounds it."""
    quality: int
    """Index into list(TimeQuality)."""


@dataclass(frozen=True)
class Timestamps:
    """UTC of uptimes, as arrays of one length."""

    utc_ms: NDArray[np.int64]
    error_ms: NDArray[np.int64]
    quality: NDArray[np.uint8]


class BootTimebase:
    """UTC as a function of the uptime of one boot."""

    def __init__(self, pieces: list[Piece], anchors_uptime_ms: list[int]) -> None:
        """Take pieces in order of their starts, the first of which begins before all time."""
        self.pieces = pieces
        self._anchors_uptime_ms = anchors_uptime_ms
        self._starts = [piece.start_uptime_ms for piece in pieces]
        self._columns = [np.array(column) for column in zip(*pieces, strict=True)]
        self._anchors = np.array(anchors_uptime_ms, np.int64)
        self.jumps_ms = {
            after.start_uptime_ms: jump_ms
            for before, after in pairwise(pieces)
            if abs(jump_ms := _utc_ms(after, after.start_uptime_ms) - _utc_ms(before, after.start_uptime_ms)) > 1
        }
        """By how much UTC jumps at which uptimes, because a host's clock was set or hosts disagree."""
        self.is_disputed = bool(anchors_uptime_ms) and any(piece.quality == UNCERTAIN for piece in pieces)
        """Whether marks of the boot contradict each other."""

    def timestamps(self, uptime_ms: NDArray[np.int64]) -> Timestamps:
        """Return the UTC of uptimes, with its error bound and quality."""
        at = np.searchsorted(self._columns[0], uptime_ms, side="right") - 1
        _, anchor_ms, anchor_utc_ms, drift, error_ms, quality = (column[at] for column in self._columns)
        since_ms = uptime_ms - anchor_ms
        drifted_ms = self._to_nearest_anchor(uptime_ms) * DRIFT_PPM // 1_000_000
        return Timestamps(
            utc_ms=anchor_utc_ms + since_ms + np.rint(since_ms * drift).astype(np.int64),
            error_ms=np.where(error_ms == NO_BOUND, NO_BOUND, error_ms + drifted_ms),
            quality=quality.astype(np.uint8),
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

    def timestamp(self, uptime_ms: int) -> tuple[int, int]:
        """Return (UTC, error bound) of one uptime, in ms."""
        one = self.timestamps(np.array([uptime_ms], np.int64))
        return int(one.utc_ms[0]), int(one.error_ms[0])

    def utc_intervals(self, start_uptime_ms: int, end_uptime_ms: int) -> list[tuple[int, int]]:
        """Return [start, end) of uptime in UTC: one interval, or one on each side of every jump."""
        cuts = [start_uptime_ms, *(at for at in self.jumps_ms if start_uptime_ms < at < end_uptime_ms), end_uptime_ms]
        intervals = []
        for start_ms, end_ms in pairwise(cuts):
            first = self.pieces[bisect_right(self._starts, start_ms) - 1]
            last = self.pieces[bisect_left(self._starts, end_ms) - 1]
            intervals.append((_utc_ms(first, start_ms), _utc_ms(last, end_ms)))
        return intervals

    def uptime_range(self, start_utc_ms: int, end_utc_ms: int) -> tuple[int, int] | None:
        """Return the shortest [start, end) of uptime that holds all of [start, end) in UTC; None if nothing lies in it.

        start_utc_ms must be less than end_utc_ms.
        """
        ranges = []
        ends = [*self._starts[1:], -BEFORE_ALL_MS]
        for piece, piece_end_ms in zip(self.pieces, ends, strict=True):
            start_ms, end_ms = (
                piece.anchor_uptime_ms + round((utc_ms - piece.anchor_utc_ms) / (1 + piece.drift)) + slack_ms
                for utc_ms, slack_ms in ((start_utc_ms, -2), (end_utc_ms, 2))
            )
            start_ms, end_ms = max(start_ms, piece.start_uptime_ms), min(end_ms, piece_end_ms)
            if start_ms < end_ms:
                ranges.append((start_ms, end_ms))
        return (min(start for start, _ in ranges), max(end for _, end in ranges)) if ranges else None

    def disputed_by(self, milliseconds: int) -> "BootTimebase":
        """Return the same times with that much more error, since marks of another boot contradict them; 0 for none."""
        if not milliseconds:
            return self
        pieces = [piece._replace(error_ms=piece.error_ms + milliseconds, quality=UNCERTAIN) for piece in self.pieces]
        return BootTimebase(pieces, self._anchors_uptime_ms)

    def pieces_between(self, first_uptime_ms: int, last_uptime_ms: int) -> list[Piece]:
        """Return the pieces that date the uptimes from one to another, both included."""
        first = max(0, bisect_right(self._starts, first_uptime_ms) - 1)
        return self.pieces[first : bisect_right(self._starts, last_uptime_ms)]


def _utc_ms(piece: Piece, uptime_ms: int) -> int:
    since_ms = uptime_ms - piece.anchor_uptime_ms
    return piece.anchor_utc_ms + since_ms + round(since_ms * piece.drift)


class _Outvoted(NamedTuple):
    """Marks that were left out between two that agree with each other."""

    from_uptime_ms: int
    until_uptime_ms: int
    disagreement_ms: int


@dataclass(frozen=True)
class _Group:
    """Successive marks of one boot that agree with each other, each at an uptime of its own."""

    marks: list[ClockMark]
    outvoted: list[_Outvoted]


def timebase_from_marks(marks: list[ClockMark]) -> BootTimebase:
    """Return the timebase of a boot, given its usable clock marks (at least one) in any order.

    Where marks disagree, each group of marks that agree dates the records from its first mark up to that of the next
    group, and every error bound of the boot includes what the other groups say. A group whose neighbours agree with
    each other is outvoted: it dates nothing, and widens the bound between those neighbours only.
    """
    groups = _outvote(_groups(sorted(marks)))
    pieces: list[Piece] = []
    for group in groups:
        pieces += _pieces(group, is_first=not pieces)
    if len(groups) > 1:
        pieces = _widened(pieces, groups)
    return BootTimebase(pieces, [mark.uptime_ms for group in groups for mark in group.marks])


def _difference_ms(before: ClockMark, after: ClockMark) -> int:
    """Return by how much UTC advanced more than uptime did."""
    return (after.utc_ms - before.utc_ms) - (after.uptime_ms - before.uptime_ms)


def _agree(before: ClockMark, after: ClockMark) -> bool:
    most_ms = max(int(MOST_DRIFT * (after.uptime_ms - before.uptime_ms)), 2 * CLOCK_ERROR_MS)
    return abs(_difference_ms(before, after)) <= most_ms


def _follow(before: ClockMark, after: ClockMark) -> int:
    """Return which part of the difference between two marks that agree is drift; the rest is jitter."""
    most_ms = int(MOST_DRIFT * (after.uptime_ms - before.uptime_ms))
    return max(-most_ms, min(most_ms, _difference_ms(before, after)))


def _groups(marks: list[ClockMark]) -> list[_Group]:
    line = marks[0]
    groups = [_Group([line], [])]
    for mark in marks[1:]:
        lasted_ms = mark.uptime_ms - line.uptime_ms
        if not _agree(line, mark):
            groups.append(_Group([mark], []))
            line = mark
        elif lasted_ms:
            groups[-1].marks.append(mark)
            line = ClockMark(mark.uptime_ms, line.utc_ms + lasted_ms + _follow(line, mark))
    return groups


def _outvote(groups: list[_Group]) -> list[_Group]:
    """Join groups that agree across others that don't, the farthest apart first, and leave out those between."""
    kept: list[_Group] = []
    at = 0
    groups = list(groups)
    while at < len(groups):
        group = groups[at]
        agreeing = (to for to in range(len(groups) - 1, at + 1, -1) if _agree(group.marks[-1], groups[to].marks[0]))
        to = next(agreeing, None)
        if to is None:
            kept.append(group)
            at += 1
            continue
        last, following = group.marks[-1], groups[to].marks[0]
        between = [mark for left_out in groups[at + 1 : to] for mark in left_out.marks]
        most_ms = max(abs(_difference_ms(last, mark)) for mark in between)
        outvoted = _Outvoted(last.uptime_ms, following.uptime_ms, most_ms)
        groups[to] = _Group([*group.marks, *groups[to].marks], [*group.outvoted, outvoted])
        at = to
    return kept


def _pieces(group: _Group, *, is_first: bool) -> list[Piece]:
    """Return the pieces from a group's first mark on, or from before all time if it is the boot's first group."""
    line = group.marks[0]
    error_ms = CLOCK_ERROR_MS
    beyond_ms = 0
    pieces = [Piece(BEFORE_ALL_MS, *line, 0.0, error_ms, PROVISIONAL)] if is_first else []
    disagreements_ms = {outvoted.from_uptime_ms: outvoted.disagreement_ms for outvoted in group.outvoted}
    for mark in group.marks[1:]:
        lasted_ms = mark.uptime_ms - line.uptime_ms
        followed_ms = _follow(line, mark)
        next_error_ms = CLOCK_ERROR_MS + abs(_difference_ms(line, mark) - followed_ms)
        excess_ms = max(0, abs(followed_ms) - lasted_ms * DRIFT_PPM // 1_000_000)
        # What neither a crystal nor jitter explains, one of the two clocks is wrong by: also beyond its mark.
        beyond_ms = abs(followed_ms) if excess_ms > CLOCK_ERROR_MS else 0
        if len(pieces) == 1 and is_first:
            pieces[0] = pieces[0]._replace(error_ms=error_ms + beyond_ms)
        bound_ms = max(error_ms, next_error_ms) + excess_ms
        piece = Piece(line.uptime_ms, *line, followed_ms / lasted_ms, bound_ms, FIRM)
        if line.uptime_ms in disagreements_ms:
            piece = _with_disagreement(piece, disagreements_ms[line.uptime_ms], lasted_ms)
        pieces.append(piece)
        line = ClockMark(mark.uptime_ms, line.utc_ms + lasted_ms + followed_ms)
        error_ms = next_error_ms
    return [*pieces, Piece(line.uptime_ms, *line, 0.0, error_ms + beyond_ms, PROVISIONAL)]


def _with_disagreement(piece: Piece, disagreement_ms: int, lasted_ms: int) -> Piece:
    error_ms = piece.error_ms + disagreement_ms + lasted_ms * DRIFT_PPM // 1_000_000
    return piece._replace(error_ms=error_ms, quality=UNCERTAIN if disagreement_ms > STEP_MS else piece.quality)


def _widened(pieces: list[Piece], groups: list[_Group]) -> list[Piece]:
    """Return a boot's pieces with bounds that include what every group says.

    A group's level is how far its clock is ahead of the first group's, less the drift in between. The other groups may
    be right, so a piece may be off by the distance to the farthest level.
    """
    levels_ms = [0]
    for before, after in pairwise(groups):
        levels_ms.append(levels_ms[-1] + _difference_ms(before.marks[-1], after.marks[0]))
    lowest_ms, highest_ms = min(levels_ms), max(levels_ms)
    lasted_ms = groups[-1].marks[-1].uptime_ms - groups[0].marks[0].uptime_ms
    most_error_ms = max(piece.error_ms for piece in pieces)
    starts = [group.marks[0].uptime_ms for group in groups]
    widened = []
    for piece in pieces:
        level_ms = levels_ms[max(0, bisect_right(starts, piece.start_uptime_ms) - 1)]
        disagreement_ms = max(level_ms - lowest_ms, highest_ms - level_ms)
        widened.append(_with_disagreement(piece._replace(error_ms=most_error_ms), disagreement_ms, lasted_ms))
    return widened
