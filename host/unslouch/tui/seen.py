"""Seen: the states that came over the link and are not in the store yet, so that today shows them at once."""

from collections.abc import Callable
from time import time_ns
from typing import TYPE_CHECKING

from unslouch_device.contract.states import UNKNOWN

if TYPE_CHECKING:  # numpy comes with it, and the dashboard's first frame does without
    from unslouch.analysis.model import Span

GAP_MS = 3000
"""Samples further apart than this leave the time between them unknown."""
MOST_SPANS = 2000
"""A sensor whose records are not stored for hours has the oldest of its states dropped."""


def utc_now_ms() -> int:
    """Return this computer's time."""
    return time_ns() // 1_000_000


class SeenSpans:
    """Spans of states, oldest first; the sensor's samples are dated by this computer's clock."""

    def __init__(self, utc_ms: Callable[[], int] = utc_now_ms) -> None:
        self._utc_ms = utc_ms
        self._spans: list[Span] = []

    def add(self, state: int) -> None:
        """Add the state of a live sample that has just come."""
        from unslouch.analysis.model import Span

        now_ms = self._utc_ms()
        last = self._spans[-1] if self._spans else None
        if last is not None and now_ms < last.start_utc_ms:
            self._spans.clear()  # the clock was set back
            last = None
        if state == UNKNOWN:
            return
        start_ms = now_ms
        if last is not None and now_ms - last.end_utc_ms <= GAP_MS:
            if last.state == state:
                self._spans[-1] = Span(state, last.start_utc_ms, now_ms)
                return
            self._spans[-1] = Span(last.state, last.start_utc_ms, now_ms)
        self._spans.append(Span(state, start_ms, now_ms))
        if len(self._spans) > MOST_SPANS:
            del self._spans[0]

    def drop_until(self, utc_ms: int) -> None:
        """Leave out what is stored: everything before a moment."""
        if not self._spans:
            return
        from unslouch.analysis.model import Span

        while self._spans and self._spans[0].end_utc_ms <= utc_ms:
            del self._spans[0]
        if self._spans and self._spans[0].start_utc_ms < utc_ms:
            self._spans[0] = Span(self._spans[0].state, utc_ms, self._spans[0].end_utc_ms)

    def clear(self) -> None:
        """Forget everything: another sensor follows."""
        self._spans.clear()

    def spans(self, from_utc_ms: int = 0) -> "list[Span]":
        """Return the spans from a moment on, such as midnight."""
        if not self._spans:
            return []
        from unslouch.analysis.model import Span

        return [
            span if span.start_utc_ms >= from_utc_ms else Span(span.state, from_utc_ms, span.end_utc_ms)
            for span in self._spans
            if span.end_utc_ms > from_utc_ms
        ]


def with_seen(stored: "list[Span]", seen: "list[Span]") -> "list[Span]":
    """Return the spans of a day with those that are not stored yet after them; time between them is unknown."""
    from unslouch.analysis.model import Span

    spans = list(stored)
    for span in seen:
        end_ms = spans[-1].end_utc_ms if spans else span.start_utc_ms
        start_ms = max(span.start_utc_ms, end_ms)
        if start_ms >= span.end_utc_ms:
            continue
        if start_ms > end_ms:
            spans.append(Span(UNKNOWN, end_ms, start_ms))
        spans.append(Span(span.state, start_ms, span.end_utc_ms))
    return spans
